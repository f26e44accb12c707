"""What a check found, and what to do about it."""

from dataclasses import dataclass
from enum import StrEnum


class Color(StrEnum):
    """How bad it is, from the best to the worst."""

    GREEN = "green"
    UNKNOWN = "unknown"  # nobody could look, so it may be anything
    YELLOW = "yellow"  # works, and should be mended
    RED = "red"  # requests, alerts or data are lost, late or in danger


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found. `do` says how to mend it, and `commands` are lines to type, in order."""

    color: Color
    found: str
    do: str = ""
    commands: tuple[str, ...] = ()


def green(found: str) -> Finding:
    """Return that all is well."""
    return Finding(Color.GREEN, found)


def yellow(found: str, do: str, *commands: str) -> Finding:
    """Return something to mend soon."""
    return Finding(Color.YELLOW, found, do, commands)


def red(found: str, do: str, *commands: str) -> Finding:
    """Return something to mend now."""
    return Finding(Color.RED, found, do, commands)


def unknown(found: str, do: str = "", *commands: str) -> Finding:
    """Return that this could not be looked at."""
    return Finding(Color.UNKNOWN, found, do, commands)
