"""delivery: each SES report changes its lead as it should. Any other event does no harm and is quoted nowhere.

The events in tests/events follow AWS's own examples, with our tags and made-up people, in the form that EventBridge
delivers. None was recorded from an account:
https://docs.aws.amazon.com/ses/latest/dg/monitoring-eventbridge.html and
https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-examples.html
"""

import json
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from hypothesis import given
from hypothesis import strategies as st

from delivery.alarms import AlarmsTopic
from delivery.reading import EVENTS, NoReportError, read_report
from delivery.record import Reports
from shared.leads.alert import after_report
from shared.leads.decisions import Rules
from shared.leads.event import Event
from shared.leads.notice import Notice, Report, ReportKind
from shared.leads.plan import remaining
from shared.leads.progress import AlertState, Case, Progress
from shared.leads.retention import LONGEST
from shared.leads.team import Team
from shared.store.confirmation_tally import ConfirmationTally
from shared.store.keys import moment
from shared.store.recipient_status import RecipientStatuses
from shared.store.summary_lists import SummaryLists
from shared.store.timeline import event_item
from tests.unit.dynamodb import NAME, MemoryDynamoDB
from tests.unit.fakes import Clock, MemoryLeads
from tests.unit.output import counted, everything_printed
from tests.unit.people import CLINIC, NOW, a_lead
from tests.unit.words import CANARY, any_text, json_values

EVENTS_FOLDER = Path(__file__).parents[1] / "events"
TEAM = Team(
    staff=("staff-1", "staff-2"),
    fallback=("fallback-1",),
)
LEAD = a_lead()
# Minutes after the emails were sent.
LATER = NOW + timedelta(minutes=3)


def event(name: str, **tags: str | None) -> dict[str, Any]:
    """Return an event of tests/events with other tags; None leaves a tag out."""
    read: dict[str, Any] = json.loads((EVENTS_FOLDER / f"ses_{name}.json").read_text(encoding="utf-8"))
    kept = read["detail"]["mail"]["tags"]
    kept |= {tag: [value] for tag, value in tags.items() if value is not None}
    for tag in [tag for tag, value in tags.items() if value is None]:
        del kept[tag]
    return read


class TopicError(Exception):
    """The topic cannot be reached."""


@dataclass
class Inbox:
    """The operators' inbox."""

    messages: list[tuple[str, str]] = field(default_factory=list)
    broken: bool = False

    def tell(self, subject: str, text: str) -> None:
        if self.broken:
            raise TopicError
        self.messages.append((subject, text))


class Office:
    """The surroundings of reports, with a lead whose alert SES accepted for both recipients at the first attempt."""

    def __init__(self, **changes: Any) -> None:  # noqa: ANN401 - any attribute of a progress
        self.leads = MemoryLeads()
        self.inbox = Inbox()
        self.table = MemoryDynamoDB()
        self.leads.put(LEAD)
        progress = sent(**changes)
        self.leads.change(LEAD.id, lambda _stored: replace(progress, event=Event(kind="alert_accepted", at=NOW)))
        self.reports = Reports(
            leads=self.leads,
            statuses=RecipientStatuses(self.table.client(), NAME),
            lists=SummaryLists(self.leads.client, NAME),
            confirmations=ConfirmationTally(self.table.client(), NAME),
            alarms=self.inbox,
            rules=Rules(clinic=CLINIC, team=TEAM),
            now=lambda: LATER,
        )

    def record(self, *events: object) -> "Office":
        for each in events:
            self.reports.record(each)
        return self

    @property
    def state(self) -> AlertState:
        return self.leads.state_of(LEAD.id)

    def told(self) -> list[str]:
        """The kinds of timeline entries that came from SES's reports."""
        return [kind for kind in self.leads.kinds_of(LEAD.id) if kind != "alert_accepted"]


