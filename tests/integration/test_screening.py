"""The spam screen in the deployed system: quarantine, its exceptions, the release, and Turnstile's verdicts."""

import json
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.leads.spam import Reason, words
from tests.deployed import Deployed, eventually, plain_form, reference_in, submission
from tests.documented import looks
from tests.verifier import Siteverify, failure, siteverify

BOT = {"leave_empty": "x", "message": "https://spam.example"}
SIGNS = {"L": [{"S": "trap_filled"}, {"S": "mostly_links"}]}


def post(deployed: Deployed, **changes: object) -> str:
    """Post as form.js does, a minute after the form was shown; return the reference."""
    shown_at = int((time.time() - 60) * 1000)
    answer = deployed.post_json(submission(rendered_at=str(shown_at)) | changes)
    assert answer.status == 201, answer.body
    return str(answer.document["reference"])


def in_state(deployed: Deployed, reference: str, state: str) -> dict[str, Any]:
    """Return the lead once its alert is in this state."""
    lead = eventually(
        lambda: deployed.lead(reference), within=30, wanted=lambda lead: lead["alert_state"] == {"S": state}
    )
    assert lead["alert_state"] == {"S": state}
    return lead


def flags_of(deployed: Deployed, reference: str) -> set[Reason]:
    """Return the signs of spam in the one alert about `reference`."""
    in_state(deployed, reference, "accepted")
    mail = deployed.the_alert(reference)
    shown = {reason for reason in Reason if words((reason,))[0] in mail["BodyText"]}
    assert shown == {reason for reason in Reason if words((reason,))[0] in mail["BodyHtml"]}
    return shown


def test_a_request_of_a_person_has_no_sign_of_spam(deployed: Deployed) -> None:
    reference = post(deployed)
    assert flags_of(deployed, reference) == set()
    assert deployed.lead(reference)["spam_reasons"] == {"L": []}


def test_what_a_bot_sends_is_kept_back_without_an_alert_and_goes_after_a_month(deployed: Deployed) -> None:
    reference = post(deployed, **BOT)

    lead = in_state(deployed, reference, "quarantined")
    deployed.sweep()

    assert deployed.emails(reference) == []
    assert deployed.timeline(reference) == ["quarantined"]
    assert lead["spam_score"] == {"N": "105"}
    assert lead["spam_reasons"] == SIGNS
    assert "agenda_at" not in lead
    assert "agenda_shard" not in lead
    left = datetime.fromtimestamp(int(lead["expires_at"]["N"]), UTC) - datetime.now(UTC)
    assert timedelta(days=30) - timedelta(hours=1) < left <= timedelta(days=30)
    lines = [json.loads(line) for line in deployed.log_lines() if "request screened" in line and reference in line]
    assert [(line["outcome"], line["score"], line["reasons"]) for line in lines] == [
        ("quarantined", 105, ["trap_filled", "mostly_links"])
    ]
    counted = (deployed.stack.name, "RequestsQuarantined", (("service", "alerts"),))
    assert counted in deployed.emitted_metrics()


def test_the_trap_alone_is_alerted_and_says_so(deployed: Deployed) -> None:
    assert flags_of(deployed, post(deployed, leave_empty="x")) == {Reason.TRAP_FILLED}


def test_a_person_in_crisis_is_alerted_despite_signs_of_spam(deployed: Deployed) -> None:
    reference = post(deployed, in_crisis="yes", **BOT)
    assert flags_of(deployed, reference) == {Reason.TRAP_FILLED, Reason.MOSTLY_LINKS}
    assert "expires_at" not in deployed.lead(reference)


def test_a_form_that_was_filled_in_at_once_is_alerted_and_says_so(deployed: Deployed) -> None:
    now = str(int(time.time() * 1000))
    answer = deployed.post_form(plain_form(name="Ria Example", rendered_at=now))
    reference = reference_in(answer)
    assert flags_of(deployed, reference) == {Reason.TOO_FAST}


def test_the_documented_looks_at_the_table_show_one_request(deployed: Deployed) -> None:
    reference = post(deployed, **BOT)
    in_state(deployed, reference, "quarantined")
    by_reference, whole = looks(table=deployed.stack.table)
    by_reference["ExpressionAttributeValues"] = {":r": {"S": reference}}
    (found,) = deployed.dynamodb.query(**by_reference)["Items"]
    whole["ExpressionAttributeValues"] = {":pk": found["pk"]}
    items = deployed.dynamodb.query(**whole)["Items"]
    (shown,) = [item for item in items if item["sk"] == {"S": "LEAD"}]
    assert shown["message"] == {"S": BOT["message"]}
    assert shown["spam_reasons"] == SIGNS
    assert [item["kind"] for item in items if "kind" in item] == [{"S": "quarantined"}]


