"""The jobs of the function that erases: what operators' commands and the weekly schedule start."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from erase.found import listed
from shared.leads.decisions import Rules
from shared.leads.desk import act
from shared.leads.erasure import ErasureState
from shared.leads.hold import hold
from shared.leads.lead import Lead
from shared.leads.person import Person
from shared.leads.progress import Progress, StoredLead
from shared.leads.response import ClaimAction
from shared.leads.team import Team
from shared.store.audit import AuditError
from shared.store.keys import LEAD_SORT_KEY, attributes
from tests.unit.erasing import SAM, SIX_HOURS, TRACES, Erasing
from tests.unit.output import counted, everything_printed
from tests.unit.people import CLINIC, NOW, a_lead

MANAGER = Person("manager@example.com")
RULES = Rules(clinic=CLINIC, team=Team(staff=("staff-1",), fallback=()))


def asked(erasing: Erasing, job: str, **more: object) -> Any:  # noqa: ANN401 - JSON
    """Return the answer of a job, as the command gets it."""
    answer = erasing.function.jobs.do({"job": job, **more}, lambda: True)
    return json.loads(json.dumps(answer))


def noted(erasing: Erasing) -> list[tuple[str, list[str]]]:
    """Return the action and the leads of each entry in the audit."""
    entries = [item for (pk, _), item in sorted(erasing.audit.items.items()) if pk == "AUDIT"]
    assert all(entry["actor"] == {"S": "operator"} for entry in entries)
    return [(entry["action"]["S"], [each["S"] for each in entry["lead_ids"]["L"]]) for entry in entries]


def hold_it(erasing: Erasing, lead: Lead) -> None:
    assert erasing.leads.change(lead.id, hold("A lawyer asked.", erasing.clock(), by=MANAGER, press="press-1"))


@pytest.mark.parametrize("text", ["(202) 555-0147", "robin.example@EXAMPLE.com", "reference"])
def test_a_person_is_found_and_the_audit_says_so(text: str) -> None:
    erasing = Erasing()
    lead = erasing.a_lead_with_everything()
    erasing.a_lead_with_everything(1, **SAM)
    answer = asked(erasing, "find", person=lead.reference if text == "reference" else text)
    (found,) = answer["requests"]
    assert (found["lead_id"], found["reference"], found["held"]) == (lead.id, lead.reference, False)
    assert found["state"] == "open"
    assert found["name"] == lead.name
    assert not [trace for trace in TRACES if trace in str(answer).lower().replace("robin q. example", "")]
    assert noted(erasing) == [("search", [lead.id])]


def test_the_list_says_who_shares_only_a_number() -> None:
    erasing = Erasing()
    first = erasing.a_lead_with_everything()
    again = erasing.a_lead_with_everything(1, phone="+12025550188 ext. 4")
    other = erasing.a_lead_with_everything(2, name="Sam T. Sample", email="sam.sample@example.com")

    def of(text: str) -> dict[str, tuple[str, int | None]]:
        requests = asked(erasing, "find", person=text)["requests"]
        return {each["lead_id"]: (each["matched"], each["address"]) for each in requests}

    same, another = of(first.reference)[first.id][1], of(first.reference)[other.id][1]
    assert same != another
    assert of(first.reference) == {
        first.id: ("named", same),
        again.id: ("address", same),
        other.id: ("number", another),
    }
    assert {lead_id: why for lead_id, (why, _) in of(str(first.email)).items()} == {
        first.id: "address",
        again.id: "address",
        other.id: "linked",
    }
    assert of(f"Robin Example <{first.email}>") == of(str(first.email))
    assert {lead_id: why for lead_id, (why, _) in of("(202) 555-0147").items()} == {
        first.id: "number",
        again.id: "linked",
        other.id: "number",
    }


@pytest.mark.parametrize("prefix", ["KC", "DR"])
def test_a_request_is_named_by_its_reference_however_it_is_typed(prefix: str) -> None:
    lead = a_lead(reference_prefix=prefix)
    bare = lead.reference.partition("-")[2]
    for typed in (lead.reference, lead.reference.replace("-", " ").lower(), bare, f"ZZ-{bare}", lead.id):
        (found,) = listed([StoredLead(lead=lead, progress=Progress())], typed)
        assert (found["reference"], found["matched"]) == (lead.reference, "named")


def test_a_request_that_cannot_be_read_keeps_nobody_from_the_others() -> None:
    erasing = Erasing()
    lead, broken = erasing.a_lead_with_everything(), erasing.a_lead_with_everything(1)
    erasing.lead_item(broken)["response"] = {"S": "paused"}
    for text in (str(lead.email), lead.reference):
        with everything_printed() as output:
            answer = asked(erasing, "find", person=text)
        assert [each["lead_id"] for each in answer["requests"]] == [lead.id]
        assert answer["unread"] == [broken.id]
        assert broken.id in output.getvalue()
        assert "paused" not in output.getvalue()
    assert asked(erasing, "find", person=broken.reference) == {"requests": [], "unread": [broken.id]}
    assert asked(erasing, "order", lead_ids=[lead.id])["erasure"]


def test_what_a_search_finds_is_not_logged() -> None:
    erasing = Erasing()
    erasing.a_lead_with_everything()
    with everything_printed() as output:
        asked(erasing, "find", person="(202) 555-0147")
    assert not [trace for trace in TRACES if trace in output.getvalue().lower()]


def test_an_export_has_the_person_and_nobody_else() -> None:
    erasing = Erasing()
    lead = erasing.a_lead_with_everything()
    erasing.a_lead_with_everything(1, **SAM)
    exported = asked(erasing, "export", lead_ids=[lead.id])["json"]
    assert str(lead.message) in exported
    assert str(SAM["message"]) not in exported
    assert noted(erasing) == [("export", [lead.id])]


def test_nothing_is_exported_or_ordered_without_the_audit() -> None:
    erasing = Erasing()
    lead = erasing.a_lead_with_everything()
    erasing.audit.broken["PutItem"] = "AccessDeniedException"
    for job in ("export", "order"):
        with pytest.raises(AuditError):
            asked(erasing, job, lead_ids=[lead.id])
    assert list(erasing.erasures.all()) == []


def test_an_operator_orders_an_erasure_and_reads_its_report() -> None:
    erasing = Erasing()
    lead = erasing.a_lead_with_everything()
    answer = asked(erasing, "order", lead_ids=[lead.id, "0" * 26])
    assert (answer["refused"], answer["unknown"]) == ([], ["0" * 26])
    assert noted(erasing) == [("erase", [lead.id])]
    erasing.run()
    erasing.clock.time += SIX_HOURS
    erasing.run()
    (report,) = asked(erasing, "erasures")["erasures"]
    assert report["erasure"] == answer["erasure"]
    assert (report["state"], report["references"]) == ("proven", [lead.reference])
    assert report["ordered_by"] == "operator"
    assert report["erased_at"] == NOW.isoformat(timespec="seconds")
    assert report["backups_end_at"] == (NOW + timedelta(days=35)).isoformat(timespec="seconds")
    assert not [trace for trace in TRACES if trace in str(report).lower()]


def test_a_request_under_hold_is_refused_by_its_reference() -> None:
    erasing = Erasing()
    lead = erasing.a_lead_with_everything()
    hold_it(erasing, lead)
    assert asked(erasing, "order", lead_ids=[lead.id]) == {
        "erasure": None,
        "refused": [lead.reference],
        "unknown": [],
    }


def test_an_unknown_request_orders_nothing() -> None:
    erasing = Erasing()
    assert asked(erasing, "order", lead_ids=["0" * 26])["erasure"] is None
    assert list(erasing.erasures.all()) == []
    assert noted(erasing) == []


@pytest.mark.parametrize("event", [{"job": "unknown"}, {"job": "order"}, {"job": "find", "person": 7}, None, [], "x"])
def test_anything_else_is_no_job(event: Any) -> None:  # noqa: ANN401 - any event
    assert Erasing().function.jobs.do(event, lambda: True) is None


def test_a_restored_table_is_erased_again() -> None:
    erasing = Erasing()
    lead = erasing.a_lead_with_everything()
    other = erasing.a_lead_with_everything(1, **SAM)
    backup = dict(erasing.table.items)
    erasing.erase(lead)
    erasing.table.items.clear()
    erasing.table.items.update(backup)
    assert TRACES[0] in erasing.everything()

    assert asked(erasing, "replay") == {"tombstones": 1, "ordered": 1, "held": 0, "failed": 0}
    assert asked(erasing, "replay")["ordered"] == 1, "the same order, not another one"
    assert len(list(erasing.erasures.all())) == 1
    erasing.run()
    erasing.clock.time += SIX_HOURS
    erasing.run()
    assert {each.state for each in erasing.erasures.all()} == {ErasureState.PROVEN}
    assert not [trace for trace in TRACES if trace in erasing.everything()]
    assert erasing.leads.read(other.id)
    assert asked(erasing, "replay") == {"tombstones": 1, "ordered": 0, "held": 0, "failed": 0}


def test_a_replay_notes_in_the_audit_what_it_orders() -> None:
    erasing = Erasing()
    lead = erasing.a_lead_with_everything()
    backup = dict(erasing.table.items)
    erasing.order(lead)
    erasing.run()
    erasing.table.items.clear()
    erasing.table.items.update(backup)
    erasing.audit.broken["PutItem"] = "AccessDeniedException"
    with everything_printed():
        assert asked(erasing, "replay")["failed"] == 1
    assert list(erasing.erasures.all()) == []
    erasing.audit.broken.clear()
    asked(erasing, "replay")
    assert noted(erasing) == [("erase", [lead.id])]


def test_a_replay_leaves_alone_what_its_order_left_alone() -> None:
    erasing = Erasing()
    lead = erasing.a_lead_with_everything()
    erasure = erasing.order(lead)
    look = erasing.function.eraser.look
    item = look.items.read(lead.id)
    assert item
    look.tombstones.put(lead.id, item, erasure, NOW)
    erasing.erasures.write(replace(erasure, state=ErasureState.LEFT_ALONE, due_at=None, held=(lead.id,)))
    assert asked(erasing, "replay") == {"tombstones": 1, "ordered": 0, "held": 1, "failed": 0}


def test_a_replay_leaves_alone_what_is_under_hold_and_what_is_gone() -> None:
    erasing = Erasing()
    lead, other, third = (
        erasing.a_lead_with_everything(),
        erasing.a_lead_with_everything(1, **SAM),
        erasing.a_lead_with_everything(2, name="Kim L. Example", email="kim@example.com", phone="+12025550111"),
    )
    backup = dict(erasing.table.items)
    erasing.erase(lead, other, third)
    erasing.table.items.clear()
    erasing.table.items.update(backup)
    hold_it(erasing, lead)
    del erasing.leads.leads[other.id]
    erasing.table.put(erasing.lead_item(third) | {"consents": {"S": "poison"}})
    with everything_printed() as output:
        assert asked(erasing, "replay") == {"tombstones": 3, "ordered": 0, "held": 1, "failed": 1}
    assert "lead not read" in output.getvalue()


def test_the_check_counts_what_is_kept_for_too_long() -> None:
    erasing = Erasing()
    closed, held = (erasing.a_lead_with_everything(), erasing.a_lead_with_everything(1, **SAM))
    erasing.a_lead_with_everything(2)
    hold_it(erasing, held)
    for number, lead in enumerate((closed, held)):
        decide = act(ClaimAction.REACHED, RULES, NOW, by=MANAGER, press=f"press-{number + 5}")
        assert erasing.leads.change(lead.id, decide)
    with everything_printed():
        assert asked(erasing, "check")["expired"] == 0
        assert counted("OverdueItems") == [0]
    # As an older version left it.
    erasing.table.put({name: value for name, value in erasing.lead_item(closed).items() if name != "expires_at"})
    with everything_printed():
        assert asked(erasing, "check")["endless"] == 1
        assert counted("OverdueItems") == [1]


@pytest.mark.parametrize(("days", "found"), [(6.9, 0), (7.1, 1)])
def test_an_expired_item_is_overdue_after_a_week(days: float, found: int) -> None:
    erasing = Erasing()
    ended = int((NOW - timedelta(days=days)).timestamp())
    erasing.table.put(attributes({"pk": "EMAILS#1", "sk": "NORMAL", "expires_at": ended}))
    with everything_printed():
        answer = asked(erasing, "check")
        assert (answer["items"], answer["expired"]) == (1, found)
        assert counted("OverdueItems") == [found]


def test_an_erased_request_is_neither_overdue_nor_endless() -> None:
    erasing = Erasing()
    erasing.erase(erasing.a_lead_with_everything())
    with everything_printed():
        answer = asked(erasing, "check")
    assert (answer["expired"], answer["endless"]) == (0, 0)


def test_what_a_check_prints_are_counts() -> None:
    erasing = Erasing()
    lead = erasing.a_lead_with_everything()
    with everything_printed() as output:
        asked(erasing, "check")
    assert lead.id not in output.getvalue()
    assert '"items":' in output.getvalue()


def test_a_lead_that_is_ordered_again_after_it_is_erased_is_unknown() -> None:
    erasing = Erasing()
    lead = erasing.a_lead_with_everything()
    erasing.erase(lead)
    assert asked(erasing, "order", lead_ids=[lead.id])["unknown"] == [lead.id]
    assert asked(erasing, "find", person=lead.reference) == {"requests": [], "unread": []}
    assert (f"LEAD#{lead.id}", LEAD_SORT_KEY) in erasing.table.items
