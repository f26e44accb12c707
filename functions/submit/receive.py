"""The use case: take a consultation request, store it once, say what it is called."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from aws.runtime.telemetry import logger, metrics
from aws.table import Stored
from leads.lead import Lead, new_lead
from leads.request import parse_request, unknown_fields


class LeadStore(Protocol):
    """Where leads are kept."""

    def put(self, lead: Lead) -> Stored:
        """Store a lead once; raise StorageError where that failed."""


class ConflictError(Exception):
    """The submission id belongs to another request. What that one says is nobody else's business."""


def receive(fields: Mapping[str, object], store: LeadStore, now: datetime) -> str:
    """Store the request in `fields` and return its reference. Asking twice is asking once.

    Raises InvalidRequestError, ConflictError or StorageError.
    """
    if unknown := unknown_fields(fields):
        metrics.add_metric("UnknownFields", "Count", unknown)
    lead = new_lead(parse_request(fields), now)
    stored = store.put(lead)
    logger.info("request put", extra={"lead_id": lead.id, "reference": lead.reference, "stored": stored.name})
    if stored is Stored.CONFLICT:
        raise ConflictError
    metrics.add_metric("RequestsStored" if stored is Stored.NEW else "RequestsRepeated", "Count", 1)
    return lead.reference
