"""Commands for operators of a deployed stack. The Makefile has a target for each."""

import sys
from pathlib import Path

# The audit's chain is checked with the functions' own code.
sys.path.insert(0, str(Path(__file__).parents[2] / "functions"))
