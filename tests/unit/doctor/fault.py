"""A fault, and the line that it makes appear."""

from dataclasses import dataclass

from tests.unit.doctor.asked import World
from tools.operate.doctor.finding import Color


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, the check that sees it, what it sees, the color, and words of the line and its commands."""

    about: str
    check: str
    world: World
    color: Color
    words: tuple[str, ...]
