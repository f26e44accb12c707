"""The other requests of one person: which of them staff may close when they have reached the person."""

from typing import Final

from shared.leads.lead import Lead
from shared.leads.progress import StoredLead
from shared.leads.worklist import Worklist, worklist

_OPEN: Final[frozenset[Worklist | None]] = frozenset({Worklist.OPEN, Worklist.URGENT, Worklist.UNDELIVERABLE})


def may_be_closed_with(lead: Lead, other: StoredLead) -> bool:
    """Return whether staff who reached the person behind `lead` may close `other` too.

    It must be another open request of the same person. Quarantined requests and the canary's are left out.
    """
    return other.lead.id != lead.id and same_person(lead, other.lead) and worklist(other) in _OPEN


def same_person(one: Lead, other: Lead) -> bool:
    """Return whether two requests are from the same person: the same email address or the same phone number."""
    same_email = one.email is not None and other.email is not None and one.email.lower() == other.email.lower()
    return same_email or (one.phone is not None and one.phone == other.phone)
