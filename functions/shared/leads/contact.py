"""Ways to reach a person: email addresses and phone numbers, checked and in one canonical form."""

import re

MAX_EMAIL_LENGTH = 254  # RFC 5321 section 4.5.3.1.3: a path is at most 256 octets, two of them angle brackets
MAX_PHONE_LENGTH = 40  # as typed; generous for spaces, brackets and an extension
DEFAULT_REGION = "US"  # how a number without a country code is read

# SES takes an ASCII address whose domain is in its Punycode form and refuses the rest
# (https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_Destination.html), so this is stricter than RFC 5322:
# a dot-atom that starts with a letter, digit or underscore, "@", at least two labels of letters, digits and hyphens,
# the last of them not numeric. So neither a display name, nor a spreadsheet formula ("=cmd|..."), nor a look-alike
# letter from another script, nor (without "/") anything that reads as a web address gets through.
_EMAIL = re.compile(
    r"(?P<local>[A-Za-z0-9_][A-Za-z0-9!#$%&'*+=?^_{|}~-]*(?:\.[A-Za-z0-9!#$%&'*+=?^_{|}~-]+)*)"
    r"@(?P<domain>(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)",
    re.ASCII,
)
_MAX_LOCAL_LENGTH = 64  # RFC 5321 section 4.5.3.1.1

# A number of North America as most people here write it. The library says the same of it (a test compares), but to
# load the library is a twentieth of a cold start.
_NORTH_AMERICAN = re.compile(r"(?:\+?1[ .-]?)?\(?([2-9][0-9]{2})\)?[ .-]{0,2}([0-9]{3})[ .-]?([0-9]{4})", re.ASCII)


def normalise_email(text: str) -> str | None:
    """Return the address with its domain in lower case, or None where mail could not be sent to it."""
    match = _EMAIL.fullmatch(text) if len(text) <= MAX_EMAIL_LENGTH else None
    if match is None or len(match["local"]) > _MAX_LOCAL_LENGTH:
        return None
    return f"{match['local']}@{match['domain'].lower()}"


def readable_phone(number: str) -> str:
    """Return a number that `normalise_phone` made, spaced for reading aloud: `+1 202-555-0143 ext. 12`.

    What cannot be read as a number stays as it is: an alert must not fail on how a number looks.
    """
    import phonenumbers  # noqa: PLC0415 - see normalise_phone

    try:
        return phonenumbers.format_number(phonenumbers.parse(number), phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    except phonenumbers.NumberParseException:
        return number


def normalise_phone(text: str) -> str | None:
    """Return the number in E.164, with " ext. N" where there is an extension, or None where it cannot be one.

    "Possible" is asked for and not "valid": the numbering plans in the library age, and refusing a real caller in a
    new area code loses a person, while a wrong digit passes either check.
    """
    if len(text) > MAX_PHONE_LENGTH:
        return None
    if plain := _NORTH_AMERICAN.fullmatch(text):
        return f"+1{plain[1]}{plain[2]}{plain[3]}"
    # Imported where it is used: few requests need its tables, and none should pay for them at a cold start.
    import phonenumbers  # noqa: PLC0415

    try:
        number = phonenumbers.parse(text, DEFAULT_REGION)
    except phonenumbers.NumberParseException:
        return None
    # Not is_possible_number(): that also takes a local number without its area code, which nobody here could dial.
    if phonenumbers.is_possible_number_with_reason(number) != phonenumbers.ValidationResult.IS_POSSIBLE:
        return None
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return f"{e164} ext. {number.extension}" if number.extension else e164
