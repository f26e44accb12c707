"""The agenda: which partition of its index a lead belongs to."""

from enum import StrEnum
from typing import Final

from shared.leads.lead import Lead, Priority

# A partition handles about 1,000 writes per second (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/
# bp-partition-key-design.html). Four partitions spread a burst, and a sweep needs only four queries for each lane.
SHARDS: Final = ("0", "1", "2", "3")


class Lane(StrEnum):
    """A part of the agenda that a sweep reads separately, so urgent leads never wait behind ordinary ones."""

    URGENT = "urgent"
    ORDINARY = "ordinary"
    # Leads that wait for a summary (leads/budget.py). No sweep emails one of them alone.
    URGENT_SUMMARY = "urgent_summary"
    SUMMARY = "summary"
    # Leads about which the webhook has something to tell or will have to ring: items beside them. No sweep reads these.
    WEBHOOK = "webhook"
    WEBHOOK_RINGS = "webhook_rings"


def shard(lead_id: str) -> str:
    """Return the shard of a lead. Ids are uniformly distributed, so the last character decides."""
    return SHARDS[ord(lead_id[-1]) % len(SHARDS)]


def lane_of(lead: Lead, *, in_summary: bool = False) -> Lane:
    """Return the lane of a lead. `in_summary` is whether it waits for a summary."""
    if lead.priority is Priority.NORMAL:
        return Lane.SUMMARY if in_summary else Lane.ORDINARY
    return Lane.URGENT_SUMMARY if in_summary else Lane.URGENT


def partition_of(lead: Lead, *, in_summary: bool = False) -> str:
    """Return the agenda partition of a lead. `in_summary` is whether it waits for a summary."""
    return partition(lane_of(lead, in_summary=in_summary), shard(lead.id))


def partitions(lane: Lane) -> tuple[str, ...]:
    """Return all partitions of a lane."""
    return tuple(partition(lane, each) for each in SHARDS)


def partition(lane: Lane, own_shard: str) -> str:
    """Return the partition of a lane's shard."""
    # The ordinary lane has the names that every lead had before there were lanes.
    return own_shard if lane is Lane.ORDINARY else f"{lane}-{own_shard}"
