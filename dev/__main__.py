"""Command line: `python -m dev run`, `demo`, `docs` or `screenshots`."""

import argparse
import subprocess
import sys

from dev.chromium import ChromiumError
from dev.demo import demo
from dev.deployment import DeploymentError
from dev.docs import docs
from dev.emulator import EmulatorError
from dev.ports import PortTakenError
from dev.progress import complain
from dev.run import run
from dev.screenshots import screenshots

COMMANDS = {"run": run, "demo": demo, "docs": docs, "screenshots": screenshots}


def main() -> int:
    """Run one command; trouble is said in words."""
    parser = argparse.ArgumentParser(prog="dev", description=__doc__)
    parser.add_argument("command", choices=COMMANDS)
    try:
        return COMMANDS[parser.parse_args().command]()
    except (ChromiumError, DeploymentError, EmulatorError, PortTakenError) as error:
        complain(f"\n{error}")
        return 1
    except subprocess.CalledProcessError as error:
        complain(f"\n{' '.join(map(str, error.cmd))} failed. It needs PyPI: check the network and try again.")
        return 1
    except KeyboardInterrupt:
        return 130


sys.exit(main())