def sent(**changes: Any) -> Progress:  # noqa: ANN401 - any attribute of a progress
    both = frozenset({"alert/staff-1", "alert/staff-2"})
    taken = Progress(
        state=AlertState.ACCEPTED,
        notice=Notice.REMINDER,
        attempts=1,
        tries=0,
        accepted=both,
        told_at=NOW,
        due_at=NOW + timedelta(minutes=15),
        overdue_since=NOW + timedelta(minutes=15),
    )
    return replace(taken, **changes)


@pytest.mark.parametrize(
    ("name", "state", "word", "trouble"),
    [
        ("delivered", AlertState.DELIVERED, "delivered", None),
        ("bounced", AlertState.BOUNCED, "bounced", "RecipientBounces"),
        ("bounced_suppressed", AlertState.BOUNCED, "bounced", "RecipientBounces"),
        ("bounced_mailbox_full", AlertState.BOUNCED, "bounced", "RecipientBounces"),
        ("bounced_gave_up", AlertState.BOUNCED, "bounced", "RecipientBounces"),
        ("bounced_undetermined", AlertState.BOUNCED, "bounced", "RecipientBounces"),
        ("bounced_without_action", AlertState.BOUNCED, "bounced", "RecipientBounces"),
        ("bounced_content", AlertState.REJECTED, "rejected", "RecipientBounces"),
        ("bounced_out_of_office", AlertState.ACCEPTED, "auto_replied", None),
        ("bounced_unclear", AlertState.ACCEPTED, "undetermined", None),
        ("complained", AlertState.COMPLAINED, "complained", "RecipientComplaints"),
        ("rejected", AlertState.REJECTED, "rejected", None),
        ("rendering_failed", AlertState.REJECTED, "rejected", None),
        ("delayed", AlertState.ACCEPTED, "delayed", None),
    ],
)
def test_each_report_means_what_aws_says(name: str, state: AlertState, word: str, trouble: str | None) -> None:
    office = Office().record(event(name))
    assert (office.state, office.told()) == (state, [word])
    assert (counted("ReportsRecorded"), counted("ReportsIgnored")) == ([1], [])
    assert {each for each in ("RecipientBounces", "RecipientComplaints") if counted(each)} == ({trouble} - {None})
    assert len(office.inbox.messages) == (trouble is not None)


@pytest.mark.parametrize("name", ["sent", "complained_not_spam"])
def test_what_tells_nothing_changes_nothing(name: str) -> None:
    office = Office()
    before = office.leads.progress_of(LEAD.id)
    office.record(event(name))
    assert (office.leads.progress_of(LEAD.id), office.told()) == (before, [])
    assert (counted("ReportsRecorded"), counted("ReportsIgnored")) == ([], [1])


def test_every_event_here_is_one_that_the_rule_asks_for_or_is_ignored() -> None:
    names = {json.loads(path.read_text(encoding="utf-8"))["detail-type"] for path in EVENTS_FOLDER.glob("ses_*.json")}
    assert names == {*EVENTS, "Email Sent"}


def test_the_timeline_names_the_email_and_the_time_in_documented_words() -> None:
    office = Office().record(event("bounced"))
    (entry,) = [entry for entry in office.leads.timeline.values() if entry["kind"] == {"S": "bounced"}]
    details = {"recipient": "staff-2", "notice": "alert", "attempt": "1"}
    said = {"bounce_type": "Permanent", "bounce_subtype": "General"}
    at = moment("2026-03-04T15:30:04.669Z")
    assert entry == event_item(LEAD.id, Event(kind="bounced", at=at, details=details | said), NOW + LONGEST)


@pytest.mark.parametrize("name", ["Brand", "EmailValidationFailed", "A" * 40])
def test_a_subtype_that_is_new_is_passed_on_by_its_name(name: str) -> None:
    new = event("bounced")
    new["detail"]["bounce"] |= {"bounceSubType": name}
    office = Office().record(new)
    assert office.state is AlertState.BOUNCED
    (entry,) = [entry for entry in office.leads.timeline.values() if entry["kind"] == {"S": "bounced"}]
    assert f"'{name}'" in str(entry)
    assert f"bounced. SES names the reason {name}." in office.inbox.messages[0][1]


