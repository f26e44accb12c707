"""The recipients of emails about leads, and the two lists they are on."""

import hashlib
import re
from dataclasses import dataclass
from typing import Final

from shared.leads.numbers import ordinal

_ID_DIGITS: Final = 12
# The first part of addresses that several people read: the names of RFC 2142, and those of front desks.
_SHARED: Final = frozenset(
    (  # noqa: SIM905 - as a list, it would be three times as long
        "abuse accounting admin administration appointment appointments billing booking bookings business clinic "
        "contact contactus desk doctors enquiries everyone frontdesk frontoffice ftp group hello help hostmaster hr "
        "info inquiries inquiry intake leads mailbox management marketing newpatient newpatients news noc noreply "
        "nurses office ops patient patients postmaster practice providers reception referral referrals requests sales "
        "schedule scheduling security service services staff support team triage usenet uucp webmaster welcome www"
    ).split()
)


@dataclass(frozen=True, slots=True)
class Recipient:
    """A recipient of emails about leads.

    The id is derived from the address. Reordering the list does not change it, and a corrected address is a new
    recipient. Logs, SES tags and links contain ids, never addresses.
    """

    address: str
    channel: str = "email"

    @property
    def id(self) -> str:
        """The id, e.g. `r-1f3c9a20be47`. It does not depend on the case of the address."""
        known = f"{self.channel}:{self.address.strip().lower()}"
        return f"r-{hashlib.sha256(known.encode()).hexdigest()[:_ID_DIGITS]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """The ids of the recipients on each list. `tell_others`: whether the others are told who claimed a lead."""

    staff: tuple[str, ...]
    fallback: tuple[str, ...]
    tell_others: bool = False

    @property
    def everybody(self) -> tuple[str, ...]:
        """Every recipient once, alert recipients first."""
        return tuple(dict.fromkeys(self.staff + self.fallback))

    def position(self, recipient: str) -> str:
        """Return where a recipient is in the template parameters, e.g. "2nd address of AlertRecipients".

        Operators can look up the address there, so messages to them do not have to contain it.
        """
        for parameter, ids in (("AlertRecipients", self.staff), ("FallbackRecipients", self.fallback)):
            if recipient in ids:
                return f"{ordinal(ids.index(recipient) + 1)} address of {parameter}"
        return FORMER_RECIPIENT


FORMER_RECIPIENT: Final = "a former recipient"


def is_shared_mailbox(address: str) -> bool:
    """Return whether several people probably read the mailbox of an address, judging by its name.

    Case, digits, dots, hyphens and underscores do not matter, and neither does what follows a "+". An address of
    several such words, such as "clinic-intake", is shared too.
    """
    name = address.strip().lower().partition("@")[0].partition("+")[0]
    words = re.findall(r"[^\W\d_]+", name)
    return "".join(words) in _SHARED or (bool(words) and all(word in _SHARED for word in words))


def display_name(address: str) -> str:
    """Return an address for a text to staff. It says if the mailbox is shared, because then it names no person."""
    return f"{address} (a shared mailbox)" if is_shared_mailbox(address) else address
