"""Reads what a form sent: one value for each field that we know, and the rest as it was said.

It forgives what a visitor cannot change: labels for values, a list for one value, a hidden "no" before a box, fields
that we do not have. A field that is needed is asked for again. An optional answer never costs the request: what we
cannot read is kept as said.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, cast
from zoneinfo import ZoneInfo

from shared.leads.clinic import Clinic, ConsentText
from shared.leads.contact import MAX_PHONE_LENGTH, PhoneRead, normalize_email, read_phone
from shared.leads.fields import FIELDS, MAX_TOKEN_LENGTH, NAMES, Field, Kind
from shared.text.en import fields as words
from submit.clean import is_blank, multi_line, single_line
from submit.saying import choice, is_adult, is_in_crisis, pieces, says_more, yes_or_no
from submit.web_address import origin_and_path

_YES_NO_FIELDS: Final = frozenset(name for name, field in FIELDS.items() if field.kind in {Kind.YES_NO, Kind.CONSENT})
_MAX_READ: Final = 1_000  # how many characters we read of a text that is cut anyway


class Read(NamedTuple):
    """The value of one field, or None; what was sent besides it; and the problem, a key of text/en/problems.py."""

    value: object = None
    others: tuple[object, ...] = ()
    problem: str | None = None


@dataclass(slots=True)
class Reading:
    """What a form sent. `values` and `problems` are by the name that a form sends."""

    values: dict[str, object] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    others: list[tuple[str, object]] = field(default_factory=list)  # names and values that fit no field


class _Asked(NamedTuple):
    """The field that is read, and what its reader may need to know."""

    field: Field
    clinic: Clinic
    time_zone: str | None
    in_crisis: bool


def read(sent: Mapping[str, object], clinic: Clinic) -> Reading:
    """Return what `sent` says. Its values are text, numbers, booleans, null, or lists of these; JSON may have more.

    A value that is empty to a reader counts as not sent.
    """
    reading = Reading()
    unknown: list[tuple[str, object]] = []
    known: dict[str, list[object]] = {}
    for name, value in sent.items():
        if name in NAMES:
            if values := list(_said(value)):
                known.setdefault(NAMES[name], []).extend(values)
        elif next(_said(value), None) is not None:
            unknown.append((name, value))
    zone, urgent = _time_zone(known.get("time_zone", ())).value, says_in_crisis(sent)
    for known_name, values in known.items():
        asked = _Asked(FIELDS[known_name], clinic, cast("str | None", zone), urgent)
        found = READERS[asked.field.kind](asked, values)
        name = asked.field.wire_name
        reading.others += [(name, other) for other in found.others]
        if found.problem is not None:
            reading.problems[name] = found.problem
        elif found.value is not None:
            reading.values[name] = found.value
    reading.others += unknown
    return reading


def says_in_crisis(sent: Mapping[str, object]) -> bool:
    """Return whether the person says they are in crisis now, even if other fields are wrong."""
    return any(is_in_crisis(value, words.FIELDS["in_crisis"].label) for value in _said(sent.get("in_crisis")))


def as_read(sent: Mapping[str, object], clinic: Clinic) -> dict[str, object]:
    """Return `sent` with "yes" or "no" for what says so in other words, so that a page can show it in its boxes.

    Otherwise a page would send both what was sent and what the visitor changes, and yes would win.
    """
    shown = dict(sent)
    for name in sent.keys() & _YES_NO_FIELDS:
        asked = _Asked(FIELDS[name], clinic, None, in_crisis=False)
        values = list(_said(sent[name]))
        said = [_says(asked, value) for value in values]
        unclear = [value for value, meaning in zip(values, said, strict=True) if meaning is None]
        answer = [] if len(unclear) == len(values) else ["yes" if True in said else "no"]
        shown[name] = [*unclear, *answer]
    return shown


def _said(value: object) -> Iterator[object]:
    for each in value if isinstance(value, list | tuple) else (value,):
        if each is not None and not (isinstance(each, str) and is_blank(each)):
            yield each


# --- One reader for each kind of field. Each gets at least one value that is not blank. -------------------------------


def _plain(value: object, clean: Callable[[str], str]) -> str | None:
    """Return a text or a number as text, or None for anything else."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if type(value) in {int, float} else None


def _texts(values: Iterable[object], clean: Callable[[str], str] = single_line) -> tuple[list[str], list[object]]:
    """Return the different texts among `values`, in order, and what is not text."""
    texts: dict[str, None] = {}
    others = []
    for value in values:
        if (text := _plain(value, clean)) is None:
            others.append(value)
        else:
            texts[text] = None
    return list(texts), others


