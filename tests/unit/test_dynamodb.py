"""The in-memory DynamoDB does what AWS documents, and rejects what it does not know."""

from typing import Any

import pytest
from botocore.exceptions import ClientError, ParamValidationError

from tests.unit.dynamodb import NAME, PAGE, MemoryDynamoDB, indexes, size_of

KEY: dict[str, Any] = {"pk": {"S": "LEAD#1"}, "sk": {"S": "LEAD"}}
VALUES: dict[str, Any] = {
    ":one": {"N": "1"},
    ":two": {"N": "2"},
    ":a": {"S": "a"},
    ":b": {"S": "b"},
    ":set": {"SS": ["a"]},
    ":true": {"BOOL": True},
}
ITEM: dict[str, Any] = KEY | {
    "number": {"N": "1.0"},
    "text": {"S": "a"},
    "letters": {"SS": ["b", "a"]},
    "entries": {"L": [{"S": "a"}, {"N": "1"}]},
    "yes": {"BOOL": True},
}
NAMES = {"#number": "number", "#text": "text", "#letters": "letters", "#entries": "entries", "#gone": "gone"}


def table_with(*items: dict[str, Any], **settings: Any) -> MemoryDynamoDB:  # noqa: ANN401 - any setting of a table
    table = MemoryDynamoDB(**settings)
    for item in items:
        table.put(item)
    return table


def with_placeholders(expression: str, **given: Any) -> dict[str, Any]:  # noqa: ANN401 - any parameter
    """Return a request with exactly the names and values that an expression needs."""
    names = {name: stored for name, stored in NAMES.items() if name in expression}
    values = {name: value for name, value in VALUES.items() if name in expression}
    asked: dict[str, Any] = {"TableName": NAME, "Key": KEY, **given}
    if names:
        asked["ExpressionAttributeNames"] = names
    return asked | ({"ExpressionAttributeValues": values} if values else {})


def refusal(operation: str, table: MemoryDynamoDB | None = None, **asked: Any) -> str:  # noqa: ANN401
    """Return the error code of a request."""
    client: Any = (table or table_with(ITEM)).client()
    with pytest.raises(ClientError) as caught:
        getattr(client, operation)(TableName=NAME, **asked)
    return str(caught.value.response["Error"]["Code"])


def holds(expression: str) -> bool:
    client = table_with(ITEM).client()
    try:
        client.delete_item(**with_placeholders(expression, ConditionExpression=expression))
    except client.exceptions.ConditionalCheckFailedException:
        return False
    return True


def updated(expression: str, returned: Any = "ALL_NEW") -> dict[str, Any]:  # noqa: ANN401 - one of five words
    asked = with_placeholders(expression, UpdateExpression=expression, ReturnValues=returned)
    answer = table_with(ITEM).client().update_item(**asked)
    return {name: value for name, value in answer.get("Attributes", {}).items() if name not in KEY}


def changed(expression: str) -> dict[str, Any]:
    """Return the attributes that an update changed, None for the removed ones."""
    after = updated(expression)
    names = (ITEM.keys() | after.keys()) - KEY.keys()
    return {name: after.get(name) for name in names if after.get(name) != ITEM.get(name)}


