"""The choices of the form: stored values stay valid, and labels can be told apart."""

import re

import pytest

from submit.clean import single_line
from tests.unit.choices import ALL


@pytest.mark.parametrize("name", ALL)
def test_stored_values_are_plain_words(name: str) -> None:
    # Forms and JSON contain the value, the table keeps it for years, and messages list it as in "a, b or c".
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", value) for value in ALL[name])
    assert max(map(len, ALL[name])) <= 40
    assert len(ALL[name]) > 1


@pytest.mark.parametrize("name", ALL)
def test_labels_are_single_distinct_lines(name: str) -> None:
    labels = list(ALL[name].values())
    assert labels == [single_line(label) for label in labels]
    assert all(labels)
    assert len({label.casefold() for label in labels}) == len(labels)


# Removing one would reject the forms of clinics, and leave stored leads without labels.
FOR_GOOD = {
    "asking_for": {"self", "family_or_friend", "patient"},
    "preferred_contact": {"phone", "text", "email"},
    "best_time": {"any", "morning", "afternoon", "evening"},
    "interest": {"depression", "anxiety", "ptsd", "chronic_pain", "other"},
    "symptoms": {
        *("low_mood", "loss_of_interest", "weight_change", "poor_appetite", "oversleeping"),
        *("insomnia", "trouble_concentrating", "fatigue", "anger_or_mood_swings"),
    },
    "treatments_tried": {"none", "one", "two_or_more"},
    "health_notes": {
        *("psychosis_history", "uncontrolled_blood_pressure", "pregnant_or_nursing", "substance_use"),
        *("none", "discuss_on_call"),
    },
}


def test_a_choice_is_never_removed() -> None:
    for name, values in FOR_GOOD.items():
        missing = sorted(values - ALL[name].keys())
        assert not missing, f"put {missing} back into the choices of {name} in functions/shared/leads/fields.py"
