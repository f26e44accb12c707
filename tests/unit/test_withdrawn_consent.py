"""A table of every path to a person, and what happens on it after a consent was withdrawn.

A new email, page or action fails a test here until it has a row.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import pytest
from lxml import html as lxml_html

from desk.words.lists import Tab
from follow_up.digest.email import Reader as DigestReader
from follow_up.digest.email import compose_digest
from follow_up.summary.email import Reader, compose_summary
from shared.leads import consent
from shared.leads.alert import rearmed
from shared.leads.consent import How
from shared.leads.decisions import ConfirmedBeforeError, Decide, Rules, confirm
from shared.leads.lead import CONSENT_KINDS, CONTACT, NEWS, TEXTS, AlsoSent, Lead
from shared.leads.notice import INFORMATION, Notice
from shared.leads.progress import AlertState, Progress, StoredLead
from shared.leads.response import ClaimAction, ClaimRefusedError, Outcome, Refusal, ResponseState
from shared.messages.settings import AlertDetail
from shared.messages.wording import NO_CONTACT
from shared.services.mailer import Message
from shared.store.leads import Leads
from tests.architecture.templates import ROOT
from tests.unit import claim_pages, desk_pages
from tests.unit.digests import on_the_list
from tests.unit.dynamodb import NAME
from tests.unit.emails import DESK, DETAILS, LINKS, NAMES, everything, hrefs, render_email
from tests.unit.forms import page_of
from tests.unit.output import counted
from tests.unit.people import CLINIC, NOW, a_lead, but
from tests.unit.senders import ADDRESSES, TEAM
from tests.unit.test_confirm import Rehearsal as Confirming
from tests.unit.test_confirm import confirmable
from tests.unit.test_consent import give_back, life, no_contact, withdraw
from tests.unit.test_desk import KIM, LEE, MINUTE, Life
from tests.unit.test_digest import digest_of

FUNCTIONS: Final = ROOT / "functions"
WAYS: Final = ("tel:", "sms:", "mailto:")
# Each way to reach the person, wherever a form can have it.
PERSON: Final = a_lead(
    phone="+12025550147",
    email="robin@example.com",
    preferred_contact="text",
    message="Please call my work, 202-555-0199, or write to robin.work@example.com.",
    also_sent=(AlsoSent("phone", "202-555-0188"), AlsoSent("second_email", "robin.two@example.com")),
    in_crisis=None,
    time_zone="America/New_York",
)
SHOWS_A_WAY: Final = ("555-01", "5550147", "robin", *WAYS)
TEXTING: Final = ("sms:", "You may text", "They agreed to texts", "text preferred")


def without(*kinds: str, lead: Lead = PERSON) -> Lead:
    return replace(lead, withdrawn=frozenset(kinds))


def stored(lead: Lead, **progress: Any) -> StoredLead:  # noqa: ANN401 - any attribute of a progress
    """Return a stored lead whose progress has what was withdrawn from `lead`."""
    since = {"not_wanted_at": NOW} if CONTACT in lead.withdrawn else {}
    return StoredLead(lead=lead, progress=Progress(**{"withdrawn": lead.withdrawn} | since | progress))


# --- emails -----------------------------------------------------------------------------------------------------------

Compose = Callable[[Lead, AlertDetail], Message]


def to_staff(notice: Notice) -> Compose:
    more: dict[str, Any] = {"claimed_by": "staff-2", "tried": 2, "call_again_at": NOW}
    return lambda lead, detail: render_email(notice, lead, detail, **more)


def summary(lead: Lead, detail: AlertDetail) -> Message:
    reader = Reader(clinic=CLINIC, now=NOW, detail=detail, names=NAMES, pages={lead.id: LINKS.page}, desk=DESK)
    return compose_summary([stored(lead, in_summary=True)], reader, urgent=False)[0]


def digest(lead: Lead, detail: AlertDetail) -> Message:
    listed = on_the_list(1, lead_id=lead.id)
    reader = DigestReader(clinic=CLINIC, team=TEAM, detail=detail, names=ADDRESSES, desk=DESK)
    return compose_digest(digest_of(listed, leads={lead.id: stored(lead, told_at=NOW)}), reader)


# How each email to staff is composed, by the folder of its templates.
TO_STAFF: Final[dict[str, Compose]] = {
    "alert": to_staff(Notice.ALERT),
    "reminder": to_staff(Notice.REMINDER),
    "escalation": to_staff(Notice.ESCALATION),
    "claimed": to_staff(Notice.CLAIMED),
    "no_answer": to_staff(Notice.NO_ANSWER),
    "closed": to_staff(Notice.CLOSED),
    "owner_reminder": to_staff(Notice.OWNER_REMINDER),
    "call_again": to_staff(Notice.CALL_AGAIN),
    "not_reached": to_staff(Notice.NOT_REACHED),
    "summary": summary,
    "digest": digest,
}
TO_THE_PERSON: Final = {"confirmation"}  # test_no_confirmation_is_sent_after_contact_was_withdrawn
ABOUT_NOBODY: Final = {"owner_report"}  # numbers only
# These say what to do about the person, so they say first that nobody may contact them.
SAYS_IT_FIRST: Final = {"summary", *(str(notice) for notice in Notice if notice not in INFORMATION)}
EMAILS = pytest.mark.parametrize("name", TO_STAFF)
EACH_DETAIL = pytest.mark.parametrize("detail", DETAILS)


def test_each_email_has_a_row() -> None:
    folders = {each.parent.name for each in FUNCTIONS.rglob("subject.txt")}
    assert folders == {*TO_STAFF, *TO_THE_PERSON, *ABOUT_NOBODY}, (
        "give the new email a row in tests/unit/test_withdrawn_consent.py"
    )
    assert {str(notice) for notice in Notice} <= {*TO_STAFF}


@EMAILS
@EACH_DETAIL
@pytest.mark.parametrize("in_crisis", [None, True])
def test_after_contact_no_email_shows_how_to_reach_the_person(
    name: str,
    detail: AlertDetail,
    in_crisis: bool | None,  # noqa: FBT001 - a parameter
) -> None:
    lead = without(*CONSENT_KINDS, lead=but(PERSON, in_crisis=in_crisis, name="Sam"))
    message = TO_STAFF[name](lead, detail)
    shown = everything(message).lower()
    assert [way for way in SHOWS_A_WAY if way in shown] == []
    assert "contact them soon" not in shown
    assert "CALL NOW" not in message.text
    assert "try again" not in message.text.lower().replace("time to try again", "")
    if name in SAYS_IT_FIRST:
        before = message.text.partition(NO_CONTACT)[0]
        assert lead.reference not in before or name == "summary"
        assert message.html.index(NO_CONTACT) < (message.html.index("<h1") if name != "summary" else len(message.html))


@EMAILS
@EACH_DETAIL
def test_after_texts_no_email_says_that_the_person_may_be_texted(name: str, detail: AlertDetail) -> None:
    message = TO_STAFF[name](without(TEXTS), detail)
    assert [words for words in TEXTING if words in everything(message)] == []
    if name in SAYS_IT_FIRST and detail != "reference":
        assert "Do not text: they withdrew their consent to texts." in message.text
        assert any(link.startswith("tel:") for link in hrefs(message)), "calls are still fine"


@EMAILS
@EACH_DETAIL
def test_after_news_no_email_says_that_the_person_gets_news(name: str, detail: AlertDetail) -> None:
    assert "news by email" not in everything(TO_STAFF[name](without(NEWS), detail))


def test_without_a_withdrawal_the_emails_show_the_ways() -> None:
    """Otherwise the tests above prove nothing."""
    shown = everything(render_email(Notice.ALERT, replace(PERSON, also_sent=PERSON.also_sent), "full"))
    assert all(way in shown for way in ("+1 202-555-0147", "202-555-0199", "202-555-0188", "tel:", "text preferred"))
    assert "news by email" in shown
    assert "mailto:" in everything(render_email(Notice.ALERT, a_lead(preferred_contact="email"), "full"))


# --- when emails are due ----------------------------------------------------------------------------------------------


def drained(of: Life) -> list[Notice]:
    """Send everything that is due, however late, and return what it was."""
    sent: list[Notice] = []
    while of.progress.due_at:
        sent.append(of.send()[0])
        assert len(sent) < 20
    return sent


def emailed(of: Life) -> Progress:
    of.lead = replace(of.lead, answers={**of.lead.answers, "preferred_contact": "email"})
    return of.act(ClaimAction.EMAILED)


STAGES: Final[dict[str, Callable[[Life], object]]] = {
    "new": lambda of: of,
    "reminded": lambda of: of.send(),
    "claimed": lambda of: of.act(ClaimAction.CLAIM),
    "no answer": lambda of: of.act(ClaimAction.NO_ANSWER),
    "asked to call again": lambda of: (of.act(ClaimAction.NO_ANSWER), of.send()),
    "emailed": emailed,
    "handed over": lambda of: (of.act(ClaimAction.CLAIM), of.hand_over(LEE)),
    "follow-up": lambda of: of.follow_up(of.now + timedelta(days=3)),
    "handed back": lambda of: (of.act(ClaimAction.CLAIM), of.act(ClaimAction.HAND_BACK)),
    "reached": lambda of: of.act(ClaimAction.REACHED),
}
AT_EACH_STAGE = pytest.mark.parametrize("stage", STAGES)


@AT_EACH_STAGE
def test_after_contact_nobody_is_reminded_or_asked_to_call_again(stage: str) -> None:
    asked = life()
    STAGES[stage](asked)
    asked.now += MINUTE
    withdraw(asked, CONTACT)
    assert asked.progress.response is ResponseState.CLOSED
    assert set(drained(asked)) <= {Notice.CLOSED}


@AT_EACH_STAGE
def test_a_reopened_request_brings_no_reminder_while_nobody_may_contact_the_person(stage: str) -> None:
    asked = life()
    STAGES[stage](asked)
    asked.now += MINUTE
    withdraw(asked, CONTACT)
    asked.act(ClaimAction.REOPEN, by=LEE)
    assert set(drained(asked)) <= INFORMATION
    asked.hand_over(KIM, by=LEE)
    assert set(drained(asked)) <= {*INFORMATION, Notice.OWNER_REMINDER}, "the new owner hears of it, once"
    asked.act(ClaimAction.HAND_BACK)
    assert set(drained(asked)) <= INFORMATION
    assert asked.progress.state is not AlertState.UNDELIVERABLE


@AT_EACH_STAGE
@pytest.mark.parametrize("kind", [TEXTS, NEWS])
def test_after_texts_or_news_the_follow_up_goes_on(stage: str, kind: str) -> None:
    asked = life()
    STAGES[stage](asked)
    before = replace(asked.progress, event=None)
    withdraw(asked, kind)
    same = {name: getattr(before, name) for name in ("withdrawn", "withdrawn_at", "withdrawn_by", "links_used")}
    assert replace(asked.progress, event=None, kept_until=before.kept_until, **same) == before


@AT_EACH_STAGE
def test_the_reminders_go_on_after_a_slip_is_taken_back(stage: str) -> None:
    asked = life()
    STAGES[stage](asked)
    asked.now += MINUTE
    withdraw(asked, CONTACT)
    asked.now += MINUTE
    give_back(asked, CONTACT)
    assert not no_contact(asked)
    assert asked.progress.due_at is not None or asked.progress.response is ResponseState.CLOSED


@AT_EACH_STAGE
def test_a_sender_at_work_when_the_person_says_so_reminds_nobody_afterwards(stage: str) -> None:
    asked = life()
    STAGES[stage](asked)
    asked.now = max(asked.now, asked.progress.due_at or asked.now) + MINUTE
    asked.progress = replace(asked.progress, state=AlertState.SENDING, attempts=asked.progress.attempts + 1)
    if asked.progress.response is not ResponseState.CLOSED:
        asked.act(ClaimAction.NOT_WANTED)
        asked.act(ClaimAction.REOPEN, by=LEE)
    else:
        withdraw(asked, CONTACT)
    asked.progress = replace(asked.progress, due_at=asked.now)  # the lease ended, and another sender takes it
    assert not asked.send()[1] or asked.progress.notice in INFORMATION
    assert set(drained(asked)) <= INFORMATION


def test_a_manager_takes_back_a_wish_that_somebody_else_noted() -> None:
    asked = life()
    asked.act(ClaimAction.NOT_WANTED)
    asked.now += MINUTE
    asked.act(ClaimAction.REOPEN, by=LEE)
    drained(asked)
    assert no_contact(asked)
    with pytest.raises(ClaimRefusedError):
        give_back(asked, CONTACT, LEE)
    give_back(asked, CONTACT, LEE, manages=True)
    assert not no_contact(asked)
    assert asked.progress.due_at is not None


def quarantined() -> Life:
    found = life()
    found.progress = Progress(
        state=AlertState.QUARANTINED, quarantined_at=found.now, attempts=1, tries=1, reasons=(), score=100
    )
    return found


def test_an_alert_that_is_still_due_is_sent_and_nothing_after_it() -> None:
    asked = quarantined()
    withdraw(asked, CONTACT)
    asked.progress = rearmed(asked.progress, asked.now)
    assert drained(asked) == [Notice.ALERT]
    assert asked.progress.response is ResponseState.OPEN, "staff see it at the desk and in the digest"


def test_an_alert_that_reaches_nobody_is_undeliverable_as_ever() -> None:
    asked = quarantined()
    withdraw(asked, CONTACT)
    asked.progress = rearmed(asked.progress, asked.now)
    asked.progress = replace(
        asked.progress, bounced=frozenset(f"alert/{each}" for each in asked.team.everybody), due_at=asked.now
    )
    sending = replace(asked.progress, state=AlertState.SENDING, attempts=2, tries=1)
    asked.progress = sending
    asked.send()
    assert asked.progress.state is AlertState.UNDELIVERABLE


# --- the confirmation -------------------------------------------------------------------------------------------------


def take_away(kind: str) -> Decide:
    return consent.withdraw(
        kind, How.PHONE, Rules(clinic=CLINIC, team=TEAM), NOW, by=KIM, press="made-up-press-of-a-form"
    )


def test_no_confirmation_is_sent_after_contact_was_withdrawn() -> None:
    desk, lead = Confirming(), confirmable()
    Leads(desk.book.table.client(), NAME).change(lead.id, take_away(CONTACT))
    desk.send(lead)  # what the sender leased before
    assert desk.mailer.sent == []
    assert counted("ConfirmationsSent") == []


@pytest.mark.parametrize("kind", [TEXTS, NEWS])
def test_a_confirmation_is_sent_after_texts_or_news_were_withdrawn(kind: str) -> None:
    desk, lead = Confirming(), confirmable()
    Leads(desk.book.table.client(), NAME).change(lead.id, take_away(kind))
    desk.send(lead)
    assert len(desk.mailer.sent) == 1


def test_the_decision_to_confirm_knows_what_was_withdrawn_meanwhile() -> None:
    with pytest.raises(ConfirmedBeforeError):
        confirm(NOW)(stored(without(CONTACT)))
    assert confirm(NOW)(stored(without(TEXTS, NEWS))).confirmed_at == NOW


# --- what staff can do ------------------------------------------------------------------------------------------------

# What happens to each action on a request that somebody reopened although the person wants no contact.
ACTIONS: Final[dict[ClaimAction, Refusal | None]] = {
    ClaimAction.CLAIM: Refusal.YOURS,
    ClaimAction.REACHED: None,  # the person may have called
    ClaimAction.NO_ANSWER: Refusal.NO_CONTACT,
    ClaimAction.EMAILED: Refusal.NO_CONTACT,
    ClaimAction.HAND_BACK: None,
    ClaimAction.UNREACHABLE: Refusal.NOT_POSSIBLE,  # nobody tried
    ClaimAction.SPAM: None,
    ClaimAction.WRONG_NUMBER: None,
    ClaimAction.DUPLICATE: None,
    ClaimAction.NOT_WANTED: None,
    ClaimAction.REOPEN: Refusal.NOT_POSSIBLE,  # it is open
    ClaimAction.HAND_OVER: None,
    ClaimAction.FOLLOW_UP: Refusal.NO_CONTACT,
}


def test_each_action_has_a_row() -> None:
    assert {*ACTIONS} == {*ClaimAction}, "give the new action a row in tests/unit/test_withdrawn_consent.py"


def done(of: Life, action: ClaimAction) -> Progress:
    match action:
        case ClaimAction.HAND_OVER:
            return of.hand_over(LEE)
        case ClaimAction.FOLLOW_UP:
            return of.follow_up(of.now + timedelta(days=1))
        case ClaimAction.UNREACHABLE:
            return of.settle(Outcome.UNREACHABLE)
        case ClaimAction.WRONG_NUMBER:
            return of.settle(Outcome.WRONG_NUMBER)
        case ClaimAction.DUPLICATE:
            return of.settle(Outcome.DUPLICATE)
    return of.act(action)


@pytest.mark.parametrize("action", ClaimAction)
def test_after_contact_no_action_asks_for_another_try(action: ClaimAction) -> None:
    asked = life(preferred_contact="email")
    withdraw(asked, CONTACT)
    asked.now += MINUTE
    asked.act(ClaimAction.REOPEN, by=LEE)
    asked.hand_over(KIM, by=LEE)
    refusal = None
    try:
        done(asked, action)
    except ClaimRefusedError as error:
        refusal = error.refusal
    assert refusal is ACTIONS[action]


# --- pages ------------------------------------------------------------------------------------------------------------


def claim_links() -> Iterator[str]:
    """Yield every page of a link after a colleague reopened the request of a person who wants no contact."""
    for action in (None, ClaimAction.CLAIM, ClaimAction.REACHED, ClaimAction.NO_ANSWER):
        for button in ("", "Hand back", "No answer"):
            case = claim_pages.Rehearsal(lead=replace(PERSON, id="0" * 26))
            token = case.link(action)
            before = case.get(token)
            case.table.change(case.lead.id, take_away(CONTACT))
            yield case.get(token).body
            case.after(minutes=1)
            case.do("Reopen this request", "staff-2")
            opened = case.get(token)
            yield opened.body
            if action in {None, ClaimAction.CLAIM}:
                assert "Do not contact this person" in opened.body
            if button == "No answer" and action is None:
                refused = case.press(before, "No answer", token)
                assert refused.status == 409
                yield refused.body
            if button == "Hand back":
                yield case.do("Hand back", "staff-2").body
                again = case.get(token)
                assert "get back to this person" not in again.body
                yield again.body


def of_the_desk(path: str, kind: str = CONTACT) -> str:
    """Return the pages of the desk at a path, about a person who withdrew a consent."""
    office = desk_pages.Office()
    lead = office.add(PERSON)
    office.table.change(lead.id, take_away(kind))
    match path:
        case "find":
            answers = [office.find("robin@example.com")]
        case "request":
            answers = [office.open(lead)]
        case "person":
            answers = [office.manage(lead)]
        case "erase":
            answers = [office.manage(lead, "/erase")]
        case _:
            answers = [office.get(list=str(each)) for each in Tab]
    return "".join(str(lxml_html.tostring(answer.page, encoding="unicode")) for answer in answers)


def ways_in(shown: str) -> list[str]:
    """Return the links on pages that lead to the person. Some pages also have those to 988, 911 and the clinic."""
    links: list[str] = page_of(shown).xpath("//@href")
    return [each for each in links if each.startswith(WAYS) and ("555-01" in each or "5550147" in each or "@" in each)]


# How each page for staff is opened, by its template. None shows nothing about a person.
PAGES: Final[dict[str, Callable[[], str] | None]] = {
    "claim/pages/claim.html": lambda: "".join(claim_links()),
    "desk/pages/audit.html": None,
    "desk/pages/choices.html": None,  # references, names and times only
    "desk/pages/desk.html": None,  # the frame of the others
    "desk/pages/erase.html": lambda: of_the_desk("erase"),
    "desk/pages/erasures.html": None,  # ids and references only
    "desk/pages/find.html": lambda: of_the_desk("find"),
    "desk/pages/list.html": lambda: of_the_desk("lists"),
    "desk/pages/message.html": None,
    "desk/pages/person.html": lambda: of_the_desk("person"),
    "desk/pages/report.html": None,  # numbers only; its files: test_requests_csv.py
    "desk/pages/request.html": lambda: of_the_desk("request"),
    "desk/pages/rows.html": lambda: of_the_desk("lists"),
}


def test_each_page_for_staff_has_a_row() -> None:
    found = {
        str(each.relative_to(FUNCTIONS)) for name in ("claim", "desk") for each in FUNCTIONS.glob(f"{name}/**/*.html")
    }
    assert found == {*PAGES}, "give the new page a row in tests/unit/test_withdrawn_consent.py"


@pytest.mark.parametrize("name", [name for name, opened in PAGES.items() if opened])
def test_after_contact_no_page_links_to_a_call_a_text_or_an_email(name: str) -> None:
    opened = PAGES[name]
    assert opened is not None
    shown = opened()
    assert "KC-" in shown
    assert ways_in(shown) == []


def test_after_contact_the_desk_says_so_and_keeps_the_number_readable() -> None:
    shown = of_the_desk("request")
    assert NO_CONTACT in shown
    assert "+1 202-555-0147" in shown
    assert "Do not call or text: they do not want to be contacted." in shown
    assert "Do not email: they do not want to be contacted." in shown


def test_after_texts_the_page_of_a_request_says_so_and_a_call_is_still_possible() -> None:
    shown = of_the_desk("request", TEXTS)
    assert "text preferred" not in shown
    assert "You may text them" not in shown
    assert "Do not text: they withdrew their consent to texts." in shown
    assert [link.partition(":")[0] for link in ways_in(shown)] == ["tel"]


def test_without_a_withdrawal_the_desk_links_to_the_ways() -> None:
    """Otherwise the tests above prove nothing."""
    office = desk_pages.Office()
    office.add(PERSON)
    assert ways_in(str(lxml_html.tostring(office.get(list="open").page, encoding="unicode")))
