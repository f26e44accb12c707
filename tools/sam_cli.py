"""Runs the pinned SAM CLI of a checkout."""

import os
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

_END: Final = 25


class SamError(Exception):
    """A command of the SAM CLI failed. The text has the end of its output, without where the rest is."""


def run(arguments: Sequence[str], log: Path, environment: Mapping[str, str], source: Path) -> str:
    """Run a command of the SAM CLI with an environment, and return what it printed, which is also in `log`.

    Raises SamError.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="clinic-leads-sam-") as scratch,  # SAM does not delete its temporary folders
        subprocess.Popen(  # noqa: S603 - the pinned program of the project
            [str(source / "tools" / "bin" / "sam"), *arguments],
            cwd=source,
            env={**environment, "TMPDIR": scratch},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        ) as process,
    ):
        try:
            printed, _ = process.communicate()
        except BaseException:
            os.killpg(process.pid, signal.SIGTERM)  # the CLI and its child processes
            raise
    log.write_text(printed, encoding="utf-8")
    if process.returncode:
        end = "\n".join(printed.splitlines()[-_END:])
        raise SamError(f"sam {arguments[0]} failed. The end of its output:\n{end}")
    return printed
