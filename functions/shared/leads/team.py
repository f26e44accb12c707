"""The recipients of emails about leads, and the two lists they are on."""

import hashlib
from dataclasses import dataclass
from typing import Final

from shared.leads.numbers import ordinal

_ID_DIGITS: Final = 12


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
