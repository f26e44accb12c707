"""The summary: what is over the budget reaches staff in one email, each request with its own words and its own link."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from delivery.record import Reports
from follow_up.summary.email import MOST_BYTES, NO_LINKS, Reader, compose_summary
from follow_up.summary.item import LEASE, SummaryItem
from follow_up.summary.send import Summaries, in_order
from shared.leads.alert import after_put_off
from shared.leads.budget import MOST_IN_A_SUMMARY, SUMMARY_EVERY, URGENT_SUMMARY_EVERY, DayUse
from shared.leads.clinic import Clinic
from shared.leads.decisions import Rules, claim, lease
from shared.leads.event import Result
from shared.leads.lead import Lead
from shared.leads.link import Links, links
from shared.leads.notice import Notice, Outcome
from shared.leads.progress import AlertState, Progress, StoredLead
from shared.leads.response import ClaimAction, ResponseState
from shared.messages import sections
from shared.messages.reaching import Fact
from shared.services.mailer import MailError
from shared.store.confirmation_tally import ConfirmationTally
from shared.store.recipient_status import RecipientStatuses
from shared.store.summary_lists import SummaryLists
from tests.unit.digests import KEY
from tests.unit.dynamodb import NAME
from tests.unit.fakes import CrashError, Sent
from tests.unit.output import counted, everything_printed
from tests.unit.people import CLINIC, NOW, a_full_lead, a_lead
from tests.unit.senders import ADDRESSES, STAFF, TEAM, Rehearsal
from tests.unit.test_delivery import Inbox
from tests.unit.words import CANARY, any_text

EVENTS = Path(__file__).parents[1] / "events"
RULES = Rules(clinic=CLINIC, team=TEAM)


def linked(lead_id: str, recipient: str, attempt: int) -> Links:
    return links("https://api.clinic.example/v1", lead_id, recipient, attempt, KEY, NOW)


@pytest.fixture
def desk() -> Rehearsal:
    return Rehearsal()


def summaries(desk: Rehearsal, day_use: DayUse | None = None, **changes: Any) -> Summaries:  # noqa: ANN401 - of a sender
    return Summaries(
        item=SummaryItem(desk.table.client, NAME),
        lists=SummaryLists(desk.table.client, NAME),
        sender=desk.sender(**({"links": linked} | changes)),
        day_use=lambda _now: day_use,
    )


def waiting(desk: Rehearsal, number: int, **changes: Any) -> str:  # noqa: ANN401 - any attribute of a lead
    """Store a lead that waits for a summary, and return its id."""
    lead_id = desk.store(number, **changes)
    desk.table.change(lead_id, lease(desk.clock(), "made-up"))

    def decide(stored: StoredLead) -> Progress:
        return replace(after_put_off(stored.progress, RULES.case(stored), desk.clock()), lease=None)

    desk.table.change(lead_id, decide)
    return lead_id


def listed(sent: Sent, desk: Rehearsal) -> set[str]:
    """Return the leads in a summary."""
    return {each for each in desk.table.leads if str(desk.table.leads[each]["reference"]["S"]) in sent.message.text}


# ---- sending


def test_each_recipient_gets_one_email_with_every_lead_and_a_link_of_their_own(desk: Rehearsal) -> None:
    leads = {waiting(desk, number) for number in range(3)}
    assert summaries(desk).send(urgent=False) == 3
    assert [sent.to for sent in desk.mailer.sent] == [(each,) for each in STAFF]
    assert {sent.tags["notice"] for sent in desk.mailer.sent} == {"summary"}
    for sent, recipient in zip(desk.mailer.sent, TEAM.staff, strict=True):
        assert listed(sent, desk) == leads
        for lead_id in leads:
            assert linked(lead_id, recipient, 2).page in sent.message.text
            assert linked(lead_id, recipient, 2).page in sent.message.html
    assert counted("SummariesSent") == [1]


def test_a_lead_counts_as_told_and_goes_on_alone(desk: Rehearsal) -> None:
    lead_id = waiting(desk, 1)
    summaries(desk).send(urgent=False)
    progress = desk.table.progress_of(lead_id)
    assert (progress.state, progress.notice, progress.in_summary) == (AlertState.ACCEPTED, Notice.REMINDER, False)
    assert progress.told_at == NOW
    assert progress.accepted == {"alert/staff-1", "alert/staff-2"}
    assert desk.table.kinds_of(lead_id) == ["summarized"]
    assert counted("AlertsSummarized") == [1]
    desk.clock.time += timedelta(minutes=15)
    assert desk.sender().send(lead_id) is Result.ACCEPTED


def test_urgent_leads_have_a_summary_of_their_own(desk: Rehearsal) -> None:
    normal, urgent = waiting(desk, 0), waiting(desk, 1, in_crisis=True)
    assert summaries(desk).send(urgent=True) == 1
    assert listed(desk.mailer.sent[0], desk) == {urgent}
    assert desk.mailer.sent[0].message.subject == "URGENT: 1 urgent consultation request in one email, 10:30 AM"
    assert desk.table.progress_of(normal).in_summary


@pytest.mark.parametrize(("urgent", "every"), [(False, SUMMARY_EVERY), (True, URGENT_SUMMARY_EVERY)])
def test_the_next_summary_waits(desk: Rehearsal, every: timedelta, *, urgent: bool) -> None:
    waiting(desk, 0, in_crisis=urgent)
    assert summaries(desk).send(urgent=urgent) == 1
    waiting(desk, 1, in_crisis=urgent)
    desk.clock.time += every - timedelta(seconds=1)
    assert summaries(desk).send(urgent=urgent) == 0
    desk.clock.time += timedelta(seconds=1)
    assert summaries(desk).send(urgent=urgent) == 1


def test_an_urgent_request_waits_two_minutes_at_most(desk: Rehearsal) -> None:
    """Sweeps start every minute, a little late at times."""
    waiting(desk, 0, in_crisis=True)
    assert summaries(desk).send(urgent=True) == 1
    desk.clock.time += timedelta(seconds=1)
    since, late = desk.clock.time, waiting(desk, 1, in_crisis=True)
    while desk.table.progress_of(late).in_summary:
        desk.clock.time += timedelta(seconds=59)
        summaries(desk).send(urgent=True)
    assert desk.clock.time - since <= timedelta(minutes=2)


def test_without_waiting_leads_nothing_is_sent_or_written(desk: Rehearsal) -> None:
    before = desk.table.dynamodb.write_units
    assert summaries(desk).send(urgent=False) == 0
    assert (desk.mailer.sent, desk.table.dynamodb.write_units) == ([], before)


def test_at_most_a_hundred_and_the_rest_in_the_next(desk: Rehearsal) -> None:
    leads = {waiting(desk, number) for number in range(MOST_IN_A_SUMMARY + 20)}
    told: set[str] = set()
    while told != leads:
        before = len(desk.mailer.sent)
        count = summaries(desk).send(urgent=False)
        assert 0 < count <= MOST_IN_A_SUMMARY
        sent = desk.mailer.sent[before]
        assert len(sent.message.html.encode()) <= MOST_BYTES
        assert ("The next summary lists them" in sent.message.text) == (told | listed(sent, desk) != leads)
        assert not told & listed(sent, desk)
        told |= listed(sent, desk)
        desk.clock.time += SUMMARY_EVERY
    assert not any(desk.table.progress_of(each).in_summary for each in leads)


def test_each_recipient_gets_only_what_they_have_to_know(desk: Rehearsal) -> None:
    new, late = waiting(desk, 0), waiting(desk, 1)
    progress = replace(
        desk.table.progress_of(late),
        notice=Notice.ESCALATION,
        accepted=frozenset({"alert/staff-1", "alert/staff-2"}),
        told_at=NOW,
    )
    desk.table.change(late, lambda _stored: progress)
    summaries(desk).send(urgent=False)
    by_address = {sent.to[0]: listed(sent, desk) for sent in desk.mailer.sent}
    assert by_address == {**{each: {new} for each in STAFF}, ADDRESSES["fallback-1"]: {late}}


def test_what_is_claimed_meanwhile_is_not_changed(desk: Rehearsal) -> None:
    lead_id = waiting(desk, 0)

    def claimed() -> None:
        press = claim(ClaimAction.CLAIM, RULES, desk.clock(), by="staff-1", link="made-up")
        desk.table.change(lead_id, press)

    desk.mailer.meanwhile = claimed
    summaries(desk).send(urgent=False)
    progress = desk.table.progress_of(lead_id)
    assert (progress.response, progress.in_summary) == (ResponseState.CLAIMED, False)
    assert "summarized" not in desk.table.kinds_of(lead_id)


def test_a_claimed_lead_leaves_the_summary(desk: Rehearsal) -> None:
    lead_id = waiting(desk, 0)
    desk.table.change(lead_id, claim(ClaimAction.CLAIM, RULES, desk.clock(), by="staff-1", link="made-up"))
    assert summaries(desk).send(urgent=False) == 0
    assert not desk.mailer.sent
    assert not desk.table.progress_of(lead_id).in_summary


# ---- if something fails


@pytest.mark.parametrize(
    "outcome", [Outcome.THROTTLED, Outcome.DEFERRED, Outcome.BLOCKED], ids=lambda each: each.name.lower()
)
def test_what_ses_did_not_accept_is_in_the_next_summary(desk: Rehearsal, outcome: Outcome) -> None:
    lead_id = waiting(desk, 0)
    desk.mailer.faults.before["send"] = [MailError(outcome, "MadeUp")]
    assert summaries(desk).send(urgent=False) == 0
    assert desk.table.progress_of(lead_id).in_summary
    assert desk.table.progress_of(lead_id).told_at is None
    assert summaries(desk).send(urgent=False) == 1, "it is tried again at once, without the usual wait"


def test_a_recipient_whose_email_failed_is_emailed_next(desk: Rehearsal) -> None:
    lead_id = waiting(desk, 0)
    desk.mailer.faults.before[STAFF[1]] = [MailError(Outcome.THROTTLED, "MadeUp")]
    assert summaries(desk).send(urgent=False) == 1
    progress = desk.table.progress_of(lead_id)
    assert progress.accepted == {"alert/staff-1"}
    assert (progress.notice, progress.due_at) == (Notice.ALERT, NOW)
    desk.sender().send(lead_id)
    assert desk.table.progress_of(lead_id).accepted == {"alert/staff-1", "alert/staff-2"}


def test_if_ses_refuses_everyone_the_leads_are_sent_alone(desk: Rehearsal) -> None:
    """The words of one visitor may be the reason, and must not keep the others from being heard."""
    lead_id = waiting(desk, 0)
    for address in STAFF:  # also with the reference only
        desk.mailer.faults.before[address] = [MailError(Outcome.REFUSED, "MessageRejected")] * 2
    summaries(desk, team=replace(TEAM, fallback=())).send(urgent=False)
    progress = desk.table.progress_of(lead_id)
    assert (progress.in_summary, progress.told_at) == (False, None)
    assert progress.due_at is not None


@pytest.mark.parametrize("call", ["lease", "told_in_summary"])
def test_a_process_that_dies_loses_nothing(desk: Rehearsal, call: str) -> None:
    lead_id = waiting(desk, 0)
    if call == "lease":
        desk.mailer.faults.before["send"] = [CrashError()]
    else:
        desk.table.faults.before[call] = [CrashError()]
    with pytest.raises(CrashError):
        summaries(desk).send(urgent=True) or summaries(desk).send(urgent=False)
    assert desk.table.progress_of(lead_id).in_summary
    assert summaries(desk).send(urgent=False) == 0, "another process may still be at it"
    desk.clock.time += LEASE
    assert summaries(desk).send(urgent=False) == 1


@pytest.mark.parametrize("call", ["read", "told_in_summary"])
def test_one_lead_that_fails_does_not_stop_the_others(desk: Rehearsal, call: str) -> None:
    leads = {waiting(desk, number) for number in range(3)}
    desk.table.faults.before[call] = [ConnectionError(CANARY)]
    with everything_printed() as printed:
        summaries(desk).send(urgent=False)
    assert sum(desk.table.progress_of(each).in_summary for each in leads) == 1
    assert CANARY not in printed.getvalue()


@pytest.mark.parametrize(("used", "urgent", "count"), [(0.89, False, 1), (0.95, False, 0), (1.0, True, 1)])
def test_the_last_emails_of_the_day_are_for_urgent_requests(
    desk: Rehearsal, used: float, count: int, *, urgent: bool
) -> None:
    waiting(desk, 0, in_crisis=urgent)
    assert summaries(desk, DayUse(most=100, sent=100 * used)).send(urgent=urgent) == count


def test_without_the_key_it_goes_out_without_links(desk: Rehearsal) -> None:
    waiting(desk, 0)
    summaries(desk, links=lambda *_: None).send(urgent=False)
    assert NO_LINKS in desk.mailer.sent[0].message.text
    assert "/claim/" not in desk.mailer.sent[0].message.text


def test_if_ses_refuses_the_words_of_a_visitor_the_references_arrive(desk: Rehearsal) -> None:
    lead_id = waiting(desk, 0, name=CANARY)
    desk.mailer.faults.before[STAFF[0]] = [MailError(Outcome.REFUSED, "MessageRejected")]
    assert summaries(desk).send(urgent=False) == 1
    first, second = desk.mailer.sent
    assert (CANARY in first.message.text, CANARY in second.message.text) == (False, True)
    assert listed(first, desk) == {lead_id}


def test_one_lead_that_cannot_be_shown_does_not_stop_the_others(
    desk: Rehearsal, monkeypatch: pytest.MonkeyPatch
) -> None:
    leads = {waiting(desk, number) for number in range(3)}
    broken = min(leads)

    def who(lead: Lead, clinic: Clinic) -> tuple[Fact, ...]:
        if lead.id == broken:
            raise ValueError(CANARY)
        return real(lead, clinic)

    real = sections.who
    monkeypatch.setattr(sections, "who", who)
    with everything_printed() as printed:
        assert summaries(desk).send(urgent=False) == 3
    assert listed(desk.mailer.sent[0], desk) == leads
    assert "summary row failed" in printed.getvalue()
    assert CANARY not in printed.getvalue()


# ---- a flood of urgent requests


def test_long_requests_of_a_stranger_do_not_delay_the_others(desk: Rehearsal) -> None:
    stuffed: dict[str, Any] = {"message": '"' * 5_000, "call_me": '"' * 100, "name": '"' * 100, "in_crisis": True}
    copies = [waiting(desk, number, **stuffed, fingerprint="the same") for number in range(150)]
    last = waiting(desk, 500, in_crisis=True, email="kim@example.com", phone="+12025550199")
    summaries(desk, detail="full").send(urgent=True)
    assert not desk.table.progress_of(last).in_summary, "people who sent few come first"
    told = [each for each in copies if not desk.table.progress_of(each).in_summary]
    assert len(told) >= 30
    desk.clock.time += timedelta(seconds=60)
    assert summaries(desk, detail="full").send(urgent=True), "the next sweep goes on, although less than the usual wait"


def test_new_requests_come_before_reminders_and_crisis_before_its_words() -> None:
    def one(number: int, notice: Notice, *, crisis: bool) -> StoredLead:
        words = {"in_crisis": True} if crisis else {"message": "I want to die"}
        ways: dict[str, Any] = {"email": f"p{number}@example.com", "phone": f"+120255501{number:02}"}
        lead = a_lead(number, fingerprint=f"made-up-{number}", **words, **ways)
        return StoredLead(lead=lead, progress=Progress(notice=notice, in_summary=True))

    leads = [
        one(0, Notice.REMINDER, crisis=True),
        one(1, Notice.ALERT, crisis=False),
        one(2, Notice.ALERT, crisis=True),
        one(3, Notice.REMINDER, crisis=False),
    ]
    assert in_order(leads) == [leads[2], leads[1], leads[0], leads[3]]
    again = [leads[2], leads[2], leads[1]]
    assert in_order(again)[1] is leads[1], "a copy waits for the others"


# ---- what SES reports about it


def reported(desk: Rehearsal, name: str, sent: Sent) -> None:
    """Let SES report on a summary: one of the golden events."""
    event: dict[str, Any] = json.loads((EVENTS / f"ses_{name}.json").read_text("utf-8"))
    tags = event["detail"]["mail"]["tags"]
    for tag in ("lead_id", "attempt"):
        tags.pop(tag, None)
    tags |= {tag: [value] for tag, value in sent.tags.items()}
    client = desk.table.client
    Reports(
        leads=desk.table,
        statuses=RecipientStatuses(client, NAME),
        lists=SummaryLists(client, NAME),
        confirmations=ConfirmationTally(client, NAME),
        alarms=Inbox(),
        rules=RULES,
        now=desk.clock,
    ).record(event)


def test_if_a_summary_bounces_the_fallback_recipients_get_each_lead(desk: Rehearsal) -> None:
    leads = [waiting(desk, number) for number in range(3)]
    summaries(desk).send(urgent=False)
    for sent in list(desk.mailer.sent):
        reported(desk, "bounced", sent)
    before = len(desk.mailer.sent)
    for lead_id in leads:
        assert desk.table.progress_of(lead_id).state is AlertState.BOUNCED
        desk.sender().send(lead_id)
    assert {sent.to[0] for sent in desk.mailer.sent[before:]} == {ADDRESSES["fallback-1"]}


def test_if_a_server_does_not_take_a_summary_each_lead_is_sent_without_words(desk: Rehearsal) -> None:
    """A stranger's copy may be the reason. It must not keep the other requests in the email from staff."""
    mine, stranger = waiting(desk, 0, in_crisis=True), waiting(desk, 1, in_crisis=True, name=CANARY)
    summaries(desk).send(urgent=True)
    for sent in list(desk.mailer.sent):
        reported(desk, "bounced_content", sent)
    for lead_id in (mine, stranger):
        before = len(desk.mailer.sent)
        assert desk.table.progress_of(lead_id).shows_reference_only
        assert desk.sender().send(lead_id) is Result.ACCEPTED
        assert {sent.to[0] for sent in desk.mailer.sent[before:]} == set(STAFF)
        assert CANARY not in desk.mailer.sent[-1].message.text


