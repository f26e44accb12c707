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
from tools.operate.restore.when import utc

# What protects a person or a request. It comes first, because a restore may have undone it.
PROTECTS: Final = ("erase", *(act.replace("-", "_") for act in (Act.HOLD, Act.WITHDRAW, Act.NOT_WANTED)))
_CHANGES: Final = frozenset({"erase", *(act.replace("-", "_") for act in Act)})
_PAGE: Final = 250


@dataclass(frozen=True, slots=True, kw_only=True)
class Aftermath:
    """What was done after the copy about leads that came back, and which other leads somebody saw then.

    `done` has lines for a reader by the lead's id, the most important leads first, each line oldest first.
    """

    done: Mapping[str, Sequence[str]] = field(default_factory=dict)
    seen: frozenset[str] = frozenset()


def aftermath(audit: Audit, returned: Collection[str], since: datetime) -> Aftermath:
    """Return what the audit says about the time since the copy. Raises AuditError."""
    done: defaultdict[str, list[Entry]] = defaultdict(list)
    seen: set[str] = set()
    for entry in _entries(audit, since):
        seen.update(entry.lead_ids)
        if entry.action in _CHANGES:
            for lead_id in entry.lead_ids:
                if lead_id in returned:
                    done[lead_id].insert(0, entry)
    order = sorted(done, key=lambda lead_id: (not _protects(done[lead_id]), lead_id))
    return Aftermath(done={each: tuple(map(_line, done[each])) for each in order}, seen=frozenset(seen))


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
