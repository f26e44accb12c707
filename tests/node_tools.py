"""JavaScript tools that tests run. tests/node/package-lock.json pins them by hash."""

import hashlib
import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
_SOURCE = ROOT / "tests" / "node"

needs_node = pytest.mark.skipif(shutil.which("npm") is None, reason="needs Node.js, which nothing else here does")


def run_node(script: str, given: object) -> Any:  # noqa: ANN401 - JSON
    """Run a script of tests/node with `given` as JSON on its input, and return its output."""
    done = subprocess.run(
        ["node", installed() / script], input=json.dumps(given), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def package_file(path: str) -> str:
    """Return the text of a file in an installed package, such as `react/umd/react.development.js`."""
    return (installed() / "node_modules" / path).read_text("utf-8")


def installed() -> Path:
    """Return the folder with the scripts and their packages. The first call installs these, and needs the network."""
    sources = sorted(path for path in _SOURCE.iterdir() if path.is_file())
    content = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()
    folder = ROOT / ".local" / f"node-{content[:10]}"
    if folder.exists():
        return folder
    folder.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as made:
        new = Path(made) / "new"
        shutil.copytree(_SOURCE, new)
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "error"]
        done = subprocess.run(command, cwd=new, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"npm ci needs the network once:\n{done.stdout}{done.stderr}"
        if not folder.exists():  # another process may have been faster
            new.rename(folder)
    return folder
