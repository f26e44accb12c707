"""shared.leads.lead: what the clinic stores of a request."""

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.leads.clinic import Clinic, ConsentText
from shared.leads.fields import CONTEXT
from shared.leads.identity import REFERENCE_PATTERN
from shared.leads.lead import OWN_CHOICES, Answer, Consent, Lead, Priority
from submit.new_lead import new_lead
from submit.request import parse_request
from tests.unit.people import (
    CLINIC,
    ENGLISH,
    FORM,
    IDS,
    MINIMAL,
    NOW,
    SECONDS_TO_FILL,
    a_lead,
    everywhere,
    form,
    forms,
)
from tools.package.clinic_file import _FieldChoices

TOKEN = "cf-turnstile-response"


def lead_of(fields: dict[str, object], at: datetime = NOW, clinic: Clinic = CLINIC) -> Lead:
    return new_lead(parse_request(fields, clinic, ENGLISH), at, clinic, IDS)


@given(fields=forms)
def test_a_lead_holds_all_that_the_person_said_and_where(fields: dict[str, object]) -> None:
    request = parse_request(fields, CLINIC, ENGLISH)
    lead = new_lead(request, NOW, CLINIC, IDS)
    consents = {"consent_contact", "consent_texts", "consent_email_news"}
    # The lead does not store that the person is an adult, because minors have no leads.
    said = {
        name: value
        for name, value in request.content().items()
        if name not in {*consents, "patient_is_adult", "also sent"}
    }
    assert {name: lead.answers[name] for name in said} == said
    assert {name: lead.answers.get(name) for name in CONTEXT} == {name: getattr(request, name) for name in CONTEXT}
    assert {consent.kind for consent in lead.consents} == {name for name in consents if getattr(request, name)}
    assert lead.received_at == NOW
    assert lead.trap_filled is request.leave_empty
    assert lead.turnstile_token == request.model_dump()["turnstile_token"]
    assert REFERENCE_PATTERN.fullmatch(lead.reference)


def test_what_the_person_did_not_say_is_not_there() -> None:
    lead = lead_of(MINIMAL)
    bare = Lead(
        id=lead.id,
        received_at=NOW,
        fingerprint=lead.fingerprint,
        answers={"name": "Robin Example", "email": "robin@example.com"},
        consents=lead.consents,
    )
    assert lead == bare


# One lead, sent twice


def test_the_same_words_typed_differently_have_one_fingerprint() -> None:
    typed = form(
        name=" Robin  Example",
        email="robin@EXAMPLE.com",
        phone="+1 202 555 0147",
        symptoms=["insomnia", "low_mood", "", "insomnia"],
        consent_contact=True,
        in_crisis="off",
    )
    assert lead_of(typed).fingerprint == lead_of(form()).fingerprint


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Sam"},
        {"email": None},
        {"phone": "202-555-0199"},
        {"best_time": "any"},
        {"message": None},
        {"symptoms": "insomnia"},
        {"health_notes": None},
        {"in_crisis": "yes"},
        {"in_crisis": None},
        {"consent_texts": None},
        {"consent_texts": "off"},
        {"location": "riverside"},
    ],
)
def test_other_words_have_another_fingerprint_under_the_same_id(change: dict[str, object]) -> None:
    first, second = (lead_of(fields) for fields in (form(), form(**change)))
    assert first.id == second.id
    assert first.fingerprint != second.fingerprint


AROUND = [
    {"page": "https://www.clinic.example/elsewhere"},
    *({name: None} for name in sorted(CONTEXT)),
    {"thank_you_page": "https://www.clinic.example/thanks"},
]
SIGNS = [
    {"rendered_at": "1772638109999"},
    {"rendered_at": None},
    {TOKEN: "another-token"},
    {TOKEN: None},
    {"leave_empty": "https://shop.example/"},
]
SENT_WITH = ["made-up-submission-0001", None]


@pytest.mark.parametrize("submission_id", SENT_WITH)
@pytest.mark.parametrize("change", AROUND)
def test_the_same_words_from_another_page_are_the_same_lead(
    change: dict[str, object], submission_id: str | None
) -> None:
    first, again = (
        lead_of(form(submission_id=submission_id, **{TOKEN: "a-token"} | changes)) for changes in ({}, change)
    )
    assert again.fingerprint == first.fingerprint
    assert again.id == first.id


@pytest.mark.parametrize("submission_id", SENT_WITH)
@pytest.mark.parametrize("change", SIGNS)
def test_the_same_words_with_another_sign_of_spam_are_another_lead(
    change: dict[str, object], submission_id: str | None
) -> None:
    # Nobody can send them first and so put the person's own request into quarantine.
    first, copy = (
        lead_of(form(submission_id=submission_id, **{TOKEN: "a-token"} | changes)) for changes in ({}, change)
    )
    assert copy.fingerprint == first.fingerprint
    assert copy.id != first.id


