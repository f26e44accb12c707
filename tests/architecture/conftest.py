"""Fixtures for several of these tests."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.architecture.templates import MAIN, ROOT


@pytest.fixture(scope="session")
def expanded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The main template as SAM expands it for CloudFormation."""
    output = tmp_path_factory.mktemp("expanded") / "template.json"
    expansion = subprocess.run(
        [ROOT / "tools/bin/sam-python", Path(__file__).with_name("sam_transform.py"), ROOT / MAIN, output],
        # The translator asks boto3 for a region only. It must not read the developer's profile or keys.
        env={name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        | {"AWS_DEFAULT_REGION": "us-east-1"},
        check=False,
        capture_output=True,
        text=True,
    )
    assert expansion.returncode == 0, f"SAM cannot expand {MAIN}:\n{expansion.stderr}"
    return output
