"""The emulator: MiniStack, which emulates AWS in one process, in a separate environment.

The functions run in its interpreter and can see its packages and environment variables. Both are kept to a minimum.
Otherwise a package missing from the layer or a variable missing from the template would go unnoticed.
"""

import json
import os
import shutil
import signal
import ssl
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from tools.local.ports import HOST

ROOT = Path(__file__).parents[2]
REGION = "us-east-1"

# aws-sam-translator expands our template, cryptography creates the KMS key.
_PACKAGES = ("ministack==1.5.33", "aws-sam-translator==1.115.0", "cryptography==50.0.2")
_ENVIRONMENT = ROOT / ".local" / "ministack-1.5.33"
_PROGRAM = _ENVIRONMENT / "bin" / "ministack"
_START_SECONDS = 60
_STOP_SECONDS = 20


class EmulatorError(Exception):
    """The emulator did not start. The text has the path of its log."""


def installed() -> bool:
    """Whether MiniStack is installed."""
    return _PROGRAM.exists()


def install() -> Path:
    """Return the path of MiniStack's program. Installs it into .local/ on first use."""
    if not installed():
        uv = str(ROOT / "tools" / "bin" / "uv")
        subprocess.run([uv, "venv", "--quiet", "--clear", "--python", "3.13", str(_ENVIRONMENT)], check=True, cwd=ROOT)
        python = str(_ENVIRONMENT / "bin" / "python")
        subprocess.run([uv, "pip", "install", "--quiet", "--python", python, *_PACKAGES], check=True, cwd=ROOT)
    return _PROGRAM


@dataclass(frozen=True, slots=True)
class Certificate:
    """A server's certificate chain, its private key and the authority's certificate, as files."""

    chain: Path
    key: Path
    authority: Path


class Emulator:
    """A running MiniStack on a loopback port. As a context manager, it stops everything it started at the end.

    With a `certificate`, which must be for "localhost", it only serves HTTPS.
    """

    def __init__(
        self,
        port: int,
        *,
        log: Path,
        enforce_iam: bool,
        state: Path | None = None,
        certificate: Certificate | None = None,
    ) -> None:
        self.url = f"https://localhost:{port}" if certificate else f"http://{HOST}:{port}"
        self._certificate = certificate
        self._port = port
        self._log = log
        self._enforce_iam = enforce_iam
        self._state = state
        self._process: subprocess.Popen[bytes] | None = None
        self._scratch: Path | None = None

    def __enter__(self) -> Self:
        program = install()
        self._log.parent.mkdir(parents=True, exist_ok=True)
        self._scratch = Path(tempfile.mkdtemp(prefix="clinic-leads-"))
        environment = {
            "PATH": os.defpath,
            "HOME": str(self._scratch),
            "TMPDIR": str(self._scratch),
            "GATEWAY_PORT": str(self._port),
            "BIND_HOST": HOST,
            "MINISTACK_REGION": REGION,
            "AUTH": "true" if self._enforce_iam else "false",
            "IOT_MTLS_ENABLED": "0",  # otherwise it listens on another port
            "STATE_DIR": str(self._state or self._scratch / "state"),  # created even if it keeps no state
        }
        if self._state is not None:
            self._state.mkdir(parents=True, exist_ok=True)
            _forget_stream_positions(self._state)
            environment["PERSIST_STATE"] = "1"
        if self._certificate is not None:
            environment |= {
                "USE_SSL": "1",
                "MINISTACK_SSL_CERT": str(self._certificate.chain),
                "MINISTACK_SSL_KEY": str(self._certificate.key),
            }
        with self._log.open("wb") as log:
            # In a new session, Ctrl-C does not reach it. We stop it and its workers in order.
            self._process = subprocess.Popen(
                [program], env=environment, cwd=self._scratch, stdout=log, stderr=log, start_new_session=True
            )
        try:
            self._wait_until_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop the emulator and its workers, and delete their temporary files."""
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_STOP_SECONDS)
            with suppress(ProcessLookupError):  # workers that are still running
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None
        if self._scratch is not None:
            shutil.rmtree(self._scratch, ignore_errors=True)
            self._scratch = None

    def _wait_until_ready(self) -> None:
        assert self._process is not None  # noqa: S101 - for the type checker: only called after the start
        trusted = ssl.create_default_context(cafile=self._certificate.authority) if self._certificate else None
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                break
            try:
                ready = f"{self.url}/_ministack/ready"
                with urllib.request.urlopen(ready, timeout=2, context=trusted):  # noqa: S310 - our own loopback
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        raise EmulatorError(f"The local AWS did not start. Read its log for the reason, then try again: {self._log}")


def _forget_stream_positions(state: Path) -> None:
    """Make functions read each stream from its start again.

    MiniStack 1.5 saves a function's position in a stream but not the stream. After a restart, the function would skip
    as many new records as it had read before.
    """
    kept = state / "lambda.json"
    if kept.exists():
        document = json.loads(kept.read_text(encoding="utf-8"))
        document["payload"].pop("dynamodb_stream_positions", None)
        kept.write_text(json.dumps(document), encoding="utf-8")
