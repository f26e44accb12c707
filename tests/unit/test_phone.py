"""read_phone: numbers as people write them are read, and staff see what was typed where it says more."""

import subprocess
import sys

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.leads.contact import MAX_PHONE_LENGTH, PhoneRead, read_phone
from shared.text.en.problems import PROBLEMS
from tests.architecture.templates import ROOT
from tests.unit.words import any_text

OURS = "+12025550143"
THE_PROBLEMS = {None, "phone", "phone_country"}

zones = st.sampled_from(
    [
        *(None, "America/Chicago", "America/Toronto", "America/Jamaica", "UTC", "Nowhere/Land", "Europe/Paris"),
        *("America/Mexico_City", "Europe/London", "Asia/Calcutta", "Asia/Shanghai", "Europe/Copenhagen", "Europe/Rome"),
        *("America/Argentina/Buenos_Aires", "America/Sao_Paulo", "Australia/Sydney", "Africa/Abidjan", "Asia/Tokyo"),
    ]
)
phone_like = st.lists(
    st.one_of(
        st.from_regex(r"[0-9]{1,5}", fullmatch=True),
        st.sampled_from(
            [*"+()-./ x#,;", "00", "011", "+44", "+1", "+52 1", "(0)", " ext 5", " or ", " (cell)", "\u2013"]
        ),
    ),
    max_size=14,
).map("".join)


@pytest.mark.parametrize(
    "typed",
    [
        *("2025550143", "202-555-0143", "(202) 555-0143", "(202)555-0143", "202.555.0143", "202 555 0143"),
        *("1-202-555-0143", "1 (202) 555-0143", "+1 202 555 0143", "+1 (202) 555-0143", "+1.202.555.0143"),
        *(
            "1+2025550143",
            "1+12025550143",
            "1 + 202 555 0143",
            "+1 + 202 555 0143",
            "+1+1 202 555 0143",
            "++12025550143",
        ),
        *("0012025550143", "00 1 202 555 0143", "011 1 202 555 0143", "001-202-555-0143"),
        *("tel:+1-202-555-0143", "tel:2025550143", "TEL:202-555-0143", "tel. 202-555-0143", "Tel: +1 202 555 0143"),
        *("202/555/0143", "202/555-0143", "202 - 555 - 0143", "( 202 ) 555 - 0143", "202_555_0143", "202~555~0143"),
        *("202\u2013555\u20130143", "202\u2014555\u20140143", "202\u2010555\u20110143", "202\u2212555\u22120143"),
        *("202\xa0555\xa00143", "202\u2009555\u202f0143", "202\u3000555\u30000143", "202\u00b7555\u00b70143"),
        *("\u200b202-555-0143", "\u202a202-555-0143\u202c", "202\u00ad5550143", "\ufeff2025550143", "202\u200d5550143"),
        *("\uff12\uff10\uff12\uff0d\uff15\uff15\uff15\uff0d\uff10\uff11\uff14\uff13", "\uff0b1 202 555 0143"),
        *("\uff08202\uff09555\uff0d0143", "\u0662\u0660\u0662\u0665\u0665\u0665\u0660\u0661\u0664\u0663"),
        *("2\ufe0f\u20e30\ufe0f\u20e32\ufe0f\u20e3 555-0143", "\u260e 202-555-0143", "\U0001f4de(202) 555-0143"),
        *("202-555-0143.", "202-555-0143,", "202-555-0143;", "(202) 555-0143_", "<202-555-0143>", '"202-555-0143"'),
        *("2 0 2 5 5 5 0 1 4 3", "202 555 01 43", "20 25 55 01 43", "202\t555\t0143"),
    ],
)
@pytest.mark.parametrize("zone", [None, "America/New_York", "US/Eastern", "America/Toronto", "UTC"])
def test_an_american_number_in_any_spelling(typed: str, zone: str | None) -> None:
    assert read_phone(typed, zone) == PhoneRead(OURS)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("0044 20 7946 0018", "+442079460018"),
        ("00 44 (0) 20 7946 0018", "+442079460018"),
        ("+44 (0)20 7946 0018", "+442079460018"),
        ("+44(0)2079460018", "+442079460018"),
        ("(+44) 20 7946 0018", "+442079460018"),
        ("+1 +44 20 7946 0018", "+442079460018"),
        ("+34 (0)91 123 45 67", "+34911234567"),
        ("0034 (0)91 123 45 67", "+34911234567"),
        ("+39 (0)6 1234 5678", "+390612345678"),
        ("+33 (0)6 12 34 56 78", "+33612345678"),
        ("+33 06 12 34 56 78", "+33612345678"),
        ("+52 1 55 1234 5678", "+525512345678"),
        ("0052 1 55 1234 5678", "+525512345678"),
        ("011 52 1 55 1234 5678", "+525512345678"),
        ("+52 044 55 1234 5678", "+525512345678"),
        ("+54 11 15 2345 6789", "+5491123456789"),
        ("+7 (912) 345-67-89", "+79123456789"),
        ("tel:+442079460018", "+442079460018"),
        ("011 44 20 7946 0018", "+442079460018"),
    ],
)
@pytest.mark.parametrize("zone", [None, "America/New_York", "Europe/London"])
def test_a_number_with_its_country_code(typed: str, number: str, zone: str | None) -> None:
    assert read_phone(typed, zone) == PhoneRead(number)


