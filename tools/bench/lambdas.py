"""One Lambda function in one fresh process, behind the real Runtime Interface.

AWS's Runtime Interface Emulator plays Lambda: the function's process, started with the first invocation, asks it for
events with AWS's own client (awslambdaric). Everything is measured from outside: nothing of the harness runs in it.
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
# The emulator panics where an event comes before it has put the last one away.
_PAUSE_SECONDS = 0.004
_START_SECONDS = 10
_STOP_SECONDS = 60
_MOST_SECONDS = 600  # an invocation under an instruction counter takes a hundred times as long


class FunctionError(Exception):
    """The function or its emulator failed. The text has the end of its log."""


@dataclass(frozen=True, slots=True)
class Package:
    """What Lambda would unpack into /var/task and, of the layer, into /opt, and what to call in them."""

    name: str
    handler: str
    task: Path
    layer: Path | None = None

    @property
    def folders(self) -> tuple[Path, ...]:
        """Everything that the function loads."""
        return (self.task,) if self.layer is None else (self.task, self.layer)


@dataclass(frozen=True, slots=True)
class Answer:
    """What an invocation gave, and how long the caller waited."""

    body: Any
    seconds: float


@dataclass(frozen=True, slots=True)
class Usage:
    """What a process has used since its start, all threads together."""

    cpu_seconds: float
    peak_memory: int  # bytes that were resident at once


class Function:
    """A function of `package`. Use it as a context manager; its process starts with the first `invoke`.

    `counter` is a command that the process runs under, such as `perf stat`.
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
        """Send one event. Raises FunctionError where the function raised or its process ended."""
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
        """Return what the function's process has used. Only without a `counter`, which would be in between."""
        (pid,) = _children(self._running.pid)
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
        peak = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
        # The clock of another process's CPU time, in nanoseconds (clock_getcpuclockid(3) computes it like this).
        return Usage(time.clock_gettime(~pid << 3 | 2), int(peak.split()[1]) * 1024)

    def stop(self) -> None:
        """End the function's process so that a counter writes down what it counted, then the emulator."""
        if self._process is None:
            return
        try:
            if started := _children(self._process.pid):
                # The last of the line, since a counter that is itself told to end writes nothing.
                os.kill(_last_of_the_line(started[0]), signal.SIGTERM)
                _wait_until_gone(started[0])  # a counter writes for some seconds
        except ProcessLookupError:
            pass  # it had ended by itself
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
    imported = [package.task] if package.layer is None else [package.task, package.layer / "python"]
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
    """Return the function's process: the one that `pid` has started and that waits for it, if `pid` is a counter."""
    return _last_of_the_line(children[0]) if (children := _children(pid)) else pid


def _wait_until_gone(pid: int) -> None:
    deadline = time.monotonic() + _STOP_SECONDS
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
            threads = len(list(Path(f"/proc/{pid}/task").iterdir()))
        except OSError:
            return
        if state == "Z" and threads == 1:  # with more, its first thread has ended and another one still writes
            return
        time.sleep(0.01)
    raise FunctionError(f"process {pid} did not end within {_STOP_SECONDS} seconds")