@pytest.mark.parametrize("part", ["bounce", "complaint"])
@pytest.mark.parametrize("name", [f"{CANARY}!", f"{CANARY} ", f"{CANARY}1", f"a@{CANARY}", CANARY * 3, f"{CANARY}\n"])
def test_a_subtype_that_is_no_name_is_passed_on_nowhere(part: str, name: str) -> None:
    strange = event({"bounce": "bounced", "complaint": "complained"}[part])
    strange["detail"][part] |= {f"{part}Type": name, f"{part}SubType": name}
    office = Office().record(strange)
    assert len(office.told()) == 1
    assert CANARY not in str(office.leads.timeline) + str(office.inbox.messages)


def test_a_bounce_sends_the_alert_to_the_fallback_at_once() -> None:
    progress = Office().record(event("bounced")).leads.progress_of(LEAD.id)
    assert (progress.notice, progress.due_at) == (Notice.ALERT, LATER)
    assert remaining(progress, Notice.ALERT, TEAM) == ("fallback-1",)


def test_refused_content_goes_to_the_same_recipient_with_the_reference_only() -> None:
    progress = Office().record(event("bounced_content")).leads.progress_of(LEAD.id)
    assert progress.shows_reference_only
    assert remaining(progress, Notice.ALERT, TEAM) == ("staff-2",)


def test_a_lead_without_recipients_left_is_counted_once() -> None:
    everybody = {"accepted": frozenset({"alert/staff-1", "alert/staff-2", "alert/fallback-1"})}
    office = Office(**everybody)
    reports = [event("bounced", recipient=recipient) for recipient in ("staff-1", "staff-2", "fallback-1")]
    assert office.record(*reports, *reports).state is AlertState.UNDELIVERABLE
    assert counted("AlertsUndeliverable") == [1]


def test_operators_hear_once_a_day_and_by_position() -> None:
    office = Office().record(event("bounced"), event("bounced"), event("bounced", notice="reminder"))
    (message,) = office.inbox.messages
    assert "An email to the 2nd address of AlertRecipients bounced" in message[1]
    assert "delete-suppressed-destination" in message[1]
    assert "@" not in "".join(message)
    assert message[0].isascii()
    assert len(message[0]) <= 100
    assert counted("RecipientBounces") == [1, 1, 1]


def test_the_message_says_what_a_full_mailbox_needs() -> None:
    (message,) = Office().record(event("bounced_mailbox_full", recipient="fallback-1")).inbox.messages
    assert "An email to the 1st address of FallbackRecipients bounced" in message[1]
    assert "the mailbox is full" in message[1]


def test_a_complaint_long_ago_counts_as_one_but_operators_read_what_it_is() -> None:
    office = Office().record(event("complained_earlier"))
    assert (office.state, office.told()) == (AlertState.COMPLAINED, ["complained_earlier"])
    assert remaining(office.leads.progress_of(LEAD.id), Notice.ALERT, TEAM) == ("fallback-1",)
    (message,) = office.inbox.messages
    assert message[0] == "SES sends no email to the 2nd address of AlertRecipients"
    assert "an earlier email was marked as spam there" in message[1]
    assert "at most once every 30 days" in message[1]
    assert counted("RecipientComplaints") == [], "its alarm would ring for each email"
    (entry,) = [entry for entry in office.leads.timeline.values() if entry["kind"] == {"S": "complained_earlier"}]
    assert "OnAccountSuppressionList" in str(entry)


def test_operators_hear_of_a_complaint_long_ago_once_a_month() -> None:
    office, clock = Office(), Clock(LATER)
    reports, told = replace(office.reports, now=clock), []
    for day in range(62):
        report, before = event("complained_earlier"), len(office.inbox.messages)
        clock.time = LATER + timedelta(days=day)
        report["detail"]["complaint"]["timestamp"] = clock.time.isoformat()
        reports.record(report)
        told += [day] * (len(office.inbox.messages) - before)
    assert told == [0, 30, 60]


