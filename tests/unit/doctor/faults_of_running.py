"""Faults of functions and what starts them, of the agenda, the tables, the key and the secrets."""

from datetime import timedelta
from typing import Final

from tests.unit.doctor import healthy as h
from tests.unit.doctor.asked import Answer, World
from tests.unit.doctor.fault import Fault
from tools.operate.doctor.finding import Color

_RED, _YELLOW = Color.RED, Color.YELLOW
_MINUTE: Final = timedelta(minutes=1)
_HOUR: Final = timedelta(hours=1)


def _first_function(answers: tuple[Answer, Answer]) -> World:
    return h.seen(functions=[*answers, *[*h.function()] * (len(h.SERVICES) - 1)])


def _first_schedule(answer: Answer) -> World:
    return h.seen(schedules=[answer, *[h.schedule()] * (len(h.SCHEDULES) - 1)])


def _ran(function: str, metric: str, ago: timedelta, count: float = 1.0) -> World:
    return h.seen(metrics=[h.figures(**{function: {metric: (ago, count)}})])


def _late(minutes: int, *, alone: bool = True, lead_id: str = "7Q2M4XHD") -> World:
    """The first partition of what is sent alone has something late, or the last one of the summaries."""
    entry, rest = h.due(minutes * _MINUTE, lead_id=lead_id), [h.due()] * (h.AGENDA - 1)
    return h.seen(tables=[entry, *rest] if alone else [*rest, entry])


def _gone(operation: str) -> Answer:
    return operation, "ResourceNotFoundException"