def test_the_submission_id_is_no_part_of_what_was_said() -> None:
    first, second = (lead_of(form(submission_id=one)) for one in ("made-up-submission-0001", None))
    assert first.fingerprint == second.fingerprint
    assert first.id != second.id


def test_a_lead_received_again_another_day_is_the_same_lead() -> None:
    assert lead_of(form()).id == lead_of(form(), NOW + timedelta(days=40)).id


# Consent


def test_each_consent_has_its_words_and_the_lead_its_time_and_its_page() -> None:
    page = "https://www.clinic.example/request"
    texts = {
        "consent_contact": CLINIC.consent_contact,
        "consent_texts": CLINIC.consent_texts,
        "consent_email_news": CLINIC.consent_email_news,
    }
    lead = lead_of(form(page=f"{page}?gclid=x"))
    assert (lead.received_at, lead.page) == (NOW, page)
    assert lead.consents == tuple(
        Consent(
            kind=kind,
            version=wording.version,
            text_hash=hashlib.sha256(wording.text.for_staff.encode()).hexdigest()[:16],
        )
        for kind, wording in texts.items()
    )


@pytest.mark.parametrize("no", [None, "off", False, "no", ""])
def test_only_the_consents_that_were_given_are_recorded(no: object) -> None:
    refused: dict[str, object] = {"consent_texts": no, "consent_email_news": no}
    assert [consent.kind for consent in lead_of(FORM | refused).consents] == ["consent_contact"]
    assert [consent.kind for consent in lead_of(FORM | {"consent_texts": no}).consents] == [
        "consent_contact",
        "consent_email_news",
    ]


def test_other_words_under_the_same_version_have_another_hash() -> None:
    version = CLINIC.consent_texts.version
    changed = replace(CLINIC, consent_texts=ConsentText(version=version, text=everywhere("Text me all you like.")))
    before, after = (lead_of(form(), clinic=clinic).consents for clinic in (CLINIC, changed))
    assert [first.version for first in before] == [second.version for second in after]
    assert [first.kind for first, second in zip(before, after, strict=True) if first.text_hash != second.text_hash] == [
        "consent_texts"
    ]


# The time it took


def shown(before: timedelta) -> str:
    return str(int((NOW - before).timestamp() * 1000))


@pytest.mark.parametrize(
    ("before", "seconds"),
    [
        (timedelta(seconds=95), 95),
        (timedelta(0), 0),
        (timedelta(milliseconds=999), 0),
        (timedelta(seconds=2, milliseconds=1), 2),
        (timedelta(days=1), 86_400),
        (timedelta(days=1, seconds=1), None),
        (timedelta(days=400), None),
        (timedelta(milliseconds=-500), None),  # a clock ahead of our own, not a form filled in within seconds
        (timedelta(seconds=-1), None),
        (timedelta(days=-400), None),
    ],
)
def test_the_time_to_fill_in_the_form_is_kept_where_it_makes_sense(before: timedelta, seconds: int | None) -> None:
    assert lead_of(form(rendered_at=shown(before))).seconds_to_fill == seconds


@pytest.mark.parametrize("sent", [None, "", "now", "1772638105", "0000000000000", "9999999999999", 12, True])
def test_a_clock_that_makes_no_sense_says_nothing(sent: object) -> None:
    assert lead_of(form(rendered_at=sent)).seconds_to_fill is None


@given(rendered_at=st.integers(0, 10**13 - 1))
def test_no_clock_gives_a_time_below_nothing_or_above_a_day(rendered_at: int) -> None:
    seconds = lead_of(form(rendered_at=f"{rendered_at:013}")).seconds_to_fill
    assert seconds is None or 0 <= seconds <= 86_400


def test_the_forms_own_clock_is_plausible() -> None:
    assert a_lead().seconds_to_fill == SECONDS_TO_FILL


# What staff may do, and how soon


@pytest.mark.parametrize(
    ("email", "phone", "preferred", "may_be_used"),
    [
        ("robin@example.com", None, None, True),
        ("robin@example.com", None, "email", True),
        ("robin@example.com", None, "phone", True),  # nothing else to reach them by
        ("robin@example.com", None, "text", True),
        ("robin@example.com", "+12025550147", "email", True),
        ("robin@example.com", "+12025550147", "phone", False),
        ("robin@example.com", "+12025550147", "text", False),
        ("robin@example.com", "+12025550147", None, True),
        (None, "+12025550147", None, False),
        (None, "+12025550147", "phone", False),
        (None, "+12025550147", "text", False),
        (None, "+12025550147", "email", False),
    ],
)
def test_email_may_be_used_unless_the_person_asked_for_another_way(
    email: str | None, phone: str | None, preferred: str | None, *, may_be_used: bool
) -> None:
    assert a_lead(email=email, phone=phone, preferred_contact=preferred).email_may_be_used is may_be_used


