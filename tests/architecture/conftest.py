"""What several of these tests look at."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.architecture.templates import MAIN, ROOT


@pytest.fixture(scope="session")
def expanded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The main template as SAM expands it for CloudFormation."""
    pinned = re.search(r"aws-sam-cli==[\d.]+", (ROOT / "tools/bin/sam").read_text(encoding="utf-8"))
    assert pinned, "tools/bin/sam must pin aws-sam-cli==X"
    output = tmp_path_factory.mktemp("expanded") / "template.json"
    expansion = subprocess.run(
        [
            *(ROOT / "tools/bin/uv", "tool", "run", "--quiet", "--python", "3.13", "--from", pinned[0], "python"),
            *(Path(__file__).with_name("sam_transform.py"), ROOT / MAIN, output),
        ],
        # The translator asks boto3 for a region and for nothing else: no profile and no keys of whoever runs this.
        env={name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        | {"AWS_DEFAULT_REGION": "us-east-1"},
        check=False,
        capture_output=True,
        text=True,
    )
    assert expansion.returncode == 0, f"SAM cannot expand {MAIN}:\n{expansion.stderr}"
    return output
