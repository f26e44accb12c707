"""Withdrawn consents: what the timeline says about them, and how one withdrawal reaches all requests of a person."""

from collections.abc import Iterable, Mapping
from typing import Final

from desk.desk import Desk
from shared.leads.consent import RESTORED, WITHDRAWN, may_withdraw
from shared.leads.decisions import Decide
from shared.leads.progress import StoredLead
from shared.leads.response import ClaimRefusedError, Refusal
from shared.store.leads import BusyLeadError
from shared.store.timeline import Entry

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
        if entry.kind == WITHDRAWN and kind in wanted:
            found[kind] = entry
            wanted.discard(kind)
        if not wanted:
            break
    return found


def others_to_withdraw(kind: str, others: Iterable[StoredLead]) -> tuple[StoredLead, ...]:
    """Return the person's other requests in which they can withdraw the same consent."""
    return tuple(each for each in others if kind in may_withdraw(each.lead))


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


def said_of(entries: Iterable[Entry]) -> str:
    """Return the consent that the newest entry withdrew or gave back, or ""."""
    newest = next(iter(entries), None)
    return newest.details.get("consent", "") if newest and newest.kind in {WITHDRAWN, RESTORED} else ""


def _press(desk: Desk, kind: str, stored: StoredLead) -> str | None:
    entry = withdrawals(desk, stored).get(kind)
    return entry.details.get("press") if entry else None
