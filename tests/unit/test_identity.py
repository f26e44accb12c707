"""shared.leads.identity: the same submission finds the same lead, and no other."""

import re
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from shared.leads.identity import REFERENCE_PATTERN, fingerprint, lead_id, reference
from tests.unit.people import NOW

ID = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}")

_moments = st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone
_values = st.one_of(
    st.none(), st.booleans(), st.text(max_size=20), st.lists(st.text(max_size=5), max_size=3).map(tuple)
)
_contents = st.dictionaries(st.text(max_size=5), _values, max_size=5)
_submission_ids = st.from_regex(r"[A-Za-z0-9_-]{16,64}", fullmatch=True)


@given(submission_id=st.one_of(st.none(), _submission_ids), content=_contents, at=_moments)
def test_an_id_has_26_unambiguous_symbols_and_gives_a_reference(
    submission_id: str | None, content: dict[str, object], at: datetime
) -> None:
    made = lead_id(submission_id, fingerprint(content), at)
    assert ID.fullmatch(made)
    assert REFERENCE_PATTERN.fullmatch(reference(made))
    assert reference(made).replace("-", "") == f"KC{made[:8]}"


@given(submission_id=_submission_ids, contents=st.tuples(_contents, _contents), moments=st.tuples(_moments, _moments))
def test_with_a_submission_id_that_id_alone_decides(
    submission_id: str,
    contents: tuple[dict[str, object], dict[str, object]],
    moments: tuple[datetime, datetime],
) -> None:
    first, second = (
        lead_id(submission_id, fingerprint(content), at) for content, at in zip(contents, moments, strict=True)
    )
    assert first == second


@given(content=_contents, at=_moments)
def test_without_one_the_content_and_the_utc_day_decide(content: dict[str, object], at: datetime) -> None:
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    made = lead_id(None, fingerprint(content), at)
    assert lead_id(None, fingerprint(content), midnight) == made
    assert lead_id(None, fingerprint(content), midnight + timedelta(days=1)) != made
    assert lead_id(None, fingerprint(content | {"name": "somebody else"}), at) != made


@given(content=_contents)
def test_the_order_of_fields_changes_no_fingerprint(content: dict[str, object]) -> None:
    assert fingerprint(dict(reversed(content.items()))) == fingerprint(content)


def test_a_list_is_fingerprinted_in_its_order_whatever_kind_of_list_it_is() -> None:
    said = fingerprint({"symptoms": ("low_mood", "insomnia")})
    assert fingerprint({"symptoms": ["low_mood", "insomnia"]}) == said
    assert fingerprint({"symptoms": ("insomnia", "low_mood")}) != said
    assert fingerprint({"symptoms": "low_mood, insomnia"}) != said


def test_different_contents_have_different_fingerprints() -> None:
    contents: list[dict[str, object]] = [
        {},
        {"name": "Robin"},
        {"name": None},
        {"name": "None"},
        {"message": "Robin"},
        {"name": "Robin", "email": None},
        {"name": "Robin", "email": "x"},
        {"name": 'Robin","email":"x'},
        {"in_crisis": True},
        {"in_crisis": False},
        {"in_crisis": "true"},
        {"symptoms": ()},
        {"symptoms": ("low_mood",)},
        {"health_notes": ("low_mood",)},
    ]
    assert len({fingerprint(content) for content in contents}) == len(contents)


def test_submission_ids_that_differ_in_one_symbol_are_different_leads() -> None:
    ids = ["made-up-submission-0001", "made-up-submission-0002", "Made-up-submission-0001"]
    assert len({lead_id(one, "same", NOW) for one in ids}) == len(ids)


def test_no_submission_id_can_stand_for_another_persons_content() -> None:
    content = fingerprint({"name": "Robin"})
    assert lead_id(f"{NOW:%Y-%m-%d}:{content}", content, NOW) != lead_id(None, content, NOW)


def test_ids_stay_what_they_are_for_good() -> None:
    # These ids find stored leads. If they changed, a retry after the deployment would become a second lead.
    assert lead_id("made-up-submission-0001", "", NOW) == KNOWN_ID
    assert fingerprint({"name": "Robin", "email": None}) == KNOWN_FINGERPRINT


KNOWN_ID = "BAXKV5739XGCJ1QJWK5GPAGJE7"
KNOWN_FINGERPRINT = "684b2b9927a9ca909aac1c7492f83bbf1857d68f7e4af813426c7f58501b23ea"
