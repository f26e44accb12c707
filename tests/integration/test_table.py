"""The store against a real DynamoDB API: a table of the deployed shape, without its stream."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import batched
from typing import TYPE_CHECKING, Any

import pytest

from shared.leads.agenda import Lane, partition_of, partitions
from shared.leads.alert import LEASE
from shared.leads.decisions import Attempt, NotDueError, Rules, lease, note, quarantine
from shared.leads.event import Event
from shared.leads.identity import Signs
from shared.leads.lead import Lead
from shared.leads.notice import Notice
from shared.leads.progress import AlertState, Progress, StoredLead
from shared.leads.spam import Reason, Screening
from shared.leads.team import Team
from shared.store.intake import STREAM_GRACE, Stored, new_lead_item
from shared.store.intake_sdk import SdkIntake
from shared.store.leads import Leads
from shared.store.repeats import MOST_REPEATS, Repeats
from submit.new_lead import new_lead
from submit.request import parse_request
from tests.deployed import Deployed, submission
from tests.unit.people import CLINIC, ENGLISH, IDS, but

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import WriteRequestTypeDef

NOW = datetime(2026, 11, 2, 15, 4, tzinfo=UTC)


class Table(Leads):
    """The whole store on one table."""

    def __init__(self, client: "DynamoDBClient", name: str) -> None:
        super().__init__(client, name)
        self.put = SdkIntake(client, name).put
        self._repeats = Repeats(client, name)

    def count_repeats(self, lead: Lead, now: datetime) -> int:
        """Count and record a lead, as a sender does."""
        counted = self._repeats.count(lead, now)
        self._repeats.record(lead, now)
        return counted

    def lease(self, lead_id: str, at: datetime, token: str) -> StoredLead | None:
        """Lease a lead. Return None if it is not due."""
        try:
            changed = self.change(lead_id, lease(at, token))
        except NotDueError:
            return None
        return changed[1] if changed else None

    def finish(self, leased: StoredLead, decide: Callable[[Progress], Progress]) -> Progress | None:
        """Write an outcome as the holder of the lease."""
        token = leased.progress.lease

        def held(stored: StoredLead) -> Progress:
            return replace(decide(stored.progress), lease=None) if stored.progress.lease == token else stored.progress

        changed = self.change(leased.lead.id, held)
        return changed[1].progress if changed and changed[0].progress.lease == token else None


@pytest.fixture(scope="module")
def table(deployed: Deployed) -> Iterator[Table]:
    shape = deployed.dynamodb.describe_table(TableName=deployed.stack.table)["Table"]
    deployed.dynamodb.create_table(
        TableName="adapter",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=shape["AttributeDefinitions"],
        KeySchema=shape["KeySchema"],
        GlobalSecondaryIndexes=[
            {"IndexName": index["IndexName"], "KeySchema": index["KeySchema"], "Projection": index["Projection"]}
            for index in shape["GlobalSecondaryIndexes"]
        ],
    )
    yield Table(deployed.dynamodb, "adapter")
    deployed.dynamodb.delete_table(TableName="adapter")


def accepted(progress: Progress) -> Progress:
    return replace(
        progress, state=AlertState.ACCEPTED, accepted=frozenset({"alert/staff-1"}), due_at=None, overdue_since=None
    )


def deferred(due_at: datetime) -> Callable[[Progress], Progress]:
    return lambda progress: replace(progress, state=AlertState.PENDING, due_at=due_at)


def some_lead(received_at: datetime = NOW, **changes: object) -> Lead:
    return new_lead(parse_request(submission(**changes), CLINIC, ENGLISH), received_at, CLINIC, IDS)


def due_ids(table: Table, lead: Lead, at: datetime) -> list[str]:
    return [entry.lead_id for entry in table.agenda(partition_of(lead), at)]


def test_a_lead_is_stored_once(table: Table) -> None:
    request = submission()
    lead = new_lead(parse_request(request, CLINIC, ENGLISH), NOW, CLINIC, IDS)
    other = new_lead(parse_request(request | {"name": "Another Example"}, CLINIC, ENGLISH), NOW, CLINIC, IDS)

    assert [table.put(each).stored for each in (lead, lead, other)] == [Stored.NEW, Stored.REPEAT, Stored.CONFLICT]


def test_a_stored_lead_comes_back_as_it_was(table: Table) -> None:
    lead = some_lead(message="ünïcødé\n\tzwei 👩🏽‍⚕️", phone=None, preferred_contact=None)
    table.put(lead)

    leased = table.lease(lead.id, NOW, token="a")

    assert leased is not None
    assert leased.lead == lead
    assert (leased.progress.state, leased.progress.attempts, leased.progress.refusals) == (AlertState.SENDING, 1, 0)


def test_one_lease_at_a_time_and_the_next_when_it_has_ended(table: Table) -> None:
    lead = some_lead()
    table.put(lead)

    assert table.lease(lead.id, NOW, token="a") is not None
    assert table.lease(lead.id, NOW + LEASE - timedelta(milliseconds=1), token="b") is None
    again = table.lease(lead.id, NOW + LEASE, token="c")

    assert again is not None
    assert again.progress.attempts == 2


def test_a_missing_lead_cannot_be_leased(table: Table) -> None:
    assert table.lease("NOSUCHLEAD", NOW, token="a") is None


def test_only_the_holder_of_the_lease_writes_the_outcome(table: Table) -> None:
    lead = some_lead()
    table.put(lead)
    late = table.lease(lead.id, NOW, token="late")
    holder = table.lease(lead.id, NOW + LEASE, token="holder")
    assert late is not None
    assert holder is not None

    assert table.finish(late, accepted) is None
    assert table.finish(holder, accepted) == replace(
        accepted(holder.progress), lease=None, version=holder.progress.version + 1
    )
    assert table.lease(lead.id, NOW + timedelta(days=1), token="d") is None


def test_the_agenda_holds_a_lead_until_its_alert_is_accepted(table: Table) -> None:
    lead = some_lead()
    table.put(lead)
    due_at = NOW + STREAM_GRACE
    assert lead.id not in due_ids(table, lead, due_at - timedelta(milliseconds=1))
    assert lead.id in due_ids(table, lead, due_at)

    leased = table.lease(lead.id, due_at, token="a")
    assert leased is not None
    assert lead.id not in due_ids(table, lead, due_at)
    assert lead.id in due_ids(table, lead, due_at + LEASE)  # its sender died

    later = due_at + timedelta(seconds=30)
    table.finish(leased, deferred(later))
    assert lead.id not in due_ids(table, lead, later - timedelta(milliseconds=1))
    (entry,) = [entry for entry in table.agenda(partition_of(lead), later) if entry.lead_id == lead.id]
    assert entry.due_at == later
    assert entry.overdue_since == due_at  # the first due time, whatever was tried since

    leased = table.lease(lead.id, later, token="b")
    assert leased is not None
    table.finish(leased, accepted)
    assert lead.id not in due_ids(table, lead, NOW + timedelta(days=365))


def test_a_handmade_agenda_entry_does_not_stop_the_sweep(deployed: Deployed, table: Table) -> None:
    key = {"pk": {"S": "LEAD#BYHAND"}, "sk": {"S": "LEAD"}}
    entry = {"agenda_shard": {"S": "0"}, "agenda_at": {"S": "2026-11-02T15:04:00.000Z"}}
    deployed.dynamodb.put_item(TableName="adapter", Item={**key, **entry})

    assert "BYHAND" in [entry.lead_id for entry in table.agenda("0", NOW)]


def test_repeats_are_counted_once_each_up_to_a_limit_for_one_day(table: Table) -> None:
    lead = some_lead()
    others = [replace(lead, id=f"{lead.id}{number}") for number in range(MOST_REPEATS + 5)]

    assert [table.count_repeats(lead, NOW) for _ in range(3)] == [0, 0, 0]
    assert table.count_repeats(some_lead(), NOW) == 0  # has another content
    counts = [table.count_repeats(other, NOW) for other in others]

    assert counts == [*range(1, MOST_REPEATS), *[MOST_REPEATS] * 6]
    assert table.count_repeats(lead, NOW) == MOST_REPEATS - 1
    assert table.count_repeats(lead, NOW + timedelta(days=1)) == 0


def test_a_quarantined_lead_is_off_the_agenda_and_cannot_be_leased(deployed: Deployed, table: Table) -> None:
    lead = but(some_lead(), turnstile_token="made-up-token")
    table.put(lead)
    leased = table.lease(lead.id, NOW, token="a")
    assert leased is not None
    assert leased.progress.reasons is None

    attempt = Attempt(token="a", number=1, notice=Notice.ALERT, screening=Screening(100, (Reason.TRAP_FILLED,)))
    rules = Rules(clinic=CLINIC, team=Team(staff=("staff-1",), fallback=()))
    table.change(lead.id, quarantine(attempt, rules, NOW))

    assert lead.id not in due_ids(table, lead, NOW + timedelta(days=365))
    assert table.lease(lead.id, NOW + timedelta(days=1), token="b") is None
    item = deployed.dynamodb.get_item(TableName="adapter", Key={"pk": {"S": f"LEAD#{lead.id}"}, "sk": {"S": "LEAD"}})[
        "Item"
    ]
    assert item["alert_state"] == {"S": "quarantined"}
    assert item["spam_reasons"] == {"L": [{"S": "trap_filled"}]}
    assert item["expires_at"] == {"N": str(int((NOW + timedelta(days=30)).timestamp()))}
    assert "turnstile_token" not in item


def test_what_the_screen_found_comes_back_with_the_next_lease(table: Table) -> None:
    lead = some_lead()
    table.put(lead)
    leased = table.lease(lead.id, NOW, token="a")
    assert leased is not None
    table.finish(leased, lambda progress: replace(deferred(NOW)(progress), reasons=(Reason.TOO_FAST,), score=50))

    again = table.lease(lead.id, NOW + LEASE, token="b")

    assert again is not None
    assert again.progress.reasons == (Reason.TOO_FAST,)


def test_a_report_that_comes_while_a_sender_is_at_work_is_not_lost(table: Table) -> None:
    lead = some_lead()
    table.put(lead)
    leased = table.lease(lead.id, NOW, token="a")
    assert leased is not None

    def delivered(stored: StoredLead) -> Progress:
        return replace(stored.progress, delivered=frozenset({"alert/staff-1"}))

    changed = table.change(lead.id, delivered)
    written = table.finish(leased, accepted)

    assert changed is not None
    assert changed[0].lead == lead
    assert written is not None
    assert written.delivered == frozenset({"alert/staff-1"})


def test_no_change_is_lost_among_many_at_once(table: Table) -> None:
    lead = some_lead()
    table.put(lead)

    def note(number: int) -> None:
        link = frozenset({f"made-up-{number}"})
        table.change(lead.id, lambda stored: replace(stored.progress, links_used=stored.progress.links_used | link))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(note, range(4)))
    after = table.read(lead.id)

    assert after is not None
    assert after.progress.links_used == {f"made-up-{number}" for number in range(4)}


def test_nobody_can_be_changed_who_is_not_there(table: Table) -> None:
    assert table.change("NOSUCHLEAD", note(Event(kind="delivered", at=NOW))) is None


def test_a_sweep_reads_the_ten_due_leads_of_ten_thousand(deployed: Deployed, table: Table) -> None:
    """Counts what the index scanned, because DynamoDB charges for that. The emulator has no real capacity units."""
    day = timedelta(days=1)
    one = some_lead()

    def another(number: int, received_at: datetime) -> Lead:
        return replace(one, id=IDS.lead_id(f"made-up-{number:06}", "", NOW, Signs()), received_at=received_at)

    later = [another(number, NOW + 400 * day + timedelta(seconds=number)) for number in range(10_000)]
    due = [another(10_000 + number, NOW - 400 * day) for number in range(10)]
    requests: list[WriteRequestTypeDef] = [{"PutRequest": {"Item": new_lead_item(lead)}} for lead in later + due]
    for batch in batched(requests, 25, strict=False):
        assert not deployed.dynamodb.batch_write_item(RequestItems={"adapter": list(batch)})["UnprocessedItems"]
    parts = [part for lane in Lane for part in partitions(lane)]
    read: list[Any] = []
    deployed.dynamodb.meta.events.register("after-call.dynamodb.Query", lambda parsed, **_: read.append(parsed))
    try:
        found = {entry.lead_id for each in parts for entry in table.agenda(each, NOW - 300 * day)}
    finally:
        deployed.dynamodb.meta.events.unregister("after-call.dynamodb.Query")

    assert found == {lead.id for lead in due}
    assert sum(page["ScannedCount"] for page in read) == 10
    assert len(read) == len(parts)