def _text(asked: _Asked, values: list[object]) -> Read:
    """Read one line. If there are several, the last one counts."""
    texts, others = _texts(values)
    too_long = asked.field.max_length is not None and texts and len(texts[-1]) > asked.field.max_length
    if not texts or (too_long and not asked.field.required):
        return _unread(asked, values)
    return Read(texts[-1], (*texts[:-1], *others))


def _long_text(asked: _Asked, values: list[object]) -> Read:
    """Read several lines. If there are several texts, all of them count."""
    texts, others = _texts(values, multi_line)
    return Read("\n\n".join(texts), tuple(others)) if texts else _unread(asked, values)


def _yes_no(asked: _Asked, values: list[object]) -> Read:
    """Read yes or no. Yes wins: a form may send a "no" before or after its box, and the visitor cannot change that."""
    said = [_says(asked, value) for value in values]
    if set(said) == {None}:
        return _unread(asked, values, "yes_or_no")
    # Words beside a yes about a crisis matter most of all: "yes, I took pills".
    more = says_more if asked.field.name == "in_crisis" else lambda _value: False
    others = (value for value, meaning in zip(values, said, strict=True) if meaning is None or more(value))
    return Read(True in said, tuple(others))


def _says(asked: _Asked, value: object) -> bool | None:
    if asked.field.kind is Kind.CONSENT:
        return yes_or_no(value, cast("ConsentText", getattr(asked.clinic, asked.field.name)).text)
    label = words.FIELDS[asked.field.name].label
    match asked.field.name:
        case "patient_is_adult":
            return is_adult(value, asked.clinic.minimum_age)
        case "in_crisis":
            return is_in_crisis(value, label)
    return yes_or_no(value, label)


def _choice(asked: _Asked, values: list[object]) -> Read:
    return _one_of(values, words.FIELDS[asked.field.name].choices)


def _form(asked: _Asked, values: list[object]) -> Read:
    """Read which form it is. The consultation form, which is the first choice, is what a form is that says nothing."""
    found = _choice(asked, values)
    return found._replace(value=None) if found.value == asked.field.choices[0] else found


def _one_of(values: Iterable[object], known: Mapping[str, str]) -> Read:
    """Read one of the choices. If there are several, the last one counts, and staff see the others as well."""
    found: str | None = None
    others: list[object] = []
    for value in values:
        if (said := choice(value, known)) is None:
            others.append(value)
        elif said != found:
            others += [] if found is None else [found]
            found = said
    return Read(found, tuple(other for other in others if other != found))


def _several(asked: _Asked, values: list[object]) -> Read:
    """Read any number of the choices, in the order of the table, each once."""
    known = words.FIELDS[asked.field.name].choices
    found: set[str] = set()
    others: list[object] = []
    for value in values:
        if (said := choice(value, known)) is not None:
            found.add(said)
            continue
        parts = pieces(value) if isinstance(value, str) and len(others) < _MOST_UNREAD else []
        read_parts = {part: choice(part, known) for part in parts if not is_blank(part)}
        if any(read_parts.values()):
            found |= {said for said in read_parts.values() if said}
            others += [part.strip() for part, said in read_parts.items() if said is None]
        else:
            others.append(value)
    if len(found) > 1:
        found.discard(asked.field.alone or "")
    return Read(tuple(each for each in asked.field.choices if each in found) or None, tuple(others))


_MOST_UNREAD: Final = 50  # values that fit no choice; no person sends as many


def _email(asked: _Asked, values: list[object]) -> Read:
    """Read an address. If there are several, the last one that we can use counts."""
    texts, others = _texts(values)
    if not texts:
        return _unread(asked, values)
    usable = [text for text in texts if normalize_email(text)]
    found = (usable or texts)[-1]
    return Read(found, (*(text for text in texts if text != found), *others))


def _phone(asked: _Asked, values: list[object]) -> Read:
    """Read a number. If there are several, the last one that we can use counts. Extra words are kept for staff."""
    texts, others = _texts(values)
    if not texts:
        return _unread(asked, values)
    if any(len(text) > MAX_PHONE_LENGTH for text in texts):
        return Read(None, tuple(texts), "too_long")
    numbers = {text: _number(text, asked) for text in texts}
    usable = [text for text in texts if numbers[text].number]
    if not usable:
        return Read(None, tuple(texts), numbers[texts[-1]].problem)
    found = usable[-1]
    kept = [text for text in texts if text != found or numbers[text].kept]
    return Read(numbers[found].number, (*kept, *others))


