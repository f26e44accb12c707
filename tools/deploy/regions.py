"""Regions that can have a stack: those that the template's rules allow."""

import re
from typing import Final

from tools.deploy.assertions import REGION, broken

_REGION: Final = re.compile(r"[a-z]{2,3}(-[a-z]+)+-[0-9]{1,2}")


def refused(region: str) -> str | None:
    """Return why a stack cannot be in this region, and what to enter instead; or None if it can."""
    if not _REGION.fullmatch(region):
        return f"{region[:80]!a} is not the name of a region. Example: us-east-1"
    if told := broken({REGION: region}):
        return f"{region}: {told[0]}"
    return None
