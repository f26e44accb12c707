"""shared.leads.numbers: counts and durations in everyday words."""

from datetime import timedelta

import pytest

from shared.leads.numbers import counted, duration, ordinal


def test_one_is_one_and_the_rest_are_many() -> None:
    assert [counted(count, "hour") for count in (0, 1, 2)] == ["0 hours", "1 hour", "2 hours"]


def test_places_have_their_endings() -> None:
    numbers = (1, 2, 3, 4, 11, 12, 13, 21, 22, 101, 111)
    endings = ["1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "22nd", "101st", "111th"]
    assert [ordinal(number) for number in numbers] == endings


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, None),
        (59, None),
        (60, "1 minute"),
        (3599, "59 minutes"),
        (3600, "1 hour"),
        (86_399, "23 hours"),
        (86_400, "1 day"),
        (40 * 86_400, "40 days"),
    ],
)
def test_a_time_is_said_in_its_largest_unit_rounded_down(seconds: int, words: str | None) -> None:
    assert duration(timedelta(seconds=seconds)) == words
