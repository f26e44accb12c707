"""tools.package.clinic_file: clinic.toml is correct, or an error says what to change."""

import tomllib
from dataclasses import astuple, replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from shared.leads.clinic import EmailLimits, FollowUp, Targets, clinic_of
from shared.leads.hours import Span
from tools.package.clinic_file import parse_clinic
from tools.package.invalid import InvalidClinicError

GOOD = """
name = "Riverbend Ketamine Clinic"
time_zone = "America/New_York"
minimum_age = 18

[[places]]
id = "downtown"
name = "Downtown, 12 Example Street"

[[places]]
id = "riverside"
name = "Riverside, 340 Sample Avenue"

[hours]
monday = ["09:00-17:00"]
thursday = ["13:30-17:00", "09:00-12:30"]
saturday = []
closed_on = [2026-11-26, 2026-12-25]

[targets]
remind_after = 20
escalate_after = 90

[consent_contact]
version = "2026-01-02"
text = "You may contact me about this request."

[consent_texts]
version = "2026-01-03"
text = "You may text me about this request."

[consent_email_news]
version = "2026-01-04"
text = "You may email me news from the clinic."
"""
PLACES = GOOD[GOOD.index("[[places]]") : GOOD.index("[hours]")]
HOURS = GOOD[GOOD.index("[hours]") : GOOD.index("[targets]")]
TARGETS = GOOD[GOOD.index("[targets]") : GOOD.index("[consent_contact]")]


def problem_of(text: str) -> str:
    with pytest.raises(InvalidClinicError) as caught:
        parse_clinic(text)
    return str(caught.value)


def spoiled(before: str, after: str) -> str:
    assert GOOD.count(before) == 1
    return GOOD.replace(before, after)


def test_the_file_that_ships_is_right() -> None:
    text = (Path(__file__).parents[2] / "functions" / "clinic.toml").read_text(encoding="utf-8")
    clinic = parse_clinic(text)
    assert clinic.name
    assert clinic.time_zone
    assert clinic.minimum_age == 18
    assert clinic.crisis_without_consent, "the value in the file must be the default"
    assert len(clinic.places) == 2
    assert [len(day) for day in clinic.hours.week] == [1, 2, 1, 2, 1, 0, 0]
    assert date(2026, 11, 26) in clinic.hours.closed_on
    assert clinic.targets == Targets(), "the values in the file must be the defaults"
    assert clinic.follow_up == FollowUp(), "the values in the file must be the defaults"
    assert clinic.email == EmailLimits(), "the values in the file must be the defaults"
    consents = (clinic.consent_contact, clinic.consent_texts, clinic.consent_email_news)
    assert len({consent.text for consent in consents}) == 3


def test_a_file_becomes_the_clinic_it_describes() -> None:
    clinic = parse_clinic(GOOD)
    assert [(place.id, place.name.for_staff) for place in clinic.places] == [
        ("downtown", "Downtown, 12 Example Street"),
        ("riverside", "Riverside, 340 Sample Avenue"),
    ]
    assert (clinic.consent_texts.version, clinic.consent_texts.text.for_staff) == (
        "2026-01-03",
        "You may text me about this request.",
    )
    assert clinic_of(tomllib.loads(GOOD)) == clinic, "a checked file must be read without another check"


def test_its_hours_are_those_of_its_time_zone() -> None:
    clinic = parse_clinic(GOOD)
    hour = timedelta(hours=1)
    assert clinic.hours.zone.key == "America/New_York"
    assert clinic.hours.week == (
        (Span(9 * hour, 17 * hour),),
        (),
        (),
        (Span(9 * hour, 12.5 * hour), Span(13.5 * hour, 17 * hour)),  # sorted, in whatever order they are written
        *((), (), ()),
    )
    assert clinic.hours.closed_on == {date(2026, 11, 26), date(2026, 12, 25)}
    assert replace(clinic, time_zone="UTC").hours.zone.key == "UTC"
    assert clinic == parse_clinic(GOOD)
    assert hash(clinic) == hash(parse_clinic(GOOD))


def test_a_clinic_may_be_open_around_the_clock_and_spans_may_touch() -> None:
    hours = parse_clinic(GOOD.replace(HOURS, '[hours]\nsunday = ["00:00-12:00", "12:00-24:00"]\n')).hours
    assert [len(day) for day in hours.week] == [0, 0, 0, 0, 0, 0, 2]
    assert hours.closed_on == frozenset()


def test_follow_up_times_that_are_not_set_have_a_default() -> None:
    follow_up = "[follow_up]\nclaimed_after = 60\nurgent_claimed_after = 5\n\n"
    assert parse_clinic(GOOD).follow_up == FollowUp()
    assert parse_clinic(GOOD.replace(TARGETS, TARGETS + follow_up)).follow_up == FollowUp(
        claimed_after=60, urgent_claimed_after=5
    )


