"""follow_up.rearm: a lead that an operator rearms is due at once, and nothing else changes."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import pytest

from follow_up.rearm import Rearmer, Released
from follow_up.sweep import report_undeliverable
from shared.leads.alert import MOST_TRIES
from shared.leads.event import Result
from shared.leads.notice import Outcome
from shared.leads.progress import AlertState
from shared.leads.response import ResponseState
from shared.leads.worklist import ListedLead, Worklist
from shared.services.mailer import MailError
from shared.store.lead_item import lead_of
from shared.store.worklist import WorkIndex
from tests.unit.dynamodb import NAME as TABLE
from tests.unit.output import counted
from tests.unit.people import NOW, SPAM, a_lead
from tests.unit.senders import STAFF, Rehearsal


def rearmer(desk: Rehearsal, *, stale: tuple[str, ...] = ()) -> Rearmer:
    def listed(worklist: Worklist) -> Iterable[ListedLead]:
        for lead_id, item in desk.table.leads.items():
            if lead_id in stale or item.get("worklist", {"S": ""})["S"].startswith(f"{worklist}#"):
                yield ListedLead(
                    lead_id=lead_id,
                    reference=str(item["reference"]["S"]),
                    received_at=NOW,
                    response=ResponseState.OPEN,
                    claimed_by=None,
                    claimed_at=None,
                    told_at=None,
                )

    return Rearmer(leads=desk.table, listed=listed, now=desk.clock)


def undeliverable(desk: Rehearsal, number: int = 0) -> str:
    lead_id = desk.store(number)
    desk.table.leads[lead_id]["alert_tries"] = {"N": str(MOST_TRIES)}
    desk.mailer.faults.before["send"].append(MailError(Outcome.BLOCKED, "AccountSuspendedException"))
    assert desk.sender().send(lead_id) is Result.UNDELIVERABLE
    return lead_id


def test_a_redrive_retries_undeliverable_leads_and_leaves_the_others() -> None:
    desk = Rehearsal()
    gone, well = undeliverable(desk), desk.store(1)
    desk.sender().send(well)
    before = desk.table.leads[well].copy()
    assert rearmer(desk).redrive() == 1
    assert desk.sender().send(gone) is Result.ACCEPTED
    assert [mail.to for mail in desk.mailer.sent if mail.lead_id == gone] == [STAFF[:1], STAFF[1:]]
    assert desk.table.leads[well] == before
    assert rearmer(desk).redrive() == 0


def test_one_that_cannot_be_changed_keeps_no_other_from_going() -> None:
    desk = Rehearsal()
    broken, other = undeliverable(desk), undeliverable(desk, 1)
    desk.poison(broken, "made up")
    assert rearmer(desk).redrive() == 1
    assert desk.table.state_of(other) is AlertState.PENDING


def test_a_list_that_is_behind_the_table_does_no_harm() -> None:
    desk = Rehearsal()
    lead_id = desk.store()
    desk.sender().send(lead_id)
    assert rearmer(desk, stale=(lead_id,)).redrive() == 0
    assert "redriven" not in desk.table.kinds_of(lead_id)


def test_a_request_is_let_out_of_quarantine_by_its_reference_and_is_kept() -> None:
    desk = Rehearsal()
    person, bot = (desk.store(number, **SPAM) for number in range(2))
    for lead_id in (person, bot):
        assert desk.sender().send(lead_id) is Result.QUARANTINED
    desk.clock.time += timedelta(days=2)
    assert rearmer(desk).release(lead_of(desk.table.leads[person]).reference) == Released(rearmed=1)
    assert "expires_at" not in desk.table.leads[person]
    assert desk.sender().send(person) is Result.ACCEPTED
    assert desk.table.state_of(bot) is AlertState.QUARANTINED
    assert rearmer(desk).release("KC-0000-0000") == Released(rearmed=0)


def in_quarantine(desk: Rehearsal, number: int, lead_id: str) -> str:
    """Store a quarantined lead with this id."""
    lead = replace(a_lead(number, **SPAM), id=lead_id)
    desk.table.put(lead)
    assert desk.sender().send(lead_id) is Result.QUARANTINED
    return lead.reference


def test_a_shared_reference_releases_neither_request_and_an_id_releases_one() -> None:
    desk = Rehearsal()
    first, second = "7Q2M4XHD000000000000000001", "7Q2M4XHD000000000000000002"
    reference = in_quarantine(desk, 1, first)
    assert in_quarantine(desk, 2, second) == reference
    before = {lead_id: dict(item) for lead_id, item in desk.table.leads.items()}

    found = rearmer(desk).release(reference)

    assert found == Released(rearmed=0, same_reference=(first, second))
    assert desk.table.leads == before
    said = found.for_operator()
    assert said["rearmed"] == 0
    assert said["ids"] == [first, second]
    assert "by its id" in str(said["problem"])
    assert rearmer(desk).release(second).for_operator() == {"rearmed": 1}
    assert desk.table.state_of(second) is AlertState.PENDING
    assert desk.table.state_of(first) is AlertState.QUARANTINED
    assert rearmer(desk).release(reference) == Released(rearmed=1)  # only one is left


@pytest.mark.parametrize(
    "named", ["", "7Q2M4XHD", "7Q2M4XHD00000000000000000", "7q2m4xhd000000000000000001", "KC-7Q2M"]
)
def test_a_part_of_a_name_releases_nothing(named: str) -> None:
    desk = Rehearsal()
    in_quarantine(desk, 1, "7Q2M4XHD000000000000000001")
    assert rearmer(desk).release(named) == Released(rearmed=0)


def test_an_undeliverable_lead_is_counted_in_each_sweep_until_it_is_resent() -> None:
    desk = Rehearsal()
    count = WorkIndex(desk.table.client, TABLE).count
    desk.store(1)
    report_undeliverable(count)
    undeliverable(desk)
    report_undeliverable(count)
    report_undeliverable(count)
    assert rearmer(desk).redrive() == 1
    report_undeliverable(count)
    assert counted("UndeliverableLeads") == [0, 1, 1, 0]
