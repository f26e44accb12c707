"""The people who are told of leads: recipients, and the two lists they are on."""

import hashlib
from dataclasses import dataclass
from typing import Final

from shared.leads.numbers import ordinal

_ID_DIGITS: Final = 12


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who is told of leads.

    `id` follows the address, so a recipient keeps it when the list is reordered, and a corrected address is a new
    recipient. Ids go into logs, SES tags and links; addresses do not.
    """

    address: str
    channel: str = "email"

    @property
    def id(self) -> str:
        """Stable id, e.g. `r-1f3c9a20be47`. Upper and lower case in the address make no difference."""
        known = f"{self.channel}:{self.address.strip().lower()}"
        return f"r-{hashlib.sha256(known.encode()).hexdigest()[:_ID_DIGITS]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """The ids of the recipients on each list. `tell_others` is whether the others hear who claimed a lead."""

    staff: tuple[str, ...]
    fallback: tuple[str, ...]
    tell_others: bool = False

    @property
    def everybody(self) -> tuple[str, ...]:
        """Every recipient once, the alert recipients first."""
        return tuple(dict.fromkeys(self.staff + self.fallback))

    def position(self, recipient: str) -> str:
        """Return the template parameter that names a recipient, e.g. "2nd address of AlertRecipients".

        Operators look an address up by it, so that no message to them has to contain the address.
        """
        for parameter, ids in (("AlertRecipients", self.staff), ("FallbackRecipients", self.fallback)):
            if recipient in ids:
                return f"{ordinal(ids.index(recipient) + 1)} address of {parameter}"
        return FORMER_RECIPIENT


FORMER_RECIPIENT: Final = "a former recipient"
