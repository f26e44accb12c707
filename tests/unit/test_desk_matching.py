"""desk.matching: what a person types into the find box finds people as they write their own names and numbers."""

import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from desk.matching import Wanted, folded_name, wanted
from shared.leads.identity import REFERENCE_PATTERN
from shared.leads.spoken_reference import reference_in
from tests.unit.words import any_text


def finds(typed: str, name: str = "Robin Example", email: str | None = None, phone: str | None = None) -> bool:
    looked_for = wanted(typed)
    return looked_for is not None and looked_for.matches(name=name, email=email, phone=phone)


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("zoe", "Zo\u00eb O'Brien-Smith"),
        ("Zoe\u0308", "Zo\u00eb O'Brien-Smith"),
        ("obrien", "Zo\u00eb O\u2019Brien-Smith"),
        ("O'Brien", "Zo\u00eb O\u2019Brien-Smith"),
        ("smith zo", "Zo\u00eb O'Brien-Smith"),
        ("nunez emile", "\u00c9mile Deskstr\u00f6m-N\u00fa\u00f1ez"),
        ("STROM", "\u00c9mile Deskstr\u00f6m-N\u00fa\u00f1ez"),
        ("soren", "S\u00f8ren \u00c6blegaard"),
        ("aeble", "S\u00f8ren \u00c6blegaard"),
        ("strasse", "Kim Stra\u00dfe"),
        ("lukasz", "\u0141ukasz Przyk\u0142ad"),
        ("anne marie", "Anne-Marie Example"),
        ("\u4e2d", "\u4e2d\u6587 Example"),
    ],
)
def test_a_part_of_a_name_is_found_without_accents_and_in_any_order(typed: str, name: str) -> None:
    assert finds(typed, name)


@pytest.mark.parametrize("typed", ["robert", "robin smith", "exampl robim"])
def test_each_word_must_be_in_the_name(typed: str) -> None:
    assert not finds(typed)


@pytest.mark.parametrize(
    "typed",
    ["(202) 555-0147", "202.555.0147", "+1 202 555 0147", "2025550147", "1-202-555-0147", "555-0147", "0147", "555 01"],
)
def test_a_number_is_found_however_it_is_written(typed: str) -> None:
    assert finds(typed, phone="+12025550147")
    assert finds(typed, phone="+12025550147 ext. 12")
    assert not finds(typed, phone="+12025559999")


def test_a_whole_number_is_exact_and_a_part_is_not() -> None:
    assert wanted("(202) 555-0147") == Wanted(phone="+12025550147", digits="12025550147")
    assert wanted("555-0147") == Wanted(digits="5550147")


def test_a_number_among_words_is_found_too() -> None:
    assert finds("call 202-555-0147", phone="+12025550147")


@pytest.mark.parametrize("typed", ["robin@example.com", " Robin@EXAMPLE.com ", "robin@", "@example.com", "obin@ex"])
def test_an_address_is_found_by_a_part_of_it(typed: str) -> None:
    assert finds(typed, name="X", email="Robin@example.com")


@pytest.mark.parametrize("typed", ["r.smith", "R.Smith-80", "smith-80", "80s"])
def test_an_address_is_found_by_a_part_before_its_at_sign(typed: str) -> None:
    assert finds(typed, name="X", email="r.smith-80s@example.com")


@pytest.mark.parametrize("typed", ["example", "com", "r.", "smith robin"])
def test_other_words_are_not_looked_for_in_an_address(typed: str) -> None:
    assert not finds(typed, name="X", email="r.smith-80s@example.com")

    assert not finds(typed, name="X", email="sam@sample.example")


@pytest.mark.parametrize("typed", ["020 7946 0018", "0044 20 7946 0018", "7946 0018", "0018"])
def test_a_number_of_another_country_is_found_as_people_there_dial_it(typed: str) -> None:
    assert finds(typed, phone="+442079460018")
    assert not finds(typed, phone="+442079461818")


def test_an_address_is_found_as_an_email_program_copies_it() -> None:
    assert wanted("Robin Example <robin@Example.com>") == wanted("robin@example.com")


def test_a_whole_address_is_exact() -> None:
    assert wanted("mailto:robin@Example.com") == Wanted(email="robin@example.com", part="robin@example.com")


@pytest.mark.parametrize("typed", ["", "  ", "-", "...", "@", "12", "(2)", "\u0301"])
def test_nothing_is_looked_for_without_letters_or_enough_digits(typed: str) -> None:
    assert wanted(typed) is None


@given(any_text)
@example("\u0130")
@example("\ufb01")
def test_any_text_is_read(typed: str) -> None:
    assert reference_in(typed) is None or REFERENCE_PATTERN.fullmatch(str(reference_in(typed)))
    folded = folded_name(typed)
    assert folded_name(folded) == folded
    finds(typed, typed, typed, typed)


@given(st.lists(st.text(string.ascii_letters, min_size=1), min_size=1, max_size=4), st.randoms())
def test_any_words_of_a_name_find_it(words: list[str], random: object) -> None:
    shuffled = sorted(words, key=lambda _: random.random())  # type: ignore[attr-defined] # hypothesis's Random
    name = " ".join(words)
    if reference_in(" ".join(shuffled)) is None:
        assert finds(" ".join(shuffled).upper(), name)
        assert finds(shuffled[0][:3], name)
