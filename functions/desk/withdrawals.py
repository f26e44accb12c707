"""Withdrawn consents: what the timeline says about them, and how one withdrawal reaches other requests."""

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from desk.alike import may_end_together
from desk.choices import Choice, choices
from desk.desk import Desk
from desk.route import Visit
from shared.leads.consent import RESTORED, WITHDRAWN, may_withdraw
from shared.leads.decisions import Decide
from shared.leads.lead import Lead
from shared.leads.progress import StoredLead
from shared.leads.response import ClaimRefusedError, Refusal
from shared.store.leads import BusyLeadError
from shared.store.timeline import Entry

# How the names of the form's checkboxes begin.
ALSO: Final = "also"
# The same form was sent before, or somebody was faster.
_DONE_BEFORE: Final = frozenset({Refusal.USED, Refusal.NOT_POSSIBLE})


class NotOnAllError(Exception):
    """Some of a person's other requests could not be changed. The request in the path was left as it was."""


def withdrawals(desk: Desk, stored: StoredLead) -> Mapping[str, Entry]:
    """Return the newest entry about the withdrawal of each consent that is withdrawn now, by the kind of consent."""
    wanted, found = set(stored.progress.withdrawn), dict[str, Entry]()
    if not wanted:
        return found
    for entry in desk.timeline.entries(stored.lead.id):
        kind = entry.details.get("consent", "")
        if entry.kind in {WITHDRAWN, RESTORED} and kind in wanted:
            wanted.discard(kind)
            # After an undo, an earlier entry is about another withdrawal: this one did not get into the timeline.
            if entry.kind == WITHDRAWN:
                found[kind] = entry
        if not wanted:
            break
    return found


def recorded_by(found: Mapping[str, Entry]) -> Mapping[str, str]:
    """Return who recorded each of some withdrawals, by the kind of consent."""
    return {kind: entry.actor for kind, entry in found.items()}


def others_to_withdraw(kind: str, chosen: Collection[str], others: Iterable[StoredLead]) -> tuple[StoredLead, ...]:
    """Return the other requests that somebody chose, and in which the person can withdraw the same consent."""
    return tuple(each for each in others if each.lead.id in chosen and kind in may_withdraw(each.lead))


def to_choose(desk: Desk, visit: Visit, own: Lead, others: Iterable[StoredLead]) -> tuple[Choice, ...]:
    """Return the checkboxes of the other requests, for the form on a request's page.

    Anybody can send a request with somebody else's number, so only those that look like one person's are checked.
    """
    return tuple(
        choices(desk, visit, ALSO, own=own, requests=others, is_proposed=lambda each: may_end_together(own, each))
    )


def others_to_restore(
    desk: Desk, kind: str, stored: StoredLead, others: Iterable[StoredLead]
) -> tuple[StoredLead, ...]:
    """Return the person's other requests in which the same form withdrew the same consent.

    The timeline knows the form. A withdrawal that came another time stays.
    """
    press = _press(desk, kind, stored)
    return tuple(
        each for each in others if press and kind in each.progress.withdrawn and _press(desk, kind, each) == press
    )


def change_all(desk: Desk, lead_id: str, others: Iterable[StoredLead], decide: Decide) -> bool:
    """Change the person's other requests, and then the one in the path. Return whether that exists.

    It comes last, so its page offers the form until the others have the change too. Raises NotOnAllError, and what the
    decision raises for the request in the path.
    """
    for other in others:
        try:
            desk.leads.change(other.lead.id, decide)
        except BusyLeadError:
            raise NotOnAllError from None
        except ClaimRefusedError as error:
            if error.refusal not in _DONE_BEFORE:
                raise NotOnAllError from None
    return desk.leads.change(lead_id, decide) is not None


def counts(desk: Desk, entry: Entry, requests: Iterable[StoredLead]) -> int:
    """Return in how many requests the form of an entry withdrew a consent, or gave back one that counts again."""
    return sum(_is_so(entry, each) and _changed_by(desk, entry, each) for each in requests)


def _is_so(entry: Entry, stored: StoredLead) -> bool:
    """Whether a request is as the entry says. A consent that the person never gave does not count again."""
    kind, lead = entry.details.get("consent", ""), stored.lead
    if entry.kind == WITHDRAWN:
        return kind in stored.progress.withdrawn
    return kind not in lead.withdrawn and any(each.kind == kind for each in lead.consents)


def _changed_by(desk: Desk, entry: Entry, stored: StoredLead) -> bool:
    """Whether the newest change of a consent in a request came from the same form as an entry."""
    kind = entry.details.get("consent")
    for each in desk.timeline.entries(stored.lead.id):
        if each.kind in {WITHDRAWN, RESTORED} and each.details.get("consent") == kind:
            return (each.kind, each.details.get("press")) == (entry.kind, entry.details.get("press"))
    return False


def _press(desk: Desk, kind: str, stored: StoredLead) -> str | None:
    entry = withdrawals(desk, stored).get(kind)
    return entry.details.get("press") if entry else None
