"""Faults of the account, of email and of the alarms."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from tests.unit.doctor import healthy as h
from tests.unit.doctor.asked import Answer, World
from tests.unit.doctor.fault import Fault
from tools.operate.doctor.bounces import REPORTS
from tools.operate.doctor.finding import Color

_RED, _YELLOW = Color.RED, Color.YELLOW


def _in_account(**changes: object) -> World:
    return h.seen(email=[h.account(**changes)])


def _sandbox(*verified: str) -> World:
    listed = [{"IdentityName": each, "VerificationStatus": "SUCCESS"} for each in verified]
    waiting = [{"IdentityName": h.STAFF[0], "VerificationStatus": "PENDING"}]
    pages: list[Answer] = [
        ("list_email_identities", {"EmailIdentities": waiting, "NextToken": "more"}),
        ("list_email_identities", {"EmailIdentities": listed}),
    ]
    return h.seen(email=[h.account(ProductionAccessEnabled=False), *pages])


def _quota(most: float, sent: float) -> World:
    return _in_account(SendQuota={"Max24HourSend": most, "MaxSendRate": 1.0, "SentLast24Hours": sent})


def _suppressed(reason: str) -> World:
    entry: Answer = (
        "get_suppressed_destination",
        {
            "SuppressedDestination": {
                "EmailAddress": h.STAFF[1],
                "Reason": reason,
                "LastUpdateTime": h.NOW - timedelta(days=3),
            }
        },
    )
    return h.seen(email=[h.NOT_SUPPRESSED, entry, h.NOT_SUPPRESSED])


def _stack(status: str) -> World:
    return h.seen(h.stack(status=status))


def _version(version: str) -> World:
    return h.seen(h.stack(outputs={"Version": version}))


_DELETES: Final = ("deletes the failed stack first", "describe-stack-events", "make deploy")

FAULTS: Final = (
    # --- account
    Fault("an update that failed", "Stack", _stack("UPDATE_ROLLBACK_COMPLETE"), _YELLOW, ("undone", "make deploy")),
    Fault("a deployment now", "Stack", _stack("UPDATE_IN_PROGRESS"), _YELLOW, ("right now",)),
    Fault("a stack without a deployment", "Stack", _stack("REVIEW_IN_PROGRESS"), _RED, ("Nothing is", "make deploy")),
    *(
        Fault(f"a first deployment that failed: {status}", "Stack", _stack(status), _RED, (status, *_DELETES))
        for status in ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED")
    ),
    Fault("an update that is stuck", "Stack", _stack("UPDATE_ROLLBACK_FAILED"), _RED, ("continue-update-rollback",)),
    Fault(
        "a deletion that failed",
        "Stack",
        _stack("DELETE_FAILED"),
        _RED,
        ("deletes the rest of it first", "make deploy"),
    ),
    Fault(
        "an update that failed for another reason", "Stack", _stack("UPDATE_FAILED"), _RED, ("describe-stack-events",)
    ),
    Fault(
        "the concurrency of a new account",
        "Concurrency of Lambda",
        h.seen(
            functions=[
                (
                    "get_account_settings",
                    {"AccountLimit": {"ConcurrentExecutions": 12, "UnreservedConcurrentExecutions": 10}},
                )
            ]
        ),
        _YELLOW,
        ("Only 10", "2 more are reserved", "ThrottleBurst=5", "--desired-value 1000"),
    ),
    Fault(
        "a version that does not tell",
        "Version",
        h.seen(replace(h.STACK, outputs={"ApiId": "a1b2c3"})),
        _YELLOW,
        ("0.10.0 or older", "CHANGELOG.md"),
    ),
    Fault("an older version", "Version", _version("0.9.9"), _YELLOW, ("0.9.9", "make deploy")),
    Fault("a newer version", "Version", _version("99.0.0"), _YELLOW, ("git checkout v99.0.0",)),
    # --- email
    Fault("sending paused", "SES account", _in_account(SendingEnabled=False), _RED, ("paused", "--sending-enabled")),
    Fault("an account shut down", "SES account", _in_account(EnforcementStatus="SHUTDOWN"), _RED, ("paused",)),
    Fault("an account under review", "SES account", _in_account(EnforcementStatus="PROBATION"), _YELLOW, ("review",)),
    Fault("the sandbox", "SES account", _sandbox("example.com", "example.net"), _YELLOW, ("production access",)),
    Fault(
        "a recipient whose link has expired",
        "SES account",
        _sandbox("Nurse@example.com", "example.net"),
        _RED,
        (f"emails to {h.STAFF[0]}: not verified", f"ses verify-email-identity --email-address {h.STAFF[0]}"),
    ),
    Fault(
        "a recipient that SES does not know",
        "SES account",
        _sandbox("example.net"),
        _RED,
        (f"emails to {h.STAFF[0]}, {h.STAFF[1]}: not", f"create-email-identity --email-identity {h.STAFF[1]}"),
    ),
    Fault("a day's emails used up", "SES account", _quota(1000, 801), _RED, ("801", "Only urgent")),
    Fault("many emails of the day used up", "SES account", _quota(1000, 601), _YELLOW, ("601", "reminders")),
    Fault("a small quota", "SES account", _quota(100, 1), _YELLOW, ("enough for 40 requests",)),
    Fault(
        "no sender",
        "Sender",
        h.seen(email=[h.UNKNOWN_IDENTITY] * 2),
        _RED,
        ("neither", "create-email-identity --email-identity leads@example.com"),
    ),
    Fault(
        "a sender who did not click",
        "Sender",
        h.seen(email=[h.identity(verified=False), h.UNKNOWN_IDENTITY]),
        _RED,
        ("24 hours", "PENDING", f"ses verify-email-identity --email-address {h.SENDER}"),
    ),
    Fault(
        "a domain that is not verified",
        "Sender",
        h.seen(email=[h.UNKNOWN_IDENTITY, h.identity(verified=False, dkim="PENDING")]),
        _RED,
        ("domain example.com", "CNAME", "DkimAttributes.Tokens"),
    ),
    Fault(
        "no domain for DKIM",
        "Sender",
        h.seen(email=[h.identity(dkim="NOT_STARTED", signs=False), h.UNKNOWN_IDENTITY]),
        _YELLOW,
        ("not its domain", "_domainkey.example.com", "create-email-identity --email-identity example.com"),
    ),
    Fault(
        "DKIM that is off",
        "Sender",
        h.seen(email=[h.identity(signs=False)] * 2),
        _YELLOW,
        ("signing is off", "put-email-identity-dkim-attributes --email-identity example.com"),
    ),
    Fault(
        "DKIM records that are gone",
        "Sender",
        h.seen(email=[h.UNKNOWN_IDENTITY, h.identity(dkim="FAILED")]),
        _YELLOW,
        ("FAILED", "_domainkey.example.com"),
    ),
    Fault(
        "forwarded bounces",
        "Sender",
        h.seen(email=[h.identity(forwards=True), h.identity()]),
        _YELLOW,
        ("quote a visitor's address", f"--email-identity {h.SENDER} --no-email-forwarding-enabled"),
    ),
    Fault("a mailbox that bounced", "Suppression list", _suppressed("BOUNCE"), _RED, (h.STAFF[1], "bounced")),
    Fault("a recipient who complained", "Suppression list", _suppressed("COMPLAINT"), _RED, ("spam", "delete-supp")),
    Fault(
        "many bounces",
        "Bounces and complaints",
        h.seen(metrics=[h.rate(0.051), h.rate(0)]),
        _YELLOW,
        ("5.10%", "VisitorConfirmation=no"),
    ),
    Fault(
        "too many complaints",
        "Bounces and complaints",
        h.seen(metrics=[h.rate(0.01), h.rate(0.005)]),
        _RED,
        ("0.50%", "reported as spam"),
    ),
    Fault(
        "a configuration set that is off",
        "Reports",
        h.seen(email=[h.configuration_set(sends=False), h.destinations(*REPORTS)]),
        _RED,
        ("refuses all", "put-configuration-set-sending-options"),
    ),
    Fault(
        "no report of complaints",
        "Reports",
        h.seen(email=[h.configuration_set(), h.destinations("BOUNCE", "DELIVERY")]),
        _RED,
        ("COMPLAINT", "update-configuration-set-event-destination"),
    ),
    Fault(
        "reports that are off",
        "Reports",
        h.seen(email=[h.configuration_set(), h.destinations(*REPORTS, enabled=False)]),
        _RED,
        ("BOUNCE", "update-configuration-set-event-destination"),
    ),
    Fault(
        "reports that are gone",
        "Reports",
        h.seen(email=[h.configuration_set(), h.destinations()]),
        _RED,
        ("BOUNCE", "create-configuration-set-event-destination"),
    ),
    # --- alarms
    Fault(
        "a subscription that nobody confirmed",
        "OpsEmail",
        h.seen(topics=[h.subscriptions("PendingConfirmation")]),
        _RED,
        ("48 hours", "Token=", "--authenticate-on-unsubscribe true"),
    ),
    Fault("a subscription that is gone", "OpsEmail", h.seen(topics=[h.subscriptions()]), _RED, ("sns subscribe",)),
    Fault(
        "a subscription that was deleted",
        "OpsEmail",
        h.seen(topics=[h.subscriptions("Deleted")]),
        _RED,
        ("not subscribed", "sns subscribe"),
    ),
    Fault(
        "a subscription of somebody else",
        "OpsEmail",
        h.seen(topics=[h.subscriptions(h.SUBSCRIBED, address="other@example.com")]),
        _RED,
        (f"{h.OPS} (OpsEmail) is not subscribed",),
    ),
    Fault(
        "a subscription of a former operator",
        "OpsEmail",
        h.seen(
            topics=[
                h.subscriptions(h.SUBSCRIBED, others={f"{h.TOPIC}:5e6f": "former@example.com"}),
                h.authenticated("true"),
            ]
        ),
        _YELLOW,
        ("former@example.com gets the alarms too", f"unsubscribe --subscription-arn {h.TOPIC}:5e6f"),
    ),
    Fault(
        "a subscription that a link can end",
        "OpsEmail",
        h.seen(topics=[h.subscriptions(h.SUBSCRIBED), h.authenticated("false")]),
        _YELLOW,
        (f"unsubscribe --subscription-arn {h.SUBSCRIBED}", "confirm-subscription"),
    ),
    Fault(
        "an alarm that rings",
        "Alarms",
        h.seen(metrics=[h.alarms("OK", "ALARM")]),
        _RED,
        ("OverdueAlertsAlarm has been ringing since 2026-11-28 15:00", "Something is wrong"),
    ),
    Fault("a deleted alarm", "Alarms", h.seen(metrics=[h.alarms("OK")]), _RED, ("OverdueAlertsAlarm is gone",)),
    Fault(
        "a muted alarm",
        "Alarms",
        h.seen(metrics=[h.alarms("OK", "OK", muted=True)]),
        _YELLOW,
        ("MissingSweepAlarm is muted", "enable-alarm-actions"),
    ),
    Fault(
        "an alarm without data",
        "Alarms",
        h.seen(metrics=[h.alarms("OK", "INSUFFICIENT_DATA")]),
        _YELLOW,
        ("cannot judge OverdueAlertsAlarm",),
    ),
)
