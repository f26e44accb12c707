"""Email addresses and phone numbers: validation and one canonical form."""

import re
from typing import Final, NamedTuple

MAX_EMAIL_LENGTH = 254  # RFC 5321 section 4.5.3.1.3: a path is at most 256 octets, two of them angle brackets
MAX_PHONE_LENGTH = 100  # as typed; leaves room for an extension and a few words: "202-555-0143 (cell), after 5 pm"
DEFAULT_REGION = "US"  # for numbers without a country code

# SES accepts only ASCII addresses with the domain in Punycode
# (https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_Destination.html), so this is stricter than RFC 5322:
# a dot-atom that starts with a letter, digit or underscore, "@", and at least two labels of letters, digits and
# hyphens. The last label must not be numeric. This rules out display names, spreadsheet formulas ("=cmd|..."),
# look-alike letters from other scripts and, because "/" is not allowed, web addresses.
_EMAIL = re.compile(
    r"(?P<local>[A-Za-z0-9_][A-Za-z0-9!#$%&'*+=?^_{|}~-]*(?:\.[A-Za-z0-9!#$%&'*+=?^_{|}~-]+)*)"
    r"@(?P<domain>(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)",
    re.ASCII,
)
_MAX_LOCAL_LENGTH = 64  # RFC 5321 section 4.5.3.1.1

# What people paste or type around an address, and what a keyboard adds to the end of a word.
_AROUND: Final = "<>()[]\"'\u201c\u201d\u2018\u2019 \t\r\n"
_AFTER: Final = _AROUND + ".,;:"
# East Asian keyboards type these. Other letters that look alike stay what they are, and are refused.
_FULL_WIDTH: Final = range(0xFF01, 0xFF5F)  # in the order of ASCII, from "!"
_OTHER_FORMS: Final = {
    **dict.fromkeys((0x3002, 0xFF61, 0xFE52), "."),
    0xFE6B: "@",
    **dict.fromkeys((0xFE62, 0x2795), "+"),
    0x3000: " ",
}

# The usual ways to write a North American number, whose area code and exchange begin with 2 to 9. The phonenumbers
# library gives the same result (a test compares), but loading it takes a twentieth of a cold start.
_NORTH_AMERICAN = re.compile(r"(?:\+?1[ .-]?)?\(?([2-9][0-9]{2})\)?[ .-]{0,2}([2-9][0-9]{2})[ .-]?([0-9]{4})", re.ASCII)
# Time zones of the clinic's country and of its territories with the same numbering plan (a test compares with tzdata).
# A number typed there needs no other country's numbering plan, so the library is not loaded.
HOME_ZONES: Final = frozenset(
    {
        *("America/Adak", "America/Anchorage", "America/Boise", "America/Chicago", "America/Denver", "America/Detroit"),
        *("America/Indiana/Indianapolis", "America/Indiana/Knox", "America/Indiana/Marengo"),
        *("America/Indiana/Petersburg", "America/Indiana/Tell_City", "America/Indiana/Vevay"),
        *("America/Indiana/Vincennes", "America/Indiana/Winamac", "America/Juneau", "America/Kentucky/Louisville"),
        *("America/Kentucky/Monticello", "America/Los_Angeles", "America/Menominee", "America/Metlakatla"),
        *("America/New_York", "America/Nome", "America/North_Dakota/Beulah", "America/North_Dakota/Center"),
        *("America/North_Dakota/New_Salem", "America/Phoenix", "America/Puerto_Rico", "America/Sitka"),
        *("America/St_Thomas", "America/Yakutat", "Pacific/Guam", "Pacific/Honolulu", "Pacific/Pago_Pago"),
        *("Pacific/Saipan", "America/Indianapolis", "America/Louisville", "UTC", "GMT"),
    }
)


class PhoneRead(NamedTuple):
    """What a phone number was read as.

    `number` is in E.164, with " ext. N" if it has an extension, or None if there is no number that we could call.
    `kept` is whether staff should also see what was typed: it has more than the number, or the country is a guess.
    `problem` says why there is no number, as a key of `PROBLEMS` in shared/text/en/problems.py.
    """

    number: str | None
    kept: bool = False
    problem: str | None = None


def normalize_email(text: str) -> str | None:
    """Return the address with its domain in lower case, or None if SES could not send to it.

    Removes what is typed or pasted around an address: "mailto:", brackets, quotes, spaces around "@", a dot or comma at
    the end, and characters that nobody sees.
    """
    if len(text) > MAX_EMAIL_LENGTH:
        return None
    match = _EMAIL.fullmatch(text) or _EMAIL.fullmatch(_bare_address(text))
    if match is None or len(match["local"]) > _MAX_LOCAL_LENGTH:
        return None
    return f"{match['local']}@{match['domain'].lower()}"


def find_email(text: str) -> str | None:
    """Return the address in what staff look for: also in "Robin <robin@example.com>", as an email program copies it."""
    return normalize_email(text) or normalize_email(text.rpartition("<")[2])


def _bare_address(text: str) -> str:
    bare = plain_forms(text).lstrip(_AROUND).rstrip(_AFTER)
    if bare[:7].lower() == "mailto:":
        bare = bare[7:].partition("?")[0].lstrip(_AROUND).rstrip(_AFTER)
    return "@".join(part.strip() for part in bare.split("@"))


def plain_forms(text: str) -> str:
    """Return `text` without characters that nobody sees, and with the full-width forms of ASCII as ASCII.

    For addresses and numbers only. In other texts, invisible characters can have a meaning.
    """
    if text.isascii():
        return text
    # Imported here, because few requests need it: submit/clean.py has the same reason.
    import unicodedata  # noqa: PLC0415

    return "".join(
        chr(ord(each) - 0xFEE0) if ord(each) in _FULL_WIDTH else _OTHER_FORMS.get(ord(each), each)
        for each in text
        if unicodedata.category(each) != "Cf"
    )


def readable_phone(number: str) -> str:
    """Return a number from `normalize_phone` in readable form: `+1 202-555-0143 ext. 12`.

    Text that is not a phone number is returned unchanged, because an alert must not fail on a bad number.
    """
    import phonenumbers  # noqa: PLC0415 - see normalize_phone

    try:
        return phonenumbers.format_number(phonenumbers.parse(number), phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    except phonenumbers.NumberParseException:
        return number


def normalize_phone(text: str) -> str | None:
    """Return the number that `read_phone` reads if nothing is known about where the person is."""
    return read_phone(text, None).number


def read_phone(text: str, time_zone: str | None) -> PhoneRead:
    """Read a phone number as people write it. `time_zone` is where the visitor's browser is, if it says so.

    A number without a country code is read as a number of the clinic's country, or of the visitor's country if it can
    only be that. shared/leads/phone_text.py has the rules.
    """
    if len(text) > MAX_PHONE_LENGTH:
        return PhoneRead(None, problem="phone")
    if _at_home(time_zone) and (plain := _NORTH_AMERICAN.fullmatch(text)):
        return PhoneRead(f"+1{plain[1]}{plain[2]}{plain[3]}")
    # Imported here, because few requests need it and a cold start should not load it.
    from shared.leads.phone_text import read  # noqa: PLC0415

    return read(text, time_zone)


def _at_home(time_zone: str | None) -> bool:
    return time_zone is None or time_zone in HOME_ZONES or time_zone.startswith(("US/", "Etc/"))
