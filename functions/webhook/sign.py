"""Signs what is sent, as https://www.standardwebhooks.com describes it. Receivers check it with ready libraries."""

import base64
import binascii
import hmac
from typing import Final

_PREFIX: Final = "whsec_"


def shown(secret: str) -> str:
    """Return the key of a secret in the form that receivers expect."""
    return secret if secret.startswith(_PREFIX) else _PREFIX + base64.b64encode(secret.encode()).decode()


def headers(message_id: str, seconds: int, body: bytes, secret: str) -> dict[str, str]:
    """Return the headers that identify and sign a message. `seconds` is when it is sent, since 1970.

    Raises ValueError if an operator set a secret that is no key.
    """
    try:
        key = base64.b64decode(shown(secret).removeprefix(_PREFIX), validate=True)
    except binascii.Error:
        raise ValueError("the key is not in base64") from None
    signed = hmac.digest(key, f"{message_id}.{seconds}.".encode() + body, "sha256")
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(seconds),
        "webhook-signature": f"v1,{base64.b64encode(signed).decode()}",
    }
