"""Reads one SES report from an EventBridge event. Errors use static words only and never quote the event.

Event names: https://docs.aws.amazon.com/ses/latest/dg/monitoring-eventbridge.html. Fields of `detail` and bounce types:
https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html. EventBridge delivers these
events on a best-effort basis, in any order, and possibly twice.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Final

from aws_lambda_powertools.utilities.data_classes import EventBridgeEvent
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from shared.leads.notice import Notice, ReportKind
from shared.store.recipient_status import Trouble


class Other(StrEnum):
    """Emails that are not a `Notice` to staff about one lead."""

    CONFIRMATION = "confirmation"  # to the visitor
    DIGEST = "digest"  # to staff, about many leads


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
    at: datetime  # aware; from SES, so a repeated report has the same time
    details: dict[str, str] = field(default_factory=dict)  # for the timeline; only words that AWS documents


class NoReportError(Exception):
    """The event needs no action. `reason` says why in static words."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class _Model(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, strict=True, hide_input_in_errors=True)


_Moment = Annotated[AwareDatetime, Field(strict=False)]


class _Recipient(_Model):
    action: str | None = None  # from the delivery status notification (RFC 3464), if there is one


class _What(_Model):
    """The part of the detail that is named after the event. Each event has some of these fields."""

    timestamp: _Moment | None = None
    bounce_type: str | None = Field(None, alias="bounceType")
    bounce_subtype: str | None = Field(None, alias="bounceSubType")
    bounced: list[_Recipient] | None = Field(None, alias="bouncedRecipients")
    feedback_type: str | None = Field(None, alias="complaintFeedbackType")


class _Email(_Model):
    tags: dict[str, list[str]]


class _Detail(_Model):
    mail: _Email
    delivery: _What | None = None
    bounce: _What | None = None
    complaint: _What | None = None
    reject: _What | None = None
    failure: _What | None = None
    delay: _What | None = Field(None, alias="deliveryDelay")


_MOMENT: Final = TypeAdapter[datetime](_Moment)


# Event name -> its part of the detail, and what it means. The rules forward no other events.
EVENTS: Final = {
    "Email Delivered": ("delivery", ReportKind.DELIVERED),
    "Email Bounced": ("bounce", ReportKind.BOUNCED),
    "Email Complaint Received": ("complaint", ReportKind.COMPLAINED),
    "Email Rejected": ("reject", ReportKind.REJECTED),
    "Email Rendering Failed": ("failure", ReportKind.REJECTED),  # for SES templates, which we do not use
    "Email Delivery Delayed": ("delay", ReportKind.DELAYED),
}

_TROUBLE: Final = {ReportKind.BOUNCED: Trouble.BOUNCED, ReportKind.COMPLAINED: Trouble.COMPLAINED}

BOUNCES: Final = {
    "Undetermined": {"Undetermined"},
    "Permanent": {"General", "NoEmail", "Suppressed", "OnAccountSuppressionList"},
    "Transient": {"General", "MailboxFull", "MessageTooLarge", "ContentRejected", "AttachmentRejected"},
}
# AWS: "You may be able to send if you change the content". So we send the email again with the reference only.
_ABOUT_CONTENT: Final = {
    ("Transient", "MessageTooLarge"),
    ("Transient", "ContentRejected"),
    ("Transient", "AttachmentRejected"),
}
# SES reports an out-of-office reply as one of these. An email that really bounced has a delivery status notification
# that says "failed". When SES itself gives up on an email, it writes this notification.
_PERHAPS_A_REPLY: Final = {("Transient", "General"), ("Undetermined", "Undetermined")}

_LEAD_ID: Final = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}")
_RECIPIENT: Final = re.compile(r"[a-z]{1,8}-[0-9a-f]{1,32}")
_ATTEMPT: Final = re.compile(r"[1-9][0-9]{0,5}")

# SES retries for hours, not weeks, and a clock may be slightly fast. A time outside this range is not usable.
_OLDEST, _NEWEST = timedelta(days=30), timedelta(hours=1)


def read_report(event: object, now: datetime) -> SesReport:
    """Return the report in `event`. Raises NoReportError for anything else."""
    if not isinstance(event, Mapping):
        raise NoReportError("malformed")
    envelope = EventBridgeEvent(dict(event))
    try:
        ours, name = envelope.source == "aws.ses", str(envelope.detail_type)
        time = _MOMENT.validate_python(envelope.time)
        detail = _Detail.model_validate(envelope.detail)
    except (KeyError, ValidationError):  # the text of a ValidationError quotes addresses and subjects
        raise NoReportError("malformed") from None
    if not ours:
        raise NoReportError("malformed")
    if name not in EVENTS:
        raise NoReportError("unknown event")
    part, kind = EVENTS[name]
    what: _What | None = getattr(detail, part)
    if what is None:
        raise NoReportError("malformed")
    notice, lead_id, recipient, attempt = _tags(detail.mail.tags)
    meaning = _meaning(kind, what)
    times = (what.timestamp or time, time)
    return SesReport(
        word=str(meaning or "auto_replied"),
        kind=meaning,
        # Operators must look into every bounce, whatever its type.
        trouble=_TROUBLE.get(kind) if meaning else None,
        notice=notice,
        lead_id=lead_id,
        recipient=recipient,
        attempt=attempt,
        at=next((each for each in times if now - _OLDEST <= each <= now + _NEWEST), now),
        details=_documented(what),
    )


def _tags(tags: dict[str, list[str]]) -> tuple[Notice | Other, str | None, str | None, int | None]:
    """Return the ids from the tags of an email. Each tag has one value. SES adds its own tags, named "ses:..."."""
    given = {name: values[0] for name, values in tags.items() if len(values) == 1}
    lead_id, recipient = given.get("lead_id", ""), given.get("recipient", "")
    attempt, name = given.get("attempt", ""), given.get("notice", "")
    notice = Notice(name) if name in set(Notice) else Other(name) if name in set(Other) else None
    known = (
        lead_id if _LEAD_ID.fullmatch(lead_id) else None,
        recipient if _RECIPIENT.fullmatch(recipient) else None,
        int(attempt) if _ATTEMPT.fullmatch(attempt) else None,
    )
    needed = {Other.DIGEST: 0, Other.CONFIRMATION: 1}.get(notice, 3) if isinstance(notice, Other) else 3
    if notice is None or None in known[:needed]:
        raise NoReportError("unknown tags")
    return notice, *known


def _meaning(kind: ReportKind, what: _What) -> ReportKind | None:
    """Return what happened to the email, or None if the report does not say."""
    if kind is ReportKind.COMPLAINED and what.feedback_type == "not-spam":
        raise NoReportError("not spam")  # someone moved the email out of their spam folder
    if kind is not ReportKind.BOUNCED:
        return kind
    if (what.bounce_type, what.bounce_subtype) in _ABOUT_CONTENT:
        return ReportKind.REJECTED
    failed = any((recipient.action or "").lower() == "failed" for recipient in what.bounced or ())
    if (what.bounce_type, what.bounce_subtype) in _PERHAPS_A_REPLY and not failed:
        return None
    return kind  # including transient bounces: SES reports these after it gives up


def _documented(what: _What) -> dict[str, str]:
    """Return the bounce type for the timeline, but only if AWS documents it."""
    kind, subtype = what.bounce_type or "", what.bounce_subtype or ""
    return {"bounce_type": kind, "bounce_subtype": subtype} if subtype in BOUNCES.get(kind, set()) else {}
