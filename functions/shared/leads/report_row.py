"""What the report knows about one request: a few small facts, packed into one attribute of its item.

They are one attribute because AWS never changes what an index contains: another fact can be added here later. None of
them is a name, a way to reach somebody, or anything that the visitor wrote in their own words. A change of a lead
changes its row only if staff claim it or say what came of it, so the index is hardly written.

`submit` makes the row of a new request, so this loads nothing of the follow-up.
"""

from datetime import datetime, timedelta
from typing import Final

from shared.leads.lead import Lead

# The row of a closed request stays this long after the request came in, even if the request was deleted before. The
# desk shows the reports of the last 13 months.
KEPT: Final = timedelta(days=400)
MONTHS_SHOWN: Final = 13
# In `ReportRow.result` (report_facts.py), besides the outcomes (response.py).
OPEN, CLAIMED, REACHED = "open", "claimed", "reached"
QUARANTINE, SPAM = "quarantine", "spam"

# The canary's name. A new request with it is not counted until the first lease tells whose it is: see canary.py.
CANARY_NAME: Final = "Canary Example"
# Between two facts. The order of the facts is that of `ReportRow`.
BETWEEN: Final = "|"
_YES: Final = "y"
_CONSULTATION: Final = "consultation"  # the form of a lead that names none


def new_row(lead: Lead, *, urgent: bool) -> str:
    """Return the packed row of a new request."""
    return packed(lead, urgent=urgent, claimed_at=None, result=OPEN)


def packed(lead: Lead, *, urgent: bool, claimed_at: datetime | None, result: str) -> str:
    """Return the packed row of a request. `result` is what came of it so far (report_result.py)."""
    answers = lead.answers
    named = [answers.get(name) for name in ("utm_source", "utm_campaign", "location", "locale", "interest")]
    facts = [
        *(str(value).replace(BETWEEN, " ") if value else "" for value in named),
        lead.form or _CONSULTATION,
        _YES if urgent else "",
        claimed_at.isoformat(timespec="milliseconds") if claimed_at else "",
        result,
        _YES if lead.no_contact else "",
    ]
    return BETWEEN.join(facts)
