"""The one writer: what it writes, when it writes nothing, and what it logs and counts about a change."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from shared.leads.alert import LEASE
from shared.leads.consequences import Metric, consequences
from shared.leads.decisions import (
    Attempt,
    ConfirmedBeforeError,
    MovedOnError,
    NotDueError,
    Rules,
    claim,
    confirm,
    finish,
    lease,
    note,
    quarantine,
    rearm,
    report,
    wait,
)
from shared.leads.event import Event, Result
from shared.leads.notice import Notice, Outcome, Report, ReportKind
from shared.leads.progress import AlertState, Progress, StoredLead
from shared.leads.response import ClaimAction, ResponseState
from shared.leads.retention import LONGEST
from shared.leads.spam import NOT_SCREENED, Reason, Screening
from shared.leads.team import Team
from shared.runtime.telemetry import alert_metrics, metrics
from shared.store.intake import new_lead_item
from shared.store.leads import BusyLeadError, Leads
from shared.store.report_item import REPORT
from tests.unit.dynamodb import MemoryDynamoDB
from tests.unit.fakes import MemoryLeads
from tests.unit.people import CLINIC, NOW, a_lead

LEAD = a_lead()
LEASE_TOKEN = "made-up"
RULES = Rules(clinic=CLINIC, team=Team(staff=("staff-1", "staff-2"), fallback=("fallback-1",)))
ALONE = Rules(clinic=CLINIC, team=Team(staff=("staff-1",), fallback=()))
SPAM = Screening(100, (Reason.TRAP_FILLED, Reason.TOO_FAST))


@pytest.fixture
def leads() -> MemoryLeads:
    leads = MemoryLeads()
    leads.put(LEAD)
    return leads


def emitted() -> dict[str, float]:
    return {name: sum(metric["Value"]) for name, metric in (metrics.metric_set | alert_metrics.metric_set).items()}


def leased(leads: MemoryLeads, token: str = LEASE_TOKEN) -> StoredLead:
    changed = leads.change(LEAD.id, lease(NOW, token))
    assert changed
    return changed[1]


def attempt(token: str = LEASE_TOKEN, **changes: Any) -> Attempt:  # noqa: ANN401 - any attribute
    return replace(Attempt(token=token, number=1, notice=Notice.ALERT), **changes)


def sent(*recipients: str, rules: Rules = RULES, **changes: Any) -> Callable[[StoredLead], Progress]:  # noqa: ANN401
    accepted = attempt(outcomes=dict.fromkeys(recipients, Outcome.ACCEPTED), **changes)
    return finish(accepted, rules, NOW, jitter=1.0)


def bounced(recipient: str = "staff-1", rules: Rules = RULES) -> Callable[[StoredLead], Progress]:
    told = Report(kind=ReportKind.BOUNCED, notice=Notice.ALERT, recipient=recipient, attempt=1)
    return report(told, Event(kind="bounced", at=NOW, details={"recipient": recipient}), rules, NOW)


# --- What is written --------------------------------------------------------------------------------------------------


def test_one_lease_at_a_time_and_the_next_when_it_has_ended(leads: MemoryLeads) -> None:
    assert leased(leads).progress.lease == "made-up"
    with pytest.raises(NotDueError):
        leads.change(LEAD.id, lease(NOW + LEASE - timedelta(milliseconds=1), "second"))
    changed = leads.change(LEAD.id, lease(NOW + LEASE, "third"))
    assert changed
    assert (changed[1].progress.lease, changed[1].progress.attempts) == ("third", 2)


def test_a_quarantined_lead_is_off_the_agenda_without_its_token_and_expires(leads: MemoryLeads) -> None:
    leads.leads[LEAD.id]["turnstile_token"] = {"S": "made-up-token"}
    leased(leads)
    leads.change(LEAD.id, quarantine(attempt(screening=SPAM), RULES, NOW))
    item = leads.leads[LEAD.id]
    assert item["alert_state"] == {"S": "quarantined"}
    assert item["worklist"]["S"].startswith("quarantined#")
    assert item["spam_reasons"] == {"L": [{"S": "trap_filled"}, {"S": "too_fast"}]}
    assert item["expires_at"] == {"N": str(int(NOW.timestamp()) + 30 * 24 * 3600)}
    assert not {"lease_token", "agenda_shard", "agenda_at", "overdue_since", "turnstile_token"} & set(item)
    (entry,) = leads.timeline.values()
    assert entry["expires_at"] == item["expires_at"], "the timeline entry must be in the same write"


def test_a_screening_is_written_once_and_comes_back_with_the_lead(leads: MemoryLeads) -> None:
    leased(leads)
    leads.change(LEAD.id, sent("staff-1", "staff-2", screening=NOT_SCREENED))
    assert leads.progress_of(LEAD.id).reasons == NOT_SCREENED.reasons
    item = leads.leads[LEAD.id]
    item["spam_reasons"] = {"L": [{"S": "too_fast"}, {"S": "of another version"}]}
    assert leads.progress_of(LEAD.id).reasons == (Reason.TOO_FAST,)


def test_an_earlier_screening_stays_where_an_attempt_has_none(leads: MemoryLeads) -> None:
    leased(leads)
    leads.change(LEAD.id, sent("staff-1", screening=NOT_SCREENED))
    leads.change(LEAD.id, lease(NOW + timedelta(days=1), "second"))
    leads.change(LEAD.id, sent("staff-2", token="second"))
    assert leads.progress_of(LEAD.id).reasons == NOT_SCREENED.reasons


def test_the_canarys_lead_expires(leads: MemoryLeads) -> None:
    leased(leads)
    leads.change(LEAD.id, sent("staff-1", synthetic=True))
    assert leads.leads[LEAD.id]["expires_at"] == {"N": str(int(NOW.timestamp()) + 3600)}


def test_an_expired_lead_is_gone_before_the_table_deletes_it() -> None:
    at = [NOW]
    leads = MemoryLeads(now=lambda: at[0])
    leads.put(LEAD)
    leased(leads)
    leads.change(LEAD.id, quarantine(attempt(screening=SPAM), RULES, NOW))
    at[0] += timedelta(days=CLINIC.retention.spam) - timedelta(seconds=1)
    assert leads.read(LEAD.id)
    at[0] += timedelta(seconds=1)
    assert leads.read(LEAD.id) is None
    assert leads.change(LEAD.id, rearm(AlertState.QUARANTINED, at[0])) is None


def test_a_closed_lead_ends_when_the_clinic_says_and_every_write_agrees(leads: MemoryLeads) -> None:
    leased(leads)
    leads.change(LEAD.id, sent("staff-1", "staff-2"))
    leads.change(LEAD.id, claim(ClaimAction.CLAIM, RULES, NOW, by="staff-2", link="made-up"))
    assert "expires_at" not in leads.leads[LEAD.id]
    leads.change(LEAD.id, claim(ClaimAction.REACHED, RULES, NOW, by="staff-2", link="another"))
    end = {"N": str(int((NOW + timedelta(days=CLINIC.retention.reached)).timestamp()))}
    assert leads.leads[LEAD.id]["expires_at"] == end
    leads.change(LEAD.id, bounced())
    assert leads.leads[LEAD.id]["expires_at"] == end
    leads.change(LEAD.id, claim(ClaimAction.REOPEN, RULES, NOW, by="staff-2", link="again"))
    assert "expires_at" not in leads.leads[LEAD.id]
    beside = [item for key, item in leads.dynamodb.items.items() if key[1] not in {"LEAD", REPORT}]
    assert {str(item["expires_at"]) for item in beside} == {str({"N": str(int((NOW + LONGEST).timestamp()))})}


def test_an_erased_lead_can_neither_be_read_nor_changed(leads: MemoryLeads) -> None:
    assert not leads.was_erased(LEAD.id)
    leased(leads)
    item = leads.leads[LEAD.id]
    item["erased_at"] = {"S": "2026-03-04T15:30:00.000Z"}
    before = dict(leads.dynamodb.items)
    assert leads.was_erased(LEAD.id)
    assert leads.read(LEAD.id) is None
    assert leads.change(LEAD.id, sent("staff-1")) is None
    assert leads.dynamodb.items == before
    assert not leads.was_erased("00000000000000000000000000")


def test_a_lead_that_is_erased_while_it_is_written_stays_erased(leads: MemoryLeads) -> None:
    leased(leads)

    def erased_meanwhile(stored: StoredLead) -> Progress:
        item = leads.leads[LEAD.id]
        item["erased_at"] = {"S": "2026-03-04T15:30:00.000Z"}
        item["version"] = {"N": str(stored.progress.version + 1)}
        return replace(stored.progress, tried=1)

    assert leads.change(LEAD.id, erased_meanwhile) is None
    assert "tried" not in leads.leads[LEAD.id]


def test_a_late_report_leaves_a_quarantined_lead_where_it_is(leads: MemoryLeads) -> None:
    leased(leads)
    leads.change(LEAD.id, quarantine(attempt(screening=SPAM), RULES, NOW))
    end = leads.leads[LEAD.id]["expires_at"]
    for kind in ReportKind:
        told = Report(kind=kind, notice=Notice.ALERT, recipient="staff-1", attempt=1)
        leads.change(LEAD.id, report(told, Event(kind=str(kind), at=NOW), RULES, NOW))
    assert leads.leads[LEAD.id]["expires_at"] == end
    assert "agenda_at" not in leads.leads[LEAD.id]
    assert leads.state_of(LEAD.id) is AlertState.QUARANTINED


def test_a_released_lead_stays(leads: MemoryLeads) -> None:
    leased(leads)
    leads.change(LEAD.id, quarantine(attempt(screening=SPAM), RULES, NOW))
    leads.change(LEAD.id, rearm(AlertState.QUARANTINED, NOW))
    assert "expires_at" not in leads.leads[LEAD.id]
    assert leads.leads[LEAD.id]["agenda_at"] == {"S": "2026-03-04T15:30:00.000Z"}
    with pytest.raises(MovedOnError):
        leads.change(LEAD.id, rearm(AlertState.QUARANTINED, NOW))


def test_an_alert_waits_until_then(leads: MemoryLeads) -> None:
    leased(leads)
    leads.change(LEAD.id, wait(attempt(), NOW + timedelta(minutes=8), NOW))
    assert leads.progress_of(LEAD.id).due_at == NOW + timedelta(minutes=8)
    assert leads.progress_of(LEAD.id).lease is None
    assert leads.kinds_of(LEAD.id) == ["alert_waits"]
    assert emitted() == {"AlertsWaiting": 1}


def test_a_claimed_lead_is_not_quarantined_and_waits_for_its_time(leads: MemoryLeads) -> None:
    """Somebody may claim a lead from the digest before its first attempt, or while it is screened."""
    leased(leads)
    leads.change(LEAD.id, claim(ClaimAction.CLAIM, RULES, NOW, by="staff-2", link="made-up"))
    changed = leads.change(LEAD.id, quarantine(attempt(screening=SPAM), RULES, NOW))
    assert changed is not None
    after = changed[1].progress
    assert (after.state is AlertState.QUARANTINED, after.due_at is None) == (False, False)
    assert after.event is not None
    assert after.event.result is Result.SKIPPED
    later = replace(after, attempts=0, due_at=NOW + timedelta(hours=1))
    with pytest.raises(NotDueError):
        lease(NOW, "another")(StoredLead(lead=LEAD, progress=later))


def test_an_attempt_that_sent_nothing_is_not_counted_as_accepted() -> None:
    nobody = Attempt(token="a", number=1, notice=Notice.OWNER_REMINDER)
    owner_left = Progress(
        state=AlertState.SENDING,
        notice=Notice.OWNER_REMINDER,
        attempts=1,
        lease="a",
        response=ResponseState.CLAIMED,
        claimed_by="gone",
        told_at=NOW,
        due_at=NOW,
    )
    before = StoredLead(lead=LEAD, progress=owner_left)
    after = replace(before, progress=finish(nobody, RULES, NOW, jitter=0)(before))
    event = after.progress.event
    assert event is not None
    assert (event.kind, event.result) == ("owner_reminder_skipped", Result.SKIPPED)
    assert Metric.ACCEPTED not in consequences(before, after).metrics


@pytest.mark.parametrize(
    ("decide", "result", "kind"),
    [
        (sent("staff-1", "staff-2"), Result.ACCEPTED, "alert_accepted"),
        (sent("staff-1"), Result.DEFERRED, "alert_deferred"),
        (wait(attempt(), NOW + timedelta(minutes=8), NOW), Result.WAITING, "alert_waits"),
        (wait(attempt("late"), NOW + timedelta(minutes=8), NOW), Result.LEASE_LOST, "alert_lease_lost"),
        (quarantine(attempt(screening=SPAM), RULES, NOW), Result.QUARANTINED, "quarantined"),
        (quarantine(attempt("late", screening=SPAM), RULES, NOW), Result.LEASE_LOST, "alert_lease_lost"),
    ],
)
def test_a_decision_says_how_an_attempt_ended(
    leads: MemoryLeads, decide: Callable[[StoredLead], Progress], result: Result, kind: str
) -> None:
    leased(leads)
    changed = leads.change(LEAD.id, decide)
    assert changed
    event = changed[1].progress.event
    assert event
    assert (event.result, event.kind) == (result, kind)


def test_a_confirmation_has_one_permit(leads: MemoryLeads) -> None:
    assert leads.change(LEAD.id, confirm(NOW))
    with pytest.raises(ConfirmedBeforeError):
        leads.change(LEAD.id, confirm(NOW + timedelta(days=9)))
    assert leads.leads[LEAD.id]["confirmation_at"] == {"S": "2026-03-04T15:30:00.000Z"}


# --- Concurrent writes ------------------------------------------------------------------------------------------------


def test_only_the_holder_of_the_lease_writes_the_outcome(leads: MemoryLeads) -> None:
    leased(leads, "late")
    leads.change(LEAD.id, lease(NOW + LEASE, "holder"))
    before = leads.progress_of(LEAD.id)
    leads.change(LEAD.id, sent("staff-1", token="late"))
    assert leads.progress_of(LEAD.id) == before
    assert leads.kinds_of(LEAD.id) == ["alert_lease_lost"], "the attempt must count"
    assert "AlertsAccepted" not in emitted()
    leads.change(LEAD.id, sent("staff-1", "staff-2", token="holder", number=2))
    assert leads.state_of(LEAD.id) is AlertState.ACCEPTED


def test_a_decision_is_repeated_on_what_another_writer_wrote(leads: MemoryLeads) -> None:
    seen: list[Progress] = []

    def decide(stored: StoredLead) -> Progress:
        seen.append(stored.progress)
        if len(seen) == 1:  # another writer is faster
            Leads.change(leads, LEAD.id, lease(NOW, "quicker"))
        return replace(stored.progress, links_used=frozenset({"made-up"}))

    changed = leads.change(LEAD.id, decide)
    assert [progress.version for progress in seen] == [0, 1]
    assert changed
    assert changed[0].progress.lease == "quicker"
    assert (changed[1].progress.lease, changed[1].progress.links_used) == ("quicker", frozenset({"made-up"}))


def test_a_write_that_the_sdk_repeats_meets_itself(leads: MemoryLeads) -> None:
    update, writes = leads.client.update_item, []

    def twice(**asked: Any) -> Any:  # noqa: ANN401 - as the client has it
        writes.append(update(**asked))
        return update(**asked)

    leads.client.update_item = twice  # type: ignore[method-assign]
    assert leased(leads).progress.lease == "made-up"
    leads.change(LEAD.id, sent("staff-1", "staff-2"))
    assert len(writes) == 2
    assert leads.kinds_of(LEAD.id) == ["alert_accepted"]
    assert emitted() == {"AlertsAccepted": 1}


def test_endless_conflicts_end_in_an_error_and_change_nothing(leads: MemoryLeads) -> None:
    before = leads.leads[LEAD.id].copy()

    def decide(stored: StoredLead) -> Progress:
        leads.leads[LEAD.id]["version"] = {"N": str(stored.progress.version + 1)}
        return replace(stored.progress, links_used=frozenset({"made-up"}))

    with pytest.raises(BusyLeadError):
        leads.change(LEAD.id, decide)
    assert {**leads.leads[LEAD.id], "version": None} == {**before, "version": None}
    assert not leads.timeline


def test_a_lead_that_is_deleted_meanwhile_stays_deleted(leads: MemoryLeads) -> None:
    leased(leads)

    def decide(stored: StoredLead) -> Progress:
        leads.leads.clear()
        return sent("staff-1")(stored)

    assert leads.change(LEAD.id, decide) is None
    assert not leads.dynamodb.items


@pytest.mark.parametrize("decide", [lease(NOW, "x"), note(Event(kind="made-up", at=NOW)), sent("staff-1")])
def test_nobody_can_be_changed_who_is_not_there(decide: Callable[[StoredLead], Progress]) -> None:
    leads = MemoryLeads()
    assert leads.change("NOSUCHLEAD", decide) is None
    assert leads.read("NOSUCHLEAD") is None
    assert not leads.dynamodb.items


def test_an_error_of_a_decision_is_raised_and_nothing_is_written(leads: MemoryLeads) -> None:
    before = leads.leads[LEAD.id].copy()

    def decide(_stored: StoredLead) -> Progress:
        raise NotDueError

    with pytest.raises(NotDueError):
        leads.change(LEAD.id, decide)
    assert leads.leads[LEAD.id] == before
    assert not leads.timeline


def test_a_change_that_changes_nothing_still_leaves_its_entry(leads: MemoryLeads) -> None:
    before = leads.leads[LEAD.id].copy()
    assert leads.change(LEAD.id, note(Event(kind="confirmation_delivered", at=NOW)))
    assert leads.leads[LEAD.id] == before
    assert leads.kinds_of(LEAD.id) == ["confirmation_delivered"]


def test_a_lead_is_read_as_it_is_now() -> None:
    client = boto3.client("dynamodb")
    with Stubber(client) as stubber:
        expected = {
            "TableName": "made-up-table",
            "Key": {"pk": {"S": f"LEAD#{LEAD.id}"}, "sk": {"S": "LEAD"}},
            "ConsistentRead": True,
        }
        stubber.add_response("get_item", {"Item": new_lead_item(LEAD)}, expected)
        stored = Leads(client, "made-up-table").read(LEAD.id)
    assert stored
    assert stored.lead == LEAD


def test_a_decision_is_made_on_what_was_written_a_moment_ago() -> None:
    leads = MemoryLeads(MemoryDynamoDB(stale=True))
    leads.put(LEAD)
    leased(leads)
    stored = leads.read(LEAD.id)
    assert stored
    assert stored.progress.lease == LEASE_TOKEN


# --- Logs and metrics -------------------------------------------------------------------------------------------------


def test_what_is_counted_is_what_was_written_even_where_the_bounce_was_quicker(leads: MemoryLeads) -> None:
    """One recipient, no fallback, and the report arrives before the sender records SES's response."""
    leased(leads)
    leads.change(LEAD.id, bounced(rules=ALONE))
    leads.change(LEAD.id, sent("staff-1", rules=ALONE))
    assert leads.state_of(LEAD.id) is AlertState.UNDELIVERABLE
    assert leads.kinds_of(LEAD.id) == ["alert_undeliverable", "bounced"]
    assert emitted() == {"AlertsUndeliverable": 1}


