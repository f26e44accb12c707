"""The line to the receiver during one invocation: it sends signals, and remembers how the receiver does."""

import hashlib
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Protocol

from shared.leads.lead import Lead
from shared.leads.link import desk_address
from shared.runtime.telemetry import logger, metrics, sanitized
from shared.services.secret import SecretUnavailableError
from webhook.address import Address, address_of
from webhook.body import body
from webhook.health import Health, after_failure, after_rest, after_success, of_address
from webhook.post import Answer
from webhook.sign import headers
from webhook.signals import Signal
from webhook.told import Choice, Result

# What AWS makes up until an operator sets an address: infra/webhook.yaml.
_MADE_UP: Final = re.compile("[A-Za-z0-9]{64}")


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
    item: HealthItem
    now: Callable[[], datetime]
    seconds: Callable[[], float] = time.time
    elapsed: Callable[[], float] = time.monotonic

    def is_set(self) -> bool:
        """Whether an operator has set an address, usable or not. One that cannot be read now counts as set."""
        try:
            return not _MADE_UP.fullmatch(self.read_address())
        except SecretUnavailableError:
            return True

    def health(self) -> Health:
        """Return the health of the receiver at the address of now. Raises botocore's errors."""
        try:
            hashed = hashlib.sha256(self.read_address().encode()).hexdigest()[:16]
        except SecretUnavailableError:
            hashed = None
        return of_address(self.item.read(), hashed)

    def remember(self, health: Health) -> Health:
        """Store the health, and return it. An error is logged: it must not hide that the receiver took a signal."""
        try:
            return replace(health, version=health.version + 1) if self.item.write(health) else self.health()
        except Exception as error:  # noqa: BLE001 - what the receiver took must be recorded whatever happens here
            logger.warning("webhook health not stored", extra={"error": str(sanitized(error))})
            return health

    def send(self, lead_id: str, reference: str, link: str, signal: Signal) -> Answer:
        """Send one signal. Never raises: whatever is wrong is a reason in the answer.

        If the receiver says that the address or the key is wrong, read both again, and try once more if one changed.
        """
        message_id = signal.id(lead_id)

        def try_with(place: str, key: str) -> Answer:
            address = address_of(place, local=self.local)
            content = body(signal, message_id, reference, link, card=address.takes_cards)
            signed = headers(message_id, int(self.seconds()), content, key)
            return self.post(address, content, signed, local=self.local)

        try:
            used = self.read_address(), self.read_key()
            answer = try_with(*used)
            if answer.doubts_secrets:
                self.renew()
                now = self.read_address(), self.read_key()
                answer = try_with(*now) if now != used else answer
        except SecretUnavailableError as error:
            return Answer(error.reason)
        except ValueError as error:
            return Answer(type(error).__name__)
        return answer


class Line:
    """Sends signals of leads, until the receiver fails or time is up. Threads must not share it."""

    def __init__(
        self, receiver: Receiver, health: Health, choice: Choice, has_time: Callable[[float], bool] = lambda _: True
    ) -> None:
        """`has_time` gets the seconds that were spent on sending, and says whether another signal may be sent."""
        self._receiver = receiver
        self._has_time = has_time
        self._spent = 0.0
        self._failed = False
        self.health = health
        self.choice = choice

    @property
    def is_open(self) -> bool:
        """Whether another signal may be sent."""
        return not self._failed and self._has_time(self._spent)

    def take(self, lead: Lead, signal: Signal) -> Result:
        """Send a signal about a lead, and return what the receiver did with it."""
        link = desk_address(self._receiver.public_url, lead.id)
        begun = self._receiver.elapsed()
        answer = self._receiver.send(lead.id, lead.reference, link, signal)
        self._spent += self._receiver.elapsed() - begun
        logger.append_keys(lead_id=lead.id, signal=str(signal.kind))
        if answer.taken:
            metrics.add_metric("WebhookSignalsTaken", "Count", 1)
            logger.info("webhook signal taken", extra={"reference": lead.reference})
        else:
            metrics.add_metric("WebhookSignalsRefused", "Count", 1)
            logger.warning("webhook signal not taken", extra={"reference": lead.reference, "reason": answer.reason})
        logger.remove_keys(["lead_id", "signal"])
        if answer.refuses_message:
            return Result.REFUSED
        self._remember(answer)
        return Result.TAKEN if answer.taken else Result.RESTS if answer.rest else Result.FAILED

    def _remember(self, answer: Answer) -> None:
        self._failed = not answer.taken
        before, now = self.health, self._receiver.now()
        if answer.taken:
            after = after_success(before)
        elif answer.rest:
            after = after_rest(before, now, answer.rest)
        else:
            after = after_failure(before, now, gone=answer.gone)
        if after.disabled_at and not before.disabled_at:
            logger.error("webhook disabled", extra={"reason": answer.reason, "failures": after.failures})
        if after != before:
            self.health = self._receiver.remember(after)
