"""How a lead's request is stored. progress_item.py stores the lead's progress in the same item."""

from typing import TYPE_CHECKING, Any, cast

from shared.leads.fields import ANSWERS
from shared.leads.identity import REFERENCE_PREFIX
from shared.leads.lead import AlsoSent, Answer, Consent, Lead
from shared.store.keys import lead_id_of, moment, timestamp
from shared.store.typed import plain

if TYPE_CHECKING:
    from shared.store.keys import Item


def lead_attributes(lead: Lead) -> dict[str, object]:
    """Return the attributes of a lead besides its key, with None for those that are not stored."""
    return {
        "reference": lead.reference,
        "received_at": timestamp(lead.received_at),
        "fingerprint": lead.fingerprint,
        **{name: _stored(answer) for name, answer in lead.answers.items()},
        "own_answers": {name: _stored(answer) for name, answer in lead.own_answers.items()} or None,
        "consents": [_stored_consent(consent) for consent in lead.consents],
        "also_sent": [sent._asdict() for sent in lead.also_sent] or None,
        "age_unknown": lead.age_unknown or None,
        "trap_filled": lead.trap_filled or None,
        "seconds_to_fill": lead.seconds_to_fill,
    }


def lead_of(item: "Item") -> Lead:
    """Return the lead in a stored item. Raises KeyError if an attribute that every lead has is missing."""
    seconds = _value(item, "seconds_to_fill")
    return Lead(
        id=lead_id_of(item),
        received_at=moment(plain(item["received_at"])),
        fingerprint=plain(item["fingerprint"]),
        answers=_answers(item),
        own_answers={name: _answer(stored) for name, stored in (_value(item, "own_answers") or {}).items()},
        reference_prefix=_prefix(item),
        consents=tuple(_consent_of(stored) for stored in _value(item, "consents") or ()),
        also_sent=tuple(AlsoSent(**stored) for stored in _value(item, "also_sent") or ()),
        age_unknown=_value(item, "age_unknown") or False,
        trap_filled=_value(item, "trap_filled") or False,
        seconds_to_fill=None if seconds is None else int(seconds),
    )


def _answers(item: "Item") -> dict[str, Answer]:
    # Read only declared fields: an attribute that someone added by hand must not stop an alert.
    answers: dict[str, Answer] = {}
    for field in ANSWERS:
        value = plain(item[field.name]) if field.required else _value(item, field.name)
        if value is not None:
            answers[field.name] = _answer(value)
    return answers


def _answer(stored: Any) -> Answer:  # noqa: ANN401 - any stored value
    return tuple(stored) if isinstance(stored, list) else cast("Answer", stored)


def _prefix(item: "Item") -> str:
    # A lead keeps its reference, also if the clinic chooses other letters later.
    return str(_value(item, "reference") or "").partition("-")[0] or REFERENCE_PREFIX


def _value(item: "Item", name: str) -> Any:  # noqa: ANN401 - any stored value
    return plain(item[name]) if name in item else None


def _stored(answer: Answer | None) -> object:
    # DynamoDB's typed form has no tuples. An empty one is not stored.
    return list(answer) or None if isinstance(answer, tuple) else answer


def _stored_consent(consent: Consent) -> dict[str, str]:
    return {"kind": consent.kind, "version": consent.version, "text_hash": consent.text_hash}


def _consent_of(stored: dict[str, str]) -> Consent:
    return Consent(kind=stored["kind"], version=stored["version"], text_hash=stored["text_hash"])
