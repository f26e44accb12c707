"""Command line: `python -m tools.local run`, `demo`, `docs` or `screenshots`."""

import argparse
import subprocess
import sys

from tools.local.chromium import ChromiumError
from tools.local.demo import demo
from tools.local.deployment import DeploymentError
from tools.local.docs import docs
from tools.local.emulator import EmulatorError
from tools.local.origins import OriginError
from tools.local.ports import PortTakenError
from tools.local.progress import complain
from tools.local.run import run
from tools.local.screenshots import screenshots

COMMANDS = {"run": run, "demo": demo, "docs": docs, "screenshots": screenshots}


def main() -> int:
    """Run one command. Expected errors are printed without a traceback."""
    parser = argparse.ArgumentParser(prog="tools.local", description=__doc__)
    parser.add_argument("command", choices=COMMANDS)
    try:
        return COMMANDS[parser.parse_args().command]()
    except (ChromiumError, DeploymentError, EmulatorError, OriginError, PortTakenError) as error:
        complain(f"\n{error}")
        return 1
    except subprocess.CalledProcessError as error:
        complain(f"\nThis command failed: {' '.join(map(str, error.cmd))}")
        complain("It downloads from PyPI. Check your network connection and try again.")
        return 1
    except KeyboardInterrupt:
        return 130


sys.exit(main())