def _number(text: str, asked: _Asked) -> PhoneRead:
    found = read_phone(text, asked.time_zone)
    if found.problem != "phone_country" or not asked.in_crisis:
        return found
    # It may be a number of two countries. Staff can try, and a person in crisis should not have to explain.
    return read_phone(text, None)._replace(kept=True)


def _place(asked: _Asked, values: list[object]) -> Read:
    return _one_of(values, asked.clinic.place_names)


def _time_zone(values: Iterable[object]) -> Read:
    """Read a time zone: its name, or the words that our form has for it. A browser may know more zones than we do."""
    found, others = None, []
    for value in values:
        if (zone := _zone(value)) is not None:
            found = zone
        else:
            others.append(value)
    return Read(found, tuple(others))


def _zone(value: object) -> str | None:
    name = single_line(value) if isinstance(value, str) and len(value) <= _MAX_READ else ""
    # Check the pattern first: ZoneInfo opens a file by this name.
    if re.fullmatch(r"[A-Za-z][A-Za-z0-9_+-]{0,31}(?:/[A-Za-z0-9_+-]{1,31}){0,2}", name, re.ASCII):
        with suppress(KeyError, ValueError, OSError):
            return ZoneInfo(name).key
    return choice(re.sub(r"(?i) time$", "", name), words.TIME_ZONES)


def _unread(asked: _Asked, values: list[object], problem: str = "text") -> Read:
    """Ask again for what is needed. Keep the rest as said."""
    needed = asked.field.required or asked.field.kind in _NEEDED
    return Read(None, tuple(values), problem if needed else None)


# The visitor typed these and can correct them, and one of them is how staff reach the person.
_NEEDED: Final = (Kind.EMAIL, Kind.PHONE, Kind.LONG_TEXT)


# The visitor did not type the values below and cannot change them. They are cut or ignored, never an error.


def _last(read_one: Callable[[Field, object], object]) -> Callable[[_Asked, list[object]], Read]:
    return lambda asked, values: Read(read_one(asked.field, values[-1]))


def _submission_id(_asked: _Asked, values: list[object]) -> Read:
    # At least 16 characters: a form with "1" or "contact" as a fixed id would turn away its second visitor.
    last = single_line(values[-1]) if isinstance(values[-1], str) else ""
    known = re.fullmatch(r"[A-Za-z0-9_-]{16,64}", last, re.ASCII)
    return Read(last) if known else Read(None, (values[-1],))


def _address(_asked: _Asked, values: list[object]) -> Read:
    """Read an address. Some forms have a field "referrer" for "Dr. Sample sent me", or "page" for a number."""
    last = values[-1]
    if not isinstance(last, str):
        return Read()
    found = origin_and_path(last.strip())
    typed = found is None and ":" not in last
    return Read(found, (last,) if typed else ())


def _campaign(field: Field, value: object) -> str | None:
    text = single_line(value[:_MAX_READ])[: field.max_length].strip() if isinstance(value, str) else ""
    return None if is_blank(text) else text


def _line(_field: Field, value: object) -> str | None:
    return single_line(value) if isinstance(value, str) else None


def _milliseconds(_field: Field, value: object) -> int | None:
    if isinstance(value, str) and re.fullmatch(r"[0-9]{13}", value.strip(), re.ASCII):
        return int(value)
    return value if type(value) is int and 10**12 <= value < 10**13 else None


def _token(_field: Field, value: object) -> str | None:
    known = isinstance(value, str) and re.fullmatch(rf"[\w.-]{{1,{MAX_TOKEN_LENGTH}}}", value, re.ASCII)
    return str(value) if known else None


READERS: Final[dict[Kind, Callable[[_Asked, list[Any]], Read]]] = {
    Kind.TEXT: _text,
    Kind.LONG_TEXT: _long_text,
    Kind.YES_NO: _yes_no,
    Kind.CONSENT: _yes_no,
    Kind.CHOICE: _choice,
    Kind.FORM: _form,
    Kind.SEVERAL: _several,
    Kind.EMAIL: _email,
    Kind.PHONE: _phone,
    Kind.PLACE: _place,
    Kind.TIME_ZONE: lambda _asked, values: _time_zone(values),
    Kind.ADDRESS: _address,
    Kind.CAMPAIGN: _last(_campaign),
    Kind.SUBMISSION_ID: _submission_id,
    Kind.LINE: _last(_line),
    Kind.TRAP: lambda _asked, values: Read(any(values)),
    Kind.CLOCK: _last(_milliseconds),
    Kind.TOKEN: _last(_token),
}
