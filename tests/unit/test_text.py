"""submit.clean: one canonical form, without invisible characters that could mislead a reader."""

import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given

from submit.clean import is_blank, multi_line, single_line
from tests.unit.words import any_text

BIDI_CONTROLS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"
BOTH = pytest.mark.parametrize("clean", [single_line, multi_line])


@BOTH
@given(text=any_text)
def test_cleaning_twice_is_cleaning_once(clean: Callable[[str], str], text: str) -> None:
    assert clean(clean(text)) == clean(text)


@BOTH
@given(text=any_text)
def test_text_comes_out_in_nfc_trimmed_and_storable(clean: Callable[[str], str], text: str) -> None:
    cleaned = clean(text)
    assert unicodedata.is_normalized("NFC", cleaned)
    assert cleaned == cleaned.strip()
    assert cleaned.encode("utf-8").decode("utf-8") == cleaned
    assert not set(cleaned) & set(BIDI_CONTROLS)


@given(text=any_text)
def test_a_single_line_has_no_control_characters_and_single_spaces(text: str) -> None:
    cleaned = single_line(text)
    assert not [character for character in cleaned if unicodedata.category(character) in {"Cc", "Zl", "Zp"}]
    assert "  " not in cleaned


@given(text=any_text)
def test_several_lines_keep_line_ends_and_tabs_as_their_only_controls(text: str) -> None:
    controls = {character for character in multi_line(text) if unicodedata.category(character) == "Cc"}
    assert controls <= {"\n", "\t"}


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("  Robin \t Example\r\n", "Robin Example"),
        ("Robin\x00 Ex\x07ample", "Robin Example"),
        ("Robin\nExample", "Robin Example"),
        ("Robin\x0bExample\x0cJunior\x85", "Robin Example Junior"),
        ("Rene\u0301e", "Ren\u00e9e"),
        ("moc.live\u202egro", "moc.livegro"),
        ("\ufeffRobin\u3000Example", "Robin Example"),
        ("half \ud83d pair", "half pair"),
        ("\ufffe\ufdd0", ""),
        ("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"),
        (" \t\r\n", ""),
    ],
)
def test_a_single_line_in_one_form(typed: str, expected: str) -> None:
    assert single_line(typed) == expected


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("one\r\ntwo\rthree\nfour", "one\ntwo\nthree\nfour"),
        ("\n\n  one\ttwo  \n\n", "one\ttwo"),
        ("one\x0ctwo\x85three", "one\ntwo\nthree"),
        ("a\x1b[31mb", "a[31mb"),
    ],
)
def test_several_lines_in_one_form(typed: str, expected: str) -> None:
    assert multi_line(typed) == expected


@BOTH
@pytest.mark.parametrize("control", [*BIDI_CONTROLS, "\ufeff", "\x00", "\x1b", "\x7f", "\x9f", "\ud800", "\ufffe"])
def test_nothing_invisible_that_could_mislead_is_left(clean: Callable[[str], str], control: str) -> None:
    assert clean(f"moc{control}live") == "moclive"


@BOTH
@pytest.mark.parametrize("typed", ["\u00bd a mile", "x\u00b2", "\u2122", "\ufb01ve"])
def test_what_only_looks_alike_stays_what_it_was(clean: Callable[[str], str], typed: str) -> None:
    assert clean(typed) == typed


@BOTH
def test_emoji_made_of_several_stay_one(clean: Callable[[str], str]) -> None:
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f467 \u2764\ufe0f"
    assert clean(family) == family


@pytest.mark.parametrize(
    "text",
    ["", " ", "\t\r\n", "\x00", "\ufeff", "\u202e\u2066", "\u200b\u2060", "\u200d", "\u3000\xa0", "\ud800", "\u2028"],
)
def test_a_text_that_shows_nothing_is_blank(text: str) -> None:
    assert is_blank(text)


@pytest.mark.parametrize("text", ["x", " . ", "0", "\u0301", "\U0001f642", "\u202e!", "\u200bx"])
def test_a_text_that_shows_something_is_not_blank(text: str) -> None:
    assert not is_blank(text)


@BOTH
@given(text=any_text)
def test_cleaning_makes_nothing_blank_that_was_not(clean: Callable[[str], str], text: str) -> None:
    assert is_blank(clean(text)) == is_blank(text)
