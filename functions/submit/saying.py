"""What a form means by a value: yes or no, and which choice.

Sites' own forms send what their builders wrote: labels for values, "I agree" for a checked box, or 1 for yes.
"""

import re
from collections.abc import Mapping
from typing import Final

type Choices = Mapping[str, str]  # value sent: label

YES: Final = ("yes", "true", "on", "1")  # what checkboxes and site builders send for a checked box
NO: Final = ("no", "false", "off", "0")

_ALSO_YES: Final = frozenset(
    {
        *YES,
        *("y", "t", "x", "ok", "okay", "checked", "selected", "agree", "agreed", "accept", "accepted", "consent"),
        *("i agree", "i accept", "i consent", "sure", "s\u00ed", "si", "\u2713", "\u2714", "\u2611", "\u2705"),
    }
)
_ALSO_NO: Final = frozenset(
    {*NO, "n", "f", "never", "unchecked", "disagree", "i disagree", "decline", "declined", "i decline"}
)
_BEGINS_WITH_YES: Final = ("yes ", "i agree ", "i accept ", "i consent ", "i have read ")
_NEGATIONS: Final = frozenset({"not", "no", "never", "don", "dont", "cannot", "unless", "except", "only", "but"})
_LONGEST: Final = 500  # characters of a label or a consent text; longer ones are not compared


def yes_or_no(value: object, means_yes: str = "") -> bool | None:
    """Return what a value says, or None if that is not clear. `means_yes` is a text that says yes, such as a label."""
    if isinstance(value, int | float):  # a boolean is a number too
        return bool(value) if value in {0, 1} else None
    if not isinstance(value, str) or len(value) > _LONGEST:
        return None
    word = value.strip().lower()
    if word in YES or word in NO:  # the usual case
        return word in YES
    return _meaning(folded(value), folded(means_yes))


def _meaning(said: str, means_yes: str) -> bool | None:
    words = set(said.split())
    if said in _ALSO_YES or (said and said == means_yes):
        return True
    if said in _ALSO_NO or (said.startswith("no ") and "yes" not in words):
        return False
    # "Yes, please" is a yes. "Yes, but not at work" is for staff to read.
    return True if said.startswith(_BEGINS_WITH_YES) and not words & _NEGATIONS else None


def is_adult(value: object, minimum_age: int) -> bool | None:
    """Return whether a value says that the patient is old enough. Some forms send a label: "I am 18 or older"."""
    if (plainly := yes_or_no(value)) is not None or not isinstance(value, str) or len(value) > _LONGEST:
        return plainly
    words = set(folded(value.replace("+", " or older ")).split())
    if words & (_NEGATIONS | {"minor", "under", "younger", "child", "below"}):
        return None
    old_enough = str(minimum_age) in words and words & {"older", "over", "above", "least"}
    return True if old_enough or "adult" in words else None


def choice(value: object, known: Choices) -> str | None:
    """Return the choice that a value names by its value or its label, in any case, or None."""
    if not isinstance(value, str) or len(value) > _LONGEST:
        return None
    if (text := value.strip()) in known:
        return text
    words = folded(text)
    return next((each for each, label in known.items() if words in {folded(each), folded(label)}), None)


def pieces(value: str) -> list[str]:
    """Return the parts of a list written as text: "insomnia, fatigue"."""
    return re.split(r"[,;|\n]", value) if len(value) <= _LONGEST else [value]


def folded(text: str) -> str:
    """Return a text for comparisons: words in lower case, without punctuation."""
    return " ".join(re.findall(r"[^\W_]+|[\u2713\u2714\u2611\u2705]", text.casefold()))
