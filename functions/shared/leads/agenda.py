"""The agenda: which partition of its index a lead belongs to."""

# A partition handles about 1,000 writes per second (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/
# bp-partition-key-design.html). Four partitions spread a burst, and a sweep needs only four queries.
SHARDS = ("0", "1", "2", "3")


def summary_partition(shard: str, *, urgent: bool) -> str:
    """Return the agenda partition of a lead that waits for a summary. `shard` is one of SHARDS."""
    return f"{'urgent_summary' if urgent else 'summary'}-{shard}"


def shard(lead_id: str) -> str:
    """Return the agenda partition of a lead. Ids are uniformly distributed, so the last character decides."""
    return SHARDS[ord(lead_id[-1]) % len(SHARDS)]
