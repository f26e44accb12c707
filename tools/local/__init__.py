"""Runs the system on this machine: starts a local AWS and deploys the real template to it. Nothing here ships."""

import os
import sys
from pathlib import Path

# Never use a proxy for servers on this machine, even if the environment sets one.
for _name in ("NO_PROXY", "no_proxy"):
    os.environ[_name] = ",".join(filter(None, (os.environ.get(_name), "127.0.0.1", "localhost")))

# The sample site reads clinic.toml with the functions' own code.
sys.path.insert(0, str(Path(__file__).parents[2] / "functions"))