@pytest.mark.parametrize(
    "typed",
    [
        *("202-555-0143 ext 5", "202-555-0143 ext. 5", "202-555-0143 x5", "202-555-0143x5", "202-555-0143 #5"),
        *("202-555-0143 extension 5", "202-555-0143, ext. 5", "(202) 555-0143 (ext 5)", "2025550143 Ext: 5"),
        *(
            "tel:+1-202-555-0143;ext=5",
            "202-555-0143,,5",
            "202-555-0143;5",
            "+1 202-555-0143 EXT. 5",
            "202-555-0143 x 5",
        ),
    ],
)
def test_an_extension_is_part_of_the_number(typed: str) -> None:
    assert read_phone(typed, None) == PhoneRead(f"{OURS} ext. 5")


# --- T1: area codes and exchanges -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed",
    [
        *("000-000-0000", "0000000000", "1234567890", "123-456-7890", "111-111-1111", "(000) 000-0000"),
        *("+1 000 000 0000", "1-000-000-0000", "+10000000000", "+1 123 456 7890", "1 (123) 456-7890", "+11234567890"),
        *("202-055-0143", "202-155-0143", "+1 202 155 0143", "102-555-0143", "tel:+1-102-555-0143"),
        *("000-000-0000 x5", "+1 202 155 0143 ext. 5", "123-456-7890 (cell)", "001 123 456 7890", "011 1 123 456 7890"),
    ],
)
@pytest.mark.parametrize("zone", [None, "America/New_York", "America/Toronto", "Europe/Paris"])
def test_a_north_american_number_needs_an_area_code_and_an_exchange(typed: str, zone: str | None) -> None:
    assert read_phone(typed, zone).number is None


@given(digits=st.from_regex(r"1?[0-9]{10}", fullmatch=True), plus=st.sampled_from(["", "+1", "1+1"]))
def test_every_north_american_number_has_both(digits: str, plus: str) -> None:
    number = read_phone(plus + digits, None).number
    if number is not None and number.startswith("+1"):
        assert number[2] in "23456789"
        assert number[5] in "23456789"


