"""A value that a visitor typed turns up where it belongs, the table and the mail, and nowhere else."""

import json
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.deployed import FORM, Deployed, eventually, submission
from tests.documented import release

CANARIES = (
    "name",
    "message",
    "call_me",
    "utm_source",
    "utm_content",
    "email",
    "page",
    "referrer",
    "area",
    "extra",
    "token",
)


@pytest.fixture
def table_refuses(deployed: Deployed, submit_role: str) -> Iterator[None]:
    """The table refusing what the public function puts."""
    policy = {"Effect": "Deny", "Action": "dynamodb:PutItem", "Resource": "*"}
    deployed.iam.put_role_policy(
        RoleName=submit_role,
        PolicyName="outage",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [policy]}),
    )
    yield
    deployed.iam.delete_role_policy(RoleName=submit_role, PolicyName="outage")


@pytest.mark.usefixtures("table_refuses")
def test_a_table_that_refuses_gives_503_and_says_that_nothing_was_stored(deployed: Deployed) -> None:
    before = len(deployed.leads())

    answer = deployed.post_json(submission())

    assert answer.status == 503
    assert int(answer.headers["retry-after"]) > 0
    assert "Nothing was stored" in answer.document["detail"]
    assert answer.document["help"]["crisis_line"] == "988"
    assert len(deployed.leads()) == before


def test_nothing_a_visitor_typed_is_in_a_log_a_metric_a_queue_or_an_error(
    deployed: Deployed, request: pytest.FixtureRequest
) -> None:
    # Letters and digits only, so that no escaping could hide one; each field has one of its own.
    canary = f"canary{uuid.uuid4().hex}"
    fields = {name: f"{canary}{index}" for index, name in enumerate(CANARIES)}
    good = submission(
        **{name: fields[name] for name in ("name", "message", "call_me", "utm_source", "utm_content")},
        email=f"{fields['email']}@{canary}.example.com",
        page=f"https://{canary}.example.com/{fields['page']}?{canary}",
        referrer=f"https://{canary}.example.com/{fields['referrer']}",
        homepage="",
    ) | {fields["area"]: fields["extra"], "cf-turnstile-response": fields["token"]}
    bodies: list[str] = []

    # success, twice (a repeat), and a conflict
    stored = deployed.post_json(good)
    assert stored.status == 201
    bodies += [deployed.post_json(good).body, deployed.post_json(good | {"name": canary + "other"}).body]
    # validation failures: every field wrong, by JSON and by form; undecodable bodies
    wrong = dict.fromkeys((*good, "consent_contact"), canary)
    bodies += [
        deployed.post_json(wrong).body,
        deployed.post_json({name: [canary] for name in good}).body,
        # A plain form gets a page that shows the person their own words again; a script has them still.
        deployed.post_form({name: str(value) for name, value in wrong.items()}, Accept="application/json").body,
        deployed.post_multipart(dict.fromkeys(good, canary), file=canary.encode(), Accept="application/json").body,
        deployed.request("POST", "/consultations", canary.encode(), {"Content-Type": "application/json"}).body,
        deployed.request("POST", "/consultations", canary.encode(), {"Content-Type": f"text/{canary}"}).body,
        deployed.request("POST", "/consultations", f"{canary}&{canary}".encode(), {"Content-Type": FORM}).body,
        deployed.request("GET", f"/thank-you?reference={canary}").body,
    ]
    # mail failure
    eventually(lambda: deployed.mails(stored.document["reference"]), within=20)
    deployed.set_sandbox(on=True)
    refused = deployed.post_json(good | {"submission_id": canary}).document["reference"]
    eventually(lambda: deployed.lead(refused), within=20, wanted=lambda lead: lead["alert_refusals"] == {"N": "1"})
    deployed.make_due(refused)
    deployed.sweep()
    deployed.set_sandbox(on=False)
    # storage failure
    request.getfixturevalue("table_refuses")
    failed = deployed.post_json(good | {"submission_id": canary + "again"})
    assert failed.status == 503
    # a stream record that nobody can handle
    poison = {"Records": [{"dynamodb": {"Keys": {"pk": {canary: canary}}, "SequenceNumber": "1"}}]}
    answer = deployed.lambdas.invoke(FunctionName=f"{deployed.stack.name}-notify", Payload=json.dumps(poison).encode())
    bodies += [failed.body, answer["Payload"].read().decode()]

    # It did go where it belongs ...
    assert canary in json.dumps(deployed.lead(refused))
    assert canary in deployed.mails(stored.document["reference"])[0]["BodyText"]
    # ... and nowhere else.
    log = "\n".join(deployed.log_lines())
    assert "alert attempt finished" in log
    assert "request not stored" in log
    assert "stream record failed" in log
    sinks = {
        "the functions' and the API's logs": log,
        "the emulator's own log": deployed.emulator_log.read_text(encoding="utf-8"),
        "answers": "\n".join(bodies),
        "metrics": json.dumps(deployed.metric_data(), default=str),
        "queues": json.dumps(deployed.queued_messages()),
    }
    for sink, content in sinks.items():
        where = content.find(canary)
        assert where == -1, f"in {sink}: {content[max(0, where - 200) : where + 100]!r}"


def keep_back_by_the_stream_and_by_the_sweep(deployed: Deployed) -> None:
    """Post what looks like spam; once the stream's function has kept it back, let the sweep meet it as if new."""
    reference = deployed.post_json(submission(homepage="https://spam.example.net")).document["reference"]
    kept = {"alert_state": {"S": "quarantined"}}
    lead = eventually(lambda: deployed.lead(reference), within=20, wanted=lambda lead: kept.items() <= lead.items())
    again = release(table=deployed.stack.table, lead_id=lead["pk"]["S"].removeprefix("LEAD#"), now=datetime.now(UTC))
    again["UpdateExpression"] += ", spam_reasons, spam_score"  # as if it had never been screened
    deployed.dynamodb.update_item(**again)
    deployed.sweep()
    assert kept.items() <= deployed.lead(reference).items()


def test_every_alarm_watches_a_metric_that_the_functions_emit(
    deployed: Deployed, request: pytest.FixtureRequest
) -> None:
    deployed.set_sandbox(on=True)
    reference = deployed.post_json(submission()).document["reference"]
    eventually(lambda: deployed.lead(reference), within=20, wanted=lambda lead: lead["alert_refusals"] == {"N": "1"})
    deployed.make_due(reference)
    deployed.sweep()
    deployed.set_sandbox(on=False)
    deployed.make_due(reference)
    deployed.sweep()
    keep_back_by_the_stream_and_by_the_sweep(deployed)
    request.getfixturevalue("table_refuses")
    assert deployed.post_json(submission()).status == 503

    emitted = deployed.emitted_metrics()
    alarms = [alarm for alarm in deployed.alarms() if alarm["Namespace"] == deployed.stack.name]

    assert len(alarms) >= 5
    for alarm in alarms:
        dimensions = tuple(sorted((entry["Name"], entry["Value"]) for entry in alarm["Dimensions"]))
        watched = (alarm["Namespace"], alarm["MetricName"], dimensions)
        assert watched in emitted, f"{alarm['AlarmName']} can never fire"
