"""Reads one SES report from an EventBridge event. Errors use static words only and never quote the event.

Event names: https://docs.aws.amazon.com/ses/latest/dg/monitoring-eventbridge.html. Fields of `detail`:
https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html. EventBridge delivers these
events on a best-effort basis, in any order, and possibly twice.

Each value is read on its own. One that is missing or useless never discards the report, except our own tags: without
them, nobody can know which email the report is about.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Final

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)

from delivery.bounce import Evidence, meaning_of
from shared.leads.identity import LEAD_ID
from shared.leads.notice import Notice, ReportKind
from shared.store.recipient_status import Trouble


class Other(StrEnum):
    """Emails that are not a `Notice` to staff about one lead."""

    CONFIRMATION = "confirmation"  # to the visitor
    DIGEST = "digest"  # to staff, about many leads
    SUMMARY = "summary"  # to staff, about many leads
    OWNER_REPORT = "owner_report"  # to the clinic's owner, about no lead


@dataclass(frozen=True, slots=True, kw_only=True)
class SesReport:
    """One SES report about one email. The ids come from the tags that the sender set. No field identifies a person."""

    word: str  # the word for the timeline
    kind: ReportKind | None  # what happened to the email; None if the report says nothing about that
    trouble: Trouble | None  # the problem with the recipient, if any
    notice: Notice | Other
    lead_id: str | None
    recipient: str | None
    attempt: int | None
    summary: str | None  # identifies the email if it is a summary
    at: datetime  # aware; from SES, so a repeated report has the same time
    details: dict[str, str] = field(default_factory=dict)  # for the timeline; only names that AWS gives


class NoReportError(Exception):
    """The event needs no action. `reason` says why in static words."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def _useless_is_missing(value: object, read: ValidatorFunctionWrapHandler) -> object:
    try:
        return read(value)
    except ValidationError:
        return None


_USELESS_IS_MISSING: Final = WrapValidator(_useless_is_missing)
type _Text = Annotated[str | None, _USELESS_IS_MISSING]
type _Moment = Annotated[AwareDatetime | None, Field(strict=False), _USELESS_IS_MISSING]
type _Tag = Annotated[list[_Text] | None, _USELESS_IS_MISSING]


class _Model(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, strict=True, hide_input_in_errors=True)


class _Recipient(_Model):
    """From the delivery status notification, if there is one."""

    action: _Text = None
    status: _Text = None
    diagnostic: _Text = Field(None, alias="diagnosticCode")


type _Recipients = Annotated[list[Annotated[_Recipient | None, _USELESS_IS_MISSING]] | None, _USELESS_IS_MISSING]


class _What(_Model):
    """The part of the detail that is named after the event. Each event has some of these fields."""

    timestamp: _Moment = None
    bounce_type: _Text = Field(None, alias="bounceType")
    bounce_subtype: _Text = Field(None, alias="bounceSubType")
    bounced: _Recipients = Field(None, alias="bouncedRecipients")
    feedback_type: _Text = Field(None, alias="complaintFeedbackType")
    complaint_subtype: _Text = Field(None, alias="complaintSubType")


class _Email(_Model):
    tags: Annotated[dict[str, _Tag] | None, _USELESS_IS_MISSING] = None


type _Part = Annotated[_What | None, _USELESS_IS_MISSING]


class _Detail(_Model):
    mail: Annotated[_Email | None, _USELESS_IS_MISSING] = None
    delivery: _Part = None
    bounce: _Part = None
    complaint: _Part = None
    reject: _Part = None
    failure: _Part = None
    delay: _Part = Field(None, alias="deliveryDelay")


class _Event(_Model):
    source: _Text = None
    name: _Text = Field(None, alias="detail-type")
    time: _Moment = None
    detail: Annotated[_Detail | None, _USELESS_IS_MISSING] = None


# Event name -> its part of the detail, and what it means. The rules forward no other events.
EVENTS: Final = {
    "Email Delivered": ("delivery", ReportKind.DELIVERED),
    "Email Bounced": ("bounce", ReportKind.BOUNCED),
    "Email Complaint Received": ("complaint", ReportKind.COMPLAINED),
    "Email Rejected": ("reject", ReportKind.REJECTED),
    "Email Rendering Failed": ("failure", ReportKind.REJECTED),  # for SES templates, which we do not use
    "Email Delivery Delayed": ("delay", ReportKind.DELAYED),
}

# The word for the timeline if SES did not send the email, because somebody complained about an earlier one.
COMPLAINED_EARLIER: Final = "complained_earlier"
_ON_THE_SUPPRESSION_LIST: Final = "OnAccountSuppressionList"

