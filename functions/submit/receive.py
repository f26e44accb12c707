"""The use case: check a consultation request, store it once, return its receipt."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from shared.leads.clinic import Clinic
from shared.leads.identity import LeadIds
from shared.leads.lead import Lead
from shared.runtime.telemetry import logger, metrics
from shared.store.intake import Put, StorageError, Stored
from shared.text import Text
from submit.new_lead import new_lead
from submit.request import mistyped, parse_request, unknown_fields


class LeadStore(Protocol):
    """Stores leads."""

    def put(self, lead: Lead) -> Put:
        """Store a lead once, or raise StorageError."""


class SubmissionIdInUseError(Exception):
    """The submission id belongs to another request. This error says nothing about that request."""


class ErasedError(Exception):
    """The request was erased, so it is not stored again under its old id. A new id makes it a new request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What the sender of a stored request may know: its reference, and what happened to the rest. All untrusted.

    `thank_you_page` is the page that they asked for. `also_sent` and `not_kept` are names of what fits no field: kept
    for staff, and dropped. `check_email` is the address that a person in crisis may have meant.
    """

    reference: str
    urgent: bool
    thank_you_page: str | None
    also_sent: tuple[str, ...] = ()
    not_kept: tuple[str, ...] = ()
    check_email: str | None = None


def receive(  # noqa: PLR0913 - what the request needs, and its language
    fields: Mapping[str, object],
    store: LeadStore,
    clinic: Clinic,
    ids: LeadIds,
    now: datetime,
    *,
    text: Text,
    visitor_language: str | None = None,
) -> Receipt:
    """Store the request in `fields` and return its receipt. A repeated request is stored only once.

    `text` has the words for what has to change. `visitor_language` is stored if the form did not say its own.
    Raises InvalidRequestError, SubmissionIdInUseError, ErasedError or StorageError.
    """
    if unknown := unknown_fields(fields, clinic):
        metrics.add_metric("UnknownFields", "Count", unknown)
    request = parse_request(fields, clinic, text)
    lead = new_lead(request, now, clinic, ids, visitor_language)
    try:
        stored, reference = store.put(lead)
    except StorageError as error:
        metrics.add_metric("StorageFailures", "Count", 1)
        logger.error("request not stored", extra={"nothing_stored": error.nothing_stored})
        raise
    logger.info("request handled", extra={"lead_id": lead.id, "reference": reference, "stored": stored.name})
    if stored is Stored.CONFLICT:
        raise SubmissionIdInUseError
    if stored is Stored.ERASED:
        raise ErasedError
    metrics.add_metric("RequestsStored" if stored is Stored.NEW else "RequestsRepeated", "Count", 1)
    urgent = request.in_crisis is True
    return Receipt(
        reference=reference,
        urgent=urgent,
        thank_you_page=request.thank_you_page,
        also_sent=tuple(dict.fromkeys(sent.name for sent in lead.also_sent)),
        not_kept=request.not_kept,
        check_email=mistyped(request) if urgent else None,  # others were asked before they were stored
    )
