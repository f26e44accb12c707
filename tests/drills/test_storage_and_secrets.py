"""The table and the stack's secret fail: no visitor wrongly reads "stored", and no alert waits for its links."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import trustme

from shared.leads.spam import Reason, words
from shared.messages.emails import NO_LINKS
from tests.deployed import eventually, submission
from tests.drills.drill import Drill, all_of
from tests.faults import ANSWER_LOST, CLOSED_AFTERWARDS, DAMAGED, FaultProxy, refuse, settings
from tools.bench.lambdas import Function, Package
from tools.local.deployment import session
from tools.local.emulator import REGION
from tools.local.ports import HOST

if TYPE_CHECKING:
    from mypy_boto3_iam.type_defs import AccessKeyTypeDef

THROTTLED = refuse(400, "ProvisionedThroughputExceededException")
TRIES = 3  # tries that the SDK makes within one call
FIRST_TRY = 1  # before those, our own code tries once without the SDK


def state_in(request: Any) -> object:  # noqa: ANN401 - JSON
    return request.get("ExpressionAttributeValues", {}).get(":alert_state")


def leases(request: Any) -> bool:  # noqa: ANN401 - JSON
    return state_in(request) == {"S": "sending"}


def finishes(request: Any) -> bool:  # noqa: ANN401 - JSON
    return state_in(request) not in (None, {"S": "sending"})


def puts_lead(request: Any) -> bool:  # noqa: ANN401 - JSON
    return bool(request["Item"]["sk"] == {"S": "LEAD"})


def counts_repeats(request: Any) -> bool:  # noqa: ANN401 - JSON
    return str(request["Key"]["pk"]["S"]).startswith("REPEATS#")


def test_the_table_throttles_a_request(drill: Drill) -> None:
    sent, before = submission(), len(drill.deployed.leads())
    drill.proxy.on("dynamodb", "PutItem", THROTTLED, times=FIRST_TRY + TRIES, when=puts_lead)
    refused = drill.deployed.post_json(sent)
    assert refused.status == 503
    assert "Nothing was saved" in refused.document["detail"]
    assert refused.document["help"]["crisis_line"] == "988"
    assert len(drill.deployed.leads()) == before

    answers = [drill.deployed.post_json(sent) for _ in range(2)]
    assert [answer.status for answer in answers] == [201, 201]
    assert len(drill.deployed.leads()) == before + 1
    ended = drill.alerted(answers[0].document["reference"])
    drill.saw(f"503, Retry-After {refused.headers['retry-after']}, nothing stored; sent again twice: 1 lead, {ended}")


def test_the_table_stores_a_request_and_its_answer_is_lost(drill: Drill) -> None:
    before = len(drill.deployed.leads())
    drill.proxy.on("dynamodb", "PutItem", ANSWER_LOST, times=1, when=puts_lead)
    reference = drill.post()
    assert len(drill.deployed.leads()) == before + 1
    drill.saw(f"201, 1 lead, {drill.alerted(reference)}")


def stored_once(drill: Drill, calls: int) -> str:
    """Post a request and assert that storing it takes this many calls; return its reference."""
    before, called = len(drill.deployed.leads()), len(drill.proxy.calls("dynamodb", "PutItem"))
    reference = drill.post()
    assert len(drill.deployed.leads()) == before + 1
    puts = drill.proxy.calls("dynamodb", "PutItem")[called:]
    assert len([call for call in puts if puts_lead(call.document)]) == calls
    return reference


def test_the_open_connection_to_the_table_is_closed(drill: Drill) -> None:
    drill.proxy.on("dynamodb", "PutItem", CLOSED_AFTERWARDS, when=puts_lead)
    references = [stored_once(drill, calls=1) for _ in range(2)]
    ended = [drill.alerted(reference) for reference in references]
    drill.saw(f"201 twice, each with one call: 2 leads, {ended[0]} each")


def test_the_first_try_is_throttled(drill: Drill) -> None:
    drill.proxy.on("dynamodb", "PutItem", THROTTLED, times=FIRST_TRY, when=puts_lead)
    reference = stored_once(drill, calls=2)
    drill.emitted("FirstTriesFailed", "submit")
    drill.saw(f"201, 1 lead by the SDK, FirstTriesFailed counted, {drill.alerted(reference)}")


def test_the_answer_of_the_first_try_is_damaged(drill: Drill) -> None:
    drill.proxy.on("dynamodb", "PutItem", DAMAGED, times=FIRST_TRY, when=puts_lead)
    reference = stored_once(drill, calls=2)
    drill.emitted("FirstTriesFailed", "submit")
    drill.saw(f"201, 1 lead that the SDK found stored, FirstTriesFailed counted, {drill.alerted(reference)}")


def test_nobody_is_told_nothing_stored_after_a_damaged_answer(drill: Drill) -> None:
    sent, before = submission(), len(drill.deployed.leads())
    drill.proxy.on("dynamodb", "PutItem", DAMAGED, times=FIRST_TRY, when=puts_lead)
    drill.proxy.on("dynamodb", "PutItem", THROTTLED, times=TRIES, when=puts_lead)
    refused = drill.deployed.post_json(sent)
    assert refused.status == 503
    assert "can't tell" in refused.document["detail"]
    assert len(drill.deployed.leads()) == before + 1
    again = drill.deployed.post_json(sent)
    assert again.status in {200, 201}
    assert len(drill.deployed.leads()) == before + 1
    ended = drill.alerted(again.document["reference"])
    drill.saw(f"503 without claiming that nothing was stored, 1 lead; sent again: {again.status}, {ended}")


def test_the_first_try_does_not_trust_the_certificate(drill: Drill, built: Path, tmp_path: Path) -> None:
    authority = trustme.CA()
    trusted_by_the_sdk = tmp_path / "bundle.pem"
    authority.cert_pem.write_to_path(str(trusted_by_the_sdk))
    with FaultProxy(drill.deployed.aws, authority.issue_cert(HOST)) as secure:
        variables = {
            "AWS_ENDPOINT_URL_DYNAMODB": secure.url,
            "REQUESTS_CA_BUNDLE": str(trusted_by_the_sdk),
            "AMAZON_ROOTS": str(built / "SubmitLayer" / "amazon-roots.pem"),  # the local AWS has no /opt
        }
        with settings(drill.deployed, "submit", **variables):
            before = len(drill.deployed.leads())
            reference = drill.post()
            assert len(drill.deployed.leads()) == before + 1
            assert [call.fault for call in secure.calls("dynamodb", "PutItem")] == [None]
            drill.emitted("FirstTriesFailed", "submit")
            logged = "SSLCertVerificationError"
            assert logged in eventually(
                lambda: "".join(drill.deployed.log_lines()), within=20, wanted=lambda lines: logged in lines
            )
    drill.saw(f"201, 1 lead by the SDK, FirstTriesFailed counted, {drill.alerted(reference)}")


@contextmanager
def somebody_who_may_put(drill: Drill) -> Iterator["AccessKeyTypeDef"]:
    """Make credentials that may store a lead, and remove them."""
    iam = session().client("iam", endpoint_url=drill.deployed.aws)
    statement = {"Effect": "Allow", "Action": "dynamodb:PutItem", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.create_user(UserName="drill")
    iam.put_user_policy(UserName="drill", PolicyName="put", PolicyDocument=policy)
    made = iam.create_access_key(UserName="drill")["AccessKey"]
    yield made
    iam.delete_access_key(UserName="drill", AccessKeyId=made["AccessKeyId"])
    iam.delete_user_policy(UserName="drill", PolicyName="put")
    iam.delete_user(UserName="drill")


def test_there_are_no_credentials_in_the_environment(drill: Drill, built: Path, tmp_path: Path) -> None:
    """Lambda and the local AWS always set credentials, so the built function runs in a separate process."""
    sent, before = submission(), len(drill.deployed.leads())
    event = {
        "httpMethod": "POST",
        "resource": "/consultations",
        "body": json.dumps(sent),
        "headers": {"Content-Type": "application/json"},
    }
    name = f"{drill.deployed.stack.name}-submit"
    configuration = drill.deployed.lambdas.get_function_configuration(FunctionName=name)
    file = tmp_path / "credentials"
    package = Package("submit", configuration["Handler"], built / "SubmitFunction", built / "SubmitLayer")
    with somebody_who_may_put(drill) as made:
        text = f"[default]\naws_access_key_id={made['AccessKeyId']}\naws_secret_access_key={made['SecretAccessKey']}\n"
        file.write_text(text, encoding="ascii")
        environment = {
            **configuration["Environment"]["Variables"],
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_SHARED_CREDENTIALS_FILE": str(file),
        }
        with Function(package, environment, log=tmp_path / "log.txt") as function:
            answer = function.invoke(event).body
    assert answer["statusCode"] == 201, answer
    assert len(drill.deployed.leads()) == before + 1
    (put,) = [call for call in drill.proxy.calls("dynamodb", "PutItem") if call.key_id == made["AccessKeyId"]]
    assert put.status == 200
    ended = drill.alerted(json.loads(answer["body"])["reference"])
    drill.saw(f"201, 1 lead by the SDK with credentials that it found itself, {ended}")


def gave_up(drill: Drill) -> None:
    """Wait until a sender has used up its tries and Lambda knows that it failed."""
    assert eventually(
        lambda: [call.fault for call in drill.proxy.calls("dynamodb", "UpdateItem") if call.fault],
        within=20,
        wanted=lambda faults: len(faults) == TRIES,
    )
    drill.emitted("StreamRecordsFailed", "notify")


def test_the_table_throttles_before_the_email(drill: Drill) -> None:
    drill.proxy.on("dynamodb", "UpdateItem", THROTTLED, times=TRIES, when=leases)
    reference = drill.post()
    gave_up(drill)
    drill.tried(reference, 0)
    assert drill.deployed.emails(reference) == []
    drill.later(reference)
    drill.saw(f"StreamRecordsFailed counted, nothing sent, then {drill.alerted(reference)}")


def test_the_table_throttles_after_the_email(drill: Drill) -> None:
    drill.proxy.on("dynamodb", "UpdateItem", THROTTLED, times=TRIES, when=finishes)
    reference = drill.post()
    gave_up(drill)
    drill.tried(reference, 1, state="sending")
    drill.later(reference)
    drill.saw(f"sent but not recorded, lease over: {drill.alerted_with(reference, all_of(2))}")


def test_the_secret_cannot_be_read(drill: Drill) -> None:
    earlier = drill.post()
    link = link_in(drill.deployed.the_alert(earlier))
    drill.alerted(earlier)
    with drill.deployed.denied("secretsmanager:GetSecretValue", "notify", "claim"):
        page = drill.deployed.request("GET", link)
        assert page.status == 503
        assert "wait for this page" in page.body
        reference = drill.post()
        ended = drill.alerted(reference)
        alert = drill.deployed.the_alert(reference)
        assert "/claim/" not in alert["BodyText"]
        assert " ".join(NO_LINKS.split()) in " ".join(alert["BodyText"].split())
    assert drill.deployed.request("GET", link).status == 200
    drill.later(reference)  # the request is unclaimed, so the reminder is due
    (reminder, _) = drill.deployed.emails(reference)[2:]
    assert drill.deployed.request("GET", link_in(reminder)).status == 200
    drill.saw(f"{ended}, without links, which it says; an old link: 503, later 200; the reminder has links")


def link_in(mail: dict[str, Any]) -> str:
    """Return the path of the first link in an email."""
    found = re.search(r"/claim/\S+", mail["BodyText"])
    assert found
    return found[0]


def test_the_spam_screen_fails(drill: Drill) -> None:
    drill.proxy.on("dynamodb", "GetItem", THROTTLED, when=counts_repeats)
    reference = drill.post()
    ended = drill.alerted(reference)
    (warning,) = words((Reason.NOT_SCREENED,))
    assert warning in drill.deployed.the_alert(reference)["BodyText"]
    drill.saw(f"{ended}, with a line that says so")
