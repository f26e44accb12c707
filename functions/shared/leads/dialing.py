"""What staff need to dial a phone number: a link, and a caution if calling the number may cost extra.

Separate from contact.py, because storing a lead needs none of it.
"""

import re
from typing import Final, NamedTuple

from shared.leads.contact import DEFAULT_REGION
from shared.leads.countries import COUNTRIES

# The clinic's country, with its territories that share its numbering plan.
HOME: Final = {DEFAULT_REGION, "AS", "GU", "MP", "PR", "VI"}
# Country codes of networks without a country: https://www.itu.int/pub/T-SP-E.164D. Many of 882 and 883 are satellites.
_SATELLITES: Final = "Satellite phone"
_NETWORKS: Final = {
    870: _SATELLITES,
    881: _SATELLITES,
    882: f"{_SATELLITES} or worldwide network",
    883: f"{_SATELLITES} or worldwide network",
}
# What `normalize_phone` returns.
_NORMALIZED: Final = re.compile(r"(?P<e164>\+[0-9]{4,15})(?: ext\. (?P<extension>[0-9]{1,20}))?", re.ASCII)


class Caution(NamedTuple):
    """A reason to think before dialing. If `costly`, a tap must not be enough to dial."""

    words: str
    costly: bool = False


def phone_link(number: str) -> str | None:
    """Return a number from `normalize_phone` as a `tel:` link (RFC 3966), or None if it is not such a number."""
    match = _NORMALIZED.fullmatch(number)
    if match is None:
        return None
    return f"tel:{match['e164']};ext={match['extension']}" if match["extension"] else f"tel:{match['e164']}"


def caution(number: str) -> Caution | None:
    """Return what staff should know before they dial a number, or None if it is an ordinary number of our country.

    Anyone can leave any number, and an urgent request says to call now. The library's numbering plans know which
    numbers cost the caller extra.
    """
    # Imported here, because most sweeps send no email and should not load it.
    import phonenumbers  # noqa: PLC0415
    from phonenumbers import PhoneNumberType  # noqa: PLC0415

    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return None
    code = parsed.country_code or 0
    if code in _NETWORKS:
        return Caution(f"{_NETWORKS[code]}: calling it may cost a lot of money.", costly=True)
    where = phonenumbers.region_code_for_number(parsed) or phonenumbers.region_code_for_country_code(code)
    at_home = where in HOME
    abroad = f" in {COUNTRIES[where]}" if where in COUNTRIES and not at_home else ""
    match phonenumbers.number_type(parsed):
        case PhoneNumberType.PREMIUM_RATE:
            words = f"Premium-rate number{abroad}: calling it may cost money that somebody else earns."
            return Caution(words, costly=True)
        case PhoneNumberType.SHARED_COST | PhoneNumberType.UAN | PhoneNumberType.PERSONAL_NUMBER if not at_home:
            return Caution(f"Special-rate number{abroad}: calling it may cost extra.")
    return None if at_home else Caution(f"Number{abroad or ' without a country'}: calling it may cost extra.")
