"""What an update will do, one finding at a time."""

from dataclasses import dataclass
from enum import IntEnum


class Weight(IntEnum):
    """How much a finding matters. The number is the exit code if it is the worst one. 1 and 2 mean that it failed."""

    KNOW = 0  # nothing to do
    CARE = 3  # something to do before or after
    STOP = 4  # the update would fail, or lose something


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that the update will do, under a heading of the report."""

    weight: Weight
    heading: str
    text: str
