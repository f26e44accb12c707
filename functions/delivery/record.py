"""The use case: record an SES report and what follows from it. Recording a report twice changes nothing."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from delivery.alarms import Alarms, AlarmsTopic
from delivery.reading import NoReportError, Other, SesReport, read_report
from delivery.settings import DeliverySettings
from delivery.wording import owner_message, trouble_message
from shared.leads.decisions import Decide, Rules, note
from shared.leads.decisions import report as decide_report
from shared.leads.event import Event
from shared.leads.notice import Notice, Report, ReportKind
from shared.leads.progress import StoredLead
from shared.runtime.files import clinic
from shared.runtime.telemetry import logger, metrics
from shared.services.clients import dynamodb, sns
from shared.store.confirmation_tally import ConfirmationTally
from shared.store.leads import Leads
from shared.store.recipient_status import RecipientStatuses, Trouble
from shared.store.summary_lists import SummaryLists

# The kinds of report about a summary that change something for the leads in it.
_OF_SUMMARIES = {ReportKind.BOUNCED, ReportKind.COMPLAINED, ReportKind.REJECTED, ReportKind.UNDETERMINED}
# The kinds of report about a visitor's confirmation that go on the timeline. They change nothing for staff.
_OF_CONFIRMATIONS = {ReportKind.DELIVERED, ReportKind.BOUNCED, ReportKind.COMPLAINED}


@dataclass(frozen=True, kw_only=True)
class Reports:
    """Records reports. Tests replace the clock, `now`."""

    leads: Leads
    statuses: RecipientStatuses
    lists: SummaryLists
    confirmations: ConfirmationTally
    alarms: Alarms
    rules: Rules
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def record(self, event: object) -> None:
        """Record the report in `event`. Any other event is counted and ignored.

        Raises errors of the table and the topic, and Lambda then retries the event. The lead is written first, so a
        failing topic never delays an alert to the fallback recipients.
        """
        try:
            report = read_report(event, self.now())
            logger.append_keys(lead_id=report.lead_id, recipient=report.recipient, attempt=report.attempt)
            about_staff = self._write(report)
        except NoReportError as error:
            metrics.add_metric("ReportsIgnored", "Count", 1)
            logger.info("report ignored", extra={"reason": error.reason})
            return
        metrics.add_metric("ReportsRecorded", "Count", 1)
        logger.info("report recorded", extra={"outcome": report.word})
        if report.trouble and report.recipient and about_staff:
            self._trouble(report.recipient, report.trouble, report)

    def _write(self, report: SesReport) -> bool:  # noqa: C901 - one case for each kind of email
        """Record what a report means for its lead. Return whether it is about a recipient of staff emails."""
        match report.notice:
            case Other.DIGEST:
                if not (report.trouble and report.recipient):
                    raise NoReportError("digest")
                return True
            case Other.OWNER_REPORT:
                if not report.trouble:
                    raise NoReportError("owner report")
                if report.recipient in self.rules.team.everybody:
                    return True  # the owner gets alerts too, and those are in trouble now
                self.alarms.tell(*owner_message(report.trouble))
                return False
            case Other.SUMMARY:
                if report.kind not in _OF_SUMMARIES:
                    raise NoReportError("summary")
                self._follow_each(report)
                return True
            case Other.CONFIRMATION:
                if report.kind not in _OF_CONFIRMATIONS:
                    raise NoReportError("confirmation")
                if report.kind is ReportKind.BOUNCED and report.lead_id:
                    # Counted first, because it counts for the account even if the lead was deleted meanwhile.
                    self.confirmations.bounced(report.lead_id, report.at)
                self._change(report, note(Event(kind=f"confirmation_{report.word}", at=report.at)))
                return False
            case Notice() as notice:
                return not self._follow(report, notice).progress.synthetic

    def _follow_each(self, report: SesReport) -> None:
        """Record on each lead of a summary what happened to the email. If one fails, Lambda retries the event."""
        failed: Exception | None = None
        for each in self.lists.read(str(report.summary), str(report.recipient)):
            one = replace(report, notice=each.notice, lead_id=each.lead_id, attempt=each.attempt)
            try:
                self._follow(one, each.notice)
            except NoReportError:  # deleted meanwhile
                continue
            except Exception as error:  # noqa: BLE001 - the other leads must be recorded too
                failed = error
        if failed:
            raise failed

    def _follow(self, report: SesReport, notice: Notice) -> StoredLead:
        """Record how the report changes the lead's alert, and return the changed lead."""
        details = {"recipient": str(report.recipient), "notice": str(notice), "attempt": str(report.attempt)}
        event = Event(kind=report.word, at=report.at, details={**details, **report.details})
        told = None
        if report.kind and report.recipient and report.attempt:
            told = Report(kind=report.kind, notice=notice, recipient=report.recipient, attempt=report.attempt)
        return self._change(report, decide_report(told, event, self.rules, self.now()))

    def _change(self, report: SesReport, decide: Decide) -> StoredLead:
        changed = self.leads.change(report.lead_id, decide) if report.lead_id else None
        if changed is None:
            raise NoReportError("unknown lead")  # deleted meanwhile, like the canary's leads
        return changed[1]

    def _trouble(self, recipient: str, trouble: Trouble, report: SesReport) -> None:
        """Record trouble with a recipient, and tell the operators, unless they were told lately."""
        if recipient not in self.rules.team.everybody:
            return  # the recipient was removed from the lists
        if (
            trouble is not Trouble.SUPPRESSED
        ):  # the alarm rang for the complaint, and must not ring for each email since
            metrics.add_metric("RecipientBounces" if trouble is Trouble.BOUNCED else "RecipientComplaints", "Count", 1)
        if self.statuses.note(recipient, trouble, report.at):
            self.alarms.tell(
                *trouble_message(self.rules.team.position(recipient), trouble, report.details.get("bounce_subtype"))
            )
            self.statuses.told(recipient, trouble, report.at)


def reports(settings: DeliverySettings) -> Reports:
    """Return the recorder that `settings` describe."""
    client = dynamodb()
    return Reports(
        leads=Leads(client, settings.table_name),
        statuses=RecipientStatuses(client, settings.table_name),
        lists=SummaryLists(client, settings.table_name),
        confirmations=ConfirmationTally(client, settings.table_name),
        alarms=AlarmsTopic(sns(), settings.alarms_topic_arn),
        rules=Rules(clinic=clinic(), team=settings.team),
    )
