"""shared.services.keys and secret: one secret, a key for each purpose, one read per minute in an outage."""

from collections.abc import Callable

import boto3
import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError
from botocore.stub import Stubber

from shared.services import secret as module
from shared.services.keys import Keys, KeysUnavailableError, stack_keys
from tests.unit.vault import secret_of

SECRET = "made-up-secret-of-the-stack"


class Vault:
    """Returns the secret or raises as told, and counts the reads."""

    def __init__(self, *faults: Exception, secret: str = SECRET) -> None:
        self.faults = list(faults)
        self.secret = secret
        self.asked = 0
        self.seconds = 0.0

    def read(self) -> str:
        self.asked += 1
        if self.faults:
            raise self.faults.pop(0)
        return self.secret

    def keys(self) -> Keys:
        return Keys(secret_of(self.read, clock=lambda: self.seconds).read)


def refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": SECRET}}, "GetSecretValue")


def test_the_secret_is_read_once_and_not_before_it_is_needed() -> None:
    vault = Vault()
    keys = vault.keys()
    assert vault.asked == 0
    assert keys.for_links() == keys.for_links()
    keys.for_people()
    assert vault.asked == 1


def test_each_purpose_has_a_key_of_its_own_and_none_is_the_secret() -> None:
    keys = Vault().keys()
    assert len({keys.for_links(), keys.for_people(), SECRET.encode()}) == 3
    assert {len(keys.for_links()), len(keys.for_people())} == {32}


def test_every_process_has_the_same_keys_and_another_stack_has_others() -> None:
    assert Vault().keys().for_links() == Vault().keys().for_links()
    assert Vault().keys().for_links() != Vault(secret="another").keys().for_links()


@pytest.mark.parametrize("ask", [Keys.for_links, Keys.for_people])
@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (refusal("AccessDeniedException"), "AccessDeniedException"),
        (ConnectTimeoutError(endpoint_url="https://example.com"), "ConnectTimeoutError"),
        (KeyError("SecretString"), "KeyError"),
    ],
)
def test_an_outage_has_a_name_and_quotes_nothing(ask: Callable[[Keys], bytes], fault: Exception, reason: str) -> None:
    with pytest.raises(KeysUnavailableError) as caught:
        ask(Vault(fault).keys())
    assert caught.value.reason == str(caught.value) == reason
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


@pytest.mark.parametrize("empty", ["", " \n"])
def test_an_empty_secret_makes_no_keys(empty: str) -> None:
    with pytest.raises(KeysUnavailableError, match="EmptySecret"):
        Vault(secret=empty).keys().for_links()


def test_a_repaired_empty_secret_is_read_after_a_minute() -> None:
    vault = Vault(secret="")
    keys = vault.keys()
    with pytest.raises(KeysUnavailableError):
        keys.for_links()
    vault.secret, vault.seconds = SECRET, 60
    assert keys.for_links() == Vault().keys().for_links()


def test_a_secret_that_is_too_old_is_read_again() -> None:
    vault = Vault()
    secret = secret_of(vault.read, max_age=0)
    assert [secret.read(), secret.read()] == [SECRET, SECRET]
    assert vault.asked == 2


def test_the_secret_comes_from_secrets_manager_through_our_own_client(monkeypatch: pytest.MonkeyPatch) -> None:
    client = boto3.client("secretsmanager")
    monkeypatch.setattr(module, "secrets_manager", lambda: client)
    keys = stack_keys("made-up-arn", "made-up-people-arn")
    with Stubber(client) as stubber:
        stubber.add_client_error("get_secret_value", "AccessDeniedException", SECRET)
        with pytest.raises(KeysUnavailableError, match=r"^AccessDeniedException$"):
            keys.for_links()
    keys = stack_keys("made-up-arn", "made-up-people-arn")
    with Stubber(client) as stubber:
        stubber.add_response("get_secret_value", {"SecretString": f"{SECRET}\n"}, {"SecretId": "made-up-arn"})
        assert keys.for_links() == keys.for_links() == Vault().keys().for_links()
        stubber.assert_no_pending_responses()


def test_after_an_outage_no_read_is_tried_for_a_minute() -> None:
    vault = Vault(refusal("ThrottlingException"))
    keys = vault.keys()
    for vault.seconds in (0, 1, 59.9):
        with pytest.raises(KeysUnavailableError, match="ThrottlingException"):
            keys.for_links()
    assert vault.asked == 1
    vault.seconds = 60
    assert keys.for_links()
    assert vault.asked == 2