def test_limits_of_email_that_are_not_set_have_a_default() -> None:
    assert parse_clinic(GOOD).email == EmailLimits(max_alerts_per_hour=60, max_confirmations_per_day=200)
    email = "[email]\nmax_confirmations_per_day = 50\n\n"
    assert parse_clinic(GOOD.replace(TARGETS, TARGETS + email)).email == EmailLimits(max_confirmations_per_day=50)


@pytest.mark.parametrize(
    ("targets", "expected"),
    [
        ("", (15, 60, 5, 15)),
        ("[targets]\n", (15, 60, 5, 15)),
        (TARGETS, (20, 90, 5, 15)),
        ("[targets]\nurgent_remind_after = 1\nurgent_escalate_after = 2\n", (15, 60, 1, 2)),
        ("[targets]\nremind_after = 10079\nescalate_after = 10080\n", (10_079, 10_080, 5, 15)),
    ],
)
def test_a_target_that_is_not_set_has_a_default(targets: str, expected: tuple[int, ...]) -> None:
    assert astuple(parse_clinic(GOOD.replace(TARGETS, targets)).targets) == expected


@pytest.mark.parametrize(("line", "expected"), [("", True), ("true", True), ("false", False)])
def test_a_person_in_crisis_is_taken_without_consent_unless_the_clinic_says_no(line: str, *, expected: bool) -> None:
    setting = f"\ncrisis_without_consent = {line}" if line else ""
    text = spoiled("minimum_age = 18", f"minimum_age = 18{setting}")
    assert parse_clinic(text).crisis_without_consent is expected


@pytest.mark.parametrize("none", ["", "places = []\n"])
def test_a_clinic_with_one_place_names_none(none: str) -> None:
    text = GOOD.replace(PLACES, "").replace("minimum_age", f"{none}minimum_age")
    assert parse_clinic(text).places == ()


