"""Intake: the one write that a visitor waits for. The first try needs no SDK. The SDK makes any further tries."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from shared.leads.agenda import Lane, partition, shard
from shared.leads.lead import Lead, Priority
from shared.leads.report_row import CANARY_NAME, new_row
from shared.runtime.telemetry import logger, metrics
from shared.store.first_try import FirstTry, FirstTryError
from shared.store.keys import SCHEMA, attributes, key, timestamp
from shared.store.lead_item import lead_attributes

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

# The stream has this much time to start an alert. After that, the sweep may start it. This is longer than a cold start,
# and no longer than the time between two sweeps.
STREAM_GRACE: Final = timedelta(seconds=60)


class StorageError(Exception):
    """The table did not confirm a lead.

    `nothing_stored` is False if an answer was lost: the lead may or may not be stored. Either way it is safe to send
    the same request again.
    """

    def __init__(self, *, nothing_stored: bool) -> None:
        super().__init__()
        self.nothing_stored = nothing_stored


class Stored(Enum):
    """What happened when a lead was put into the table."""

    NEW = auto()
    REPEAT = auto()  # the same request was already stored
    CONFLICT = auto()  # another request has the same id; nothing was changed
    ERASED = auto()  # a request with the same id was erased, and stays erased; nothing was changed


class Put(NamedTuple):
    """What happened to a lead, and its reference: that of the stored one, which may have the clinic's old letters."""

    stored: Stored
    reference: str


class _Table(Protocol):
    def put(self, lead: Lead) -> Put:
        """Store a lead with the SDK; see store/intake_sdk.py."""


class Intake:
    """Puts leads into the table.

    Without `first_try`, the SDK makes every put. `sdk` is called only when the SDK is needed, so a cold start does not
    load it.
    """

    def __init__(self, first_try: FirstTry | None, sdk: Callable[[], _Table]) -> None:
        self._first_try = first_try
        self._sdk = sdk

    def put(self, lead: Lead) -> Put:
        """Store a lead unless its id is in use. Raises StorageError."""
        if self._first_try is None:
            return self._sdk().put(lead)
        try:
            found = self._first_try.put(new_lead_item(lead))
        except FirstTryError as failure:
            metrics.add_metric("FirstTriesFailed", "Count", 1)
            logger.warning(
                "first try failed",
                extra={"lead_id": lead.id, "reason": failure.reason, "maybe_written": failure.maybe_written},
            )
            return self._put_again(lead, maybe_written=failure.maybe_written)
        return Put(Stored.NEW, lead.reference) if found is None else stored_as(found, lead)

    def _put_again(self, lead: Lead, *, maybe_written: bool) -> Put:
        try:
            return self._sdk().put(lead)
        except StorageError as error:
            raise StorageError(nothing_stored=error.nothing_stored and not maybe_written) from None


def stored_as(found: Mapping[str, Any], lead: Lead) -> Put:
    """Return what `found`, the item that has the lead's key, means for the lead.

    ERASED comes before all else, because nothing may be stored under the id of an erased lead. Otherwise it is REPEAT
    if the item holds the same request, and CONFLICT if not.
    """
    if "erased_at" in found:
        return Put(Stored.ERASED, lead.reference)
    if found.get("fingerprint", {}).get("S") != lead.fingerprint:
        return Put(Stored.CONFLICT, lead.reference)
    return Put(Stored.REPEAT, found.get("reference", {}).get("S", lead.reference))


def new_lead_item(lead: Lead) -> dict[str, "AttributeValueTypeDef"]:
    """Return the item of a new lead. The sweep alerts staff if the stream has not done so within a minute.

    Its state is spelled out here because `submit` does not include the state machine. A test compares it with
    `Progress()`.
    """
    due_at = timestamp(lead.received_at + STREAM_GRACE)
    own, own_shard = lead_attributes(lead), shard(lead.id)
    priority = lead.priority  # searches the visitor's text, so it is asked once
    # A request that looks like the canary's is not counted until its first lease tells whether it is.
    row = None if lead.name == CANARY_NAME else new_row(lead, urgent=priority is not Priority.NORMAL)
    lane, at_desk = (Lane.ORDINARY, "open") if priority is Priority.NORMAL else (Lane.URGENT, "urgent")
    return (
        key(lead.id)
        | attributes(
            {
                "schema": SCHEMA,
                **own,
                "alert_state": "pending",
                "alert_notice": "alert",
                "response": "open",
                "agenda_shard": partition(lane, own_shard),
                "agenda_at": due_at,
                "overdue_since": due_at,
                "worklist": f"open#{own_shard}",
                "priority": priority,
                "desk_list": f"{at_desk}#{own_shard}",
                "desk_at": f"{own['received_at']}#{lead.id}",  # as keys.desk_at
                "report_month": row and f"{str(own['received_at'])[:7]}#{own_shard}",  # as report_item.month_key
                "report_row": row,
            }
        )
    )
