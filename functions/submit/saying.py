"""What a form means by a value: yes or no, old enough or not, and which choice.

Sites' own forms send what their builders wrote: labels for values, "I agree" for a checked box, or 1 for yes. Only what
plainly says so counts: a consent must never be made up.
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final

type Choices = Mapping[str, str]  # value sent: label

YES: Final = ("yes", "true", "on", "1")  # what checkboxes and site builders send for a checked box
# What the script takes for a yes: it must show somebody in crisis where help is before we answer.
SCRIPT_YES: Final = (*YES, "s\u00ed", "si")
NO: Final = ("no", "false", "off", "0")

_PLAIN: Final = dict.fromkeys(YES, True) | dict.fromkeys(NO, False)

_ALSO_YES: Final = frozenset(
    {
        *YES,
        *("y", "t", "x", "ok", "okay", "checked", "selected", "agree", "agreed", "accept", "accepted", "consent"),
        *("acepto", "aceptado", "de acuerdo", "estoy de acuerdo", "consiento", "doy mi consentimiento", "autorizo"),
        *("claro", "claro que s\u00ed", "claro que si", "marcado", "seleccionado", "verdadero"),
        *("i agree", "i accept", "i consent", "sure", "s\u00ed", "si", "\u2713", "\u2714", "\u2611", "\u2705"),
    }
)
_ALSO_NO: Final = frozenset(
    {
        *NO,
        *("n", "f", "never", "nope", "unchecked", "disagree", "i disagree", "decline", "declined", "i decline"),
        *("no thanks", "no thank you", "no i am not", "no im not", "not now", "not really", "none"),
        *("no gracias", "no acepto", "no estoy de acuerdo", "no autorizo", "rechazo", "nunca", "ahora no", "falso"),
        *("no por ahora", "por ahora no", "ninguno", "ninguna", "no marcado", "desmarcado"),
    }
)
# All that may follow a yes. "Yes, but not at work" is for staff to read. "Si pueden" is "if you can".
_CLEAR_YES: Final = (  # compiled at first use, because most requests do not need it
    r"(?!si pueden)(?:yes|i (?:agree|accept|consent)|s[i\u00ed]|acepto|(?:estoy )?de acuerdo|autorizo)"
    r"(?: (?:please|thanks|thank you|sure|of course|i do|i am|i agree|i consent|to this|to the above|to be contacted|"
    r"to be texted|to be emailed|you may|you may contact me|contact me|call me|text me|"
    r"por favor|gracias|claro|acepto|autorizo|(?:estoy )?de acuerdo|con esto|con lo anterior|pueden|"
    r"pueden (?:contactarme|comunicarse conmigo|llamarme|escribirme|enviarme mensajes)|"
    r"ll[a\u00e1]menme|cont[a\u00e1]ctenme|comun[i\u00ed]quense conmigo))*"
)
_YOUNG: Final = frozenset(
    {
        *("under", "younger", "below", "minor", "child", "kid", "teen", "teenager"),
        *("menor", "menos", "debajo", "ni\u00f1o", "ni\u00f1a", "adolescente"),
    }
)
_OLDER: Final = frozenset(
    {"older", "over", "above", "least", "up", "mayor", "mayores", "m\u00e1s", "mas", "encima", "cumplidos"}
)
# Text about age that says more, such as "not", is not read.
_ABOUT_AGE: Final = frozenset(
    {
        *_YOUNG,
        *_OLDER,
        *("yes", "i", "im", "am", "he", "she", "they", "we", "is", "are", "the", "a", "an", "my", "patient", "person"),
        *("of", "at", "age", "aged", "years", "year", "old", "or", "and", "than", "young", "adult"),
        *("s\u00ed", "si", "soy", "es", "tengo", "tiene", "el", "la", "mi", "un", "una", "paciente", "persona", "de"),
        *("por", "al", "a\u00f1o", "a\u00f1os", "anos", "edad", "o", "y", "que", "adulto", "adulta", "joven"),
    }
)
_OF_AGE: Final = 18  # in nearly all states
_CODES: Final = 4  # a smaller number is rather a builder's code for an answer than an age
_LONGEST: Final = 500  # characters of a label or a consent text; longer ones are not compared
_MOST_PIECES: Final = 20


def yes_or_no(value: object, means_yes: str = "") -> bool | None:
    """Return what a value says, or None if that is not clear. `means_yes` is a text that says yes, such as a label."""
    if (plain := plainly(value)) is not None or not isinstance(value, str) or len(value) > _LONGEST:
        return plain
    said = folded(value)
    if said in _ALSO_YES or re.fullmatch(_CLEAR_YES, said) or (said and means_yes and said == folded(means_yes)):
        return True
    return False if said in _ALSO_NO else None


def plainly(value: object) -> bool | None:
    """Return yes or no for what nearly all forms send, or None."""
    if isinstance(value, str):
        return _PLAIN.get(value.strip().lower()) if len(value) <= _LONGEST else None
    # A boolean is a number too.
    return bool(value) if isinstance(value, int | float) and value in {0, 1} else None


def is_in_crisis(value: object, label: str) -> bool | None:
    """Return whether a value says that somebody is in crisis. Here, a yes that goes on is a yes."""
    if (clear := yes_or_no(value, label)) is not None or not isinstance(value, str):
        return clear
    said = folded(value[:_LONGEST])
    words = said.split()
    known = {"crisis", "in crisis", "i am in crisis", "im in crisis", "i am in crisis now", "im in crisis now"}
    known |= {"en crisis", "estoy en crisis", "estoy en crisis ahora"}
    yes = (["yes"], ["true"], ["s\u00ed"], ["si"])
    # Without its accent, "si" means "if", unless a pause follows or the rest says so too.
    if_only = words[:1] == ["si"] and not re.match(r"\W*si\s*[^\w\s]", value, re.IGNORECASE)
    begins = words[:1] in yes and (not if_only or " ".join(words[1:]) in known)
    ends = words[-1:] in yes and words[0] not in {"no", "not"}
    return True if said in known or begins or ends else None


def says_more(value: object) -> bool:
    """Return whether a text says more than yes or no, so that staff should read it."""
    return isinstance(value, str) and folded(value) not in _ALSO_YES | _ALSO_NO


def is_adult(value: object, minimum_age: int) -> bool | None:
    """Return whether a value says that the patient is old enough. Some forms send a label, "18 or older", or an age."""
    said = yes_or_no(value)
    if said is not None or not isinstance(value, str | int) or len(str(value)) > _LONGEST:
        return said
    said_plainly = folded(str(value).replace("+", " or older "))
    said_plainly = re.sub(r"\bm[a\u00e1]s o menos\b", "", said_plainly)  # "more or less"
    # "At least" in Spanish has the word for "less".
    words = re.sub(r"\b(?:al|por lo) menos\b", "at least", said_plainly).split()
    ages = [int(word) for word in words if word.isascii() and word.isdigit() and len(word) < 4]  # noqa: PLR2004 - years
    others = {word for word in words if not word.isdigit()}
    if others - _ABOUT_AGE:
        return None  # it says something else too
    if others & _YOUNG:
        # A minor of 17 may be old enough for a clinic that says 16.
        return False if ages or minimum_age >= _OF_AGE or not others & {"minor", "menor"} else None
    if ages and others & _OLDER:
        return True if min(ages) >= minimum_age else None
    if ages:
        return min(ages) >= minimum_age if min(ages) > _CODES else None
    # "Mayor de edad" is an adult, who may be too young for a clinic that says 21.
    adult = others & {"adult", "adulto", "adulta"} or {"mayor", "edad"} <= others
    return True if adult and minimum_age <= _OF_AGE else None


def choice(value: object, known: Choices) -> str | None:
    """Return the choice that a value names by its value or its label, in any case, or None."""
    if not isinstance(value, str) or len(value) > _LONGEST:
        return None
    if (text := value.strip()) in known:
        return text
    return _by_words(tuple(known.items())).get(folded(text))


@lru_cache(maxsize=64)
def _by_words(known: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """Return the choices by the words of their values and labels."""
    return {folded(words): value for value, label in known for words in (label, value)}


def pieces(value: str) -> list[str]:
    """Return the parts of a list written as text: "insomnia, fatigue". Of a long list, the last part is the rest."""
    return re.split(r"[,;|\n]", value, maxsplit=_MOST_PIECES) if len(value) <= _LONGEST else [value]


def folded(text: str) -> str:
    """Return a text for comparisons: words in lower case, without punctuation."""
    if not text.isascii():
        # Imported here, because few requests need it.
        import unicodedata  # noqa: PLC0415

        text = unicodedata.normalize("NFKC", text)
    words: Iterable[str] = re.findall(r"[^\W_]+|[\u2713\u2714\u2611\u2705]", re.sub("['\u2019`]", "", text.casefold()))
    return " ".join(words)
