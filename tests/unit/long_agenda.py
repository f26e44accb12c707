"""An agenda with any number of due leads, and a sender that counts what a sweep read before it sent."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import batched
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from shared.leads.agenda import Lane, partitions
from shared.leads.event import Result
from shared.store.keys import DIGEST, key, timestamp
from shared.store.leads import Leads
from tests.unit.people import NOW

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class Agenda:
    """The agenda's index: `due` has the seconds for which each lead has been due, by partition. It counts what is read.

    `broken` partitions cannot be read.
    """

    def __init__(self, due: dict[str, list[tuple[str, float]]], broken: frozenset[str] = frozenset()) -> None:
        self.due = due
        self.broken = broken
        self.read = 0

    def leads(self) -> Leads:
        client = SimpleNamespace(get_paginator=lambda _: SimpleNamespace(paginate=self._pages))
        return Leads(cast("DynamoDBClient", client), "made-up-table")

    def _pages(self, **asked: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - as boto3 takes them
        partition = asked["ExpressionAttributeValues"][":partition"]["S"]
        if partition in self.broken:
            raise OSError
        for page in batched(
            sorted(self.due[partition], key=lambda each: -each[1]), asked["PaginationConfig"]["PageSize"], strict=False
        ):
            self.read += len(page)
            yield {"Items": [self._item(*each) for each in page]}

    @staticmethod
    def _item(lead_id: str, seconds: float) -> dict[str, Any]:
        at = {"S": timestamp(NOW - timedelta(seconds=seconds))}
        pk = {"S": DIGEST} if lead_id == DIGEST else key(lead_id)["pk"]
        return {"pk": pk, "agenda_at": at, "overdue_since": at}


class CountingSender:
    """Records what it is told to send, and when: after how many entries of the agenda were read."""

    def __init__(self, agenda: Agenda, fate: dict[str, Result | Exception] | None = None) -> None:
        self.leads = agenda.leads()
        self.sent: list[str] = []
        self.read: list[int] = []
        self._agenda = agenda
        self._fate = fate or {}

    def now(self) -> datetime:
        return NOW

    def send(self, lead_id: str) -> Result:
        self.read.append(self._agenda.read)
        self.sent.append(lead_id)
        fate = self._fate.get(lead_id, Result.ACCEPTED)
        if isinstance(fate, Exception):
            raise fate
        return fate


def many(number: int, lane: Lane = Lane.ORDINARY) -> dict[str, list[tuple[str, float]]]:
    """Return this many due leads of a lane, spread over its partitions."""
    return {
        part: [(f"{lane}-{one}", float(one)) for one in range(number) if one % 4 == place]
        for place, part in enumerate(partitions(lane))
    }
