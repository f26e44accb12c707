"""shared.leads.zone_countries: every time zone that is a place has the country that tzdata says."""

import pkgutil

import phonenumbers
import pytest

from shared.leads.contact import HOME_ZONES
from shared.leads.dialing import HOME
from shared.leads.hours import person_zone
from shared.leads.zone_countries import OLD_NAMES, country_of

TABLE = (pkgutil.get_data("tzdata", "zoneinfo/zone.tab") or b"").decode().splitlines()
LISTED = {columns[2]: columns[0] for columns in (line.split("\t") for line in TABLE if not line.startswith("#"))}
SOURCE = (pkgutil.get_data("tzdata", "zoneinfo/tzdata.zi") or b"").decode().splitlines()
LINKS = {old: new for _, new, old in (line.split() for line in SOURCE if line.startswith("L "))}
# Names that fit several countries, or none.
NO_COUNTRY = {"CET", "EET", "EST", "HST", "MET", "MST", "WET", "Antarctica/South_Pole", "Pacific/Johnston"}
# Since tzdata merged zones with the same clock, these point to another country.
MOVED = {
    *("Africa/Asmera", "Africa/Timbuktu", "America/Coral_Harbour", "America/Virgin", "Atlantic/Jan_Mayen", "Iceland"),
    *("Pacific/Ponape", "Pacific/Truk", "Pacific/Yap", "Europe/Nicosia"),
}
OLD = {old for old in LINKS if person_zone(old) and old not in LISTED} - NO_COUNTRY


@pytest.mark.parametrize(
    ("zone", "country"),
    [
        ("America/New_York", "US"),
        ("Europe/Paris", "FR"),
        ("Europe/Amsterdam", "NL"),
        ("Asia/Calcutta", "IN"),
        ("Europe/Kiev", "UA"),
        ("America/Buenos_Aires", "AR"),
        ("Iceland", "IS"),
        ("UTC", None),
        ("Etc/GMT+5", None),
        ("CET", None),
        ("Nowhere/Land", None),
        ("", None),
        (None, None),
    ],
)
def test_a_zone_is_in_one_country_or_in_none(zone: str | None, country: str | None) -> None:
    assert country_of(zone) == country


def test_old_names_have_the_country_of_the_new_one() -> None:
    ours = {zone: country for country, zones in OLD_NAMES.items() for zone in zones}
    assert set(ours) == OLD, "edit OLD_NAMES in functions/shared/leads/zone_countries.py"
    assert {old: ours[old] for old in OLD - MOVED} == {old: LISTED[LINKS[old]] for old in OLD - MOVED}


def test_the_zones_at_home_are_those_of_our_country() -> None:
    listed = {zone for zone, country in LISTED.items() if country in HOME}
    places = {zone for zone in HOME_ZONES if person_zone(zone)}
    assert listed <= places, "edit HOME_ZONES in functions/shared/leads/contact.py"
    assert {country_of(zone) for zone in places} == HOME
    assert {phonenumbers.country_code_for_region(country) for country in HOME} == {1}
