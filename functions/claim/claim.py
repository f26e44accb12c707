"""The two uses of a link: opening its page, and pressing a button on it.

Opening it changes nothing, because email scanners open links too. Pressing a button saves the choice.

The buttons need no CSRF token. The address to post to contains a signed token that only the email has, and there is no
cookie or login for a forged request to use.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from claim.address import token_in
from claim.counts import count_failure, count_refused
from claim.errors import BadFormError, ErasedLeadError, FormerRecipientError, RefusedError, UnknownLeadError
from claim.form import TOGETHER, Press
from claim.together import Together
from claim.view import View, view_of
from shared.leads.claims import after_claim, may_act
from shared.leads.decisions import Decide, Rules, claim
from shared.leads.link import BadLinkError, ExpiredLinkError, Link, read_link
from shared.leads.progress import Progress, StoredLead
from shared.leads.response import CLOSES, ClaimAction, ClaimRefusedError, Refusal
from shared.runtime.telemetry import logger
from shared.services.keys import Keys
from shared.store.leads import Leads


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """The page of a link. `after` is the lead if the link's own choice is saved; None if that is not possible."""

    view: View
    after: View | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """The page after a press that was saved. `others` are the person's other open requests."""

    view: View
    action: ClaimAction
    others: tuple[StoredLead, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedTogether:
    """The page after closing the person's other requests: those that are closed now, and those that are not."""

    view: View
    closed: tuple[StoredLead, ...]
    failed: tuple[StoredLead, ...]
    others: tuple[StoredLead, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Claim:
    """The links of one clinic. Tests replace the clock, `now`.

    All uses raise BadLinkError, ExpiredLinkError, FormerRecipientError, UnknownLeadError, ErasedLeadError,
    KeysUnavailableError and botocore's errors. An address is what follows `/claim/` in the path of a request.
    """

    leads: Leads
    keys: Keys
    rules: Rules
    together: Together
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def open(self, address: str) -> Opened:
        """Return the page that a link opens. Writes nothing."""
        now = self.now()
        link = self._link(address, now)
        stored = self._read(link)
        view = view_of(link, stored, self.rules, now)
        return Opened(view=view, after=self._preview(view, stored, now))

    def press(self, address: str, press: Press | None) -> Saved | SavedTogether | Opened:
        """Save a choice. Also raises RefusedError, BadFormError and BusyLeadError.

        Without a `press`, the choice is the link's own: pages that were opened before an update send nothing else. A
        link without a choice of its own opens its page then.
        """
        now = self.now()
        link = self._link(address, now)
        if press and press.also is not None:
            return self._press_together(link, press, press.also, now)
        action = press.action if press else link.action
        if action is None:
            return self.open(address)
        logger.append_keys(action=str(action))
        use = link.use(action, press.seen if press else None)
        changed = self.leads.change(link.lead_id, self._decision(link, action, use, press, now))
        if changed is None:
            raise self._unknown(link)
        _, after = changed
        return Saved(view=view_of(link, after, self.rules, now), action=action, others=self._offer(action, after))

    def reference_of(self, link: Link) -> str:
        """Return the reference of a link's lead, which is older than the clinic's letters if they changed since."""
        stored = self.leads.read(link.lead_id)
        return stored.lead.reference if stored else link.reference(self.rules.clinic.reference_prefix)

    def others_of(self, view: View, action: ClaimAction) -> tuple[StoredLead, ...]:
        """Return the person's other open requests if `action` closed the lead and may close them too."""
        return self._offer(action, StoredLead(lead=view.lead, progress=view.progress))

    def _offer(self, action: ClaimAction, stored: StoredLead) -> tuple[StoredLead, ...]:
        if action not in TOGETHER or stored.progress.closed_as is not CLOSES[action]:
            return ()
        try:
            return self.together.open_others(stored.lead, self.keys.for_people())
        except Exception as error:  # noqa: BLE001 - the choice is saved, whatever fails here
            count_failure(error)
            return ()

    def _press_together(self, link: Link, press: Press, also: frozenset[str], now: datetime) -> SavedTogether:
        logger.append_keys(action=str(press.action))
        stored = self._read(link)
        view = view_of(link, stored, self.rules, now)
        if press.seen > view.seen:
            raise BadFormError
        if stored.progress.closed_as is not CLOSES[press.action]:
            raise _refused(view, press.action, Refusal.NOT_POSSIBLE)
        decision = claim(
            press.action,
            self.rules,
            now,
            by=link.recipient,
            link=link.use_for_another(press.action, press.seen),
            address=self._own_address(link, stored.progress),
            together_with=stored.lead.reference,
        )
        closed, failed = self.together.close(stored.lead, also, self.keys.for_people(), decision)
        return SavedTogether(view=view, closed=closed, failed=failed, others=self._offer(press.action, stored))

    def _bind(self, link: Link) -> None:
        """Add the link's ids to every log line of this invocation. Never log its token, which is all that it takes."""
        logger.append_keys(
            lead_id=link.lead_id,
            recipient=link.recipient,
            action=str(link.action or "open"),
        )

    def _link(self, address: str, now: datetime) -> Link:
        try:
            link = read_link(token_in(address), self.keys.for_links(), now)
        except BadLinkError:
            count_refused("bad")
            raise
        except ExpiredLinkError as error:
            self._bind(error.link)
            self._refuse_if_erased(error.link)
            count_refused("expired")
            raise
        self._bind(link)
        return link

    def _read(self, link: Link) -> StoredLead:
        stored = self.leads.read(link.lead_id)
        if stored is None:
            raise self._unknown(link)
        self._admit(link, stored)
        return stored

    def _admit(self, link: Link, stored: StoredLead) -> None:
        logger.append_keys(reference=stored.lead.reference)
        if not may_act(stored.progress, self.rules.team, link.recipient):
            count_refused("former_recipient")
            raise FormerRecipientError(link)

    def _own_address(self, link: Link, progress: Progress) -> str | None:
        """Return the address to record for the person who uses `link`, or None if they are a recipient.

        Without it, an owner who is not a recipient would lose the lead with their next press.
        """
        return None if link.recipient in self.rules.team.everybody else progress.owner_address

    def _preview(self, view: View, stored: StoredLead, now: datetime) -> View | None:
        link, action = view.link, view.link.action
        if action is None or action not in view.possible:
            return None
        after = after_claim(
            stored.progress,
            self.rules.case(stored),
            action,
            by=link.recipient,
            link=link.use(action, view.seen),
            now=now,
            address=self._own_address(link, stored.progress),
        )
        return view_of(link, StoredLead(lead=stored.lead, progress=after), self.rules, now)

    def _decision(self, link: Link, action: ClaimAction, use: str, press: Press | None, now: datetime) -> Decide:
        """Return the decision of a press. The decision raises RefusedError if the press changes nothing."""

        def decide(stored: StoredLead) -> Progress:
            progress = stored.progress
            self._admit(link, stored)
            if press and press.seen > progress.presses:  # no page knows of more actions than there were
                raise BadFormError
            if _undoes_another(action, press, use, progress):
                raise _refused(view_of(link, stored, self.rules, now), action, Refusal.NOT_POSSIBLE)
            address = self._own_address(link, progress)
            try:
                return claim(action, self.rules, now, by=link.recipient, link=use, address=address)(stored)
            except ClaimRefusedError as error:
                view, repeated = view_of(link, stored, self.rules, now), use in progress.links_used
                raise _refused(view, action, error.refusal, repeated=repeated) from None

        return decide

    def _unknown(self, link: Link) -> UnknownLeadError:
        """Return the error of a lead that was deleted. Raises ErasedLeadError if somebody erased it."""
        self._refuse_if_erased(link)
        count_refused("unknown")
        return UnknownLeadError(link)

    def _refuse_if_erased(self, link: Link) -> None:
        if self.leads.was_erased(link.lead_id):
            count_refused("erased")
            raise ErasedLeadError


def _undoes_another(action: ClaimAction, press: Press | None, use: str, progress: Progress) -> bool:
    """Whether a page would undo something that was done after the page was opened."""
    undoes = action in {ClaimAction.REOPEN, ClaimAction.HAND_BACK}
    if not undoes or press is None or use in progress.links_used:
        return False
    return press.seen < progress.presses


def _refused(view: View, action: ClaimAction, refusal: Refusal, *, repeated: bool = False) -> RefusedError:
    count_refused(refusal)
    return RefusedError(view, action, refusal, repeated=repeated)
