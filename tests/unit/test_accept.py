"""submit.accept: which of our two kinds of response a client asks for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from submit.accept import prefers_page
from tests.unit.words import any_text

PAGE, JSON, OPEN = [
    [
        "text/html",
        "TEXT/HTML",
        "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",  # Chrome, Firefox
        "text/html, */*",
        "application/json;q=0.5, text/html",
        "text/*",
        "text/*;q=0.9, application/json;q=0.8",
        "application/xhtml+xml",
        "application/json;q=0, text/html;q=0.1",
    ],
    [
        "application/json",
        "application/json, text/plain, */*",  # axios
        "application/problem+json",
        "text/html;q=0.5,application/json",
        "application/*",
        "Application/JSON; charset=utf-8",
        "text/html;q=0,application/json;q=0.001",
    ],
    ["", "*/*", "image/png", "text/html, application/json", "text/plain", ",", ";q=1", "*/*;q=0", "text/html;q=0"],
]


@pytest.mark.parametrize("otherwise", [True, False])
@pytest.mark.parametrize(
    ("accept", "wanted"),
    [*((each, True) for each in PAGE), *((each, False) for each in JSON), *((each, None) for each in OPEN)],
)
def test_the_better_quality_wins_then_the_better_name(accept: str, wanted: bool | None, otherwise: bool) -> None:  # noqa: FBT001 - parameters
    assert prefers_page(accept, otherwise=otherwise) is (otherwise if wanted is None else wanted)


@given(accept=st.one_of(any_text, st.lists(st.sampled_from([*PAGE, *JSON, *OPEN])).map(",".join)))
def test_any_header_is_an_answer(accept: str) -> None:
    assert prefers_page(accept, otherwise=True) in {True, False}
