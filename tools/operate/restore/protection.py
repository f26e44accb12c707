"""What protects a person or a request: withdrawn consents, the wish for no contact, a legal hold. Pure.

An attribute that cannot be read counts as what it stands for: too much protection can be undone at the desk.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from shared.leads.event import OPERATOR
from shared.leads.lead import CONSENT_KINDS, CONTACT
from shared.leads.response import ClaimAction
from shared.store.keys import timestamp
from shared.store.progress_item import ATTRIBUTES
from tools.operate.restore.values import moment_in, text_in

if TYPE_CHECKING:
    from shared.store.keys import Item

HOLD_REASON: Final = "Held by a restore of the table. The reason is not known anymore: ask your colleagues."
_NEVER: Final = datetime.min.replace(tzinfo=UTC)
_WITHDRAWN: Final = ATTRIBUTES["withdrawn"]
_NOT_WANTED: Final = ATTRIBUTES["not_wanted_at"]
_HELD: Final = ATTRIBUTES["held_at"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Protection:
    """The protection of one lead. `unreadable` is whether some of it stands in for what cannot be read."""

    withdrawn: frozenset[str] = frozenset()
    withdrawn_at: datetime | None = None
    withdrawn_by: str | None = None
    not_wanted_at: datetime | None = None
    held_at: datetime | None = None
    held_by: str | None = None
    hold_reason: str | None = None
    unreadable: bool = False


NONE: Final = Protection()


def no_contact(at: datetime) -> Protection:
    """Return a withdrawn consent to contact. A manager can undo it, and the reminders go on."""
    return Protection(withdrawn=frozenset({CONTACT}), withdrawn_at=at, withdrawn_by=OPERATOR, not_wanted_at=at)


def hold(at: datetime) -> Protection:
    """Return a legal hold whose reason is not known."""
    return Protection(held_at=at, held_by=OPERATOR, hold_reason=HOLD_REASON)


def merged(protections: Sequence[Protection]) -> Protection:
    """Return all of several protections. The last withdrawal is named. Of the rest, the first counts."""
    withdrawals = [each for each in protections if each.withdrawn]
    last = max(withdrawals, key=lambda each: each.withdrawn_at or _NEVER, default=NONE)
    held = next((each for each in protections if each.held_at), NONE)
    return Protection(
        withdrawn=frozenset[str]().union(*(each.withdrawn for each in withdrawals)),
        withdrawn_at=last.withdrawn_at,
        withdrawn_by=last.withdrawn_by,
        not_wanted_at=next((each.not_wanted_at for each in protections if each.not_wanted_at), None),
        held_at=held.held_at,
        held_by=held.held_by,
        hold_reason=held.hold_reason,
        unreadable=any(each.unreadable for each in protections),
    )


def protection_in(item: "Item", now: datetime) -> Protection:
    """Return what protects the lead in an item, with something sound in place of what cannot be read."""
    kinds, readable = _kinds(item)
    not_wanted_at, held_at = _not_wanted_at(item), moment_in(item, _HELD)
    found = Protection(
        withdrawn=kinds,
        withdrawn_at=moment_in(item, ATTRIBUTES["withdrawn_at"]),
        withdrawn_by=text_in(item, ATTRIBUTES["withdrawn_by"]),
        not_wanted_at=not_wanted_at,
        held_at=held_at,
        held_by=text_in(item, ATTRIBUTES["held_by"]) if held_at else None,
        hold_reason=text_in(item, ATTRIBUTES["hold_reason"]) if held_at else None,
    )
    instead = []
    if not readable or (_NOT_WANTED in item and not not_wanted_at):
        instead.append(no_contact(now))
    if _HELD in item and not held_at:
        instead.append(hold(now))
    return replace(merged([found, *instead]), unreadable=bool(instead))


def added(own: Protection, other: Protection) -> dict[str, object]:
    """Return the attributes of a lead for all of `other` that it lacks. It has `own` already.

    If some of its own cannot be read, all of it is written again.
    """
    has, both, found = NONE if own.unreadable else own, merged([own, other]), dict[str, Any]()
    if both.withdrawn - has.withdrawn:
        found[_WITHDRAWN] = set(both.withdrawn)
        found[ATTRIBUTES["withdrawn_at"]] = both.withdrawn_at and timestamp(both.withdrawn_at)
        found[ATTRIBUTES["withdrawn_by"]] = both.withdrawn_by
    if both.not_wanted_at and not has.not_wanted_at:
        found[_NOT_WANTED] = timestamp(both.not_wanted_at)
    if both.held_at and not has.held_at:
        found[_HELD] = timestamp(both.held_at)
        found[ATTRIBUTES["held_by"]] = both.held_by
        found[ATTRIBUTES["hold_reason"]] = both.hold_reason
    return found


def _kinds(item: "Item") -> tuple[frozenset[str], bool]:
    """Return the kinds of consents that were withdrawn, and whether that is all that the item says."""
    match item.get(_WITHDRAWN, {"SS": ()}):
        case {"SS": said}:
            kinds = {*said}
        case {"L": values}:
            kinds = {text_in({"": each}, "") or "" for each in values}
        case {"S": said}:
            kinds = {said}
        case _:
            return frozenset(), False
    return frozenset(kinds & CONSENT_KINDS), kinds <= CONSENT_KINDS


def _not_wanted_at(item: "Item") -> datetime | None:
    """Return since when the person wants no contact. Versions before 0.7.0 only stored the action."""
    if found := moment_in(item, _NOT_WANTED):
        return found
    asked = text_in(item, ATTRIBUTES["action"]) == ClaimAction.NOT_WANTED
    return moment_in(item, ATTRIBUTES["acted_at"]) if asked else None
