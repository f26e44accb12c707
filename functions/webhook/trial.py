"""An operator's trial: sends a signal of no lead at once. If the receiver takes it, what waits is due at once."""

from dataclasses import replace

from shared.leads.link import desk_address
from shared.leads.response import ResponseState
from shared.runtime.telemetry import logger
from webhook.health import after_success
from webhook.line import Receiver
from webhook.signals import Kind, Signal


def trial(receiver: Receiver) -> dict[str, object]:
    """Send it, and return how that ended, for `make webhook-test`."""
    receiver.renew()
    if not receiver.is_set():
        return {"set": False, "taken": False, "reason": "NoAddress"}
    now = receiver.now()
    signal = Signal(kind=Kind.TEST, at=now, since=now, state=ResponseState.OPEN)
    answer = receiver.send("TEST", "TEST", desk_address(receiver.public_url), signal)
    if answer.taken:
        receiver.remember(replace(after_success(receiver.health()), catch_up=True))
    logger.info("webhook tried", extra={"outcome": "taken" if answer.taken else answer.reason})
    return {"set": True, "taken": answer.taken, "reason": answer.reason}
