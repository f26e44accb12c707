"""A person's data on the deployed system: exported and erased by the operators' commands, and nobody else's touched."""

import json
from pathlib import Path
from typing import Any

from shared.store.stored_items import as_json
from tests.deployed import Deployed, eventually, submission
from tests.operating import operate
from tests.unit.records import found_items

# Counts and lists about many people together: an export has only the person's own ids of them.
OF_MANY = ("CONFIRMATIONS", "REPEATS#", "SUMMARY#")
LONG_AGO = "2020-01-01T00:00:00.000Z"


def sent(deployed: Deployed, **changes: object) -> tuple[str, str]:
    """Send a request, wait until the sender has recorded its person, and return its reference and id."""
    reference = deployed.post_json(submission(**changes)).document["reference"]
    lead_id = deployed.lead(reference)["pk"]["S"].removeprefix("LEAD#")

    def is_recorded() -> bool:
        return any(item["pk"]["S"].startswith("PERSON#") and lead_id in str(item) for item in deployed.items())

    assert eventually(is_recorded, within=30)
    return reference, lead_id


def of_person(deployed: Deployed, *marks: str) -> list[dict[str, Any]]:
    """Return the items of a full scan that have one of `marks`, as an export shows them."""
    items = (as_json(item) for item in deployed.items())
    return [item for item in items if any(mark in json.dumps(item) for mark in marks)]


def make_due(deployed: Deployed) -> None:
    """Pretend that it is time for the next look at each erasure."""
    for item in deployed.items():
        if item["pk"] == {"S": "ERASURES"} and "proven_at" not in item:
            deployed.dynamodb.update_item(
                TableName=deployed.stack.table,
                Key={"pk": item["pk"], "sk": item["sk"]},
                UpdateExpression="SET due_at = :past",
                ExpressionAttributeValues={":past": {"S": LONG_AGO}},
            )


def test_a_person_is_exported_and_erased_and_nobody_else_is_touched(deployed: Deployed, tmp_path: Path) -> None:
    phone = "(206) 555-0177"
    secrets = (
        "Ariel Madeupname",
        "ariel.export@example.com",
        "ariel.other@example.com",
        "+12065550177",
        "my own words",
    )
    first, first_id = sent(
        deployed, name=secrets[0], email=secrets[1], phone=phone, message="These are my own words, written once."
    )
    second, second_id = sent(
        deployed, name=secrets[0], email=secrets[2], phone=phone, message="These are my own words, written again."
    )
    other, other_id = sent(deployed, name="Blake Otherperson")
    for reference in (first, other):
        deployed.the_alert(reference)

    told = operate(deployed, tmp_path, "export-person", PERSON=phone, ONLY=f"{first},{second}")
    assert "2 of 2 requests exported" in told
    assert not any(secret in told for secret in secrets[1:])
    document = json.loads((tmp_path / f"person-{second}.json").read_text(encoding="utf-8"))
    shown = {(each["pk"], each["sk"]): each for each in found_items(document)}
    stored = [item for item in of_person(deployed, first_id, second_id) if not item["pk"].startswith(OF_MANY)]
    assert len(stored) > 6
    for item in stored:
        assert item.items() <= shown[item["pk"], item["sk"]].items()
    page = (tmp_path / f"person-{second}.html").read_text(encoding="utf-8")
    for secret in secrets[:3]:
        assert secret in page
    assert not any(mark in json.dumps(document) + page for mark in (other, other_id, "Blake Otherperson"))

    before = of_person(deployed, other_id)
    assert f"of {second}, {first}" in operate(
        deployed, tmp_path, "erase-person", PERSON=first, ONLY=f"{first},{second}", YES="1"
    )
    for _ in range(2):  # the first look, then the second
        make_due(deployed)
        deployed.invoke("erase", {})
    assert "proven" in operate(deployed, tmp_path, "erasures").partition("\n")[0]

    assert of_person(deployed, *secrets) == []
    left = of_person(deployed, first_id, second_id)
    assert {item["pk"] for item in left} - {"CONFIRMATIONS"} == {f"LEAD#{first_id}", f"LEAD#{second_id}", "ERASURES"}
    assert of_person(deployed, other_id) == before
    assert "0 were back" in operate(deployed, tmp_path, "replay-erasures")
