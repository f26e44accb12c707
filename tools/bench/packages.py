"""What Lambda would unpack for each peer, Lambda's own runtime, and the emulator that plays Lambda.

All of it lies in .local/bench and is made once: a stamp beside each folder says what it was made from.
"""

import hashlib
import platform
import shutil
import subprocess
import tempfile
import tomllib
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tools.package.layer import ARCHITECTURES

ROOT = Path(__file__).parents[2]
PEERS = ROOT / "tools" / "bench" / "peers"

_BENCH = ROOT / ".local" / "bench"
_UV = str(ROOT / "tools" / "bin" / "uv")
_PYTHON = "3.13"
_ARCHITECTURE = "arm64" if platform.machine() in {"arm64", "aarch64"} else "x86_64"
_INSTALL = ("pip", "install", "--quiet", "--only-binary", ":all:")

# AWS's own runtime client, newest release. Lambda's image has it and boto3, both compiled.
_RUNTIME_CLIENT = "awslambdaric==4.2.2"

_COMPILE_STANDARD_LIBRARY = """
import compileall, re, sysconfig
compileall.compile_dir(sysconfig.get_path("stdlib"), quiet=2, rx=re.compile("/(site-packages|test)/"))
"""


@dataclass(frozen=True, slots=True)
class Size:
    """How many bytes are uploaded and how many Lambda unpacks."""

    zipped: int
    unzipped: int


def package(peer: str, target: Path, *, requirements: bool = True) -> None:
    """Make in `target` what `sam build` makes of the folder of `peer`, for this machine's processor.

    Like SAM, this installs what requirements.txt names and compiles nothing. Without `requirements` the handler is left
    with what the runtime ships.
    """
    source = PEERS / peer
    pinned = source / "requirements.txt"
    install = requirements and pinned.exists()
    files = [file for file in sorted(source.iterdir()) if file.is_file() and (install or file != pinned)]
    made_of = [_ARCHITECTURE.encode(), *(part for file in files for part in (file.name.encode(), file.read_bytes()))]

    def make() -> None:
        target.mkdir(parents=True)
        if install:
            _run_uv(
                *(*_INSTALL, "--target", str(target), "--requirements", str(pinned)),
                *("--python-platform", ARCHITECTURES[_ARCHITECTURE], "--python-version", _PYTHON),
                *("--no-compile-bytecode", "--link-mode", "copy"),
            )
            # SAM unpacks wheels: it makes no programs, and no lock of uv's.
            shutil.rmtree(target / "bin", ignore_errors=True)
            (target / ".lock").unlink(missing_ok=True)
        for file in files:
            shutil.copyfile(file, target / file.name)

    _once(target, made_of, make)


def size(folders: Iterable[Path]) -> Size:
    """Return what `folders` weigh, each in a zip of its own as SAM makes them."""
    zipped = unzipped = 0
    for folder in folders:
        with tempfile.TemporaryFile() as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
                for path in _files(folder):
                    content = path.read_bytes()
                    unzipped += len(content)
                    # Dated 1980 whatever the file says, as SAM does: the same content always weighs the same.
                    entry = zipfile.ZipInfo(str(path.relative_to(folder)))
                    archive.writestr(entry, content, zipfile.ZIP_DEFLATED)
            zipped += file.tell()
    return Size(zipped, unzipped)


@cache
def runtime() -> Path:
    """Return the Python of an environment like Lambda's: its runtime client and boto3, compiled."""
    folder = _BENCH / "runtime"
    python = folder / "bin" / "python"
    installed = (_RUNTIME_CLIENT, *(f"{name}=={locked(name)}" for name in ("boto3", "botocore")))

    def make() -> None:
        _run_uv("venv", "--quiet", "--python", _PYTHON, str(folder))
        _run_uv(*_INSTALL, "--python", str(python), "--compile-bytecode", *installed)
        # Some builds of Python come without their own bytecode, and no measured process may write it. A folder that is
        # not ours to write to is no reason to stop.
        subprocess.run([python, "-c", _COMPILE_STANDARD_LIBRARY], check=False)

    _once(folder, [_PYTHON.encode(), *(name.encode() for name in installed)], make)
    return python


def site_packages() -> Path:
    """Return the folder of the packages that come with the runtime."""
    return next((runtime().parents[1] / "lib").glob("python3.*")) / "site-packages"


@cache
def emulator_binary() -> Path:
    """Return AWS's Runtime Interface Emulator from inside the SAM CLI that tools/bin/sam runs."""
    command = [str(ROOT / "tools" / "bin" / "sam-python"), "-c", "import samcli; print(samcli.__path__[0])"]
    found = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return Path(found.strip()) / "local" / "rapid" / f"aws-lambda-rie-{_ARCHITECTURE}"


def _once(folder: Path, made_of: Iterable[bytes], make: Callable[[], None]) -> None:
    """Make `folder` anew unless its stamp says that it was made of the very same."""
    digest = hashlib.sha256()
    for part in made_of:
        digest.update(len(part).to_bytes(8) + part)
    stamp = folder.with_name(f"{folder.name}.sha256")
    if stamp.exists() and stamp.read_text(encoding="ascii") == digest.hexdigest() and folder.is_dir():
        return
    # The stamp goes first and comes last: a run that was interrupted leaves nothing that looks whole.
    stamp.unlink(missing_ok=True)
    if folder.exists():
        shutil.rmtree(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    make()
    stamp.write_text(digest.hexdigest(), encoding="ascii")


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


def locked(name: str) -> str:
    """Return the version of a package that uv.lock pins."""
    lock = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))
    return next(str(entry["version"]) for entry in lock["package"] if entry["name"] == name)


def _run_uv(*arguments: str) -> str:
    # From the project's root, where .python-version is.
    return subprocess.run([_UV, *arguments], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
