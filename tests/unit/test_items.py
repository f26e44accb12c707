"""aws.items: a lead comes out of the table as it went in, and text order is time order."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from boto3.dynamodb.types import TypeDeserializer
from hypothesis import given
from hypothesis import strategies as st

from aws import items
from leads.agenda import SHARDS
from leads.alert import STREAM_GRACE, AlertProgress, AlertState
from leads.lead import Lead, new_lead
from leads.request import InvalidRequestError, parse_request
from leads.text import multi_line, single_line
from tests.unit.people import NOW, a_lead, form
from tests.unit.words import any_text

_moments = st.datetimes(
    datetime(2000, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    datetime(2200, 1, 1),  # noqa: DTZ001
    timezones=st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes))),
)


@given(name=any_text, message=any_text, at=_moments)
def test_a_lead_comes_back_as_it_was_stored(name: str, message: str, at: datetime) -> None:
    try:
        request = parse_request(form(name=f"x{name}", message=f"x{message}"))
    except InvalidRequestError:
        return
    at = at.astimezone(UTC).replace(microsecond=at.microsecond // 1000 * 1000)
    lead = new_lead(request, at)
    assert items.lead_of(items.new_lead_item(lead)) == lead


@pytest.mark.parametrize("optional", ["email", "phone", "preferred_contact", "best_time", "message"])
def test_what_was_not_said_is_not_stored_and_comes_back_as_none(optional: str) -> None:
    lead = replace(a_lead(), **{optional: None})  # type: ignore[arg-type] # a name from the list above
    item = items.new_lead_item(lead)
    assert optional not in item
    assert items.lead_of(item) == lead


def test_every_attribute_of_a_lead_is_in_its_item() -> None:
    lead = a_lead()
    stored = {name: TypeDeserializer().deserialize(value) for name, value in items.new_lead_item(lead).items()}
    # The id is in the key, the moment in its own form: see the round trip above.
    said = {field.name: getattr(lead, field.name) for field in fields(Lead) if field.name not in {"id", "received_at"}}
    assert said.items() <= stored.items()
    assert stored["consent_contact"] is True
    assert stored["reference"] == lead.reference


def test_a_new_lead_is_pending_and_on_the_agenda_after_the_streams_chance() -> None:
    item = items.new_lead_item(a_lead())
    assert items.progress_of(item) == AlertProgress(state=AlertState.PENDING, attempts=0, refusals=0)
    assert item["agenda_shard"]["S"] in SHARDS
    assert items.moment(str(item["agenda_at"]["S"])) == NOW + STREAM_GRACE
    assert item["overdue_since"] == item["agenda_at"]


@given(first=_moments, second=_moments)
def test_timestamps_sort_as_moments_do(first: datetime, second: datetime) -> None:
    texts = items.timestamp(first), items.timestamp(second)
    assert len(texts[0]) == len(texts[1]) == len("2026-03-04T15:30:00.000Z")
    if texts[0] < texts[1]:
        assert first < second
    if first <= second:
        assert texts[0] <= texts[1]


@given(at=_moments)
def test_a_timestamp_is_the_moment_to_the_millisecond(at: datetime) -> None:
    back = items.moment(items.timestamp(at))
    assert back.utcoffset() == timedelta(0)
    assert timedelta(0) <= at - back < timedelta(milliseconds=1)
    assert items.timestamp(back) == items.timestamp(at)


def test_the_id_is_found_in_the_key() -> None:
    lead = a_lead()
    assert items.key(lead.id) == {"pk": {"S": f"LEAD#{lead.id}"}, "sk": {"S": "LEAD"}}
    assert items.lead_id_of(items.key(lead.id)) == lead.id
    assert items.lead_id_of(items.event_item(lead.id, NOW, "received")) == lead.id


def test_what_is_none_has_no_attribute_and_what_is_empty_has_one() -> None:
    assert items.attributes({"a": None, "b": "", "c": 0, "d": False}) == {
        "b": {"S": ""},
        "c": {"N": "0"},
        "d": {"BOOL": False},
    }


def test_an_entry_written_twice_is_one_entry() -> None:
    first = items.event_item("x", NOW, "alert_accepted", attempt=1, message_id="made-up")
    again = items.event_item("x", NOW, "alert_accepted", attempt=1, message_id="made-up")
    assert first == again
    assert first["sk"] == {"S": "EVENT#2026-03-04T15:30:00.000Z#alert_accepted"}
    assert first["attempt"] == {"N": "1"}


def test_entries_of_another_kind_or_time_stand_beside_each_other_in_order() -> None:
    entries = [
        items.event_item("x", NOW, "received"),
        items.event_item("x", NOW + timedelta(milliseconds=1), "alert_deferred"),
        items.event_item("x", NOW + timedelta(seconds=30), "alert_accepted"),
        items.event_item("x", NOW + timedelta(seconds=30), "alert_deferred"),
    ]
    keys = [str(entry["sk"]["S"]) for entry in entries]
    assert keys == sorted(set(keys))


def test_no_entry_of_the_timeline_is_taken_for_a_lead() -> None:
    assert items.event_item("x", NOW, "received")["sk"] != items.key("x")["sk"]


def test_the_longest_request_fits_an_item() -> None:
    widest = "\U0001f642"
    lead = replace(a_lead(), name=single_line(widest * 100), message=multi_line(widest * 5_000))
    size = sum(len(name) + len(str(value).encode()) for name, value in items.new_lead_item(lead).items())
    assert size < 400 * 1024  # DynamoDB's limit
