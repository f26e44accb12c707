"""Chromium for the browser tests and the screenshots: Debian's own package, which needs no download host."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# No call home: the tests run where the outside cannot be reached. No sandbox: as root Chromium has none.
_ARGUMENTS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    "--no-sandbox",
]


class ChromiumError(Exception):
    """There is no Chromium and we cannot install it. The text says what to do."""


def program() -> str:
    """Return where Chromium is, installing Debian's package where it is missing and we are root."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise ChromiumError("Chromium is missing. Install it (Debian: sudo apt-get install chromium) and try again.")
    for command in (["apt-get", "update"], ["apt-get", "install", "--yes", "--no-install-recommends", "chromium"]):
        done = subprocess.run(
            command,
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode:
            raise ChromiumError(f"{' '.join(command)} failed:\n{done.stdout[-2000:]}")
    return shutil.which("chromium") or "/usr/bin/chromium"


@contextmanager
def browser() -> Iterator["Browser"]:
    """Yield a headless Chromium, closed on the way out."""
    # Imported here: `make run` and `make demo` need no browser.
    from playwright.sync_api import sync_playwright  # noqa: PLC0415

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program(), args=_ARGUMENTS)
        try:
            yield chromium
        finally:
            chromium.close()
