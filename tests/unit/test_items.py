"""shared.store.items: a lead comes out of the table unchanged, and times sort correctly as text."""

from collections.abc import Mapping
from dataclasses import fields as dataclass_fields
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from boto3.dynamodb.types import TypeDeserializer
from hypothesis import given
from hypothesis import strategies as st

from shared.leads.agenda import SHARDS
from shared.leads.event import Event
from shared.leads.fields import (
    ANSWERS,
    CONTEXT,
    MAX_CAMPAIGN_LENGTH,
    MAX_MESSAGE_LENGTH,
    MAX_NAME_LENGTH,
    MAX_TOKEN_LENGTH,
)
from shared.leads.lead import AlsoSent, Answer, Lead
from shared.leads.progress import AlertState, Progress, StoredLead
from shared.store.intake import STREAM_GRACE, new_lead_item
from shared.store.keys import attributes, key, lead_id_of, moment, timestamp
from shared.store.lead_item import lead_of
from shared.store.progress_item import progress_attributes, progress_of
from shared.store.timeline import event_item
from submit.new_lead import new_lead
from submit.request import parse_request
from tests.unit.people import CLINIC, ENGLISH, IDS, MINIMAL, NOW, a_full_lead, a_lead, forms

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

OPTIONAL = [*(field.name for field in ANSWERS if not field.required), "seconds_to_fill"]

_moments = st.datetimes(
    datetime(2000, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    datetime(2200, 1, 1),  # noqa: DTZ001
    timezones=st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes))),
)


def _plain(item: Mapping[str, "AttributeValueTypeDef"]) -> dict[str, Any]:
    return {name: TypeDeserializer().deserialize(value) for name, value in item.items()}