def test_a_delivered_summary_changes_nothing(desk: Rehearsal) -> None:
    lead_id = waiting(desk, 0)
    summaries(desk).send(urgent=False)
    before = desk.table.progress_of(lead_id)
    reported(desk, "delivered", desk.mailer.sent[0])
    assert desk.table.progress_of(lead_id) == before


def test_a_summary_whose_list_cannot_be_kept_goes_out_anyway(desk: Rehearsal) -> None:
    waiting(desk, 0)
    broken = replace(summaries(desk), lists=cast("SummaryLists", SimpleNamespace(write=None)))
    with everything_printed() as printed:
        assert broken.send(urgent=False) == 1
    assert "summary list not kept" in printed.getvalue()


# ---- what it shows


def stored(number: int = 0, **changes: Any) -> StoredLead:  # noqa: ANN401 - any attribute of a lead
    return StoredLead(lead=a_lead(number, **changes), progress=Progress(in_summary=True))


def reader(detail: Any = "contact", now: datetime = NOW) -> Reader:  # noqa: ANN401 - one of three words
    return Reader(
        clinic=CLINIC, now=now, detail=detail, names=ADDRESSES, pages={}, desk="https://api.example/prod/desk"
    )


def test_a_summary_links_to_the_desk() -> None:
    message, _ = compose_summary([stored()], reader(), urgent=True)
    assert "\nAll requests are at the desk. You sign in there:\nhttps://api.example/prod/desk\n" in message.text
    assert 'href="https://api.example/prod/desk"' in message.html


