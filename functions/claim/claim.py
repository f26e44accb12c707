"""The two uses of a link: opening it, and pressing the button on its page.

Opening it changes nothing, because email scanners open links too. Pressing the button saves the choice.

The button needs no CSRF token. The address to post to contains a signed token that only the email has, and there is no
cookie or login for a forged request to use.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from shared.leads.decisions import Decide, Rules, claim
from shared.leads.lead import Lead
from shared.leads.link import BadLinkError, ExpiredLinkError, Link, read_link
from shared.leads.progress import Progress, StoredLead
from shared.leads.response import ClaimRefusedError, Refusal
from shared.runtime.telemetry import logger, metrics
from shared.services.keys import Keys
from shared.store.leads import Leads


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A page that asks for confirmation. `after` is the progress if the button is pressed."""

    link: Link
    lead: Lead
    before: Progress
    after: Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """A page that confirms what was saved. `told` is whether colleagues get an email about it."""

    link: Link
    lead: Lead
    progress: Progress
    told: bool


class FormerRecipientError(Exception):
    """The link's recipient is no longer on the clinic's list."""

    def __init__(self, link: Link) -> None:
        super().__init__()
        self.link = link


class UnknownLeadError(Exception):
    """The link's lead was deleted."""

    def __init__(self, link: Link) -> None:
        super().__init__()
        self.link = link


class RefusedError(Exception):
    """The link changes nothing: the lead is claimed or closed, or the link was used before."""

    def __init__(self, link: Link, lead: Lead, progress: Progress, refusal: Refusal) -> None:
        super().__init__()
        self.link, self.lead, self.progress, self.refusal = link, lead, progress, refusal


@dataclass(frozen=True, kw_only=True)
class Claim:
    """The links of one clinic. Tests replace the clock, `now`.

    Both uses raise BadLinkError, ExpiredLinkError, FormerRecipientError, UnknownLeadError, RefusedError,
    KeysUnavailableError and botocore's errors.
    """

    leads: Leads
    keys: Keys
    rules: Rules
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def ask(self, token: str) -> Question:
        """Return the question that a link asks. Writes nothing."""
        now = self.now()
        link = self._link(token, now)
        stored = self.leads.read(link.lead_id)
        if stored is None:
            raise self._unknown(link)
        after = self._decision(link, now)(stored)
        return Question(link=link, lead=stored.lead, before=stored.progress, after=after)

    def note(self, token: str) -> Noted:
        """Save the choice that a link stands for. Also raises BusyLeadError."""
        now = self.now()
        link = self._link(token, now)
        changed = self.leads.change(link.lead_id, self._decision(link, now))
        if changed is None:
            raise self._unknown(link)
        _, after = changed
        return Noted(link=link, lead=after.lead, progress=after.progress, told=self.rules.team.tell_others)

    def _link(self, token: str, now: datetime) -> Link:
        try:
            link = read_link(token, self.keys.for_links(), now)
        except BadLinkError:
            count_refused("bad")
            raise
        except ExpiredLinkError as error:
            _bind(error.link)
            count_refused("expired")
            raise
        _bind(link)
        if link.recipient not in self.rules.team.everybody:
            count_refused("former_recipient")
            raise FormerRecipientError(link)
        return link

    def _decision(self, link: Link, now: datetime) -> Decide:
        """Return the decision of a link. The decision raises RefusedError if the link changes nothing."""
        decision = claim(link.action, self.rules, now, by=link.recipient, link=link.id)

        def decide(stored: StoredLead) -> Progress:
            try:
                return decision(stored)
            except ClaimRefusedError as error:
                count_refused(error.refusal)
                raise RefusedError(link, stored.lead, stored.progress, error.refusal) from None

        return decide

    @staticmethod
    def _unknown(link: Link) -> UnknownLeadError:
        count_refused("unknown")
        return UnknownLeadError(link)


def _bind(link: Link) -> None:
    """Add the link's ids to every log line of this invocation. Never log its token: anyone who has that can use it."""
    logger.append_keys(
        lead_id=link.lead_id, reference=link.reference, recipient=link.recipient, action=str(link.action)
    )


def count_refused(outcome: str) -> None:
    """Count and log a link that changed nothing."""
    metrics.add_metric("LinksRefused", "Count", 1)
    logger.info("link refused", extra={"outcome": outcome})