def test_a_topic_out_of_reach_keeps_nothing_from_being_written_and_the_retry_tells() -> None:
    office = Office()
    office.inbox.broken = True
    with pytest.raises(TopicError):
        office.record(event("bounced"))
    assert office.state is AlertState.BOUNCED
    office.inbox.broken = False
    before = office.leads.progress_of(LEAD.id)
    office.record(event("bounced"))
    assert len(office.inbox.messages) == 1
    assert office.leads.progress_of(LEAD.id) == before


def test_errors_of_the_table_come_out_so_that_lambda_tries_again() -> None:
    office = Office()
    office.leads.faults.before["change"].append(TopicError())
    with pytest.raises(TopicError):
        office.record(event("delivered"))
    assert office.record(event("delivered")).state is AlertState.DELIVERED


def test_a_former_recipients_trouble_is_not_reported() -> None:
    office = Office().record(event("bounced", recipient="staff-3"))
    assert office.told() == ["bounced"]
    assert (office.inbox.messages, office.table.items) == ([], {})


def test_the_canarys_reports_say_nothing_of_staff() -> None:
    office = Office(synthetic=True).record(event("bounced", recipient="staff-1"))
    assert office.told() == ["bounced"]
    assert (office.inbox.messages, office.table.items) == ([], {})


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("delivered", ["confirmation_delivered"]),
        ("bounced", ["confirmation_bounced"]),
        ("complained", ["confirmation_complained"]),
        ("rejected", []),
        ("delayed", []),
        ("bounced_out_of_office", []),
        ("bounced_unclear", []),
        ("complained_earlier", ["confirmation_complained_earlier"]),
    ],
)
def test_reports_on_the_confirmation_are_on_the_timeline_and_change_nothing(name: str, words: list[str]) -> None:
    office = Office()
    before = office.leads.progress_of(LEAD.id)
    office.record(event(name, notice="confirmation", recipient=None, attempt=None))
    assert (office.leads.progress_of(LEAD.id), office.told()) == (before, words)
    assert office.inbox.messages == []
    assert len(office.table.items) == (name == "bounced")


def test_a_bounced_confirmation_is_counted_once_on_the_day_of_the_bounce() -> None:
    office = Office()
    bounced = event("bounced", notice="confirmation", recipient=None, attempt=None)
    office.record(bounced, bounced)
    ((key, item),) = office.table.items.items()
    assert key == ("CONFIRMATIONS", "2026-03-04")
    assert item["bounced"] == {"SS": [LEAD.id]}
    assert item["expires_at"] == {"N": str(int(moment("2026-03-11T15:30:04Z").timestamp()))}
    assert office.reports.confirmations.read(NOW + timedelta(days=1)).bounced == 1
    assert office.reports.confirmations.read(NOW + timedelta(days=2)).bounced == 0


def test_a_bounced_confirmation_counts_although_its_lead_was_deleted() -> None:
    office = Office()
    del office.leads.leads[LEAD.id]
    office.record(event("bounced", notice="confirmation", recipient=None, attempt=None))
    assert office.reports.confirmations.read(LATER).bounced == 1
    assert counted("ReportsIgnored") == [1]


@pytest.mark.parametrize("notice", ["alert", "digest"])
def test_no_other_bounce_counts_as_one_of_a_confirmation(notice: str) -> None:
    office = Office().record(event("bounced", notice=notice))
    assert office.reports.confirmations.read(LATER).bounced == 0


def of_the_owner(name: str, recipient: str) -> dict[str, Any]:
    return event(name, notice="owner_report", lead_id=None, attempt=None, recipient=recipient)