def test_with_contact_details_it_shows_how_to_reach_each_person() -> None:
    message, _ = compose_summary([stored()], reader(), urgent=False)
    for text in (message.text, message.html):
        assert "Robin Example" in text
        assert "+1 202-555-0147" in text
        assert "do not name the clinic" in text
        assert "I would like to know more" not in text
    assert 'href="tel:+12025550147"' in message.html


def test_full_detail_shows_each_ones_own_words_marked_as_theirs() -> None:
    mine = "Line one.\nClaim this request: https://evil.example"
    message, _ = compose_summary([stored(message=mine, in_crisis=True)], reader("full"), urgent=True)
    assert "> Line one." in message.text
    assert "> Claim this request:" in message.text
    assert "https://evil.example" not in message.text
    assert "CALL NOW, at any hour" in message.text


def test_with_the_reference_only_it_shows_nothing_that_anybody_typed() -> None:
    lead = a_full_lead(name=CANARY, message=CANARY, call_me=CANARY)
    message, _ = compose_summary(
        [StoredLead(lead=lead, progress=Progress(in_summary=True))], reader("reference"), urgent=False
    )
    assert CANARY not in message.text + message.html
    assert lead.reference in message.text


def test_what_ses_rejected_before_is_not_shown_again() -> None:
    one = StoredLead(lead=a_lead(name=CANARY), progress=Progress(in_summary=True, plain_after=1))
    message, _ = compose_summary([one], reader("full"), urgent=False)
    assert CANARY not in message.text + message.html


