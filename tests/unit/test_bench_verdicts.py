"""tools.bench: a target is missed if the run's noise cannot explain it, and peers are what they claim to be."""

import tomllib
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.architecture.templates import ROOT, load
from tools.bench.contenders import NAIVE, NAIVE_PACKAGED, OURS, TUTORIAL, Contender, our_settings
from tools.bench.instructions import PERF, VALGRIND, counter
from tools.bench.lambdas import Package
from tools.bench.measure import Figure, Instructions, Result, Round, figure, ratio
from tools.bench.packages import PEERS, Size
from tools.bench.targets import Verdict, verdicts


def result(
    name: str,
    cold_seconds: Sequence[float] = (1.0,),
    *,
    instructions: Instructions | None = None,
    memory: int = 50,
    zipped: int = 10,
) -> Result:
    rounds = tuple(Round(each, each, (each,), each, memory) for each in cold_seconds)
    package = Package(name, "handler.handler", Path("nowhere"))
    return Result(Contender(name, name, package, {}), rounds, Size(zipped, zipped), instructions)


def a_run(ours: Result, **others: Result) -> dict[str, Result]:
    counted = Instructions(100, 100.0) if ours.instructions else None
    peers = {name: result(name, instructions=counted) for name in (NAIVE, NAIVE_PACKAGED, TUTORIAL)}
    return {OURS: ours} | peers | others


@pytest.mark.parametrize(
    ("median", "noise", "words", "missed"),
    [
        (0.55, 0.0, "met", False),
        (0.90, 0.0, "met", False),
        (0.91, 0.02, "met, within the noise", False),
        (0.93, 0.02, "MISSED", True),
        (0.91, 0.0, "MISSED", True),
    ],
)
def test_a_target_is_missed_when_noise_cannot_explain_it(median: float, noise: float, words: str, missed: bool) -> None:  # noqa: FBT001 - a table
    verdict = Verdict("cold", Figure(median, noise), bar=0.90)
    assert (verdict.words, verdict.missed) == (words, missed)


def test_a_slow_run_misses_and_a_quick_one_meets_every_target() -> None:
    quick = result(OURS, (0.1,), instructions=Instructions(10, 10.0), memory=10, zipped=1)
    assert not [verdict for verdict in verdicts(a_run(quick)) if verdict.missed]
    slow = result(OURS, (9.0,), instructions=Instructions(900, 900.0), memory=900, zipped=900)
    assert all(verdict.missed for verdict in verdicts(a_run(slow)))


def test_without_a_counter_cpu_time_is_judged_and_said_to_be() -> None:
    titles = [verdict.title for verdict in verdicts(a_run(result(OURS)))]
    assert len([title for title in titles if "CPU time" in title]) == 3
    assert not [title for title in titles if "instructions" in title]


@given(st.lists(st.integers(1, 10**6), min_size=2, max_size=20))
def test_a_figure_lies_within_what_was_measured(values: list[int]) -> None:
    measured = figure(values)
    assert min(values) <= measured.median <= max(values)
    assert 0 <= measured.noise <= 1.82 * (max(values) - min(values))


def test_a_ratio_compares_runs_of_the_same_round() -> None:
    # The machine became ten times slower after the first round. No ratio may change.
    ours, theirs = result(OURS, (1.0, 10.0, 10.0)), result(NAIVE, (2.0, 20.0, 20.0))
    assert ratio(ours, theirs, lambda each: each.cold_seconds) == Figure(0.5, 0.0)


def test_what_counters_write_is_read(tmp_path: Path) -> None:
    perf, valgrind = tmp_path / "perf", tmp_path / "valgrind"
    perf.write_text("# started on Mon Nov 23\n\n1448123456,,instructions:u,512,100.00,,\n")
    valgrind.write_text("desc: ...\nevents: Ir\nfn=main\n0 2\nsummary: 1492826128\n")
    assert PERF.read(perf) == 1_448_123_456
    assert VALGRIND.read(valgrind) == 1_492_826_128
    perf.write_text("<not supported>,,instructions:u,0,100.00,,\n")
    with pytest.raises(ValueError, match="counted nothing"):
        PERF.read(perf)


def test_our_function_is_measured_with_the_settings_that_the_template_gives_it() -> None:
    template = load((ROOT / "template.yaml").read_text(encoding="utf-8"))
    submit = template["Resources"]["SubmitFunction"]["Properties"]["Environment"]["Variables"]
    given = template["Globals"]["Function"]["Environment"]["Variables"] | submit
    ours = our_settings(Path("/opt"))
    assert {*ours, "TABLE_NAME", "POWERTOOLS_SERVICE_NAME"} == given.keys()
    assert {name: value for name, value in given.items() if name.startswith("PY")} == {
        name: value for name, value in ours.items() if name.startswith("PY")
    }


@pytest.mark.parametrize("peer", [path.parent.name for path in sorted(PEERS.glob("*/requirements.txt"))])
def test_a_peer_uses_the_boto3_that_we_use(peer: str) -> None:
    lock = tomllib.loads((PEERS.parents[2] / "uv.lock").read_text(encoding="utf-8"))
    locked = {f"{each['name']}=={each['version']}" for each in lock["package"] if each["name"].startswith("boto")}
    pinned = (PEERS / peer / "requirements.txt").read_text(encoding="utf-8").split()
    assert {pin for pin in pinned if pin.startswith(("boto3=", "botocore="))} <= locked
    assert any(pin.startswith("boto3==") for pin in pinned)
    assert not [pin for pin in pinned if not pin.startswith("#") and "==" not in pin]


def test_counting_works_in_a_folder_that_a_fresh_clone_does_not_have(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "perf"
    program.write_text('#!/bin/sh\necho 1,,instructions:u > "$7"\n', encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert counter(tmp_path / "not" / "there") is PERF