# --- T2: the country of the time zone ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "zone", "number"),
    [
        ("06 12 34 56 78", "Europe/Paris", "+33612345678"),
        ("06.12.34.56.78", "Europe/Paris", "+33612345678"),
        ("6 12 34 56 78", "Europe/Paris", "+33612345678"),
        ("0412 345 678", "Australia/Sydney", "+61412345678"),
        ("(02) 9374 4000", "Australia/NSW", "+61293744000"),
        ("020 7946 0018", "Europe/London", "+442079460018"),
        ("44 20 7946 0018", "Europe/London", "+442079460018"),
        ("98765 43210", "Asia/Kolkata", "+919876543210"),
        ("98765 43210", "Asia/Calcutta", "+919876543210"),  # Chrome's name
        ("8 (912) 345-67-89", "Europe/Moscow", "+79123456789"),
        ("044 55 1234 5678", "America/Mexico_City", "+525512345678"),
        ("52 1 55 1234 5678", "America/Mexico_City", "+525512345678"),
        ("011 4321-5678", "America/Buenos_Aires", "+541143215678"),
        ("139 1234 5678", "Asia/Shanghai", "+8613912345678"),
        ("0909 879 0000", "Europe/London", "+449098790000"),
        ("06 12 34 56 78 (portable)", "Europe/Paris", "+33612345678"),
        ("020 7946 0018 / 020 7946 0019", "Europe/London", "+442079460018"),
        ("020 7946 0018 x5", "Europe/London", "+442079460018 ext. 5"),
    ],
)
def test_a_number_without_a_country_code_is_read_by_the_country_of_the_time_zone(
    typed: str, zone: str, number: str
) -> None:
    assert read_phone(typed, zone) == PhoneRead(number, kept=True)


@pytest.mark.parametrize(
    ("typed", "zone"),
    [
        ("0011 44 20 7946 0018", "Australia/Sydney"),
        ("010 44 20 7946 0018", "Asia/Tokyo"),
        ("00 44 20 7946 0018", "Europe/Paris"),
        ("011 44 20 7946 0018", "Europe/Paris"),
    ],
)
def test_a_number_dialed_abroad_needs_no_guess(typed: str, zone: str) -> None:
    assert read_phone(typed, zone) == PhoneRead("+442079460018")


@pytest.mark.parametrize("zone", ["Europe/Paris", "America/Mexico_City", "Europe/Lisbon"])
@pytest.mark.parametrize("typed", ["202-555-0143", "(202) 555-0143", "1 202 555 0143"])
def test_an_american_abroad_keeps_an_american_number(typed: str, zone: str) -> None:
    assert read_phone(typed, zone) == PhoneRead(OURS)


@pytest.mark.parametrize(
    ("typed", "zone"),
    [
        ("06 12 34 56 78", None),
        ("06 12 34 56 78", "America/New_York"),
        ("0412 345 678", None),
        ("0412 345 678", "UTC"),
        ("0412 345 678", "Etc/GMT-10"),
        ("0412 345 678", "Nowhere/Land"),
        ("0412 345 678", "Antarctica/Troll"),  # a place, but of no country
        ("202-555-0143", "Asia/Tokyo"),
        ("1412 345 678", "Europe/Paris"),
        ("0412 345 678 (mobile)", None),
        ("020 7946 0018", None),
        ("0 202 555 0143", None),
        ("0011 44 20 7946 0018", None),
        ("55 1234 5678", "America/Mexico_City"),  # also in New Jersey
        ("55 1234 5678", None),  # nobody in New Jersey writes it so
        ("(55) 1234-5678", "America/Chicago"),
        ("94123 45678", "Asia/Kolkata"),  # also in Florida
        ("131 0555 0143", "Asia/Shanghai"),
        ("555 0143", "Europe/London"),
        ("12 34 56 78 90", "Europe/Paris"),
        ("+202 555 0143", None),  # the plus is not followed by a country code, or it is Egypt's
        ("+2025550143", "Europe/Paris"),
    ],
)
def test_where_the_country_is_not_certain_we_ask_for_its_code(typed: str, zone: str | None) -> None:
    assert read_phone(typed, zone) == PhoneRead(None, problem="phone_country")


@pytest.mark.parametrize("zone", [None, "America/New_York", "Europe/Paris"])
@pytest.mark.parametrize("typed", ["", "call me", "911", "112", "+", "+1", "()", "+44 123", "+999 202 555 0143", "12"])
def test_where_a_country_code_would_not_help_we_do_not_ask_for_it(typed: str, zone: str | None) -> None:
    assert read_phone(typed, zone) == PhoneRead(None, problem="phone")


