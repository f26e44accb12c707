"""The commands about the webhook: set the receiver's address, send a test, and show or change the signing key."""

import secrets
import time
from typing import TYPE_CHECKING, Any, Final

import boto3
from botocore.exceptions import ClientError

from tools.operate.invoke import CONFIG, FunctionFailedError, Run, invoking
from tools.operate.stack import OperateError, output
from webhook.address import BadAddressError, address_of
from webhook.sign import changed, shown

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_secretsmanager import SecretsManagerClient

_BYTES: Final = 32
_SOON: Final = "All processes use it within five minutes."
_WHY: Final = {
    "PrivateAddress": "Its name leads into a private network. Use an address on the internet.",
    "UnknownHost": "Nobody knows its host. Check the name.",
    "TimedOut": "It did not answer within five seconds.",
    "SSLCertVerificationError": "Its certificate is not valid for its host.",
    "Status410": "It says that it is gone. Make a new address there.",
}


class Webhook:
    """The webhook of a stack. All methods raise OperateError and botocore's errors."""

    def __init__(self, functions: "LambdaClient", vault: "SecretsManagerClient", stack: str) -> None:
        self._functions = functions
        self._vault = vault
        self._name = f"{stack}-webhook"

    def set_address(self, text: str, *, local: bool) -> str:
        """Store the receiver's address, send a test there, and say how that ended. `local` allows this machine."""
        arn = self._arn("WEBHOOK_ADDRESS_ARN")
        try:
            address_of(text.strip(), local=local)
        except BadAddressError as error:
            raise OperateError(f"{error} Nothing was changed.") from None
        self._vault.put_secret_value(SecretId=arn, SecretString=text.strip())
        return f"The address is stored. {_SOON}\n{self.test()}"

    def test(self) -> str:
        """Send a test, and say how that ended. If it arrived, a disabled webhook is on again."""
        self._arn("WEBHOOK_ADDRESS_ARN")
        run: Run = invoking(self._functions, self._name)
        try:
            done = run({"job": "test"})
        except FunctionFailedError:
            raise OperateError("The function stopped with an error. Read the log of WebhookFunction.") from None
        if done["taken"]:
            return "The receiver took the test. The webhook is on."
        if not done["set"]:
            raise OperateError("No address is set. Set it with make webhook-address.")
        raise OperateError(
            f"The address is stored, but the receiver did not take the test ({done['reason']})."
            f" {_WHY.get(done['reason'], 'Check the receiver.')} To correct it, run make webhook-address. If the"
            " address is right, run make webhook-test."
        )

    def key(self, *, change: bool) -> str:
        """Return the key that signs messages, after making up another one if `change`."""
        arn = self._arn("WEBHOOK_KEY_ARN")
        before = self._vault.get_secret_value(SecretId=arn)["SecretString"].strip()
        if change:
            new = shown(secrets.token_urlsafe(_BYTES))
            self._vault.put_secret_value(SecretId=arn, SecretString=changed(before, new, int(time.time())))
            return f"{new}\n{_SOON} Give it to the receiver now. For ten minutes, messages are signed with both keys."
        return shown(before)

    def _arn(self, variable: str) -> str:
        try:
            found: dict[str, Any] = dict(self._functions.get_function_configuration(FunctionName=self._name))
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                raise
            raise OperateError(
                "The webhook is not part of this stack. Deploy it with Webhook=yes first: docs/webhook.md."
            ) from None
        arn: str = found["Environment"]["Variables"][variable]
        return arn


def webhook(session: boto3.Session, stack: str) -> Webhook:
    """Return the webhook of a stack. Raises OperateError if there is no such stack."""
    output(session, stack, "TableName")  # says what is wrong if there is no such stack
    return Webhook(session.client("lambda", config=CONFIG), session.client("secretsmanager"), stack)
