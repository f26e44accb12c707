"""When visitors get confirmations at all: a cap per day, and a pause when too many of them bounce. Pure.

Anybody can type any address into the form. Without these rules, made-up addresses would bounce until SES pauses the
account, and then staff would get no alerts either.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

# SES reviews an account at 5% bounces. Below three, a few typing errors of a small clinic's visitors would count.
FEWEST_BOUNCES: Final = 3
HIGHEST_RATE: Final = 0.05

_GOOGLES: Final = frozenset({"gmail.com", "googlemail.com"})


class Withheld(StrEnum):
    """Why no confirmation is sent, as the timeline says it."""

    PAUSED = "paused"  # too many bounced
    DAILY_CAP = "daily_cap"
    ONE_A_DAY = "one_a_day"  # this address already got one today


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Confirmations of today and yesterday, in UTC."""

    sent_today: int = 0  # including those that a crash kept from being sent
    sent_yesterday: int = 0
    bounced: int = 0  # reported on these two days

    @property
    def paused(self) -> bool:
        """Whether too many bounced. This ends when the bounces are older than yesterday."""
        sent = self.sent_today + self.sent_yesterday
        return self.bounced >= FEWEST_BOUNCES and self.bounced >= HIGHEST_RATE * sent


def withheld(tally: Tally, most_a_day: int) -> Withheld | None:
    """Return why no further confirmation may be sent now, or None if one may."""
    if tally.paused:
        return Withheld.PAUSED
    return Withheld.DAILY_CAP if tally.sent_today >= most_a_day else None


def mailbox(address: str) -> str:
    """Return the mailbox that an address leads to, so that other spellings of it count as the same.

    Most providers ignore case and a "+tag". Gmail also ignores dots, and googlemail.com is gmail.com:
    https://support.google.com/mail/answer/7436150
    """
    local, _, domain = address.lower().rpartition("@")
    local = local.partition("+")[0] or local
    if domain in _GOOGLES:
        local, domain = local.replace(".", "") or local, "gmail.com"
    return f"{local}@{domain}"
