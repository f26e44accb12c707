"""Reads what a form sent: one value for each field that we know, and the rest as it was said.

It forgives what a visitor cannot change: labels for values, a list for one value, a hidden "no" before a box, fields
that we do not have. A field that is needed is asked for again. An optional answer never costs the request: what we
cannot read is kept as said.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, NamedTuple, cast
from zoneinfo import ZoneInfo

from shared.leads.choices import choices_of, labels_of
from shared.leads.clinic import Clinic, ConsentText
from shared.leads.contact import MAX_PHONE_LENGTH, PhoneRead, normalize_email, read_phone
from shared.leads.fields import CONSENTS, FIELDS, MAX_TOKEN_LENGTH, NAMES, Field, Kind
from shared.leads.lead import Answer
from shared.text import LANGUAGES, Text, language_of
from shared.text import text as words
from submit.clean import is_blank, multi_line, single_line
from submit.saying import choice, folded, is_adult, is_in_crisis, pieces, plainly, says_more, yes_or_no
from submit.web_address import origin_and_path

_YES_NO_FIELDS: Final = frozenset(name for name, field in FIELDS.items() if field.kind in {Kind.YES_NO, Kind.CONSENT})
_CONSENTS: Final = frozenset(field.name for field in CONSENTS)
_MAX_READ: Final = 1_000  # how many characters we read of a text that is cut anyway


class Read(NamedTuple):
    """The value of one field, or None; what was sent besides it; and the problem, a key of text/en/problems.py."""

    value: object = None
    others: tuple[object, ...] = ()
    problem: str | None = None


@dataclass(slots=True)
class Reading:
    """What a form sent. All of it is by the name that a form sends. `own` answers the clinic's own questions."""

    values: dict[str, object] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    others: list[tuple[str, object]] = field(default_factory=list)  # names and values that fit no field
    own: dict[str, Answer] = field(default_factory=dict)
    consent_languages: dict[str, str] = field(default_factory=dict)  # of consents whose text was sent


class _Around(NamedTuple):
    """What a field's reader may need to know besides its values."""

    clinic: Clinic
    time_zone: Read
    in_crisis: bool


def read(sent: Mapping[str, object], clinic: Clinic) -> Reading:
    """Return what `sent` says. Its values are text, numbers, booleans, null, or lists of these; JSON may have more.

    A value that is empty to a reader counts as not sent.
    """
    reading = Reading()
    own = {question.id: question.field for question in clinic.questions}
    unknown: list[tuple[str, object]] = []
    known: dict[str, list[object]] = {}
    for name, value in sent.items():
        if not (values := _said(value)):
            continue
        if (known_name := NAMES.get(name) or _own_name(name, own)) is None:
            unknown.append((name, value))
        elif known_name in known:
            known[known_name] += values
        else:
            known[known_name] = values
    around = _Around(clinic, _time_zone(known.get("time_zone", [])), says_in_crisis(sent))
    for known_name, values in known.items():
        field = FIELDS.get(known_name) or own[known_name]
        reader = _READER_OF.get(known_name) or READERS[field.kind]
        found, name = reader(field, values, around), field.sent_as or known_name
        if found.others:
            reading.others += [(name, other) for other in found.others]
        if found.problem is not None:
            reading.problems[name] = found.problem
        elif known_name in own:
            _keep_own(reading, field, found.value)
        elif found.value is not None:
            reading.values[name] = found.value
    reading.consent_languages = {
        name: language
        for name in _CONSENTS & known.keys()
        if (language := _language_of_consent(name, known[name], clinic))
    }
    reading.others += unknown
    return reading


def _own_name(name: str, own: Mapping[str, Field]) -> str | None:
    """Return the id of the clinic's own question that a form names, perhaps with brackets."""
    if not own:
        return None
    bare = name.partition("[")[0]
    return bare if bare in own and (bare == name or re.fullmatch(r"\[[0-9]*\]", name[len(bare) :])) else None


def _keep_own(reading: Reading, field: Field, value: object) -> None:
    if isinstance(value, str) and field.max_length is not None and len(value) > field.max_length:
        reading.problems[field.name] = "too_long"
        reading.others.append((field.name, value))  # for a person in crisis, whose request is taken as it is
    elif value is not None:
        reading.own[field.name] = cast("Answer", value)


