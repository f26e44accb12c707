"""The webhook of the deployed system: what it sends, and that a bad receiver delays no alert."""

import json
import re
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from shared.store.keys import timestamp
from tests.deployed import Deployed, eventually, submission
from tests.receiver import (
    Inbox,
    Manner,
    Received,
    answers,
    continues,
    drips,
    goes_on_and_on,
    is_silent,
    receiver_of,
    redirects,
    talks_nonsense,
)
from webhook.sign import shown

DOC = Path(__file__).parents[2] / "docs" / "webhook.md"
# In the local AWS, one process starts both functions in turn, so alerts wait for the webhook, which may send for 7 s. A
# webhook that waited for a silent receiver would take at least a minute for each of four requests.
MOST_SECONDS = 120


def key_of(deployed: Deployed) -> str:
    """Return the key that signs messages, as a receiver has it."""
    found = deployed.lambdas.get_function_configuration(FunctionName=f"{deployed.stack.name}-webhook")
    arn = found["Environment"]["Variables"]["WEBHOOK_KEY_ARN"]
    return shown(deployed.secrets.get_secret_value(SecretId=arn)["SecretString"])


@pytest.fixture
def inbox(deployed: Deployed) -> Iterator[Inbox]:
    """A receiver that works."""
    with receiver_of(deployed) as found:
        yield found


def told(deployed: Deployed, inbox: Inbox, reference: str) -> list[Received]:
    """Return the messages about a request, after as many runs as it takes. Only rings are sent without a run."""

    def found() -> list[Received]:
        deployed.invoke("webhook", {})
        return inbox.of(reference)

    return eventually(found, within=30, wanted=bool)


def events_of(inbox: Inbox, reference: str) -> list[str]:
    return [each.document["event"] for each in inbox.of(reference)]


def verifier() -> Any:  # noqa: ANN401 - a function out of the docs
    """Return the function in docs/webhook.md with which a receiver checks a signature."""
    (code,) = re.findall(r"```python\n(.*?)```", DOC.read_text("utf-8"), re.DOTALL)
    names: dict[str, Any] = {}
    exec(compile(code, str(DOC), "exec"), names)  # noqa: S102 - our own docs
    return names["is_genuine"]


def test_a_request_is_told_with_a_signature_that_the_docs_can_check(deployed: Deployed, inbox: Inbox) -> None:
    answer = deployed.post_json(submission())
    reference = answer.document["reference"]
    (message,) = told(deployed, inbox, reference)
    said = message.document
    assert (said["event"], said["state"], said["outcome"]) == ("new", "open", None)
    assert said["link"].endswith(f"/desk/requests/{deployed.lead(reference)['pk']['S'].removeprefix('LEAD#')}")
    assert said["text"] == f"New request {reference}. {said['link']}"
    assert message.headers["webhook-id"] == said["id"]

    is_genuine, key = verifier(), key_of(deployed)
    assert is_genuine(message.headers, message.body, key)
    assert not is_genuine(message.headers, message.body + b" ", key)
    assert not is_genuine(message.headers, message.body, shown("another key"))
    assert not is_genuine({**message.headers, "webhook-id": "msg_0"}, message.body, key)
    old = str(int(message.headers["webhook-timestamp"]) - 301)
    assert not is_genuine({**message.headers, "webhook-timestamp": old}, message.body, key)
    assert not is_genuine({}, message.body, key)


def test_an_urgent_request_is_told_until_somebody_has_it(deployed: Deployed, inbox: Inbox) -> None:
    answer = deployed.post_json(submission(in_crisis=True))
    reference = answer.document["reference"]
    eventually(lambda: events_of(inbox, reference), within=30, wanted=bool)
    item = deployed.lead(reference)
    # Time passes: staff were told an hour ago. The stream tells the webhook of this change.
    eventually(lambda: "told_at" in deployed.lead(reference), within=20, wanted=bool)
    deployed.dynamodb.update_item(
        TableName=deployed.stack.table,
        Key={"pk": item["pk"], "sk": item["sk"]},
        UpdateExpression="SET told_at = :past",
        ExpressionAttributeValues={":past": {"S": timestamp(datetime.now(UTC) - timedelta(hours=1))}},
    )
    eventually(lambda: events_of(inbox, reference), within=30, wanted=lambda events: "nobody_claimed" in events)
    assert events_of(inbox, reference) == ["urgent", "nobody_claimed"]

    link = re.search(r"/claim/[\w.~-]+", deployed.the_alert(reference)["BodyText"])
    assert link
    page = deployed.request("GET", link[0])
    form = dict(re.findall(r'name="(\w+)" value="([^"]*)"', page.body))
    assert form
    deployed.request(
        "POST",
        link[0],
        "&".join(f"{name}={value}" for name, value in form.items()).encode(),
        {"Content-Type": "application/x-www-form-urlencoded"},
    )

    def events() -> list[str]:
        deployed.invoke("webhook", {})
        return events_of(inbox, reference)

    eventually(events, within=30, wanted=lambda found: len(found) == 3)
    ids = [each.document["id"] for each in inbox.of(reference)]
    assert len(ids) == len(set(ids)) == 3


