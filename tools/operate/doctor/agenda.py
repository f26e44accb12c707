"""The agenda: whether an email about a request is overdue."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from typing import Final

from shared.leads.agenda import Lane, partitions
from shared.store.keys import DIGEST
from shared.store.leads import AGENDA_PAGE, Leads
from tools.operate.doctor.check import Check
from tools.operate.doctor.clients import Clients
from tools.operate.doctor.finding import Finding, green, red, yellow
from tools.operate.doctor.known import Known
from tools.operate.doctor.logs import log_command

# The sweep runs once a minute, and OverdueAlertsAlarm rings after the second time.
_LATE: Final = timedelta(minutes=3)
_TOO_LATE: Final = timedelta(minutes=10)
_ALONE: Final = (Lane.URGENT, Lane.ORDINARY)
# A flood fills several summaries, one every five minutes.
_IN_SUMMARIES: Final = (Lane.URGENT_SUMMARY, Lane.SUMMARY)
_SUMMARY_TOO_LATE: Final = timedelta(minutes=30)


def overdue(ask: Clients, stack: Known) -> Iterator[Finding]:
    """Say for how long the oldest email on the agenda has been due."""
    leads = Leads(ask.tables, stack.output("TableName"))
    for lanes, late, too_late in ((_ALONE, _LATE, _TOO_LATE), (_IN_SUMMARIES, _TOO_LATE, _SUMMARY_TOO_LATE)):
        due = [
            entry
            for lane in lanes
            for each in partitions(lane)
            for entry in islice(leads.agenda(each, stack.now), AGENDA_PAGE)
        ]
        summary = lanes is _IN_SUMMARIES
        oldest = min(due, key=lambda entry: entry.overdue_since, default=None)
        since = stack.now - oldest.overdue_since if oldest else timedelta()
        if oldest is None or since < late:
            yield green(f"No {'summary' if summary else 'email about a request'} is overdue.")
            continue
        what = "A summary with" if summary else "An email about"
        what = "The digest" if oldest.lead_id == DIGEST else f"{what} the request LEAD#{oldest.lead_id}"
        said = f"{what} is {int(since.total_seconds()) // 60} minutes overdue. Due now in this way: {len(due)}."
        mend = (
            "Mend what is red or yellow under Email, Functions and Triggers first. If all of that is green, read why"
            ' SES did not take the email: look for "reason" in the log. The second line starts the sweep. If a'
            " person waits, call them: the request is at the desk."
        )
        commands = (
            log_command(stack, f"{stack.name}-follow-up", "reason", timedelta(hours=1)),
            f"aws lambda invoke --function-name {stack.name}-follow-up --invocation-type Event answer.json",
        )
        yield red(said, mend, *commands) if since >= too_late else yellow(said, mend, *commands)


CHECKS: Final = (Check("Overdue", overdue),)
