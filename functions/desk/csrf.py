"""Refuses a form that does not come from a page of our own (cross-site request forgery)."""

import hmac
from collections.abc import Mapping

from desk.route import CSRF_FIELD


class ForeignFormError(Exception):
    """A form came from another site, or from a page of another session."""


def check_form(form: Mapping[str, str], headers: Mapping[str, str], *, csrf: str, origin: str) -> None:
    """Raise ForeignFormError unless a form carries the session's secret and is from a page of our own."""
    check_source(headers, origin=origin)
    if not hmac.compare_digest(form.get(CSRF_FIELD, "").encode(), csrf.encode()):
        raise ForeignFormError


def check_source(headers: Mapping[str, str], *, origin: str) -> None:
    """Raise ForeignFormError if the browser says that a form is from another site.

    Old browsers send neither Sec-Fetch-Site nor Origin, so these count only where they are sent.
    """
    if headers.get("sec-fetch-site", "same-origin") != "same-origin" or headers.get("origin", origin) != origin:
        raise ForeignFormError
