"""What happened to a lead after the time of the copy, as the audit and what is left of its timeline say. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from shared.leads.audit_chain import Entry
from shared.leads.clinic import Retention
from shared.leads.consent import RESTORED, WITHDRAWN
from shared.leads.event import SYSTEM
from shared.leads.lead import CONSENT_KINDS, CONTACT
from shared.leads.progress import StoredLead
from shared.leads.response import CLOSES, ClaimAction, Outcome, ResponseState
from shared.leads.retention import GRACE, expires_at
from shared.store.timeline import ENTRIES
from tools.operate.restore.protection import NONE, Protection, hold, merged, no_contact
from tools.operate.restore.values import moment_in, text_in
from tools.operate.restore.when import utc

if TYPE_CHECKING:
    from shared.store.keys import Item

# The entry in the timeline of a lead that came back. It is at the time of the copy, where the timeline has its gap.
RESTORED_ENTRY: Final = "restored"
_WITHDRAW, _HOLD, _OUTCOME, _ERASE, _QUARANTINED = "withdraw", "hold", "outcome", "erase", "quarantined"
# Kinds of entries in a timeline -> the actions at the desk that write them. Other entries count by their kind.
_ACTIONS: Final = {
    WITHDRAWN: _WITHDRAW,
    RESTORED: "restore",
    "held": _HOLD,
    "outcome_changed": _OUTCOME,
    "claimed": ClaimAction.CLAIM,
    "handed_back": ClaimAction.HAND_BACK,
    "handed_over": ClaimAction.HAND_OVER,
    "follow_up_set": ClaimAction.FOLLOW_UP,
    "reopened": ClaimAction.REOPEN,
    "released": "release",
}
_CLOSING: Final = {**{str(action): action for action in CLOSES}, _QUARANTINED: ClaimAction.SPAM}
_OPENING: Final = frozenset({*ClaimAction} - {*CLOSES} | {"release", "restore"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """Something that was done about a lead. `consent` is the kind that was withdrawn, if that is known."""

    at: datetime
    action: str
    consent: str | None = None
    outcome: Outcome | None = None
    by_staff: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Since:
    """What is known about one lead, oldest first. `left` has lines about its timeline, for a reader."""

    deeds: Sequence[Deed] = ()
    left: Sequence[str] = ()

    @property
    def protection(self) -> Protection:
        """What has to protect the lead when it comes back. A later undo does not count: it may have been refused."""
        return merged([_protection(each) for each in reversed(self.deeds)])

    @property
    def protects(self) -> bool:
        """Whether the lead has to come back with a protection."""
        return self.protection != NONE

    @property
    def last_work(self) -> datetime | None:
        """When staff last worked on the lead."""
        return max((each.at for each in self.deeds if each.by_staff and each.action != _ERASE), default=None)

    def end_of(self, stored: StoredLead, retention: Retention) -> datetime | None:
        """Return when a lead ended that was closed or quarantined after the copy. None if it was not, or goes on."""
        last = next((each for each in reversed(self.deeds) if _decides(each, stored)), None)
        if last is None or last.action in _OPENING or stored.progress.held:
            return None
        closed = replace(
            stored.progress,
            response=ResponseState.CLOSED,
            action=_CLOSING.get(last.action, ClaimAction.NOT_WANTED if last.action == _WITHDRAW else None),
            outcome=last.outcome,
            closed_at=last.at,
            kept_until=self._kept_until(stored),
        )
        if last.action == _OUTCOME and last.outcome is None:
            return last.at + timedelta(days=max(days_of(retention)))
        return expires_at(replace(stored, progress=closed), retention)

    def _kept_until(self, stored: StoredLead) -> datetime | None:
        after_work = self.last_work + GRACE if self.last_work else None
        return max(filter(None, (stored.progress.kept_until, after_work)), default=None)


NOTHING: Final = Since()


def days_of(retention: Retention) -> Sequence[int]:
    """Return how many days requests are kept, for each outcome."""
    return [getattr(retention, field.name) for field in fields(retention)]


def of_audit(entries: Iterable[Entry], consents: Mapping[tuple[str, datetime], str]) -> Sequence[Deed]:
    """Return what entries of the audit say about one lead. `consents` has what `consents_in` found in all entries."""
    return [Deed(at=each.at, action=each.action, consent=consents.get((each.actor, each.at))) for each in entries]


def consents_in(entries: Iterable[Entry]) -> Mapping[tuple[str, datetime], str]:
    """Return which consent somebody withdrew, by the person and the time.

    A form that counts for several requests has two entries. Only the first one names the consent.
    """
    return {
        (each.actor, each.at): consent
        for each in entries
        if each.action == _WITHDRAW and (consent := each.details.get("consent")) in CONSENT_KINDS
    }


def of_timeline(items: "Iterable[Item]", since: datetime) -> Since:
    """Return what the entries of a timeline say about the time since the copy. One that cannot be read is left out."""
    deeds: list[Deed] = []
    left: list[str] = []
    for item in items:
        at, kind = moment_in({"at": {"S": _time_in(item)}}, "at"), text_in(item, "kind")
        if at is None or kind is None or at < since or kind == RESTORED_ENTRY:
            continue
        said = text_in(item, "outcome") or ""
        action = (text_in(item, "reason") or kind) if kind == "closed" else _ACTIONS.get(kind, kind)
        by_staff = (actor := text_in(item, "actor")) != SYSTEM
        consent, outcome = text_in(item, "consent"), Outcome(said) if said in {*Outcome} else None
        deeds.append(
            Deed(
                at=at,
                action=action,
                consent=consent if consent in CONSENT_KINDS else None,
                outcome=outcome,
                by_staff=by_staff,
            )
        )
        if by_staff:
            left.append(f"{utc(at)} {action.replace('_', ' ')} by {text_in(item, 'by') or actor}")
    return Since(deeds=deeds, left=left)


def together_with(audit: Sequence[Deed], timeline: Since) -> Since:
    """Return what both sources say. At the same time, the timeline has the last word: it knows more."""
    return replace(timeline, deeds=sorted([*audit, *timeline.deeds], key=lambda deed: deed.at))


def _protection(deed: Deed) -> Protection:
    match deed.action:
        case ClaimAction.NOT_WANTED:
            return no_contact(deed.at)
        case "withdraw":
            found = no_contact(deed.at)
            kind = deed.consent or CONTACT
            return found if kind == CONTACT else replace(found, withdrawn=frozenset({kind}), not_wanted_at=None)
        case "hold":
            return hold(deed.at)
    return NONE


def _decides(deed: Deed, stored: StoredLead) -> bool:
    """Whether a deed decides if the lead is closed."""
    if deed.action == _WITHDRAW:  # it closes an open lead
        return deed.consent in {None, CONTACT} and stored.progress.response is not ResponseState.CLOSED
    return deed.action in _CLOSING or deed.action in _OPENING or deed.action == _OUTCOME


def _time_in(item: "Item") -> str:
    return str(item["sk"]["S"]).removeprefix(ENTRIES).partition("#")[0]
