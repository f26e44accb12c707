"""The emails to staff about a lead, their outcomes and the reports about them.

The name of an email consists of its notice and the id of its recipient (team.py). It never contains an address, because
names go into logs and tags.
"""

from dataclasses import dataclass
from enum import StrEnum


class Notice(StrEnum):
    """The purpose of an email to staff."""

    ALERT = "alert"  # a new request
    REMINDER = "reminder"  # it is unclaimed
    ESCALATION = "escalation"  # it is still unclaimed; goes to the fallback recipients, and later again to everyone
    CLAIMED = "claimed"  # tells the other recipients that it is claimed
    NO_ANSWER = "no_answer"  # tells the other recipients that somebody tried and there was no answer
    CLOSED = "closed"  # tells the other recipients that it is closed, and why
    OWNER_REMINDER = "owner_reminder"  # asks the owner how it went
    CALL_AGAIN = "call_again"  # there was no answer; now may be a better time
    NOT_REACHED = "not_reached"  # it is claimed, but the person was not reached; goes to everyone


# These ask for nothing, so they may fail.
INFORMATION = frozenset({Notice.CLAIMED, Notice.NO_ANSWER, Notice.CLOSED})


class Outcome(StrEnum):
    """The response of SES to one email."""

    ACCEPTED = "accepted"  # not yet delivered
    THROTTLED = "throttled"  # too many emails per second or per day
    DEFERRED = "deferred"  # unreachable, failing, or an unclear response
    REFUSED = "refused"  # SES will not send this email to this recipient
    BLOCKED = "blocked"  # SES sends nothing from this account or sender until an operator acts

    @property
    def concerns_everybody(self) -> bool:
        """Whether the next recipient would get the same outcome."""
        return self not in {Outcome.ACCEPTED, Outcome.REFUSED}


class ReportKind(StrEnum):
    """What SES reports about an email that it accepted."""

    DELIVERED = "delivered"
    BOUNCED = "bounced"  # permanently, or the address is on the suppression list
    COMPLAINED = "complained"  # marked as spam; SES stops sending to the address
    REJECTED = "rejected"  # SES will not send the content, or the recipient's server will not take it
    DELAYED = "delayed"  # SES is still trying
    UNDETERMINED = "undetermined"  # something came back, and nobody can tell whether the email arrived


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A report of SES about one email. `attempt` is the number of the attempt that sent it."""

    kind: ReportKind
    notice: Notice
    recipient: str
    attempt: int

    @property
    def email(self) -> str:
        """The name of the email."""
        return email_name(self.notice, self.recipient)

    @property
    def copy(self) -> str:
        """The name of the copy that the report is about."""
        return copy_name(self.email, self.attempt)


def email_name(notice: Notice, recipient: str) -> str:
    """Return the name of one email about a lead, e.g. "alert/r-1f3c9a20be47"."""
    return f"{notice}/{recipient}"


def copy_name(email: str, attempt: int) -> str:
    """Return the name of the copy of an email that one attempt sent, e.g. "alert/r-1f3c9a20be47/2"."""
    return f"{email}/{attempt}"


def email_of(copy: str) -> str:
    """Return the name of the email in the name of a copy."""
    return copy.rpartition("/")[0]


def attempt_of(copy: str) -> int:
    """Return the number of the attempt in the name of a copy."""
    return int(copy.rpartition("/")[2])


def recipient_of(email: str) -> str:
    """Return the recipient in the name of an email."""
    return email.partition("/")[2]
