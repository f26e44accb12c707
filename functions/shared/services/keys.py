"""Keys that sign links and hash visitors' contact details, derived from the secrets that the template generates."""

import hmac
from collections.abc import Callable

from shared.services.secret import SecretUnavailableError, stored_secret

# Longer than a process runs, so each process reads the secret once. The secret does not change, because a new one would
# invalidate the links in all emails.
_MAX_AGE = 86_400


class KeysUnavailableError(Exception):
    """The secret cannot be read now. `reason` is AWS's error code or the name of an exception."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Keys:
    """The stack's keys. Both functions raise SecretUnavailableError.

    People have a secret of their own, because somebody who withdraws all links must not forget who wrote before.
    Without it, theirs is derived from the other one.
    """

    def __init__(self, read_secret: Callable[[], str], read_people_secret: Callable[[], str] | None = None) -> None:
        self._read_secret = read_secret
        self._read_people_secret = read_people_secret or read_secret

    def for_links(self) -> bytes:
        """Return the key that signs the links in emails to staff. Raises KeysUnavailableError."""
        return self._derived(b"links", self._read_secret)

    def for_people(self) -> bytes:
        """Return the key for the HMAC of a visitor's address or number. Raises KeysUnavailableError."""
        return self._derived(b"people", self._read_people_secret)

    def for_sign_ins(self) -> bytes:
        """Return the key that signs the sign-ins that browsers keep. Raises KeysUnavailableError."""
        return self._derived(b"sign-ins", self._read_secret)

    @staticmethod
    def _derived(purpose: bytes, read: Callable[[], str]) -> bytes:
        try:
            secret = read()
        except SecretUnavailableError as error:
            raise KeysUnavailableError(error.reason) from None
        return hmac.digest(secret.encode(), purpose, "sha256")


def stack_keys(secret_arn: str, people_secret_arn: str) -> Keys:
    """Return the keys derived from the Secrets Manager secrets with these ARNs. Each is read on first use."""
    return Keys(
        stored_secret(secret_arn, max_age=_MAX_AGE).read, stored_secret(people_secret_arn, max_age=_MAX_AGE).read
    )