# --- letters --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("202-555-O143", OURS),
        ("202-555-o143", OURS),
        ("(2O2) 555-OI43", OURS),
        ("202 555 0l43", OURS),
        ("I-202-555-0143", OURS),
        ("1 800 555 o142", "+18005550142"),
    ],
)
@pytest.mark.parametrize("zone", [None, "America/New_York"])
def test_a_letter_that_looks_like_a_digit_is_one_and_is_kept(typed: str, number: str, zone: str | None) -> None:
    assert read_phone(typed, zone) == PhoneRead(number, kept=True)


@pytest.mark.parametrize(
    ("typed", "number"),
    [("1-800-FLOWERS", "+18003569377"), ("202-CALL-NOW", "+12022255669"), ("oil 202-555-0143", OURS)],
)
def test_a_letter_of_a_word_is_no_mistyped_digit(typed: str, number: str) -> None:
    assert read_phone(typed, None) == PhoneRead(number, kept=True)


# --- T4: extra words --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed",
    [
        *("202-555-0143 (cell)", "cell 202-555-0143", "Cell: 202-555-0143", "202-555-0143 cell", "202-555-0143cell"),
        *("202-555-0143, after 5 pm", "202-555-0143 after 5", "202-555-0143 9am-5pm", "202-555-0143 9-5"),
        *("after 17:00 202-555-0143", "5pm 202-555-0143", "202-555-0143 or 202-555-0144", "202-555-0143/44"),
        *("202-555-0143 / 202-555-0144", "202-555-0143/202-555-0144", "202-555-0143, 202-555-0144"),
        *(
            "2025550143 2025550144",
            "2025550143/2025550144",
            "202-555-0143 202-555-0144",
            "(202) 555-0143 (202) 555-0144",
        ),
        *("1) 202-555-0143 2) 202-555-0144", "1. 202-555-0143 2. 202-555-0144", "202-555-0143 & 202-555-0144"),
        *(
            "my number is 202 555 0143, thanks",
            "+1 202 555 0143 (WhatsApp)",
            "202-555-0143 (work), 202-555-0144 (home)",
        ),
        *(
            "+12025550143 or 555-0100",
            "+1 202 555 0143 / +44 20 7946 0018",
            "mobil\u00e9 202-555-0143",
            "555-0100, 202-555-0143",
        ),
        *(
            "born 12/25/1985, 202-555-0143",
            "202-555-0143 (ask for Sam)",
            "202-555-0143 \u624b\u6a5f",
            "h: 202-555-0143",
        ),
    ],
)
@pytest.mark.parametrize("zone", [None, "America/New_York"])
def test_the_first_number_among_words_is_read_and_the_words_are_kept(typed: str, zone: str | None) -> None:
    assert read_phone(typed, zone) == PhoneRead(OURS, kept=True)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("202-555-0143 ext. 5, after 5pm", f"{OURS} ext. 5"),
        ("office 202-555-0143 x5 or 202-555-0144", f"{OURS} ext. 5"),
        ("+44 7911 123456 (WhatsApp)", "+447911123456"),
        ("1-800-FLOWERS", "+18003569377"),
        ("1-800-flowers", "+18003569377"),
        ("(303) GO-PIZZA", "+13034674992"),
    ],
)
def test_words_beside_other_numbers_are_kept(typed: str, number: str) -> None:
    assert read_phone(typed, None) == PhoneRead(number, kept=True)


@pytest.mark.parametrize(
    "typed",
    [
        *("4111 1111 1111 1111", "4111-1111-1111-1111", "4111111111111111", "card 4111 1111 1111 1111 exp 12/26"),
        *("378282246310005", "3782 822463 10005", "5555 5555 5555 4444", "6011-0009-9013-9424"),
        *(
            "12/25/1985",
            "25.12.1985",
            "1985-12-25",
            "2025-12-25",
            "2025-12-25 10:00",
            "2025-12-25 10",
            "12-25-1985 10 20",
        ),
        *("123-45-6789", "987-65-4321", "202 555 0143 0143", "2025550143 0143", "202555014", "20255501433"),
        *("I have 3 kids, 2 dogs and 555 reasons, 0143", "call 202 or 555 0143"),
        *(
            "12345678901234567890",
            "2" * MAX_PHONE_LENGTH,
            "192.168.100.200",
            "2 afternoon",
            "202 morning",
            "202 afternoon",
        ),
        *("sam2025550143@example.com", "https://example.com/2025550143", "=1+2", "50%", "555-0143 (cell)"),
        "2025550143" + " " * MAX_PHONE_LENGTH,
    ],
)
@pytest.mark.parametrize("zone", [None, "America/New_York"])
def test_what_is_no_phone_number_is_not_read_as_one(typed: str, zone: str | None) -> None:
    assert read_phone(typed, zone) == PhoneRead(None, problem="phone")


