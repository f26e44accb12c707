"""What came of a request, in one word for the report, and its row there."""

from shared.leads.lead import Priority
from shared.leads.progress import Progress, StoredLead
from shared.leads.report_row import CLAIMED, OPEN, QUARANTINE, REACHED, SPAM, packed
from shared.leads.response import OUTCOMES, ClosedAs, ResponseState


def result_of(progress: Progress) -> str:
    """Return what came of a request so far: an outcome, or one of the words in report_row.py."""
    if progress.in_quarantine:
        return QUARANTINE
    if progress.response is not ResponseState.CLOSED:
        return CLAIMED if progress.response is ResponseState.CLAIMED else OPEN
    if progress.closed_as is ClosedAs.SPAM:
        return SPAM
    # Versions before 0.7.0 stored the action only.
    outcome = progress.outcome or (OUTCOMES.get(progress.action) if progress.action else None)
    return str(outcome) if outcome else REACHED


def row_of(stored: StoredLead) -> str | None:
    """Return the packed row of a stored request, or None for the canary's."""
    lead, progress = stored.lead, stored.progress
    if progress.synthetic:
        return None
    urgent = lead.priority is not Priority.NORMAL
    return packed(lead, urgent=urgent, claimed_at=progress.claimed_at, result=result_of(progress))
