"""Which items of a copy come back into the table, and as what. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from erase.lead_items import is_held, is_scrubbed
from erase.tombstones import LEFT
from shared.leads.clinic import Retention
from shared.leads.retention import GRACE, expires_at
from shared.store.keys import attributes, epoch_seconds, timestamp
from shared.store.lead_item import lead_attributes
from shared.store.leads import ERASED_AT
from shared.store.progress_item import ATTRIBUTES, progress_attributes
from tools.operate.restore.kinds import Kind, ends_with_its_lead, kind_of, owner_of
from tools.operate.restore.protection import Protection, added, merged, protection_in
from tools.operate.restore.since import NOTHING, Since
from tools.operate.restore.values import end_of, has_bad_end, lead_in, moment_in, number_in

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

    from shared.store.keys import Item

# On a lead that came back: the time of the copy that it is from. A restore that goes on recognizes its own work by it.
AS_OF: Final = "restored_as_of"
_ENDS: Final = "expires_at"
_CONFIRMED: Final = ATTRIBUTES["confirmed_at"]
_TOLD: Final = ATTRIBUTES["told_at"]
_VERSION: Final = ATTRIBUTES["version"]
_KEPT_UNTIL: Final = ATTRIBUTES["kept_until"]
_HELD: Final = ATTRIBUTES["held_at"]
# The senders remove it from a lead once they used it.
_USED_ONCE: Final = frozenset({"turnstile_token"})


class Verdict(StrEnum):
    """What happens to an item of the copy, in the words of the report."""

    BACK = "came back"
    REPLACED = "replaced, because you named them"
    THERE = "were there already"
    EXPIRED = "have expired, and stay away"
    ERASED = "of erased requests, and stay away"
    PASSING = "are counters and the like, and stay away"
    DAMAGED = "cannot be read, or are of requests that cannot, and stay away"
    UNKNOWN = "are of a kind that this version does not know, and stay away"


# Verdicts on a lead with which its items do not come back, and what counts if the lead is not in the copy.
_WITHOUT: Final = {
    Kind.BELONGING: frozenset({Verdict.ERASED, Verdict.PASSING, Verdict.EXPIRED, Verdict.DAMAGED}),
    Kind.ROW: frozenset({Verdict.ERASED, Verdict.PASSING}),
}
_ALONE: Final = {Kind.BELONGING: Verdict.PASSING, Kind.ROW: Verdict.THERE}


@dataclass(frozen=True, slots=True)
class Step:
    """What to do about an item of the copy: the verdict, and the item to write, if any.

    It is written where nothing is, except with REPLACED: then in place of the item that the verdict is about.
    `protected` is whether it gets a protection that the copy has not, and `unreadable` whether that stands in for one
    that cannot be read.
    """

    verdict: Verdict
    write: "Item | None" = None
    protected: bool = False
    unreadable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """Decides about items. It needs what is known before the first write.

    `tombstones` has what is left of each erased lead, `canaries` and `named` have ids of leads.
    """

    as_of: datetime
    now: datetime
    tombstones: "Mapping[str, Item]"
    canaries: frozenset[str]
    named: frozenset[str]
    retention: Retention

    def lead(  # noqa: PLR0911 - one for each verdict
        self, item: "Item", there: "Item | None", since: Since = NOTHING
    ) -> Step:
        """Decide about a lead. `there` is the table's item with this key.

        A tombstone counts before all else. It comes back too, so that the same request sent again stays erased.
        """
        lead_id = owner_of(item)
        if lead_id in self.canaries:
            return Step(Verdict.PASSING)
        if lead_id in self.tombstones or ERASED_AT in item:
            left = {name: value for name, value in item.items() if name in LEFT}
            return Step(Verdict.ERASED, None if there else left | dict(self.tombstones.get(lead_id, {})))
        is_named = lead_id in self.named
        if there is None:
            if not is_named and self._has_ended(item, since):
                return Step(Verdict.EXPIRED)
            return self._brought(Verdict.BACK, item, since.protection, since)
        if ERASED_AT in there:
            return Step(Verdict.ERASED)
        is_ours = self.is_ours(there)  # an earlier run of the same restore was here
        is_worse = lead_in(item) is None and lead_in(there) is not None
        if is_named and not is_worse and (not is_ours or is_damaged(item, there)):
            return self._in_place_of(there, item, since)
        if is_ours:
            return Step(Verdict.REPLACED if is_named else Verdict.BACK)
        # It may have had an earlier end as of the copy, before somebody reopened it.
        return Step(Verdict.EXPIRED if self._has_expired(there) else Verdict.THERE)

    def is_ours(self, there: "Item") -> bool:
        """Whether a lead in the table came back from this copy."""
        return there.get(AS_OF) == {"S": timestamp(self.as_of)}

    def other(  # noqa: PLR0911 - one for each verdict
        self, item: "Item", there: "Item | None", leads: Mapping[str, Verdict]
    ) -> Step:
        """Decide about an item that is no lead, once all leads were. `leads` has the verdicts on them, by id."""
        kind = kind_of(item)
        if kind is Kind.UNKNOWN:
            return Step(Verdict.UNKNOWN)
        if kind is Kind.PASSING:
            return Step(Verdict.PASSING)
        of_lead = leads.get(owner_of(item), _ALONE[kind]) if kind in _ALONE else Verdict.THERE
        if of_lead in _WITHOUT.get(kind, ()):
            return Step(of_lead)
        # `make backfill` gives what ends with its lead the same end, right after this.
        if self._has_expired(item) and not ends_with_its_lead(item):
            return Step(Verdict.EXPIRED)
        if there is None:
            return Step(Verdict.BACK, item)
        if of_lead is Verdict.REPLACED and _content(item) != _content(there):
            return Step(Verdict.REPLACED, item)
        return Step(Verdict.THERE)

    def _in_place_of(self, there: "Item", item: "Item", since: Since) -> Step:
        """Return a named lead as it comes back: as it was, with what protects the person or the request today.

        Its version grows, so that the write of a sender that read the lead before fails.
        """
        today = protection_in(there, self.now)
        if lead_in(there) is None:  # what is not in the damaged item may have been there
            today = merged([today, since.protection])
        version = max(number_in(there, _VERSION) or 0, number_in(item, _VERSION) or 0) + 1
        return self._brought(Verdict.REPLACED, dict(item) | attributes({_VERSION: version}), today, since)

    def _brought(self, verdict: Verdict, item: "Item", other: Protection, since: Since) -> Step:
        """Return a lead as it comes back: as it was, with more protection, and no visitor gets a confirmation twice.

        Nobody knows whether one went out after the copy, so a lead whose first alert is still to come counts as
        confirmed. A lead whose time is over stays for some days, so that somebody can look at it.
        """
        own = protection_in(item, self.now)
        protection = added(own, other)
        changes: dict[str, object] = {AS_OF: timestamp(self.as_of), **protection}
        if _TOLD not in item and _CONFIRMED not in item:
            changes[_CONFIRMED] = timestamp(self.as_of)
        is_over = self._has_ended(item, since) or self._has_expired(item)
        if is_over:
            changes[_KEPT_UNTIL] = timestamp(max(self.now + GRACE, self._end_since(item, since) or self.now))
        back = dict(item) | attributes(changes)
        if protection or is_over:
            back = self._with_all_that_follows(back)
        if has_bad_end(back):
            back.pop(_ENDS)  # `make backfill` gives it the right one
        return Step(verdict, back, protected=bool(protection), unreadable=own.unreadable or other.unreadable)

    def _with_all_that_follows(self, item: "Item") -> "dict[str, AttributeValueTypeDef]":
        """Return a lead with its end, and its places in the lists, as they follow from its progress."""
        stored, back = lead_in(item), dict(item)
        back.pop(_ENDS, None)
        if stored is None:  # it is brought back as it is, for somebody to look at
            until = moment_in(item, _KEPT_UNTIL)
            return back if _HELD in item or until is None else back | attributes({_ENDS: epoch_seconds(until)})
        ends = expires_at(stored, self.retention)
        written = {**progress_attributes(stored), _ENDS: epoch_seconds(ends) if ends else None}
        return {name: value for name, value in back.items() if name not in written} | attributes(written)

    def _has_ended(self, item: "Item", since: Since) -> bool:
        """Whether the time of a missing lead is over: as of the copy, or because it was closed after that."""
        if since.protection.held_at or _HELD in item:
            return False
        if ended := self._end_since(item, since):
            return ended <= self.now
        return self._has_expired(item) and since.last_work is None

    def _end_since(self, item: "Item", since: Since) -> datetime | None:
        stored = lead_in(item)
        return since.end_of(stored, self.retention) if stored else None

    def _has_expired(self, item: "Item") -> bool:
        ends = end_of(item)
        return ends is not None and ends <= self.now


def tombstone_for(there: "Item", tombstone: "Item") -> "Item | None":
    """Return the tombstone to write in place of what the table has of an erased lead, or None if that is right.

    A lead under legal hold is left alone, as the erasure would do.
    """
    if is_scrubbed(there) or is_held(there):
        return None
    return dict(tombstone) | attributes({_VERSION: (number_in(there, _VERSION) or 0) + 1})


def is_damaged(item: "Item", there: "Item") -> bool:
    """Whether a lead in the table cannot be read, or has not what its visitor sent. That never changes."""
    copied = lead_in(item)
    if ERASED_AT in item or ERASED_AT in there or copied is None:
        return False
    sent = lead_attributes(copied.lead).keys() - _USED_ONCE
    return lead_in(there) is None or any(item.get(name) != there.get(name) for name in sent)


def _content(item: "Item") -> "dict[str, AttributeValueTypeDef]":
    return {name: value for name, value in item.items() if name != _ENDS}
