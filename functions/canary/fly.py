"""The use case: send the canary's request, watch it until its alert is sent, and remove it."""

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from http import HTTPStatus

from canary.public_api import OutOfReachError, PublicApi, Website
from canary.settings import CanarySettings
from shared.leads.canary import canary_form, canary_lead_id
from shared.leads.clinic import Clinic
from shared.leads.identity import LeadIds
from shared.leads.progress import AlertState
from shared.runtime.files import clinic
from shared.runtime.telemetry import logger, metrics, sanitized
from shared.services.clients import dynamodb
from shared.store.canary_registry import CanaryRegistry

# The stream starts an alert within seconds. If the stream fails, the sweep starts the alert late, within two minutes.
FOLLOW_SECONDS = 100
LOOK_EVERY_SECONDS = 2

_ON_ITS_WAY = {AlertState.PENDING, AlertState.SENDING}
_SENT = {AlertState.ACCEPTED, AlertState.DELIVERED}


class Step(StrEnum):
    """The steps of a canary run."""

    REGISTER = "register"  # record in the table that the lead belongs to the canary
    POST = "post"  # send the request through the public API
    STORE = "store"  # find the lead in the table
    ALERT = "alert"  # check that SES accepted the alert
    DISGUISE = "disguise"  # check that the alert went to the SES mailbox simulator and not to staff


class _FailedError(Exception):
    """A step failed. `reason` is a static text, a status or the name of an error."""

    def __init__(self, step: Step, reason: str) -> None:
        super().__init__(step, reason)
        self.step = step
        self.reason = reason


@contextmanager
def _step(step: Step) -> Iterator[None]:
    """Turn any error inside the block into a failure of `step`."""
    try:
        yield
    except OutOfReachError as error:
        raise _FailedError(step, error.reason) from None
    except Exception as error:  # noqa: BLE001 - any error means that the step failed
        raise _FailedError(step, str(sanitized(error))) from None


@dataclass(frozen=True, kw_only=True)
class Canary:
    """The canary. Tests replace the clocks: `now`, `seconds` and `sleep`."""

    registry: CanaryRegistry
    website: Website
    ids: LeadIds
    clinic: Clinic
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    seconds: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    def fly(self) -> bool:
        """Run all steps, and return whether they worked. A failure is counted and logged with its step, not raised."""
        now, started = self.now(), self.seconds()
        submission_id = f"canary-{secrets.token_hex(12)}"
        lead_id = canary_lead_id(submission_id, now, self.ids)
        logger.append_keys(lead_id=lead_id)  # for the whole invocation
        try:
            with _step(Step.REGISTER):  # must be first: otherwise a sender would alert staff about the lead
                self.registry.register(lead_id, now)
            try:
                self._post(canary_form(submission_id, now, self.clinic))
                took = self._follow(lead_id) - started
            finally:
                self._remove(lead_id)
        except _FailedError as error:
            step = error.step
            logger.error("canary failed", extra={"outcome": step, "reason": error.reason})
            metrics.add_metric("CanaryAccepted", "Count", 0)
            return False
        logger.info("canary accepted")
        metrics.add_metric("CanaryAccepted", "Count", 1)
        metrics.add_metric("CanarySeconds", "Seconds", took)
        return True

    def _post(self, form: dict[str, object]) -> None:
        with _step(Step.POST):
            status = self.website.post(form)
        if status != HTTPStatus.CREATED:
            raise _FailedError(Step.POST, f"status {status}")

    def _follow(self, lead_id: str) -> float:
        """Wait until the alert is sent, and return the time on the process clock."""
        step, until = Step.STORE, self.seconds() + FOLLOW_SECONDS
        while True:
            with _step(step):
                found = self.registry.state_of(lead_id)
            if found is None and step is Step.STORE:
                raise _FailedError(step, "no such lead")
            step = Step.ALERT
            state, synthetic = found or (None, False)
            if state in _SENT:
                if not synthetic:
                    raise _FailedError(Step.DISGUISE, "staff were alerted")
                seen = self.seconds()
                self.sleep(LOOK_EVERY_SECONDS)  # let the sender finish the timeline before it is removed
                return seen
            if state not in _ON_ITS_WAY:
                raise _FailedError(step, f"state {state}")
            if self.seconds() >= until:
                raise _FailedError(step, f"state {state} for too long")
            self.sleep(LOOK_EVERY_SECONDS)

    def _remove(self, lead_id: str) -> None:
        try:
            self.registry.remove(lead_id)
        except Exception as error:  # noqa: BLE001 - the next run still works, and senders know it is the canary's lead
            logger.warning("canary not removed", extra={"error": str(sanitized(error))})


def canary(settings: CanarySettings) -> Canary:
    """Return the canary that `settings` describe."""
    return Canary(
        registry=CanaryRegistry(dynamodb(), settings.table_name),
        website=PublicApi(settings.public_url),
        ids=LeadIds(settings.id_key.get_secret_value()),
        clinic=clinic(),
    )
