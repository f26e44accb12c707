"""A secret in Secrets Manager, read through Powertools' Parameters."""

import time
from collections.abc import Callable
from threading import Lock

from aws_lambda_powertools.utilities.parameters import SecretsProvider
from aws_lambda_powertools.utilities.parameters.base import BaseProvider
from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError
from botocore.exceptions import ClientError

from shared.services.clients import secrets_manager

# Do not ask again for this long after a failure. Otherwise each waiting email would wait for the same timeout.
_REST_SECONDS = 60


class SecretUnavailableError(Exception):
    """The secret cannot be read now. `reason` is AWS's error code or the name of an exception."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Secret:
    """A secret, read on first use and cached for `max_age` seconds. `provider` comes from Powertools or a test.

    Threads may share it. One reads at a time, so after a failure the others do not wait for the same timeout.
    """

    def __init__(
        self, provider: BaseProvider, name: str, *, max_age: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._provider = provider
        self._name = name
        self._max_age = max_age
        self._clock = clock
        self._failure = ""
        self._rests_until = 0.0
        self._one_at_a_time = Lock()

    def read(self) -> str:
        """Return the secret without surrounding white space.

        Raises SecretUnavailableError if the secret is empty or cannot be read.
        """
        with self._one_at_a_time:
            return self._value()

    def renew(self) -> None:
        """Read the secret again at the next use, because an operator may just have set it."""
        self._provider.clear_cache()  # type: ignore[no-untyped-call] # Powertools has no types here
        self._rests_until = 0.0

    def _value(self) -> str:
        if self._failure and self._clock() < self._rests_until:
            raise SecretUnavailableError(self._failure)
        try:
            # After a failure, skip Powertools' cache: it may hold an empty secret.
            value = self._provider.get(self._name, max_age=self._max_age, force_fetch=bool(self._failure))
        except GetParameterError as error:
            self._failure = _reason(error.__context__)
        else:
            if isinstance(value, str) and value.strip():
                self._failure = ""
                return value.strip()
            # Anyone could derive the keys from an empty secret.
            self._failure = "EmptySecret"
        self._rests_until = self._clock() + _REST_SECONDS
        raise SecretUnavailableError(self._failure)


def _reason(cause: BaseException | None) -> str:
    # The text of Powertools' error quotes AWS's message, so use only the code.
    if isinstance(cause, ClientError):
        return cause.response["Error"]["Code"]
    return type(cause).__name__


def stored_secret(arn: str, *, max_age: int) -> Secret:
    """Return the Secrets Manager secret with this ARN. It is read on first use."""
    # An alert waits for the secret, so use our own client with short timeouts and few retries.
    return Secret(SecretsProvider(boto3_client=secrets_manager()), arn, max_age=max_age)
