"""Email addresses and phone numbers: validation and one canonical form."""

import re

MAX_EMAIL_LENGTH = 254  # RFC 5321 section 4.5.3.1.3: a path is at most 256 octets, two of them angle brackets
MAX_PHONE_LENGTH = 40  # as typed; leaves room for spaces, parentheses and an extension
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

# The usual ways to write a North American number. The phonenumbers library gives the same result (a test compares), but
# loading it takes a twentieth of a cold start.
_NORTH_AMERICAN = re.compile(r"(?:\+?1[ .-]?)?\(?([2-9][0-9]{2})\)?[ .-]{0,2}([0-9]{3})[ .-]?([0-9]{4})", re.ASCII)


def normalize_email(text: str) -> str | None:
    """Return the address with its domain in lower case, or None if SES could not send to it."""
    match = _EMAIL.fullmatch(text) if len(text) <= MAX_EMAIL_LENGTH else None
    if match is None or len(match["local"]) > _MAX_LOCAL_LENGTH:
        return None
    return f"{match['local']}@{match['domain'].lower()}"


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
    """Return the number in E.164, with " ext. N" if it has an extension, or None if it cannot be a phone number.

    The check is "possible", not "valid". The library's numbering plans get outdated, and refusing a number in a new
    area code would lose a person. A mistyped digit passes both checks.
    """
    if len(text) > MAX_PHONE_LENGTH:
        return None
    if plain := _NORTH_AMERICAN.fullmatch(text):
        return f"+1{plain[1]}{plain[2]}{plain[3]}"
    # Imported here, because few requests need it and a cold start should not load it.
    import phonenumbers  # noqa: PLC0415

    try:
        number = phonenumbers.parse(text, DEFAULT_REGION)
    except phonenumbers.NumberParseException:
        return None
    # Not is_possible_number(), which also accepts a local number without the area code. Staff could not dial that.
    if phonenumbers.is_possible_number_with_reason(number) != phonenumbers.ValidationResult.IS_POSSIBLE:
        return None
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return f"{e164} ext. {number.extension}" if number.extension else e164