@pytest.mark.parametrize(("name", "metric"), [("bounced", "RecipientBounces"), ("complained", "RecipientComplaints")])
def test_an_owner_who_gets_alerts_too_is_a_recipient_in_trouble(name: str, metric: str) -> None:
    office = Office().record(of_the_owner(name, "staff-1"))
    assert counted(metric) == [1]
    (status,) = office.reports.statuses.all(["staff-1"])
    assert status.bounced_at or status.complained_at
    ((subject, text),) = office.inbox.messages
    assert "1st address of AlertRecipients" in subject + text
    assert "OwnerEmail" not in subject + text


@pytest.mark.parametrize("name", ["bounced", "complained"])
def test_an_owner_who_gets_no_alerts_is_no_recipient(name: str) -> None:
    office = Office().record(of_the_owner(name, "somebody-else"))
    assert (counted("RecipientBounces"), counted("RecipientComplaints"), office.table.items) == ([], [], {})
    ((subject, text),) = office.inbox.messages
    assert "OwnerEmail" in text
    assert subject


def test_a_report_on_a_digest_counts_if_it_names_the_recipient() -> None:
    office = Office()
    office.record(event("bounced", notice="digest", lead_id=None, attempt=None, recipient=None))
    assert (counted("ReportsIgnored"), office.inbox.messages) == ([1], [])
    office.record(event("bounced", notice="digest", lead_id=None, attempt=None))
    assert len(office.inbox.messages) == 1
    assert office.told() == []


@pytest.mark.parametrize(
    "tags",
    [
        {"lead_id": None},
        {"lead_id": "../LEAD"},
        {"lead_id": "0" * 26},
        {"notice": None},
        {"notice": CANARY},
        {"recipient": None},
        {"recipient": f"staff-{CANARY}"},
        {"recipient": "staff-0/alert"},
        {"recipient": "staff-\N{ARABIC-INDIC DIGIT ONE}"},
        {"attempt": None},
        {"attempt": "0"},
        {"attempt": "1" * 5_000},
    ],
)
def test_unknown_tags_and_leads_do_no_harm(tags: dict[str, str | None]) -> None:
    with everything_printed() as output:
        office = Office().record(event("bounced", **tags))
        assert counted("ReportsIgnored") == [1]
    assert (office.state, office.told(), office.inbox.messages) == (AlertState.ACCEPTED, [], [])
    assert CANARY not in output.getvalue()


@pytest.mark.parametrize("time", ["1970-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z", 10**30, -1, None])
def test_an_absurd_time_is_ignored(time: object) -> None:
    strange = event("delivered")
    strange["detail"]["delivery"]["timestamp"] = time
    with_event_time = Office().record(strange)
    strange["time"] = "0001-01-01T00:00:00Z"
    with_our_time = Office().record(strange)
    for office, at in ((with_event_time, "15:30:05.000"), (with_our_time, "15:33:00.000")):
        assert any(f"{at}Z#delivered" in sort_key for _, sort_key in office.leads.timeline)


USELESS: list[Any] = ["", None, [], {}, 0, f"<{CANARY}>", {"a": [CANARY]}, [None]]


@pytest.mark.parametrize("useless", USELESS)
@pytest.mark.parametrize("name", ["delivered", "bounced", "complained", "rejected", "rendering_failed", "delayed"])
def test_a_useless_value_never_discards_a_report(name: str, useless: object) -> None:
    part = EVENTS[event(name)["detail-type"]][0].replace("delay", "deliveryDelay")
    paths = [("time",), ("detail", part), *[("detail", part, each) for each in event(name)["detail"][part]]]
    paths += [("detail", "mail", each) for each in event(name)["detail"]["mail"] if each != "tags"]
    paths += [("detail", "mail", "tags", each) for each in ("ses:source-ip", "foreign")]
    words = Office().record(event(name)).told()
    for path in paths:
        strange = event(name)
        inner = strange
        for step in path[:-1]:
            inner = inner[step]
        inner[path[-1]] = useless
        office = Office().record(strange)
        assert office.told() == words, path
        assert CANARY not in str(office.leads.timeline), path


def test_a_report_without_any_time_happened_now() -> None:
    strange = event("bounced")
    del strange["time"], strange["detail"]["bounce"]["timestamp"]
    assert read_report(strange, LATER).at == LATER


