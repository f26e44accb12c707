"""What a form sent and we have no field for: it is kept as said, within limits, and shown to staff with the message.

Of secrets and of ids that follow people around the web, only the names are reported, to the form that sent them.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from shared.leads.lead import AlsoSent
from submit.clean import is_blank, multi_line, single_line

MAX_KEPT: Final = 30
MAX_VALUE_LENGTH: Final = 500  # characters
MAX_BYTES: Final = 4_000  # of all names and values together, in UTF-8
_MAX_NAME_LENGTH: Final = 100  # characters
_MAX_NAMES: Final = 30  # that are reported and not kept

# Names as site builders, frameworks and ad networks write them: without case, "-", "_" and the like.
_SECRET_NAME: Final = re.compile(
    r"passw(?:or)?d|passwd|passphrase|passcode|^pwd$|^pin$|secret|token|nonce|csrf|xsrf|captcha|apikey|sessionid|submissionid|viewstate"
    r"|eventvalidation|wphttpreferer|^charset$|^utf8$"
    r"|ssn$|^ssn|socialsecurity|(?:credit|debit)card|card(?:no|num|number|code|cvc|cvv|exp)|^cc(?:num|number|exp|csc|name)"
    r"|^cv[cv]2?$|securitycode|iban$|accountnumber|routingnumber"
    r"|clid$|clkid$|clickid|^wbraid$|^gbraid$|^irclickid$|^igshid$|^mceid$|^mccid$|^lifatid$|^epik$|^ga$|^gl$|^fbp$|^fbc$"
    r"|^hsenc$|^hsmi$|^hstc$|^vero(?:id|conv)$|^oly(?:enc|anon)id$|^scid$|^rdtcid$"
)
_SOCIAL_SECURITY: Final = re.compile(r"(?<![0-9])[0-9]{3}[- ][0-9]{2}[- ][0-9]{4}(?![0-9])", re.ASCII)
_CARD: Final = re.compile(r"(?<![0-9])[0-9](?:[ -]?[0-9]){12,18}(?![0-9])", re.ASCII)


def names_only(name: str, value: str) -> bool:
    """Return whether a value is a secret, such as a token or a card number, so that only its name may be repeated."""
    if _SECRET_NAME.search(re.sub(r"[^a-z0-9]", "", name.lower())):
        return True
    return _SOCIAL_SECURITY.search(value) is not None or any(_is_card(found) for found in _CARD.findall(value))


@dataclass(frozen=True, slots=True)
class Rest:
    """What is kept of the rest of a form, and the names of what is not kept."""

    kept: tuple[AlsoSent, ...] = ()
    not_kept: tuple[str, ...] = ()


def rest(sent: Iterable[tuple[str, object]]) -> Rest:
    """Return what is kept of `sent`, which has names and values as they were sent. Blank values are left out."""
    kept: list[AlsoSent] = []
    not_kept: dict[str, None] = {}
    room = MAX_BYTES
    for sent_name, sent_value in sent:
        name = single_line(sent_name)[:_MAX_NAME_LENGTH]
        text = text_of(sent_value)
        if is_blank(text):
            continue
        entry = AlsoSent(name, _cut(text))
        size = len(name.encode()) + len(entry.value.encode())
        if names_only(name, text) or len(kept) == MAX_KEPT or size > room:
            not_kept[name] = None
        else:
            kept.append(entry)
            room -= size
    return Rest(tuple(kept), tuple(not_kept)[:_MAX_NAMES])


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
        return multi_line(json.dumps(value, ensure_ascii=False))
    except RecursionError:
        return ""


def _cut(text: str) -> str:
    return text if len(text) <= MAX_VALUE_LENGTH else text[: MAX_VALUE_LENGTH - 1] + "\u2026"


def _is_card(text: str) -> bool:
    """Return whether digits have the check digit of a payment card (ISO/IEC 7812-1, the Luhn formula)."""
    digits = [int(sign) for sign in reversed(text) if sign.isdigit()]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0