@given(fields=forms, at=_moments, seconds=st.one_of(st.none(), st.integers(0, 86_400)))
def test_a_lead_comes_back_as_it_was_stored(fields: dict[str, object], at: datetime, seconds: int | None) -> None:
    at = at.astimezone(UTC).replace(microsecond=at.microsecond // 1000 * 1000)
    lead = replace(new_lead(parse_request(fields, CLINIC, ENGLISH), at, CLINIC, IDS), seconds_to_fill=seconds)
    back = lead_of(new_lead_item(lead))
    assert back == lead
    # Equality is not enough: a Decimal equals its number, and True equals 1.
    assert {name: type(answer) for name, answer in back.answers.items()} == {
        name: type(answer) for name, answer in lead.answers.items()
    }
    for field in dataclass_fields(Lead):
        assert type(getattr(back, field.name)) is type(getattr(lead, field.name))


@given(fields=forms)
def test_an_item_holds_nothing_empty_and_nothing_that_is_none(fields: dict[str, object]) -> None:
    stored = _plain(new_lead_item(new_lead(parse_request(fields, CLINIC, ENGLISH), NOW, CLINIC, IDS)))
    consents = stored.pop("consents")
    for values in (stored, *consents):
        assert not [name for name, value in values.items() if value in (None, "", [], {})]


@pytest.mark.parametrize("optional", OPTIONAL)
def test_what_was_not_said_is_not_stored_and_comes_back_as_it_was(optional: str) -> None:
    changes: dict[str, Any] = {"turnstile_token": "made-up", optional: None}
    lead = a_lead(**changes)
    item = new_lead_item(lead)
    assert optional not in item
    assert lead_of(item) == lead


def test_the_smallest_lead_is_stored_without_anything_it_has_not() -> None:
    lead = new_lead(parse_request(MINIMAL, CLINIC, ENGLISH), NOW, CLINIC, IDS)
    assert set(new_lead_item(lead)) == {
        *("pk", "sk", "reference", "received_at", "fingerprint", "name", "email", "consents"),
        *(
            "schema",
            "alert_state",
            "alert_notice",
            "response",
            "agenda_shard",
            "agenda_at",
            "overdue_since",
            "worklist",
            "priority",
            "desk_list",
            "desk_at",
            "report_month",
            "report_row",
        ),
    }


def test_every_attribute_of_a_lead_is_in_its_item() -> None:
    own: dict[str, Answer] = {"payment": "self", "tried": ("tablets", "rest"), "been_here": False}
    lead = replace(
        a_full_lead(),
        trap_filled=True,
        age_unknown=True,
        also_sent=(AlsoSent("insurance", "Aetna"),),
        own_answers=own,
        reference_prefix="DR",
    )
    stored = _plain(new_lead_item(lead))
    assert set(lead.answers) == {field.name for field in ANSWERS}
    # The id is in the key, and times have their own format: see the round trip above. Consents are withdrawn later.
    said = {field.name: getattr(lead, field.name) for field in dataclass_fields(Lead)}
    for name in (
        "id",
        "received_at",
        "answers",
        "own_answers",
        "reference_prefix",
        "consents",
        "also_sent",
        "withdrawn",
    ):
        said.pop(name)
    assert stored["also_sent"] == [{"name": "insurance", "value": "Aetna"}]
    assert None not in said.values()
    said |= {name: list(value) if isinstance(value, tuple) else value for name, value in lead.answers.items()}
    assert said.items() <= stored.items()
    assert stored["reference"] == lead.reference == f"DR{a_full_lead().reference[2:]}"
    assert stored["own_answers"] == own | {"tried": ["tablets", "rest"]}


def test_a_new_leads_item_is_what_older_versions_wrote() -> None:
    """If this fails, the stored leads of clinics may become unreadable."""
    item: Any = {
        "pk": {"S": "LEAD#MKFEZSHXD97PK74S2DFNYS2ST6"},
        "sk": {"S": "LEAD"},
        "schema": {"N": "1"},
        "reference": {"S": "KC-MKFE-ZSHX"},
        "received_at": {"S": "2026-03-04T15:30:00.000Z"},
        "fingerprint": {"S": "5d5cebb67d3afaaf4591e1100f4fcc8db70ab17cf87490c04c9147f0e94563af"},
        "name": {"S": "Robin Example"},
        "asking_for": {"S": "family_or_friend"},
        "email": {"S": "robin@example.com"},
        "phone": {"S": "+12025550147"},
        "preferred_contact": {"S": "phone"},
        "best_time": {"S": "morning"},
        "time_zone": {"S": "America/Chicago"},
        "voicemail_ok": {"BOOL": True},
        "discreet": {"BOOL": True},
        "call_me": {"S": "Sam Sample"},
        "location": {"S": "downtown"},
        "interest": {"S": "depression"},
        "symptoms": {"L": [{"S": "low_mood"}, {"S": "insomnia"}]},
        "message": {"S": "I would like to know more."},
        "treatments_tried": {"S": "two_or_more"},
        "health_notes": {"L": [{"S": "pregnant_or_nursing"}, {"S": "discuss_on_call"}]},
        "in_crisis": {"BOOL": False},
        "page": {"S": "https://www.clinic.example/request"},
        "referrer": {"S": "https://search.example/"},
        "utm_source": {"S": "newsletter"},
        "utm_medium": {"S": "email"},
        "utm_campaign": {"S": "spring"},
        "utm_term": {"S": "ketamine clinic"},
        "utm_content": {"S": "blue button"},
        "consents": {
            "L": [
                {
                    "M": {
                        "kind": {"S": "consent_contact"},
                        "version": {"S": "2026-01-02"},
                        "text_hash": {"S": "6059432fb13dcf73"},
                    }
                },
                {
                    "M": {
                        "kind": {"S": "consent_texts"},
                        "version": {"S": "2026-01-03"},
                        "text_hash": {"S": "e9edbe8c8cfcf0d4"},
                    }
                },
                {
                    "M": {
                        "kind": {"S": "consent_email_news"},
                        "version": {"S": "2026-01-04"},
                        "text_hash": {"S": "745b153fc03eaa9f"},
                    }
                },
            ]
        },
        "seconds_to_fill": {"N": "95"},
        "alert_state": {"S": "pending"},
        "alert_notice": {"S": "alert"},
        "response": {"S": "open"},
        "agenda_shard": {"S": "2"},
        "agenda_at": {"S": "2026-03-04T15:31:00.000Z"},
        "overdue_since": {"S": "2026-03-04T15:31:00.000Z"},
        "worklist": {"S": "open#2"},
        "priority": {"S": "normal"},
        "desk_list": {"S": "open#2"},
        "desk_at": {"S": "2026-03-04T15:30:00.000Z#MKFEZSHXD97PK74S2DFNYS2ST6"},
    }
    # Since 0.10.0 the report has a row of each lead.
    row = {
        "report_month": {"S": "2026-03#2"},
        "report_row": {"S": "newsletter|spring|downtown||depression|consultation|||open|"},
    }
    assert new_lead_item(a_lead()) == item | row
    assert lead_of(item) == a_lead()


def test_a_consent_is_stored_as_plain_text() -> None:
    first, *_ = a_lead().consents
    stored, *_ = _plain(new_lead_item(a_lead()))["consents"]
    # Its time and page are the lead's, so they are stored once.
    assert stored == {"kind": "consent_contact", "version": first.version, "text_hash": first.text_hash}


def test_a_new_lead_is_pending_and_on_the_agenda_after_the_streams_chance() -> None:
    item = new_lead_item(a_lead())
    due_at = NOW + STREAM_GRACE
    assert progress_of(item) == Progress(state=AlertState.PENDING, due_at=due_at, overdue_since=due_at)
    assert item["agenda_shard"]["S"] in SHARDS
    assert moment(str(item["agenda_at"]["S"])) == due_at


@pytest.mark.parametrize("changes", [{}, {"in_crisis": True}, {"message": "I want to die"}])
def test_the_first_write_and_later_ones_put_a_lead_in_the_same_place_at_the_desk(changes: dict[str, Any]) -> None:
    lead = a_lead(**changes)
    first = _plain(new_lead_item(lead))
    later = progress_attributes(StoredLead(lead=lead, progress=Progress()))
    for name in ("priority", "desk_list", "desk_at"):
        assert first[name] == later[name]


_mails = st.frozensets(st.sampled_from(["alert/staff-1", "alert/fallback-1", "reminder/staff-2"]))
_to_the_millisecond = _moments.map(lambda at: at.astimezone(UTC).replace(microsecond=at.microsecond // 1000 * 1000))


@given(
    st.builds(
        Progress,
        accepted=_mails,
        delivered=_mails,
        refused=_mails,
        bounced=_mails,
        rejected=_mails,
        links_used=_mails,
        due_at=st.none() | _to_the_millisecond,
        told_at=st.none() | _to_the_millisecond,
        call_again_at=st.none() | _to_the_millisecond,
    )
)
def test_a_progress_comes_back_as_it_was_written(progress: Progress) -> None:
    written = attributes(progress_attributes(StoredLead(lead=a_lead(), progress=progress)))
    assert progress_of(written) == progress
    assert ("agenda_shard" in written) == (progress.due_at is not None)


@given(first=_moments, second=_moments)
def test_timestamps_sort_as_moments_do(first: datetime, second: datetime) -> None:
    texts = timestamp(first), timestamp(second)
    assert len(texts[0]) == len(texts[1]) == len("2026-03-04T15:30:00.000Z")
    if texts[0] < texts[1]:
        assert first < second
    if first <= second:
        assert texts[0] <= texts[1]


@given(at=_moments)
def test_a_timestamp_is_the_moment_to_the_millisecond(at: datetime) -> None:
    back = moment(timestamp(at))
    assert back.utcoffset() == timedelta(0)
    assert timedelta(0) <= at - back < timedelta(milliseconds=1)
    assert timestamp(back) == timestamp(at)


def test_the_id_is_found_in_the_key() -> None:
    lead = a_lead()
    assert key(lead.id) == {"pk": {"S": f"LEAD#{lead.id}"}, "sk": {"S": "LEAD"}}
    assert lead_id_of(key(lead.id)) == lead.id
    assert lead_id_of(event_item(lead.id, Event(kind="received", at=NOW), NOW)) == lead.id


def test_what_is_none_has_no_attribute_and_what_is_empty_has_one() -> None:
    assert attributes({"a": None, "b": "", "c": 0, "d": False}) == {
        "b": {"S": ""},
        "c": {"N": "0"},
        "d": {"BOOL": False},
    }


def test_an_entry_written_twice_is_one_entry() -> None:
    first = event_item("x", Event(kind="alert_accepted", at=NOW, details={"attempt": "1"}), NOW)
    again = event_item("x", Event(kind="alert_accepted", at=NOW, details={"attempt": "1"}), NOW)
    assert first == again
    assert first["sk"] == {"S": "EVENT#2026-03-04T15:30:00.000Z#alert_accepted"}
    assert first["attempt"] == {"S": "1"}


def test_an_entry_ends_when_it_is_told_to() -> None:
    entry = event_item("x", Event(kind="quarantined", at=NOW), NOW + timedelta(days=30))
    assert entry["expires_at"] == {"N": str(int(NOW.timestamp()) + 30 * 24 * 3600)}


def test_entries_of_another_kind_or_time_are_kept_in_order() -> None:
    entries = [
        event_item("x", Event(kind="received", at=NOW), NOW),
        event_item("x", Event(kind="alert_deferred", at=NOW + timedelta(milliseconds=1)), NOW),
        event_item("x", Event(kind="alert_accepted", at=NOW + timedelta(seconds=30)), NOW),
        event_item("x", Event(kind="alert_deferred", at=NOW + timedelta(seconds=30)), NOW),
    ]
    keys = [str(entry["sk"]["S"]) for entry in entries]
    assert keys == sorted(set(keys))


def test_reports_of_two_recipients_at_one_moment_are_both_kept() -> None:
    events = [Event(kind="delivered", at=NOW, details={"recipient": each}) for each in ("r-1", "r-2")]
    one, other = (event_item("x", event, NOW) for event in events)
    assert one["sk"] != other["sk"]


def test_no_timeline_entry_is_read_as_a_lead() -> None:
    assert event_item("x", Event(kind="received", at=NOW), NOW)["sk"] != key("x")["sk"]


def test_the_longest_request_fits_an_item() -> None:
    widest = "\U0001f642"
    campaign: dict[str, Any] = {name: widest * MAX_CAMPAIGN_LENGTH for name in CONTEXT if name.startswith("utm_")}
    lead = a_lead(
        name=widest * MAX_NAME_LENGTH,
        call_me=widest * MAX_NAME_LENGTH,
        message=widest * MAX_MESSAGE_LENGTH,
        page="x" * 300,
        referrer="x" * 300,
        turnstile_token="x" * MAX_TOKEN_LENGTH,
        **campaign,
    )
    size = sum(len(name) + len(str(value).encode()) for name, value in new_lead_item(lead).items())
    assert size < 400 * 1024  # DynamoDB's limit


def test_a_handmade_attribute_does_not_make_a_lead_unreadable() -> None:
    lead = a_lead(call_me=None)
    item: Any = {
        **new_lead_item(lead),
        "note": {"NULL": True},
        "scores": {"NS": ["1"]},
        "blob": {"B": b"x"},
        "call_me": {"NULL": True},
    }
    assert lead_of(item) == lead
