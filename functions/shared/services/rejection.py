"""Reads in SES's text about a rejected email whether SES rejects only this recipient, or everything that we send.

Both have the same error code. The text quotes addresses, so it must not be logged or kept. Texts of SES:
https://docs.aws.amazon.com/ses/latest/dg/troubleshoot-error-messages.html
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

_NOT_VERIFIED: Final = re.compile(r"not verified|failed the check")
_PAUSED: Final = re.compile(r"sending (is )?(paused|suspended|disabled)|account is (paused|suspended)")


def concerns_every_email(text: str, *, sender: str, recipients: Iterable[str]) -> bool:
    """Return whether SES would reject each of our emails for the reason in `text`.

    SES names the identities that are not verified: the sender's address or domain, and in the sandbox the recipients'
    too. If it names none that we know, a recipient cannot be the reason.
    """
    said = text.lower()
    if _PAUSED.search(said):
        return True
    if not _NOT_VERIFIED.search(said):
        return False
    return _names(said, sender) or not any(_names(said, recipient) for recipient in recipients)


def _names(said: str, address: str) -> bool:
    """Return whether `said` contains this address, or its domain without another address in front of it."""
    return any(
        re.search(rf"(?<![\w.@+'-]){re.escape(identity)}(?!\.?[\w-])", said)
        for identity in _identities(address.lower())
    )


def _identities(address: str) -> Iterator[str]:
    """Yield the identities in SES that may stand for an address: itself, its domain, and that domain's parents."""
    yield address
    labels = address.rpartition("@")[2].split(".")
    for start in range(len(labels) - 1):
        yield ".".join(labels[start:])
