"""No file contains personal data or paths of the machine it was written on."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.architecture.templates import ROOT

# Split, so this file passes its own check.
PLACES = ["/wo" + "rk/", "../sha" + "red", ".libr" + "ary"]
# The folder of the checkout. One level up if that is specific enough; `/src` or `/app` would be found everywhere.
CHECKOUT = str(ROOT.parent if len(ROOT.parents) > 2 else ROOT) + "/"

# Domains reserved for examples (RFC 2606), and AWS's own.
FREE_DOMAIN = re.compile(r"(?:^|\.)(?:example\.(?:com|net|org)|example|test|invalid|localhost|amazonses\.com)$")
# Text that could be a real address. Tests are full of invalid ones.
EMAIL = re.compile(r"[\w.%+'-]*[\w+-]@((?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,})\b")
# North American numbers in the forms people write them.
PHONE = re.compile(r"(?<![\w.-])(?:\+?1[ .-]?)?\(?([2-9]\d\d)\)?[ .-]([2-9]\d\d)[ .-](\d{4})(?![\w-])")


def files() -> list[Path]:
    """Every tracked file, and new files that are not ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    paths = (ROOT / name for name in listed.split("\0") if name)
    # uv writes uv.lock: package addresses, hashes, sizes. Binary files have no text.
    return [path for path in paths if path.is_file() and path.name != "uv.lock" and b"\0" not in path.read_bytes()]


def found(text: str) -> list[str]:
    """Return what a text must not contain."""
    places = [place for place in [*PLACES, CHECKOUT] if place in text]
    emails = [match[0] for match in EMAIL.finditer(text) if not FREE_DOMAIN.search(match[1].lower())]
    # 555-0100 to 555-0199 are reserved for fiction.
    phones = [match[0] for match in PHONE.finditer(text) if not (match[2] == "555" and match[3].startswith("01"))]
    return places + emails + phones


def test_no_file_contains_personal_data() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{number}: {what}"
        for path in files()
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), start=1)
        for what in found(line)
    ]
    assert not wrong, "use example.com, 555-01xx and relative paths:\n" + "\n".join(wrong)


@pytest.mark.parametrize(
    "text",
    [
        PLACES[0] + "main",
        CHECKOUT + "main",
        "cat " + PLACES[1] + "/README",
        "someone" + "@gmail.com",
        "someone" + "@notexample.com",
        "202-456" + "-1111",
        "(202) 456" + "-1111",
        "+1 202 456" + " 1111",
        "202-555" + "-0200",
    ],
)
def test_personal_data_is_noticed(text: str) -> None:
    assert found(text)


@pytest.mark.parametrize(
    "text",
    [
        "a@example.com",
        "a@mail.example.org",
        "success@simulator.amazonses.com",
        "(202) 555-0143",
        "2026-03-04",
        "uses: a@v4.2",
    ],
)
def test_examples_pass(text: str) -> None:
    assert not found(text)
