"""follow_up.sweep with more due than it can handle: urgent leads first, several at once, and no more than SES takes."""

from collections import Counter, defaultdict
from itertools import chain, count
from threading import Barrier
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from follow_up.sweep import sweep
from shared.leads.agenda import Lane, partitions
from shared.leads.event import Result
from shared.leads.notice import Outcome
from shared.messages.send import THROTTLED_RETRIES, AlertSender
from shared.runtime.telemetry import metrics
from shared.runtime.together import AT_ONCE
from shared.services.mailer import MailError
from shared.store.intake import STREAM_GRACE
from shared.store.leads import AGENDA_PAGE
from tests.unit.long_agenda import Agenda, CountingSender, many
from tests.unit.output import counted
from tests.unit.senders import NO_DIGEST, STAFF, Rehearsal

EVERYTHING = [each for lane in (Lane.URGENT, Lane.ORDINARY) for each in partitions(lane)]
IN_CRISIS = {"in_crisis": True}


def forever() -> float:
    return 60.0


def throttled() -> MailError:
    return MailError(Outcome.THROTTLED, "TooManyRequestsException")


def swept(sender: CountingSender, *, at_once: int = 1, time_left: Any = forever) -> int:  # noqa: ANN401 - any clock
    return sweep(cast("AlertSender", sender), NO_DIGEST, time_left, at_once=at_once, sleep=lambda _: None)


def test_of_300_000_due_a_sweep_reads_a_few_before_it_sends_urgent_ones_first() -> None:
    agenda = Agenda(many(300_000) | many(40, Lane.URGENT))
    sender = CountingSender(agenda)
    left = chain([60.0] * 200, count(0, 0))
    assert swept(sender, time_left=lambda: next(left)) > 100
    assert sender.read[0] <= len(EVERYTHING) * AGENDA_PAGE <= 1000
    assert max(sender.read) <= 1000
    assert sender.sent[:40] == [f"urgent-{one}" for one in reversed(range(40))]
    assert sender.sent[40] == "ordinary-299999", "the one that has been due for longest"
    assert counted("OldestOverdue") == [299_999]
    assert counted("Sweeps") == [1]


def test_a_sweep_goes_on_with_the_next_pages_while_there_is_work() -> None:
    number = 4 * AGENDA_PAGE * 3 + 1
    sender = CountingSender(Agenda(defaultdict(list, many(number))))
    assert swept(sender, at_once=AT_ONCE) == number
    assert set(sender.sent) == {f"ordinary-{one}" for one in range(number)}
    assert counted("LeadsHandled") == [number]


_FATES: list[Result | Exception] = [*Result, OSError()]


@st.composite
def agendas(draw: st.DrawFn) -> tuple[Agenda, dict[str, Result | Exception]]:
    """Draw an agenda, and what happens to each of its leads."""
    due = draw(st.dictionaries(st.sampled_from(EVERYTHING), st.lists(st.integers(0, 99), max_size=60)))
    entries = {
        part: [(f"{part}/{place}", float(each)) for place, each in enumerate(due.get(part, ()))] for part in EVERYTHING
    }
    broken = draw(st.frozensets(st.sampled_from(EVERYTHING), max_size=len(EVERYTHING) - 1))
    fates = draw(st.lists(st.sampled_from([*_FATES, *[Result.ACCEPTED] * 30]), min_size=1))
    leads = [lead for part, leads in entries.items() if part not in broken for lead, _ in leads]
    return Agenda(entries, broken), {lead: fates[place % len(fates)] for place, lead in enumerate(leads)}


