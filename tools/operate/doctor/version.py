"""The deployed version, compared with this checkout."""

import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

from tools.operate.doctor.check import Check
from tools.operate.doctor.clients import Clients
from tools.operate.doctor.finding import Finding, green, yellow
from tools.operate.doctor.known import Known

_PROJECT: Final = Path(__file__).parents[3] / "pyproject.toml"


@cache
def of_checkout() -> str:
    """Return the version of this checkout."""
    version: str = tomllib.loads(_PROJECT.read_text("utf-8"))["project"]["version"]
    return version


def version(_: Clients, stack: Known) -> Iterator[Finding]:
    """Compare the version that the stack says it has, if any, with the checkout's."""
    if not stack.outputs:  # nothing is deployed, as the check of the stack says
        return
    here, there = of_checkout(), stack.outputs.get("Version")
    if there is None:
        yield yellow(
            f"The deployed version is 0.10.0 or older. This checkout is {here}.",
            "Read CHANGELOG.md from there on, which says what to do before and after. Then update:",
            stack.make("deploy"),
        )
    elif there == here:
        yield green(f"The deployed version is that of this checkout: {here}.")
    elif _numbers(there) < _numbers(here):
        yield yellow(
            f"The deployed version is {there}. This checkout is {here}.",
            "Read CHANGELOG.md from there on, which says what to do before and after. Then update:",
            stack.make("deploy"),
        )
    else:
        yield yellow(
            f"The deployed version is {there}, and this checkout is older: {here}. Its commands may not know all of the"
            " stack.",
            f"Get version {there} of this project before you use its commands or deploy:",
            f"git checkout v{there}",
        )


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".") if part.isdigit())


CHECKS: Final = (Check("Version", version),)
