"""The agenda: which of the table's index partitions a lead with something due belongs to."""

# One partition takes about 1,000 writes a second (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/
# bp-partition-key-design.html). Four spread a burst and still cost a sweep only four queries.
SHARDS = ("0", "1", "2", "3")


def shard(lead_id: str) -> str:
    """Return the agenda partition of a lead. Ids are uniformly distributed, so their last symbol decides."""
    return SHARDS[ord(lead_id[-1]) % len(SHARDS)]