@pytest.mark.parametrize(
    "zone", ["Europe/Copenhagen", "Europe/Berlin", "Europe/Vienna", "Europe/Oslo", "Asia/Singapore"]
)
@pytest.mark.parametrize(
    "typed", ["4111 1111 1111 1111", "378282246310005", "25/12/1985", "25.12.1985", "my pin is 4001", "room 12345"]
)
def test_a_plan_that_takes_almost_any_digits_reads_no_card_and_no_date(typed: str, zone: str) -> None:
    assert read_phone(typed, zone).number is None


# --- what holds for any text ------------------------------------------------------------------------------------------


@given(text=st.one_of(any_text, phone_like), zone=zones)
def test_what_was_read_reads_to_itself_and_nothing_raises(text: str, zone: str | None) -> None:
    number, kept, problem = read_phone(text, zone)
    assert (number is None) is (problem is not None)
    assert problem in THE_PROBLEMS
    if number is None:
        assert not kept
        return
    for anywhere in (None, zone, "Europe/Paris"):
        assert read_phone(number, anywhere) == PhoneRead(number)


@given(
    text=st.from_regex(r"(\+?1[ .-]?)?\(?[2-9][0-9]{2}\)?[ .-]{0,2}[2-9][0-9]{2}[ .-]?[0-9]{4}", fullmatch=True),
    zone=st.sampled_from(["America/Toronto", "America/Jamaica", "Nowhere/Land"]),
)
def test_the_shortcut_for_plain_numbers_reads_what_the_long_way_reads(text: str, zone: str) -> None:
    assert read_phone(text, None) == read_phone(text, zone)


@given(text=st.one_of(phone_like, st.text("0123456789 +-/(),;x", max_size=MAX_PHONE_LENGTH)), zone=zones)
def test_the_work_for_a_text_is_bounded(text: str, zone: str | None) -> None:
    parsed: list[str] = []
    parse = phonenumbers.parse

    def counted(text: str, region: str) -> phonenumbers.PhoneNumber:
        parsed.append(text)
        return parse(text, region)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(phonenumbers, "parse", counted)
        read_phone(text, zone)
    assert len(parsed) <= 8 * (1 + text.count("+") + sum(text.count(each) for each in ",;x/()")) + 8
    assert sum(map(len, parsed)) <= 20 * (len(text) + 20)


def test_a_text_that_is_too_long_is_not_looked_at() -> None:
    assert read_phone(OURS + " " * MAX_PHONE_LENGTH, None) == PhoneRead(None, problem="phone")


def test_every_problem_has_words() -> None:
    assert THE_PROBLEMS - {None} <= set(PROBLEMS)


@pytest.mark.parametrize(
    ("typed", "zone", "loads"),
    [
        ("202-555-0143", None, False),
        ("202-555-0143", "America/New_York", False),
        ("(202) 555-0143", "US/Pacific", False),
        ("+1 202 555 0143", "UTC", False),
        ("202-555-0143", "America/Mexico_City", True),
        ("+44 20 7946 0018", "America/New_York", True),
    ],
)
def test_a_plain_number_at_home_does_not_load_the_library(typed: str, zone: str | None, loads: bool) -> None:  # noqa: FBT001
    program = f"""
import sys
sys.path[:0] = ["functions"]
from shared.leads.contact import read_phone
assert read_phone({typed!r}, {zone!r}).number
print("phonenumbers" in sys.modules, "unicodedata" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(loads)] * 2
