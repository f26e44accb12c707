"""leads.clinic: clinic.toml is right, or says in words what to mend."""

from pathlib import Path

import pytest

from leads.clinic import InvalidClinicError, parse_clinic

GOOD = 'name = "Riverbend Ketamine Clinic"\nphone = "(202) 555-0143"\ntime_zone = "America/New_York"\n'


def test_the_file_that_ships_is_right() -> None:
    text = (Path(__file__).parents[2] / "functions" / "clinic.toml").read_text(encoding="utf-8")
    clinic = parse_clinic(text)
    assert all((clinic.name, clinic.phone, clinic.time_zone))


@pytest.mark.parametrize(
    ("before", "after", "setting"),
    [
        ('name = "Riverbend Ketamine Clinic"', "", "name"),
        ('"Riverbend Ketamine Clinic"', '""', "name"),
        ('"Riverbend Ketamine Clinic"', f'"{"x" * 81}"', "name"),
        ('"Riverbend Ketamine Clinic"', "7", "name"),
        ('"Riverbend Ketamine Clinic"', '" "', "name"),
        ('"Riverbend Ketamine Clinic"', r'"Riverbend\nKetamine"', "name"),
        ('phone = "(202) 555-0143"', "", "phone"),
        ('"(202) 555-0143"', "2025550143", "phone"),
        ('"(202) 555-0143"', f'"{"5" * 41}"', "phone"),
        ('time_zone = "America/New_York"', "", "time_zone"),
        ('"America/New_York"', '"New York"', "time_zone"),
        ('"America/New_York"', '"America"', "time_zone"),
        ('"America/New_York"', '""', "time_zone"),
        ('"America/New_York"', '"../../../etc/passwd"', "time_zone"),
        ('"America/New_York"', '"/etc/localtime"', "time_zone"),
        ('"America/New_York"', "true", "time_zone"),
        ("time_zone", 'fax = "none"\ntime_zone', "fax"),
        ("time_zone", 'timezone = "x"\ntime_zone', "timezone"),
    ],
)
def test_a_mistake_is_told_by_the_settings_name(before: str, after: str, setting: str) -> None:
    assert before in GOOD
    with pytest.raises(InvalidClinicError, match=rf"clinic\.toml .*\b{setting}: "):
        parse_clinic(GOOD.replace(before, after))


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(InvalidClinicError, match=r"name: .*phone: .*time_zone: "):
        parse_clinic("")


def test_a_wrong_time_zone_is_told_what_a_right_one_looks_like() -> None:
    with pytest.raises(InvalidClinicError, match="America/New_York"):
        parse_clinic(GOOD.replace("America/New_York", "EST5"))


@pytest.mark.parametrize("text", ["name = Riverbend", "name", GOOD + GOOD, "\x00", "[name"])
def test_what_is_no_toml_is_said_with_the_place(text: str) -> None:
    with pytest.raises(InvalidClinicError, match=r"clinic\.toml is not valid TOML: .*\(at (line|end)"):
        parse_clinic(text)