# How many of our tags an email that is not about one lead has.
_NEEDED: Final = {Other.DIGEST: 0, Other.SUMMARY: 0, Other.OWNER_REPORT: 0, Other.CONFIRMATION: 1}
_LEAD_ID: Final = re.compile(LEAD_ID)
_RECIPIENT: Final = re.compile(r"[a-z]{1,8}-[0-9a-f]{1,32}")
_ATTEMPT: Final = re.compile(r"[1-9][0-9]{0,5}")
_SUMMARY: Final = re.compile(r"[0-9a-f]{16}")
_NAME: Final = re.compile(r"[A-Za-z]{1,40}")  # AWS adds new names, and they look like this

# SES retries for hours, not weeks, and a clock may be slightly fast. A time outside this range is not usable.
_OLDEST, _NEWEST = timedelta(days=30), timedelta(hours=1)


def read_report(event: object, now: datetime) -> SesReport:
    """Return the report in `event`. Raises NoReportError for anything else."""
    try:
        read = _Event.model_validate(event)
    except ValidationError:  # not even an object; the text of the error quotes it
        raise NoReportError("not from SES") from None
    if read.source != "aws.ses":
        raise NoReportError("not from SES")
    if read.name not in EVENTS:
        raise NoReportError("unknown event")
    part, kind = EVENTS[read.name]
    detail = read.detail or _Detail()
    what: _What = getattr(detail, part) or _What()
    given = _given(detail)
    notice, lead_id, recipient, attempt = _tags(given)
    summary = given.get("summary", "")
    meaning = _meaning(kind, what)
    trouble = _trouble(kind, meaning, what)
    times = (what.timestamp, read.time)
    return SesReport(
        word=COMPLAINED_EARLIER if trouble is Trouble.SUPPRESSED else str(meaning or "auto_replied"),
        kind=meaning,
        trouble=trouble,
        notice=notice,
        lead_id=lead_id,
        recipient=recipient,
        attempt=attempt,
        summary=summary if _SUMMARY.fullmatch(summary) else None,
        at=next((each for each in times if each and now - _OLDEST <= each <= now + _NEWEST), now),
        details=_named(what),
    )


def _given(detail: _Detail) -> dict[str, str]:
    """Return the tags of an email that have one value, as our own do. SES adds others, named "ses:..."."""
    tags = (detail.mail and detail.mail.tags) or {}
    return {name: values[0] or "" for name, values in tags.items() if values and len(values) == 1}


def _tags(given: dict[str, str]) -> tuple[Notice | Other, str | None, str | None, int | None]:
    """Return the ids from the tags of an email."""
    lead_id, recipient = given.get("lead_id", ""), given.get("recipient", "")
    attempt, name = given.get("attempt", ""), given.get("notice", "")
    notice = Notice(name) if name in set(Notice) else Other(name) if name in set(Other) else None
    known = (
        lead_id if _LEAD_ID.fullmatch(lead_id) else None,
        recipient if _RECIPIENT.fullmatch(recipient) else None,
        int(attempt) if _ATTEMPT.fullmatch(attempt) else None,
    )
    needed = _NEEDED[notice] if isinstance(notice, Other) else 3
    if notice is None or None in known[:needed]:
        raise NoReportError("unknown tags")
    return notice, *known


def _meaning(kind: ReportKind, what: _What) -> ReportKind | None:
    """Return what happened to the email, or None if the report does not say."""
    if kind is ReportKind.COMPLAINED and what.feedback_type == "not-spam":
        raise NoReportError("not spam")  # someone moved the email out of their spam folder
    if kind is not ReportKind.BOUNCED:
        return kind
    evidence = (
        Evidence(action=each.action or "", status=each.status or "", diagnostic=each.diagnostic or "")
        for each in what.bounced or ()
        if each
    )
    return meaning_of(what.bounce_type or "", what.bounce_subtype or "", evidence)


def _trouble(kind: ReportKind, meaning: ReportKind | None, what: _What) -> Trouble | None:
    """Return the problem with the recipient that operators must look into, if any."""
    if kind is ReportKind.COMPLAINED:
        # SES did not send this email, so nobody can have marked it as spam.
        unsent = what.complaint_subtype == _ON_THE_SUPPRESSION_LIST
        return Trouble.SUPPRESSED if unsent else Trouble.COMPLAINED
    # A bounce about the content, too: the recipient's server refuses what we send.
    bounced = kind is ReportKind.BOUNCED and meaning in {ReportKind.BOUNCED, ReportKind.REJECTED}
    return Trouble.BOUNCED if bounced else None


def _named(what: _What) -> dict[str, str]:
    """Return the types in the report for the timeline, but only if they look like names that AWS gives."""
    types = {
        "bounce_type": what.bounce_type,
        "bounce_subtype": what.bounce_subtype,
        "complaint_subtype": what.complaint_subtype,
    }
    return {name: value for name, value in types.items() if value and _NAME.fullmatch(value)}
