"""The budget for emails: in a flood, staff get a limited number of emails, urgent ones first, and nothing is lost."""

from dataclasses import replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.leads.budget import SHARE_FOR, SHARES, DayUse, Rank, hourly_limit, rank_of
from shared.leads.clinic import EmailLimits
from shared.leads.decisions import Rules, claim
from shared.leads.event import Result
from shared.leads.notice import INFORMATION, Notice, Outcome
from shared.leads.progress import AlertState
from shared.leads.response import ClaimAction
from shared.messages.budget import Budget, remembered
from shared.services.mailer import MailError
from shared.store.day_use import FRESH_FOR, DayUses
from shared.store.email_counts import EmailCounts
from shared.store.urgent_senders import UrgentSenders
from tests.unit.dynamodb import NAME
from tests.unit.output import counted, everything_printed
from tests.unit.people import CLINIC, NOW
from tests.unit.senders import STAFF, TEAM, Rehearsal

KEY = b"made-up key"
LIMITS = EmailLimits(max_alerts_per_hour=4, max_urgent_alerts_per_hour=2)


def budget(desk: Rehearsal, **changes: Any) -> Budget:  # noqa: ANN401 - any attribute of a budget
    client = desk.table.client
    parts: dict[str, Any] = {
        "limits": LIMITS,
        "counts": EmailCounts(client, NAME),
        "urgent_senders": UrgentSenders(client, NAME),
        "day_use": DayUses(client, NAME).read,
        "key": lambda: KEY,
        "now": desk.clock,
    }
    return Budget(**(parts | changes))


@pytest.fixture
def desk() -> Rehearsal:
    return Rehearsal()


