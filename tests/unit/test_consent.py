"""shared.leads.consent and hold: a withdrawn consent counts at once, and a held lead stays."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.leads import consent
from shared.leads.consent import How
from shared.leads.fields import CONSENTS
from shared.leads.hold import hold, unhold
from shared.leads.lead import CONSENT_KINDS, CONTACT, NEWS, TEXTS, Consent, Lead
from shared.leads.person import Person
from shared.leads.progress import Progress, StoredLead
from shared.leads.response import MOST_ACTIONS, ClaimAction, ClaimRefusedError, Outcome, Refusal, ResponseState
from shared.leads.retention import GRACE, expires_at
from tests.unit.people import CLINIC, a_lead
from tests.unit.test_desk import KIM, LEE, MINUTE, MONDAY, RULES, Life

ALL = tuple(Consent(kind=kind, version="1", text_hash="0" * 16) for kind in sorted(CONSENT_KINDS))


def life(**lead: object) -> Life:
    found = Life(**({"consents": ALL} | lead))
    found.now += MINUTE
    return found


def withdraw(of: Life, kind: str, how: How = How.PHONE, by: Person = KIM, press: str | None = None) -> Progress:
    return of.decide(consent.withdraw(kind, how, RULES, of.now, by=by, press=press or of.form()))


def give_back(of: Life, kind: str, by: Person = KIM, *, manages: bool = False) -> Progress:
    """Take back a withdrawal. Those of texts are Lee's, and all others are Kim's."""
    recorded_by = {CONTACT: KIM.id, NEWS: KIM.id, TEXTS: LEE.id}
    return of.decide(
        consent.give_back(kind, RULES, of.now, by=by, press=of.form(), manages=manages, recorded_by=recorded_by)
    )


def no_contact(of: Life) -> bool:
    return of.stored.lead.no_contact


def allowed(lead: Lead) -> tuple[bool, bool, bool]:
    return lead.may_be_contacted, lead.texts_may_be_sent, lead.news_may_be_sent


def test_the_kinds_are_those_of_the_form() -> None:
    assert {field.name for field in CONSENTS} == CONSENT_KINDS


@pytest.mark.parametrize(
    ("kind", "left"),
    [(TEXTS, (True, False, True)), (NEWS, (True, True, False)), (CONTACT, (False, False, False))],
)
def test_a_withdrawn_consent_does_not_count_anymore(kind: str, left: tuple[bool, bool, bool]) -> None:
    asked = life()
    assert allowed(asked.stored.lead) == (True, True, True)
    withdraw(asked, kind)
    assert allowed(asked.stored.lead) == left
    assert no_contact(asked) == (kind == CONTACT)
    assert asked.progress.event is not None
    details = dict(asked.progress.event.details)
    del details["press"]
    assert details == {"by": KIM.email, "consent": kind, "how": "phone"}


def test_without_the_consent_to_contact_nothing_is_due_anymore() -> None:
    asked = life()
    withdraw(asked, CONTACT)
    assert asked.progress.response is ResponseState.CLOSED
    assert asked.progress.action is ClaimAction.NOT_WANTED
    assert asked.progress.not_wanted_at == asked.now
    while asked.progress.due_at:
        notice, _ = asked.send()
        assert notice == "closed"


def test_texts_are_withdrawn_while_the_follow_up_goes_on() -> None:
    asked = life()
    before = asked.progress
    withdraw(asked, TEXTS, How.STOP)
    assert asked.progress.response is ResponseState.OPEN
    assert (asked.progress.due_at, asked.progress.notice) == (before.due_at, before.notice)


def test_somebody_in_crisis_who_never_consented_can_ask_for_no_contact() -> None:
    asked = life(consents=(), in_crisis=True)
    assert consent.may_withdraw(asked.stored.lead) == (CONTACT,)
    assert not no_contact(asked)
    withdraw(asked, CONTACT)
    assert no_contact(asked)
    assert consent.may_withdraw(asked.stored.lead) == ()


def test_a_closed_request_stays_as_it_is_closed() -> None:
    asked = life()
    asked.act(ClaimAction.REACHED)
    asked.now += MINUTE
    withdraw(asked, CONTACT)
    assert asked.progress.action is ClaimAction.REACHED
    assert no_contact(asked)
    assert asked.progress.not_wanted_at == asked.now


@pytest.mark.parametrize("kind", [TEXTS, NEWS, "made_up"])
def test_what_was_not_given_cannot_be_withdrawn(kind: str) -> None:
    with pytest.raises(ClaimRefusedError) as caught:
        withdraw(life(consents=()), kind)
    assert caught.value.refusal is Refusal.NOT_POSSIBLE


def test_withdrawing_twice_counts_once() -> None:
    asked = life()
    withdraw(asked, TEXTS, press="made-up-press")
    for press, refusal in (("made-up-press", Refusal.USED), (None, Refusal.NOT_POSSIBLE)):
        with pytest.raises(ClaimRefusedError) as caught:
            withdraw(asked, TEXTS, press=press)
        assert caught.value.refusal is refusal


def test_withdrawing_is_possible_after_any_number_of_actions() -> None:
    asked = life()
    asked.progress = replace(asked.progress, links_used=frozenset(map(str, range(MOST_ACTIONS))))
    withdraw(asked, TEXTS)
    withdraw(asked, CONTACT)
    assert no_contact(asked)


def test_a_slip_is_taken_back_by_the_same_colleague_or_a_manager() -> None:
    for by, manages in ((KIM, False), (LEE, True)):
        asked = life()
        withdraw(asked, CONTACT)
        asked.now += MINUTE
        give_back(asked, CONTACT, by, manages=manages)
        assert allowed(asked.stored.lead) == (True, True, True)
        assert asked.progress.response is ResponseState.CLAIMED
        assert asked.progress.due_at is not None


def test_somebody_else_cannot_take_it_back() -> None:
    asked = life()
    withdraw(asked, TEXTS, by=LEE)
    withdraw(asked, NEWS)
    for kind, by in ((TEXTS, KIM), (NEWS, LEE), (CONTACT, KIM)):
        with pytest.raises(ClaimRefusedError):
            give_back(asked, kind, by)


def test_a_wish_for_no_contact_from_before_survives_a_slip() -> None:
    asked = life()
    asked.act(ClaimAction.NOT_WANTED)
    wished_at = asked.progress.not_wanted_at
    asked.now += MINUTE
    asked.act(ClaimAction.REOPEN, by=LEE)
    assert no_contact(asked)
    with pytest.raises(ClaimRefusedError):
        withdraw(asked, CONTACT)
    assert asked.progress.not_wanted_at == wished_at


def test_a_withdrawal_survives_that_the_same_colleague_reopens_the_request() -> None:
    asked = life()
    withdraw(asked, CONTACT)
    asked.now += MINUTE
    asked.act(ClaimAction.REOPEN)
    assert asked.progress.no_contact_since is not None
    assert no_contact(asked)
    asked.now += MINUTE
    give_back(asked, CONTACT)
    assert not no_contact(asked)
    assert asked.progress.due_at is not None


def test_a_withdrawal_keeps_a_closed_request_for_a_week() -> None:
    asked = life()
    asked.settle(Outcome.BOOKED)
    asked.now += timedelta(days=CLINIC.retention.booked) - MINUTE
    withdraw(asked, NEWS)
    assert expires_at(asked.stored, CLINIC.retention) == asked.now + GRACE
    asked.now += timedelta(days=1)
    give_back(asked, NEWS)
    assert expires_at(asked.stored, CLINIC.retention) == asked.now + GRACE


def test_an_old_page_cannot_end_the_hold_of_a_colleague() -> None:
    asked = life()
    asked.decide(hold("A made-up lawsuit.", asked.now, by=KIM, press="one"))
    asked.decide(unhold(asked.now, by=KIM, press="two"))
    asked.decide(hold("Another one.", asked.now, by=LEE, press="three"))
    for again in (unhold(asked.now, by=KIM, press="two"), hold("Again.", asked.now, by=KIM, press="one")):
        with pytest.raises(ClaimRefusedError) as caught:
            asked.decide(again)
        assert caught.value.refusal is Refusal.USED
    assert asked.progress.hold_reason == "Another one."


def test_a_held_lead_stays_until_the_hold_ends_and_a_week_more() -> None:
    asked = life()
    asked.act(ClaimAction.REACHED)
    asked.decide(hold("A made-up lawsuit.", asked.now, by=KIM, press="one"))
    assert expires_at(asked.stored, CLINIC.retention) is None
    assert (asked.progress.held_by, asked.progress.hold_reason) == (KIM.id, "A made-up lawsuit.")
    with pytest.raises(ClaimRefusedError):
        asked.decide(hold("Again.", asked.now, by=KIM, press="two"))
    asked.now += timedelta(days=1000)
    asked.decide(unhold(asked.now, by=KIM, press="three"))
    assert expires_at(asked.stored, CLINIC.retention) == asked.now + GRACE
    assert (asked.progress.held_by, asked.progress.hold_reason) == (None, None)
    with pytest.raises(ClaimRefusedError):
        asked.decide(unhold(asked.now, by=KIM, press="four"))


def test_the_wish_for_no_contact_that_an_older_version_stored_counts() -> None:
    old = Progress(response=ResponseState.CLOSED, action=ClaimAction.NOT_WANTED, acted_at=MONDAY)
    lead = StoredLead(lead=a_lead(consents=ALL), progress=old).lead
    assert allowed(lead) == (False, False, False)
    assert not lead.email_may_be_used
