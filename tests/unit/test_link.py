"""shared.leads.link: signed links are read, and everything else is refused."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import Signer, URLSafeSerializer

from shared.leads.link import LINK_LIFE, BadLinkError, ExpiredLinkError, Link, links, read_link, sign, token_in
from shared.leads.response import ClaimAction
from tests.unit.people import NOW, a_lead
from tests.unit.words import any_text

KEY = b"made-up key, thirty-two bytes of"
LINK = Link(
    lead_id=a_lead().id, recipient="staff-1", action=ClaimAction.CLAIM, attempt=1, expires_at=NOW.replace(microsecond=0)
)
BEFORE = NOW - timedelta(seconds=1)

any_link = st.builds(
    Link,
    lead_id=st.text("0123456789ABCDEFGHJKMNPQRSTVWXYZ", min_size=26, max_size=26),
    recipient=st.builds("{}-{}".format, st.sampled_from(["staff", "fallback"]), st.integers(1, 50)),
    action=st.sampled_from([None, *ClaimAction]),
    attempt=st.integers(1, 10_000),
    expires_at=st.datetimes(datetime(2026, 1, 1), datetime(2100, 1, 1)).map(  # noqa: DTZ001 - in UTC below
        lambda moment: moment.replace(microsecond=0, tzinfo=UTC)
    ),
)


@given(any_link)
def test_a_signed_link_is_read(link: Link) -> None:
    token = sign(link, KEY)
    assert read_link(token, KEY, link.expires_at - timedelta(seconds=1)) == link
    assert re.fullmatch(r"[A-Za-z0-9_.-]{1,200}", token)


def test_a_link_that_was_emailed_stays_good() -> None:
    """If this fails, the links in all emails sent before are dead."""
    token = "3TMJ3633JF3EBZ7QBNSJ7PZESR.staff-1.claim.1.1772638200.756NuNG9RjZK43ViJwBtI9r6vc60LG3BGC1_8ttaIQc"
    assert sign(LINK, KEY) == token
    assert read_link(token, KEY, BEFORE) == LINK


any_press = st.tuples(any_link, st.sampled_from(ClaimAction), st.one_of(st.none(), st.integers(0, 99)))


@given(any_press, any_press)
def test_a_press_is_identified_by_email_choice_and_what_its_page_knew(
    one: tuple[Link, ClaimAction, int | None], other: tuple[Link, ClaimAction, int | None]
) -> None:
    uses, known = [], []
    for link, action, seen in (one, other):
        uses.append(link.use(action, seen))
        known.append((link.recipient, link.attempt, action, seen))
    assert (uses[0] == uses[1]) is (known[0] == known[1])


@given(any_link, any_link, st.integers(0, 99), st.sampled_from(ClaimAction))
def test_closing_another_request_is_no_press_of_its_own_links(
    one: Link, other: Link, seen: int, action: ClaimAction
) -> None:
    assert one.use_for_another(seen) not in {other.use(action), other.use(action, seen)}


# What email programs and people put around a link.
_around = st.lists(
    st.one_of(
        st.sampled_from(
            [*".)>,;\"'](*<[:!? \n\t=", "%3E", "%3C", "%22", "&gt;", "&lt;", "&quot;", "&#39;", "%26gt%3B"]
        ),
        st.sampled_from(["\u200b", "\u200e", "\ufeff", "\u00ad", "\u2060", "\u00a0", "%E2%80%8B", "\u201d", "\u2026"]),
    ),
    max_size=4,
).map("".join)


@given(any_link, _around, _around)
def test_punctuation_around_a_link_does_no_harm(link: Link, before: str, after: str) -> None:
    token = sign(link, KEY)
    assert token_in(f"{before}{token}{after}") == token


@given(any_link, any_text)
def test_whatever_is_around_a_link_no_other_is_found(link: Link, noise: str) -> None:
    token = sign(link, KEY)
    for address in (token + noise, noise + token):
        try:
            found = token_in(address)
        except BadLinkError:
            assert (
                any(each.isalnum() or each in "-_" or "\ud800" <= each <= "\udfff" for each in noise)
                or not noise.isascii()
            )
        else:
            assert found == token


@given(any_link, st.data())
def test_a_link_that_was_cut_off_or_changed_is_not_repaired(link: Link, data: st.DataObject) -> None:
    token = sign(link, KEY)
    place = data.draw(st.integers(0, len(token) - 1))
    put = data.draw(st.text("AQgw048_-. %>", max_size=2))
    changed = token[:place] + put + token[place + 1 :]
    if token in changed:
        return
    with pytest.raises(BadLinkError):
        read_link(token_in(changed), KEY, BEFORE)
    with pytest.raises(BadLinkError):
        read_link(token_in(token[:place]), KEY, BEFORE)


@pytest.mark.parametrize("changed", [str.lower, str.upper, str.swapcase])
def test_the_case_of_a_link_matters(changed: Callable[[str], str]) -> None:
    with pytest.raises(BadLinkError):
        read_link(token_in(changed(sign(LINK, KEY))), KEY, BEFORE)


@given(any_text)
def test_there_is_no_token_in_any_text(text: str) -> None:
    with pytest.raises(BadLinkError):
        token_in(text)


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
