"""shared.leads.link: signed links are read, and everything else is refused."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import Signer, URLSafeSerializer

from shared.leads.link import LINK_LIFE, BadLinkError, ExpiredLinkError, Link, links, read_link, sign
from shared.leads.response import DESK_ONLY, ClaimAction
from tests.unit.links import BEFORE, KEY, LINK, any_link
from tests.unit.people import NOW
from tests.unit.words import any_text


@given(any_link)
def test_a_signed_link_is_read(link: Link) -> None:
    token = sign(link, KEY)
    assert read_link(token, KEY, link.expires_at - timedelta(seconds=1)) == link
    assert re.fullmatch(r"[A-Za-z0-9_.-]{1,200}", token)


def test_a_link_that_was_emailed_stays_good() -> None:
    """If this fails, the links in all emails sent before are dead."""
    token = "3TMJ3633JF3EBZ7QBNSJ7PZESR.staff-1.claim.1.1772638200.756NuNG9RjZK43ViJwBtI9r6vc60LG3BGC1_8ttaIQc"
    link = replace(LINK, lead_id="3TMJ3633JF3EBZ7QBNSJ7PZESR")
    assert sign(link, KEY) == token
    assert read_link(token, KEY, BEFORE) == link


any_press = st.tuples(any_link, st.sampled_from(ClaimAction), st.one_of(st.none(), st.integers(0, 99)))


@given(any_press, any_press)
def test_a_press_is_identified_by_recipient_choice_and_what_its_page_knew(
    one: tuple[Link, ClaimAction, int | None], other: tuple[Link, ClaimAction, int | None]
) -> None:
    uses, known = [], []
    for link, action, seen in (one, other):
        uses.append(link.use(action, seen))
        # Two emails of one recipient open the same page. A page without `seen` is of an earlier version.
        known.append((link.recipient, link.attempt if seen is None else None, action, seen))
    assert (uses[0] == uses[1]) is (known[0] == known[1])


@given(any_link, any_link, st.integers(0, 99), st.sampled_from(ClaimAction))
def test_closing_another_request_is_no_press_of_its_own_links(
    one: Link, other: Link, seen: int, action: ClaimAction
) -> None:
    assert one.use_for_another(action, seen) not in {other.use(action), other.use(action, seen)}


@pytest.mark.parametrize("action", sorted(DESK_ONLY))
def test_no_link_stands_for_what_only_the_desk_can_do(action: ClaimAction) -> None:
    with pytest.raises(BadLinkError):
        read_link(sign(replace(LINK, action=action), KEY), KEY, BEFORE)


@given(any_text)
def test_any_text_is_no_link(token: str) -> None:
    with pytest.raises(BadLinkError):
        read_link(token, KEY, NOW)


@given(any_link, st.data())
def test_a_link_with_anything_changed_is_refused(link: Link, data: st.DataObject) -> None:
    token = sign(link, KEY)
    place = data.draw(st.integers(0, len(token)))
    cut = data.draw(st.integers(0, 2))
    put = data.draw(st.one_of(any_text, st.text("AQgw048=+/_-. ", max_size=2)))
    changed = token[:place] + put + token[place + cut :]
    if changed != token:
        with pytest.raises(BadLinkError):
            read_link(changed, KEY, BEFORE)


@pytest.mark.parametrize("last", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
def test_a_signature_has_one_spelling(last: str) -> None:
    token = sign(LINK, KEY)
    if last != token[-1]:
        with pytest.raises(BadLinkError):
            read_link(token[:-1] + last, KEY, BEFORE)


@given(any_link, any_link, st.integers(0, 5))
def test_the_parts_of_two_links_make_no_third(one: Link, other: Link, parts: int) -> None:
    first, second = sign(one, KEY).split("."), sign(other, KEY).split(".")
    mixed = ".".join([*first[:parts], *second[parts:]])
    if mixed not in {".".join(first), ".".join(second)}:
        with pytest.raises(BadLinkError):
            read_link(mixed, KEY, BEFORE)


@pytest.mark.parametrize("key", [b"", b"another key", KEY[:-1], KEY + b"x"])
def test_another_key_s_link_is_refused(key: bytes) -> None:
    with pytest.raises(BadLinkError):
        read_link(sign(LINK, key), KEY, BEFORE)


def test_what_the_same_key_signs_for_another_purpose_is_no_link() -> None:
    said = sign(LINK, KEY).rpartition(".")[0]
    for token in (
        Signer(KEY).sign(said).decode(),
        Signer(KEY, salt="another").sign(said).decode(),
        URLSafeSerializer(KEY, salt="claim").dumps(said),
    ):
        with pytest.raises(BadLinkError):
            read_link(token, KEY, BEFORE)


@given(any_link, st.integers(0, 10**9))
def test_a_link_ends_on_its_last_second_and_says_what_it_was(link: Link, late: int) -> None:
    with pytest.raises(ExpiredLinkError) as caught:
        read_link(sign(link, KEY), KEY, link.expires_at + timedelta(seconds=late))
    assert caught.value.link == link


def test_an_expiry_cannot_be_put_off() -> None:
    expiry = str(int(LINK.expires_at.timestamp()))
    with pytest.raises(BadLinkError):
        read_link(sign(LINK, KEY).replace(expiry, str(int(expiry) + 10**8)), KEY, NOW)


@pytest.mark.parametrize("base", ["https://api.example.com/v1", "https://api.example.com/v1/"])
def test_an_email_has_a_link_for_each_answer_valid_for_two_weeks(base: str) -> None:
    made = links(base, LINK.lead_id, "fallback-2", 7, KEY, NOW)
    for address, answer in (
        (made.page, None),
        (made.claim, ClaimAction.CLAIM),
        (made.reached, ClaimAction.REACHED),
        (made.no_answer, ClaimAction.NO_ANSWER),
    ):
        place, _, token = address.rpartition("/")
        assert place == "https://api.example.com/v1/claim"
        expected = replace(LINK, recipient="fallback-2", action=answer, attempt=7, expires_at=NOW + LINK_LIFE)
        assert read_link(token, KEY, NOW) == expected
    assert timedelta(days=14) == LINK_LIFE
