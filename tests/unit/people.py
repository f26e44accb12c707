"""Made-up people and the clinic they write to. Addresses at example.com, numbers from 555-01xx."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from hypothesis import strategies as st

from shared.leads.clinic import Clinic, ConsentText, Place
from shared.leads.fields import FIELDS, Field, Kind
from shared.leads.identity import LeadIds
from shared.leads.lead import Lead
from shared.leads.localized import Localized
from shared.text import text
from submit.new_lead import new_lead
from submit.request import parse_request
from tests.unit import choices
from tests.unit.words import any_text, json_values

NOW = datetime(2026, 3, 4, 15, 30, tzinfo=UTC)  # 10:30 AM in New York
HELP_PHONE = "(202) 555-0143"  # the clinic's own number, as every page shows it


def everywhere(text: str) -> Localized:
    """Return a text that is the same in every language."""
    return Localized((("", text),))


CLINIC = Clinic(
    name="Riverbend Ketamine Clinic",
    time_zone="America/New_York",
    minimum_age=18,
    places=(
        Place(id="downtown", name=everywhere("Downtown, 12 Example Street")),
        Place(id="riverside", name=everywhere("Riverside, 340 Sample Avenue")),
    ),
    opening_hours=(
        ("09:00-17:00",),
        ("09:00-17:00",),
        ("09:00-17:00",),
        ("09:00-12:30", "13:30-17:00"),
        ("09:00-17:00",),
        (),
        (),
    ),
    closed_on=frozenset({date(2026, 11, 26), date(2026, 12, 25)}),
    consent_contact=ConsentText(version="2026-01-02", text=everywhere("You may contact me about this request.")),
    consent_texts=ConsentText(
        version="2026-01-03", text=everywhere("You may text me about this request. Rates may apply.")
    ),
    consent_email_news=ConsentText(version="2026-01-04", text=everywhere("You may email me news from the clinic.")),
)
PLACES: Final = {place.id: place.name.for_staff for place in CLINIC.places}
ENGLISH: Final = text("en")
SPANISH: Final = text("es")
ID_KEY = "made-up-key-of-a-stack-0123456789abcdef"
IDS = LeadIds(ID_KEY)
SUBMISSION_ID = "made-up-submission-0001"
SECONDS_TO_FILL = 95
# Enough signs of spam to quarantine a lead: its attributes, and what its form has.
SPAM: Final[dict[str, Any]] = {"trap_filled": True, "seconds_to_fill": 1}
SPAM_FORM: Final[dict[str, object]] = {"leave_empty": "https://example.com", "message": "https://spam.example"}

# Everything a form can send: the visitor's values, then the context. There are three exceptions: the trap is empty, no
# challenge was solved, and no thank-you page is asked for.
FORM: Final[dict[str, object]] = {
    "name": "Robin Example",
    "asking_for": "family_or_friend",
    "patient_is_adult": "yes",
    "email": "robin@example.com",
    "phone": "(202) 555-0147",
    "preferred_contact": "phone",
    "best_time": "morning",
    "time_zone": "America/Chicago",
    "voicemail_ok": "yes",
    "discreet": "yes",
    "call_me": "Sam Sample",
    "location": "downtown",
    "interest": "depression",
    "symptoms": ["low_mood", "insomnia"],
    "message": "I would like to know more.",
    "treatments_tried": "two_or_more",
    "health_notes": ["pregnant_or_nursing", "discuss_on_call"],
    "in_crisis": "no",
    "consent_contact": "on",
    "consent_texts": "on",
    "consent_email_news": "on",
    "page": "https://www.clinic.example/request",
    "referrer": "https://search.example/",
    "utm_source": "newsletter",
    "utm_medium": "email",
    "utm_campaign": "spring",
    "utm_term": "ketamine clinic",
    "utm_content": "blue button",
    "submission_id": SUBMISSION_ID,
    "rendered_at": str(int((NOW - timedelta(seconds=SECONDS_TO_FILL)).timestamp() * 1000)),
}

# A value for a field that is not in FORM, because it was added to the table later.
_EXAMPLES: Final[dict[Kind, Callable[[Field], object]]] = {
    Kind.TEXT: lambda field: f"Made up for {field.name}",
    Kind.LONG_TEXT: lambda field: f"Made up\nfor {field.name}",
    Kind.YES_NO: lambda _field: "yes",
    Kind.CHOICE: lambda field: field.choices[-1],
    Kind.FORM: lambda field: field.choices[-1],
    Kind.SEVERAL: lambda field: list(field.choices),
    Kind.LANGUAGE: lambda _field: "es",
    Kind.TOKEN: lambda _field: "made-up-token",
}

# The smallest form that is accepted.
MINIMAL: Final[dict[str, object]] = {
    "name": "Robin Example",
    "patient_is_adult": "yes",
    "email": "robin@example.com",
    "consent_contact": "on",
}


def form(**changes: object) -> dict[str, object]:
    """Return a complete form with `changes`. None leaves a field out."""
    return {name: value for name, value in (FORM | changes).items() if value is not None}


def a_lead(number: int = 0, **changes: Any) -> Lead:  # noqa: ANN401 - any attribute of a lead
    """Return the lead of a complete form. Another `number` is another person's."""
    request = parse_request(form(submission_id=f"made-up-submission-{number:04}"), CLINIC, ENGLISH)
    return but(new_lead(request, NOW, CLINIC, IDS), **changes)


