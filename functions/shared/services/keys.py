"""The keys that sign links and blind addresses, derived from the stack's one secret, which the template generates."""

import hmac
from collections.abc import Callable

from shared.services.secret import SecretUnavailableError, stored_secret

# The stack's secret never changes: a new one would end every link in every email. A day is longer than a process lives.
_MAX_AGE = 86_400


class KeysUnavailableError(Exception):
    """The secret cannot be read now. `reason` is AWS's error code or an error's name, nothing else."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Keys:
    """The stack's keys. `read_secret` raises SecretUnavailableError."""

    def __init__(self, read_secret: Callable[[], str]) -> None:
        self._read_secret = read_secret

    def for_links(self) -> bytes:
        """Return the key that signs the links in emails to staff. Raises KeysUnavailableError."""
        return self._derived(b"links")

    def for_people(self) -> bytes:
        """Return the key that blinds a person's address or number. Raises KeysUnavailableError."""
        return self._derived(b"people")

    def _derived(self, purpose: bytes) -> bytes:
        try:
            secret = self._read_secret()
        except SecretUnavailableError as error:
            raise KeysUnavailableError(error.reason) from None
        return hmac.digest(secret.encode(), purpose, "sha256")


def stack_keys(secret_arn: str) -> Keys:
    """Return the keys of the secret in Secrets Manager that has this ARN. Nothing is read yet."""
    return Keys(stored_secret(secret_arn, max_age=_MAX_AGE).read)