FAULTS: Final = (
    # --- functions
    Fault("a new function", "Functions", _first_function(h.function("Pending")), _YELLOW, ("is being created",)),
    Fault(
        "a function that failed",
        "Functions",
        _first_function(h.function("Failed")),
        _RED,
        ("clinic-leads-canary cannot run", "The role cannot be assumed", "make deploy"),
    ),
    Fault("an update that failed", "Functions", _first_function(h.function(updated="Failed")), _RED, ("The layer",)),
    Fault(
        "a function that may not run",
        "Functions",
        _first_function(h.function(reserved=0)),
        _RED,
        ("concurrency of 0", "delete-function-concurrency --function-name clinic-leads-canary"),
    ),
    Fault(
        "a sweep that stopped",
        "Runs and errors",
        _ran("follow_up", "Invocations", 25 * _MINUTE),
        _RED,
        ("clinic-leads-follow-up has not run since 14:35", "Triggers"),
    ),
    Fault(
        "a canary that never ran",
        "Runs and errors",
        _ran("canary", "Invocations", _HOUR, 0),
        _RED,
        ("clinic-leads-canary has not run within a day", "lambda invoke --function-name clinic-leads-canary"),
    ),
    Fault(
        "an error a moment ago",
        "Runs and errors",
        _ran("notify", "Errors", 20 * _MINUTE, 2),
        _RED,
        ("clinic-leads-notify ended with errors within a day: 2", "14:40", "/aws/lambda/clinic-leads-notify"),
    ),
    Fault(
        "an error hours ago",
        "Runs and errors",
        _ran("desk", "Errors", 5 * _HOUR),
        _YELLOW,
        ("within a day: 1,", "10:00"),
    ),
    Fault(
        "a function that was throttled",
        "Runs and errors",
        _ran("submit", "Throttles", 2 * _HOUR, 7),
        _YELLOW,
        ("Within a day: 7", "ThrottleBurst"),
    ),
    # --- triggers
    Fault(
        "a schedule that is off",
        "Schedules",
        _first_schedule(h.schedule("DISABLED")),
        _RED,
        ("Starts the sweep", "--state ENABLED", "--schedule-expression 'rate(1 minute)'", "MaximumRetryAttempts"),
    ),
    Fault(
        "a schedule that is gone",
        "Schedules",
        _first_schedule(_gone("get_schedule")),
        _RED,
        ("is gone", "Change its Name"),
    ),
    Fault(
        "a reader that is off",
        "Stream",
        h.seen(functions=[h.mapping("Disabled"), h.mapping()]),
        _RED,
        ("does not read", f"update-event-source-mapping --uuid {h.READER} --enabled"),
    ),
    Fault(
        "a reader that begins",
        "Stream",
        h.seen(functions=[h.mapping("Enabling"), h.mapping()]),
        _YELLOW,
        ("Enabling", "Wait a minute"),
    ),
    Fault(
        "a reader with trouble",
        "Stream",
        h.seen(functions=[h.mapping(result="PROBLEM: Function call failed"), h.mapping()]),
        _YELLOW,
        ("Function call failed",),
    ),
    Fault(
        "a reader that is gone",
        "Stream",
        h.seen(functions=[_gone("get_event_source_mapping"), h.mapping()]),
        _RED,
        ("NotifyFunctionNewLeads", "is gone"),
    ),
    Fault("a rule that is off", "Rules", h.seen(rules=[h.rule("DISABLED"), h.rule()]), _RED, ("enable-rule --name",)),
    Fault("a rule that is gone", "Rules", h.seen(rules=[_gone("describe_rule"), h.rule()]), _RED, ("is gone",)),
    # --- agenda
    Fault("an alert that is late", "Overdue", _late(4), _YELLOW, ("LEAD#7Q2M4XHD is 4 minutes overdue",)),
    Fault("an alert that is too late", "Overdue", _late(11), _RED, ("11 minutes", "clinic-leads-follow-up")),
    Fault("a digest that is too late", "Overdue", _late(61, lead_id="DIGEST"), _RED, ("The digest is 61 minutes",)),
    Fault(
        "a summary that is late",
        "Overdue",
        _late(15, alone=False),
        _YELLOW,
        ("15 minutes", "A summary with the request"),
    ),
    Fault(
        "a summary that is too late",
        "Overdue",
        _late(31, alone=False),
        _RED,
        ("31 minutes", "A summary with the request"),
    ),
    # --- tables
    Fault(
        "a table that can be deleted",
        "Requests",
        h.seen(tables=[h.table(protected=False), h.backups(), h.ends()]),
        _RED,
        ("protection is off", "--table-name leads --deletion-protection-enabled"),
    ),
    Fault(
        "a table without a backup",
        "Requests",
        h.seen(tables=[h.table(), h.backups("DISABLED"), h.ends()]),
        _RED,
        ("no backup", "update-continuous-backups"),
    ),
    Fault(
        "a table that keeps everything",
        "Audit",
        h.seen(tables=[h.table(), h.backups(), h.ends("DISABLED")]),
        _RED,
        ("stay forever", "update-time-to-live --table-name audit"),
    ),
    Fault(
        "a table that looks at another attribute",
        "Sessions",
        h.seen(tables=[h.ends(attribute="ends")]),
        _RED,
        ("stay forever", "expires_at"),
    ),
    Fault(
        "a table with another key",
        "Requests",
        h.seen(tables=[h.table(key="another"), h.backups(), h.ends()]),
        _RED,
        ("own key", h.KEY),
    ),
    Fault(
        "a stream that is off",
        "Stream and indexes",
        h.seen(tables=[h.table(streams=False)]),
        _RED,
        ("stream is off", "KEYS_ONLY", "infra/data.yaml"),
    ),
    Fault(
        "an index that is built",
        "Stream and indexes",
        h.seen(tables=[h.table(index="CREATING")]),
        _YELLOW,
        ("agenda", "Do not deploy"),
    ),
    # --- key and secrets
    Fault("a key that ends", "Key", h.seen(keys=[h.key("PendingDeletion")]), _RED, ("2026-12-09", "cancel-key-del")),
    Fault("a key that is off", "Key", h.seen(keys=[h.key("Disabled")]), _RED, ("off (Disabled)", "enable-key")),
    Fault("a key without rotation", "Key", h.seen(keys=[h.key(), h.rotation(on=False)]), _YELLOW, ("rotation",)),
    Fault(
        "a secret that is deleted",
        "Secrets",
        h.seen(secrets=[h.secret(deleted=True), h.secret(), h.secret()]),
        _RED,
        ("IdKey is being deleted", "restore-secret --secret-id id-key"),
    ),
    Fault(
        "a secret that is rotated",
        "Secrets",
        h.seen(secrets=[h.secret(), h.secret(rotated=True), h.secret()]),
        _RED,
        ("PeopleSecret is rotated", "cancel-rotate-secret --secret-id people"),
    ),
    Fault("a webhook without an address", "Webhook", h.seen(secrets=[h.secret()]), _YELLOW, ("make webhook-address",)),
    Fault(
        "a webhook whose secret is deleted",
        "Webhook",
        h.seen(secrets=[h.secret(deleted=True)]),
        _RED,
        ("being deleted", "make webhook-test"),
    ),
)