@pytest.mark.parametrize("nothing", [{}, {"bounced": None}, [], None])
def test_one_useless_recipient_does_not_hide_another(nothing: object) -> None:
    read = event("bounced_gave_up")
    failed = read["detail"]["bounce"]["bouncedRecipients"]
    read["detail"]["bounce"]["bouncedRecipients"] = [nothing, *failed]
    assert read_report(read, NOW).kind is ReportKind.BOUNCED


PATHS = [
    ("detail",),
    ("detail-type",),
    ("source",),
    ("time",),
    ("detail", "mail"),
    ("detail", "mail", "tags"),
    ("detail", "mail", "tags", "lead_id"),
    ("detail", "mail", "tags", "attempt"),
    ("detail", "bounce"),
    ("detail", "bounce", "timestamp"),
    ("detail", "bounce", "bounceType"),
    ("detail", "bounce", "bouncedRecipients"),
]
# With the canary in every text. It must not appear anywhere.
ANYTHING = st.one_of(
    json_values,
    any_text.map(lambda text: f"<{CANARY}>{text}"),
    st.lists(st.just(CANARY)),
    st.dictionaries(any_text, st.just(CANARY)),
    st.just({"lead_id": [CANARY]}),
)


@given(ANYTHING, st.one_of(st.none(), st.sampled_from(PATHS)))
def test_any_event_does_no_harm_and_is_not_quoted(value: object, path: tuple[str, ...] | None) -> None:
    strange: Any = value
    if path:
        strange = deepcopy(event("bounced"))
        inner = strange
        for name in path[:-1]:
            inner = inner[name]
        inner[path[-1]] = value
    office = Office()
    with everything_printed() as output:
        office.record(strange)
    assert CANARY not in output.getvalue()
    assert CANARY not in str(office.leads.timeline)
    assert office.state in {AlertState.ACCEPTED, AlertState.BOUNCED, AlertState.REJECTED}


@pytest.mark.parametrize("name", [path.stem for path in EVENTS_FOLDER.glob("ses_*.json")])
def test_no_address_and_no_subject_gets_into_the_log(name: str) -> None:
    with everything_printed() as output:
        Office().record(event(name.removeprefix("ses_")))
    assert "report" in output.getvalue()
    assert not [word for word in ("@", "example.com", "Subject", "New request") if word in output.getvalue()]


@pytest.mark.parametrize(
    "changes", [{"bouncedRecipients": None}, {"bouncedRecipients": [{"action": None}]}, {"bounceType": "New"}, {"x": 1}]
)
def test_a_bounce_is_not_lost_for_what_is_new_or_missing_in_it(changes: dict[str, object]) -> None:
    read = event("bounced")
    read["detail"]["bounce"] |= changes
    assert Office().record(read).state is AlertState.BOUNCED


def test_an_event_nested_deeply_is_malformed_or_passed_over() -> None:
    nested: Any = "x"
    for _ in range(500):
        nested = {"detail": [nested]}
    with pytest.raises(NoReportError):
        read_report(nested, NOW)


BOUNCES = {
    "Undetermined": {"Undetermined"},
    "Permanent": {"General", "NoEmail", "Suppressed", "OnAccountSuppressionList", "UnsubscribedRecipient", "New"},
    "Transient": {
        *("General", "MailboxFull", "MessageTooLarge", "CustomTimeoutExceeded", "ContentRejected"),
        *("AttachmentRejected", "New"),
    },
    "New": {"General", "New"},
}


def bounced(kind: str, subtype: str, **recipient: object) -> dict[str, Any]:
    """Return a bounce of this type that says this about its recipient."""
    read = event("bounced")
    said = [{"emailAddress": "nurse@example.com", **recipient}]
    read["detail"]["bounce"] |= {"bounceType": kind, "bounceSubType": subtype, "bouncedRecipients": said}
    return read


