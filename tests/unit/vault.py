"""Secrets in memory, behind Powertools' own provider."""

import time
from collections.abc import Callable

from aws_lambda_powertools.utilities.parameters.base import BaseProvider

from shared.services.secret import Secret


class MemoryProvider(BaseProvider):
    """Powertools' caching and errors around a function."""

    def __init__(self, read: Callable[[], str]) -> None:
        super().__init__()  # type: ignore[no-untyped-call] # Powertools leaves it without types
        self._read = read

    def _get(self, name: str, **_sdk_options: object) -> str:
        assert name
        return self._read()

    def _get_multiple(self, path: str, **_sdk_options: object) -> dict[str, str]:
        raise AssertionError(path)


def secret_of(read: Callable[[], str], clock: Callable[[], float] = time.monotonic, max_age: int = 3600) -> Secret:
    """Return the secret that `read` returns."""
    return Secret(MemoryProvider(read), "made-up-arn", max_age=max_age, clock=clock)