@given(drawn=agendas(), looks=st.integers(0, 2000), at_once=st.sampled_from([1, AT_ONCE]))
def test_whatever_is_due_each_is_begun_at_most_once_and_urgent_ones_first(
    drawn: tuple[Agenda, dict[str, Result | Exception]], looks: int, at_once: int
) -> None:
    agenda, fates = drawn
    sender, left = CountingSender(agenda, fates), chain([60.0] * looks, count(0, 0))
    metrics.clear_metrics()
    assert swept(sender, at_once=at_once, time_left=lambda: next(left)) == len(sender.sent)
    assert len(set(sender.sent)) == len(sender.sent), "a lead that fails must not be tried again and again"
    begun, urgent = set(sender.sent), {lead for lead in fates if lead.startswith("urgent")}
    assert begun <= fates.keys()
    if begun - urgent:
        assert set(sender.sent[: len(urgent)]) == urgent
    stopped = Result.THROTTLED in map(fates.get, begun)
    if next(left) and not stopped:
        assert begun == fates.keys()
    worked = [lead for lead in begun if isinstance(fates[lead], Result)]
    assert (counted("LeadsHandled"), counted("DueLeadsFailed")) == ([len(worked)], [len(begun) - len(worked)])
    assert counted("Sweeps") == [1] * (not agenda.broken and (bool(begun) or not fates))


# ---- SES throttles


def test_when_ses_throttles_a_sweep_slows_down_and_then_begins_no_ordinary_leads() -> None:
    desk = Rehearsal()
    for number in range(40):
        desk.store(number)
    desk.clock.time += STREAM_GRACE
    desk.mailer.faults.before["send"] += [throttled() for _ in range(99)]
    waits: list[float] = []
    assert sweep(desk.sender(), NO_DIGEST, forever, sleep=waits.append) <= AT_ONCE + 1
    assert waits == [1.0]
    assert not desk.mailer.sent
    assert sum(item.get("alert_attempts") is not None for item in desk.table.leads.values()) <= AT_ONCE + 1


def test_after_one_throttled_email_a_sweep_goes_on_one_at_a_time() -> None:
    desk = Rehearsal()
    for number in range(40):
        desk.store(number)
    desk.clock.time += STREAM_GRACE
    desk.mailer.faults.before["send"].append(throttled())
    assert sweep(desk.sender(), NO_DIGEST, forever, sleep=lambda _: None) == 40
    assert len(desk.mailer.told) == 39


def test_an_urgent_lead_goes_on_while_ses_throttles_and_ordinary_ones_wait() -> None:
    desk = Rehearsal()
    urgent = {desk.store(number, **IN_CRISIS) for number in range(3)}
    for number in range(3, 9):
        desk.store(number)
    desk.clock.time += STREAM_GRACE
    desk.mailer.faults.before["send"] += [throttled() for _ in range(THROTTLED_RETRIES + 1)]
    told_at_the_pause: list[str] = []
    sweep(desk.sender(), NO_DIGEST, forever, at_once=1, sleep=lambda _: told_at_the_pause.extend(desk.mailer.told))
    assert len(told_at_the_pause) == len(urgent) - 1
    assert set(told_at_the_pause) < urgent
    assert len(desk.mailer.told) == 8


# ---- several at once


def test_several_leads_are_at_ses_at_the_same_time() -> None:
    desk = Rehearsal()
    for number in range(AT_ONCE):
        desk.store(number)
    desk.clock.time += STREAM_GRACE
    together = Barrier(AT_ONCE)
    real = desk.mailer.send

    def send(*args: Any, **more: Any) -> str:  # noqa: ANN401 - as the mailer takes them
        together.wait(10)
        return real(*args, **more)

    sender = desk.sender(mailer=SimpleNamespace(send=send))
    assert sweep(sender, NO_DIGEST, forever) == AT_ONCE
    assert Counter(mail.to[0] for mail in desk.mailer.sent) == dict.fromkeys(STAFF, AT_ONCE)


@pytest.mark.parametrize("at_once", [1, AT_ONCE])
def test_the_same_leases_and_emails_however_many_at_once(at_once: int) -> None:
    desk = Rehearsal()
    ids = [desk.store(number, **(IN_CRISIS if number % 7 == 0 else {})) for number in range(30)]
    desk.clock.time += STREAM_GRACE
    assert sweep(desk.sender(), NO_DIGEST, forever, at_once=at_once) == 30
    assert Counter(mail.lead_id for mail in desk.mailer.sent) == dict.fromkeys(ids, len(STAFF))
    assert {desk.table.progress_of(lead_id).attempts for lead_id in ids} == {1}
    assert counted("AlertsAccepted") == [1] * 30
