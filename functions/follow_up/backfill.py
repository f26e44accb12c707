"""The job `backfill`: leads that an older version stored get what this version needs. Safe to repeat.

That is their place at the desk and in the report, their end, and whose request it is. A retention that the clinic
changed applies then.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from shared.leads.agenda import SHARDS
from shared.leads.decisions import fill_in
from shared.leads.progress import Progress, StoredLead
from shared.leads.report_result import row_of
from shared.leads.worklist import ListedLead, Worklist
from shared.runtime.telemetry import logger, sanitized
from shared.store import keys
from shared.store.leads import Leads
from shared.store.people import digests
from shared.store.worklist import WorkIndex

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# A run stops when less time is left: at worst, one lead takes this long (shared/services/configs.py).
_SPARE_SECONDS: Final = 40
_PARTS: Final = tuple((worklist, shard) for worklist in Worklist for shard in SHARDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Backfilled:
    """How a run ended. `next` is where the next one begins, or None if every lead was looked at."""

    looked_at: int
    written: int
    failed: int
    next: str | None = None

    def for_operator(self) -> dict[str, object]:
        """Return what the command reads."""
        return {"looked_at": self.looked_at, "written": self.written, "failed": self.failed, "next": self.next}


class UpToDate:
    """Whether leads in the DynamoDB table have what this version needs."""

    def __init__(self, client: "DynamoDBClient", table_name: str) -> None:
        self._client = client
        self._table = table_name

    def __call__(self, stored: StoredLead, ends: datetime | None, person_keys: frozenset[str]) -> bool:
        """Return whether a lead has its places at the desk and in the report, its end and the digests of its person.

        Raises botocore's errors.
        """
        item = self._client.get_item(
            TableName=self._table,
            Key=keys.key(stored.lead.id),
            ProjectionExpression="desk_list, report_row, expires_at",
            ConsistentRead=True,
        ).get("Item", {})
        known = int(item["expires_at"]["N"]) if "expires_at" in item else None
        same_end = known == (keys.epoch_seconds(ends) if ends else None)
        counted = item.get("report_row", {}).get("S") == row_of(stored)
        return "desk_list" in item and counted and same_end and stored.progress.person_keys == person_keys


@dataclass(frozen=True, kw_only=True)
class Backfill:
    """Looks at each lead on a worklist, which is every lead but the canary's, and writes it where needed."""

    leads: Leads
    index: WorkIndex
    is_up_to_date: Callable[[StoredLead, datetime | None, frozenset[str]], bool]
    key: Callable[[], bytes]  # raises KeysUnavailableError: without it, no lead is looked at

    def run(self, after: object, seconds_left: Callable[[], float]) -> Backfilled:
        """Do what is left after the place `after`, while there is time. Any other value begins at the first lead.

        A lead that moves to another list meanwhile was written by that change. Raises botocore's errors if a list
        cannot be read, and KeysUnavailableError.
        """
        key = self.key()
        looked_at = written = failed = 0
        for place, lead_id in self._from(after):
            if looked_at and seconds_left() < _SPARE_SECONDS:
                return Backfilled(looked_at=looked_at, written=written, failed=failed, next=place)
            looked_at += 1
            try:
                written += self._write(lead_id, key)
            except Exception as error:  # noqa: BLE001 - one failure must not stop the other leads
                failed += 1
                logger.error("lead not backfilled", extra={"lead_id": lead_id, "error": str(sanitized(error))})
        return Backfilled(looked_at=looked_at, written=written, failed=failed)

    def _write(self, lead_id: str, key: bytes) -> bool:
        """Return whether the lead was written. Its timeline and person items always are: a run may have failed."""
        stored = self.leads.read(lead_id)
        if stored is None:
            return False
        ends, person_keys = self.leads.end_of(stored), digests(stored.lead, key)
        old = not self.is_up_to_date(stored, ends, person_keys)
        settled = self.leads.settle(lead_id, fill_in(person_keys) if old else _as_it_is)
        return old and settled is not None

    def _from(self, after: object) -> Iterator[tuple[str, str]]:
        """Yield the place and the id of each lead from a place on."""
        first, since = _parts_of(after)
        for number, (worklist, shard) in enumerate(_PARTS[first:], start=first):
            for lead in self.index.part(worklist, shard, since if number == first else None):
                yield _place(number, lead), lead.lead_id


def _as_it_is(stored: StoredLead) -> Progress:
    return stored.progress


def _place(number: int, lead: ListedLead) -> str:
    return f"{number}/{keys.timestamp(lead.received_at)}"


def _parts_of(after: object) -> tuple[int, datetime | None]:
    """Return the number of the partition in a place, and the time."""
    number, _, since = str(after or "0/").partition("/")
    return int(number), keys.moment(since) if since else None
