"""Text that a visitor typed gets into the table and the emails, and nowhere else."""

import json
import uuid
from collections.abc import Iterator

import pytest

from tests.deployed import FORM, Deployed, eventually, submission

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
    """The table refuses the public function's writes."""
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
    assert "Nothing was saved" in answer.document["detail"]
    assert answer.document["help"]["crisis_line"] == "988"
    assert len(deployed.leads()) == before


def test_nothing_a_visitor_typed_is_in_a_log_a_metric_a_queue_or_an_error(
    deployed: Deployed, request: pytest.FixtureRequest
) -> None:
    # Letters and digits only, so no escaping can hide one. Each field has its own.
    canary = f"canary{uuid.uuid4().hex}"
    fields = {name: f"{canary}{index}" for index, name in enumerate(CANARIES)}
    good = submission(
        **{name: fields[name] for name in ("name", "message", "call_me", "utm_source", "utm_content")},
        email=f"{fields['email']}@{canary}.example.com",
        page=f"https://{canary}.example.com/{fields['page']}?{canary}",
        referrer=f"https://{canary}.example.com/{fields['referrer']}",
        leave_empty="",
    ) | {fields["area"]: fields["extra"], "cf-turnstile-response": fields["token"]}
    bodies: list[str] = []

    # success, a repeat, and a conflict
    stored = deployed.post_json(good)
    assert stored.status == 201
    # The answer names the unknown field to its sender.
    repeated = deployed.post_json(good).document
    assert repeated.pop("also_sent") == [fields["area"]]
    bodies += [json.dumps(repeated), deployed.post_json(good | {"name": canary + "other"}).body]
    # validation failures: every field wrong, by JSON and by form; undecodable bodies
    wrong = dict.fromkeys((*good, "consent_contact"), canary)
    bodies += [
        deployed.post_json(wrong).body,
        deployed.post_json({name: [canary] for name in good}).body,
        # A plain form gets a page with the person's own words. A script still has them.
        deployed.post_form({name: str(value) for name, value in wrong.items()}, Accept="application/json").body,
        deployed.post_multipart(dict.fromkeys(good, canary), file=canary.encode(), Accept="application/json").body,
        deployed.request("POST", "/consultations", canary.encode(), {"Content-Type": "application/json"}).body,
        deployed.request("POST", "/consultations", canary.encode(), {"Content-Type": f"text/{canary}"}).body,
        deployed.request("POST", "/consultations", f"{canary}&{canary}".encode(), {"Content-Type": FORM}).body,
        deployed.request("GET", f"/thank-you?reference={canary}").body,
    ]
    # email failure
    eventually(lambda: deployed.emails(stored.document["reference"]), within=20)
    deployed.set_sandbox(on=True)
    refused = deployed.post_json(good | {"submission_id": canary}).document["reference"]
    # A second request of the same person waits at first.
    assert eventually(lambda: "alert_attempts" in deployed.lead(refused), within=20)
    deployed.make_due(refused)
    deployed.sweep()
    deployed.set_sandbox(on=False)
    # storage failure
    request.getfixturevalue("table_refuses")
    failed = deployed.post_json(good | {"submission_id": canary + "again"})
    assert failed.status == 503
    # a stream record that cannot be handled
    poison = {"Records": [{"dynamodb": {"Keys": {"pk": {canary: canary}}, "SequenceNumber": "1"}}]}
    answer = deployed.lambdas.invoke(FunctionName=f"{deployed.stack.name}-notify", Payload=json.dumps(poison).encode())
    bodies += [failed.body, answer["Payload"].read().decode()]

    # It reached the places where it belongs ...
    assert canary in json.dumps(deployed.lead(refused))
    assert canary in deployed.emails(stored.document["reference"])[0]["BodyText"]
    # ... and nowhere else.
    log = "\n".join(deployed.log_lines())
    assert "lead changed" in log
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
