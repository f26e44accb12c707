"""Fixtures that the architecture tests have too."""

from tests.architecture.conftest import expanded

__all__ = ["expanded"]
