"""shared.store.worklist: which queries a glance costs, and what the index tells of a lead."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import boto3
import yaml
from botocore.stub import Stubber

from shared.leads.alert import Progress
from shared.leads.response import ResponseState
from shared.leads.worklist import Worklist
from shared.store.intake import new_lead_item
from shared.store.keys import attributes
from shared.store.progress_item import progress_attributes
from shared.store.worklist import MOST_AT_A_GLANCE, WORKLIST_INDEX, WorkIndex, listed_lead
from tests.unit.digests import PROJECTED
from tests.unit.people import NOW, a_lead


def claimed_by[R](answers: list[dict[str, Any]], run: Callable[[WorkIndex], R]) -> tuple[R, list[dict[str, Any]]]:
    """Return what comes of `answers` to the queries in turn, and the queries."""
    asked: list[dict[str, Any]] = []
    client: Any = boto3.client("dynamodb")
    client.meta.events.register("provide-client-params.dynamodb.Query", lambda params, **_: asked.append(dict(params)))
    with Stubber(client) as stubber:
        for answer in answers:
            stubber.add_response("query", answer)
        result = run(WorkIndex(client, "made-up-table"))
        stubber.assert_no_pending_responses()
    return result, asked


def in_the_index(number: int, progress: Progress | None = None, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any attribute of a lead
    """Return what the index holds of a lead."""
    lead = a_lead(number, **changes)
    item = new_lead_item(lead)
    if progress:
        item |= attributes(progress_attributes(lead.id, progress))
    return {name: item[name] for name in ("pk", "sk", "worklist", "received_at", *PROJECTED) if name in item}


def test_a_glance_is_one_bounded_query_per_partition_and_the_whole_is_in_order() -> None:
    minutes = [timedelta(minutes=number) for number in range(4)]
    one, two, three = (in_the_index(number, received_at=NOW - minutes[number]) for number in (1, 2, 3))
    for newest_first in (False, True):
        pages: list[dict[str, Any]] = [{"Items": [one]}, {"Items": []}, {"Items": [three, two]}, {"Items": []}]
        glance = partial(WorkIndex.glance, worklist=Worklist.QUARANTINED, since=NOW, newest_first=newest_first)
        listing, asked = claimed_by(pages, glance)
        assert [lead.received_at for lead in listing.leads] == sorted(
            (NOW - minutes[number] for number in (1, 2, 3)), reverse=newest_first
        )
        assert listing.complete
        assert asked == [
            {
                "TableName": "made-up-table",
                "IndexName": WORKLIST_INDEX,
                "KeyConditionExpression": "worklist = :list AND received_at >= :since",
                "ExpressionAttributeValues": {
                    ":list": {"S": f"quarantined#{shard}"},
                    ":since": {"S": "2026-03-04T15:30:00.000Z"},
                },
                "ScanIndexForward": not newest_first,
                "Limit": MOST_AT_A_GLANCE,
            }
            for shard in "0123"
        ]


def test_a_list_that_is_too_long_says_that_there_is_more() -> None:
    cut = {"Items": [in_the_index(1)], "LastEvaluatedKey": {"pk": {"S": "LEAD#x"}}}
    listing, asked = claimed_by([{"Items": []}, cut, {"Items": []}, {"Items": []}], lambda i: i.glance(Worklist.OPEN))
    assert not listing.complete
    assert asked[0]["ExpressionAttributeValues"][":since"]["S"] < "1970"


def test_a_count_is_one_bounded_query_per_partition_that_brings_no_items() -> None:
    answers: list[dict[str, Any]] = [{"Count": 2}, {"Count": 0}, {"Count": 1, "LastEvaluatedKey": {}}, {"Count": 0}]
    found, asked = claimed_by(answers, lambda index: index.count(Worklist.UNDELIVERABLE))
    assert found == 3
    assert asked == [
        {
            "TableName": "made-up-table",
            "IndexName": WORKLIST_INDEX,
            "KeyConditionExpression": "worklist = :list",
            "ExpressionAttributeValues": {":list": {"S": f"undeliverable#{shard}"}},
            "Select": "COUNT",
            "Limit": MOST_AT_A_GLANCE,
        }
        for shard in "0123"
    ]


def test_an_operators_list_has_all_of_them() -> None:
    cut = {"Items": [in_the_index(1)], "LastEvaluatedKey": {"pk": {"S": "LEAD#x"}}}
    rest: list[dict[str, Any]] = [{"Items": [in_the_index(2)]}, {"Items": []}, {"Items": []}, {"Items": []}]
    found, asked = claimed_by([cut, *rest], lambda index: list(index.listed(Worklist.UNDELIVERABLE)))
    assert [lead.lead_id for lead in found] == [a_lead(1).id, a_lead(2).id]
    assert asked[1]["ExclusiveStartKey"] == cut["LastEvaluatedKey"]
    assert {query["ExpressionAttributeValues"][":list"]["S"] for query in asked} == {
        f"undeliverable#{shard}" for shard in "0123"
    }


def test_what_the_index_holds_is_read_as_it_was_written() -> None:
    new = listed_lead(in_the_index(1))
    assert (new.reference, new.received_at) == (a_lead(1).reference, NOW)
    assert (new.response, new.claimed_by, new.claimed_at, new.told_at) == (ResponseState.OPEN, None, None, None)
    progress = Progress(response=ResponseState.CLAIMED, claimed_by="staff-2", claimed_at=NOW, told_at=NOW)
    taken = listed_lead(in_the_index(1, progress))
    assert (taken.response, taken.claimed_by, taken.claimed_at, taken.told_at) == (
        ResponseState.CLAIMED,
        "staff-2",
        NOW,
        NOW,
    )


def test_the_fakes_and_the_template_hold_the_same_in_the_index() -> None:
    class Loader(yaml.SafeLoader):
        """Reads a template's short forms as nothing."""

    Loader.add_multi_constructor("!", lambda _loader, _suffix, _node: None)
    template = yaml.load((Path(__file__).parents[2] / "infra/data.yaml").read_text(encoding="utf-8"), Loader)  # noqa: S506 - a safe loader's child
    indexes = template["Resources"]["Table"]["Properties"]["GlobalSecondaryIndexes"]
    (index,) = [each for each in indexes if each["IndexName"] == WORKLIST_INDEX]
    assert tuple(index["Projection"]["NonKeyAttributes"]) == PROJECTED