def full_form() -> dict[str, object]:
    """Return a form with every field filled in, except the trap and the address of a thank-you page."""
    unknown = [field for field in FIELDS.values() if field.wire_name not in FORM and field.kind in _EXAMPLES]
    return FORM | {field.wire_name: _EXAMPLES[field.kind](field) for field in unknown}


def a_full_lead(**changes: Any) -> Lead:  # noqa: ANN401 - any attribute of a lead, any answer
    """Return the lead of a form in which every field is filled in."""
    return but(new_lead(parse_request(full_form(), CLINIC, ENGLISH), NOW, CLINIC, IDS), **changes)


def but(lead: Lead, **changes: Any) -> Lead:  # noqa: ANN401 - any attribute of a lead, any answer
    """Return `lead` with `changes`. An answer that is None or () was not given."""
    answers = {name: changes.pop(name) for name in list(changes) if name in FIELDS}
    kept = {
        name: answer for name, answer in ({**lead.answers, **answers}).items() if answer is not None and answer != ()
    }
    return replace(lead, answers=kept, **changes)


def _chosen(known: choices.Choices) -> st.SearchStrategy[object]:
    return st.sampled_from(["", *known, *(f" {choice}\n" for choice in known)])


def _several(known: choices.Choices) -> st.SearchStrategy[object]:
    return st.one_of(_chosen(known), st.lists(_chosen(known), max_size=4))


def _reachable(fields: dict[str, object]) -> dict[str, object]:
    """Leave out the preferred way of contact if the form could not be accepted with it."""
    wish = str(fields.get("preferred_contact", "")).strip()
    possible = {
        "": True,
        "email": True,
        "phone": "phone" in fields,
        "text": "phone" in fields and fields.get("consent_texts") == "on",
    }
    return {name: value for name, value in fields.items() if name != "preferred_contact" or possible[wish]}


_NAMES = any_text.map(lambda text: f"x{text[:30]}")  # a character can become three in NFC
_TICKS = st.sampled_from([True, "yes", "on", "1", " TRUE "])
_YES_OR_NO = st.sampled_from([True, False, "on", "off", "yes", "no", "", None])
_ANYTHING = st.one_of(any_text, json_values)
_ADDRESSES = st.sampled_from(["https://www.clinic.example/request?gclid=x", "HTTPS://x", "javascript:x", "x" * 5_000])
_OF_A_KIND: Final[dict[Kind, Callable[[Field], st.SearchStrategy[object]]]] = {
    Kind.TEXT: lambda _field: _NAMES,
    Kind.LONG_TEXT: lambda _field: any_text,
    Kind.YES_NO: lambda _field: _YES_OR_NO,
    Kind.CHOICE: lambda field: _chosen(choices.ALL[field.name]),
    Kind.SEVERAL: lambda field: _several(choices.ALL[field.name]),
}
# Forms that a clinic accepts, in all their variety.
forms: st.SearchStrategy[dict[str, object]] = st.fixed_dictionaries(
    {
        "name": _NAMES,
        "patient_is_adult": _TICKS,
        "email": st.sampled_from(["robin@example.com", " Sam.Sample+x@EXAMPLE.com "]),
        "consent_contact": _TICKS,
    },
    optional={
        **{
            name: _OF_A_KIND[field.kind](field)
            for name, field in FIELDS.items()
            if field.kind in _OF_A_KIND and not field.required
        },
        "phone": st.sampled_from(["(202) 555-0147", "202.555.0199 x12", "+44 20 7946 0018"]),
        "time_zone": st.sampled_from(["America/Chicago", " Pacific/Honolulu", "UTC", ""]),
        "location": st.sampled_from(["downtown", " riverside ", ""]),
        "consent_texts": _YES_OR_NO,
        "consent_email_news": _YES_OR_NO,
        "page": st.one_of(_ADDRESSES, _ANYTHING),
        "referrer": st.one_of(_ADDRESSES, _ANYTHING),
        **dict.fromkeys(["utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content"], _ANYTHING),
        "submission_id": st.from_regex(r"[A-Za-z0-9_-]{16,64}", fullmatch=True),
        "thank_you_page": _ANYTHING,
        "leave_empty": _ANYTHING,
        "rendered_at": st.one_of(_ANYTHING, st.integers(10**12, 10**13 - 1), st.just(FORM["rendered_at"])),
        "cf-turnstile-response": st.one_of(_ANYTHING, st.from_regex(r"[A-Za-z0-9._-]{1,60}", fullmatch=True)),
    },
).map(_reachable)
