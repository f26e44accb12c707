"""Retention: when a lead ends, derived from its state. Its timeline, notes and person items end with it.

A lead that nobody closed does not end, and neither does one under legal hold.
"""

from datetime import datetime, timedelta
from typing import Final

from shared.leads.clinic import Retention
from shared.leads.progress import Progress, StoredLead
from shared.leads.response import OUTCOMES, ClosedAs, ResponseState

# The canary removes its own leads. If that fails, they expire.
CANARY_RETENTION: Final = timedelta(hours=1)
# The digest lists a request that is open for longer: somebody has to decide.
LONG_OPEN: Final = timedelta(days=90)
# The timeline and the person items of an open lead end this long after they were written. Hardly any lead is open that
# long, and once it is closed they end with it. This is for an item that is written as its lead is being deleted.
LONGEST: Final = timedelta(days=3653)
# A closed lead stays at least this long after staff worked on it. Otherwise it could vanish under their hands.
GRACE: Final = timedelta(days=7)


def later_end(progress: Progress, now: datetime) -> datetime:
    """Return until when a closed lead stays at least, because somebody works on it now."""
    return max(now + GRACE, progress.kept_until or now)


def expires_at(stored: StoredLead, retention: Retention) -> datetime | None:
    """Return when a lead ends (aware, UTC), or None if its state does not end it."""
    progress = stored.progress
    if progress.synthetic:
        return stored.lead.received_at + CANARY_RETENTION
    if progress.held:
        return None
    end = _end(stored, retention)
    return max(end, progress.kept_until) if end and progress.kept_until else end


def _end(stored: StoredLead, retention: Retention) -> datetime | None:
    progress = stored.progress
    if progress.response is ResponseState.CLOSED:
        # Versions before 0.7.0 did not store when a lead was closed.
        closed_at = progress.closed_at or progress.acted_at or stored.lead.received_at
        return closed_at + timedelta(days=_days(progress, retention))
    if progress.quarantined_at:
        return progress.quarantined_at + timedelta(days=retention.spam)
    return None


def _days(progress: Progress, retention: Retention) -> int:
    """Return how many days a closed lead is kept. The settings have the names of the outcomes."""
    if progress.closed_as is ClosedAs.SPAM:
        return retention.spam
    outcome = progress.outcome or (OUTCOMES.get(progress.action) if progress.action else None)
    days: int = getattr(retention, outcome) if outcome else retention.reached
    return days