def test_a_bounce_that_says_no_more_than_its_type() -> None:
    words: dict[str, set[tuple[str, str]]] = {}
    for kind, subtypes in BOUNCES.items():
        for subtype in subtypes:
            words.setdefault(read_report(bounced(kind, subtype), NOW).word, set()).add((kind, subtype))
    content = {"MessageTooLarge", "ContentRejected", "AttachmentRejected"}
    assert words.pop("bounced")
    assert words == {
        "auto_replied": {("Transient", "General")},
        "undetermined": {("Undetermined", "Undetermined")},
        "rejected": {("Transient", subtype) for subtype in content},
    }


FAILED: list[dict[str, object]] = [
    {"status": "5.1.1"},
    {"status": " 5.7.26 (policy)"},
    {"status": "5.0.0", "action": "delayed"},
    {"status": "5"},
    {"action": "failed"},
    {"action": "Failed "},
    {"status": "4.4.7", "diagnosticCode": "smtp; 421 4.4.7 gave up"},
    {"status": "4.4.7"},
    {"diagnosticCode": "smtp; 550 5.1.1 user unknown"},
    {"diagnosticCode": "smtp;550-no such user"},
    {"diagnosticCode": "550 no"},
    {"diagnosticCode": "X-Postfix; host mx.example.com[192.0.2.1] said: 554 spam"},
    {"diagnosticCode": "smtp; the server answered #5.7.1 and no more"},
    {"status": None, "action": 7, "diagnosticCode": "smtp; 552 full"},
    {"status": "2.0.0", "diagnosticCode": "smtp; 550 5.1.1 user unknown"},
    {"status": "511"},
    {"diagnosticCode": "smtp 550 user unknown"},
    {"diagnosticCode": "error 550 5.1.1"},
    {"diagnosticCode": "SMTP error 550: no"},
    {"diagnosticCode": "host[192.0.2.4] 552 full"},
    {"diagnosticCode": '"550 user unknown"'},
    {"diagnosticCode": "550.5.1.1 no"},
    {"diagnosticCode": "550-5.1.1 The email account does not exist"},
    {"diagnosticCode": "smtp; 550 Security policy violation"},
    {"diagnosticCode": "host mx.example.com said: 550 Hourly limit reached"},
    {"diagnosticCode": "host mx.example.com answered (552 Bytesize)"},
    {"diagnosticCode": "550-nurse@example.com is unknown"},
    {"diagnosticCode": "550 555 0142 is no mailbox"},
    {"diagnosticCode": "554 min"},
    {"diagnosticCode": "connected to mx.example.com port 25, 550 no"},
    {"diagnosticCode": "mx.example.com said: 550 1234 is no mailbox"},
    {"status": "#5.1.1"},
    {"status": "smtp; 5.1.1"},
]
SILENT: list[dict[str, object]] = [
    {},
    {"status": None, "action": None, "diagnosticCode": None},
    {"status": "", "action": "", "diagnosticCode": " "},
]
UNREADABLE: list[dict[str, object]] = [
    {"status": "2.0.0", "action": "delivered"},
    {"action": "relayed", "diagnosticCode": "smtp; 250 2.0.0 ok"},
    {"status": "unknown", "diagnosticCode": "I am out of the office until 5.1.2027. Call 555-0142"},
    {"diagnosticCode": "smtp; seen by 5.1.1.2 after 500 seconds"},
    {"status": "50 percent", "diagnosticCode": "smtp; 5500"},
    {"diagnosticCode": "connect to mx.example.com[192.0.2.4]:587 port 587: 450 ms, 512 bytes, id 550.abc@x"},
    {"diagnosticCode": "tried ports 465 and 587, port=587, port: 587, port #465"},
    {"diagnosticCode": "for <550-abc@mx.example.com>, id=<550@x>, queued as 550ABC, zone +530"},
    {"diagnosticCode": "call 555 0142 or (202) 555 0142 or 202 555 0163 or +1 202-555-0142"},
    {"diagnosticCode": "after 500 s, 500s, 450 seconds and 550 days: 512 KB, 450 MiB, 500%"},
    {"status": "192.0.5.1"},
]