def says_in_crisis(sent: Mapping[str, object]) -> bool:
    """Return whether the person says they are in crisis now, even if other fields are wrong."""
    values = _said(sent.get("in_crisis"))
    if len(values) == 1 and (plain := plainly(values[0])) is not None:  # the usual case
        return plain
    return any(_in_any_language(partial(_says_crisis, value)) for value in values)


def said_language(value: object) -> str | None:
    """Return the language that a form says it is in, or None."""
    return next((found for each in reversed(_said(value)) if (found := language_of(each))), None)


def as_read(sent: Mapping[str, object], clinic: Clinic) -> dict[str, object]:
    """Return `sent` with "yes" or "no" for what says so in other words, so that a page can show it in its boxes.

    A label of the clinic's own choices becomes the choice. Otherwise a page would send both what was sent and what the
    visitor changes, and yes would win.
    """
    shown: dict[str, Any] = dict(sent)
    own = {question.id: question.field for question in clinic.questions}
    for name in sent.keys() & (own.keys() | clinic.choices.keys()):
        field = own.get(name) or FIELDS[name]
        shown[name] = [_choice_in(field, value, clinic) or value for value in _said(sent[name])]
    yes_or_no_fields = {name for name, field in own.items() if field.kind is Kind.YES_NO} | _YES_NO_FIELDS
    for name in sent.keys() & yes_or_no_fields:
        field = own.get(name) or FIELDS[name]
        said = [(value, _says(field, value, clinic)) for value in _said(sent[name])]
        answer = _answer(said)
        shown[name] = [value for value, meaning in said if meaning is None]
        shown[name] += [] if answer is None else ["yes" if answer else "no"]
    return shown


def _said(value: object) -> list[object]:
    """Return the values in `value` that a reader would see."""
    if isinstance(value, str):  # the usual case
        return [] if is_blank(value) else [value]
    several = value if isinstance(value, list | tuple) else (value,)
    return [each for each in several if each is not None and not (isinstance(each, str) and is_blank(each))]


# --- One reader for each kind of field. Each gets at least one value that is not blank. -------------------------------


