"""Signs what is sent, as https://www.standardwebhooks.com describes it. Receivers check it with ready libraries."""

import base64
import binascii
import hmac
from typing import Final

_PREFIX: Final = "whsec_"


# After a change of the key, messages are signed with both for so long, in seconds.
BOTH_KEYS_FOR: Final = 600


def shown(secret: str) -> str:
    """Return the key of a secret in the form that receivers expect."""
    key = secret.partition(" ")[0]
    return key if key.startswith(_PREFIX) else _PREFIX + base64.b64encode(key.encode()).decode()


def changed(secret: str, new: str, seconds: int) -> str:
    """Return the secret after a change of the key at a time, since 1970: `new`, the key before, and until when."""
    return f"{new} {shown(secret)} {seconds + BOTH_KEYS_FOR}"


def _keys(secret: str, seconds: int) -> list[str]:
    """Return the keys to sign with at a time. Raises ValueError if an operator set a secret that is none."""
    match secret.split():
        case [_]:
            return [shown(secret)]
        case [new, before, until] if until.isdecimal():
            return [shown(new), before] if seconds < int(until) else [shown(new)]
    raise ValueError("the secret is no key")


def headers(message_id: str, seconds: int, body: bytes, secret: str) -> dict[str, str]:
    """Return the headers that identify and sign a message. `seconds` is when it is sent, since 1970.

    Raises ValueError if an operator set a secret that is no key.
    """
    content = f"{message_id}.{seconds}.".encode() + body
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(seconds),
        "webhook-signature": " ".join(_signature(each, content) for each in _keys(secret, seconds)),
    }


def _signature(key: str, content: bytes) -> str:
    try:
        decoded = base64.b64decode(key.removeprefix(_PREFIX), validate=True)
    except binascii.Error:
        raise ValueError("the key is not in base64") from None
    return f"v1,{base64.b64encode(hmac.digest(decoded, content, 'sha256')).decode()}"
