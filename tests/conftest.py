"""What all tests share: the deployed system, built and deployed once in each run that needs it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deployed import Deployed
from tools.local.deployment import build, deploy
from tools.local.emulator import Emulator
from tools.local.parameters import parameters
from tools.local.ports import free_port


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let several runs side by side share one `sam build`."""
    parser.addoption(
        "--built", type=Path, help="a folder that `sam build` filled; by default the tests build their own"
    )


@pytest.fixture(scope="session")
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the output of `sam build`."""
    if shared := request.config.getoption("--built"):
        return Path(shared).resolve()
    folder = tmp_path_factory.mktemp("sam") / "build"
    build(folder, folder.parent / "sam-build.log")
    return folder


@pytest.fixture(autouse=True)
def a_new_hour(request: pytest.FixtureRequest) -> None:
    """Give each test of the deployed system the budget for email of a whole hour."""
    if "deployed" in request.fixturenames:
        request.getfixturevalue("deployed").new_hour()


@pytest.fixture(scope="session")
def site_port() -> int:
    """The port of the sample page. The stack needs it as an allowed origin."""
    return free_port()


@pytest.fixture(scope="session")
def deployed(built: Path, site_port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """The real template, deployed by the real SAM CLI to a local AWS that enforces IAM."""
    logs = tmp_path_factory.mktemp("logs")
    with Emulator(free_port(), log=logs / "aws.log", enforce_iam=True) as emulator:
        stack = deploy(
            emulator.url,
            built,
            logs / "sam-deploy.log",
            name="clinic-leads-test",
            # Tests send requests faster than a clinic's visitors.
            parameters=parameters(f"http://127.0.0.1:{site_port}", "https://www.example.com")
            | {"ThrottleRate": "10000", "ThrottleBurst": "5000"},
        )
        yield Deployed(stack=stack, aws=emulator.url, emulator_log=logs / "aws.log")