def another_person(number: int, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any attribute of a lead
    return {"email": f"person{number}@example.com", "phone": f"+1202555{100 + number:04}", **changes}


# ---- the rules


@given(most=st.integers(1, 500), notice=st.sampled_from(Notice), urgent=st.booleans())
def test_the_first_alert_of_a_kind_may_use_all_and_the_others_less(most: int, notice: Notice, *, urgent: bool) -> None:
    limit = hourly_limit(rank_of(notice, urgent=urgent), most)
    assert 1 <= limit <= most
    if notice is Notice.ALERT:
        assert limit == most


@given(used=st.floats(0, 2))
def test_what_matters_more_goes_on_for_longer(used: float) -> None:
    order = list(Rank)
    has_room = [DayUse(most=1000, sent=1000 * used).has_room(rank) for rank in order]
    assert has_room[order.index(Rank.URGENT_ALERT)], "an urgent alert is never stopped by the budget of the day"
    assert has_room == sorted(has_room, reverse=True)


def test_an_urgent_alert_comes_first_and_what_only_informs_last() -> None:
    assert rank_of(Notice.ALERT, urgent=True) is Rank.URGENT_ALERT
    assert {rank_of(each, urgent=False) for each in INFORMATION} == {Rank.INFORMATION}
    assert {rank_of(each, urgent=True) for each in set(Notice) - {Notice.ALERT}} == {Rank.URGENT_REMINDER}
    assert SHARES.keys() == set(Rank)


@pytest.mark.parametrize(("most", "sent", "used"), [(-1, 10_000, 0), (200, 50, 0.25), (200, 300, 1), (0, 0, 1)])
def test_the_part_that_is_used_up(most: float, sent: float, used: float) -> None:
    assert DayUse(most=most, sent=sent).used == used


# ---- the hour


def test_beyond_the_budget_of_an_hour_leads_wait_for_a_summary(desk: Rehearsal) -> None:
    sender = desk.sender(budget=budget(desk))
    leads = [desk.store(number) for number in range(6)]
    assert [sender.send(each) for each in leads] == [Result.ACCEPTED] * 4 + [Result.PUT_OFF] * 2
    assert len(desk.mailer.sent) == 4 * len(STAFF)
    put_off = desk.table.progress_of(leads[-1])
    assert (put_off.in_summary, put_off.notice, put_off.state) == (True, Notice.ALERT, AlertState.PENDING)
    assert desk.table.leads[leads[-1]]["agenda_shard"]["S"].startswith("summary-")
    assert desk.table.kinds_of(leads[-1]) == ["put_off"]
    assert counted("EmailsOverBudget") == [1, 1]
    assert counted("AlertsPutOff") == [1, 1]


def test_a_lead_that_waits_for_a_summary_is_not_sent_alone(desk: Rehearsal) -> None:
    sender = desk.sender(budget=budget(desk))
    *_, last = [desk.store(number) for number in range(5)]
    for each in sorted(desk.table.leads):
        sender.send(each)
    (waiting,) = [each for each in desk.table.leads if desk.table.progress_of(each).in_summary]
    desk.clock.time += timedelta(hours=2)
    assert desk.sender().send(waiting) is Result.NOT_DUE
    assert last in desk.table.leads


def test_a_new_hour_has_a_new_budget(desk: Rehearsal) -> None:
    sender = desk.sender(budget=budget(desk))
    for number in range(5):
        sender.send(desk.store(number))
    desk.clock.time += timedelta(hours=1)
    assert sender.send(desk.store(7)) is Result.ACCEPTED


def test_reminders_stop_before_first_alerts_do(desk: Rehearsal) -> None:
    sender = desk.sender(budget=budget(desk))
    first = [desk.store(number) for number in range(3)]
    for each in first:
        assert sender.send(each) is Result.ACCEPTED
    desk.clock.time += timedelta(minutes=20)
    assert desk.table.progress_of(first[0]).notice is Notice.REMINDER
    assert sender.send(first[0]) is Result.PUT_OFF
    assert sender.send(desk.store(8)) is Result.ACCEPTED


def test_urgent_requests_have_a_budget_of_their_own(desk: Rehearsal) -> None:
    sender = desk.sender(budget=budget(desk))
    for number in range(6):
        sender.send(desk.store(number))
    urgent = [desk.store(number, in_crisis=True, **another_person(number)) for number in range(10, 13)]
    assert [sender.send(each) for each in urgent] == [Result.ACCEPTED, Result.ACCEPTED, Result.PUT_OFF]
    assert desk.table.leads[urgent[-1]]["agenda_shard"]["S"].startswith("urgent_summary-")
    assert counted("UrgentEmailsOverBudget") == [1]


def test_each_email_costs_one_write_unit_of_the_budget(desk: Rehearsal) -> None:
    lead_id = desk.store()
    desk.sender().send(lead_id)
    without = desk.table.dynamodb.write_units
    other = Rehearsal()
    other.sender(budget=budget(other)).send(other.store())
    assert other.table.dynamodb.write_units == without + 1


def test_an_email_that_ses_does_not_accept_is_not_counted(desk: Rehearsal) -> None:
    sender = desk.sender(budget=budget(desk))
    lead_id = desk.store()
    for _ in range(6):
        desk.mailer.faults.before["send"] = [MailError(Outcome.THROTTLED, "TooManyRequestsException")]
        assert sender.send(lead_id) is Result.THROTTLED
        desk.clock.time += timedelta(seconds=desk.due_at(lead_id) or 0)
    assert sender.send(lead_id) is Result.ACCEPTED


def test_an_unclear_answer_is_counted_because_ses_may_have_sent_the_email(desk: Rehearsal) -> None:
    sender = desk.sender(budget=budget(desk))
    leads = [desk.store(number) for number in range(5)]
    desk.mailer.faults.before["send"] = [MailError(Outcome.DEFERRED, "ReadTimeoutError")]
    assert [sender.send(each) for each in leads] == [Result.DEFERRED, *[Result.ACCEPTED] * 3, Result.PUT_OFF]


def test_a_count_that_cannot_be_given_back_loses_nothing(desk: Rehearsal) -> None:
    broken = SimpleNamespace(take=lambda *_, **__: True, give_back=failing)
    lead_id = desk.store()
    desk.mailer.faults.before["send"] = [MailError(Outcome.BLOCKED, "SendingPausedException")]
    assert desk.sender(budget=budget(desk, counts=broken)).send(lead_id) is Result.DEFERRED
    EmailCounts(desk.table.client, NAME).give_back(("staff-1",), urgent=False, now=NOW + timedelta(hours=5))
    assert not [key for key in desk.table.dynamodb.items if key[0].startswith("EMAILS#")]


# ---- the day


@pytest.mark.parametrize(
    ("used", "urgent", "result"),
    [
        (70, False, Result.ACCEPTED),
        (85, False, Result.PUT_OFF),
        (85, True, Result.ACCEPTED),
        (120, True, Result.ACCEPTED),
    ],
)
def test_a_share_of_the_day_is_kept_for_urgent_requests(
    desk: Rehearsal, used: int, result: Result, *, urgent: bool
) -> None:
    DayUses(desk.table.client, NAME).write(DayUse(most=100, sent=used), NOW)
    assert desk.sender(budget=budget(desk)).send(desk.store(in_crisis=urgent)) is result


@pytest.mark.parametrize(("used", "allowed"), [(49, True), (50, False)])
def test_half_of_the_day_is_kept_for_staff(desk: Rehearsal, used: int, *, allowed: bool) -> None:
    DayUses(desk.table.client, NAME).write(DayUse(most=100, sent=used), NOW)
    stored = desk.table.read(desk.store())
    assert stored
    assert budget(desk).allows_confirmation(stored.lead) is allowed
    assert budget(desk, day_use=failing).allows_confirmation(stored.lead)


def test_an_old_answer_of_ses_says_nothing(desk: Rehearsal) -> None:
    uses = DayUses(desk.table.client, NAME)
    uses.write(DayUse(most=100, sent=100), NOW)
    assert uses.read(NOW + FRESH_FOR) == DayUse(most=100, sent=100)
    assert uses.read(NOW + FRESH_FOR + timedelta(seconds=1)) is None


def test_a_process_reads_the_use_of_the_day_once_a_minute() -> None:
    asked: list[datetime] = []
    read = remembered(asked.append)
    for seconds in (0, 30, 59, 60, 61):
        read(NOW + timedelta(seconds=seconds))
    assert asked == [NOW, NOW + timedelta(seconds=60)]


def test_news_over_the_budget_is_dropped_and_the_plan_goes_on(desk: Rehearsal) -> None:
    team = replace(TEAM, tell_others=True)
    lead_id = desk.store()
    sender = desk.sender(budget=budget(desk), team=team)
    sender.send(lead_id)
    rules = Rules(clinic=CLINIC, team=team)
    desk.table.change(lead_id, claim(ClaimAction.CLAIM, rules, desk.clock(), by="staff-1", link="made-up"))
    assert desk.table.progress_of(lead_id).notice is Notice.CLAIMED
    DayUses(desk.table.client, NAME).write(DayUse(most=100, sent=90), NOW)
    assert sender.send(lead_id) is Result.DROPPED
    progress = desk.table.progress_of(lead_id)
    assert (progress.notice, progress.in_summary) == (Notice.OWNER_REMINDER, False)


# ---- urgent requests that look alike


@pytest.mark.parametrize(
    "again",
    [
        {"fingerprint": "made-up-content-0", **another_person(1)},
        {**another_person(1), "email": "ROBIN@example.com"},
        {**another_person(1), "phone": "+12025550147"},
    ],
)
def test_the_first_alerts_at_once_and_more_of_the_same_share_an_email(desk: Rehearsal, again: dict[str, Any]) -> None:
    sender = desk.sender(budget=budget(desk, limits=EmailLimits()))
    first, second = desk.store(0, in_crisis=True), desk.store(1, in_crisis=True, **again)
    assert [sender.send(first), sender.send(second)] == [Result.ACCEPTED, Result.PUT_OFF]
    assert not counted("UrgentEmailsOverBudget"), "this is no flood"


def test_the_first_goes_on_alone_and_the_others_too_once_the_time_is_over(desk: Rehearsal) -> None:
    senders, lead = UrgentSenders(desk.table.client, NAME), desk.table
    first, second = (lead.read(desk.store(number, in_crisis=True)) for number in (0, 1))
    assert first
    assert second
    assert senders.is_first(first.lead, KEY, NOW)
    for minutes in (0, 5, 9):
        at = NOW + timedelta(minutes=minutes)
        assert not senders.is_another_first(first.lead, KEY, at)
        assert senders.is_another_first(second.lead, KEY, at)
        assert not senders.is_first(second.lead, KEY, at)
    assert not senders.is_another_first(second.lead, KEY, NOW + SHARE_FOR)
    assert senders.is_first(second.lead, KEY, NOW + SHARE_FOR)


def test_one_that_shares_an_email_keeps_no_other_person_from_being_first(desk: Rehearsal) -> None:
    """A stranger may put a person's address next to a phone number that was just used."""
    senders = UrgentSenders(desk.table.client, NAME)
    changes: list[dict[str, Any]] = [
        {"email": None},
        {"email": "kim@example.com"},
        {"email": "kim@example.com", "phone": None},
    ]
    used, stranger, person = (
        desk.table.read(desk.store(number, in_crisis=True, **each)) for number, each in enumerate(changes)
    )
    assert used
    assert stranger
    assert person
    assert senders.is_first(used.lead, KEY, NOW)
    assert not senders.is_first(stranger.lead, KEY, NOW)
    assert senders.is_first(person.lead, KEY, NOW)


def test_another_person_with_another_message_is_alerted_at_once(desk: Rehearsal) -> None:
    sender = desk.sender(budget=budget(desk))
    one, other = desk.store(0, in_crisis=True), desk.store(1, in_crisis=True, **another_person(1))
    assert [sender.send(one), sender.send(other)] == [Result.ACCEPTED, Result.ACCEPTED]


# ---- if something fails


def failing(*_: object, **__: object) -> Any:  # noqa: ANN401 - never returns
    raise ConnectionError("quotes robin@example.com")


@pytest.mark.parametrize("broken", ["counts", "urgent_senders", "day_use", "key"])
def test_what_cannot_be_read_or_counted_sends(desk: Rehearsal, broken: str) -> None:
    parts = {
        "counts": SimpleNamespace(take=failing),
        "urgent_senders": SimpleNamespace(is_first=failing),
        "day_use": failing,
        "key": failing,
    }
    DayUses(desk.table.client, NAME).write(DayUse(most=100, sent=99), NOW)
    changes: dict[str, Any] = {broken: parts[broken]}
    if broken != "day_use":
        changes["day_use"] = lambda _now: None
    sender = desk.sender(budget=budget(desk, **changes))
    with everything_printed() as printed:
        assert sender.send(desk.store(in_crisis=True)) is Result.ACCEPTED
        assert sender.send(desk.store(5, **another_person(5))) is Result.ACCEPTED
    assert "budget unknown" in printed.getvalue()
    assert "robin@example.com" not in printed.getvalue()


def test_a_check_that_would_take_too_long_is_left_out(desk: Rehearsal) -> None:
    stored = desk.table.read(desk.store(in_crisis=True))
    assert stored
    tight = budget(desk, day_use=failing, key=failing)
    assert tight.allows(stored, ("staff-1",), lambda: False)
