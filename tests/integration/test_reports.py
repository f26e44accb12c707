"""SES's reports, delivered by EventBridge to the deployed function, and what follows from them."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from shared.leads.team import Recipient
from shared.store.recipient_status import STATUS_SORT_KEY
from tests.deployed import Deployed, eventually, submission
from tests.drills.drill import schedule
from tools.local.parameters import FALLBACK
from tools.local.parameters import RECIPIENTS as STAFF

FIRST, SECOND = (Recipient(address).id for address in STAFF)
_EVENTS = Path(__file__).parents[1] / "events"

type Publish = Callable[[str, str, str], None]


def recorded(name: str, deployed: Deployed, reference: str, recipient: str) -> dict[str, Any]:
    """Return SES's event of that name about one email of the lead `reference`."""
    event: dict[str, Any] = json.loads((_EVENTS / f"ses_{name}.json").read_text("utf-8"))
    tags = event["detail"]["mail"]["tags"]
    tags |= {
        "lead_id": [deployed.lead(reference)["pk"]["S"].removeprefix("LEAD#")],
        "recipient": [recipient],
        "notice": ["alert"],
        "attempt": ["1"],
        "ses:configuration-set": [configuration_set(deployed)],
    }
    return event


def configuration_set(deployed: Deployed) -> str:
    variables = deployed.lambdas.get_function_configuration(FunctionName=f"{deployed.stack.name}-notify")
    return variables["Environment"]["Variables"]["CONFIGURATION_SET"]


@pytest.fixture(scope="module")
def publish(deployed: Deployed) -> Iterator[Publish]:
    """Publish a golden event. Only AWS may publish as `aws.ses`, in the emulator too.

    So we check that one of the deployed rules matches the event. Then a rule of this test, for another source, passes
    it to the function as SES's.
    """
    rules = [rule for rule in deployed.events.list_rules()["Rules"] if "aws.ses" in rule.get("EventPattern", "")]
    targets = [deployed.events.list_targets_by_rule(Rule=rule["Name"])["Targets"] for rule in rules]
    (arn,) = {target["Arn"] for each in targets for target in each}
    deployed.events.put_rule(Name="emulated-ses", EventPattern=json.dumps({"source": ["emulated.ses"]}))
    template = '{"version":"0","id":<id>,"source":"aws.ses","detail-type":<type>,"time":<time>,"detail":<detail>}'
    paths = {"id": "$.id", "type": "$.detail-type", "time": "$.time", "detail": "$.detail"}
    deployed.events.put_targets(
        Rule="emulated-ses",
        Targets=[
            {
                "Id": "delivery",
                "Arn": arn,
                "InputTransformer": {"InputPathsMap": paths, "InputTemplate": template},
            }
        ],
    )
    deployed.lambdas.add_permission(
        FunctionName=f"{deployed.stack.name}-delivery",
        StatementId="emulated-ses",
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
    )

    def publish(name: str, reference: str, recipient: str) -> None:
        event = recorded(name, deployed, reference, recipient)
        assert taken(deployed, event) == 1, "exactly one deployed rule must match this event"
        answer = deployed.events.put_events(
            Entries=[
                {
                    "Source": "emulated.ses",
                    "DetailType": event["detail-type"],
                    "Detail": json.dumps(event["detail"]),
                }
            ]
        )
        assert not answer["FailedEntryCount"], answer

    yield publish
    deployed.events.remove_targets(Rule="emulated-ses", Ids=["delivery"])
    deployed.events.delete_rule(Name="emulated-ses")


def taken(deployed: Deployed, event: dict[str, Any]) -> int:
    """Return how many of the deployed rules match an event."""
    patterns = [rule.get("EventPattern", "") for rule in deployed.events.list_rules()["Rules"]]
    return sum(
        deployed.events.test_event_pattern(EventPattern=pattern, Event=json.dumps(event))["Result"]
        for pattern in patterns
        if "aws.ses" in pattern
    )


def alerted(deployed: Deployed) -> str:
    reference: str = deployed.post_json(submission()).document["reference"]
    deployed.the_alert(reference)
    in_state(deployed, reference, "accepted")
    return reference


def in_state(deployed: Deployed, reference: str, state: str) -> None:
    lead = eventually(
        lambda: deployed.lead(reference), within=20, wanted=lambda lead: lead["alert_state"] == {"S": state}
    )
    assert lead["alert_state"] == {"S": state}


def test_a_delivered_alert_is_delivered(deployed: Deployed, publish: Publish) -> None:
    reference = alerted(deployed)
    for recipient in (FIRST, SECOND, FIRST):
        publish("delivered", reference, recipient)
    in_state(deployed, reference, "delivered")
    both = sorted(f"alert/{recipient}/1" for recipient in (FIRST, SECOND))
    delivered = eventually(
        lambda: sorted(deployed.lead(reference)["emails_delivered"]["SS"]),
        within=10,
        wanted=lambda mails: mails == both,
    )
    assert delivered == both


@pytest.mark.parametrize(("event", "state"), [("bounced", "bounced"), ("complained", "complained")])
def test_a_failing_recipient_sends_the_alert_to_the_fallback_and_tells_ops(
    deployed: Deployed, publish: Publish, event: str, state: str
) -> None:
    # Operators are told about a recipient once a day, and another test may have caused that already.
    status = {"pk": {"S": f"RECIPIENT#{SECOND}"}, "sk": {"S": STATUS_SORT_KEY}}
    deployed.dynamodb.delete_item(TableName=deployed.stack.table, Key=status)
    with deployed.ops_mails() as told:
        reference = alerted(deployed)
        publish(event, reference, SECOND)
        in_state(deployed, reference, state)
        deployed.sweep()
        assert [mail["To"] for mail in deployed.emails(reference)[len(STAFF) :]] == [[*FALLBACK]]
        eventually(told, within=10)
        (message,) = told()
        assert "AlertRecipients" in message
        assert "2" in message
        assert "@" not in message


def test_a_report_that_means_nothing_to_us_does_no_harm(deployed: Deployed) -> None:
    with schedule(deployed, on=False):  # a sweep would change other requests meanwhile
        before = deployed.entries()
        for event in ({}, {"source": "aws.ses", "detail": {}}, {"source": "aws.ses", "detail": {"mail": {"tags": []}}}):
            deployed.invoke("delivery", event)
        event = json.loads((_EVENTS / "ses_bounced.json").read_text("utf-8"))
        deployed.invoke("delivery", event)  # about an unknown lead
        assert deployed.entries() == before


@pytest.mark.parametrize(("name", "heard"), [("delivered", 0), ("delayed", 0), ("bounced", 1), ("complained", 1)])
def test_only_failures_of_claimed_emails_are_reported(name: str, heard: int, deployed: Deployed) -> None:
    event = recorded(name, deployed, alerted(deployed), FIRST)
    event["detail"]["mail"]["tags"]["notice"] = ["claimed"]
    assert taken(deployed, event) == heard
