"""A person is erased while other parts are at work, or come back: afterwards nothing is left of them."""

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from erase.tombstones import LEFT, TOMBSTONES
from tests.deployed import eventually
from tests.drills.drill import PAST, Drill
from tests.drills.person import a_person, found
from tools.local.parameters import RECIPIENTS as STAFF


def order(drill: Drill, lead_id: str) -> str:
    """Order the erasure of a request, as `make erase-person` does."""
    answer = drill.deployed.invoke("erase", {"job": "order", "lead_ids": [lead_id]})
    assert answer["refused"] == answer["unknown"] == []
    return str(answer["erasure"])


def state_of(drill: Drill, erasure: str) -> str:
    """Return the state of an order."""
    listed = drill.deployed.invoke("erase", {"job": "erasures"})["erasures"]
    (state,) = [each["state"] for each in listed if each["erasure"] == erasure]
    return str(state)


def is_proven(drill: Drill, erasure: str, lead_id: str, sent: Mapping[str, object]) -> dict[str, Any]:
    """Let the time of the second look come. Assert that it proves the erasure, and return the report."""
    report = drill.deployed.erase_now(erasure)
    assert (report["state"], report["problems"]) == ("proven", []), report
    assert found(drill.deployed, sent) == []
    about = [item for item in drill.deployed.items() if lead_id in json.dumps(item, default=list)]
    (tombstone,) = [item for item in about if item["pk"] == {"S": f"LEAD#{lead_id}"}]
    assert tombstone.keys() <= LEFT
    tombstones = drill.deployed.dynamodb.get_item(
        TableName=drill.deployed.stack.desk.audit, Key={"pk": {"S": TOMBSTONES}, "sk": {"S": lead_id}}
    )
    assert "Item" in tombstones
    return report


def test_a_person_is_erased_while_a_sender_is_at_work(drill: Drill) -> None:
    drill.proxy.kill_after("notify", "sesv2", "SendEmail")
    sent, reference = a_person(drill)
    drill.is_in_state(reference, "sending")
    lead_id, other = drill.lead_id(reference), drill.post()
    drill.alerted(other)
    (mail,) = drill.deployed.emails(reference)
    (link, *_) = re.findall(r"/claim/\S+", mail["BodyText"])

    erasure = order(drill, lead_id)
    drill.deployed.invoke("erase", {})
    assert state_of(drill, erasure) == "ordered", "it waits for the sender"
    assert found(drill.deployed, sent), "nothing is half done"
    drill.set(drill.deployed.lead(reference), agenda_at=PAST)  # the sender's lease is over
    first = drill.deployed.erase_now(erasure)
    assert first["state"] == "looking_again"
    assert found(drill.deployed, sent) == []

    # What comes late: a report of SES, the record of the stream, a sweep, and an entry that was on its way.
    drill.report("delivered", reference, STAFF[0])
    record = {"dynamodb": {"Keys": {"pk": {"S": f"LEAD#{lead_id}"}, "sk": {"S": "LEAD"}}, "SequenceNumber": "1"}}
    drill.deployed.invoke("notify", {"Records": [record]})
    drill.deployed.sweep()
    late = {"pk": {"S": f"LEAD#{lead_id}"}, "sk": {"S": "EVENT#2026-01-01T00:00:00.000Z#note"}}
    drill.deployed.dynamodb.put_item(
        TableName=drill.deployed.stack.table, Item={**late, "text": {"S": f"Called {sent['phone']}"}}
    )
    assert len(found(drill.deployed, sent)) == 1
    report = is_proven(drill, erasure, lead_id, sent)

    again = drill.deployed.post_json(sent)
    assert again.status == 410, again.body
    pressed = drill.deployed.request("GET", link)
    assert pressed.status == 410
    assert "erased" in pressed.body
    assert drill.deployed.lead(other)["name"] == {"S": "Robin Example"}
    drill.saw(
        f"it waited for the sender; erased; what came late is gone; the same request again: {again.status}; the old"
        f" link: {pressed.status}. The report: {json.dumps(report)}"
    )


def test_the_function_that_erases_dies_in_the_middle(drill: Drill) -> None:
    sent, reference = a_person(drill)
    drill.alerted(reference)
    # The sender writes the outcome after the email. Until then, an erasure waits.
    assert eventually(lambda: "lease_token" not in drill.deployed.lead(reference), within=20)
    lead_id = drill.lead_id(reference)
    erasure = order(drill, lead_id)
    drill.proxy.kill_after("erase", "dynamodb", "UpdateItem")
    with suppress(AssertionError):
        drill.deployed.invoke("erase", {})
    assert eventually(lambda: drill.proxy.killed, within=20), "the proxy notes it after the function is gone"
    assert state_of(drill, erasure) == "ordered"
    assert "erased_at" in drill.deployed.lead(reference), "the lead was scrubbed before it died"
    assert drill.deployed.erase_now(erasure)["state"] == "looking_again"
    is_proven(drill, erasure, lead_id, sent)
    drill.saw("scrubbed, then dead; the next run went on; proven")


def test_a_restore_brings_back_an_erased_person(drill: Drill) -> None:
    sent, reference = a_person(drill)
    drill.alerted(reference)
    # The sender writes the outcome after the email. Until then, an erasure waits.
    assert eventually(lambda: "lease_token" not in drill.deployed.lead(reference), within=20)
    lead_id = drill.lead_id(reference)
    backup = [item for item in drill.deployed.items() if lead_id in json.dumps(item, default=list)]
    erasure = order(drill, lead_id)
    assert drill.deployed.erase_now(erasure)["state"] == "looking_again"
    is_proven(drill, erasure, lead_id, sent)

    for item in backup:
        drill.deployed.dynamodb.put_item(TableName=drill.deployed.stack.table, Item=item)
    assert found(drill.deployed, sent), "the restore brought the person back"
    counts = drill.deployed.invoke("erase", {"job": "replay"})
    assert counts["ordered"] == 1
    (listed, *_) = drill.deployed.invoke("erase", {"job": "erasures"})["erasures"]
    assert listed["lead_ids"] == [lead_id]
    assert drill.deployed.erase_now(listed["erasure"])["state"] == "looking_again"
    is_proven(drill, listed["erasure"], lead_id, sent)
    drill.saw("the person was back in the table; make replay-erasures; erased and proven again")
