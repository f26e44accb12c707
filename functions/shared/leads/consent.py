"""Withdrawn consents: a person calls, writes or texts STOP, and somebody at the desk records it.

It counts at once, because each reader of a lead gets it without the consents that were withdrawn (`Lead.withdrawn`).
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from shared.leads.claims import after_claim, refusal_of
from shared.leads.decisions import Decide, Rules
from shared.leads.event import Event
from shared.leads.lead import CONSENT_KINDS, CONTACT, Lead
from shared.leads.person import Person
from shared.leads.plan import planned
from shared.leads.progress import AlertState, Progress, StoredLead
from shared.leads.response import MOST_ACTIONS, ClaimAction, ClaimRefusedError, Refusal, ResponseState
from shared.leads.retention import later_end


class How(StrEnum):
    """How somebody withdrew a consent."""

    PHONE = "phone"
    EMAIL = "email"
    STOP = "stop"  # a text message that says STOP
    IN_PERSON = "in_person"


_NOT_PLANNED: Final = frozenset({AlertState.SENDING, AlertState.QUARANTINED, AlertState.UNDELIVERABLE})

WITHDRAWN: Final = "consent_withdrawn"
RESTORED: Final = "consent_restored"


def may_withdraw(lead: Lead) -> tuple[str, ...]:
    """Return the kinds of consents that the person can withdraw, in order.

    Anybody can ask for no contact: a person in crisis may be contacted without the consent.
    """
    given = {consent.kind for consent in lead.consents} | {CONTACT}
    return tuple(sorted((given & CONSENT_KINDS) - lead.withdrawn))


def may_give_back(progress: Progress, by: Person, *, manages: bool, recorded_by: Mapping[str, str]) -> frozenset[str]:
    """Return the kinds of consents whose withdrawal a colleague can undo: see `give_back`."""
    if manages:
        return progress.withdrawn | ({CONTACT} if progress.no_contact_since else set())
    return frozenset(kind for kind in progress.withdrawn if recorded_by.get(kind) == by.id)


def withdraw(  # noqa: PLR0913 - the parts of a decision
    kind: str, how: How, rules: Rules, now: datetime, *, by: Person, press: str
) -> Decide:
    """Record that the person withdrew a consent. Without the one to contact, an open lead is closed.

    Raises ClaimRefusedError if the person did not give that consent or withdrew it before.
    """
    event = Event(
        kind=WITHDRAWN, at=now, actor=by.id, details={"by": by.email, "consent": kind, "how": str(how), "press": press}
    )

    def decide(stored: StoredLead) -> Progress:
        progress = stored.progress
        _refuse_twice(progress, press)
        if kind not in may_withdraw(stored.lead):
            raise ClaimRefusedError(Refusal.NOT_POSSIBLE)
        if kind == CONTACT:
            progress = _without_contact(stored, rules, now, by, press)
        return replace(
            progress,
            withdrawn=progress.withdrawn | {kind},
            withdrawn_at=now,
            withdrawn_by=by.id,
            kept_until=_kept_until(progress, now),
            links_used=_with_press(progress, press),
            event=event,
        )

    return decide


def give_back(  # noqa: PLR0913 - the parts of a decision
    kind: str,
    rules: Rules,
    now: datetime,
    *,
    by: Person,
    press: str,
    manages: bool,
    recorded_by: Mapping[str, str],
) -> Decide:
    """Take back a withdrawal that was a slip: one by the same colleague, or any if they manage the desk.

    `recorded_by` names who recorded the withdrawal of each consent, as far as the timeline knows.
    A manager can also take back that the person asked for no contact when somebody closed the lead for that. It
    reopens the lead that the withdrawal closed, and the reminders go on. Raises ClaimRefusedError.
    """
    event = Event(kind=RESTORED, at=now, actor=by.id, details={"by": by.email, "consent": kind, "press": press})

    def decide(stored: StoredLead) -> Progress:
        progress = stored.progress
        _refuse_twice(progress, press)
        if kind not in may_give_back(progress, by, manages=manages, recorded_by=recorded_by):
            raise ClaimRefusedError(Refusal.NOT_POSSIBLE)
        if kind == CONTACT:
            progress = _with_contact(stored, rules, now, by, press)
        return replace(
            progress,
            withdrawn=progress.withdrawn - {kind},
            kept_until=_kept_until(progress, now),
            links_used=_with_press(progress, press),
            event=event,
        )

    return decide


def _with_contact(stored: StoredLead, rules: Rules, now: datetime, by: Person, press: str) -> Progress:
    """Return the progress after the person may be contacted again. An earlier wish for no contact stays."""
    progress, case = stored.progress, rules.case(stored)
    recorded_at = progress.withdrawn_at if CONTACT in progress.withdrawn else progress.no_contact_since
    withdrawn = progress.withdrawn - {CONTACT}
    if progress.no_contact_since != recorded_at:
        return replace(progress, withdrawn=withdrawn)
    if progress.action is ClaimAction.NOT_WANTED and progress.acted_at == recorded_at:
        action, address = ClaimAction.REOPEN, by.address_for(rules.team)
        progress = after_claim(progress, case, action, by=by.id, link=press, now=now, address=address)
    progress = replace(progress, withdrawn=withdrawn, not_wanted_at=None)
    # Nothing was due while the person wanted no contact. In these states, something else decides what is next.
    return progress if progress.state in _NOT_PLANNED else planned(progress, case, now)


def _without_contact(stored: StoredLead, rules: Rules, now: datetime, by: Person, press: str) -> Progress:
    """Return the progress after the person asked for no contact. In quarantine, nobody contacts them anyway."""
    progress, case = stored.progress, rules.case(stored)
    since = progress.no_contact_since or now
    if progress.response is ResponseState.CLOSED or progress.in_quarantine:
        return replace(progress, not_wanted_at=since)
    action, address = ClaimAction.NOT_WANTED, by.address_for(rules.team)
    if refusal := refusal_of(progress, case, action, by=by.id, link=press):
        raise ClaimRefusedError(refusal)
    return after_claim(progress, case, action, by=by.id, link=press, now=now, address=address)


def _kept_until(progress: Progress, now: datetime) -> datetime | None:
    return later_end(progress, now) if progress.response is ResponseState.CLOSED else progress.kept_until


def _refuse_twice(progress: Progress, press: str) -> None:
    if press in progress.links_used:
        raise ClaimRefusedError(Refusal.USED)


def _with_press(progress: Progress, press: str) -> frozenset[str]:
    # It must always be possible to withdraw, so it does not use up the actions of a lead.
    return progress.links_used | {press} if progress.presses < MOST_ACTIONS else progress.links_used
