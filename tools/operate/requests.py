"""The requests of somebody who leaves: they go back to everyone, because nobody else would be reminded of them."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from shared.leads.desk_list import DeskList
from shared.store.desk_index import DeskIndex

_CLAIMED: Final = (DeskList.URGENT_CLAIMED, DeskList.CLAIMED)
_PAGE: Final = 250
_PROGRESS_EVERY: Final = 25

type Run = Callable[[dict[str, Any]], dict[str, Any]]


def hand_back(index: DeskIndex, run: Run, address: str, say: Callable[[str], object]) -> str:
    """Hand back every request that a person without alerts claimed, and return what was done. Safe to repeat.

    `run` invokes `follow_up` with a job. Raises its errors, and botocore's.
    """
    lead_ids = list(_owned(index, address))  # first, because a request that is handed back leaves the list
    done = 0
    for looked_at, lead_id in enumerate(lead_ids, 1):
        done += bool(run({"job": "hand_back", "lead_id": lead_id, "address": address})["handed_back"])
        if looked_at % _PROGRESS_EVERY == 0 or looked_at == len(lead_ids):
            say(f"{looked_at} of {len(lead_ids)} requests looked at, {done} handed back")
    if not lead_ids:
        return f"No request has {address} as its owner by an account alone."
    changed = f" The other {len(lead_ids) - done} changed meanwhile." if done < len(lead_ids) else ""
    return f"Handed back {done} requests of {address}: everyone is asked to claim them.{changed}"


def _owned(index: DeskIndex, address: str) -> Iterator[str]:
    after: str | None = None
    while True:
        page = index.page(_CLAIMED, after=after, size=_PAGE)
        yield from (row.lead_id for row in page.rows if (row.owner_address or "").lower() == address)
        after = page.next
        if after is None:
            return