# ---- expressions


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("attribute_exists(pk)", True),
        ("attribute_exists(#gone)", False),
        ("attribute_not_exists(#gone)", True),
        ("attribute_not_exists(pk)", False),
        ("#number = :one", True),
        ("#number = :two", False),
        ("#gone = :one", False),
        ("#number <> :two", True),
        ("#number < :two AND #number <= :one AND #number >= :one", True),
        ("#number > :one", False),
        ("#number < :a", False),
        ("#gone < :one", False),
        ("#number BETWEEN :one AND :two", True),
        ("#number BETWEEN :one AND :two AND #text = :b", False),
        ("#text = :a AND NOT #text = :b", True),
        ("NOT (#text = :a OR #text = :b)", False),
        ("#text = :a OR #text = :b AND #number = :two", True),
        ("(#text = :a OR #text = :b) AND #number = :two", False),
        ("begins_with(pk, :a)", False),
        ("begins_with(#text, :a)", True),
        ("contains(#letters, :a)", True),
        ("contains(#letters, :one)", False),
        ("contains(#entries, :one)", True),
        ("contains(#text, :a)", True),
        ("contains(#gone, :a)", False),
        ("size(#letters) = :two", True),
        ("size(#letters) < :two OR size(#gone) < :two", False),
        ("size(#text) = :one", True),
        ("yes = :true", True),
    ],
)
def test_a_condition_is_evaluated_as_documented(expression: str, expected: bool) -> None:  # noqa: FBT001
    assert holds(expression) is expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("SET #text = :b", {"text": {"S": "b"}}),
        ("SET #number = #number + :two", {"number": {"N": "3.0"}}),
        ("SET #number = #number - :two", {"number": {"N": "-1.0"}}),
        ("SET #gone = if_not_exists(#gone, :one), #text = if_not_exists(#text, :b)", {"gone": {"N": "1"}}),
        ("SET #gone = #text, #text = :b", {"gone": {"S": "a"}, "text": {"S": "b"}}),
        ("REMOVE #text, #gone", {"text": None}),
        ("ADD #number :two", {"number": {"N": "3.0"}}),
        ("ADD #gone :two, yes2 :one", {"gone": {"N": "2"}, "yes2": {"N": "1"}}),
        ("ADD #gone :set", {"gone": {"SS": ["a"]}}),
        ("ADD #letters :set", {}),
        ("DELETE #letters :set", {"letters": {"SS": ["b"]}}),
        ("DELETE #gone :set", {}),
        ("SET #text = :b REMOVE yes ADD #number :one", {"text": {"S": "b"}, "yes": None, "number": {"N": "2.0"}}),
    ],
)
def test_an_update_changes_what_is_documented(expression: str, expected: dict[str, Any]) -> None:
    # The order within a set means nothing.
    assert changed(expression) | ({"letters": {"SS": ["b"]}} if "DELETE #letters" in expression else {}) == (
        expected | ({"letters": {"SS": ["a", "b"]}} if expression == "ADD #letters :set" else {})
    )


def test_a_set_that_loses_its_last_element_is_gone() -> None:
    table = table_with(KEY | {"letters": {"SS": ["a"]}})
    expression = "DELETE #letters :set"
    table.client().update_item(**with_placeholders(expression, UpdateExpression=expression))
    assert list(table.items.values()) == [KEY]


def test_an_update_makes_an_item_where_there_is_none_and_returns_what_was_asked_for() -> None:
    table = table_with()
    expression = "ADD #number :one"
    asked = with_placeholders(expression, UpdateExpression=expression)
    assert "Attributes" not in table.client().update_item(**asked, ReturnValues="ALL_OLD")
    assert table.client().update_item(**asked, ReturnValues="UPDATED_OLD")["Attributes"] == {"number": {"N": "1"}}
    assert table.client().update_item(**asked, ReturnValues="UPDATED_NEW")["Attributes"] == {"number": {"N": "3"}}
    assert table.client().update_item(**asked, ReturnValues="ALL_NEW")["Attributes"] == KEY | {"number": {"N": "4"}}
    assert "Attributes" not in table.client().update_item(**asked)


@pytest.mark.parametrize(
    "expression",
    [
        "SET text = :b",  # a reserved word
        "SET #text = :b, #text = :a",
        "SET #text = :b SET #number = :one",
        "SET pk = :b",
        "SET #text = #gone",
        "SET #text = :b,",
        "SET #number = #text + :one",
        "ADD #text :one",
        "ADD #text :set",
        "DELETE #number :set",
        "PUT #text :b",
        "REMOVE",
        "REMOVE ",
        "",
    ],
)
def test_an_update_that_aws_refuses_is_refused(expression: str) -> None:
    asked = with_placeholders(expression, UpdateExpression=expression)
    del asked["TableName"]
    assert refusal("update_item", **asked) == "ValidationException"


@pytest.mark.parametrize(
    "expression",
    [
        *(f"{word} = :one" for word in ("name", "reference", "response", "state", "status", "data", "owner", "Name")),
        *(f"attribute_exists({word})" for word in ("token", "schema", "ttl", "location", "number")),
        "#letters < :two",
        "#number = :one AND",
        "(#number = :one",
        "#number = :one)",
        "#number",
        "size(#number) = :one",
        "#text = :undefined",
        "#undefined = :one",
    ],
)
def test_a_condition_that_aws_refuses_is_refused(expression: str) -> None:
    asked = with_placeholders(expression, ConditionExpression=expression)
    del asked["TableName"]
    assert refusal("delete_item", **asked) == "ValidationException"


