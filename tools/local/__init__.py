"""The local AWS: start it, deploy the real template to it, look at it. Nothing here ships."""

import os
import sys
from pathlib import Path

# What is on this machine is never behind a proxy, whatever the environment says of one.
for _name in ("NO_PROXY", "no_proxy"):
    os.environ[_name] = ",".join(filter(None, (os.environ.get(_name), "127.0.0.1", "localhost")))

# The sample site shows what clinic.toml says, read by the functions' own code.
sys.path.insert(0, str(Path(__file__).parents[2] / "functions"))
