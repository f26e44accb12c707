"""Links still work with punctuation around them, and stay refused if they were cut off or changed."""

from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claim.address import token_in
from shared.leads.link import BadLinkError, Link, read_link, sign
from tests.unit.links import BEFORE, KEY, LINK, any_link
from tests.unit.words import any_text

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


@given(any_link)
def test_a_link_that_is_written_twice_or_between_lines_is_read(link: Link) -> None:
    token = sign(link, KEY)
    for address in (
        f"_{token}_",
        f"*{token}*",
        f"-{token}-",
        f"{token}<https://api.example/v1/claim/{token}>",
        f"{token}%3Chttps%3A%2F%2Fapi.example%2Fv1%2Fclaim%2F{token}%3E",
    ):
        assert token_in(address) == token


@given(any_link, any_text)
def test_whatever_is_around_a_link_no_other_is_found(link: Link, noise: str) -> None:
    token = sign(link, KEY)
    for address in (token + noise, noise + token):
        with suppress(BadLinkError):
            assert token_in(address) == token


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
