"""The budget for emails: which may go out now, and which waits for a summary.

SES sends a limited number of emails a day, and people stop reading a mailbox that never stops ringing. So a flood of
requests gets a limited number of emails. A summary lists the requests beyond it, so nothing is lost.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto
from typing import Final

from shared.leads.notice import INFORMATION, Notice

# More urgent requests from the same person, or with the same content, share an email for this long after the first.
SHARE_FOR: Final = timedelta(minutes=10)
# The longest time between two summaries is this, plus the minute between two sweeps.
SUMMARY_EVERY: Final = timedelta(seconds=270)
# Sweeps start a minute apart, so that is every second sweep.
URGENT_SUMMARY_EVERY: Final = timedelta(seconds=90)
MOST_IN_A_SUMMARY: Final = 100
# How many urgent summaries a run may send to each recipient, so that a flood of long ones does not delay the others.
MOST_URGENT_SUMMARIES: Final = 3


class Rank(Enum):
    """The importance of an email, from the most important to the least."""

    URGENT_ALERT = auto()
    URGENT_SUMMARY = auto()
    URGENT_REMINDER = auto()  # and every other email about an urgent request
    SUMMARY = auto()
    FIRST_ALERT = auto()
    ESCALATION = auto()
    REMINDER = auto()
    INFORMATION = auto()  # "taken", "no answer", "closed"
    CONFIRMATION = auto()  # to a visitor


@dataclass(frozen=True, slots=True)
class Share:
    """How much of a budget may be used up before emails of one rank stop. None means that it does not stop them."""

    hour: float | None  # of the emails that a mailbox gets in an hour: of those about urgent requests, or of the others
    day: float | None  # of the emails that SES sends for the account in 24 hours


SHARES: Final[Mapping[Rank, Share]] = {
    Rank.URGENT_ALERT: Share(1.0, None),
    Rank.URGENT_SUMMARY: Share(None, None),
    Rank.URGENT_REMINDER: Share(0.75, 0.97),
    Rank.SUMMARY: Share(None, 0.9),
    Rank.FIRST_ALERT: Share(1.0, 0.8),
    Rank.ESCALATION: Share(0.9, 0.75),
    Rank.REMINDER: Share(0.75, 0.7),
    Rank.INFORMATION: Share(0.75, 0.6),
    Rank.CONFIRMATION: Share(None, 0.5),
}


@dataclass(frozen=True, slots=True)
class DayUse:
    """How many emails SES sends for the account in 24 hours at `most`, and how many it has `sent` in the last 24."""

    most: float  # negative if there is no limit
    sent: float

    @property
    def used(self) -> float:
        """The part that is used up: 0 to 1."""
        if self.most < 0:
            return 0.0
        return min(self.sent / self.most, 1.0) if self.most else 1.0

    def has_room(self, rank: Rank) -> bool:
        """Return whether an email of this rank may still be sent today."""
        share = SHARES[rank].day
        return share is None or self.used < share


def rank_of(notice: Notice, *, urgent: bool) -> Rank:
    """Return the rank of an email to staff about one lead."""
    if urgent:  # if colleagues do not hear that somebody calls, two of them call
        return Rank.URGENT_ALERT if notice is Notice.ALERT else Rank.URGENT_REMINDER
    if notice in INFORMATION:
        return Rank.INFORMATION
    return {Notice.ALERT: Rank.FIRST_ALERT, Notice.ESCALATION: Rank.ESCALATION}.get(notice, Rank.REMINDER)


def hourly_limit(rank: Rank, most: int) -> int:
    """Return after how many emails in an hour a mailbox gets none of this rank. `most` is the budget for an hour."""
    share = SHARES[rank].hour
    return most if share is None else max(int(most * share), 1)
