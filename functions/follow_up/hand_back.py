"""The job `hand_back`: a request of somebody who left goes back to everyone. `make staff-remove` starts it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from shared.leads.claims import Extra, after_claim
from shared.leads.decisions import Decide, MovedOnError, Rules, event_of
from shared.leads.event import OPERATOR
from shared.leads.person import Person
from shared.leads.progress import Progress, StoredLead
from shared.leads.response import ClaimAction, ClaimRefusedError, ResponseState
from shared.store.leads import Leads


@dataclass(frozen=True, kw_only=True)
class HandBack:
    """Takes leads from people who are no recipients. Recipients keep theirs: emails reach them as before."""

    leads: Leads
    rules: Rules
    now: Callable[[], datetime]

    def run(self, lead_id: str, address: str) -> bool:
        """Return whether the lead was that person's and is now nobody's. Safe to repeat.

        Raises botocore's errors and BusyLeadError.
        """
        try:
            return self.leads.change(lead_id, hand_back(self.rules, self.now(), owner=address)) is not None
        except (ClaimRefusedError, MovedOnError):
            return False


def hand_back(rules: Rules, now: datetime, *, owner: str) -> Decide:
    """Hand a lead back for the person with the address `owner`, as if they did it; the actor is the operator.

    Raises MovedOnError if it is not theirs, or if they are a recipient. Raises ClaimRefusedError.
    """

    def decide(stored: StoredLead) -> Progress:
        progress = stored.progress
        theirs = (progress.owner_address or "").lower() == owner.lower()
        if progress.response is not ResponseState.CLAIMED or not theirs:
            raise MovedOnError
        after = after_claim(
            progress,
            rules.case(stored),
            ClaimAction.HAND_BACK,
            by=progress.claimed_by or Person(owner).id,
            link=f"{OPERATOR}/{progress.presses}",
            now=now,
            desk=Extra(),
        )
        return replace(after, acted_by=OPERATOR, event=event_of(ClaimAction.HAND_BACK, now, OPERATOR, {}))

    return decide
