"""A secret in Secrets Manager, read through Powertools' Parameters."""

import time
from collections.abc import Callable

from aws_lambda_powertools.utilities.parameters import SecretsProvider
from aws_lambda_powertools.utilities.parameters.base import BaseProvider
from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError
from botocore.exceptions import ClientError

from shared.services.clients import secrets_manager

# Nobody asks for so long after an outage: with many emails waiting, each would wait for the same timeout.
_REST_SECONDS = 60


class SecretUnavailableError(Exception):
    """The secret cannot be read now. `reason` is AWS's error code or an error's name, nothing else."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Secret:
    """One secret: read when first needed, kept for `max_age` seconds. `provider` is Powertools', or a test's."""

    def __init__(
        self, provider: BaseProvider, name: str, *, max_age: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._provider = provider
        self._name = name
        self._max_age = max_age
        self._clock = clock
        self._failure = ""
        self._rests_until = 0.0

    def read(self) -> str:
        """Return the secret without white space around it. Raises SecretUnavailableError, also for an empty one."""
        if self._failure and self._clock() < self._rests_until:
            raise SecretUnavailableError(self._failure)
        try:
            # A failure may be an empty secret, and that one is in Powertools' cache.
            value = self._provider.get(self._name, max_age=self._max_age, force_fetch=bool(self._failure))
        except GetParameterError as error:
            self._failure = _reason(error.__context__)
        else:
            if isinstance(value, str) and value.strip():
                self._failure = ""
                return value.strip()
            # Anybody can make the keys of a secret that somebody emptied by hand.
            self._failure = "EmptySecret"
        self._rests_until = self._clock() + _REST_SECONDS
        raise SecretUnavailableError(self._failure)


def _reason(cause: BaseException | None) -> str:
    # Not the text of Powertools' error: it quotes AWS's message.
    if isinstance(cause, ClientError):
        return cause.response["Error"]["Code"]
    return type(cause).__name__


def stored_secret(arn: str, *, max_age: int) -> Secret:
    """Return the secret in Secrets Manager that has this ARN. Nothing is read yet."""
    # With our own client, whose timeouts and retries an alert can wait for.
    return Secret(SecretsProvider(boto3_client=secrets_manager()), arn, max_age=max_age)
