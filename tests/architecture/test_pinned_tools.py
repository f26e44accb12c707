"""uv and the SAM CLI are installed by hash: a replaced package is rejected."""

import re
import subprocess
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.architecture.templates import ROOT
from tools.bench.packages import emulator_binary

BIN = ROOT / "tools" / "bin"
OPINIONS = ROOT / "tests" / "opinions"
LISTS = {
    BIN / "uv-requirements.txt": "uv",
    BIN / "sam-requirements.txt": "aws-sam-cli",
    OPINIONS / "checkov-requirements.txt": "checkov",
    OPINIONS / "moto_server-requirements.txt": "moto",
}


def pinned(path: Path) -> dict[str, tuple[Requirement, list[str]]]:
    """Return the packages in a list, with their hashes."""
    text = re.sub(r"^ *#.*$", "", path.read_text("utf-8"), flags=re.MULTILINE).replace("\\\n", " ")
    entries = [line.split("--hash=") for line in text.splitlines() if line.strip()]
    found = [(Requirement(first.strip()), [each.strip() for each in hashes]) for first, *hashes in entries]
    return {requirement.name: (requirement, hashes) for requirement, hashes in found}


@pytest.mark.parametrize("path", LISTS, ids=lambda path: path.name)
def test_each_package_has_one_version_and_hashes(path: Path) -> None:
    packages = pinned(path)
    assert LISTS[path] in packages
    for requirement, hashes in packages.values():
        assert re.fullmatch(r"==[\w.]+", str(requirement.specifier)), f"{path.name}: pin {requirement} with =="
        assert hashes, f"{requirement} has no hash: generate {path.name} again with the command at its top"
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", each) for each in hashes), (
            f"{requirement} has a hash that is not SHA-256: generate {path.name} again with the command at its top"
        )


@pytest.mark.parametrize("script", ["uv", "sam-python"])
def test_nothing_is_installed_without_its_hash_or_built_from_source(script: str) -> None:
    lines = (BIN / script).read_text("utf-8").replace("\\\n", " ").splitlines()
    installs = [line for line in lines if re.search(r"\bpip (install|sync)\b", line)]
    assert len(installs) == 1
    assert "--require-hashes" in installs[0]
    assert "--only-binary :all:" in installs[0]
    assert not [line for line in lines if re.search(r"tool (run|install)|\buvx\b|curl|wget", line)]


def test_a_package_whose_hash_is_another_is_refused(tmp_path: Path) -> None:
    wrong = tmp_path / "requirements.txt"
    text = (BIN / "uv-requirements.txt").read_text("utf-8")
    wrong.write_text(re.sub(r"sha256:[0-9a-f]{64}", f"sha256:{'0' * 64}", text), "utf-8")
    refused = subprocess.run(
        [
            *(BIN / "uv", "pip", "install", "--quiet", "--target", tmp_path / "target"),
            *("--python", "3.13", "--only-binary", ":all:", "--require-hashes", "--requirement", wrong),
        ],
        check=False,
        capture_output=True,
        text=True,
    )
    assert refused.returncode != 0
    assert "hash" in refused.stderr.lower()


def test_the_sam_cli_starts_and_has_the_emulator_that_the_benchmarks_run() -> None:
    version = subprocess.run([BIN / "sam", "--version"], check=True, capture_output=True, text=True).stdout
    (only,) = pinned(BIN / "sam-requirements.txt")["aws-sam-cli"][0].specifier
    assert version.split() == ["SAM", "CLI,", "version", only.version]
    assert emulator_binary().is_file()
