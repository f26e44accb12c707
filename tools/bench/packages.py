"""Creates each peer's package and an environment like Lambda's runtime, and finds AWS's Lambda emulator.

Everything is in .local/bench and built once. A stamp next to each folder has the hash of its inputs.
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

# The newest release of AWS's runtime client. Lambda's image has it and boto3, both compiled.
_RUNTIME_CLIENT = "awslambdaric==4.2.2"

_COMPILE_STANDARD_LIBRARY = """
import compileall, re, sysconfig
compileall.compile_dir(sysconfig.get_path("stdlib"), quiet=2, rx=re.compile("/(site-packages|test)/"))
"""


@dataclass(frozen=True, slots=True)
class Size:
    """Bytes to upload, and bytes after Lambda unpacks them."""

    zipped: int
    unzipped: int


def package(peer: str, target: Path, *, requirements: bool = True) -> None:
    """Build the folder of `peer` into `target` like `sam build`, for this machine's processor.

    Like SAM, this installs the packages in requirements.txt and compiles nothing. Without `requirements`, the handler
    uses the packages of the runtime.
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
            # SAM unpacks wheels, so it creates no programs and no uv lock file.
            shutil.rmtree(target / "bin", ignore_errors=True)
            (target / ".lock").unlink(missing_ok=True)
        for file in files:
            shutil.copyfile(file, target / file.name)

    _once(target, made_of, make)


def size(folders: Iterable[Path]) -> Size:
    """Return the size of `folders`, each in a separate zip like SAM's."""
    zipped = unzipped = 0
    for folder in folders:
        with tempfile.TemporaryFile() as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
                for path in _files(folder):
                    content = path.read_bytes()
                    unzipped += len(content)
                    # SAM dates every file 1980, so the same content always has the same size.
                    entry = zipfile.ZipInfo(str(path.relative_to(folder)))
                    archive.writestr(entry, content, zipfile.ZIP_DEFLATED)
            zipped += file.tell()
    return Size(zipped, unzipped)


@cache
def runtime() -> Path:
    """Return the Python of an environment like Lambda's, with the runtime client and boto3, compiled."""
    folder = _BENCH / "runtime"
    python = folder / "bin" / "python"
    installed = (_RUNTIME_CLIENT, *(f"{name}=={locked(name)}" for name in ("boto3", "botocore")))

    def make() -> None:
        _run_uv("venv", "--quiet", "--python", _PYTHON, str(folder))
        _run_uv(*_INSTALL, "--python", str(python), "--compile-bytecode", *installed)
        # Some builds of Python come without bytecode of the standard library, and measured processes may not write it.
        # Continue if the folder is not writable.
        subprocess.run([python, "-c", _COMPILE_STANDARD_LIBRARY], check=False)

    _once(folder, [_PYTHON.encode(), *(name.encode() for name in installed)], make)
    return python


def site_packages() -> Path:
    """Return the folder of the packages that come with the runtime."""
    return next((runtime().parents[1] / "lib").glob("python3.*")) / "site-packages"


@cache
def emulator_binary() -> Path:
    """Return AWS's Runtime Interface Emulator, which is part of the SAM CLI of tools/bin/sam."""
    command = [str(ROOT / "tools" / "bin" / "sam-python"), "-c", "import samcli; print(samcli.__path__[0])"]
    found = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return Path(found.strip()) / "local" / "rapid" / f"aws-lambda-rie-{_ARCHITECTURE}"


def _once(folder: Path, made_of: Iterable[bytes], make: Callable[[], None]) -> None:
    """Build `folder` unless its stamp has the hash of the same inputs."""
    digest = hashlib.sha256()
    for part in made_of:
        digest.update(len(part).to_bytes(8) + part)
    stamp = folder.with_name(f"{folder.name}.sha256")
    if stamp.exists() and stamp.read_text(encoding="ascii") == digest.hexdigest() and folder.is_dir():
        return
    # Delete the stamp first and write it last, so an interrupted run never leaves a folder that looks complete.
    stamp.unlink(missing_ok=True)
    if folder.exists():
        shutil.rmtree(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    make()
    stamp.write_text(digest.hexdigest(), encoding="ascii")


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


def locked(name: str) -> str:
    """Return the version of a package in uv.lock."""
    lock = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))
    return next(str(entry["version"]) for entry in lock["package"] if entry["name"] == name)


def _run_uv(*arguments: str) -> str:
    # In the project's root, which has .python-version.
    return subprocess.run([_UV, *arguments], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
