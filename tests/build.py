"""`python -m tests.build`: what the test legs of `make test` share, made once before they start side by side."""

import sys

from tools.local.chromium import ChromiumError, program
from tools.local.deployment import DeploymentError, build
from tools.local.emulator import ROOT, install
from tools.local.progress import complain, step

SHARED = ROOT / ".local" / "test"


def main() -> int:
    """Install MiniStack and Chromium if they are missing, and run `sam build`."""
    try:
        with step("Installing what the deployed tests need, if it is missing"):
            install()
            program()
            program(whole=True)
        with step("Building with the SAM CLI, once for all legs"):
            build(SHARED / "build", SHARED / "sam-build.log")
    except (ChromiumError, DeploymentError) as error:
        complain(f"\n{error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