@pytest.mark.parametrize("word", ["version", "agenda_at", "reference_", "lead_id", "tries"])
def test_a_word_that_is_not_reserved_needs_no_placeholder(word: str) -> None:
    assert not holds(f"attribute_exists({word})")


@pytest.mark.parametrize(
    "expression", ["#number IN (:one, :two)", "attribute_type(#text, :a)", "#entries[0] = :a", "#entries.b = :a"]
)
def test_what_is_not_known_is_an_error_and_no_answer(expression: str) -> None:
    with pytest.raises(NotImplementedError):
        holds(expression)


def test_placeholders_that_nothing_uses_are_refused() -> None:
    condition: dict[str, Any] = {"Key": KEY, "ConditionExpression": "attribute_exists(pk)"}
    assert refusal("delete_item", **condition, ExpressionAttributeValues={":a": {"S": "a"}}) == "ValidationException"
    assert refusal("delete_item", **condition, ExpressionAttributeNames={"#a": "a"}) == "ValidationException"
    assert refusal("delete_item", Key=KEY, ExpressionAttributeValues={":a": {"S": "a"}}) == "ValidationException"


# ---- requests


def test_a_request_that_botocore_does_not_know_never_leaves() -> None:
    client: Any = table_with().client()
    for wrong in ({"Tablename": NAME}, {"TableName": NAME, "Consistent": True}, {"Key": {"pk": "LEAD#1"}}, {}):
        with pytest.raises(ParamValidationError):
            client.get_item(**({"TableName": NAME, "Key": KEY} | wrong if wrong else {}))


def test_a_parameter_that_only_aws_knows_is_an_error() -> None:
    with pytest.raises(NotImplementedError):
        table_with().client().get_item(TableName=NAME, Key=KEY, ReturnConsumedCapacity="TOTAL")


@pytest.mark.parametrize(
    "item",
    [
        {"pk": {"S": "LEAD#1"}},
        KEY | {"pk": {"S": ""}},
        KEY | {"pk": {"N": "1"}},
        KEY | {"pk": {"S": "x" * 2049}},
        KEY | {"sk": {"S": "x" * 1025}},
        KEY | {"agenda_at": {"S": ""}},
        KEY | {"agenda_at": {"N": "1"}},
        KEY | {"letters": {"SS": []}},
        KEY | {"letters": {"SS": ["a", "a"]}},
        KEY | {"number": {"N": "one"}},
        KEY | {"number": {"N": "1" * 39}},
        KEY | {"text": {"S": "x" * 400 * 1024}},
    ],
)
def test_an_item_that_aws_refuses_is_refused(item: dict[str, Any]) -> None:
    assert refusal("put_item", Item=item) == "ValidationException"


def test_an_update_that_makes_an_item_too_large_is_refused() -> None:
    table = table_with(KEY | {"text": {"S": "x" * 399 * 1024}})
    more = {":more": {"S": "x" * 1024}}
    asked = {"Key": KEY, "UpdateExpression": "SET more = :more", "ExpressionAttributeValues": more}
    assert refusal("update_item", table, **asked) == "ValidationException"
    assert "more" not in table.items["LEAD#1", "LEAD"]


def test_a_failed_condition_returns_the_item_where_asked_to_and_changes_nothing() -> None:
    table = table_with(ITEM)
    for returned, expected in (("ALL_OLD", ITEM), ("NONE", None)):
        client: Any = table.client()
        with pytest.raises(client.exceptions.ConditionalCheckFailedException) as caught:
            client.put_item(
                TableName=NAME,
                Item=KEY,
                ConditionExpression="attribute_not_exists(pk)",
                ReturnValuesOnConditionCheckFailure=returned,
            )
        assert caught.value.response.get("Item") == expected
    assert list(table.items.values()) == [ITEM]


def test_a_read_returns_a_copy_with_what_was_asked_for() -> None:
    table = table_with(ITEM)
    client = table.client()
    client.get_item(TableName=NAME, Key=KEY)["Item"].clear()
    assert client.get_item(TableName=NAME, Key=KEY)["Item"] == ITEM
    found = client.get_item(TableName=NAME, Key=KEY, ProjectionExpression="yes, absent")
    assert found["Item"] == {"yes": {"BOOL": True}}
    assert "Item" not in client.get_item(TableName=NAME, Key=KEY | {"sk": {"S": "another"}})


