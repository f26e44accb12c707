"""What the commands of an operator show of a person's requests, so that people who share a number can be told apart."""

from collections.abc import Iterable
from enum import StrEnum

from shared.leads.contact import find_email, normalize_phone
from shared.leads.identity import id_prefix
from shared.leads.progress import StoredLead
from shared.leads.spoken_reference import possible_reference
from shared.store.keys import timestamp


class Matched(StrEnum):
    """Why a request was found."""

    NAMED = "named"  # by its reference or id
    ADDRESS = "address"
    NUMBER = "number"  # only the number is the same
    LINKED = "linked"  # it shares something with another one that was found


def listed(found: Iterable[StoredLead], text: str) -> list[dict[str, object]]:
    """Return what the commands show of the requests that were found for `text`.

    Equal addresses have equal numbers, so the addresses themselves are left out.
    """
    found = tuple(found)
    named = {each.lead.id for each in found if _is_named(each, text)}
    if named:
        own = [each.lead for each in found if each.lead.id in named]
        addresses, numbers = {_address(lead.email) for lead in own}, {_number(lead.phone) for lead in own}
    else:
        addresses, numbers = {_address(find_email(text))}, {_number(normalize_phone(text))}
    known = list(dict.fromkeys(_address(each.lead.email) for each in found if each.lead.email))

    def matched(each: StoredLead) -> Matched:
        if each.lead.id in named:
            return Matched.NAMED
        if each.lead.email and _address(each.lead.email) in addresses:
            return Matched.ADDRESS
        return Matched.NUMBER if each.lead.phone and _number(each.lead.phone) in numbers else Matched.LINKED

    return [
        {
            "lead_id": each.lead.id,
            "reference": each.lead.reference,
            "received_at": timestamp(each.lead.received_at),
            "state": str(each.progress.response),
            "held": each.progress.held,
            "name": each.lead.name,
            "matched": str(matched(each)),
            "address": known.index(_address(each.lead.email)) + 1 if each.lead.email else None,
        }
        for each in found
    ]


def _is_named(each: StoredLead, text: str) -> bool:
    typed = possible_reference(text.strip(), each.lead.reference_prefix)
    # The letters may be the clinic's new ones, and the request older.
    same = typed is not None and id_prefix(typed) == id_prefix(each.lead.reference)
    return same or each.lead.id == text.strip().upper()


def _address(email: str | None) -> str:
    return (email or "").lower()


def _number(phone: str | None) -> str:
    # As in the links between requests, the extension says nothing about the person.
    return (phone or "").partition(" ext. ")[0]
