"""shared.store.typed: we write each value as boto3 does, and boto3 can read it."""

from decimal import Decimal

import pytest
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from hypothesis import given
from hypothesis import strategies as st

from shared.leads.spam import Reason
from shared.store.typed import plain, typed

texts = st.text() | st.sampled_from(Reason)
numbers = st.integers(-(10**30), 10**30) | st.decimals(-(10**30), 10**30, places=3)
values = st.recursive(
    texts | st.booleans() | numbers | st.sets(texts, min_size=1),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(values)
def test_a_value_is_typed_as_boto3_does_it(value: object) -> None:
    ours, theirs = typed(value), TypeSerializer().serialize(value)
    assert _with_sets(ours) == _with_sets(theirs)
    assert plain(ours) == TypeDeserializer().deserialize(theirs) == value


def _with_sets(node: object) -> object:
    # DynamoDB's sets have no order, and neither we nor boto3 sort them.
    match node:
        case {"SS": list(members)}:
            return {"SS": set(members)}
        case dict():
            return {name: _with_sets(each) for name, each in node.items()}
        case list():
            return [_with_sets(each) for each in node]
    return node


@pytest.mark.parametrize("value", [None, 1.5, b"bytes", object(), set(), {1}, {True, "yes"}])
def test_what_we_never_keep_is_no_silent_text(value: object) -> None:
    with pytest.raises(TypeError, match="is never stored"):
        typed(value)


@pytest.mark.parametrize("stored", [{}, {"X": "1"}, {"M": {"a": {"X": "1"}}}])
def test_a_type_that_dynamodb_does_not_have_is_no_silent_text(stored: dict[str, object]) -> None:
    with pytest.raises(TypeError):
        plain(stored)


def test_a_type_that_we_never_write_is_read_as_what_it_is() -> None:
    assert plain({"NS": ["1", "2"]}) == {1, 2}
    assert plain({"B": b"x"}) != "x"


def test_a_handmade_null_is_read_as_none() -> None:
    assert plain({"M": {"a": {"NULL": True}}}) == {"a": None}


def test_numbers_come_back_whole() -> None:
    assert plain(typed({"n": 2**70, "d": Decimal("0.10")})) == {"n": 2**70, "d": Decimal("0.10")}
