"""Chromium for the browser tests and the screenshots. It comes from Debian's packages."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# Turn off background requests, because tests run without internet access. Chromium's sandbox does not work as root.
_ARGUMENTS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    "--no-sandbox",
]


# Debian's package of Chromium, and of Chromium without windows, in which a test takes a third of the processor time.
_WHOLE, _WITHOUT_WINDOWS = "chromium", "chromium-headless-shell"


class ChromiumError(Exception):
    """Chromium is missing and could not be installed. The text says what to do."""


def program(*, whole: bool = False) -> str:
    """Return the path of Chromium. Installs Debian's package if Chromium is missing and we are root.

    Only the `whole` Chromium keeps a page in memory to show it again when somebody goes back.
    """
    package = _WHOLE if whole else _WITHOUT_WINDOWS
    for name in (package, _WHOLE, "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    _install(package)
    return shutil.which(package) or f"/usr/bin/{package}"


def _install(package: str) -> None:
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise ChromiumError(
            f"Chromium is not installed. Install it (Debian: sudo apt-get install {package}), then retry."
        )
    for command in (["apt-get", "update"], ["apt-get", "install", "--yes", "--no-install-recommends", package]):
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


@contextmanager
def browser() -> Iterator["Browser"]:
    """Yield a headless Chromium and close it at the end."""
    # Imported here because `make run` and `make demo` need no browser.
    from playwright.sync_api import sync_playwright  # noqa: PLC0415

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program(), args=_ARGUMENTS)
        try:
            yield chromium
        finally:
            chromium.close()
