"""The keys that sign links and blind addresses: derived from the stack's one secret, which the template generates."""

import hmac
import time
from collections.abc import Callable

from botocore.exceptions import BotoCoreError, ClientError

from shared.services.clients import secrets_manager

# After an outage nobody asks for so long: where many mails wait, each would wait for the same timeout.
_REST_SECONDS = 60


class KeysUnavailableError(Exception):
    """The secret cannot be read now. `reason` is AWS's error code or the name of an error, nothing else."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Keys:
    """The stack's keys. The secret is read when the first key is asked for, and once per process."""

    def __init__(self, read_secret: Callable[[], str], clock: Callable[[], float] = time.monotonic) -> None:
        self._read_secret = read_secret
        self._clock = clock
        self._secret = b""
        self._failure = ""
        self._rests_until = 0.0

    def for_links(self) -> bytes:
        """Return the key that signs the links in mails to staff. Raises KeysUnavailableError."""
        return self._derived(b"links")

    def for_people(self) -> bytes:
        """Return the key under which a person's address or number is known again. Raises KeysUnavailableError."""
        return self._derived(b"people")

    def _derived(self, purpose: bytes) -> bytes:
        if not self._secret:
            self._secret = self._read()
        return hmac.digest(self._secret, purpose, "sha256")

    def _read(self) -> bytes:
        if self._failure and self._clock() < self._rests_until:
            raise KeysUnavailableError(self._failure)
        try:
            # A secret that somebody emptied by hand would make keys that anybody can make.
            if secret := self._read_secret().strip():
                return secret.encode()
            self._failure = "EmptySecret"
        except ClientError as error:
            self._failure = error.response["Error"]["Code"]
        except (BotoCoreError, KeyError) as error:
            self._failure = type(error).__name__
        self._rests_until = self._clock() + _REST_SECONDS
        raise KeysUnavailableError(self._failure)


def stack_keys(secret_arn: str) -> Keys:
    """Return the keys of the secret in Secrets Manager that has this ARN. Nothing is read yet."""
    return Keys(lambda: secrets_manager().get_secret_value(SecretId=secret_arn)["SecretString"])