def test_metrics_are_counted_even_where_the_timeline_cannot_be_written(leads: MemoryLeads) -> None:
    leased(leads)

    def broken(**_: object) -> None:
        raise OSError

    leads.client.put_item = broken  # type: ignore[method-assign, assignment]
    with pytest.raises(OSError):  # noqa: PT011 - it has no text
        leads.change(LEAD.id, sent("staff-1", "staff-2"))
    assert emitted() == {"AlertsAccepted": 1}


def test_the_entry_says_who_did_it(leads: MemoryLeads) -> None:
    leased(leads)
    leads.change(LEAD.id, sent("staff-1", "staff-2"))
    leads.change(LEAD.id, bounced())
    leads.change(LEAD.id, claim(ClaimAction.CLAIM, RULES, NOW, by="staff-2", link="made-up"))
    actors = {str(entry["kind"]["S"]): entry["actor"]["S"] for entry in leads.timeline.values()}
    assert actors == {"alert_accepted": "system", "bounced": "system", "claimed": "staff-2"}
    assert all(entry["schema"] == {"N": "1"} for entry in leads.timeline.values())


@pytest.mark.parametrize(
    ("outcomes", "counted"),
    [
        ({"staff-1": Outcome.ACCEPTED, "staff-2": Outcome.ACCEPTED}, {"AlertsAccepted"}),
        ({"staff-1": Outcome.THROTTLED}, {"AlertsDeferred"}),
        (
            {"staff-1": Outcome.REFUSED, "staff-2": Outcome.ACCEPTED, "fallback-1": Outcome.ACCEPTED},
            {"AlertsAccepted", "AlertsRefused"},
        ),
        ({"staff-1": Outcome.BLOCKED}, {"AlertsDeferred", "AlertsBlocked"}),
    ],
)
def test_each_outcome_is_counted(leads: MemoryLeads, outcomes: dict[str, Outcome], counted: set[str]) -> None:
    leased(leads)
    leads.change(LEAD.id, finish(attempt(outcomes=outcomes), RULES, NOW, jitter=1.0))
    assert set(emitted()) == counted
    (entry,) = leads.timeline.values()
    assert entry["recipients"] == {"S": ", ".join(f"{name} {said}" for name, said in outcomes.items())}
