"""What operators read about an erasure."""

from datetime import datetime, timedelta
from typing import Final

from shared.leads.erasure import Erasure

# Point-in-time recovery of DynamoDB goes back this far, so a backup may have the person until then.
BACKUPS_END_AFTER: Final = timedelta(days=35)


def report(erasure: Erasure) -> dict[str, object]:
    """Return an order in the form that the command prints. It has no personal data of the erased person."""
    return {
        "erasure": erasure.id,
        "state": str(erasure.state),
        "references": list(erasure.covered_references),
        "lead_ids": list(erasure.covered),
        "ordered_at": _text(erasure.ordered_at),
        "ordered_by": erasure.by_email or erasure.ordered_by,
        "due_at": _text(erasure.due_at),
        "erased_at": _text(erasure.erased_at),
        "proven_at": _text(erasure.proven_at),
        "backups_end_at": _text(erasure.erased_at + BACKUPS_END_AFTER if erasure.erased_at else None),
        "held": list(erasure.held),
        "problems": list(erasure.problems),
        "found_elsewhere": erasure.found_elsewhere,
    }


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None