def test_another_table_and_a_broken_operation_are_errors_with_their_codes() -> None:
    client = table_with(ITEM, broken={"GetItem": "InternalServerError"}).client()
    with pytest.raises(client.exceptions.InternalServerError):
        client.get_item(TableName=NAME, Key=KEY)
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.delete_item(TableName="another", Key=KEY)


def test_each_client_hears_how_its_own_tries_of_an_operation_ended() -> None:
    table = table_with(broken={"PutItem": "InternalServerError"})
    heard: list[Any] = []
    client, other = table.client(), table.client()

    def note(response: Any, caught_exception: Exception | None) -> None:  # noqa: ANN401 - as botocore calls it
        heard.append(caught_exception or response[0].status_code)

    client.meta.events.register("needs-retry.dynamodb.PutItem", note)
    client.get_item(TableName=NAME, Key=KEY)
    for each in (client, other):
        with pytest.raises(ClientError):
            each.put_item(TableName=NAME, Item=ITEM)
    table.broken.clear()
    client.put_item(TableName=NAME, Item=ITEM)
    assert heard == [500, 200]


def test_a_stale_read_returns_the_state_before_the_last_write_of_that_key() -> None:
    table = table_with(ITEM, stale=True)
    client = table.client()
    client.put_item(TableName=NAME, Item=KEY | {"worklist": {"S": "open"}, "received_at": {"S": "1"}})
    client.put_item(TableName=NAME, Item=KEY | {"sk": {"S": "EVENT"}})
    assert client.get_item(TableName=NAME, Key=KEY)["Item"] == ITEM
    assert "worklist" in client.get_item(TableName=NAME, Key=KEY, ConsistentRead=True)["Item"]
    of_the_lead = {"KeyConditionExpression": "pk = :pk", "ExpressionAttributeValues": {":pk": KEY["pk"]}}
    query: Any = client.query
    assert query(TableName=NAME, **of_the_lead)["Items"] == [ITEM]
    assert query(TableName=NAME, **of_the_lead, ConsistentRead=True)["Count"] == 2
    client.delete_item(TableName=NAME, Key=KEY)
    assert "worklist" in client.get_item(TableName=NAME, Key=KEY)["Item"]


# ---- queries