@pytest.mark.parametrize(
    ("before", "after", "setting"),
    [
        ('name = "Riverbend Ketamine Clinic"', "", "name"),
        ('"Riverbend Ketamine Clinic"', '""', "name"),
        ('"Riverbend Ketamine Clinic"', f'"{"x" * 81}"', "name"),
        ('"Riverbend Ketamine Clinic"', "7", "name"),
        ('"Riverbend Ketamine Clinic"', '" "', "name"),
        ('"Riverbend Ketamine Clinic"', r'"Riverbend\nKetamine"', "name"),
        ('"Riverbend Ketamine Clinic"', r'"Riverbend \u202e"', "name"),
        ('time_zone = "America/New_York"', "", "time_zone"),
        ('"America/New_York"', '"New York"', "time_zone"),
        ('"America/New_York"', '"America"', "time_zone"),
        ('"America/New_York"', '""', "time_zone"),
        ('"America/New_York"', '"../../../etc/passwd"', "time_zone"),
        ('"America/New_York"', '"/etc/localtime"', "time_zone"),
        ('"America/New_York"', "true", "time_zone"),
        ("minimum_age = 18", "", "minimum_age"),
        *(("= 18", f"= {age}", "minimum_age") for age in ('"18"', "18.0", "true", "0", "-1", "121", "[18]")),
        *(
            ("minimum_age", f"crisis_without_consent = {value}\nminimum_age", "crisis_without_consent")
            for value in ('"yes"', '"true"', "1", "[]")
        ),
        ("time_zone", 'phone = "(202) 555-0143"\ntime_zone', "phone"),
        ("time_zone", 'timezone = "x"\ntime_zone', "timezone"),
        ('id = "downtown"', "", "places.0.id"),
        *(
            ('"downtown"', name, "places.0.id")
            for name in ('""', '"Downtown"', '"down town"', '"1st"', '"_x"', '"down-town"', r'"downtown\n"', "1")
        ),
        ('"downtown"', f'"{"x" * 41}"', "places.0.id"),
        ('"riverside"', '"River"', "places.1.id"),
        ('name = "Riverside, 340 Sample Avenue"', "", "places.1.name"),
        ('"Riverside, 340 Sample Avenue"', '" Riverside"', "places.1.name"),
        ('id = "riverside"', 'id = "riverside"\nphone = "x"', "places.1.phone"),
        ('id = "riverside"', 'id = "downtown"', "places"),
        (PLACES, '[places]\nid = "downtown"\nname = "Downtown"\n', "places"),
        (HOURS, "", "hours"),
        (HOURS, "[hours]\n", "hours"),
        (HOURS, "[hours]\nclosed_on = [2026-12-25]\nmonday = []\n", "hours"),
        (f"\n{HOURS}", 'hours = "9 to 5"\n', "places.1.hours"),  # in TOML, a key below a table belongs to the table
        ("monday", "Monday", "hours.Monday"),
        ("[hours]", '[hours]\ntime_zone = "America/Chicago"', "hours.time_zone"),
        *(
            ('"09:00-17:00"', spans, f"hours.monday{where}")
            for spans, where in [
                ('"9:00-17:00"', ".0"),
                ('"09:00-17:00", "17:00-09:00"', ".1"),
                ('"09:00-09:00"', ".0"),
                ('"09:00-25:00"', ".0"),
                ('"24:00-24:00"', ".0"),
                ('""', ".0"),
                ("9", ".0"),
                ('["09:00-17:00"]', ".0"),
                ('"09:00-12:00", "11:59-17:00"', ""),
                ('"11:59-17:00", "09:00-12:00"', ""),
                ('"09:00-17:00", "09:00-17:00"', ""),
                ('"09:00-17:00", "10:00-11:00", "17:00-18:00"', ""),
            ]
        ),
        ('["09:00-17:00"]', '"09:00-17:00"', "hours.monday"),
        ("[2026-11-26, 2026-12-25]", "2026-12-25", "hours.closed_on"),
        *(
            ("2026-12-25", no_day, "hours.closed_on.1")
            for no_day in (
                '"2026-12-25"',
                "2026-12-25T00:00:00",
                "2026-12-25T00:00:00Z",
                "00:00:00",
                "20261225",
                "true",
            )
        ),
        *(("= 20", f"= {minutes}", "targets.remind_after") for minutes in ("0", "-1", "15.0", '"15"', "true")),
        ("= 90", "= 10081", "targets.escalate_after"),
        ("= 90", "= 20", "targets"),
        ("= 90", "= 5", "targets"),
        ("= 90", "= 90\nurgent_remind_after = 15", "targets"),
        ("= 90", "= 90\nremind = 15", "targets.remind"),
        ("= 90", "= 90\n[follow_up]\nclaimed_after = 0", "follow_up.claimed_after"),
        ("= 90", "= 90\n[follow_up]\nurgent_claimed_after = 1441", "follow_up.urgent_claimed_after"),
        ("= 90", "= 90\n[follow_up]\nurgent_no_answer_after = 61", "follow_up"),
        ("= 90", "= 90\n[follow_up]\nclaimed = 15", "follow_up.claimed"),
        ("= 90", "= 90\n[email]\nmax_alerts_per_hour = 9", "email.max_alerts_per_hour"),
        ("= 90", "= 90\n[email]\nmax_alerts_per_hour = 1001", "email.max_alerts_per_hour"),
        ("= 90", "= 90\n[email]\nmax_confirmations_per_day = 0", "email.max_confirmations_per_day"),
        ("= 90", "= 90\n[email]\nmax_confirmations_per_day = 10001", "email.max_confirmations_per_day"),
        ("= 90", "= 90\n[email]\nalerts = 60", "email.alerts"),
        ("minimum_age = 18", 'minimum_age = 18\n[consent]\nversion = "x"', "consent"),
        ('version = "2026-01-02"\n', "", "consent_contact.version"),
        ('"2026-01-02"', "2026-01-02", "consent_contact.version"),  # TOML reads that as a date
        ('"2026-01-03"', '""', "consent_texts.version"),
        ('"2026-01-03"', f'"{"x" * 41}"', "consent_texts.version"),
        ('"You may text me about this request."', '""', "consent_texts.text"),
        ('"You may text me about this request."', '"Yes."', "consent_texts.text"),
        ('"You may text me about this request."', f'"{"x" * 601}"', "consent_texts.text"),
        ('"You may text me about this request."', '"""You may text me\nabout this."""', "consent_texts.text"),
        ('"2026-01-04"', '"2026-01-04"\nwords = "x"', "consent_email_news.words"),
        ('[consent_email_news]\nversion = "2026-01-04"\ntext', "consent_email_news", "consent_email_news"),
    ],
)
def test_a_mistake_is_told_by_the_settings_name(before: str, after: str, setting: str) -> None:
    assert f" {setting}: " in problem_of(spoiled(before, after))


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ('name = "Riverbend Ketamine Clinic"', "", "name: is missing"),
        ('"Riverbend Ketamine Clinic"', '""', "name: is empty"),
        ("time_zone", "timezone", "timezone: is not a setting; check its spelling"),
        ("minimum_age = 18", "minimum_age = 0", "minimum_age: must be at least 1"),
        (
            'id = "downtown"',
            'id = "Downtown"',
            "places.0.id: must be lowercase letters, digits and underscores, starting with a letter, at most 40",
        ),
        (
            'id = "riverside"',
            'id = "downtown"',
            'places: each place needs a different id; used more than once: "downtown"',
        ),
        (
            PLACES,
            '[places]\nid = "downtown"\nname = "Downtown"\n',
            "places: must be a list: write [[places]], in double brackets, above each place",
        ),
        (
            '"You may text me about this request."',
            '"Yes."',
            "consent_texts.text: must have 10 to 600 characters; this text has 4",
        ),
        ('"You may text me about this request."', '""', "consent_texts.text: is empty"),
        (
            '"You may text me about this request."',
            '" You may text me."',
            "consent_texts.text: must be one line of plain text without spaces before or after it",
        ),
        (
            f"\n{PLACES}",
            'places = ["downtown"]\n',
            "places.0: must be a section; put its settings below a line with its name in brackets",
        ),
        (HOURS, "", "hours: is missing"),
        (
            HOURS,
            "[hours]\n",
            'hours: has no day with opening hours; add one, such as monday = ["09:00-17:00"]',
        ),
        (
            '"09:00-17:00"',
            '"9 to 5"',
            'hours.monday.0: must be two 24-hour times, such as "09:00-17:00"; a day ends at 24:00',
        ),
        (
            '"09:00-17:00"',
            '"20:00-04:00"',
            "hours.monday.0: must end after it starts, on the same day; a night shift is two spans, one on each day",
        ),
        (
            '"09:00-12:30"',
            '"09:00-14:00"',
            "hours.thursday: has times that overlap; each must start when the one before it ends, or later",
        ),
        (
            '["09:00-17:00"]',
            '"09:00-17:00"',
            'hours.monday: must be a list: write the times in brackets, such as ["09:00-12:00", "13:00-17:00"]',
        ),
        (
            "[2026-11-26, 2026-12-25]",
            "2026-12-25",
            "hours.closed_on: must be a list: write the dates in brackets, such as [2026-11-26, 2026-12-25]",
        ),
        (
            "2026-12-25",
            '"2026-12-25"',
            "hours.closed_on.1: must be a date without quotes or a time, such as 2026-12-25",
        ),
        (
            "minimum_age",
            'crisis_without_consent = "yes"\nminimum_age',
            "crisis_without_consent: must be true or false, without quotes",
        ),
        ("= 90", "= 20", "targets: escalate_after must be more than remind_after"),
        (
            "= 90",
            "= 90\nurgent_escalate_after = 5",
            "targets: urgent_escalate_after must be more than urgent_remind_after",
        ),
    ],
)
def test_a_mistake_is_told_in_words_that_help(before: str, after: str, words: str) -> None:
    assert problem_of(spoiled(before, after)).startswith("functions/clinic.toml needs a change.\n  ")
    assert f": {words}" in problem_of(spoiled(before, after))


