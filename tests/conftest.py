"""What all tests share: the deployed system, built and deployed once for whoever asks for it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deployed import Deployed
from tools.local.deployment import build, deploy
from tools.local.emulator import Emulator
from tools.local.parameters import parameters
from tools.local.ports import free_port


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that `sam build` filled."""
    folder = tmp_path_factory.mktemp("sam") / "build"
    build(folder, folder.parent / "sam-build.log")
    return folder


@pytest.fixture(scope="session")
def site_port() -> int:
    """The port of the sample page, which the stack has to know as an allowed origin."""
    return free_port()


@pytest.fixture(scope="session")
def deployed(built: Path, site_port: int) -> Iterator[Deployed]:
    """The real template, deployed by the real SAM CLI to a local AWS that enforces IAM."""
    logs = built.parent
    with Emulator(free_port(), log=logs / "aws.log", enforce_iam=True) as emulator:
        stack = deploy(
            emulator.url,
            built,
            logs / "sam-deploy.log",
            name="clinic-leads-test",
            # Tests ask faster than any clinic's visitors.
            parameters=parameters(f"http://127.0.0.1:{site_port}", "https://www.example.com")
            | {"ThrottleRate": "10000", "ThrottleBurst": "5000"},
        )
        yield Deployed(stack=stack, aws=emulator.url, emulator_log=logs / "aws.log")
