"""The jobs of operators: find a person, export and erase their requests, and list the erasures.

What they find or change is in the audit, as it is at the desk.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from erase.check import Check
from erase.found import listed
from erase.replay import Replay
from erase.report import report
from shared.leads.erasure import HeldError
from shared.leads.event import OPERATOR
from shared.leads.progress import StoredLead
from shared.records.finding import Records
from shared.store.audit import Audit
from shared.store.erasures import Erasures
from shared.store.leads import Leads


@dataclass(frozen=True, kw_only=True)
class Jobs:
    """Does what a command of an operator asks for."""

    leads: Leads
    records: Records
    erasures: Erasures
    replay: Replay
    check: Check
    audit: Audit
    people_key: Callable[[], bytes]
    now: Callable[[], datetime]

    def do(self, event: Mapping[str, Any], goes_on: Callable[[], bool]) -> dict[str, object] | None:
        """Return the answer to a command, or None if the event is none. Raises the errors of the stores."""
        answer: dict[str, object] | None = None
        match event:
            case {"job": "find", "person": str(person)}:
                answer = self._find(person)
            case {"job": "export", "lead_ids": [*lead_ids]}:
                answer = self._export([str(each) for each in lead_ids])
            case {"job": "order", "lead_ids": [*lead_ids]}:
                answer = self._order([str(each) for each in lead_ids])
            case {"job": "erasures"}:
                answer = {"erasures": [report(each) for each in self.erasures.all()]}
            case {"job": "replay"}:
                answer = self.replay.run()
            case {"job": "check"}:
                answer = self.check.run(goes_on)
        return answer

    def _find(self, person: str) -> dict[str, object]:
        """Return the requests of a person, with the names. Only the terminal of the operator shows that."""
        unread: set[str] = set()
        found = self.records.find(person, unread)
        self._note("search", found)
        return {"requests": listed(found, person), "unread": sorted(unread)}

    def _export(self, lead_ids: Sequence[str]) -> dict[str, object]:
        """Return everything about some requests. An answer of Lambda has at most 6 MB, so a command asks for one."""
        self._note("export", [stored for each in lead_ids if (stored := self.leads.read(each))])
        return {"json": self.records.export(lead_ids, self.now()).as_json()}

    def _order(self, lead_ids: Sequence[str]) -> dict[str, object]:
        """Order the erasure of leads. `refused` are the references of those under hold; then nothing is ordered."""
        found = [stored for each in lead_ids if (stored := self.leads.read(each))]
        unknown = sorted({*lead_ids} - {stored.lead.id for stored in found})
        if not found:
            return {"erasure": None, "refused": [], "unknown": unknown}
        self._note("erase", found)
        try:
            erasure = self.erasures.order(found, self.people_key(), by=OPERATOR, by_email=None)
        except HeldError as error:
            return {"erasure": None, "refused": list(error.references), "unknown": unknown}
        return {"erasure": erasure.id, "refused": [], "unknown": unknown}

    def _note(self, action: str, leads: Sequence[StoredLead]) -> None:
        """Write to the audit, before anything is shown or changed."""
        ids = [stored.lead.id for stored in leads]
        self.audit.write(self.now(), actor=OPERATOR, email="", action=action, lead_ids=ids)
