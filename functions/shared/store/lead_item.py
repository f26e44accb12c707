"""How a lead's own attributes are stored: what the person asked for, and how to reach them."""

from dataclasses import fields
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from shared.leads.lead import Consent, Lead
from shared.store.keys import lead_id_of, moment, timestamp
from shared.store.typed import plain

if TYPE_CHECKING:
    from shared.store.keys import Item

# Attributes of a lead that are stored under their own name, as text, numbers, yes or no, and lists of text.
_AS_IT_IS: Final = frozenset(field.name for field in fields(Lead)) - {"id", "received_at", "consents"}
_OF_A_LEAD: Final = _AS_IT_IS | {"received_at", "consents"}


def lead_attributes(lead: Lead) -> dict[str, object]:
    """Return the attributes of a lead's item that the request gave, None for those it did not."""
    return {
        "reference": lead.reference,
        "received_at": timestamp(lead.received_at),
        **{name: _stored(getattr(lead, name)) for name in _AS_IT_IS},
        "consents": [_stored_consent(consent) for consent in lead.consents],
    }


def lead_of(item: "Item") -> Lead:
    """Return the lead that a stored item holds."""
    # Only these: what somebody put beside them by hand must not stop an alert.
    values: dict[str, Any] = {name: plain(item[name]) for name in _OF_A_LEAD if name in item}
    return Lead(
        id=lead_id_of(item),
        received_at=moment(values["received_at"]),
        consents=tuple(_consent_of(stored) for stored in values.get("consents") or ()),
        **{name: _kept(values[name]) for name in _AS_IT_IS if values.get(name) is not None},
    )


def _stored(value: object) -> object:
    # DynamoDB's typed form knows no tuples; what is empty is left out.
    return list(value) or None if isinstance(value, tuple) else value


def _kept(value: Any) -> Any:  # noqa: ANN401 - whatever a lead has
    match value:
        case list():
            return tuple(value)
        case Decimal():
            return int(value)
    return value


def _stored_consent(consent: Consent) -> dict[str, str]:
    values = {
        "kind": consent.kind,
        "version": consent.version,
        "digest": consent.digest,
        "given_at": timestamp(consent.given_at),
        "page": consent.page,
    }
    return {name: value for name, value in values.items() if value is not None}


def _consent_of(stored: dict[str, str]) -> Consent:
    return Consent(
        kind=stored["kind"],
        version=stored["version"],
        digest=stored["digest"],
        given_at=moment(stored["given_at"]),
        page=stored.get("page"),
    )
