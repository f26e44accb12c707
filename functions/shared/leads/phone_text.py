"""Reads a phone number out of what a person typed. Loaded only for numbers that contact.py does not recognize at once.

The text is cut into runs of digits. The first run that is a phone number counts. A run is never cut to make one fit:
a card number, a date or a number with a digit too many is no phone number.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final, NamedTuple

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat, ValidationResult

from shared.leads.contact import DEFAULT_REGION, PhoneRead, plain_forms
from shared.leads.zone_countries import country_of

_NORTH_AMERICA: Final = 1  # the country code of the United States, Canada and some twenty other countries
_MEXICO: Final = 52
_MAX_NATIONAL_DIGITS: Final = 13  # longer ones are card numbers, unless they begin with 0 to dial abroad
_FEWEST_DIGITS_AMONG_WORDS: Final = 7
_NATIONAL_DIGITS: Final = 10  # of North America
_FEWEST_DIGITS: Final = 5  # if what was typed has fewer, no country code would help

# Separators inside a number, after `_plain`.
_GAP: Final = "[ ().~_/-]{0,6}"
_EXTENSION: Final = (
    r"[ ,;.(-]*(?:(?:e?xt(?:e?ns?(?:ion)?)?|x|#|int(?:erno)?|anexo)[ .:=#-]*|,,+|;)"
    r"(?P<extension>[0-9]{1,15})(?![0-9])[)#]?"
)
_RUN: Final = re.compile(
    rf"(?P<plus>\+?)[ (.-]*(?P<digits>[0-9](?:{_GAP}[0-9])*)(?:{_EXTENSION})?", re.ASCII | re.IGNORECASE
)
# Toll-free numbers and numbers in capitals can be spelled: 1-800-FLOWERS, (303) GO-PIZZA.
_SPELLED: Final = re.compile(
    r"(?:\+?1[ .-]?)?\(?"
    r"(?:8(?:00|33|44|55|66|77|88)\)?[ .-]?(?:[A-Za-z0-9][ .-]?){7}|[2-9][0-9]{2}\)?[ .-]?(?:[A-Z0-9][ .-]?){7})",
    re.ASCII,
)
_KEYS: Final = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "22233344455566677778889999")
# A letter that looks like a digit, typed for it: "202-555-O142".
_MISTYPED: Final = str.maketrans("oOiIlL", "001111")
_DIGITS_AND_MISTYPED: Final = re.compile(r"[0-9oOiIlL+() .~_/-]+", re.ASCII)
_FEWEST_DIGITS_OF_MISTYPED: Final = 6
# As people in Mexico and Brazil write ten digits, and nobody in North America: 55 1234 5678.
_TWO_FOUR_FOUR: Final = re.compile(r"[0-9]{2}\)?[ .-]{1,2}[0-9]{4}[ .-][0-9]{4}", re.ASCII)
_LINK: Final = re.compile(r"\s*tel[:.]", re.IGNORECASE)
_TIME: Final = re.compile(
    r"(?<![0-9])(?:[0-9]{1,2}(?:[:.][0-9]{2})? ?(?:[ap]\.?m\b|o'?clock\b|uhr\b)|[0-9]{1,2}:[0-9]{2})", re.IGNORECASE
)
_DATE: Final = re.compile(
    r"(?<![0-9])(?:(?:19|20)[0-9]{2}([ ./-])(?:0?[1-9]|1[0-2])\1[0-3]?[0-9]"
    r"|[0-3]?[0-9]([./-])[0-3]?[0-9]\2(?:19|20)[0-9]{2})(?![0-9])"
)
_TRUNK_ZERO: Final = re.compile(r"\( *0 *\)")
_AREA_AND_EXCHANGE: Final = re.compile(r"[2-9][0-9]{2}[2-9][0-9]{6}", re.ASCII)
# How Mexicans dialed mobile phones until 2019, before the ten digits.
_OLD_MEXICAN: Final = re.compile(r"(?:1|01|04[45])([0-9]{10})", re.ASCII)
# A North American number without spaces, beside others in one run: "2025550143 2025550144", "202-555-0143 9-5".
_COMPACT: Final = re.compile(
    r"(?<![0-9.-])(?:1[ .-]?)?(?:\(?[2-9][0-9]{2}\) ?|[2-9][0-9]{2}[.-]?)[2-9][0-9]{2}[.-]?[0-9]{4}(?![.-]?[0-9])",
    re.ASCII,
)
_BESIDE: Final = re.compile(r"/[0-9]{2,4}(?![0-9])|(?<![0-9])[0-9]{1,2}(?![0-9])", re.ASCII)


class _Run(NamedTuple):
    """Digits that may be one phone number."""

    typed: str  # the digits and what separates them
    plus: bool
    extension: str | None
    span: tuple[int, int]
    before: str = ""  # up to three digits right before the plus: "1+1202..."

    @property
    def digits(self) -> str:
        return "".join(re.findall("[0-9]", self.typed))


class _Found(NamedTuple):
    number: PhoneNumber | None
    by_country: bool = False
    uncertain: bool = False


def read(text: str, time_zone: str | None) -> PhoneRead:
    """See `contact.read_phone`. `text` must not be longer than `contact.MAX_PHONE_LENGTH`."""
    plain = _plain(text)
    country = _abroad(time_zone)
    if "@" in plain or "://" in plain:
        return PhoneRead(None, problem="phone")
    if (corrected := _corrected(plain)) != plain:
        read_so = read(corrected, time_zone)
        return read_so._replace(kept=True) if read_so.number else read_so
    if _SPELLED.fullmatch(plain) and any(character.isalpha() for character in plain):
        spelled = _american(re.sub("[^0-9]", "", plain.upper().translate(_KEYS)), certain=False)
        if number := _written(spelled, None):
            return PhoneRead(number, kept=True)
    runs = tuple(_runs(plain))
    uncertain = False
    for run in runs:
        words = _has_words(plain, run)
        if words and len(run.digits) < _FEWEST_DIGITS_AMONG_WORDS:
            continue
        found = _number(run, country)
        uncertain = uncertain or found.uncertain
        if number := _written(found.number, run.extension):
            return PhoneRead(number, kept=words or found.by_country)
        for part in _parts(run):
            if number := _written(_number(part, country).number, None):
                return PhoneRead(number, kept=True)
    return PhoneRead(None, problem="phone_country" if uncertain or _looks_foreign(runs, country) else "phone")


def _corrected(plain: str) -> str:
    """Return `plain` with a 0 for each letter O and a 1 for each I or L, if that gives ten digits, or a 1 and ten."""
    digits = re.sub("[^0-9]", "", plain)
    if len(digits) < _FEWEST_DIGITS_OF_MISTYPED or not _DIGITS_AND_MISTYPED.fullmatch(plain):
        return plain
    corrected = plain.translate(_MISTYPED)
    national = re.sub("[^0-9]", "", corrected).removeprefix("1")
    return corrected if len(national) == _NATIONAL_DIGITS else plain


def _plain(text: str) -> str:
    """Return `text` with ASCII digits and one kind of space, dash, dot and slash.

    "tel:" and combining marks are removed. Times of day become words: in "202-555-0143 9am-5pm" the 9 is not part of
    the number.
    """
    return _TIME.sub(" ;time; ", _LINK.sub("", "".join(map(_plain_character, plain_forms(text))), count=1))


def _plain_character(character: str) -> str:
    if character.isascii():
        return character if character.isprintable() else " "
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if category == "Pd" or character in "\u2212\u30fc\uff70":
        return "-"
    if category[0] == "Z":
        return " "
    if category in {"Mn", "Me"}:  # an emoji of a key is a digit with marks
        return ""
    return {"\u2044": "/", "\u2215": "/"}.get(character, "." if character in "\u00b7\u2022\u2219\u30fb" else character)


def _abroad(time_zone: str | None) -> str | None:
    """Return the country of a time zone, or None if it is not known or has North American numbers."""
    country = country_of(time_zone)
    code = phonenumbers.country_code_for_region(country or "")
    return country if code not in {0, _NORTH_AMERICA} else None


def _runs(plain: str) -> Iterator[_Run]:
    before, end = "", 0
    for match in _RUN.finditer(plain):
        begins = match.start()
        prefix = before if match["plus"] and not plain[end:begins].strip(" (") else ""
        run = _Run(match["digits"], bool(match["plus"]), match["extension"], match.span(), prefix)
        yield run
        before, end = (run.digits if len(run.digits) <= 3 else ""), match.end()  # noqa: PLR2004 - a country code


def _has_words(plain: str, run: _Run) -> bool:
    """Return whether there is more than the number: other letters or digits."""
    start, end = run.span
    around = plain[:start].rstrip(" (").removesuffix(run.before) + plain[end:]
    return any(character.isalnum() for character in around)


def _number(run: _Run, country: str | None) -> _Found:
    """Return the phone number that a run is. `country` is where the visitor is, if it has numbers of its own."""
    digits = run.digits
    if run.plus:
        return _international(run)
    if (len(digits) > _MAX_NATIONAL_DIGITS and not digits.startswith("0")) or _DATE.search(run.typed):
        return _Found(None)
    if digits.startswith("00") and (number := _with_code(run, digits[2:], certain=True)):
        return _Found(number)
    foreign = country is None and _TWO_FOUR_FOUR.fullmatch(run.typed) is not None
    american = _american(digits, certain=country is not None)
    there = _possible(digits, country) if country else None
    if country is None or there is None or not phonenumbers.is_valid_number(there):
        return _Found(None if foreign else american, uncertain=foreign)
    if american is not None and american != there:
        return _Found(None, uncertain=True)
    # With another country's code, such as 0011 44 from Australia, the country is no guess.
    return _Found(there, by_country=there.country_code == phonenumbers.country_code_for_region(country))


def _international(run: _Run) -> _Found:
    number = _with_code(run, run.digits, certain=False)
    if number is not None and phonenumbers.is_valid_number(number):
        return _Found(number)
    # "1 + 202 555 0143"
    if run.before and (joined := _with_code(run, run.before + run.digits, certain=True)):
        return _Found(joined)
    # An American who puts a plus before the area code does not mean Egypt.
    if _AREA_AND_EXCHANGE.fullmatch(run.digits):
        return _Found(None, uncertain=True)
    return _Found(number)


def _with_code(run: _Run, digits: str, *, certain: bool) -> PhoneNumber | None:
    """Read digits that begin with a country code. If `certain`, only a number in use counts."""
    number = _possible(f"+{digits}", DEFAULT_REGION)
    if number is not None and phonenumbers.is_valid_number(number):
        return number
    # A zero in parentheses is not dialed from abroad.
    if (zero := _TRUNK_ZERO.search(run.typed)) is not None:
        at = len(digits) - len(re.findall("[0-9]", run.typed[zero.start() :]))
        without = _possible(f"+{digits[:at]}{digits[at + 1 :]}", DEFAULT_REGION)
        if without is not None and phonenumbers.is_valid_number(without):
            return without
    return None if certain else number


def _american(digits: str, *, certain: bool) -> PhoneNumber | None:
    """Read digits as dialed in North America. If `certain`, only a number in use counts."""
    number = _possible(digits, DEFAULT_REGION)
    if number is None:
        return None
    certain = certain or number.country_code != _NORTH_AMERICA
    return number if not certain or phonenumbers.is_valid_number(number) else None


def _possible(digits: str, region: str) -> PhoneNumber | None:
    """Return a number that could be dialed, or None.

    The check is "possible", not "valid". The library's numbering plans get outdated, and refusing a number in a new
    area code would lose a person. A mistyped digit passes both checks.
    """
    try:
        number = phonenumbers.parse(digits, region)
    except phonenumbers.NumberParseException:
        return None
    national = phonenumbers.national_significant_number(number)
    if number.country_code == _MEXICO and (old := _OLD_MEXICAN.fullmatch(national)):
        return _possible(f"+{_MEXICO}{old[1]}", region)
    if number.country_code == _NORTH_AMERICA and not _AREA_AND_EXCHANGE.fullmatch(national):
        return None
    # Not is_possible_number(), which also accepts a local number without the area code. Staff could not dial that.
    possible = phonenumbers.is_possible_number_with_reason(number) == ValidationResult.IS_POSSIBLE
    return number if possible else None


def _written(number: PhoneNumber | None, extension: str | None) -> str | None:
    """Return a number in E.164 with its extension, or None if it would not be read as itself again."""
    if number is None:
        return None
    e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    again = _international(_Run(e164[1:], plus=True, extension=None, span=(0, 0))).number
    if again is None or phonenumbers.format_number(again, PhoneNumberFormat.E164) != e164:
        return None
    return f"{e164} ext. {extension}" if extension else e164


def _parts(run: _Run) -> Iterator[_Run]:
    """Yield the numbers of a run that holds two, or a number and hours."""
    first, slash, second = run.typed.partition("/")
    if slash and min(len(re.findall("[0-9]", each)) for each in (first, second)) >= _FEWEST_DIGITS_AMONG_WORDS:
        yield run._replace(typed=first, extension=None)
    numbers = _COMPACT.findall(run.typed)
    if numbers and not re.search("[0-9]", _BESIDE.sub("", _COMPACT.sub("", run.typed))):
        yield run._replace(typed=numbers[0], extension=None)


def _looks_foreign(runs: tuple[_Run, ...], country: str | None) -> bool:
    """Return whether a country code would help: the number may be one of another country."""
    return any(
        not run.plus
        and len(run.digits) >= _FEWEST_DIGITS
        and (country is not None or re.match("00?[1-9]", run.digits) is not None)
        for run in runs
    )