def test_every_place_that_has_no_id_of_its_own_is_named() -> None:
    twice = "".join(f'[[places]]\nid = "{each}"\nname = "Somewhere"\n' for each in "bacbab")
    assert problem_of(GOOD.replace(PLACES, twice)).endswith('used more than once: "a", "b"')


def test_all_mistakes_are_told_at_once() -> None:
    _, *problems = problem_of("").splitlines()
    assert [problem.split(": ")[1] for problem in problems] == [
        *("name", "time_zone", "minimum_age", "hours", "consent_contact", "consent_texts", "consent_email_news")
    ]


def test_a_wrong_time_zone_is_told_what_a_right_one_looks_like() -> None:
    assert "America/New_York" in problem_of(spoiled("America/New_York", "EST5"))


@pytest.mark.parametrize(
    "name", ["localtime", "posixrules", "Factory", "right/America/New_York", "posix/America/New_York", "EST", "EST5EDT"]
)
def test_a_zone_that_lambda_lacks_or_that_is_no_city_is_refused(name: str) -> None:
    assert "with the name of a city; use one such as" in problem_of(spoiled("America/New_York", name))


@pytest.mark.parametrize("name", ["America/Phoenix", "America/Indiana/Knox", "Pacific/Honolulu", "US/Eastern", "UTC"])
def test_a_zone_of_a_city_is_known(name: str) -> None:
    assert parse_clinic(spoiled("America/New_York", name)).time_zone == name


@pytest.mark.parametrize("text", ["name = Riverbend", "name", GOOD + GOOD, "\x00", "[name"])
def test_invalid_toml_is_reported_with_its_place(text: str) -> None:
    with pytest.raises(InvalidClinicError, match=r"clinic\.toml is not valid TOML: .*\(at (line|end)"):
        parse_clinic(text)


def test_a_consent_in_a_language_that_was_dropped_is_still_known() -> None:
    sections = tomllib.loads((Path(__file__).parents[2] / "functions" / "clinic.toml").read_text(encoding="utf-8"))
    before, after = clinic_of(sections), clinic_of(sections | {"languages": ["en"]})
    for one, other in ((before.consent_contact, after.consent_contact), (before.consent_texts, after.consent_texts)):
        assert other.agreed_to(one.version, one.hash_in("es")) == one.text.of("es")
        assert other.text.of("en") == one.text.of("en") == other.text.texts[0][1]