@pytest.mark.parametrize(
    "manner",
    [
        *(is_silent, drips, goes_on_and_on, continues, talks_nonsense, redirects),
        *(answers(500), answers(404), answers(410)),
    ],
    ids=["silent", "drips", "endless", "continues", "nonsense", "redirects", "500", "404", "410"],
)
def test_a_bad_receiver_delays_no_alert(deployed: Deployed, inbox: Inbox, manner: Manner) -> None:
    inbox.manner = manner
    begun = time.monotonic()
    references = [deployed.post_json(submission()).document["reference"] for _ in range(3)]
    urgent = deployed.post_json(submission(in_crisis=True)).document["reference"]
    for reference in (*references, urgent):
        deployed.the_alert(reference, within=MOST_SECONDS)
    assert time.monotonic() - begun < MOST_SECONDS
    assert inbox.elsewhere == []
    assert eventually(lambda: inbox.received, within=20, wanted=bool)
    if manner is goes_on_and_on:
        return  # its status said that it took the message
    inbox.manner = answers(200)
    assert deployed.invoke("webhook", {"job": "test"}) == {"set": True, "taken": True, "reason": None}

    # A test that arrived makes what waits due at once.
    def all_told() -> bool:
        deployed.invoke("webhook", {})
        return all("new" in events_of(inbox, reference) for reference in references)

    assert eventually(all_told, within=40, wanted=bool), "what waited is told afterwards"
    assert events_of(inbox, urgent)


def test_no_word_of_a_visitor_and_no_address_is_where_it_should_not_be(deployed: Deployed, inbox: Inbox) -> None:
    canary = f"canary{uuid.uuid4().hex}"
    answer = deployed.post_json(
        submission(
            name=f"{canary}a",
            message=f"{canary}b",
            email=f"{canary}@{canary}.example.com",
            utm_source=f"{canary}c",
            page=f"https://{canary}.example.com/",
        )
    )
    reference = answer.document["reference"]
    told(deployed, inbox, reference)
    inbox.manner = answers(500)
    other = deployed.post_json(submission(name=f"{canary}d", in_crisis=True)).document["reference"]
    eventually(lambda: inbox.of(other), within=30, wanted=bool)
    sent = [f"{each.path} {dict(each.headers)} {each.body.decode()}" for each in inbox.received]
    items = [json.dumps(each) for each in deployed.items() if each["sk"]["S"] in {"EVENTS#WEBHOOK", "WEBHOOK"}]
    assert items
    assert not [each for each in sent + items if canary in each]
    configuration = deployed.lambdas.get_function_configuration(FunctionName=f"{deployed.stack.name}-webhook")
    lines = deployed.log_lines()
    assert any(reference in line for line in lines)
    for text in (*lines, *items, json.dumps(configuration, default=str)):
        assert canary not in text
        assert "made-up-and-secret" not in text


def test_nothing_is_noted_without_an_address(deployed: Deployed) -> None:
    reference = deployed.post_json(submission()).document["reference"]
    deployed.the_alert(reference)
    deployed.invoke("webhook", {})
    key = {"pk": deployed.lead(reference)["pk"], "sk": {"S": "EVENTS#WEBHOOK"}}
    assert "Item" not in deployed.dynamodb.get_item(TableName=deployed.stack.table, Key=key, ConsistentRead=True)
    assert deployed.invoke("webhook", {"job": "test"}) == {"set": False, "taken": False, "reason": "NoAddress"}
