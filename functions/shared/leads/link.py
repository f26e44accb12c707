"""The one-tap links in mails to staff: who holds the mail can answer, and nobody else.

A link says for which lead, from whose recipient, in which attempt's mail and until when it gives which answer. It is
signed and not encrypted: there is nothing personal in it, and whoever can read it has the mail.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from itsdangerous import BadSignature, Signer

from shared.leads import identity
from shared.leads.response import ClaimAction

# Long enough for whoever comes back from a holiday; a mail that is found years later is worth nothing.
LINK_LIFE: Final = timedelta(days=14)


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """What a link stands for. `attempt` is the lead's attempt whose mail it was sent in."""

    lead_id: str
    recipient: str
    action: ClaimAction
    attempt: int
    expires_at: datetime  # aware, UTC; whole seconds

    @property
    def id(self) -> str:
        """The same for the same answer in the same mail: a link can be used once."""
        return f"{self.recipient}/{self.attempt}/{self.action}"

    @property
    def reference(self) -> str:
        """What staff call the lead."""
        return identity.reference(self.lead_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """The links of one mail, as whole addresses."""

    claim: str
    reached: str
    no_answer: str


class BadLinkError(Exception):
    """No link of ours: cut off, changed, or signed with another key. The text quotes nothing of it."""


class ExpiredLinkError(Exception):
    """A link of ours that is too old. `link` says what it stood for."""

    def __init__(self, link: Link) -> None:
        super().__init__()
        self.link = link


def sign(link: Link, key: bytes) -> str:
    """Return `link` as a token of letters, digits, "-", "_" and "."; the same for the same link."""
    expiry = int(link.expires_at.timestamp())
    # Plain text, and neither compressed nor in base64: what signed a link may be older than what reads it.
    said = f"{link.lead_id}.{link.recipient}.{link.action}.{link.attempt}.{expiry}"
    return _signer(key).sign(said).decode()


def read_link(token: str, key: bytes, now: datetime) -> Link:
    """Return what `token` stands for. Raises BadLinkError, or ExpiredLinkError from its last moment on."""
    link = _verified(token, key)
    if now >= link.expires_at:
        raise ExpiredLinkError(link)
    return link


def links(  # noqa: PLR0913, PLR0917 - what a link is made of
    public_url: str, lead_id: str, recipient: str, attempt: int, key: bytes, now: datetime
) -> Links:
    """Return the links for one mail, good for `LINK_LIFE` from `now`. `public_url` is where the API is."""
    expires_at = (now + LINK_LIFE).replace(microsecond=0)

    def address(action: ClaimAction) -> str:
        link = Link(lead_id=lead_id, recipient=recipient, action=action, attempt=attempt, expires_at=expires_at)
        return f"{public_url.rstrip('/')}/claim/{sign(link, key)}"

    return Links(
        claim=address(ClaimAction.CLAIM), reached=address(ClaimAction.REACHED), no_answer=address(ClaimAction.NO_ANSWER)
    )


def _signer(key: bytes) -> Signer:
    # The library's own default is SHA-1. The salt keeps what this key may sign for another purpose from being a link.
    return Signer(key, salt="claim", digest_method=hashlib.sha256, key_derivation="hmac")


def _verified(token: str, key: bytes) -> Link:
    if not token.isascii():  # the library would stumble over half a character
        raise BadLinkError
    try:
        lead_id, recipient, action, attempt, expiry = _signer(key).unsign(token).decode().split(".")
        link = Link(
            lead_id=lead_id,
            recipient=recipient,
            action=ClaimAction(action),
            attempt=int(attempt),
            expires_at=datetime.fromtimestamp(int(expiry), UTC),
        )
    except (BadSignature, ValueError, OverflowError, OSError):
        raise BadLinkError from None
    # Base64 can spell the same signature in several ways; a link has one.
    if sign(link, key) != token:
        raise BadLinkError
    return link
