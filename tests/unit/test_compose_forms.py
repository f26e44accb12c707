"""emails about requests from a short form, and about people in crisis who did not agree to be contacted."""

import re
from typing import Any

import pytest

from follow_up.digest.email import Reader as DigestReader
from follow_up.digest.email import compose_digest
from follow_up.summary.email import Reader, compose_summary
from shared.leads.fields import FORMS
from shared.leads.notice import INFORMATION, Notice
from shared.messages.settings import AlertDetail
from shared.messages.wording import CONSULTATION, KINDS, NOT_AGREED
from shared.services.mailer import Message
from tests.unit.digests import on_the_list
from tests.unit.emails import DETAILS, bare, everything, facts, mind, render_email, sentences
from tests.unit.people import CLINIC, NOW
from tests.unit.senders import ADDRESSES, TEAM
from tests.unit.test_digest import digest_of, read
from tests.unit.test_summary import stored

ASKING = [notice for notice in Notice if notice not in INFORMATION]
SHORT = sorted(set(FORMS) - {"consultation"})
AGE = "Ask their age first: we do not know it. If the patient is under 18, tell them who can help, and ask a manager "
AGREED = "The person agreed to be contacted"
IN_CRISIS: dict[str, Any] = {"in_crisis": True, "consents": ()}


def test_each_short_form_has_its_words() -> None:
    assert sorted(KINDS) == SHORT


# --- what kind of request it is ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", [None, "consultation", "<b>", "x" * 100])
def test_any_other_form_is_a_consultation(form: str | None) -> None:
    message = render_email(Notice.ALERT, bare(form=form), "full")
    assert message.subject.endswith(CONSULTATION)
    assert message == render_email(Notice.ALERT, bare(), "full")


@pytest.mark.parametrize(
    ("form", "heading"), [("reply", "New reply to an article"), ("callback", "New callback request")]
)
def test_an_alert_says_what_kind_of_request_it_is(form: str, heading: str) -> None:
    lead = bare(form=form)
    message = render_email(Notice.ALERT, lead)
    assert message.subject == f"{lead.reference} {heading}"
    assert f"{lead.reference} {heading}\n" in message.text
    assert heading in sentences(message)
    assert next(iter(facts(message).items())) == ("Kind of request", KINDS[form].said)


@pytest.mark.parametrize("notice", ASKING)
@pytest.mark.parametrize("form", SHORT)
def test_every_email_that_asks_to_call_says_what_kind_it_is_and_to_ask_for_the_age(notice: Notice, form: str) -> None:
    message = render_email(notice, bare(form=form, age_unknown=True))
    assert facts(message)["Kind of request"] == KINDS[form].said
    assert mind(message)[0].startswith(AGE), "before everything else, because it comes first in the call"
    assert f"- {AGE}" in message.text


@pytest.mark.parametrize("detail", DETAILS)
def test_the_age_is_asked_for_however_much_an_email_shows(detail: AlertDetail) -> None:
    message = render_email(Notice.ALERT, bare(age_unknown=True), detail)
    assert mind(message)[0].startswith(AGE)
    assert AGE not in everything(render_email(Notice.ALERT, bare(), detail))


# --- no consent to contact --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("notice", ASKING)
def test_staff_read_that_a_person_in_crisis_did_not_check_the_box(notice: Notice) -> None:
    message = render_email(notice, bare(**IN_CRISIS), "full")
    said = f"{NOT_AGREED} They said that somebody is in crisis, so contact them anyway, but only about this."
    assert said in mind(message)
    assert f"- {said}\n" in message.text
    for part in (message.text, sentences(message)):
        assert part.count(NOT_AGREED) == 2, "in the box, and where consents are shown"
        assert AGREED not in part


@pytest.mark.parametrize("notice", sorted(INFORMATION))
def test_the_short_emails_never_say_that_a_person_agreed(notice: Notice) -> None:
    assert "agreed" not in everything(render_email(notice, bare(**IN_CRISIS)))


def test_with_consent_nothing_is_said_of_an_empty_box() -> None:
    for changes in ({}, {"in_crisis": True}):
        message = everything(render_email(Notice.ALERT, bare(**changes)))
        assert AGREED in message
        assert NOT_AGREED not in message


def test_an_email_that_shows_nothing_about_the_person_says_nothing_of_the_box() -> None:
    assert NOT_AGREED not in everything(render_email(Notice.ALERT, bare(**IN_CRISIS), "reference"))


def test_without_consent_and_crisis_staff_must_not_contact_the_person() -> None:
    message = render_email(Notice.ALERT, bare(consents=()))
    assert f"Do not contact them. {NOT_AGREED}" in mind(message)
    assert AGREED not in everything(message)


# --- the emails that list requests ------------------------------------------------------------------------------------


def summary(**changes: Any) -> Message:  # noqa: ANN401 - any attribute of a lead
    made = Reader(clinic=CLINIC, now=NOW, detail="contact", names=ADDRESSES, pages={})
    return compose_summary([stored(**changes)], made, urgent=bool(changes.get("in_crisis")))[0]


def test_a_summary_says_it_too() -> None:
    reply, crisis = summary(form="reply", age_unknown=True), summary(**IN_CRISIS)
    assert f"Kind of request:  {KINDS['reply'].said}" in reply.text
    assert AGE in reply.text
    assert NOT_AGREED in crisis.text
    assert "agreed to be contacted" not in crisis.text
    assert NOT_AGREED not in reply.text


def test_the_digest_names_the_kind_of_a_request() -> None:
    entry = on_the_list(1)
    made = digest_of(entry, leads={entry.lead_id: read(entry, lead={"form": "callback"})})
    message = compose_digest(made, DigestReader(clinic=CLINIC, team=TEAM, detail="contact", names=ADDRESSES))
    assert re.search(r"^  Asked for a callback\. Received .+$", message.text, re.MULTILINE)
    assert "Asked for a callback. Received" in sentences(message)
