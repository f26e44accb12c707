"""One Lambda function in one fresh process, behind the real Runtime Interface.

AWS's Runtime Interface Emulator takes the place of Lambda. The first invocation starts the function's process, which
gets events from the emulator with AWS's own client (awslambdaric). We measure from outside: no code of the benchmark
runs in the process.
"""

import http.client
import json
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tools.bench.packages import emulator_binary, runtime
from tools.local.ports import HOST, free_port

_PATH = "/2015-03-31/functions/function/invocations"
# The emulator crashes if an event arrives before it has finished the previous one.
_PAUSE_SECONDS = 0.004
_START_SECONDS = 10
_STOP_SECONDS = 60
_MOST_SECONDS = 600  # an instruction counter makes an invocation a hundred times slower


class FunctionError(Exception):
    """The function or its emulator failed. The text has the end of its log."""


@dataclass(frozen=True, slots=True)
class Package:
    """A function's code (Lambda's /var/task), its layers (Lambda puts them all into /opt) and its handler."""

    name: str
    handler: str
    task: Path
    layer: Path | None = None
    second_layer: Path | None = None

    @property
    def folders(self) -> tuple[Path, ...]:
        """All folders that the function loads code from."""
        return tuple(filter(None, (self.task, self.layer, self.second_layer)))


@dataclass(frozen=True, slots=True)
class Answer:
    """The response of an invocation, and how long the caller waited for it."""

    body: Any
    seconds: float


@dataclass(frozen=True, slots=True)
class Usage:
    """Resources that a process has used since its start, in all threads."""

    cpu_seconds: float
    peak_memory: int  # bytes, resident at the same time


class Function:
    """A function, as a context manager. Its process starts with the first `invoke`.

    The process runs under the command `counter`, such as `perf stat`.
    """

    def __init__(
        self, package: Package, environment: Mapping[str, str], *, log: Path, counter: Sequence[str] = ()
    ) -> None:
        self._package = package
        self._log = log
        self._port = free_port()
        self._command = [
            *(str(emulator_binary()), "--log-level", "error"),
            *("--runtime-interface-emulator-address", f"{HOST}:{self._port}"),
            *("--runtime-api-address", f"{HOST}:{free_port()}"),
            *(*counter, str(runtime()), "-m", "awslambdaric", package.handler),
        ]
        self._environment = _as_lambda_sets_it(package) | dict(environment)
        self._process: subprocess.Popen[bytes] | None = None
        self._answered_at = 0.0

    def __enter__(self) -> Self:
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                self._command,
                cwd=self._package.task,
                env=self._environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._wait_until_it_listens()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def invoke(self, event: object) -> Answer:
        """Send one event. Raises FunctionError if the function raises or its process ends."""
        time.sleep(max(0.0, self._answered_at + _PAUSE_SECONDS - time.monotonic()))
        connection = http.client.HTTPConnection(HOST, self._port, timeout=_MOST_SECONDS)
        payload = json.dumps(event)
        started = time.perf_counter()
        try:
            connection.request("POST", _PATH, payload)
            answer = connection.getresponse().read()
        except OSError as error:
            raise self._failed("ended") from error
        finally:
            seconds = time.perf_counter() - started
            self._answered_at = time.monotonic()
            connection.close()
        body = json.loads(answer) if answer else None
        if isinstance(body, dict) and "errorType" in body:
            raise self._failed(f"raised {body['errorType']}")
        return Answer(body, seconds)

    def usage(self) -> Usage:
        """Return the resources that the function's process has used. Does not work with a `counter`."""
        (pid,) = _children(self._running.pid)
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
        peak = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
        # The id of another process's CPU clock, computed as in clock_getcpuclockid(3).
        return Usage(time.clock_gettime(~pid << 3 | 2), int(peak.split()[1]) * 1024)

    def stop(self) -> None:
        """Stop the function's process, so a counter can write its file, and then the emulator."""
        if self._process is None:
            return
        try:
            if started := _children(self._process.pid):
                # Stop the innermost process: a counter that gets the signal itself writes nothing.
                os.kill(_last_of_the_line(started[0]), signal.SIGTERM)
                _wait_until_gone(started[0])  # a counter takes a few seconds to write its file
        except ProcessLookupError:
            pass  # it had already ended
        finally:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    @property
    def _running(self) -> "subprocess.Popen[bytes]":
        if self._process is None:
            raise FunctionError(f"{self._package.name} is not running: use it as a context manager")
        return self._process

    def _wait_until_it_listens(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            connection = http.client.HTTPConnection(HOST, self._port, timeout=1)
            try:
                connection.connect()
            except OSError:
                time.sleep(0.005)
            else:
                return
            finally:
                connection.close()
        raise self._failed("did not start")

    def _failed(self, how: str) -> FunctionError:
        end = self._log.read_text(encoding="utf-8", errors="replace")[-2_000:]
        return FunctionError(f"{self._package.name} {how}. The end of {self._log}:\n{end}")


def _as_lambda_sets_it(package: Package) -> dict[str, str]:
    imported = [package.task, *(each / "python" for each in package.folders[1:])]
    return {
        "PATH": os.defpath,
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "PYTHONTZPATH": "",  # Lambda's image has no time zone database
        "PYTHONPATH": os.pathsep.join(map(str, imported)),
        "PYTHONDONTWRITEBYTECODE": "1",  # Lambda's code folders are read-only
        "LAMBDA_TASK_ROOT": str(package.task),
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
        "AWS_LAMBDA_FUNCTION_NAME": package.name,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
        "AWS_LAMBDA_FUNCTION_TIMEOUT": str(_MOST_SECONDS),
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
    }


def _children(pid: int) -> list[int]:
    threads = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for thread in threads for child in thread.read_text(encoding="ascii").split()]


def _last_of_the_line(pid: int) -> int:
    """Return the function's process: `pid`, or the innermost child process if `pid` is a counter."""
    return _last_of_the_line(children[0]) if (children := _children(pid)) else pid


def _wait_until_gone(pid: int) -> None:
    deadline = time.monotonic() + _STOP_SECONDS
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
            threads = len(list(Path(f"/proc/{pid}/task").iterdir()))
        except OSError:
            return
        if state == "Z" and threads == 1:  # with more threads, one of them is still writing
            return
        time.sleep(0.01)
    raise FunctionError(f"Process {pid} did not end within {_STOP_SECONDS} seconds.")
