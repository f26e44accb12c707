"""The links in emails to staff. Only someone who has the email can use its links.

A link contains the lead, the recipient, the attempt, the action and an expiry time. It is signed but not encrypted,
because it contains nothing personal, and anyone who can read it has the email.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from itsdangerous import BadSignature, Signer

from shared.leads import identity
from shared.leads.response import OF_LINKS, ClaimAction

# Long enough for someone who returns from vacation. A link in a very old email must not work.
LINK_LIFE: Final = timedelta(days=14)
_PAGE: Final = "open"  # in the place of an action
_OF_LINKS: Final = {str(action): action for action in OF_LINKS}
# What `sign` returns.
TOKEN: Final = re.compile(
    identity.LEAD_ID + r"\.[A-Za-z0-9_-]{1,64}\.[a-z_]{1,20}\.[0-9]{1,9}\.[0-9]{1,11}\.[A-Za-z0-9_-]{43}", re.ASCII
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """The content of a link. `attempt` is the number of the attempt that sent the email, or 0 for a digest.

    `action` is the choice that the link stands for, or None if it opens the page with all the choices.
    """

    lead_id: str
    recipient: str
    action: ClaimAction | None
    attempt: int
    expires_at: datetime  # aware, UTC; whole seconds

    def use(self, action: ClaimAction, seen: int | None = None) -> str:
        """Return what identifies one press of a button for `action`, so pressing it twice counts once.

        `seen` is how many actions the page with the button knew of; None for a page that knows only the link's action.
        """
        return f"{self.recipient}/{self.attempt}/{action}" if seen is None else f"{self.recipient}/{action}/{seen}"

    def use_for_another(self, action: ClaimAction, seen: int) -> str:
        """Return what identifies one press of the button that closes another lead of the same person, see `use`."""
        return f"{self.recipient}/{identity.reference(self.lead_id)}/{action}/{seen}"

    def reference(self, prefix: str) -> str:
        """Return the reference of the lead. `prefix` is the clinic's."""
        return identity.reference(self.lead_id, prefix)


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """The links in one email, as full URLs. `page` opens the page with all the choices."""

    page: str
    claim: str
    reached: str
    no_answer: str


class BadLinkError(Exception):
    """The link is not valid: cut off, changed, or signed with another key. The error does not quote it."""


class ExpiredLinkError(Exception):
    """The link is valid but expired."""

    def __init__(self, link: Link) -> None:
        super().__init__()
        self.link = link


def sign(link: Link, key: bytes) -> str:
    """Return `link` as a token of letters, digits, "-", "_" and ".". The same link always gives the same token."""
    expiry = int(link.expires_at.timestamp())
    # Plain text, not a library's format: every version of the code must be able to read links that an older one signed.
    said = f"{link.lead_id}.{link.recipient}.{link.action or _PAGE}.{link.attempt}.{expiry}"
    return _signer(key).sign(said).decode()


def read_link(token: str, key: bytes, now: datetime) -> Link:
    """Return the link in `token`. Raises BadLinkError, or ExpiredLinkError once the expiry time is reached."""
    link = _verified(token, key)
    if now >= link.expires_at:
        raise ExpiredLinkError(link)
    return link


def links(  # noqa: PLR0913, PLR0917 - the parts of a link
    public_url: str, lead_id: str, recipient: str, attempt: int, key: bytes, now: datetime
) -> Links:
    """Return the links for one email. They work for `LINK_LIFE` from `now`. `public_url` is the base URL of the API."""
    expires_at = (now + LINK_LIFE).replace(microsecond=0)

    def address(action: ClaimAction | None) -> str:
        link = Link(lead_id=lead_id, recipient=recipient, action=action, attempt=attempt, expires_at=expires_at)
        return f"{public_url.rstrip('/')}/claim/{sign(link, key)}"

    return Links(
        page=address(None),
        claim=address(ClaimAction.CLAIM),
        reached=address(ClaimAction.REACHED),
        no_answer=address(ClaimAction.NO_ANSWER),
    )


def desk_address(public_url: str, lead_id: str | None = None) -> str:
    """Return the address of a lead's page at the desk, or of the desk itself.

    It is no secret: the desk asks everyone to sign in. `public_url` is the base URL of the API.
    """
    return f"{public_url.rstrip('/')}/desk{f'/requests/{lead_id}' if lead_id else ''}"


def _signer(key: bytes) -> Signer:
    # The library's default is SHA-1. The salt makes signatures for other purposes invalid as links.
    return Signer(key, salt="claim", digest_method=hashlib.sha256, key_derivation="hmac")


def _verified(token: str, key: bytes) -> Link:
    if not token.isascii():  # the library fails on lone surrogates
        raise BadLinkError
    try:
        lead_id, recipient, action, attempt, expiry = _signer(key).unsign(token).decode().split(".")
        link = Link(
            lead_id=lead_id,
            recipient=recipient,
            action=None if action == _PAGE else _OF_LINKS[action],
            attempt=int(attempt),
            expires_at=datetime.fromtimestamp(int(expiry), UTC),
        )
    except (BadSignature, KeyError, ValueError, OverflowError, OSError):
        raise BadLinkError from None
    # Base64 can encode the same signature in several ways. Only one of them is valid.
    if sign(link, key) != token:
        raise BadLinkError
    return link
