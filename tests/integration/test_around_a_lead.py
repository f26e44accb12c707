"""Other things that happen to leads on the deployed system: repeats, the confirmation, the digest and the canary."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.deployed import Deployed, eventually, submission
from tests.drills.drill import confirming, schedule
from tools.local.parameters import RECIPIENTS as STAFF

CRISIS_LINE = "988"


def an_hour_later(deployed: Deployed, reference: str) -> None:
    """Make the request `reference` look an hour old to later requests of the same person."""
    lead_id = deployed.lead(reference)["pk"]["S"].removeprefix("LEAD#")
    for item in deployed.items():
        received_at, _, its_lead = item["sk"]["S"].partition("#")
        if item["pk"]["S"].startswith("PERSON#") and its_lead == lead_id:
            before = datetime.fromisoformat(received_at) - timedelta(hours=1)
            earlier = item | {"sk": {"S": f"{before:%Y-%m-%dT%H:%M:%S}.000Z#{lead_id}"}}
            deployed.dynamodb.put_item(TableName=deployed.stack.table, Item=earlier)
            deployed.dynamodb.delete_item(TableName=deployed.stack.table, Key={"pk": item["pk"], "sk": item["sk"]})


def is_recorded(deployed: Deployed, reference: str) -> bool:
    """Whether the request `reference` is among the requests of a person."""
    lead_id = deployed.lead(reference)["pk"]["S"].removeprefix("LEAD#")
    keys = ((item["pk"]["S"], item["sk"]["S"]) for item in deployed.items())
    return any(pk.startswith("PERSON#") and sk.endswith(lead_id) for pk, sk in keys)


def test_a_second_request_within_minutes_waits_and_its_alert_names_the_first(deployed: Deployed) -> None:
    person = submission()
    first = deployed.post_json(person).document["reference"]
    deployed.the_alert(first)
    # The sender records the person after the email. Until then, a second request does not wait.
    assert eventually(lambda: is_recorded(deployed, first), within=20)

    again = submission(email=person["email"], phone="(202) 555-0187")
    second = deployed.post_json(again).document["reference"]
    waiting = eventually(lambda: deployed.timeline(second), within=20, wanted=lambda kinds: len(kinds) > 0)
    assert waiting == ["alert_waits"]
    assert deployed.emails(second) == []

    an_hour_later(deployed, first)
    deployed.make_due(second)
    deployed.sweep()
    alert = deployed.the_alert(second)
    assert first in alert["BodyText"]
    assert "Second request from this person" in alert["BodyText"]


def test_a_second_request_in_crisis_is_alerted_at_once(deployed: Deployed) -> None:
    person = submission()
    deployed.the_alert(deployed.post_json(person).document["reference"])
    urgent = submission(email=person["email"], in_crisis=True)
    assert "URGENT" in deployed.the_alert(deployed.post_json(urgent).document["reference"])["Subject"]


@pytest.fixture
def visitors_are_confirmed(deployed: Deployed) -> Iterator[None]:
    """VisitorConfirmation=yes."""
    with confirming(deployed):
        yield


@pytest.mark.usefixtures("visitors_are_confirmed")
def test_only_a_visitor_who_allowed_email_gets_a_confirmation_and_only_one(deployed: Deployed) -> None:
    wants = submission(name="Ida Example", preferred_contact="email")
    others = [
        submission(preferred_contact="phone"),
        submission(preferred_contact="email", discreet=True),
        submission(preferred_contact="email", email=str(wants["email"]).upper()),  # already had one today
    ]
    reference = deployed.post_json(wants).document["reference"]
    deployed.the_alert(reference)
    sent = eventually(lambda: deployed.timeline(reference), within=20, wanted=lambda k: "confirmation_sent" in k)
    assert sent.count("confirmation_sent") == 1
    for each in others:
        deployed.post_json(each)
    deployed.the_alert(deployed.post_json(submission()).document["reference"])

    visitors = {str(each["email"]).lower() for each in (wants, *others)}
    mails = [mail for mail in deployed.all_mails() if {address.lower() for address in mail["To"]} & visitors]
    assert [mail["To"] for mail in mails] == [[wants["email"]]]
    (mail,) = mails
    assert CRISIS_LINE in mail["BodyText"]
    assert "Ida" not in mail["BodyText"] + mail["BodyHtml"]
    assert str(wants["message"]) not in mail["BodyText"]


def digests(deployed: Deployed) -> list[dict[str, Any]]:
    """The digests, which go to each of staff alone."""
    return [mail for mail in deployed.all_mails() if "Consultation requests" in mail["Subject"]]


def test_each_working_morning_one_digest_for_each_with_names_and_links(deployed: Deployed) -> None:
    person = submission(name="Jay Example", in_crisis=True)
    reference = deployed.post_json(person).document["reference"]
    deployed.the_alert(reference)
    deployed.sweep()  # puts the digest on the agenda
    before = digests(deployed)
    key = {"pk": {"S": "DIGEST"}, "sk": {"S": "DIGEST"}}
    next_at = deployed.dynamodb.get_item(TableName=deployed.stack.table, Key=key)["Item"]["agenda_at"]["S"]
    assert next_at > f"{datetime.now(UTC):%Y-%m-%dT%H:%M}"
    deployed.dynamodb.update_item(
        TableName=deployed.stack.table,
        Key=key,
        UpdateExpression="SET agenda_at = :past",
        ExpressionAttributeValues={":past": {"S": "2020-01-01T00:00:00.000Z"}},
    )
    deployed.sweep()

    sent = digests(deployed)[len(before) :]
    assert sorted(digest["To"] for digest in sent) == sorted([address] for address in STAFF)
    for digest in sent:
        assert f"- URGENT: {reference}\n" in digest["BodyText"]
        assert " urgent, " in digest["Subject"]
        assert "Name: Jay Example\n" in digest["BodyText"]
        assert str(person["phone"])[-4:] not in digest["BodyText"]
        assert "/claim/" in digest["BodyText"]
    assert sent[0]["BodyText"] != sent[1]["BodyText"], "each recipient must have their own links"
    deployed.sweep()
    assert len(digests(deployed)) == len(before) + len(STAFF)
    again_at = deployed.dynamodb.get_item(TableName=deployed.stack.table, Key=key)["Item"]["agenda_at"]["S"]
    assert f"{datetime.now(UTC):%Y-%m-%dT%H:%M}" < again_at <= next_at


def test_the_canary_goes_the_whole_way_reaches_no_staff_and_leaves_nothing(deployed: Deployed) -> None:
    with schedule(deployed, on=False):  # a sweep would change other requests meanwhile
        before, staff_mails = deployed.entries(), [mail for mail in deployed.all_mails() if mail["To"][0] in STAFF]

        deployed.invoke("canary", {})

        to_simulator = [mail for mail in deployed.all_mails() if mail["To"] == ["success@simulator.amazonses.com"]]
        assert len(to_simulator) >= 1
        assert [mail for mail in deployed.all_mails() if mail["To"][0] in STAFF] == staff_mails
        left = [item for item in deployed.entries() if item not in before]
    assert {item["sk"]["S"] for item in left} <= {"CANARY"}  # the registration, which expires on its own
    assert all("expires_at" in item for item in left)
    lines = [json.loads(line) for line in deployed.log_lines() if '"CanaryAccepted"' in line]
    assert lines[-1]["CanaryAccepted"] == [1.0]


def test_a_canary_that_meets_a_closed_way_says_which_step_failed(deployed: Deployed) -> None:
    with deployed.denied("dynamodb:PutItem", "submit"):
        deployed.invoke("canary", {})
    lines = [json.loads(line) for line in deployed.log_lines() if '"CanaryAccepted"' in line]
    assert lines[-1]["CanaryAccepted"] == [0.0]
    failed = [json.loads(line) for line in deployed.log_lines() if "canary failed" in line]
    assert (failed[-1]["outcome"], failed[-1]["reason"]) == ("post", "status 503")
