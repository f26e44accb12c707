"""The table is damaged, and `make restore` brings back what it lost, from a copy that was made before.

The local AWS cannot restore to a time: its copy has what the table has at the moment of the call. So the drill asks for
the copy before the damage, with the command's own request, and the command takes over from there.
"""

import json
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from shared.leads.lead import CONTACT
from shared.store.audit import Audit
from shared.store.report_item import REPORT
from tests.deployed import eventually
from tests.drills.drill import Drill, all_of, confirming
from tests.drills.person import a_person, found
from tests.drills.test_follow_up import press
from tests.operating import operate
from tools.local.parameters import RECIPIENTS as STAFF
from tools.operate.restore.copies import Copy, name_of_copy
from tools.operate.restore.verdicts import AS_OF


def alerted(drill: Drill, reference: str) -> str:
    """Wait until the sender has recorded the alert. Return the lead's id."""
    drill.alerted(reference)
    assert eventually(lambda: "lease_token" not in drill.deployed.lead(reference), within=20)
    return drill.lead_id(reference)


def erase(drill: Drill, lead_id: str) -> None:
    """Erase a lead for good: order it, and let the first and the second look come."""
    order = drill.deployed.invoke("erase", {"job": "order", "lead_ids": [lead_id]})["erasure"]
    drill.deployed.erase_now(order)
    assert drill.deployed.erase_now(order)["state"] == "proven"


def withdraw(drill: Drill, lead_id: str) -> None:
    """Write the audit's entry of a press at the desk that withdrew the consent to contact."""
    audit = Audit(drill.deployed.dynamodb, drill.deployed.stack.desk.audit)
    details = {"consent": CONTACT, "how": "phone"}
    now = datetime.now(UTC)
    audit.write(
        now, actor="p-made-up", email="nurse@clinic.test", action="withdraw", lead_ids=[lead_id], details=details
    )


def items_about(drill: Drill, lead_id: str) -> dict[tuple[str, str], dict[str, Any]]:
    """Return a lead, its timeline and its links, by key, without the ends of what ends with the lead."""
    about = (item for item in drill.deployed.items() if lead_id in json.dumps(item, default=list))
    wanted = (item for item in about if item["pk"]["S"].startswith(("LEAD#", "PERSON#")))
    return {
        (item["pk"]["S"], item["sk"]["S"]): {
            name: value for name, value in item.items() if name != "expires_at" or item["sk"]["S"] == "LEAD"
        }
        for item in wanted
    }


def lose(drill: Drill, lead_id: str) -> None:
    """Delete everything about a lead, as a script with a mistake in it would."""
    for pk, sk in items_about(drill, lead_id):
        key = {"pk": {"S": pk}, "sk": {"S": sk}}
        drill.deployed.dynamodb.delete_item(TableName=drill.deployed.stack.table, Key=key)


def is_what_it_was(
    drill: Drill,
    lead_id: str,
    before: Mapping[tuple[str, str], dict[str, Any]],
    as_of: datetime,
    **changed: dict[str, str],
) -> None:
    """Assert that everything about a lead is as it was, but for `changed`, its mark and an entry in the timeline."""
    after, own, row = items_about(drill, lead_id), (f"LEAD#{lead_id}", "LEAD"), (f"LEAD#{lead_id}", REPORT)
    if row in before:
        after[row]["version"] = before[row]["version"]  # `make backfill` keeps the row of today's version
    moment = f"{as_of:%Y-%m-%dT%H:%M:%S}.000Z"
    assert after.pop((f"LEAD#{lead_id}", f"EVENT#{moment}#restored"))["actor"] == {"S": "operator"}
    assert after == {**before, own: before[own] | {AS_OF: {"S": moment}} | changed}


def test_the_table_loses_requests(drill: Drill, tmp_path: Path) -> None:
    deployed = drill.deployed
    long_gone, gone_reference = a_person(drill)
    erased, erased_reference = a_person(drill)
    is_open, claimed, closed, spoiled, kept, unwanted = (drill.post() for _ in range(6))
    ids = {each: alerted(drill, each) for each in (gone_reference, erased_reference, is_open, claimed, closed)}
    ids |= {each: alerted(drill, each) for each in (spoiled, kept, unwanted)}
    press(drill, claimed, STAFF[0], "claim")
    press(drill, closed, STAFF[1], "reached")
    for reference in (claimed, closed):
        if "agenda_at" in deployed.lead(reference):
            drill.later(reference)  # the news to the others, so that nothing is due now
    erase(drill, ids[gone_reference])

    with confirming(deployed):
        with drill.stream_off():
            new = drill.post(preferred_contact="email")
            ids[new] = drill.lead_id(new)
            before = {each: items_about(drill, ids[each]) for each in ids}
            at = datetime.now(UTC).replace(microsecond=0)
            name = name_of_copy(deployed.stack.name, at)
            Copy(deployed.dynamodb, deployed.stack.table, name, at).begin()
        alerted(drill, new)
        drill.noted(new, "confirmation_sent")
        press(drill, is_open, STAFF[0], "claim")  # after the copy, so it is lost
        withdraw(drill, ids[unwanted])
        erase(drill, ids[erased_reference])
        sent = Counter(mail["To"][0] for mail in deployed.all_mails())

        for reference in (is_open, claimed, closed, new, unwanted):
            lose(drill, ids[reference])
        for reference in (gone_reference, erased_reference):
            lose(drill, ids[reference])
        drill.set(deployed.lead(spoiled), email={"S": "undefined"}, phone={"NULL": True})
        untouched = items_about(drill, ids[kept])

        hint = operate(deployed, tmp_path, "restore", TIME=at.isoformat(), code=1)
        assert "Add YES=1" in hint
        told = operate(deployed, tmp_path, "restore", TIME=at.isoformat(), REFERENCES=spoiled, YES="1")

        assert not [trace for trace in ("Example", "example.com", "undefined") if trace in told]
        assert "Requests that came back: 6 (1 claimed, 1 closed, 4 open)" in told
        assert f"A manager can undo it at the desk:\n  {unwanted}\n" in told
        assert deployed.lead(unwanted)["withdrawn_consents"] == {"SS": [CONTACT]}
        for reference in (claimed, closed):
            is_what_it_was(drill, ids[reference], before[reference], at)
        is_what_it_was(drill, ids[is_open], before[is_open], at)
        is_what_it_was(drill, ids[spoiled], before[spoiled], at, version=deployed.lead(spoiled)["version"])
        assert items_about(drill, ids[kept]) == untouched
        for person, reference in ((long_gone, gone_reference), (erased, erased_reference)):
            assert found(deployed, person) == []
            assert "erased_at" in deployed.lead(reference)
            assert deployed.post_json(person).status == 410
        assert name not in deployed.dynamodb.list_tables()["TableNames"]

        # Its alert was still to come as of the copy. So staff get it again, and the visitor gets nothing.
        more = eventually(
            lambda: Counter(mail["To"][0] for mail in deployed.all_mails()) - sent,
            within=30,
            wanted=lambda more: more.total() >= len(STAFF),
        )
        assert more == all_of(1)
        drill.saw(
            "6 came back, one of them without contact, 2 stayed erased, one alert again, no confirmation again."
            f" {told.partition('Looking through')[2].partition('What was')[0]}"
        )
    assert "Point-in-time recovery" in operate(deployed, tmp_path, "restore", TIME=at.isoformat(), YES="1", code=1)
