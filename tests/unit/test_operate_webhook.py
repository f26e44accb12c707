"""The operator's commands for the webhook. None of them prints the address."""

import json
from io import BytesIO
from types import SimpleNamespace
from typing import Any, cast

import boto3
import pytest
from botocore.exceptions import ClientError

from tools.operate.stack import OperateError
from tools.operate.webhook import Webhook

ADDRESS = "https://hooks.example.com/made-up-and-secret"


class Aws:
    """A function and two secrets in memory."""

    def __init__(self, answer: dict[str, Any], *, deployed: bool = True) -> None:
        self.answer = answer
        self.deployed = deployed
        self.secrets = {"address": "a1B2" * 16, "key": "c3D4" * 16}

    def webhook(self) -> Webhook:
        functions = SimpleNamespace(get_function_configuration=self._configuration, invoke=self._invoke)
        vault = SimpleNamespace(put_secret_value=self._put, get_secret_value=self._get)
        return Webhook(cast("Any", functions), cast("Any", vault), "made-up")

    def _configuration(self, **asked: str) -> dict[str, Any]:
        assert asked == {"FunctionName": "made-up-webhook"}
        if not self.deployed:
            raise ClientError({"Error": {"Code": "ResourceNotFoundException"}}, "GetFunctionConfiguration")
        return {"Environment": {"Variables": {"WEBHOOK_ADDRESS_ARN": "address", "WEBHOOK_KEY_ARN": "key"}}}

    def _invoke(self, **asked: Any) -> dict[str, Any]:  # noqa: ANN401 - as boto3 takes them
        assert json.loads(asked["Payload"]) == {"job": "test"}
        return {"Payload": BytesIO(json.dumps(self.answer).encode())}

    def _put(self, **asked: str) -> None:
        self.secrets[asked["SecretId"]] = asked["SecretString"]

    def _get(self, **asked: str) -> dict[str, str]:
        return {"SecretString": self.secrets[asked["SecretId"]]}


TAKEN = {"set": True, "taken": True, "reason": None}


def test_an_address_is_stored_and_tested() -> None:
    aws = Aws(TAKEN)
    told = aws.webhook().set_address(f" {ADDRESS}\n", local=False)
    assert aws.secrets["address"] == ADDRESS
    assert "took the test" in told
    assert "secret" not in told


@pytest.mark.parametrize("text", ["", "http://hooks.example.com/secret", "https://10.0.0.1/secret", "secret"])
def test_a_bad_address_changes_nothing_and_is_not_repeated(text: str) -> None:
    aws = Aws(TAKEN)
    before = dict(aws.secrets)
    with pytest.raises(OperateError, match="Nothing was changed") as caught:
        aws.webhook().set_address(text, local=False)
    assert aws.secrets == before
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("reason", "said"), [("TimedOut", "five seconds"), ("Status404", "Check the receiver"), ("Status410", "gone")]
)
def test_a_test_that_did_not_arrive_says_why(reason: str, said: str) -> None:
    with pytest.raises(OperateError, match=said):
        Aws({"set": True, "taken": False, "reason": reason}).webhook().test()


def test_a_test_without_an_address_says_how_to_set_one() -> None:
    with pytest.raises(OperateError, match="make webhook-address"):
        Aws({"set": False, "taken": False, "reason": "NoAddress"}).webhook().test()


def test_the_key_is_shown_as_receivers_expect_it_and_can_be_changed() -> None:
    aws = Aws(TAKEN)
    first = aws.webhook().key(change=False)
    assert first.startswith("whsec_")
    second = aws.webhook().key(change=True).partition("\n")[0]
    assert second != first
    assert aws.webhook().key(change=False) == second
    assert aws.secrets["key"].startswith(f"{second} {first} "), "messages are signed with both for a while"


def test_a_stack_without_a_webhook_says_how_to_turn_it_on() -> None:
    with pytest.raises(OperateError, match="Webhook=yes"):
        Aws(TAKEN, deployed=False).webhook().set_address(ADDRESS, local=False)


def test_the_parts_of_aws_that_it_calls_exist() -> None:
    session = boto3.Session(region_name="us-east-1")
    operations = {
        "lambda": {"GetFunctionConfiguration", "Invoke"},
        "secretsmanager": {"GetSecretValue", "PutSecretValue"},
    }
    for service, names in operations.items():
        client = session.client(service, aws_access_key_id="made-up", aws_secret_access_key="made-up")  # type: ignore[call-overload]
        assert names <= set(client.meta.service_model.operation_names)
