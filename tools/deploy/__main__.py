"""Command line: `python -m tools.deploy`, with credentials as the AWS CLI finds them. `make deploy` calls it."""

import argparse
import os
import sys
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from tools.deploy.answers import FILE, Answers
from tools.deploy.errors import DeployError, StoppedError
from tools.deploy.run import Options, deploy
from tools.deploy.sam import WORK
from tools.deploy.terminal import Terminal, printable
from tools.local.deployment import DeploymentError
from tools.local.progress import complain
from tools.operate.errors import explained

STOPPED = 130


def main(arguments: list[str]) -> int:
    """Deploy. Expected errors are printed without a traceback."""
    parser = argparse.ArgumentParser(prog="tools.deploy", description=__doc__)
    parser.add_argument("--stack", help="the stack's name; without it, it is a question")
    parser.add_argument("--config", type=Path, default=FILE, help="the file with the answers")
    parser.add_argument("--built", type=Path, help="a folder that `sam build` filled; without it, this builds")
    parser.add_argument("--work", type=Path, default=WORK, help="the folder for logs and forms")
    given = parser.parse_args(arguments)
    options = Options(stack=given.stack, yes=os.environ.get("YES") == "1", built=given.built, work=given.work)
    printable()
    try:
        return deploy(options, Answers(given.config), Terminal())
    except StoppedError as error:
        complain(f"\nStopped. {error}")
    except KeyboardInterrupt:
        complain("\nStopped.")
    except (DeployError, DeploymentError) as error:
        complain(f"\n{error}")
        return 1
    except (ClientError, BotoCoreError) as error:
        complain(f"\n{explained(error)}")
        return 1
    return STOPPED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