@pytest.mark.parametrize(("kind", "subtype"), [("Transient", "General"), ("Undetermined", "Undetermined")])
@pytest.mark.parametrize("said", FAILED)
def test_a_code_of_a_failure_is_a_bounce(kind: str, subtype: str, said: dict[str, object]) -> None:
    office = Office().record(bounced(kind, subtype, **said))
    assert (office.state, office.told(), len(office.inbox.messages)) == (AlertState.BOUNCED, ["bounced"], 1)
    assert remaining(office.leads.progress_of(LEAD.id), Notice.ALERT, TEAM) == ("fallback-1",)


@pytest.mark.parametrize(
    ("kind", "subtype", "word", "means"),
    [
        ("Transient", "General", "auto_replied", None),
        ("Undetermined", "Undetermined", "undetermined", ReportKind.UNDETERMINED),
        ("Undetermined", "New", "undetermined", ReportKind.UNDETERMINED),
    ],
)
@pytest.mark.parametrize("said", SILENT)
def test_without_a_code_of_a_failure_nothing_is_certain(
    kind: str, subtype: str, word: str, means: ReportKind | None, said: dict[str, object]
) -> None:
    read = read_report(bounced(kind, subtype, **said), NOW)
    assert (read.word, read.kind, read.trouble) == (word, means, None)


@pytest.mark.parametrize("kind", ["Transient", "Undetermined"])
@pytest.mark.parametrize("said", UNREADABLE)
def test_what_cannot_be_read_is_no_out_of_office_reply(kind: str, said: dict[str, object]) -> None:
    read = read_report(bounced(kind, "General", **said), NOW)
    assert (read.word, read.kind, read.trouble) == ("undetermined", ReportKind.UNDETERMINED, None)


@pytest.mark.parametrize("kind", ["Transient", "Undetermined"])
def test_a_server_that_still_tries_is_a_delay(kind: str) -> None:
    read = bounced(kind, "General", action="delayed", status="4.4.1", diagnosticCode="smtp; 421 4.4.1 busy")
    office = Office().record(read)
    assert (office.state, office.told(), office.inbox.messages) == (AlertState.ACCEPTED, ["delayed"], [])


KINDS = [kind for kind in ReportKind if kind is not ReportKind.REJECTED]
REPORTS = st.builds(
    Report,
    kind=st.sampled_from(KINDS),
    notice=st.just(Notice.ALERT),
    recipient=st.sampled_from(["staff-1", "staff-2", "fallback-1"]),
    attempt=st.just(1),
)


@given(st.lists(REPORTS, max_size=6), st.data())
def test_in_any_order_and_however_often_reports_come_to_the_same(reports: list[Report], data: st.DataObject) -> None:
    again = data.draw(
        st.permutations(reports + data.draw(st.lists(st.sampled_from(reports)) if reports else st.just([])))
    )
    case = Case(lead=LEAD, clinic=CLINIC, team=TEAM)

    def follow(order: list[Report]) -> Progress:
        progress = sent()
        for report in order:
            progress = after_report(progress, case, report, LATER)
        # The order decides which bad news the state names, and which email would come next. Ignore both.
        bad = progress.state in {AlertState.BOUNCED, AlertState.COMPLAINED}
        return replace(
            progress,
            state=AlertState.BOUNCED if bad else progress.state,
            notice=progress.notice if progress.due_at else Notice.ALERT,
        )

    assert follow(again) == follow(reports)


def test_the_topic_gets_what_it_needs() -> None:
    client = boto3.client("sns")
    with Stubber(client) as stubber:
        stubber.add_response(
            "publish", {"MessageId": "made-up"}, {"TopicArn": "arn:made-up", "Subject": "S", "Message": "T"}
        )
        AlarmsTopic(client, "arn:made-up").tell("S", "T")
        stubber.assert_no_pending_responses()
