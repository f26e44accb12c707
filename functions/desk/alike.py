"""Whether two requests with the same number or address look like one person's. Pure.

A family shares a number, and anybody can type somebody else's. So a form about several requests proposes only these.
"""

from desk.matching import folded_name
from shared.leads.lead import Lead, Priority
from shared.leads.progress import StoredLead
from shared.leads.response import ResponseState


def is_alike(own: Lead, other: Lead) -> bool:
    """Whether the requests have the same email address or the same name."""
    return _same_email(own, other) or _same_name(own, other)


def may_end_together(own: Lead, other: StoredLead) -> bool:
    """Whether a withdrawal for one request is proposed for the other one too.

    An urgent open request could be closed by it. It is proposed only with the same name and the same address.
    """
    lead = other.lead
    if lead.priority is not Priority.NORMAL and other.progress.response is not ResponseState.CLOSED:
        return _same_name(own, lead) and (own.email or "").lower() == (lead.email or "").lower()
    return is_alike(own, lead)


def same_number(own: Lead, other: Lead) -> bool:
    """Whether the requests have the same phone number. The extension says nothing about who somebody is."""
    first, second = ((each.phone or "").partition(" ext. ")[0] for each in (own, other))
    return bool(first) and first == second


def _same_email(own: Lead, other: Lead) -> bool:
    return bool(own.email and other.email) and str(own.email).lower() == str(other.email).lower()


def _same_name(own: Lead, other: Lead) -> bool:
    name = folded_name(own.name)
    return bool(name) and name == folded_name(other.name)
