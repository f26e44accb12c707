"""shared.leads.agenda: leads are spread over the partitions of their lane, and each is always in the same one."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.leads.agenda import SHARDS, Lane, lane_of, partition_of, partitions, shard
from shared.leads.identity import Signs
from shared.leads.progress import Progress, StoredLead
from shared.store.intake import new_lead_item
from shared.store.progress_item import progress_attributes
from tests.unit.people import IDS, NOW, a_lead


@given(st.from_regex(r"[0-9A-HJKMNP-TV-Z]{26}", fullmatch=True))
def test_every_lead_has_one_partition(lead: str) -> None:
    assert shard(lead) in SHARDS
    assert shard(lead) == shard(lead)


def test_no_partition_gets_much_more_than_its_share() -> None:
    number = 4_000
    hits = Counter(shard(IDS.lead_id(f"made-up-submission-{one}", "", NOW, Signs())) for one in range(number))
    assert set(hits) == set(SHARDS)
    assert max(hits.values()) < 1.5 * number / len(SHARDS)


def test_the_lanes_have_partitions_of_their_own() -> None:
    everything = [each for lane in Lane for each in partitions(lane)]
    assert len(set(everything)) == len(Lane) * len(SHARDS)
    assert partitions(Lane.ORDINARY) == SHARDS, "the names that leads had before there were lanes"


@pytest.mark.parametrize(
    ("answers", "lane"),
    [
        ({}, Lane.ORDINARY),
        ({"in_crisis": True}, Lane.URGENT),
        ({"message": "I want to end my life"}, Lane.URGENT),
        ({"call_me": "tired, I can't go on"}, Lane.URGENT),
    ],
)
def test_a_lead_is_in_its_lane_from_the_start_and_later(answers: dict[str, object], lane: Lane) -> None:
    for number in range(8):
        lead = a_lead(number, **answers)
        later = progress_attributes(StoredLead(lead=lead, progress=Progress(due_at=NOW)))
        assert lane_of(lead) is lane
        assert new_lead_item(lead)["agenda_shard"]["S"] == later["agenda_shard"] == partition_of(lead)
        assert partition_of(lead) in partitions(lane)
        assert progress_attributes(StoredLead(lead=lead, progress=Progress()))["agenda_shard"] is None