@pytest.mark.parametrize(
    ("phone", "agreed", "preferred", "may_be_sent"),
    [
        ("202-555-0147", "on", "text", True),
        ("202-555-0147", "on", "email", True),
        ("202-555-0147", "on", None, True),
        ("202-555-0147", "off", None, False),
        ("202-555-0147", None, "phone", False),
        (None, "on", None, False),
        (None, None, "email", False),
    ],
)
def test_texts_need_consent_and_a_number(
    phone: str | None, agreed: str | None, preferred: str | None, *, may_be_sent: bool
) -> None:
    lead = lead_of(form(phone=phone, consent_texts=agreed, preferred_contact=preferred))
    assert lead.texts_may_be_sent is may_be_sent


@pytest.mark.parametrize(
    ("changes", "priority"),
    [
        ({}, Priority.NORMAL),
        ({"in_crisis": None}, Priority.NORMAL),
        ({"message": None, "call_me": None}, Priority.NORMAL),
        ({"message": "I want to die"}, Priority.HIGH),
        ({"name": "I want to die"}, Priority.HIGH),
        ({"call_me": "I want to die"}, Priority.HIGH),
        ({"in_crisis": "yes"}, Priority.URGENT),
        ({"in_crisis": "yes", "message": None}, Priority.URGENT),
        ({"in_crisis": True, "message": "I want to die"}, Priority.URGENT),
        ({"in_crisis": "no", "message": "I want to die"}, Priority.HIGH),
        ({"utm_term": "suicide"}, Priority.NORMAL),  # nobody wrote that
    ],
)
def test_words_of_crisis_raise_the_priority_and_saying_so_raises_it_further(
    changes: dict[str, object], priority: Priority
) -> None:
    assert lead_of(form(**changes)).priority is priority


def test_a_lead_cannot_be_changed() -> None:
    lead = a_lead()
    with pytest.raises(AttributeError):
        lead.fingerprint = "another"  # type: ignore[misc] # that is the point
    with pytest.raises((AttributeError, TypeError)):
        lead.name = "Sam"  # type: ignore[misc]
    with pytest.raises(TypeError):
        lead.answers["name"] = "Sam"  # type: ignore[index]


@pytest.mark.parametrize(
    ("own", "priority"),
    [
        ({"crisis_now": True}, Priority.HIGH),
        ({"crisis_now": False}, Priority.NORMAL),
        ({"crisis_now": "not_now"}, Priority.NORMAL),
        ({"in_a_crisis": "last_week"}, Priority.HIGH),
        ({"in_a_crisis": ("none",)}, Priority.NORMAL),
        ({"suicidal_thoughts": True}, Priority.HIGH),
        ({"suicidal_thoughts": False}, Priority.NORMAL),
        ({"thoughts_of_suicide": "sometimes"}, Priority.HIGH),
        ({"thoughts_of_suicide": "not_at_all"}, Priority.NORMAL),
        ({"pensamientos_suicidas": "nunca"}, Priority.NORMAL),
        ({"feelings": ("sad", "suicidal_thoughts")}, Priority.HIGH),
        ({"mood": "want_to_die"}, Priority.HIGH),
        ({"mood": "I want to die"}, Priority.HIGH),
        ({"feelings": ("sad", "tired"), "new_here": True}, Priority.NORMAL),
    ],
)
def test_an_answer_to_an_own_question_may_say_that_a_person_is_in_crisis(
    own: dict[str, Answer], priority: Priority
) -> None:
    assert a_lead(own_answers=own).priority is priority


@pytest.mark.parametrize("name", OWN_CHOICES)
@pytest.mark.parametrize("answer", ["suicidal_thoughts", ("other", "suicidal_thoughts")])
def test_one_of_the_clinics_own_choices_may_say_that_a_person_is_in_crisis(name: str, answer: Answer) -> None:
    lead = a_lead()
    assert replace(lead, answers={**lead.answers, name: answer}).priority is Priority.HIGH


def test_the_priority_looks_at_every_field_whose_choices_a_clinic_may_replace() -> None:
    assert set(OWN_CHOICES) == set(_FieldChoices.model_fields)
