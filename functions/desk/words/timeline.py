"""What happened to a request, in words: one line for each kind of timeline entry."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from desk.words.consents import TO, withdrawal
from desk.words.names import Names
from shared.leads.confirmation import Withheld
from shared.leads.event import Result
from shared.leads.notice import Notice, Outcome, ReportKind
from shared.leads.response import ClosedAs
from shared.leads.response import Outcome as Ending
from shared.web.labels import CLOSED_AS, OUTCOMES
from shared.web.times import Times

_EMAILS: Final[Mapping[Notice, str]] = {
    Notice.ALERT: "Alert",
    Notice.REMINDER: "Reminder to claim it",
    Notice.ESCALATION: "Escalation",
    Notice.CLAIMED: "News that it is claimed",
    Notice.NO_ANSWER: "News that there was no answer",
    Notice.CLOSED: "News that it is closed",
    Notice.OWNER_REMINDER: "Reminder to its owner",
    Notice.CALL_AGAIN: "Reminder to try again",
    Notice.NOT_REACHED: "Reminder that nobody reached the person",
}
# How an attempt to send an email ended. "{to}" has the recipients, such as " to nurse@example.com".
_RESULTS: Final[Mapping[Result, str]] = {
    Result.ACCEPTED: "sent{to}",
    Result.DEFERRED: "not sent yet{to}. We will try again",
    Result.THROTTLED: "not sent yet{to}. We will try again",
    Result.SKIPPED: "not needed anymore",
    Result.UNDELIVERABLE: "nobody could be told. Your system administrator got an alarm",
    Result.WAITING: "waits",
    Result.PUT_OFF: "put off",
    Result.DROPPED: "left out, to keep room for more important emails",
    Result.QUARANTINED: "not sent: it looks like spam",
    Result.LEASE_LOST: "sent by two senders at the same time{to}",
    Result.NOT_DUE: "not due",
}
_REPORTS: Final[Mapping[str, str]] = {
    ReportKind.DELIVERED: "delivered{to}",
    ReportKind.BOUNCED: "came back{of}",
    ReportKind.COMPLAINED: "marked as spam{by}",
    ReportKind.REJECTED: "refused{by} because of its content",
    ReportKind.DELAYED: "delayed{to}. It is still on its way",
    ReportKind.UNDETERMINED: "something came back{of}, so we do not know whether it arrived",
    "auto_replied": "answered automatically{by}",
    "complained_earlier": "not sent{to}, because an earlier email there was marked as spam",
}
_CONFIRMATIONS: Final[Mapping[str, str]] = {
    "confirmation_sent": "Confirmation sent to the visitor",
    "confirmation_delivered": "Confirmation delivered to the visitor",
    "confirmation_bounced": "Confirmation to the visitor came back: their email address may be wrong",
    "confirmation_complained": "The visitor marked the confirmation as spam",
    "confirmation_failed": "No confirmation sent to the visitor",
}
_WITHHELD: Final[Mapping[str, str]] = {
    Withheld.PAUSED: "too many confirmations came back",
    Withheld.DAILY_CAP: "the limit for today is reached",
    Withheld.ONE_A_DAY: "they already got one today",
}
_PLAIN: Final[Mapping[str, str]] = {
    "received": "Request received",
    "claimed": "Claimed",
    "reached": "Closed: reached the person",
    "no_answer": "Tried to reach the person: no answer",
    "emailed": "Emailed the person",
    "handed_back": "Handed back",
    "reopened": "Reopened",
    "redriven": "Told staff again",
    "released": "Released from quarantine: not spam",
    "quarantined": "Put into quarantine: it looks like spam",
    "alert_waits": "Alert waits a few minutes, because staff were just told about the same person",
    "put_off": "Email put off: too many at once. The next summary lists this request",
    "summarized": "Listed in a summary{to}",
    "summary_refused": "The summary that lists it was not sent{to}",
    "note": "Note",
    "held": "Legal hold begun",
    "unheld": "Legal hold ended",
    "restored": "Restored from a backup of this moment. What happened between then and the restore may be missing",
}
_OF_NOTICES: Final = {str(notice): words for notice, words in _EMAILS.items()}
_BEFORE: Final = {"to": " to ", "of": " from ", "by": " by "}


def said(kind: str, details: Mapping[str, str], names: Names, clock: Times) -> str:
    """Return what an entry of this kind says.

    An entry that a later version wrote is shown by its kind, which is our own word.
    """
    words = (
        _by_staff(kind, details, names, clock) or _of_confirmation(kind, details) or _of_report(kind, details, names)
    )
    if words:
        return words
    recipients = _recipients(details, names)
    if kind in _PLAIN:
        return _PLAIN[kind].format(to=recipients)
    for result, how in _RESULTS.items():
        notice = kind.removesuffix(f"_{result}")
        if notice != kind and notice in _OF_NOTICES:
            return f"{_OF_NOTICES[notice]}: {how.format(to=recipients)}"
    return f"Something else: {kind.replace('_', ' ')}"


def _by_staff(  # noqa: PLR0911 - one for each kind
    kind: str, details: Mapping[str, str], names: Names, clock: Times
) -> str | None:
    """Return what an entry says that has more to say than its kind, or None if it is another."""
    outcome = details.get("outcome", "")
    ending = OUTCOMES[Ending(outcome)] if outcome in set(Ending) else ""
    match kind:
        case "closed" | "reached" if ending:
            return f"Closed: {ending[0].lower()}{ending[1:]}"
        case "closed":
            reason = details.get("reason", "")
            return f"Closed: {CLOSED_AS[ClosedAs(reason)].lower()}" if reason in set(ClosedAs) else "Closed"
        case "outcome_changed":
            return f"Outcome changed: {ending[0].lower()}{ending[1:]}" if ending else "Outcome changed"
        case "handed_over":
            to, by = details.get("to", ""), details.get("by", "")
            if not to:
                return "Handed over"
            return "Took it over" if to == by else f"Handed over to {names.of_address(to)}"
        case "follow_up_set":
            at = details.get("follow_up_at", "")
            return f"Follow-up set: {clock.at(datetime.fromisoformat(at))}" if at else "Follow-up set"
        case "consent_withdrawn" | "consent_restored":
            return _of_consent(kind, details)
    return None


def _of_consent(kind: str, details: Mapping[str, str]) -> str:
    to = TO.get(details.get("consent", ""), "")
    consent = f"the consent {to}" if to else "a consent"
    if kind == "consent_restored":
        return f"Undid the withdrawal of {consent}"
    return " ".join(filter(None, (f"The person withdrew {consent}", withdrawal(details))))


def _of_confirmation(kind: str, details: Mapping[str, str]) -> str | None:
    if kind not in _CONFIRMATIONS:
        return None
    why = _WITHHELD.get(details.get("reason", ""))
    return f"{_CONFIRMATIONS[kind]}: {why}" if why else _CONFIRMATIONS[kind]


def _of_report(kind: str, details: Mapping[str, str], names: Names) -> str | None:
    if kind not in _REPORTS:
        return None
    who = names.in_sentence(details["recipient"]) if "recipient" in details else ""
    around = {name: f"{word}{who}" if who else "" for name, word in _BEFORE.items()}
    return f"{_OF_NOTICES.get(details.get('notice', ''), 'Email')}: {_REPORTS[kind].format(**around)}"


def _recipients(details: Mapping[str, str], names: Names) -> str:
    """Return the recipients of an attempt, such as " to nurse@example.com".

    If SES took the email for nobody, these are the people who should have got it.
    """
    listed = [each.partition(" ")[::2] for each in details.get("recipients", "").split(", ") if each]
    took = [id_ for id_, outcome in listed if outcome == Outcome.ACCEPTED] or [id_ for id_, _ in listed]
    return f" to {', '.join(map(names.in_sentence, took))}" if took else ""
