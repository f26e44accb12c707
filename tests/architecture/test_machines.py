"""What tools/bin says on a machine that it does not support."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.architecture.templates import ROOT

BIN = ROOT / "tools" / "bin"
# What the scripts need from the machine before they can install anything, except Python.
PROGRAMS = ("cat", "cksum", "cut", "dirname", "mkdir", "mv", "rm", "sed", "sh", "uname")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A new clone, in which nothing is installed yet."""
    shutil.copytree(BIN, tmp_path / "clone" / "tools" / "bin")
    return tmp_path / "clone"


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A folder with the programs of a machine without Python."""
    folder = tmp_path / "programs"
    folder.mkdir()
    for name in PROGRAMS:
        found = shutil.which(name)
        assert found, f"this machine has no {name}"
        (folder / name).symlink_to(found)
    return folder


def script(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.unlink(missing_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)


def run(project: Path, program: str, programs: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [project / "tools" / "bin" / program, "--version"],
        check=False,
        capture_output=True,
        text=True,
        env={"PATH": str(programs)},
    )


@pytest.mark.parametrize("system", ["MINGW64_NT-10.0-22631", "MSYS_NT-10.0-22631", "CYGWIN_NT-10.0-22631"])
@pytest.mark.parametrize("program", ["uv", "sam"])
def test_windows_is_told_of_wsl(project: Path, programs: Path, program: str, system: str) -> None:
    script(programs, "uname", f"echo {system}")
    refused = run(project, program, programs)
    assert refused.returncode == 1
    assert "wsl --install" in refused.stderr
    assert not (project / ".local" / "bin").exists()


def test_a_machine_without_python_is_told_what_to_install(project: Path, programs: Path) -> None:
    refused = run(project, "uv", programs)
    assert refused.returncode == 1
    assert "python3-venv" in refused.stderr


def test_a_machine_without_venv_is_told_what_to_install(project: Path, programs: Path) -> None:
    script(programs, "python3", "exit 1")
    refused = run(project, "uv", programs)
    assert refused.returncode == 1
    assert "python3-venv" in refused.stderr


def test_a_machine_that_cannot_get_python_3_13_is_told_what_to_install(project: Path, programs: Path) -> None:
    script(project / "tools" / "bin", "uv", "exit 2")
    refused = run(project, "sam", programs)
    assert refused.returncode == 1
    assert "install Python 3.13 yourself" in refused.stderr
    assert list((project / ".local").iterdir()) == [] if (project / ".local").exists() else True
