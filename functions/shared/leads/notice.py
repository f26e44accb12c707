"""The mails to staff about a lead: which there are, to whom each goes, and what became of each.

Emails are named by their notice and the id of their recipient (team.py), never by an address: such names go into logs,
tags and links.
"""

from dataclasses import dataclass
from enum import StrEnum


class Notice(StrEnum):
    """What a mail to staff is for."""

    ALERT = "alert"  # a new request
    REMINDER = "reminder"  # nobody has taken it yet
    ESCALATION = "escalation"  # still nobody: to the fallback recipients
    CLAIMED = "claimed"  # to the others: somebody has it
    CALL_AGAIN = "call_again"  # nobody answered the phone; now may be a better time


class Outcome(StrEnum):
    """What SES said to one mail."""

    ACCEPTED = "accepted"  # it is on its way, which is not yet delivered
    THROTTLED = "throttled"  # too many mails a second, or today
    DEFERRED = "deferred"  # out of reach, broken, or an answer we cannot rely on
    REFUSED = "refused"  # not this message to this recipient
    BLOCKED = "blocked"  # nothing at all from this account or sender, until somebody changes something

    @property
    def concerns_everybody(self) -> bool:
        """Whether the next recipient would hear the same."""
        return self not in {Outcome.ACCEPTED, Outcome.REFUSED}


class ReportKind(StrEnum):
    """What SES tells of a mail after it took it."""

    DELIVERED = "delivered"
    BOUNCED = "bounced"  # for good, or the address is on the suppression list
    COMPLAINED = "complained"  # the recipient's provider took it for spam; SES writes to it no more
    REJECTED = "rejected"  # SES will not send what is in it
    DELAYED = "delayed"  # SES is still trying


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What SES tells of one mail. `attempt` is the lead's attempt that sent it."""

    kind: ReportKind
    notice: Notice
    recipient: str
    attempt: int

    @property
    def email(self) -> str:
        """The mail that this is about."""
        return email_name(self.notice, self.recipient)


def email_name(notice: Notice, recipient: str) -> str:
    """Return the name of one mail of a lead, e.g. "alert/r-1f3c9a20be47"."""
    return f"{notice}/{recipient}"


def recipient_of(email: str) -> str:
    """Return the recipient that a mail went to."""
    return email.partition("/")[2]
