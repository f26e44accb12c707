"""Closes a person's other open requests after staff have reached the person."""

from dataclasses import dataclass

from claim.counts import count_failure
from claim.others import may_be_closed_with, same_person
from shared.leads.decisions import Decide
from shared.leads.lead import Lead
from shared.leads.progress import StoredLead
from shared.leads.response import ClaimRefusedError, Refusal, ResponseState
from shared.store.leads import Leads
from shared.store.people import People


@dataclass(frozen=True, kw_only=True)
class Together:
    """The other requests of the person behind a lead. `key` is the stack's key for people."""

    leads: Leads
    people: People

    def open_others(self, lead: Lead, key: bytes) -> tuple[StoredLead, ...]:
        """Return the person's other requests that may be closed with `lead`, oldest first. Raises botocore's errors."""
        return tuple(other for other in self._others(lead, key) if may_be_closed_with(lead, other))

    def close(
        self, lead: Lead, chosen: frozenset[str], key: bytes, decision: Decide
    ) -> tuple[tuple[StoredLead, ...], tuple[StoredLead, ...]]:
        """Close the `chosen` references among the person's other requests. Return those that are closed, and the rest.

        A request that somebody closed before counts as closed. Raises botocore's errors if it cannot find the requests.
        """
        closed: list[StoredLead] = []
        failed: list[StoredLead] = []
        for other in self._others(lead, key):
            if other.lead.reference in chosen and same_person(lead, other.lead):
                (closed if self._close(lead, other, decision) else failed).append(other)
        return tuple(closed), tuple(failed)

    def _close(self, lead: Lead, other: StoredLead, decision: Decide) -> bool:
        if other.progress.response is ResponseState.CLOSED:
            return True
        if not may_be_closed_with(lead, other):
            return False
        try:
            return self.leads.change(other.lead.id, decision) is not None
        except ClaimRefusedError as error:  # somebody was faster
            return error.refusal is Refusal.CLOSED
        except Exception as error:  # noqa: BLE001 - one request must not keep the others from being closed
            count_failure(error)
            return False

    def _others(self, lead: Lead, key: bytes) -> list[StoredLead]:
        found = (self.leads.read(other) for other in self.people.others(lead, key))
        return [stored for stored in found if stored is not None]
