"""The copy: a new table that DynamoDB fills with what the table had at a time. It is deleted at the end."""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from tools.operate.restore.when import utc
from tools.operate.stack import OperateError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TableDescriptionTypeDef

    from shared.store.keys import Item

_TIME: Final = re.compile(r"[0-9]{8}T[0-9]{6}Z")
_GONE: Final = 'If it was deleted, read "What a rehearsal here cannot show" in docs/operations/restore.md.'
POLL_SECONDS: Final = 15
_SAY_EVERY: Final = 4  # polls
_OFF: Final = (
    "Point-in-time recovery of the table {table} is off, so there is nothing to restore from. Turn it on again in the"
    " DynamoDB console, for the future."
)


def name_of_copy(stack: str, at: datetime) -> str:
    """Return the name of the copy. The same restore has the same one, so it goes on where an earlier run ended."""
    return f"{stack}-restore-{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


class CopyGoneError(OperateError):
    """The copy is gone, or will be in a moment."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a table is."""

    account: str
    region: str


class Copy:
    """The copy of one table as of one time. All methods raise OperateError and botocore's errors."""

    def __init__(
        self,
        client: "DynamoDBClient",
        table: str,
        name: str,
        at: datetime,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._client = client
        self._table = table
        self._at = at
        self._sleep = sleep
        self.name = name

    def place(self) -> Place:
        """Return where the table is, and its copy will be. Raises OperateError if there is no such table."""
        if (found := self._described(self._table)) is None:
            raise OperateError(f"There is no table {self._table} in this region. {_GONE}")
        _, _, _, region, account, _ = found["TableArn"].split(":", 5)
        return Place(account, region)

    def how_to_delete(self) -> str:
        """Return the command that deletes the copy."""
        return f"aws dynamodb delete-table --table-name {self.name} --region {self._client.meta.region_name}"

    def left_over(self) -> list[str]:
        """Return the names of the copies of other times that earlier restores of this stack left behind."""
        prefix = f"{self.name.rpartition('-')[0]}-"
        found: list[str] = []
        after: str | None = prefix
        while after:  # boto3's paginator cannot begin at a name
            page = self._client.list_tables(ExclusiveStartTableName=after)
            ours = [each for each in page["TableNames"] if each.startswith(prefix)]
            found += [each for each in ours if _TIME.fullmatch(each.removeprefix(prefix)) and each != self.name]
            after = page.get("LastEvaluatedTableName") if ours else None  # the names are in order
        return found

    def exists(self) -> bool:
        """Return whether the copy is there, finished or not. A table with its name that is no copy is an error."""
        found = self._described(self.name)
        if found is None:
            return False
        source = found.get("RestoreSummary", {}).get("SourceTableArn")
        if source and source.rpartition("/")[2] != self._table:
            raise OperateError(f"The table {self.name} is a copy of another table. Delete it, and run this again.")
        return True

    def check_window(self) -> None:
        """Raise OperateError if the table cannot be restored to the time."""
        answer = self._client.describe_continuous_backups(TableName=self._table)
        recovery = answer["ContinuousBackupsDescription"].get("PointInTimeRecoveryDescription", {})
        if recovery.get("PointInTimeRecoveryStatus") != "ENABLED":
            raise OperateError(_OFF.format(table=self._table))
        earliest, latest = recovery.get("EarliestRestorableDateTime"), recovery.get("LatestRestorableDateTime")
        if not (earliest and latest):
            raise OperateError("DynamoDB does not say yet which times it can restore. Try again in five minutes.")
        if not earliest <= self._at <= latest:
            raise OperateError(
                f"The table can be restored to a time from {utc(earliest)} to {utc(latest)}. TIME is {utc(self._at)}."
            )

    def begin(self) -> None:
        """Ask DynamoDB for the copy.

        It has no indexes, which makes it faster and cheaper, and the key that encrypts the table.
        """
        more: dict[str, Any] = {}
        source = self._described(self._table)
        if key := (source or {}).get("SSEDescription", {}).get("KMSMasterKeyArn"):
            more["SSESpecificationOverride"] = {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key}
        self._client.restore_table_to_point_in_time(
            SourceTableName=self._table,
            TargetTableName=self.name,
            RestoreDateTime=self._at,
            BillingModeOverride="PAY_PER_REQUEST",
            GlobalSecondaryIndexOverride=[],
            **more,
        )

    def wait(self, say: Callable[[str], object]) -> None:
        """Wait until the copy is finished. That takes at least some minutes, and hours for a very large table."""
        polls = 0
        while True:
            found = self._described(self.name)
            status = (found or {}).get("TableStatus")
            if status == "ACTIVE":
                return
            if status != "CREATING":
                raise CopyGoneError(f"The copy {self.name} is {status or 'gone'}. Run this again in a few minutes.")
            if polls % _SAY_EVERY == 0:
                say(f"DynamoDB makes the copy: {polls * POLL_SECONDS // 60} minutes so far")
            polls += 1
            self._sleep(POLL_SECONDS)

    def items(self) -> "Iterator[Item]":
        """Yield all items of the copy. Reads more when needed."""
        pages = self._client.get_paginator("scan").paginate(TableName=self.name, ConsistentRead=True)
        return (item for page in pages for item in page["Items"])

    def delete(self) -> None:
        """Delete the copy."""
        self._client.delete_table(TableName=self.name)

    def _described(self, name: str) -> "TableDescriptionTypeDef | None":
        try:
            return self._client.describe_table(TableName=name)["Table"]
        except self._client.exceptions.ResourceNotFoundException:
            return None
