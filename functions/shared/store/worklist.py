"""The worklist index of the table: a sparse index of leads by list and time received."""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Final

from shared.leads.agenda import SHARDS
from shared.leads.response import ResponseState
from shared.leads.worklist import OF_URGENT_LEADS, ListedLead, Listing, Worklist
from shared.store import keys

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

WORKLIST_INDEX: Final = "worklist"

# Maximum leads that a glance or a count reads from each partition of a list, in one query. Their size in the index is
# far below the 1 MB limit of a query, so a flood of spam does not make a digest more expensive.
MOST_AT_A_GLANCE: Final = 1000


class WorkIndex:
    """The lists, read from the index. Recent writes may be missing, because an index is eventually consistent."""

    def __init__(self, client: "DynamoDBClient", table_name: str) -> None:
        self._client = client
        self._table = table_name

    def listed(self, worklist: Worklist) -> Iterator[ListedLead]:
        """Yield all leads of a list, in no particular order. Raises botocore's errors."""
        pages = self._client.get_paginator("query")
        for shard in SHARDS:
            for page in pages.paginate(
                TableName=self._table,
                IndexName=WORKLIST_INDEX,
                KeyConditionExpression="worklist = :list",
                ExpressionAttributeValues=keys.attributes({":list": f"{worklist}#{shard}"}),
            ):
                yield from map(listed_lead, page["Items"])

    def part(self, worklist: Worklist, shard: str, since: datetime | None = None) -> Iterator[ListedLead]:
        """Yield the leads of one partition of a list received at `since` or later, oldest first.

        Reads a page when needed. Raises botocore's errors.
        """
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            IndexName=WORKLIST_INDEX,
            KeyConditionExpression="worklist = :list AND received_at >= :since",
            ExpressionAttributeValues=keys.attributes(
                {":list": f"{worklist}#{shard}", ":since": keys.timestamp(since) if since else "0"}
            ),
        )
        return (listed_lead(item) for page in pages for item in page["Items"])

    def count(self, worklist: Worklist) -> int:
        """Return the number of leads on a list, at most `MOST_AT_A_GLANCE` per partition. Raises botocore's errors."""
        return sum(
            self._client.query(
                TableName=self._table,
                IndexName=WORKLIST_INDEX,
                KeyConditionExpression="worklist = :list",
                ExpressionAttributeValues=keys.attributes({":list": f"{worklist}#{shard}"}),
                Select="COUNT",
                Limit=MOST_AT_A_GLANCE,
            )["Count"]
            for shard in SHARDS
        )

    def glance(self, worklist: Worklist, *, since: datetime | None = None, newest_first: bool = False) -> Listing:
        """Return the leads on a list received at `since` or later, oldest first unless `newest_first`.

        If the list is too long, the last ones in this order are missing. Raises botocore's errors.
        """
        leads: list[ListedLead] = []
        complete = True
        for shard in SHARDS:
            response = self._client.query(
                TableName=self._table,
                IndexName=WORKLIST_INDEX,
                KeyConditionExpression="worklist = :list AND received_at >= :since",
                ExpressionAttributeValues=keys.attributes(
                    {":list": f"{worklist}#{shard}", ":since": keys.timestamp(since) if since else "0"}
                ),
                ScanIndexForward=not newest_first,
                Limit=MOST_AT_A_GLANCE,
            )
            leads += map(listed_lead, response["Items"])
            complete &= not response.get("LastEvaluatedKey")
        return Listing(
            leads=tuple(sorted(leads, key=lambda lead: lead.received_at, reverse=newest_first)), complete=complete
        )


def listed_lead(item: "keys.Item") -> ListedLead:
    """Return the lead in an item of the index."""
    return ListedLead(
        lead_id=keys.lead_id_of(item),
        reference=str(item["reference"]["S"]),
        received_at=keys.moment(str(item["received_at"]["S"])),
        response=ResponseState(str(item["response"]["S"])) if "response" in item else ResponseState.OPEN,
        claimed_by=str(item["claimed_by"]["S"]) if "claimed_by" in item else None,
        claimed_at=keys.moment_in(item, "claimed_at"),
        told_at=keys.moment_in(item, "told_at"),
        urgent=str(item["worklist"]["S"]).partition("#")[0] in OF_URGENT_LEADS,
    )