def _plain(value: object, clean: Callable[[str], str]) -> str | None:
    """Return a text or a number as text, or None for anything else."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if type(value) in {int, float} else None


def _texts(values: list[object], clean: Callable[[str], str] = single_line) -> tuple[list[str], list[object]]:
    """Return the different texts among `values`, in order, and what is not text."""
    if len(values) == 1 and isinstance(values[0], str):  # the usual case
        return [clean(values[0])], []
    texts: dict[str, None] = {}
    others = []
    for value in values:
        if (text := _plain(value, clean)) is None:
            others.append(value)
        else:
            texts[text] = None
    return list(texts), others


def _text(field: Field, values: list[object], _around: _Around) -> Read:
    """Read one line. If there are several, the last one counts."""
    texts, others = _texts(values)
    too_long = field.max_length is not None and texts and len(texts[-1]) > field.max_length
    if not texts or (too_long and not field.required):
        return _unread(field, values)
    return Read(texts[-1], (*texts[:-1], *others))


def _long_text(field: Field, values: list[object], _around: _Around) -> Read:
    """Read several lines. If there are several texts, all of them count."""
    texts, others = _texts(values, multi_line)
    return Read("\n\n".join(texts), tuple(others)) if texts else _unread(field, values)


def _yes_no(field: Field, values: list[object], around: _Around) -> Read:
    """Read yes or no. Yes wins: a form may send a "no" before or after its box, and the visitor cannot change that."""
    if len(values) == 1 and (plain := plainly(values[0])) is not None:
        return Read(plain)
    said = [(value, _says(field, value, around.clinic)) for value in values]
    if (answer := _answer(said)) is None:
        return _unread(field, values, "yes_or_no")
    # Words beside a yes about a crisis matter most of all: "yes, I took pills".
    words_count = field.name == "in_crisis"
    others = (value for value, meaning in said if meaning is None or (words_count and says_more(value)))
    return Read(answer, tuple(others))


def _answer(said: list[tuple[object, bool | None]]) -> bool | None:
    """Return the answer in values and their meanings, or None if none of them is clear."""
    meanings = {meaning for _, meaning in said}
    return True if True in meanings else False if False in meanings else None


def _says(field: Field, value: object, clinic: Clinic) -> bool | None:
    if field.kind is Kind.CONSENT:
        agreed = cast("ConsentText", getattr(clinic, field.name)).text
        return next((said for each in agreed.all if (said := yes_or_no(value, each)) is not None), None)
    if field.name not in FIELDS:
        return yes_or_no(value)
    match field.name:
        case "patient_is_adult":
            return is_adult(value, clinic.minimum_age)
        case "in_crisis":
            return _in_any_language(partial(_says_crisis, value))
    return _in_any_language(lambda language: yes_or_no(value, language.fields.FIELDS[field.name].label))


def _language_of_consent(name: str, values: list[object], clinic: Clinic) -> str | None:
    """Return the language whose text was sent as the value of a box, if it is the text of one language only."""
    if len(values) == 1 and plainly(values[0]) is not None:
        return None  # the usual case
    said = {folded(value) for value in values if isinstance(value, str)}
    texts = cast("ConsentText", getattr(clinic, name)).text.texts
    found = [code for code, text in texts if folded(text) in said]
    return found[0] if len(found) == 1 else None


def _says_crisis(value: object, language: Text) -> bool | None:
    return is_in_crisis(value, language.fields.FIELDS["in_crisis"].label)


def _in_any_language[T](read_one: Callable[[Text], T | None]) -> T | None:
    """Return what `read_one` understands in the first language in which it does.

    A site's own form may send labels of another language than its own. Values of our forms are the same in all
    languages, so they need no other language than the first, which is loaded.
    """
    return next((found for code in LANGUAGES if (found := read_one(words(code))) is not None), None)


def _choice(field: Field, values: list[object], around: _Around) -> Read:
    if len(values) == 1 and values[0] in choices_of(field, around.clinic):  # the usual case
        return Read(values[0])
    return _one_of(values, lambda value: _choice_in(field, value, around.clinic))


def _choice_in(field: Field, value: object, clinic: Clinic) -> str | None:
    """Return the choice that a value names. The clinic's own choices have labels in its languages."""
    if isinstance(value, str) and (bare := value.strip()) in choices_of(field, clinic):  # the usual case
        return bare
    return _in_any_language(lambda language: choice(value, labels_of(field, clinic, language)))


def _form(field: Field, values: list[object], around: _Around) -> Read:
    """Read which form it is. The consultation form, which is the first choice, is what a form is that says nothing."""
    found = _choice(field, values, around)
    return found._replace(value=None) if found.value == field.choices[0] else found


def _one_of(values: list[object], read_one: Callable[[object], str | None]) -> Read:
    """Read one of the choices. If there are several, the last one counts, and staff see the others as well."""
    found: str | None = None
    others: list[object] = []
    for value in values:
        if (said := read_one(value)) is None:
            others.append(value)
        elif said != found:
            others += [] if found is None else [found]
            found = said
    return Read(found, tuple(other for other in others if other != found))


def _several(field: Field, values: list[object], around: _Around) -> Read:
    """Read any number of the choices, in the order of the table, each once."""
    found: set[str] = set()
    others: list[object] = []
    for value in values:
        if (said := _choice_in(field, value, around.clinic)) is not None:
            found.add(said)
            continue
        parts = pieces(value) if isinstance(value, str) and len(others) < _MOST_UNREAD else []
        read_parts = {part: _choice_in(field, part, around.clinic) for part in parts if not is_blank(part)}
        if any(read_parts.values()):
            found |= {said for said in read_parts.values() if said}
            others += [part.strip() for part, said in read_parts.items() if said is None]
        else:
            others.append(value)
    if len(found) > 1:
        found.discard(field.alone or "")
    return Read(tuple(each for each in choices_of(field, around.clinic) if each in found) or None, tuple(others))


_MOST_UNREAD: Final = 50  # values that fit no choice; no person sends as many


