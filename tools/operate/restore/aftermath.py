"""What the audit says about the time after the copy. A restore does not touch the audit, so it knows what was lost."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from desk.words.actions import Act
from desk.words.audit import action
from shared.leads.audit_chain import Entry
from shared.store.audit import Audit
from tools.operate.restore.since import NOTHING, Deed, Since, consents_in, of_audit, together_with
from tools.operate.restore.when import utc

# What protects a person or a request. It comes first, because a restore may have undone it.
PROTECTS: Final = ("erase", *(act.replace("-", "_") for act in (Act.HOLD, Act.WITHDRAW, Act.NOT_WANTED)))
_CHANGES: Final = frozenset({"erase", *(act.replace("-", "_") for act in Act)})
_PAGE: Final = 250


@dataclass(frozen=True, slots=True, kw_only=True)
class Aftermath:
    """What the audit says about the time since the copy.

    `changes` has the entries about each lead that somebody changed, oldest first. `seen` has all leads of entries.
    """

    changes: Mapping[str, Sequence[Entry]] = field(default_factory=dict)
    consents: Mapping[tuple[str, datetime], str] = field(default_factory=dict)
    seen: frozenset[str] = frozenset()

    def of(self, lead_id: str, timeline: Since = NOTHING) -> Since:
        """Return what happened to a lead, with what is left of its timeline."""
        return together_with(self._deeds(lead_id), timeline)

    def protected(self) -> Mapping[str, Since]:
        """Return what happened to each lead that has to be protected, by its id."""
        found = {lead_id: self.of(lead_id) for lead_id in sorted(self.changes)}
        return {lead_id: since for lead_id, since in found.items() if since.protects}

    def lines(self, lead_ids: Collection[str]) -> Mapping[str, Sequence[str]]:
        """Return lines for a reader about some leads, by id: the most important leads first, each line oldest first."""
        wanted = [lead_id for lead_id in self.changes if lead_id in lead_ids]
        order = sorted(wanted, key=lambda lead_id: (not _protects(self.changes[lead_id]), lead_id))
        return {lead_id: [*map(_line, self.changes[lead_id])] for lead_id in order}

    def _deeds(self, lead_id: str) -> Sequence[Deed]:
        return of_audit(self.changes.get(lead_id, ()), self.consents)


def aftermath(audit: Audit, since: datetime) -> Aftermath:
    """Return what the audit says about the time since the copy. Raises AuditError."""
    changes: defaultdict[str, list[Entry]] = defaultdict(list)
    seen: set[str] = set()
    entries = [*_entries(audit, since)]
    for entry in reversed(entries):
        seen.update(entry.lead_ids)
        if entry.action in _CHANGES:
            for lead_id in entry.lead_ids:
                changes[lead_id].append(entry)
    return Aftermath(changes=changes, consents=consents_in(entries), seen=frozenset(seen))


def _entries(audit: Audit, since: datetime) -> Iterator[Entry]:
    before: int | None = None
    while True:
        page = audit.page(since=since, before=before, size=_PAGE)
        yield from page.entries
        before = page.next
        if before is None:
            return


def _protects(entries: Sequence[Entry]) -> bool:
    return any(entry.action in PROTECTS for entry in entries)


def _line(entry: Entry) -> str:
    return f"{utc(entry.at)} {action(entry.action)} by {entry.email or entry.actor}"
