"""The use case: check a consultation request, store it once, return its receipt."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from shared.leads.clinic import Clinic
from shared.leads.identity import LeadIds
from shared.leads.lead import Lead
from shared.runtime.telemetry import logger, metrics
from shared.store.intake import StorageError, Stored
from submit.new_lead import new_lead
from submit.request import parse_request, unknown_fields


class LeadStore(Protocol):
    """Stores leads."""

    def put(self, lead: Lead) -> Stored:
        """Store a lead once, or raise StorageError."""


class SubmissionIdInUseError(Exception):
    """The submission id belongs to another request. This error says nothing about that request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The reference of a stored request, and the page that its sender asked for (untrusted)."""

    reference: str
    thank_you_page: str | None


def receive(fields: Mapping[str, object], store: LeadStore, clinic: Clinic, ids: LeadIds, now: datetime) -> Receipt:
    """Store the request in `fields` and return its receipt. A repeated request is stored only once.

    Raises InvalidRequestError, SubmissionIdInUseError or StorageError.
    """
    if unknown := unknown_fields(fields):
        metrics.add_metric("UnknownFields", "Count", unknown)
    request = parse_request(fields, clinic)
    lead = new_lead(request, now, clinic, ids)
    try:
        stored = store.put(lead)
    except StorageError as error:
        metrics.add_metric("StorageFailures", "Count", 1)
        logger.error("request not stored", extra={"nothing_stored": error.nothing_stored})
        raise
    logger.info("request handled", extra={"lead_id": lead.id, "reference": lead.reference, "stored": stored.name})
    if stored is Stored.CONFLICT:
        raise SubmissionIdInUseError
    metrics.add_metric("RequestsStored" if stored is Stored.NEW else "RequestsRepeated", "Count", 1)
    return Receipt(reference=lead.reference, thank_you_page=request.thank_you_page)