def test_the_way_out_of_quarantine_leads_to_an_alert(deployed: Deployed) -> None:
    reference = post(deployed, **BOT)
    in_state(deployed, reference, "quarantined")
    command = {"job": "release", "reference": reference}  # make release

    assert deployed.invoke("follow-up", command) == {"rearmed": 1}
    deployed.sweep()

    assert flags_of(deployed, reference) == {Reason.TRAP_FILLED, Reason.MOSTLY_LINKS}
    assert "expires_at" not in deployed.lead(reference)
    assert deployed.timeline(reference) == ["quarantined", "released", "alert_accepted"]
    # A second release by mistake does nothing.
    assert deployed.invoke("follow-up", command) == {"rearmed": 0}


@dataclass(frozen=True)
class Turnstile:
    """Turnstile, set up for one test."""

    service: Siteverify
    secret: str


@pytest.fixture
def turnstile(deployed: Deployed) -> Iterator[Turnstile]:
    """Give the stream's function a secret, the right to read it, and our stand-in for Turnstile."""
    name = f"{deployed.stack.name}-notify"
    value = f"made-up-{uuid.uuid4()}"
    arn = deployed.secrets.create_secret(Name=f"turnstile-{uuid.uuid4()}", SecretString=value)["ARN"]
    before = deployed.lambdas.get_function_configuration(FunctionName=name)
    variables = before["Environment"]["Variables"]
    role = before["Role"].rsplit("/", 1)[-1]
    # As in the template with TurnstileSecretArn.
    statement = {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": arn}
    with siteverify() as service:
        deployed.iam.put_role_policy(
            RoleName=role,
            PolicyName="turnstile",
            PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
        )
        changes = {"TURNSTILE_SECRET_ARN": arn, "TURNSTILE_VERIFY_URL": service.url}
        deployed.lambdas.update_function_configuration(
            FunctionName=name, Environment={"Variables": variables | changes}
        )
        try:
            yield Turnstile(service, value)
        finally:
            deployed.lambdas.update_function_configuration(FunctionName=name, Environment={"Variables": variables})
            deployed.iam.delete_role_policy(RoleName=role, PolicyName="turnstile")
            deployed.secrets.delete_secret(SecretId=arn, ForceDeleteWithoutRecovery=True)


def test_a_token_that_cloudflare_knows_is_alerted_without_a_word(deployed: Deployed, turnstile: Turnstile) -> None:
    token = f"made-up.{uuid.uuid4()}"
    reference = post(deployed, **{"cf-turnstile-response": token})

    assert flags_of(deployed, reference) == set()
    (question,) = turnstile.service.asked
    assert question["response"] == token
    assert question["secret"] == turnstile.secret
    assert "turnstile_token" not in deployed.lead(reference)
    log = "\n".join(deployed.log_lines())
    assert token not in log
    assert turnstile.secret not in log


def test_a_token_that_cloudflare_does_not_know_is_one_sign_of_two(deployed: Deployed, turnstile: Turnstile) -> None:
    turnstile.service.answers = [(200, failure("invalid-input-response"))] * 2
    alone = post(deployed, **{"cf-turnstile-response": "made-up"})
    now = str(int(time.time() * 1000))
    reference = post(deployed, rendered_at=now, **{"cf-turnstile-response": "made-up"})

    assert flags_of(deployed, alone) == {Reason.TURNSTILE_FAILED}
    lead = in_state(deployed, reference, "quarantined")
    assert lead["spam_reasons"] == {"L": [{"S": "too_fast"}, {"S": "turnstile_failed"}]}
    assert "turnstile_token" not in lead
    assert deployed.emails(reference) == []


@pytest.mark.parametrize(
    "answer", [(503, b""), (200, b"<!doctype html>"), (200, failure("timeout-or-duplicate")), None], ids=str
)
def test_when_cloudflare_cannot_tell_the_alert_comes_and_says_so(
    deployed: Deployed, turnstile: Turnstile, answer: tuple[int, bytes] | None
) -> None:
    turnstile.service.answers = [answer]
    reference = post(deployed, **{"cf-turnstile-response": "made-up"})

    assert flags_of(deployed, reference) == {Reason.TURNSTILE_UNVERIFIED}
    assert turnstile.service.asked


def test_an_unreadable_secret_quarantines_nobody(deployed: Deployed, turnstile: Turnstile) -> None:
    role = deployed.lambdas.get_function_configuration(FunctionName=f"{deployed.stack.name}-notify")["Role"]
    deny = {"Effect": "Deny", "Action": "secretsmanager:GetSecretValue", "Resource": "*"}
    deployed.iam.put_role_policy(
        RoleName=role.rsplit("/", 1)[-1],
        PolicyName="turnstile",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [deny]}),
    )
    reference = post(deployed, **{"cf-turnstile-response": "made-up"})

    assert flags_of(deployed, reference) == {Reason.TURNSTILE_UNVERIFIED}
    assert turnstile.service.asked == []


@pytest.mark.usefixtures("turnstile")
def test_a_browser_without_scripts_sends_no_token_and_is_alerted(deployed: Deployed) -> None:
    assert flags_of(deployed, post(deployed)) == {Reason.TURNSTILE_MISSING}
