"""contact: valid addresses and numbers get one form. Everything else is None, never an error."""

import unicodedata

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.leads.contact import MAX_EMAIL_LENGTH, MAX_PHONE_LENGTH, normalize_email, normalize_phone, readable_phone
from tests.unit.words import any_text

_LABEL = "a" * 61
LONGEST_DOMAIN = f"{_LABEL}.{_LABEL}.{_LABEL}.com"  # 189
LONGEST_ADDRESS = "a" * 64 + "@" + LONGEST_DOMAIN  # exactly 254


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("robin@example.com", "robin@example.com"),
        ("Robin.Example@EXAMPLE.COM", "Robin.Example@example.com"),
        ("robin+clinic@mail.example.com", "robin+clinic@mail.example.com"),
        ("_robin@example.com", "_robin@example.com"),
        ("o'robin@example.com", "o'robin@example.com"),
        ("robin-@example.com", "robin-@example.com"),
        ("1@xn--bcher-kva.example.com", "1@xn--bcher-kva.example.com"),
        ("a" * 64 + "@example.com", "a" * 64 + "@example.com"),
        (LONGEST_ADDRESS, LONGEST_ADDRESS),
    ],
)
def test_an_address_that_can_get_email(typed: str, expected: str) -> None:
    assert normalize_email(typed) == expected


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "robin",
        "@example.com",
        "robin@",
        "robin@example",
        "Robin Example <robin@example.com>",
        "Robin <robin@example.com",
        "robin@example.com <robin@example.com>",
        "robin@example.com, sam@example.com",
        "robin@example.com; sam@example.com",
        "robin@example.com. Thanks",
        "robin @example .com",
        "mailto:robin@example.com,sam@example.com",
        "mailto:mailto:robin@example.com",
        "https://robin@example.com",
        "robin@example.com\nBcc: sam@example.com",
        "robin@@example.com",
        "robin@sam@example.com",
        "robin example@example.com",
        "=cmd|x!A1@example.com",
        "+robin@example.com",
        "-robin@example.com",
        "@SUM(1)@example.com",
        ".robin@example.com",
        "robin.@example.com",
        "robin..example@example.com",
        "robin@.example.com",
        "robin@example..com",
        "robin@-example.com",
        "robin@example-.com",
        "robin@exa_mple.com",
        "robin@ex\u0430mple.com",  # a Cyrillic a
        "robin@b\u00fccher.example.com",
        "r\u00f6bin@example.com",
        "robin@example.c\u043em",
        "robin\u0301@example.com",
        "robin@example\u2024com",  # a one dot leader
        "r\u00b2@example.com",
        "\U0001d42bobin@example.com",  # mathematical letters
        "\uff1dcmd|x!A1@example.com",
        "'=cmd|x!A1@example.com",
        '"+robin@example.com"',
        "robin@192.0.2.1",
        "robin@[192.0.2.1]",
        "robin@[IPv6:2001:db8::1]",
        '"robin"@example.com',
        '"robin example"@example.com',
        "robin(comment)@example.com",
        "x/www.example.net/y@example.com",
        "a" * 65 + "@example.com",
        "a@" + "b" * 64 + ".com",
    ],
)
def test_an_address_that_is_refused(typed: str) -> None:
    assert normalize_email(typed) is None


@pytest.mark.parametrize(
    "typed",
    [
        *(
            "robin@example.com.",
            "robin@example.com,",
            "robin@example.com;",
            "robin@example.com. ",
            "robin@example.com...",
        ),
        *(
            "mailto:robin@example.com",
            "MailTo:robin@EXAMPLE.com",
            "mailto: robin@example.com",
            "<mailto:robin@example.com>",
        ),
        *(
            "mailto:robin@example.com?subject=Hello",
            "<robin@example.com>",
            "(robin@example.com)",
            "[robin@example.com]",
        ),
        *('"robin@example.com"', "'robin@example.com'", "\u201crobin@example.com\u201d", " robin@example.com\n"),
        *("robin @example.com", "robin@ example.com", "robin @ example.com", "robin\xa0@\u3000example.com"),
        *(
            "\u200brobin@example.com",
            "robin@example.com\u200b",
            "ro\u00adbin@exam\u2060ple.com",
            "\ufeffrobin@example.com",
        ),
        *(
            "\u202arobin@example.com\u202c",
            "robin\u200d@example.com",
            "robin@example\u200c.com",
            "\u2066robin@example.com\u2069",
        ),
        *("robin\uff20example.com", "robin@example\uff0ecom", "robin@example\u3002com", "robin\ufe6bexample\ufe52com"),
        "\uff52\uff4f\uff42\uff49\uff4e\uff20\uff45\uff58\uff41\uff4d\uff50\uff4c\uff45\uff0e\uff43\uff4f\uff4d",
    ],
)
def test_what_is_typed_or_pasted_around_an_address_is_removed(typed: str) -> None:
    assert normalize_email(typed) == "robin@example.com"


