"""The function that erases: what it removes and leaves, when it waits, and what proves it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from erase.first_look import SUPPRESSION
from erase.lead_items import LeadItems
from erase.steps import AGAIN_LATER, AGAIN_SOON
from erase.tombstones import LEFT, TOMBSTONES
from shared.leads.erasure import ErasureState, HeldError
from shared.leads.hold import hold, unhold
from shared.leads.lead import Lead
from shared.leads.person import Person
from shared.store.keys import attributes, timestamp
from tests.unit.dynamodb import NAME
from tests.unit.erasing import SAM, SIX_HOURS, TRACES, Erasing
from tests.unit.output import counted, everything_printed
from tests.unit.people import NOW

MANAGER = Person("manager@example.com")
MINUTE = timedelta(minutes=1)


def hold_it(erasing: Erasing, lead: Lead) -> None:
    assert erasing.leads.change(lead.id, hold("A lawyer asked.", erasing.clock(), by=MANAGER, press="press-1"))


def test_nothing_is_left_of_an_erased_person() -> None:
    erasing = Erasing()
    lead = erasing.a_lead_with_everything()
    assert all(trace in erasing.everything() for trace in TRACES)
    erasure = erasing.erase(lead)
    assert erasure.state is ErasureState.PROVEN
    assert not [trace for trace in TRACES if trace in erasing.everything()]
    assert list(erasing.about(lead)) == []
    assert erasing.suppressed == set()


def test_a_tombstone_stays_in_the_table_and_in_the_audit() -> None:
    erasing = Erasing()
    lead = erasing.a_lead_with_everything()
    erasure = erasing.erase(lead)
    item = erasing.lead_item(lead)
    assert item.keys() <= LEFT
    assert item["erased_at"]["S"] == timestamp(NOW)
    assert (item["reference"]["S"], item["fingerprint"]["S"]) == (lead.reference, lead.fingerprint)
    assert int(item["expires_at"]["N"]) >= NOW.replace(year=NOW.year + 6).timestamp()
    assert erasing.leads.read(lead.id) is None
    assert erasing.leads.was_erased(lead.id)
    tombstone = erasing.audit.items[TOMBSTONES, lead.id]
    assert tombstone["erasure"]["S"] == erasure.id
    assert tombstone["reference"]["S"] == lead.reference
    assert not [trace for trace in TRACES if trace in str(tombstone).lower()]


def test_an_erased_lead_is_on_no_list_and_not_on_the_agenda() -> None:
    erasing = Erasing()
    lead = erasing.a_lead_with_everything()
    erasing.order(lead)
    erasing.run()
    assert not erasing.lead_item(lead).keys() & {"agenda_shard", "agenda_at", "worklist", "desk_list", "desk_at"}


def test_other_people_keep_everything() -> None:
    erasing = Erasing()
    lead = erasing.a_lead_with_everything()
    other = erasing.a_lead_with_everything(1, **SAM)
    before = {key: item for key, item in erasing.table.items.items() if other.id in str(key) + str(item)}
    erasing.erase(lead)
    assert {key: item for key, item in erasing.table.items.items() if other.id in str(key) + str(item)} == before
    assert erasing.suppressed == {SAM["email"]}


def test_another_request_with_the_same_content_keeps_its_count() -> None:
    erasing = Erasing()
    lead = erasing.a_lead_with_everything()
    copy = erasing.a_lead_with_everything(1, fingerprint=lead.fingerprint)
    erasing.erase(lead)
    (count,) = [item for (pk, _), item in erasing.table.items.items() if pk.startswith("REPEATS#")]
    assert count["lead_ids"]["SS"] == [copy.id]


def test_an_older_item_of_the_person_loses_the_request_and_ends_when_it_is_empty() -> None:
    erasing = Erasing()
    lead, other = erasing.a_lead_with_everything(), erasing.a_lead_with_everything(1, **SAM)
    own, others = (f"{timestamp(each.received_at)}#{each.id}" for each in (lead, other))
    for number, held in enumerate(({own}, {own, others})):
        erasing.table.put(
            attributes({"pk": f"PERSON#{number:064}", "sk": "PERSON", "requests": held, "expires_at": 1 << 40})
        )
    with everything_printed():
        erasure = erasing.erase(lead)
        assert counted("ErasuresUnproven") == []
    left = [item["requests"]["SS"] for item in erasing.table.items.values() if "requests" in item]
    assert left == [[others]]
    assert erasing.read(erasure).state is ErasureState.PROVEN


def test_a_sender_at_work_is_not_disturbed_and_the_order_waits() -> None:
    erasing = Erasing()
    lead = erasing.a_lead_with_everything()
    assert erasing.leads.change(
        lead.id, lambda stored: replace(stored.progress, lease="made-up", due_at=erasing.clock() + 3 * MINUTE)
    )
    erasure = erasing.order(lead)
    before = dict(erasing.table.items)
    erasing.run()
    waiting = erasing.read(erasure)
    assert (waiting.state, waiting.due_at) == (ErasureState.ORDERED, erasing.clock() + AGAIN_SOON)
    assert {key: item for key, item in erasing.table.items.items() if key[0] != "ERASURES"} == {
        key: item for key, item in before.items() if key[0] != "ERASURES"
    }
    assert not erasing.audit.items
    erasing.clock.time += 4 * MINUTE
    erasing.run()
    assert erasing.read(erasure).state is ErasureState.LOOKING_AGAIN


def test_a_writer_that_read_the_lead_before_it_was_erased_writes_nothing() -> None:
    erasing = Erasing()
    lead = erasing.a_lead_with_everything()
    erasing.order(lead)
    stored = erasing.leads.read(lead.id)
    assert stored

    def decide(_found: object) -> object:
        if not erasing.leads.was_erased(lead.id):
            erasing.run()
        return replace(stored.progress, attempts=7)

    assert erasing.leads.change(lead.id, decide) is None  # type: ignore[arg-type] # what it is given does not matter
    assert erasing.lead_item(lead).keys() <= LEFT


def test_a_lead_that_changes_while_it_is_erased_is_left_to_the_next_run() -> None:
    erasing = Erasing()
    lead = erasing.a_lead_with_everything()
    erasure = erasing.order(lead)
    function = erasing.function
    read = function.eraser.look.items.read(lead.id)
    assert read
    erasing.note(lead, "Somebody wrote in between.")
    assert not function.eraser.look.items.scrub(read, erasing.clock())
    erasing.run()
    assert erasing.read(erasure).state is ErasureState.LOOKING_AGAIN


def test_what_is_written_late_is_removed_by_the_second_look() -> None:
    erasing = Erasing()
    lead = erasing.a_lead_with_everything()
    late = {key: item for key, item in erasing.table.items.items() if key[1].startswith(("EVENT#", "20", "URGENT"))}
    assert len(late) > 3
    erasure = erasing.order(lead)
    erasing.run()
    for item in late.values():
        erasing.table.put(item)
    erasing.clock.time += SIX_HOURS - MINUTE
    erasing.run()
    assert erasing.read(erasure).state is ErasureState.LOOKING_AGAIN
    assert TRACES[1] in erasing.everything().replace("erasures", "")
    erasing.clock.time += MINUTE
    erasing.run()
    assert erasing.read(erasure).state is ErasureState.PROVEN
    assert list(erasing.about(lead)) == []


def test_a_proven_order_has_forgotten_what_it_looked_for() -> None:
    erasing = Erasing()
    lead = erasing.a_lead_with_everything()
    assert set(erasing.order(lead).traces) >= {lead.email, lead.phone, lead.name, lead.message}
    erasure = erasing.erase(lead)
    assert (erasure.traces, erasure.person_keys, erasure.due_at) == ((), frozenset(), None)
    assert erasure.proven_at == erasing.clock()
    item = erasing.table.items["ERASURES", erasure.id]
    assert int(item["expires_at"]["N"]) >= NOW.replace(year=NOW.year + 6).timestamp()


def test_the_audit_says_that_an_erasure_was_proven() -> None:
    erasing = Erasing()
    lead = erasing.a_lead_with_everything()
    erasure = erasing.erase(lead)
    (entry,) = [item for (pk, _), item in erasing.audit.items.items() if pk == "AUDIT"]
    assert entry["action"] == {"S": "erasure_proven"}
    assert entry["lead_ids"] == {"L": [{"S": lead.id}]}
    assert entry["details"] == {"M": {"erasure": {"S": erasure.id}}}
    assert entry["actor"] == {"S": "r-000000000009"}


def test_without_the_audit_nothing_counts_as_proven() -> None:
    erasing = Erasing()
    lead = erasing.a_lead_with_everything()
    erasure = erasing.order(lead)
    erasing.run()
    erasing.clock.time += SIX_HOURS
    erasing.audit.broken["PutItem"] = "AccessDeniedException"
    with everything_printed():
        erasing.run()
        assert counted("ErasuresUnproven") == [1]
    assert erasing.read(erasure).state is ErasureState.LOOKING_AGAIN
    erasing.audit.broken.clear()
    erasing.run()
    assert erasing.read(erasure).state is ErasureState.PROVEN


@pytest.mark.parametrize(
    "text",
    [
        "ROBIN.EXAMPLE@EXAMPLE.COM",
        "call (202) 555-0147",
        "+1 202 555 0147",
        "robin q. EXAMPLE called",
        "said: I have not slept well since the spring.",
    ],
)
def test_a_trace_in_an_unknown_item_is_a_problem_until_it_is_gone(text: str) -> None:
    erasing = Erasing()
    lead = erasing.a_lead_with_everything()
    erasing.table.put(attributes({"pk": "MYSTERY#1", "sk": "MYSTERY", "words": [{"deep": text}]}))
    with everything_printed() as output:
        erasure = erasing.erase(lead)
        assert counted("ErasuresUnproven") == [1]
    assert erasure.state is ErasureState.LOOKING_AGAIN
    assert erasure.problems == ("an item that belongs to no request, under MYSTERY",)
    assert erasure.due_at == erasing.clock() + AGAIN_LATER
    assert not [trace for trace in (*TRACES, text.lower()) if trace in output.getvalue().lower()]
    del erasing.table.items["MYSTERY#1", "MYSTERY"]
    erasing.clock.time += AGAIN_LATER
    erasing.run()
    assert erasing.read(erasure).state is ErasureState.PROVEN
    assert erasing.read(erasure).problems == ()


def test_a_later_request_of_the_person_is_counted_and_left_alone() -> None:
    erasing = Erasing()
    lead = erasing.a_lead_with_everything()
    erasing.order(lead)
    erasing.clock.time += MINUTE
    later = erasing.a_lead_with_everything(1)
    erasing.run()
    erasing.clock.time += SIX_HOURS
    erasing.run()
    (erasure,) = erasing.erasures.all()
    assert erasure.state is ErasureState.PROVEN
    assert erasure.found_elsewhere > 0
    assert erasing.leads.read(later.id)
    assert list(erasing.about(later)) != []


def test_a_request_under_hold_cannot_be_erased() -> None:
    erasing = Erasing()
    lead, other = erasing.a_lead_with_everything(), erasing.a_lead_with_everything(1, **SAM)
    hold_it(erasing, lead)
    with pytest.raises(HeldError) as refused:
        erasing.order(lead, other)
    assert refused.value.references == (lead.reference,)
    assert list(erasing.erasures.all()) == []


def test_a_request_that_is_held_after_the_order_is_left_alone_until_the_hold_ends() -> None:
    erasing = Erasing()
    lead, other = erasing.a_lead_with_everything(), erasing.a_lead_with_everything(1, **SAM)
    erasure = erasing.order(lead, other)
    hold_it(erasing, lead)
    before = erasing.lead_item(lead)
    erasing.run()
    assert erasing.read(erasure).held == (lead.id,)
    assert erasing.lead_item(lead) == before
    assert erasing.leads.read(other.id) is None
    assert erasing.leads.change(lead.id, unhold(erasing.clock(), by=MANAGER, press="press-2"))
    erasing.clock.time += SIX_HOURS
    erasing.run()
    again = erasing.read(erasure)
    assert (again.state, again.held) == (ErasureState.LOOKING_AGAIN, ())
    assert again.due_at == erasing.clock() + SIX_HOURS
    assert erasing.leads.read(lead.id) is None
    erasing.clock.time += SIX_HOURS
    erasing.run()
    assert erasing.read(erasure).state is ErasureState.PROVEN


def test_an_order_with_a_hold_is_proven_for_the_others() -> None:
    erasing = Erasing()
    lead, other = erasing.a_lead_with_everything(), erasing.a_lead_with_everything(1, **SAM)
    erasure = erasing.order(lead, other)
    hold_it(erasing, lead)
    erasing.run()
    erasing.clock.time += SIX_HOURS
    erasing.run()
    assert (erasing.read(erasure).state, erasing.read(erasure).held) == (ErasureState.PROVEN, (lead.id,))
    assert erasing.read(erasure).covered_references == (other.reference,)
    assert erasing.leads.read(lead.id)
    (entry,) = [item for (pk, _), item in erasing.audit.items.items() if pk == "AUDIT"]
    assert entry["lead_ids"] == {"L": [{"S": other.id}]}


def test_a_hold_in_the_middle_of_a_first_look_leaves_no_tombstone() -> None:
    erasing = Erasing()
    lead = erasing.a_lead_with_everything()
    erasure = erasing.order(lead)
    look = erasing.function.eraser.look

    class HeldMeanwhile(LeadItems):
        def read(self, lead_id: str) -> Any:  # noqa: ANN401 - an item
            item = super().read(lead_id)
            hold_it(erasing, lead)
            return item

    late = replace(look, items=HeldMeanwhile(erasing.table.client(), NAME))
    assert late.first(erasure).state is ErasureState.ORDERED
    assert not erasing.audit.items
    erasing.run()
    assert not erasing.audit.items
    assert erasing.leads.read(lead.id)


def test_a_crash_between_scrub_and_tombstone_leaves_one_in_the_end() -> None:
    erasing = Erasing()
    lead = erasing.a_lead_with_everything()
    erasing.order(lead)
    erasing.audit.broken["PutItem"] = "AccessDeniedException"
    with everything_printed():
        erasing.run()
    assert erasing.lead_item(lead).keys() <= LEFT
    assert not erasing.audit.items
    erasing.audit.broken.clear()
    erasing.run()
    assert (TOMBSTONES, lead.id) in erasing.audit.items


def test_a_tombstone_has_nothing_that_leads_to_the_person() -> None:
    erasing = Erasing()
    lead = erasing.a_lead_with_everything()
    digests = erasing.order(lead).person_keys
    assert digests
    erasing.run()
    assert not [digest for digest in digests if digest in str(erasing.audit.items[TOMBSTONES, lead.id])]


def test_an_order_whose_requests_are_all_held_ends_without_a_proof() -> None:
    erasing = Erasing()
    lead = erasing.a_lead_with_everything()
    order = erasing.order(lead)
    hold_it(erasing, lead)
    erasing.run()
    erasure = erasing.read(order)
    assert (erasure.state, erasure.held) == (ErasureState.LEFT_ALONE, (lead.id,))
    assert (erasure.due_at, erasure.erased_at, erasure.proven_at) == (None, None, None)
    assert (erasure.traces, erasure.person_keys, erasure.covered_references) == ((), frozenset(), ())
    assert int(erasing.table.items["ERASURES", erasure.id]["expires_at"]["N"]) > NOW.timestamp()
    assert not erasing.erasures.write(order), "a slower run must not bring back what it looked for"
    erasing.clock.time += SIX_HOURS
    assert erasing.run() == 0
    assert not erasing.audit.items


def test_after_a_hold_a_new_order_erases_at_once() -> None:
    erasing = Erasing()
    lead, other = erasing.a_lead_with_everything(), erasing.a_lead_with_everything(1, **SAM)
    first = erasing.order(lead, other)
    hold_it(erasing, lead)
    erasing.run()
    assert erasing.leads.change(lead.id, unhold(erasing.clock(), by=MANAGER, press="press-2"))
    second = erasing.order(lead)
    assert second.id != first.id
    erasing.run()
    assert erasing.leads.read(lead.id) is None
    for _ in range(2):
        erasing.clock.time += SIX_HOURS
        erasing.run()
    assert {each.state for each in erasing.erasures.all()} == {ErasureState.PROVEN}


def test_ordering_twice_orders_once() -> None:
    erasing = Erasing()
    lead, other = erasing.a_lead_with_everything(), erasing.a_lead_with_everything(1, **SAM)
    first = erasing.order(lead, other)
    assert erasing.order(other) == first
    assert list(erasing.erasures.all()) == [first]


def test_an_order_needs_a_lead() -> None:
    with pytest.raises(ValueError, match="lead"):
        Erasing().order()


def test_a_lead_that_expired_meanwhile_is_no_problem() -> None:
    erasing = Erasing()
    lead = erasing.a_lead_with_everything()
    erasure = erasing.order(lead)
    del erasing.leads.leads[lead.id]
    erasing.run()
    for time in (SIX_HOURS, AGAIN_LATER):  # the search finds the count, whose name only the lead knew
        erasing.clock.time += time
        erasing.run()
    assert erasing.read(erasure).state is ErasureState.PROVEN
    assert list(erasing.about(lead)) == []


def test_a_lead_that_no_other_code_can_read_is_erased_too() -> None:
    erasing = Erasing()
    lead = erasing.a_lead_with_everything()
    erasure = erasing.order(lead)
    erasing.table.put(erasing.lead_item(lead) | {"consents": {"S": "poison"}, "added_by_hand": {"S": "x"}})
    erasing.run()
    assert erasing.lead_item(lead).keys() <= LEFT
    assert erasing.read(erasure).state is ErasureState.LOOKING_AGAIN


def test_without_the_suppression_list_the_order_stays_unproven() -> None:
    erasing = Erasing()
    lead = erasing.a_lead_with_everything()
    erasing.ses_error = ClientError({"Error": {"Code": "TooManyRequestsException", "Message": ""}}, "Delete")
    with everything_printed() as output:
        erasure = erasing.erase(lead)
    assert "robin" not in output.getvalue().lower()
    assert erasure.problems == (SUPPRESSION,)
    erasing.ses_error = None
    erasing.clock.time += AGAIN_LATER
    erasing.run()
    assert erasing.read(erasure).state is ErasureState.PROVEN
    assert set(erasing.asked_ses) == {lead.email}


def test_an_address_stays_suppressed_until_its_last_request_is_erased() -> None:
    erasing = Erasing()
    lead, other = erasing.a_lead_with_everything(), erasing.a_lead_with_everything(1, phone="+12025550123")
    relative = erasing.a_lead_with_everything(2, **SAM | {"phone": lead.phone})
    assert erasing.erase(lead).state is ErasureState.PROVEN
    assert erasing.suppressed == {lead.email, relative.email}
    assert erasing.erase(other).state is ErasureState.PROVEN
    assert erasing.suppressed == {relative.email}


def test_an_order_that_fails_does_not_stop_the_others() -> None:
    erasing = Erasing()
    lead, other = erasing.a_lead_with_everything(), erasing.a_lead_with_everything(1, **SAM)
    bad = erasing.order(lead)
    erasing.clock.time += MINUTE
    good = erasing.order(other)
    erasing.table.put(erasing.lead_item(lead) | {"version": {"S": "poison"}})
    with everything_printed() as output:
        assert erasing.run() == 2
        assert counted("ErasuresUnproven") == [1]
        assert counted("ErasureRuns") == [1]
    assert "first_look" in output.getvalue()
    assert erasing.read(bad).state is ErasureState.ORDERED
    assert erasing.read(good).state is ErasureState.LOOKING_AGAIN


def test_a_run_without_time_leaves_everything_to_the_next_one() -> None:
    erasing = Erasing()
    erasure = erasing.order(erasing.a_lead_with_everything())
    erasing.run(seconds=1)
    assert erasing.read(erasure) == erasure
    erasing.run()
    erasing.clock.time += SIX_HOURS
    erasing.run(seconds=1)
    assert erasing.read(erasure).state is ErasureState.LOOKING_AGAIN


def test_a_search_that_takes_too_long_proves_nothing() -> None:
    erasing = Erasing()
    erasure = erasing.order(erasing.a_lead_with_everything())
    erasing.run()
    erasing.clock.time += SIX_HOURS
    left = iter([900.0, 900.0])
    with everything_printed() as output:
        erasing.function.eraser.run(lambda: next(left, 1.0))
        assert counted("ErasuresUnproven") == [1]
    assert '"search"' in output.getvalue()
    assert erasing.read(erasure).state is ErasureState.LOOKING_AGAIN


def test_a_slow_run_does_not_bring_back_the_traces_of_a_proven_order() -> None:
    erasing = Erasing()
    lead = erasing.a_lead_with_everything()
    erasing.order(lead)
    erasing.run()
    (slow,) = erasing.erasures.all()
    erasing.clock.time += SIX_HOURS
    erasing.run()
    assert not erasing.erasures.write(replace(slow, problems=("late",)))
    (erasure,) = erasing.erasures.all()
    assert erasure.state is ErasureState.PROVEN


def test_one_search_of_the_table_proves_many_orders() -> None:
    erasing = Erasing()
    leads = [erasing.a_lead_with_everything(), erasing.a_lead_with_everything(1, **SAM)]
    for lead in leads:
        erasing.order(lead)
    erasing.run()
    erasing.clock.time += SIX_HOURS
    before = len(erasing.table.asked("Scan"))
    erasing.run()
    scans = erasing.table.asked("Scan")[before:]
    assert sum("ExclusiveStartKey" not in scan for scan in scans) == 1
    assert all(scan["ConsistentRead"] for scan in scans)
    assert {each.state for each in erasing.erasures.all()} == {ErasureState.PROVEN}


def test_nothing_that_a_visitor_typed_is_printed() -> None:
    erasing = Erasing()
    lead = erasing.a_lead_with_everything()
    with everything_printed() as output:
        erasing.erase(lead)
    printed = output.getvalue().lower()
    assert lead.id.lower() in printed
    assert not [trace for trace in TRACES if trace in printed]


def test_orders_are_read_as_they_were_written_newest_first() -> None:
    erasing = Erasing()
    first = erasing.order(erasing.a_lead_with_everything())
    erasing.clock.time += MINUTE
    second = erasing.order(erasing.a_lead_with_everything(1, **SAM))
    assert list(erasing.erasures.all()) == [second, first]
    full = replace(
        first,
        state=ErasureState.LOOKING_AGAIN,
        erased_at=NOW,
        held=("01A",),
        problems=("a", "b"),
        found_elsewhere=3,
    )
    assert erasing.erasures.write(full)
    assert erasing.erasures.read(first.id) == full
    assert erasing.erasures.read("unknown") is None
    assert erasing.erasures.read("") is None
