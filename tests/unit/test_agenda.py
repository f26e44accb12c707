"""shared.leads.agenda: leads are spread over all partitions, and each is always in the same one."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from shared.leads.agenda import SHARDS, shard
from shared.leads.identity import Signs
from tests.unit.people import IDS, NOW


@given(st.from_regex(r"[0-9A-HJKMNP-TV-Z]{26}", fullmatch=True))
def test_every_lead_has_one_partition(lead: str) -> None:
    assert shard(lead) in SHARDS
    assert shard(lead) == shard(lead)


def test_no_partition_gets_much_more_than_its_share() -> None:
    number = 4_000
    hits = Counter(shard(IDS.lead_id(f"made-up-submission-{one}", "", NOW, Signs())) for one in range(number))
    assert set(hits) == set(SHARDS)
    assert max(hits.values()) < 1.5 * number / len(SHARDS)