def listed(number: int, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - any attribute
    when = {"worklist": {"S": "open#0"}, "received_at": {"S": f"2026-03-{number:02}"}}
    return {"pk": {"S": f"LEAD#{number}"}, "sk": {"S": "LEAD"}, "name": {"S": "Robin"}, **when} | more


def found(table: MemoryDynamoDB, **asked: Any) -> list[str]:  # noqa: ANN401 - any parameter
    pages = table.client().get_paginator("query").paginate(TableName=NAME, **asked)
    return [str(item["pk"]["S"]).removeprefix("LEAD#") for page in pages for item in page["Items"]]


def on_the_list(condition: str = "", **values: Any) -> dict[str, Any]:  # noqa: ANN401
    return {
        "IndexName": "worklist",
        "KeyConditionExpression": f"worklist = :list{condition}",
        "ExpressionAttributeValues": {":list": {"S": "open#0"}} | {f":{name}": value for name, value in values.items()},
    }


def test_a_query_is_in_order_either_way_page_by_page() -> None:
    table = table_with(*(listed(number) for number in (5, 3, 8, 1, 7, 2, 6, 4)), KEY | {"sk": {"S": "EVENT"}})
    in_order = [str(number) for number in range(1, 9)]
    assert len(in_order) > 2 * PAGE
    assert found(table, **on_the_list()) == in_order
    assert found(table, **on_the_list(), ScanIndexForward=False) == in_order[::-1]
    assert found(table, **on_the_list(), Limit=4) == in_order
    since = {"since": {"S": "2026-03-03"}}
    assert found(table, **on_the_list(" AND received_at >= :since", **since)) == in_order[2:]
    between = since | {"end": {"S": "2026-03-05"}}
    assert found(table, **on_the_list(" AND received_at BETWEEN :since AND :end", **between)) == ["3", "4", "5"]
    assert found(table, **on_the_list(" AND begins_with(received_at, :day)", day={"S": "2026-03-08"})) == ["8"]


def test_a_query_of_the_table_reads_one_partition_by_sort_key() -> None:
    table = table_with(*(KEY | {"sk": {"S": f"EVENT#{number}"}} for number in (2, 1)), listed(2))
    client = table.client()
    answer = client.query(
        TableName=NAME, KeyConditionExpression="pk = :pk", ExpressionAttributeValues={":pk": KEY["pk"]}
    )
    assert [item["sk"]["S"] for item in answer["Items"]] == ["EVENT#1", "EVENT#2"]
    assert "LastEvaluatedKey" not in answer


def test_an_index_returns_only_what_the_template_says_that_it_holds() -> None:
    table = table_with(listed(1, told_at={"S": "2026"}), listed(2, worklist={"S": "open#1"}), KEY | {"sk": {"S": "x"}})
    (item,) = table.client().query(TableName=NAME, **on_the_list())["Items"]
    assert item.keys() == {"pk", "sk", "worklist", "received_at", "told_at"}
    assert indexes()["agenda"].attributes == {"pk", "sk", "agenda_shard", "agenda_at", "overdue_since"}


def test_an_index_without_a_range_key_returns_each_item_with_its_key_page_by_page() -> None:
    shared = {"reference": {"S": "KC-7Q2M-4XHD"}}
    others = (listed(9, reference={"S": "KC-0000-0000"}), listed(8))
    table = table_with(*(listed(number, **shared) for number in (4, 2, 1, 3)), *others)
    asked: dict[str, Any] = {
        "IndexName": "reference",
        "KeyConditionExpression": "#reference = :reference",
        "ExpressionAttributeNames": {"#reference": "reference"},
        "ExpressionAttributeValues": {":reference": shared["reference"]},
    }
    assert found(table, **asked) == ["1", "2", "3", "4"]
    (item, *_) = table.client().query(TableName=NAME, **asked)["Items"]
    assert item.keys() == {"pk", "sk", "reference"}


def test_a_limit_stops_before_it_is_known_that_there_is_no_more() -> None:
    answer = table_with(listed(1), listed(2)).client().query(TableName=NAME, **on_the_list(), Limit=2)
    assert answer["LastEvaluatedKey"].keys() == {"pk", "sk", "worklist", "received_at"}
    assert answer["Count"] == 2


def test_a_filter_leaves_items_out_after_they_were_read() -> None:
    asked = on_the_list()
    asked["ExpressionAttributeValues"][":now"] = {"S": "2026"}
    table = table_with(listed(1), listed(2, told_at={"S": "2026"}))
    answer = table.client().query(TableName=NAME, **asked, FilterExpression="told_at = :now")
    assert (answer["Count"], answer["ScannedCount"]) == (1, 2)


@pytest.mark.parametrize(
    "wrong",
    [
        {"ConsistentRead": True},
        {"IndexName": "another"},
        {"IndexName": "agenda"},
        on_the_list(" AND told_at >= :x", x={"S": "1"}),
        on_the_list(" OR received_at >= :x", x={"S": "1"}),
        on_the_list(" AND received_at <> :x", x={"S": "1"}),
        on_the_list(" AND NOT received_at = :x", x={"S": "1"}),
        {"KeyConditionExpression": "received_at >= :list"},
        {"ExpressionAttributeValues": {":list": {"S": ""}}},
        {"ExpressionAttributeValues": {":list": {"N": "1"}}},
        {"ExclusiveStartKey": KEY},
        {"ProjectionExpression": "pk, alert_attempts"},
    ],
)
def test_a_query_that_aws_refuses_is_refused(wrong: dict[str, Any]) -> None:
    assert refusal("query", table_with(listed(1)), **(on_the_list() | wrong)) == "ValidationException"


# ---- sizes and units


@pytest.mark.parametrize(
    ("value", "size"),
    [
        ({"S": "é"}, 2),
        ({"S": ""}, 0),
        ({"N": "0"}, 1),
        ({"N": "100"}, 2),
        ({"N": "12"}, 2),
        ({"N": "123"}, 3),
        ({"N": "0.00120"}, 2),
        ({"N": "12345678901234567890123456789012345678"}, 20),
        ({"B": b"abc"}, 3),
        ({"BOOL": True}, 1),
        ({"NULL": True}, 1),
        ({"SS": ["ab", "c"]}, 3),
        ({"L": []}, 3),
        ({"M": {}}, 3),
        ({"L": [{"S": "ab"}, {"BOOL": False}]}, 3 + (1 + 2) + (1 + 1)),
        ({"M": {"ab": {"S": "c"}}}, 3 + 1 + 2 + 1),
    ],
)
def test_an_attribute_is_as_large_as_documented(value: dict[str, Any], size: int) -> None:
    assert size_of({"name": value}) == 4 + size


def test_an_item_is_as_large_as_its_names_and_values() -> None:
    # AWS's own example.
    assert size_of({"shirt-color": {"S": "R"}, "shirt-size": {"S": "M"}}) == 23


def sized(size: int, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - any attribute
    item = KEY | more
    return item | {"x": {"S": "x" * (size - size_of(item) - 1)}}


@pytest.mark.parametrize(("size", "units"), [(500, 1), (1024, 1), (1025, 2), (3 * 1024 + 512, 4)])
def test_a_write_costs_a_unit_for_each_kilobyte(size: int, units: int) -> None:
    table = table_with()
    client: Any = table.client()
    client.put_item(TableName=NAME, Item=sized(size))
    client.delete_item(TableName=NAME, Key=KEY)
    client.delete_item(TableName=NAME, Key=KEY)  # the item is gone
    assert [each.units for each in table.log] == [units, units, 1]
    assert table.write_units == 2 * units + 1


def test_a_put_and_an_update_cost_what_the_larger_of_before_and_after_does() -> None:
    table = table_with(sized(2500))
    client: Any = table.client()
    client.put_item(TableName=NAME, Item=sized(10 + 100))
    client.update_item(TableName=NAME, Key=KEY, UpdateExpression="REMOVE x")
    table.put(sized(2500))
    client.update_item(TableName=NAME, Key=KEY, UpdateExpression="REMOVE x")
    assert [each.units for each in table.log] == [3, 1, 3]


def test_a_failed_condition_costs_a_write() -> None:
    table = table_with(sized(2500))
    client: Any = table.client()
    for key in (KEY, KEY | {"sk": {"S": "another"}}):
        with pytest.raises(ClientError):
            client.delete_item(TableName=NAME, Key=key, ConditionExpression="attribute_exists(absent)")
    assert [(each.operation, each.units) for each in table.log] == [("DeleteItem", 3), ("DeleteItem", 1)]


def test_an_index_costs_only_where_what_it_holds_changes() -> None:
    agenda = {"agenda_shard": {"S": "0"}, "agenda_at": {"S": "1"}}
    table = table_with(sized(100))
    client: Any = table.client()

    def cost(**attributes: Any) -> float:  # noqa: ANN401 - any attribute
        table.log.clear()
        client.put_item(TableName=NAME, Item=sized(1000, **attributes))
        return table.write_units

    assert cost() == 1
    assert cost(**agenda) == 2  # a new entry
    assert cost(**agenda, alert_state={"S": "sending"}) == 1  # not in that index
    assert cost(**agenda, overdue_since={"S": "1"}) == 2  # a projected attribute
    assert cost(**(agenda | {"agenda_at": {"S": "2"}})) == 3  # another key: out and in
    assert cost() == 2  # out


def test_a_read_costs_half_a_unit_for_four_kilobytes_and_a_whole_one_if_consistent() -> None:
    table = table_with(sized(4097))
    client: Any = table.client()
    client.get_item(TableName=NAME, Key=KEY, ProjectionExpression="pk")
    client.get_item(TableName=NAME, Key=KEY, ConsistentRead=True)
    client.get_item(TableName=NAME, Key=KEY | {"sk": {"S": "another"}})
    assert [each.units for each in table.log] == [1.0, 2, 0.5]
    assert table.write_units == 0


def test_a_query_costs_what_it_read_together() -> None:
    table = table_with(*(sized(2000) | {"sk": {"S": f"{number}"}} for number in range(3)), listed(1))
    client: Any = table.client()
    of_the_lead = {"KeyConditionExpression": "pk = :pk", "ExpressionAttributeValues": {":pk": KEY["pk"]}}
    client.query(TableName=NAME, **of_the_lead, ProjectionExpression="pk", ConsistentRead=True)
    client.query(TableName=NAME, **on_the_list())
    assert [tuple(each) for each in table.log] == [("Query", ("LEAD#1", ""), 2), ("Query", ("open#0", ""), 0.5)]
    assert table.read_units == 2.5
