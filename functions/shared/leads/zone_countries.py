"""The country of a time zone, for reading phone numbers that were typed without a country code.

Loaded only for numbers that contact.py does not recognize at once.
"""

import pkgutil
from functools import cache
from typing import Final

# Names that tzdata keeps for old programs. Browsers still report some of them: Chrome says Asia/Calcutta. They are not
# in tzdata's list of countries, and the zone that such a name now points to can be in another country. A test compares.
OLD_NAMES: Final = {
    "AR": (
        *("America/Argentina/ComodRivadavia", "America/Buenos_Aires", "America/Catamarca", "America/Cordoba"),
        *("America/Jujuy", "America/Mendoza", "America/Rosario"),
    ),
    "AU": (
        *("Australia/ACT", "Australia/Canberra", "Australia/Currie", "Australia/LHI", "Australia/NSW"),
        *("Australia/North", "Australia/Queensland", "Australia/South", "Australia/Tasmania", "Australia/Victoria"),
        *("Australia/West", "Australia/Yancowinna"),
    ),
    "BD": ("Asia/Dacca",),
    "BR": ("America/Porto_Acre", "Brazil/Acre", "Brazil/DeNoronha", "Brazil/East", "Brazil/West"),
    "BT": ("Asia/Thimbu",),
    "CA": (
        *("America/Coral_Harbour", "America/Montreal", "America/Nipigon", "America/Pangnirtung"),
        *("America/Rainy_River", "America/Thunder_Bay", "America/Yellowknife", "Canada/Atlantic", "Canada/Central"),
        *("Canada/Eastern", "Canada/Mountain", "Canada/Newfoundland", "Canada/Pacific", "Canada/Saskatchewan"),
        "Canada/Yukon",
    ),
    "CL": ("Chile/Continental", "Chile/EasterIsland"),
    "CN": ("Asia/Chongqing", "Asia/Chungking", "Asia/Harbin", "Asia/Kashgar", "PRC"),
    "CU": ("Cuba",),
    "CY": ("Europe/Nicosia",),
    "EG": ("Egypt",),
    "ER": ("Africa/Asmera",),
    "FM": ("Pacific/Ponape", "Pacific/Truk", "Pacific/Yap"),
    "FO": ("Atlantic/Faeroe",),
    "GB": ("Europe/Belfast", "GB", "GB-Eire"),
    "GL": ("America/Godthab",),
    "HK": ("Hongkong",),
    "ID": ("Asia/Ujung_Pandang",),
    "IE": ("Eire",),
    "IL": ("Asia/Tel_Aviv", "Israel"),
    "IN": ("Asia/Calcutta",),
    "IR": ("Iran",),
    "IS": ("Iceland",),
    "JM": ("Jamaica",),
    "JP": ("Japan",),
    "KI": ("Pacific/Enderbury",),
    "KR": ("ROK",),
    "LY": ("Libya",),
    "MD": ("Europe/Tiraspol",),
    "MH": ("Kwajalein",),
    "ML": ("Africa/Timbuktu",),
    "MM": ("Asia/Rangoon",),
    "MN": ("Asia/Choibalsan", "Asia/Ulan_Bator"),
    "MO": ("Asia/Macao",),
    "MX": ("America/Ensenada", "America/Santa_Isabel", "Mexico/BajaNorte", "Mexico/BajaSur", "Mexico/General"),
    "NP": ("Asia/Katmandu",),
    "NZ": ("NZ", "NZ-CHAT"),
    "PL": ("Poland",),
    "PT": ("Portugal",),
    "RU": ("W-SU",),
    "SG": ("Singapore",),
    "SJ": ("Atlantic/Jan_Mayen",),
    "TM": ("Asia/Ashkhabad",),
    "TR": ("Asia/Istanbul", "Turkey"),
    "TW": ("ROC",),
    "UA": ("Europe/Kiev", "Europe/Uzhgorod", "Europe/Zaporozhye"),
    "US": (
        *("America/Atka", "America/Fort_Wayne", "America/Indianapolis", "America/Knox_IN", "America/Louisville"),
        *("America/Shiprock", "Navajo", "US/Alaska", "US/Aleutian", "US/Arizona", "US/Central", "US/East-Indiana"),
        *("US/Eastern", "US/Hawaii", "US/Indiana-Starke", "US/Michigan", "US/Mountain", "US/Pacific"),
    ),
    "AS": ("Pacific/Samoa", "US/Samoa"),
    "VI": ("America/Virgin",),
    "VN": ("Asia/Saigon",),
}


def country_of(time_zone: str | None) -> str | None:
    """Return the ISO 3166 code of the country that a time zone is in, or None if it does not say.

    Zones such as UTC, which browsers report to hide where they are, are in no country.
    """
    return _countries().get(time_zone or "")


@cache
def _countries() -> dict[str, str]:
    """Return the country of each time zone: tzdata's own list, and the old names above."""
    table = (pkgutil.get_data("tzdata", "zoneinfo/zone.tab") or b"").decode()
    lines = (line.split("\t") for line in table.splitlines() if line and not line.startswith("#"))
    return {
        **{columns[2]: columns[0] for columns in lines},
        **{zone: country for country, zones in OLD_NAMES.items() for zone in zones},
    }
