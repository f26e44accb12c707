"""The local AWS: start it, deploy the real template to it, look at it. Nothing here ships."""

import sys
from pathlib import Path

# The sample site shows what clinic.toml says, read by the functions' own code.
sys.path.insert(0, str(Path(__file__).parents[1] / "functions"))
