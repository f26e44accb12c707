"""The previous release on a local AWS of its own, ready for an update."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.upgrades.place import Place
from tests.upgrades.previous import MissingHistoryError, previous_build
from tools.local.emulator import Emulator
from tools.local.ports import free_port


@pytest.fixture(scope="session")
def previous() -> Path:
    """The folder with the build of the previous release."""
    try:
        return previous_build()
    except MissingHistoryError as missing:
        pytest.skip(str(missing))


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """An empty AWS account."""
    with Emulator(free_port(), log=tmp_path / "aws.log", enforce_iam=True) as emulator:
        yield Place(aws=emulator.url, folder=tmp_path)
