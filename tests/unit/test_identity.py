"""shared.leads.identity: the same submission finds the same lead, and nobody without the key finds or joins any."""

import hashlib
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.leads.identity import REFERENCE_PATTERN, LeadIds, Signs, id_prefix, reference
from tests.unit.people import ID_KEY, IDS, NOW

ID = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}")
OTHER_STACK = LeadIds("made-up-key-of-another-stack-0123456789")

_moments = st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone
_values = st.one_of(
    st.none(), st.booleans(), st.text(max_size=20), st.lists(st.text(max_size=5), max_size=3).map(tuple)
)
_contents = st.dictionaries(st.text(max_size=5), _values, max_size=5)
_submission_ids = st.from_regex(r"[A-Za-z0-9_-]{16,64}", fullmatch=True)
_signs = st.builds(
    Signs,
    trap_filled=st.booleans(),
    rendered_at=st.one_of(st.none(), st.integers(10**12, 10**13 - 1)),
    turnstile_token=st.one_of(st.none(), st.from_regex(r"[A-Za-z0-9._-]{1,20}", fullmatch=True)),
)


@given(submission_id=st.one_of(st.none(), _submission_ids), content=_contents, at=_moments, signs=_signs)
def test_an_id_has_26_unambiguous_symbols_and_gives_a_reference(
    submission_id: str | None, content: dict[str, object], at: datetime, signs: Signs
) -> None:
    made = IDS.lead_id(submission_id, IDS.fingerprint(content), at, signs)
    assert ID.fullmatch(made)
    assert REFERENCE_PATTERN.fullmatch(reference(made))
    assert reference(made).replace("-", "") == f"KC{made[:8]}"


@given(
    submission_id=_submission_ids,
    contents=st.tuples(_contents, _contents),
    moments=st.tuples(_moments, _moments),
    signs=_signs,
)
def test_with_a_submission_id_that_id_and_the_signs_decide(
    submission_id: str,
    contents: tuple[dict[str, object], dict[str, object]],
    moments: tuple[datetime, datetime],
    signs: Signs,
) -> None:
    first, second = (
        IDS.lead_id(submission_id, IDS.fingerprint(content), at, signs)
        for content, at in zip(contents, moments, strict=True)
    )
    assert first == second


@given(content=_contents, at=_moments, signs=_signs)
def test_without_one_the_content_the_utc_day_and_the_signs_decide(
    content: dict[str, object], at: datetime, signs: Signs
) -> None:
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    printed = IDS.fingerprint(content)
    made = IDS.lead_id(None, printed, at, signs)
    assert IDS.lead_id(None, printed, midnight, signs) == made
    assert IDS.lead_id(None, printed, midnight + timedelta(days=1), signs) != made
    assert IDS.lead_id(None, IDS.fingerprint(content | {"name": "somebody else"}), at, signs) != made


@given(submission_id=st.one_of(st.none(), _submission_ids), content=_contents, both=st.tuples(_signs, _signs))
def test_a_copy_with_other_signs_of_spam_is_another_lead(
    submission_id: str | None, content: dict[str, object], both: tuple[Signs, Signs]
) -> None:
    first, second = (IDS.lead_id(submission_id, IDS.fingerprint(content), NOW, signs) for signs in both)
    assert (first == second) is (both[0] == both[1])


def test_each_sign_alone_makes_another_lead() -> None:
    plain = Signs()
    others = [
        replace(plain, trap_filled=True),
        replace(plain, rendered_at=1_772_638_109_999),
        replace(plain, turnstile_token="1772638109999"),
        replace(plain, turnstile_token="true"),
    ]
    for submission_id in (None, "made-up-submission-0001"):
        assert len({IDS.lead_id(submission_id, "same", NOW, signs) for signs in (plain, *others)}) == 1 + len(others)


@given(content=_contents)
def test_the_order_of_fields_changes_no_fingerprint(content: dict[str, object]) -> None:
    assert IDS.fingerprint(dict(reversed(content.items()))) == IDS.fingerprint(content)


