"""Three independent DynamoDBs on this machine: that of MiniStack, that of moto, and dynalite."""

import os
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from tests.node_tools import installed
from tests.opinions.pinned import program
from tools.local.emulator import Emulator
from tools.local.ports import HOST, free_port

_START_SECONDS = 60


@contextmanager
def ministack(log: Path) -> Iterator[str]:
    """Run the emulator and yield its URL."""
    with Emulator(free_port(), log=log, enforce_iam=False) as emulator:
        yield emulator.url


@contextmanager
def moto(log: Path) -> Iterator[str]:
    """Run moto's server and yield its URL."""
    port = free_port()
    with log.open("wb") as output:
        command = (program("moto_server"), "--host", HOST, "--port", str(port))
        with subprocess.Popen(command, stdout=output, stderr=output, env={"PATH": os.defpath}) as process:
            try:
                yield _started(f"http://{HOST}:{port}", log, process)
            finally:
                process.terminate()


@contextmanager
def dynalite(log: Path) -> Iterator[str]:
    """Run dynalite and yield its URL."""
    with (
        log.open("wb") as errors,
        subprocess.Popen(
            ["node", installed() / "dynalite.mjs"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        ) as process,
    ):
        assert process.stdin
        assert process.stdout
        try:
            port = process.stdout.readline().strip()
            assert port.isdigit(), f"dynalite did not start: {log}"
            yield f"http://{HOST}:{port}"
        finally:
            process.stdin.close()


def _started(url: str, log: Path, process: subprocess.Popen[bytes]) -> str:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310 - our own loopback
                return url
        except urllib.error.HTTPError:
            return url
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise AssertionError(f"the server did not start: {log}")


SERVERS: dict[str, Callable[[Path], AbstractContextManager[str]]] = {
    "MiniStack": ministack,
    "moto": moto,
    "dynalite": dynalite,
}
