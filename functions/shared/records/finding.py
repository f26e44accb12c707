"""Finds the requests of one person, also those that are closed or in quarantine."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import inf
from typing import TYPE_CHECKING, Final

from shared.leads.clinic import Clinic
from shared.leads.identity import LEAD_ID
from shared.leads.progress import StoredLead
from shared.leads.spoken_reference import possible_reference
from shared.records.export import Export
from shared.records.gathering import Sources, gather
from shared.runtime import files
from shared.runtime.telemetry import logger, sanitized
from shared.store.audit import Audit
from shared.store.leads import UNREADABLE, Leads
from shared.store.people import People, digests
from shared.store.timeline import Timeline

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_ID: Final = re.compile(LEAD_ID, re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Records:
    """What is stored about people. All methods raise botocore's errors, KeysUnavailableError and AuditError.

    `people_key` returns the key of the digests that link a person's requests. `by_reference` returns the ids of the
    leads with a reference.
    """

    client: "DynamoDBClient"
    table_name: str
    leads: Leads
    people: People
    timeline: Timeline
    audit: Audit
    people_key: Callable[[], bytes]
    by_reference: Callable[[str], tuple[str, ...]]
    clinic: Clinic = field(default_factory=files.clinic)

    def find(self, text: str, unread: set[str] | None = None) -> tuple[StoredLead, ...]:
        """Return all requests of the person that a reference, an id, a number or an address names, newest first.

        That includes the requests that share an address or a number with one that it names. Two people who share a
        number are found together, so somebody must look at what was found. The ids of those that this version cannot
        read are added to the set `unread`, if there is one.
        """
        named = self._read(self._ids(text), unread)
        return self._read((linked for each in named for linked in (each.lead.id, *self._linked(each))), unread)

    def of_person(self, lead_id: str) -> tuple[StoredLead, ...]:
        """Return a request and those that share an address or a number with it, newest first.

        Return none if the request does not exist.
        """
        own = self._read((lead_id,))
        return self._read((lead_id, *self._linked(own[0]))) if own else ()

    def export(self, lead_ids: Sequence[str], now: datetime, seconds: float = inf) -> Export:
        """Return everything that is stored about these requests. Those that expired or were erased are left out.

        Raises TooLongError if reading the audit takes longer than `seconds`.
        """
        sources = Sources(
            client=self.client,
            table_name=self.table_name,
            audit=self.audit,
            people_key=self.people_key(),
            clinic=self.clinic,
        )
        return Export(gather(sources, lead_ids, now, seconds))

    def _ids(self, text: str) -> tuple[str, ...]:
        text = text.strip()
        if _ID.fullmatch(text.upper()):
            return (text.upper(),)
        reference = possible_reference(text, self.clinic.reference_prefix)
        # Eight digits may be a reference or a part of a number.
        named = self.by_reference(reference) if reference else ()
        return tuple(named) or self.people.by_contact(text, self.people_key())

    def _linked(self, stored: StoredLead) -> tuple[str, ...]:
        return self.people.every(stored.progress.person_keys | digests(stored.lead, self.people_key()))

    def _read(self, lead_ids: Iterable[str], unread: set[str] | None = None) -> tuple[StoredLead, ...]:
        found = [self._one(lead_id, unread) for lead_id in dict.fromkeys(lead_ids)]
        people = (stored for stored in found if stored and not stored.progress.synthetic)
        return tuple(sorted(people, key=lambda stored: (stored.lead.received_at, stored.lead.id), reverse=True))

    def _one(self, lead_id: str, unread: set[str] | None) -> StoredLead | None:
        try:
            return self.leads.read(lead_id)
        except UNREADABLE as error:
            if unread is None:
                raise
            unread.add(lead_id)
            logger.error("lead not read", extra={"lead_id": lead_id, "error": str(sanitized(error))})
            return None