def test_a_list_is_fingerprinted_in_its_order_whatever_kind_of_list_it_is() -> None:
    said = IDS.fingerprint({"symptoms": ("low_mood", "insomnia")})
    assert IDS.fingerprint({"symptoms": ["low_mood", "insomnia"]}) == said
    assert IDS.fingerprint({"symptoms": ("insomnia", "low_mood")}) != said
    assert IDS.fingerprint({"symptoms": "low_mood, insomnia"}) != said


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
    assert len({IDS.fingerprint(content) for content in contents}) == len(contents)


def test_submission_ids_that_differ_in_one_symbol_are_different_leads() -> None:
    ids = ["made-up-submission-0001", "made-up-submission-0002", "Made-up-submission-0001"]
    assert len({IDS.lead_id(one, "same", NOW, Signs()) for one in ids}) == len(ids)


def test_no_submission_id_can_stand_for_another_persons_content() -> None:
    content = IDS.fingerprint({"name": "Robin"})
    own = IDS.lead_id(None, content, NOW, Signs())
    assert IDS.lead_id(f"{NOW:%Y-%m-%d}:{content}", content, NOW, Signs()) != own
    assert IDS.lead_id(content, content, NOW, Signs()) != own


# The key


@given(submission_id=st.one_of(st.none(), _submission_ids), content=_contents, signs=_signs)
def test_without_the_key_nothing_can_be_computed(
    submission_id: str | None, content: dict[str, object], signs: Signs
) -> None:
    printed, stranger = IDS.fingerprint(content), OTHER_STACK.fingerprint(content)
    assert printed != stranger
    # Not even with the stored fingerprint.
    own, guessed = (ids.lead_id(submission_id, printed, NOW, signs) for ids in (IDS, OTHER_STACK))
    assert own != guessed
    assert reference(own) != reference(guessed)


def test_a_fingerprint_and_an_id_are_no_plain_hashes() -> None:
    content = {"name": "Robin"}
    known = {hashlib.sha256(text.encode()).hexdigest() for text in ('{"name":"Robin"}', '["content",{"name":"Robin"}]')}
    assert IDS.fingerprint(content) not in known


def test_two_stacks_share_no_reference() -> None:
    ours, theirs = (
        {reference(ids.lead_id(f"made-up-submission-{one:04}", "", NOW, Signs())) for one in range(1_000)}
        for ids in (IDS, OTHER_STACK)
    )
    assert not ours & theirs


@pytest.mark.parametrize("shown", [repr, str, lambda ids: f"{ids!r} {ids}", lambda ids: str(vars(type(ids)))])
def test_the_key_is_in_no_text_about_its_holder(shown: object) -> None:
    assert callable(shown)
    assert ID_KEY not in shown(IDS)


def test_ids_stay_what_they_are_for_good() -> None:
    # These ids find stored leads. If they changed, a retry after the deployment would become a second lead.
    assert IDS.lead_id("made-up-submission-0001", "", NOW, Signs()) == KNOWN_ID
    assert IDS.lead_id(None, "made-up", NOW, _FILLED) == KNOWN_PLAIN_ID
    assert IDS.fingerprint({"name": "Robin", "email": None}) == KNOWN_FINGERPRINT


_FILLED = Signs(trap_filled=True, rendered_at=1_772_638_109_999, turnstile_token="x.y")
KNOWN_ID = "A0F8AZNYPJP94T7H5CERY90HMS"
KNOWN_PLAIN_ID = "FXJXH26HGRGKX84SQ9WR9KNNPN"
KNOWN_FINGERPRINT = "6e131fd72af586326a91af0f36cfd77d14cb690c87c5310a68c8129eb83634b5"


@given(_contents, _moments, _signs)
def test_a_reference_tells_the_beginning_of_the_id(content: dict[str, object], at: datetime, signs: Signs) -> None:
    lead_id = IDS.lead_id(None, IDS.fingerprint(content), at, signs)
    assert lead_id.startswith(id_prefix(reference(lead_id)))
    assert len(id_prefix(reference(lead_id))) == 8
