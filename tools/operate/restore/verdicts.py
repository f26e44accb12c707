"""Which items of a copy come back into the table, and as what. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from erase.tombstones import LEFT
from shared.leads.lead import CONSENT_KINDS
from shared.store.keys import attributes, epoch_seconds, timestamp
from shared.store.lead_item import lead_attributes, lead_of
from shared.store.leads import ERASED_AT
from shared.store.progress_item import ATTRIBUTES, progress_attributes, stored_lead
from tools.operate.restore.kinds import Kind, ends_with_its_lead, kind_of, owner_of

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

    from shared.store.keys import Item

# On a lead that came back: the time of the copy that it is from. A restore that goes on recognizes its own work by it.
AS_OF: Final = "restored_as_of"
_CONFIRMED: Final = ATTRIBUTES["confirmed_at"]
_TOLD: Final = ATTRIBUTES["told_at"]
_VERSION: Final = ATTRIBUTES["version"]
_WITHDRAWN: Final = ATTRIBUTES["withdrawn"]
_WITHDRAWAL: Final = (ATTRIBUTES["withdrawn_at"], ATTRIBUTES["withdrawn_by"])
_NOT_WANTED: Final = ATTRIBUTES["not_wanted_at"]
_HELD: Final = ATTRIBUTES["held_at"]
_HOLD: Final = (_HELD, ATTRIBUTES["held_by"], ATTRIBUTES["hold_reason"])
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
    UNKNOWN = "are of a kind that this version does not know, and stay away"


# About an item of a lead that is not in the copy.
_ALONE: Final = {Kind.BELONGING: Verdict.PASSING, Kind.ROW: Verdict.THERE}


@dataclass(frozen=True, slots=True)
class Step:
    """What to do about an item of the copy: the verdict, and the item to write, if any.

    It is written where nothing is, except with REPLACED: then in place of the item that the verdict is about.
    """

    verdict: Verdict
    write: "Item | None" = None


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

    def lead(  # noqa: PLR0911 - one for each verdict
        self, item: "Item", there: "Item | None"
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
        if there is None:
            return Step(Verdict.EXPIRED) if self._has_expired(item) else Step(Verdict.BACK, self._back(item))
        if ERASED_AT in there:
            return Step(Verdict.ERASED)
        if there.get(AS_OF) == {"S": timestamp(self.as_of)}:  # an earlier run of the same restore was here
            return Step(Verdict.REPLACED if lead_id in self.named else Verdict.BACK)
        if lead_id in self.named and not self._has_expired(item):
            return Step(Verdict.REPLACED, self._in_place_of(there, item))
        # It may have had an earlier end as of the copy, before somebody reopened it.
        return Step(Verdict.EXPIRED if self._has_expired(there) else Verdict.THERE)

    def other(  # noqa: PLR0911 - one for each verdict
        self, item: "Item", there: "Item | None", leads: Mapping[str, Verdict]
    ) -> Step:
        """Decide about an item that is no lead, once all leads were. `leads` has the verdicts on them, by id."""
        kind = kind_of(item)
        if kind is Kind.UNKNOWN:
            return Step(Verdict.UNKNOWN)
        if kind is Kind.PASSING:
            return Step(Verdict.PASSING)
        of_lead = leads.get(owner_of(item), _ALONE[kind]) if kind in {Kind.BELONGING, Kind.ROW} else Verdict.THERE
        if of_lead in {Verdict.ERASED, Verdict.PASSING} or (of_lead is Verdict.EXPIRED and kind is Kind.BELONGING):
            return Step(of_lead)
        # `make backfill` gives what ends with its lead the same end, right after this.
        if self._has_expired(item) and not ends_with_its_lead(item):
            return Step(Verdict.EXPIRED)
        if there is None:
            return Step(Verdict.BACK, item)
        if of_lead is Verdict.REPLACED and _content(item) != _content(there):
            return Step(Verdict.REPLACED, item)
        return Step(Verdict.THERE)

    def _back(self, item: "Item") -> "Item":
        """Return a missing lead as it comes back: as it was, and no visitor gets a confirmation twice.

        Nobody knows whether one went out after the copy, so a lead whose first alert is still to come counts as
        confirmed.
        """
        marks: dict[str, object] = {AS_OF: timestamp(self.as_of)}
        if _TOLD not in item and _CONFIRMED not in item:
            marks[_CONFIRMED] = timestamp(self.as_of)
        return dict(item) | attributes(marks)

    def _in_place_of(self, there: "Item", item: "Item") -> "Item":
        """Return a named lead as it comes back: as it was, with what protects the person or the request today.

        Its version grows, so that the write of a sender that read the lead before fails.
        """
        version = max(_number(there), _number(item)) + 1
        back = dict(self._back(item)) | attributes({_VERSION: version})
        if not (protection := _protection(there, back)):
            return back
        kept = back | protection
        if _HELD in kept:
            kept.pop("expires_at", None)
        try:
            written = progress_attributes(stored_lead(kept))
        except Exception:  # noqa: BLE001 - what protects is damaged too, in any way
            return back
        derived = {name: value for name, value in kept.items() if name not in written}
        return derived | attributes(written)

    def _has_expired(self, item: "Item") -> bool:
        try:
            return int(str(item["expires_at"]["N"])) <= epoch_seconds(self.now)
        except (KeyError, ValueError):  # it has no end, or a damaged one
            return False


def is_damaged(item: "Item", there: "Item") -> bool:
    """Whether a lead in the table cannot be read, or has not what its visitor sent. That never changes."""
    if ERASED_AT in item or ERASED_AT in there or not _is_readable(item):
        return False
    sent = lead_attributes(lead_of(item)).keys() - _USED_ONCE
    return not _is_readable(there) or any(item.get(name) != there.get(name) for name in sent)


def _is_readable(item: "Item") -> bool:
    try:
        stored_lead(item)
    except Exception:  # noqa: BLE001 - damaged in any way
        return False
    return True


def _protection(there: "Item", item: "Item") -> "dict[str, AttributeValueTypeDef]":
    """Return what a lead in the table has of withdrawn consents and a legal hold, and the copy has not."""
    kept: dict[str, AttributeValueTypeDef] = {}
    withdrawn = _kinds(there)
    if withdrawn - _kinds(item):
        kept |= attributes({_WITHDRAWN: withdrawn | _kinds(item)})
        kept |= {name: there[name] for name in _WITHDRAWAL if name in there}
    if _NOT_WANTED in there and _NOT_WANTED not in item:
        kept[_NOT_WANTED] = there[_NOT_WANTED]
    if _HELD in there and _HELD not in item:
        kept |= {name: there[name] for name in _HOLD if name in there}
    return kept


def _kinds(item: "Item") -> set[str]:
    return {*item.get(_WITHDRAWN, {}).get("SS", ())} & CONSENT_KINDS


def _number(item: "Item") -> int:
    try:
        return int(str(item[_VERSION]["N"]))
    except (KeyError, ValueError):
        return 0


def _content(item: "Item") -> "dict[str, AttributeValueTypeDef]":
    return {name: value for name, value in item.items() if name != "expires_at"}
