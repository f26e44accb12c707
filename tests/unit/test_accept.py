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
        "application/json;q=0, */*",
        "application/json;q=0.3, text/html;level=1",
        "text/html;level=1;q=0.3, text/html;q=0.7, */*;q=0.5",  # RFC 9110's own example, with our two kinds
        "text/*;q=0.3, text/html;q=0.7, application/*;q=0.5",
        "application/json;q=.5, text/html ; q=0.6",
        'application/json;profile="a, b";q=0.1, text/html;q=0.2',
        "*/*, application/json;q=0.999",
        "text/html;q=1;ext=0.1, application/json;q=0.9",
        "*;q=0.1, text/html",
    ],
    [
        "application/json",
        "application/json, text/plain, */*",  # axios
        "application/problem+json",
        "text/html;q=0.5,application/json",
        "application/*",
        "Application/JSON; charset=utf-8",
        "text/html;q=0,application/json;q=0.001",
        "text/html;q=0.5, */*;q=0.8",
        "text/*;q=0.5, */*;q=0.8",
        "text/html;q=0, */*;q=0.1",
        "application/xhtml+xml;q=0.5, */*;q=0.8",
        "application/problem+json, text/html;q=0.9",
        "application/json;v=2, */*",
        "text/html;Q=0.5, application/JSON;q=0.6",
    ],
    [
        *("", "*/*", "image/png", "text/html, application/json", "text/plain", ",", ";q=1", "*/*;q=0", "text/html;q=0"),
        *("text/html;q=high, application/json;q=1", '"', 'text/plain;x="', "text/html;;, application/json;q="),
    ],
]


@pytest.mark.parametrize("otherwise", [True, False])
@pytest.mark.parametrize(
    ("accept", "wanted"),
    [*((each, True) for each in PAGE), *((each, False) for each in JSON), *((each, None) for each in OPEN)],
)
def test_the_better_quality_wins_then_the_better_name(accept: str, wanted: bool | None, otherwise: bool) -> None:  # noqa: FBT001 - parameters
    assert prefers_page(accept, otherwise=otherwise) is (otherwise if wanted is None else wanted)


_NAMES = ["text/html", "text/*", "*/*", "application/json", "application/*", "image/png", "TEXT/html"]
_ranges = st.lists(st.tuples(st.sampled_from(_NAMES), st.integers(0, 10)), max_size=6)


def quality(ranges: list[tuple[str, int]], name: str) -> tuple[int, int]:
    """Return (quality, exactness) of a media type as section 12.5.1 has it. Of equal ranges, the better one counts."""
    for exactness, matching in enumerate((name, f"{name.split('/', maxsplit=1)[0]}/*", "*/*")):
        if found := [value for each, value in ranges if each.lower() == matching]:
            return max(found), 2 - exactness if max(found) else 0
    return 0, 0


@given(_ranges, st.booleans())
def test_the_most_specific_range_decides(ranges: list[tuple[str, int]], otherwise: bool) -> None:  # noqa: FBT001 - a parameter
    accept = ", ".join(f"{name};q={value / 10}" for name, value in ranges)
    page, json = quality(ranges, "text/html"), quality(ranges, "application/json")
    assert prefers_page(accept, otherwise=otherwise) is (otherwise if page == json else page > json)


@pytest.mark.parametrize("long", ["text/html;" * 50_000, '"\\' * 50_000, "a," * 50_000, "text/html;q=0" + "0" * 50_000])
def test_only_the_start_of_a_long_header_is_read(long: str) -> None:
    assert prefers_page(f"application/json,{long}", otherwise=True) is False
    assert prefers_page(f"{long[:2_000]},application/json", otherwise=True) is True


@given(accept=st.one_of(any_text, st.lists(st.sampled_from([*PAGE, *JSON, *OPEN])).map(",".join)))
def test_any_header_is_an_answer(accept: str) -> None:
    assert prefers_page(accept, otherwise=True) in {True, False}
