"""The index of the report: the rows of the requests of a month, read as fast as possible.

A month can have 100,000 requests, and somebody waits for the page. So the client gives the pages as JSON, without the
SDK's conversion of each attribute (shared/services/clients.py). One page is in memory at a time.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from shared.leads.agenda import SHARDS
from shared.leads.month import Month
from shared.leads.report import Dated
from shared.leads.report_facts import moment, unpacked
from shared.services.clients import RAW
from shared.store import keys
from shared.store.report_item import REPORT, month_key

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from mypy_boto3_dynamodb import DynamoDBClient

REPORT_INDEX: Final = "report"
_LEAD: Final = "LEAD#"


class Listed(NamedTuple):
    """A request in a month, by its place: the time when it came in, and its id."""

    received_at: str
    lead_id: str


@dataclass(frozen=True, slots=True)
class ReportIndex:
    """The index in the DynamoDB table. All methods raise botocore's errors. Tests replace the clock, `now`.

    `client` is called only when the index is read, because most processes never read it.
    Recent writes may be missing, because an index is eventually consistent. Each request counts once: as long as it is
    stored, by the row in its own item, and after that by the row that was kept.
    """

    client: Callable[[], "DynamoDBClient"]
    table_name: str
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def rows(self, month: Month, zone: "ZoneInfo", stored: list[Listed] | None = None) -> Iterator[Dated | None]:
        """Yield the rows of a month's requests, in no particular order, and None for each that cannot be read.

        Those that are still stored are added to the list `stored`.
        """
        kept, living = dict[str, Dated](), set[str]()
        now = keys.epoch_seconds(self.now())
        for item in self._items(month, zone, "pk, sk, received_at, report_row, expires_at"):
            try:
                # DynamoDB deletes an expired item within days. A request that ended counts by its kept row.
                if "expires_at" in item and int(item["expires_at"]["N"]) <= now:
                    continue
                pk, row = item["pk"]["S"], _dated(item)
            except (KeyError, ValueError):
                yield None
                continue
            if row.kept:
                kept[pk] = row
            else:
                living.add(pk)
                if stored is not None:
                    stored.append(Listed(item["received_at"]["S"], pk.removeprefix(_LEAD)))
                yield row
        for pk, row in kept.items():
            if pk not in living:
                yield row

    def listed(self, month: Month, zone: "ZoneInfo") -> list[Listed]:
        """Return the requests of a month that are stored, the oldest first."""
        items = self._items(month, zone, "pk, sk, received_at")
        return sorted(
            Listed(item["received_at"]["S"], item["pk"]["S"].removeprefix(_LEAD))
            for item in items
            if item["sk"]["S"] == keys.LEAD_SORT_KEY
        )

    def _items(self, month: Month, zone: "ZoneInfo", attributes: str) -> Iterator[Mapping[str, Any]]:
        """Yield the entries of a month. It begins at the clinic's midnight, and the partitions' months at UTC's."""
        begins, ends = month.starts(zone), month.ends(zone)
        months = sorted({f"{moment:%Y-%m}" for moment in (begins, ends)} | {str(month)})
        for part in (month_key(each, shard) for each in months for shard in SHARDS):
            for page in self._pages(part, begins, ends, attributes):
                yield from page

    def _pages(self, part: str, begins: datetime, ends: datetime, names: str) -> Iterator[list[Mapping[str, Any]]]:
        more: dict[str, Any] = {}
        while True:
            answer: Any = self.client().query(
                TableName=self.table_name,
                IndexName=REPORT_INDEX,
                # Nothing came in at the end of the month to the millisecond and is counted: see `report`.
                KeyConditionExpression="report_month = :month AND received_at BETWEEN :begins AND :ends",
                ProjectionExpression=names,
                ExpressionAttributeValues=keys.attributes(
                    {":month": part, ":begins": keys.timestamp(begins), ":ends": keys.timestamp(ends)}
                ),
                **more,
            )
            page = answer.get(RAW, answer)
            yield page["Items"]
            if "LastEvaluatedKey" not in page:
                return
            more = {"ExclusiveStartKey": page["LastEvaluatedKey"]}


def _dated(item: Mapping[str, Any]) -> Dated:
    """Return the row of an item. Raises KeyError or ValueError if it cannot be read."""
    facts = unpacked(item["report_row"]["S"])
    _ = facts.first_claimed
    return Dated(moment(item["received_at"]["S"]), facts, item["sk"]["S"] == REPORT)
