"""tools.bench.lambdas: one function in one process behind the emulator, started, measured and ended."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tools.bench import instructions
from tools.bench.lambdas import Function, FunctionError, Package
from tools.bench.packages import package


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Package:
    task = tmp_path_factory.mktemp("bench") / "empty"
    package("empty", task)
    return Package("empty", "handler.handler", task)


def test_a_process_answers_again_and_again_and_uses_more_each_time(empty: Package, tmp_path: Path) -> None:
    with Function(empty, {}, log=tmp_path / "log") as function:
        assert function.invoke({}).body == {"statusCode": 201}
        first = function.usage()
        assert all(function.invoke({}).body == {"statusCode": 201} for _ in range(20))
        last = function.usage()
    assert 0 < first.cpu_seconds < last.cpu_seconds
    assert 5_000_000 < first.peak_memory <= last.peak_memory


def test_a_function_that_raises_is_told_with_the_end_of_its_log(tmp_path: Path) -> None:
    (tmp_path / "handler.py").write_text("def handler(event, context):\n    raise LookupError('made up')\n")
    broken = Package("broken", "handler.handler", tmp_path)
    with (
        Function(broken, {}, log=tmp_path / "log") as function,
        pytest.raises(FunctionError, match=r"broken raised LookupError(?s:.*)made up"),
    ):
        function.invoke({})


# An event that perf counts on every machine. It shows whether the rest works where instructions cannot be counted.
_TASK_CLOCK = ("perf", "stat", "--field-separator", ",", "--event", "task-clock", "--output")


@pytest.mark.parametrize("program", ["perf", "valgrind"])
def test_a_counter_writes_down_what_it_counted(empty: Package, tmp_path: Path, program: str) -> None:
    file = tmp_path / "counted"
    command = (*_TASK_CLOCK, str(file)) if program == "perf" else instructions.VALGRIND.command(file)
    if shutil.which(program) is None or subprocess.run([*command, "true"], check=False, capture_output=True).returncode:
        pytest.skip(f"{program} does not work here")
    with Function(empty, {}, log=tmp_path / "log", counter=command) as function:
        assert function.invoke({}).body == {"statusCode": 201}
    if program == "perf":
        assert ",task-clock," in file.read_text()
    else:
        assert instructions.VALGRIND.read(file) > 10_000_000
