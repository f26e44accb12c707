"""The body of a message: what happened to which lead, in fields and in a sentence. Nothing a visitor wrote."""

import json
from typing import Final

from shared.store.keys import timestamp
from webhook.signals import Kind, Signal

# Slack, Mattermost and others show `text` and ignore the other fields. No sentence asks to call: only the desk knows
# whether the person wants that.
_SENTENCES: Final = {
    Kind.NEW: "New request {reference}.",
    Kind.URGENT: "URGENT: new request {reference}. Look at it now.",
    Kind.UNDELIVERABLE: "No email about request {reference} reached anybody. Look at it at the desk.",
    Kind.NOBODY_CLAIMED: "Nobody has claimed request {reference}.",
    Kind.CLAIMED: "Request {reference} is claimed.",
    Kind.OUTCOME: "Request {reference} is closed: {outcome}.",
    Kind.TEST: "This is a test. Messages about requests arrive here.",
}
if missing := set(Kind) - set(_SENTENCES):
    raise TypeError(f"{sorted(missing)} have no sentence: edit functions/webhook/body.py")


def body(signal: Signal, message_id: str, reference: str, link: str, *, card: bool) -> bytes:
    """Return the JSON to send. `card` is whether the receiver is a Teams workflow, which shows an Adaptive Card."""
    outcome = (signal.outcome or "").replace("_", " ")
    sentence = _SENTENCES[signal.kind].format(reference=reference, outcome=outcome)
    said: dict[str, object] = {
        "id": message_id,
        "event": signal.kind,
        "reference": reference,
        "state": signal.state,
        "outcome": signal.outcome,
        "at": timestamp(signal.at),
        "link": link,
        "text": f"{sentence} {link}",
    }
    if card:
        said |= {"type": "message", "attachments": [_card(sentence, link)]}
    return json.dumps(said).encode()


def _card(sentence: str, link: str) -> dict[str, object]:
    # https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using
    return {
        "contentType": "application/vnd.microsoft.card.adaptive",
        "content": {
            "type": "AdaptiveCard",
            "version": "1.2",
            "body": [{"type": "TextBlock", "text": sentence, "wrap": True}],
            "actions": [{"type": "Action.OpenUrl", "title": "Open", "url": link}],
        },
    }
