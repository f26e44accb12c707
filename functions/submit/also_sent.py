"""What a form sent and we have no field for: it is kept as said, within limits, and shown to staff with the message.

Of secrets and of ids that follow people around the web, only the names are reported, to the form that sent them.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from shared.leads.crisis import asks_about_crisis, mentions_crisis
from shared.leads.lead import AlsoSent
from submit.clean import is_blank, multi_line, single_line

MAX_KEPT: Final = 30
MAX_VALUE_LENGTH: Final = 500  # characters
MAX_BYTES: Final = 4_000  # of all names and values together, in UTF-8
_MAX_NAME_LENGTH: Final = 100  # characters
_MAX_NAMES: Final = 30  # that are reported and not kept
LEFT_OUT: Final = "[left out]"  # stands for a secret

# All patterns here are compiled at first use, because most requests need none. Names are compared word by word, in
# lower case: "card-number", "cardNumber" and "card_number" are the same.
_WORD: Final = r"[A-Z]{2,}(?![a-z])|[A-Z]?[^\W\d_A-Z]+|[A-Z]+|[0-9]+"
_SECRETS_BY_NAME: Final = (
    r"(?:^| )(?:pass|pwd|pw|pin|passphrase|passcode|ssn|sin|cvv2?|cvc2?|csc|iban|otp|contrase\xf1a|mot de passe"
    r"|social security|credit card|debit card|security code|bank account|routing number|private key"
    # In Spanish, with accents or without.
    r"|seguro social|contrasena|clave|tarjeta de (?:cr[e\xe9]dito|d[e\xe9]bito)|cuenta bancaria"
    r"|n[u\xfa]mero de (?:tarjeta|cuenta))(?: |$|[0-9])"
    r"|(?:^|(?<!insurance) )(?:card|cc) (?:no|nr|num|number|code|cvc|cvv|exp|expiry|expiration|csc|name)(?: |$)"
    r"|passw(?:or)?[dt]|passwd"
)
_MACHINE_NAME: Final = (
    r"(?:^| )(?:nonce|wpnonce|csrf|xsrf|jwt|authorization|utf ?8|viewstate|eventvalidation|sid|charset)(?: |$)"
    r"|(?:^| )(?:tokens?|verificationtoken|captcha|clid|kwcid)$|(?:^| )(?:api|form|secret) key$|(?:^| )client secret$"
    r"|(?:captcha|turnstile) response$|(?:^| )(?:session|submission|click) ?id$|(?:^| )(?:wp http referer|view state)$"
    r"|^(?:gcl|fbcl|dcl|ttcl|twcl|ycl|msclk|irclick|li fat |igsh|mc [ce]|rdt c|scc|vero )id$|^[wg]braid$|^epik$"
    r"|^g[al]$|^fb[pc]$|^hs(?:enc|mi|tc)$|^vero conv$|^oly (?:enc|anon) id$|^sc ?cid$|^(?:phpsess|jsession)id$"
    r"|^wpcf 7(?: |$)"  # of Contact Form 7
)
_GAP: Final = r"[\s.\u2010-\u2015-]{0,2}"
# Not a Mexican mobile phone as it was dialed until 2019: 044 and ten digits.
_SOCIAL_SECURITY: Final = (
    r"(?<!\d)(?!04[45](?:[ .-]?\d){10}(?!\d))\d{3}[ .\u00a0\u2010-\u2015-]\d\d[ .\u00a0\u2010-\u2015-]\d{4}(?!\d)"
)
_CARD: Final = rf"(?<!\d)(?<!\d[ -])(?:\d{_GAP}){{12,18}}\d(?![ -]?\d)"


def names_only(name: str, value: str) -> bool:
    """Return whether only the name of a value may be repeated: it is a secret, or an id that a program made."""
    return is_machine_name(name) or is_secret(name, value)


def is_machine_name(name: str) -> bool:
    """Return whether a field is for programs, such as a token against forged forms or the id of a click."""
    return re.search(_MACHINE_NAME, _words(name)) is not None


def is_secret(name: str, value: str) -> bool:
    """Return whether a person typed a secret: a password, or the number of a card or of Social Security."""
    return re.search(_SECRETS_BY_NAME, _words(name)) is not None or masked(value).strip(" .") == LEFT_OUT


def masked(text: str) -> str:
    """Return `text` without the numbers of cards and of Social Security."""
    if sum(character.isdigit() for character in text) < 9:  # noqa: PLR2004 - the digits of Social Security
        return text
    without = re.sub(_SOCIAL_SECURITY, LEFT_OUT, text)
    return re.sub(_CARD, lambda found: LEFT_OUT if _is_card(found[0]) else found[0], without)


@dataclass(frozen=True, slots=True)
class Rest:
    """What is kept of the rest of a form, and the names of what is not kept, or not all of it.

    `whole` has all texts that a person may have typed, without limits: they tell one request from another.
    """

    kept: tuple[AlsoSent, ...] = ()
    not_kept: tuple[str, ...] = ()
    whole: tuple[tuple[str, str], ...] = ()


def rest(sent: Iterable[tuple[str, object]]) -> Rest:
    """Return what is kept of `sent`, which has names and values as they were sent. Blank values are left out.

    What may say that somebody is in danger comes first, so that nothing crowds it out.
    """
    kept: list[AlsoSent] = []
    not_kept: dict[str, None] = {}
    whole: list[tuple[str, str]] = []
    room = MAX_BYTES
    named = ((single_line(name)[:_MAX_NAME_LENGTH], text_of(value)) for name, value in sent)
    for name, text in sorted(((name, text) for name, text in named if not is_blank(text)), key=_is_less_pressing):
        if names_only(name, text):
            not_kept[name] = None
            continue
        whole.append((name, text))
        entry = AlsoSent(name, _cut(masked(text)))
        size = len(name.encode()) + len(entry.value.encode())
        fits = len(kept) < MAX_KEPT and size <= room
        if fits:
            kept.append(entry)
            room -= size
        if not fits or entry.value != text:
            not_kept[name] = None
    return Rest(tuple(kept), tuple(not_kept)[:_MAX_NAMES], tuple(whole))


def text_of(value: object) -> str:
    """Return any value that a form or JSON can send as text for a reader."""
    match value:
        case bool():
            return "yes" if value else "no"
        case str():
            return multi_line(value)
        case None:
            return ""
        case list() if all(not isinstance(each, list | dict) for each in value):
            return ", ".join(text for each in value if not is_blank(text := text_of(each)))
    try:
        return multi_line(json.dumps(_without_secrets(value), ensure_ascii=False))
    except RecursionError:
        return ""


def _without_secrets(value: object) -> object:
    if isinstance(value, list):
        return [_without_secrets(each) for each in value]
    if not isinstance(value, dict):
        return value
    # Some scripts send each field as {"name": ..., "value": ...}.
    named = value.get("name")
    pair = {"value": LEFT_OUT} if isinstance(named, str) and "value" in value and names_only(named, "") else {}
    return {name: LEFT_OUT if names_only(name, "") else _without_secrets(each) for name, each in value.items()} | pair


def _is_less_pressing(sent: tuple[str, str]) -> bool:
    return not asks_about_crisis(sent[0]) and not mentions_crisis(sent[1])


def _cut(text: str) -> str:
    """Return the beginning of a long text, or the part of it that has words of crisis."""
    if len(text) <= MAX_VALUE_LENGTH:
        return text
    parts = [text[start : start + MAX_VALUE_LENGTH - 2] for start in range(0, len(text), MAX_VALUE_LENGTH // 2)]
    pressing = mentions_crisis(text) and next((number for number, part in enumerate(parts) if mentions_crisis(part)), 0)
    return f"{'\u2026' if pressing else ''}{parts[pressing or 0]}\u2026"


def _words(name: str) -> str:
    return " ".join(re.findall(_WORD, name)).lower()


def _is_card(text: str) -> bool:
    """Return whether digits are the number of a payment card (ISO/IEC 7812-1): its first and its check digit."""
    digits = [int(sign) for sign in reversed(text) if sign.isdecimal()]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return digits[-1] in {3, 4, 5, 6} and (sum(digits[::2]) + sum(doubled)) % 10 == 0
