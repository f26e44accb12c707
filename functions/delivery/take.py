"""The use case: take a report of SES and write down what follows from it. Taking it twice is taking it once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from delivery.alarms import Alarms, AlarmsTopic
from delivery.reading import NoReportError, Other, SesReport, read_report
from delivery.settings import DeliverySettings
from delivery.wording import trouble_message
from shared.leads.alert import AlertState, Case, Progress, after_report
from shared.leads.clinic import Clinic
from shared.leads.lead import Lead
from shared.leads.notice import Notice, Report, ReportKind
from shared.leads.team import Team
from shared.runtime.files import clinic
from shared.runtime.telemetry import alert_metrics, logger, metrics
from shared.services.clients import dynamodb, sns
from shared.store.mailbox_status import MailboxStatuses, Trouble
from shared.store.table import LeadTable

# What the timeline tells of the mail to the visitor. It changes nothing for staff.
_OF_CONFIRMATIONS = {ReportKind.DELIVERED, ReportKind.BOUNCED, ReportKind.COMPLAINED}


@dataclass(frozen=True, kw_only=True)
class Reports:
    """Takes reports. `now` is the clock, so that tests can hold it."""

    leads: LeadTable
    statuses: MailboxStatuses
    alarms: Alarms
    clinic: Clinic
    team: Team
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def take(self, event: object) -> None:
        """Take the report in `event`. What is no report of ours is counted and does no harm.

        Raises what goes wrong at the table or the topic: Lambda then brings the event again. The lead comes first, so
        that a topic out of reach never keeps an alert from being sent elsewhere.
        """
        try:
            report = read_report(event, self.now())
            about_staff = self._written(report)
        except NoReportError as error:
            metrics.add_metric("ReportsIgnored", "Count", 1)
            logger.info("report ignored", extra={"reason": error.reason})
            return
        metrics.add_metric("ReportsTaken", "Count", 1)
        logger.info(
            "report taken",
            extra={
                "lead_id": report.lead_id,
                "outcome": report.word,
                "recipient": report.recipient,
                "attempt": report.attempt,
            },
        )
        if report.trouble and report.recipient and about_staff:
            self._trouble(report.recipient, report.trouble, report)

    def _written(self, report: SesReport) -> bool:
        """Write down what a report means for its lead; return whether it tells something of a recipient of staff."""
        match report.notice:
            case Other.DIGEST:
                if not (report.trouble and report.recipient):
                    raise NoReportError("digest")
                return True
            case Other.CONFIRMATION:
                if report.kind not in _OF_CONFIRMATIONS:
                    raise NoReportError("confirmation")
                self._change(report, lambda _lead, progress: progress, f"confirmation_{report.word}")
                return False
            case Notice() as notice:
                return not self._follow(report, notice).synthetic

    def _follow(self, report: SesReport, notice: Notice) -> Progress:
        """Write down what follows for the lead's alert; return how far the lead has come."""
        now, before = self.now(), AlertState.PENDING

        def decide(lead: Lead, progress: Progress) -> Progress:
            nonlocal before
            before = progress.state
            if report.kind is None or report.recipient is None or report.attempt is None:
                return progress
            told = Report(kind=report.kind, notice=notice, recipient=report.recipient, attempt=report.attempt)
            return after_report(progress, Case(lead=lead, clinic=self.clinic, team=self.team), told, now)

        details = {"recipient": str(report.recipient), "notice": str(notice), "attempt": str(report.attempt)}
        progress = self._change(report, decide, report.word, **details, **report.details)
        if progress.state is AlertState.UNDELIVERABLE and before is not AlertState.UNDELIVERABLE:
            alert_metrics.add_metric("AlertsUndeliverable", "Count", 1)
        return progress

    def _change(
        self, report: SesReport, decide: Callable[[Lead, Progress], Progress], kind: str, **details: str
    ) -> Progress:
        changed = self.leads.change(report.lead_id, decide, report.at, kind, **details) if report.lead_id else None
        if changed is None:
            raise NoReportError("unknown lead")  # removed meanwhile, as the canary's are
        return changed[1]

    def _trouble(self, recipient: str, trouble: Trouble, report: SesReport) -> None:
        """Note trouble with a recipient of staff and, the first time each day, tell who looks after the system."""
        if recipient not in self.team.everybody:
            return  # the lists have become shorter
        metrics.add_metric("MailboxBounces" if trouble is Trouble.BOUNCED else "MailboxComplaints", "Count", 1)
        if self.statuses.note(recipient, trouble, report.at):
            self.alarms.tell(
                *trouble_message(self.team.position(recipient), trouble, report.details.get("bounce_subtype"))
            )
            self.statuses.told(recipient, trouble, report.at)


def reports(settings: DeliverySettings) -> Reports:
    """Return what takes reports, as `settings` say."""
    client = dynamodb()
    return Reports(
        leads=LeadTable(client, settings.table_name),
        statuses=MailboxStatuses(client, settings.table_name),
        alarms=AlarmsTopic(sns(), settings.alarms_topic_arn),
        clinic=clinic(),
        team=settings.team,
    )
