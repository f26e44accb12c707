"""The operator's commands on the deployed system, run as `make` runs them."""

import os
import subprocess
import sys
from pathlib import Path

from tests.deployed import Deployed
from tools.local.deployment import CREDENTIALS
from tools.local.emulator import REGION, ROOT


def operate(deployed: Deployed, folder: Path, command: str, *, code: int = 0, **variables: str) -> str:
    """Run a command in a folder and return what it prints. What somebody types to `make` is in the environment."""
    done = subprocess.run(
        [sys.executable, "-m", "tools.operate", command, "--stack", deployed.stack.name],
        cwd=folder,
        env=os.environ
        | CREDENTIALS
        | {"AWS_ENDPOINT_URL": deployed.aws, "AWS_DEFAULT_REGION": REGION}
        | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'functions'}"}
        | variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr
