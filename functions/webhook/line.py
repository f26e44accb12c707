"""The line to the receiver during one invocation: it sends signals, and remembers how the receiver does."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from shared.leads.lead import Lead
from shared.leads.link import desk_address
from shared.runtime.telemetry import logger, metrics
from shared.services.secret import SecretUnavailableError
from webhook.address import Address, BadAddressError, address_of
from webhook.body import body
from webhook.health import Health, after_failure, after_success
from webhook.post import Answer
from webhook.sign import headers
from webhook.signals import Signal


class Post(Protocol):
    """Posts a message."""

    def __call__(self, address: Address, body: bytes, headers: dict[str, str], *, local: bool) -> Answer:
        """Send it, and return how that ended. Never raises."""


class HealthItem(Protocol):
    """The stored health of the receiver."""

    def read(self) -> Health:
        """Return it."""

    def write(self, health: Health) -> bool:
        """Write it, unless somebody else did."""


@dataclass(frozen=True, kw_only=True)
class Receiver:
    """Where signals go, and what it takes to send one. Tests replace `post` and the clocks."""

    read_address: Callable[[], str]
    read_key: Callable[[], str]
    renew: Callable[[], None]  # what was read before does not count anymore
    public_url: str
    local: bool  # whether AWS is the local one, so that the receiver may be on this machine
    post: Post
    health: HealthItem
    now: Callable[[], datetime]
    seconds: Callable[[], float] = time.time

    def is_set(self) -> bool:
        """Whether an operator has set an address. Until then, the secret has random letters.

        An address that cannot be read now counts as set.
        """
        try:
            self._address()
        except BadAddressError:
            return False
        except SecretUnavailableError:
            return True
        return True

    def send(self, lead_id: str, reference: str, link: str, signal: Signal) -> Answer:
        """Send one signal. Never raises: whatever is wrong is a reason in the answer."""
        try:
            address, key = self._address(), self.read_key()
            message_id = signal.id(lead_id)
            content = body(signal, message_id, reference, link, card=address.takes_cards)
            signed = headers(message_id, int(self.seconds()), content, key)
        except SecretUnavailableError as error:
            return Answer(error.reason)
        except ValueError as error:
            return Answer(type(error).__name__)
        return self.post(address, content, signed, local=self.local)

    def _address(self) -> Address:
        return address_of(self.read_address(), local=self.local)


class Line:
    """Sends signals of leads, until one fails. Threads must not share it."""

    def __init__(self, receiver: Receiver, health: Health) -> None:
        self._receiver = receiver
        self.health = health

    def take(self, lead: Lead, signal: Signal) -> bool:
        """Send a signal about a lead, and return whether the receiver took it. Raises botocore's errors."""
        link = desk_address(self._receiver.public_url, lead.id)
        answer = self._receiver.send(lead.id, lead.reference, link, signal)
        logger.append_keys(lead_id=lead.id, signal=str(signal.kind))
        if answer.reason is None:
            metrics.add_metric("WebhookSignalsTaken", "Count", 1)
            logger.info("webhook signal taken", extra={"reference": lead.reference})
        else:
            metrics.add_metric("WebhookSignalsRefused", "Count", 1)
            logger.warning("webhook signal not taken", extra={"reference": lead.reference, "reason": answer.reason})
        logger.remove_keys(["lead_id", "signal"])
        self._remember(answer)
        return answer.reason is None

    def _remember(self, answer: Answer) -> None:
        before, now = self.health, self._receiver.now()
        after = after_success(before) if answer.reason is None else after_failure(before, now, gone=answer.gone)
        if after == before:
            return
        if after.disabled_at and not before.disabled_at:
            logger.error("webhook disabled", extra={"reason": answer.reason, "failures": after.failures})
        self._receiver.health.write(after)
        self.health = self._receiver.health.read()
