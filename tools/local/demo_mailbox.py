"""The emails of a local system, read from its mailbox."""

import json
import urllib.request
from typing import Any

from tools.local.local import Endpoints


def emails_about(endpoints: Endpoints, reference: str) -> list[dict[str, Any]]:
    """Return the emails about a request, in the mailbox's order."""
    with urllib.request.urlopen(f"{endpoints.mailbox}/messages.json", timeout=10) as answer:  # noqa: S310 - our loopback
        messages: list[dict[str, Any]] = json.load(answer)
    return [message for message in messages if reference in message["Subject"]]