def test_nothing_typed_is_in_the_subject() -> None:
    message, _ = compose_summary([stored(name=CANARY)], reader("full"), urgent=False)
    assert message.subject == "1 consultation request in one email, 10:30 AM"


valid_text = any_text.map(lambda text: text.encode("utf-8", "ignore").decode())


@settings(max_examples=30)
@given(words=st.lists(valid_text, min_size=1, max_size=3), count=st.integers(1, 40))
def test_whatever_people_type_it_is_not_cut_off(words: list[str], count: int) -> None:
    long = (words[0] or "x") * 100
    leads = [stored(number, message=long[:4000], name=words[-1][:80] or "x") for number in range(count)]
    message, listed_count = compose_summary(leads, reader("full"), urgent=True)
    assert 1 <= listed_count <= count
    assert len(message.html.encode()) <= MOST_BYTES or listed_count == 1
    assert ("The next summary lists them" in message.text) == (listed_count < count)
    for number, each in enumerate(leads):
        assert (each.lead.reference in message.text) == (number < listed_count)


def test_a_hundred_usual_requests_fit() -> None:
    page = linked(a_lead().id, "r-1f3c9a20be47", 12345).page
    usual: dict[str, Any] = dict.fromkeys(
        ("call_me", "discreet", "location", "asking_for", "preferred_contact", "time_zone")
    )
    leads = [stored(number, **usual) for number in range(MOST_IN_A_SUMMARY)]
    full = replace(reader(), pages={each.lead.id: page for each in leads})
    assert compose_summary(leads, full, urgent=False)[1] == MOST_IN_A_SUMMARY


@pytest.mark.parametrize(
    ("notice", "said"),
    [
        (Notice.ALERT, "New."),
        (Notice.REMINDER, "Not claimed yet."),
        (Notice.ESCALATION, "Not claimed yet."),
        (Notice.OWNER_REMINDER, "You claimed it. Please say how it went."),
        (Notice.CALL_AGAIN, "There was no answer when frontdesk@example.com (a shared mailbox) tried."),
        (Notice.NOT_REACHED, "(a shared mailbox) claimed it, but nobody has reached the person yet."),
    ],
)
def test_it_says_why_each_is_listed(notice: Notice, said: str) -> None:
    progress = Progress(in_summary=True, notice=notice, claimed_by="staff-1")
    message, _ = compose_summary([StoredLead(lead=a_lead(), progress=progress)], reader(), urgent=False)
    assert said in message.text