def _email(field: Field, values: list[object], _around: _Around) -> Read:
    """Read an address. If there are several, the last one that we can use counts."""
    texts, others = _texts(values)
    if not texts:
        return _unread(field, values)
    usable = [text for text in texts if normalize_email(text)] if len(texts) > 1 else texts
    found = (usable or texts)[-1]
    return Read(found, (*(text for text in texts if text != found), *others))


def _phone(field: Field, values: list[object], around: _Around) -> Read:
    """Read a number. If there are several, the last one that we can use counts. Extra words are kept for staff."""
    texts, others = _texts(values)
    if not texts:
        return _unread(field, values)
    if any(len(text) > MAX_PHONE_LENGTH for text in texts):
        return Read(None, tuple(texts), "too_long")
    numbers = {text: _number(text, around) for text in texts}
    usable = [text for text in texts if numbers[text].number]
    if not usable:
        return Read(None, tuple(texts), numbers[texts[-1]].problem)
    found = usable[-1]
    kept = [text for text in texts if text != found or numbers[text].kept]
    return Read(numbers[found].number, (*kept, *others))


def _number(text: str, around: _Around) -> PhoneRead:
    found = read_phone(text, cast("str | None", around.time_zone.value))
    if found.problem != "phone_country" or not around.in_crisis:
        return found
    # It may be a number of two countries. Staff can try, and a person in crisis should not have to explain.
    return read_phone(text, None)._replace(kept=True)


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
    named = re.sub(r"(?i) time$", "", name)
    return _in_any_language(lambda language: choice(named, language.fields.TIME_ZONES))


def _unread(field: Field, values: list[object], problem: str = "text") -> Read:
    """Ask again for what is needed. Keep the rest as said."""
    needed = field.required or field.kind in _NEEDED
    return Read(None, tuple(values), problem if needed else None)


# The visitor typed these and can correct them, and one of them is how staff reach the person.
_NEEDED: Final = (Kind.EMAIL, Kind.PHONE, Kind.LONG_TEXT)


# The visitor did not type the values below and cannot change them. They are cut or ignored, never an error.


def _last(read_one: Callable[[Field, object], object]) -> Callable[[Field, list[object], _Around], Read]:
    return lambda field, values, _around: Read(read_one(field, values[-1]))


def _submission_id(_field: Field, values: list[object], _around: _Around) -> Read:
    # At least 16 characters: a form with "1" or "contact" as a fixed id would turn away its second visitor.
    last = single_line(values[-1]) if isinstance(values[-1], str) else ""
    known = re.fullmatch(r"[A-Za-z0-9_-]{16,64}", last, re.ASCII)
    return Read(last) if known else Read(None, (values[-1],))


def _address(_field: Field, values: list[object], _around: _Around) -> Read:
    """Read an address. Some forms have a field "referrer" for "Dr. Sample sent me", or "page" for a number."""
    last = values[-1]
    if not isinstance(last, str):
        return Read()
    found = origin_and_path(last.strip())
    typed = found is None and ":" not in last
    return Read(found, (last,) if typed else ())


def _language(_field: Field, values: list[object], _around: _Around) -> Read:
    """Read the language of the form. If there are several, the last one that we have counts. Staff see the others."""
    return Read(said_language(values), tuple(value for value in values if language_of(value) is None))


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


READERS: Final[dict[Kind, Callable[[Field, list[Any], _Around], Read]]] = {
    Kind.TEXT: _text,
    Kind.LONG_TEXT: _long_text,
    Kind.YES_NO: _yes_no,
    Kind.CONSENT: _yes_no,
    Kind.CHOICE: _choice,
    Kind.FORM: _form,
    Kind.SEVERAL: _several,
    Kind.EMAIL: _email,
    Kind.PHONE: _phone,
    Kind.PLACE: _choice,
    Kind.TIME_ZONE: lambda _field, _values, around: around.time_zone,
    Kind.ADDRESS: _address,
    Kind.CAMPAIGN: _last(_campaign),
    Kind.LANGUAGE: _language,
    Kind.SUBMISSION_ID: _submission_id,
    Kind.LINE: _last(_line),
    Kind.TRAP: lambda _field, values, _around: Read(any(values)),
    Kind.CLOCK: _last(_milliseconds),
    Kind.TOKEN: _last(_token),
}
_READER_OF: Final = {name: READERS[field.kind] for name, field in FIELDS.items()}
