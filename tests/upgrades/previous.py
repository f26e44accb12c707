"""The previous release, built from its own source."""

import io
import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import Final

from tools.local.deployment import build
from tools.local.emulator import ROOT

# The release before this checkout's. Change both after a release.
RELEASE: Final = "0.10.0"
COMMIT: Final = "8b0ec962d4468a4575b4da25c6402a4fb681250d"

_KEPT: Final = ROOT / ".local" / "test" / "releases"


class MissingHistoryError(Exception):
    """This clone does not have the previous release. The text says how to get it."""


def previous_build() -> Path:
    """Return the folder with the previous release as `sam build` built it. A commit never changes, so it is kept.

    Raises MissingHistoryError and DeploymentError.
    """
    done = _KEPT / COMMIT[:12]
    if not done.exists():
        partial = done.with_suffix(".partial")
        shutil.rmtree(partial, ignore_errors=True)
        unpack(COMMIT, partial / "source")
        build(partial / "build", partial / "sam-build.log", partial / "source")
        shutil.rmtree(partial / "source")
        partial.rename(done)
    return done / "build"


def unpack(commit: str, folder: Path) -> None:
    """Write the source of a commit into a folder, ready for a build. Raises MissingHistoryError."""
    archive = subprocess.run(["git", "archive", commit], cwd=ROOT, capture_output=True, check=False)
    if archive.returncode:
        raise MissingHistoryError(
            f"this clone does not have the commit {commit[:12]} of an earlier release. To run this, get the history:"
            " git fetch --unshallow"
        )
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as content:
        content.extractall(folder, filter="data")
    # Tools that both releases pin are in folders named by version and checksum. The packages that ship are not.
    tools = folder / ".local"
    tools.mkdir()
    for pattern in ("uv-*", "sam-*"):
        for tool in (ROOT / ".local").glob(pattern):
            (tools / tool.name).symlink_to(tool)