def test_an_address_one_character_too_long_is_refused() -> None:
    assert len(LONGEST_ADDRESS) == MAX_EMAIL_LENGTH
    assert normalize_email(LONGEST_ADDRESS + "m") is None


@pytest.mark.parametrize(
    "hostile",
    [
        "a" * 1_000_000,
        "a." * 500_000 + "@",
        "a@" + "a." * 500_000,
        "a@" + "a-" * 100 + ".",
        "a" * 63 + "@" + "a-" * 95,
        "a@" + "1." * 126,
        "!" * 254,
    ],
)
def test_a_long_hostile_address_is_refused_and_comes_to_an_end(hostile: str) -> None:
    assert normalize_email(hostile) is None


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).lower()))


@given(
    st.one_of(
        any_text,
        st.emails(),
        st.from_regex(r"[a-z.+'_-]{1,9}@[A-Za-z.-]{1,9}\.[A-Za-z]{2,3}"),
        st.lists(
            st.sampled_from(["mailto:", "<", "sam", " ", "@", "\u200b", "\uff20", "x.example", ".", ",", ">", "?"])
        ).map("".join),
    )
)
def test_a_normal_address_is_its_own_normal_form_and_ascii(typed: str) -> None:
    address = normalize_email(typed)
    if address is not None:
        assert normalize_email(address) == address
        assert address.isascii()
        assert _letters(address) in _letters(typed)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("(202) 555-0143", "+12025550143"),
        ("202.555.0143", "+12025550143"),
        ("2025550143", "+12025550143"),
        ("1 202 555 0143", "+12025550143"),
        ("+1 202 555 0143", "+12025550143"),
        ("tel:+1-202-555-0143", "+12025550143"),
        ("212-555-0199", "+12125550199"),
        ("+44 20 7946 0018", "+442079460018"),
        ("011 44 20 7946 0018", "+442079460018"),
        ("202-555-0143 x12", "+12025550143 ext. 12"),
        ("202-555-0143 ext. 7", "+12025550143 ext. 7"),
        ("+12025550143 ext. 7", "+12025550143 ext. 7"),
        ("\uff12\uff10\uff12 \uff15\uff15\uff15 \uff10\uff11\uff14\uff13", "+12025550143"),
    ],
)
def test_a_number_that_can_be_called(typed: str, expected: str) -> None:
    assert normalize_phone(typed) == expected


@given(st.from_regex(r"(\+?1[ .-]?)?\(?[2-9][0-9]{2}\)?[ .-]{0,2}[2-9][0-9]{2}[ .-]?[0-9]{4}", fullmatch=True))
def test_a_plain_number_is_what_the_library_makes_of_it(typed: str) -> None:
    number = phonenumbers.parse(typed, "US")
    assert phonenumbers.is_possible_number_with_reason(number) == phonenumbers.ValidationResult.IS_POSSIBLE
    assert normalize_phone(typed) == phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@pytest.mark.parametrize(
    "typed",
    [
        *(
            "",
            "call me",
            "911",
            "555-0143",
            "12",
            "+",
            "+1",
            "()",
            "202555014",
            "+999 202 555 0143",
            "202 555 0143 0143",
        ),
        "robin@example.com",
        "=1+2",
        "2025550143" + " " * MAX_PHONE_LENGTH,
        "2" * 1_000_000,
    ],
)
def test_a_number_that_is_refused(typed: str) -> None:
    assert normalize_phone(typed) is None


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("+12025550143", "+1 202-555-0143"),
        ("+442079460018", "+44 20 7946 0018"),
        ("+12025550143 ext. 12", "+1 202-555-0143 ext. 12"),
    ],
)
def test_a_number_is_shown_as_people_read_it(number: str, shown: str) -> None:
    assert readable_phone(number) == shown
    assert normalize_phone(shown) == number


@given(st.from_regex(r"\+(1[2-9]0255501|4420794600)[0-9]{2}( x[0-9]{1,5})?", fullmatch=True))
def test_a_number_shown_is_still_the_number(typed: str) -> None:
    number = normalize_phone(typed)
    assert number is not None
    assert normalize_phone(readable_phone(number)) == number
