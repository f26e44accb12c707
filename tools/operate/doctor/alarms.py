"""The alarms: whether anybody hears them, and which ring now."""

import json
import shlex
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import batched
from typing import TYPE_CHECKING, Final

from tools.operate.doctor.check import Check
from tools.operate.doctor.clients import Clients
from tools.operate.doctor.finding import Finding, green, red, unknown, yellow
from tools.operate.doctor.known import Known

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.type_defs import MetricAlarmTypeDef
    from mypy_boto3_sns.type_defs import SubscriptionTypeDef

_KIND: Final = "AWS::CloudWatch::Alarm"
_EMAIL: Final = {"email", "email-json"}
_PENDING: Final = "PendingConfirmation"
_DELETED: Final = "Deleted"
_AT_ONCE: Final = 100  # the most names that CloudWatch takes
# CloudWatch judges an alarm for the first time some minutes after it was created.
_SOON: Final = timedelta(minutes=30)


def subscription(ask: Clients, stack: Known) -> Iterator[Finding]:
    """Say whether OpsEmail gets the alarms, whether a link in one of them could end that, and who else gets them."""
    topic, address = stack.resource("AlarmsTopic").id, stack.parameter("OpsEmail")
    pages = ask.topics.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic)
    by_email = [each for page in pages for each in page["Subscriptions"] if each["Protocol"] in _EMAIL]
    own = [each for each in by_email if each["Endpoint"].lower() == address.lower()]
    yield _own(ask, own, topic, address)
    yield from (_of_another(each, address) for each in by_email if each not in own and _is_confirmed(each))


def _is_confirmed(subscription: "SubscriptionTypeDef") -> bool:
    return subscription["SubscriptionArn"] not in {_PENDING, _DELETED}


def _own(ask: Clients, own: list["SubscriptionTypeDef"], topic: str, address: str) -> Finding:
    confirmed = [each for each in own if _is_confirmed(each)]
    subscribe = f"aws sns subscribe --topic-arn {topic} --protocol email --notification-endpoint {shlex.quote(address)}"
    if confirmed:
        return _confirmed(ask, confirmed[0], address, subscribe)
    if any(each["SubscriptionArn"] == _PENDING for each in own):
        return red(
            f"Nobody has confirmed that {address} gets alarms, so alarms go unheard.",
            f'Open the mailbox {address} and find "AWS Notification - Subscription Confirmation". The link in it works'
            " for 48 hours. Do not click it: copy its address, and paste the part between Token= and the next & in"
            " place of TOKEN below. Then an unsubscribe link cannot undo it. If the email is missing, type the second"
            " line first, which sends another one:",
            _confirm(topic),
            subscribe,
        )
    return red(
        f"{address} (OpsEmail) is not subscribed to the alarms, so alarms go unheard. Somebody clicked an"
        " unsubscribe link, or nobody confirmed it within 48 hours.",
        "Subscribe it again. Then open the email that AWS sends there, but do not click its link: copy the link's"
        " address, and paste the part between Token= and the next & in place of TOKEN below. Then an unsubscribe"
        " link cannot undo it:",
        subscribe,
        _confirm(topic),
    )


def _of_another(found: "SubscriptionTypeDef", address: str) -> Finding:
    return yellow(
        f"{found['Endpoint']} gets the alarms too, and is not OpsEmail ({address}). If it was OpsEmail before, and"
        " somebody subscribed it with a command, changing OpsEmail did not end that.",
        "If this person should not get alarms anymore, end the subscription. If several people should get them, let"
        " OpsEmail be a mailbox that all of them read:",
        f"aws sns unsubscribe --subscription-arn {found['SubscriptionArn']}",
    )


def _confirm(topic: str) -> str:
    return f"aws sns confirm-subscription --topic-arn {topic} --token TOKEN --authenticate-on-unsubscribe true"


def _confirmed(ask: Clients, own: "SubscriptionTypeDef", address: str, subscribe: str) -> Finding:
    arn = own["SubscriptionArn"]
    attributes = ask.topics.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
    match attributes.get("ConfirmationWasAuthenticated"):
        case "true":
            return green(
                f"{address} gets the alarms. It was confirmed with AWS credentials, as docs/operations/doctor.md says."
            )
        case "false":
            return yellow(
                f"{address} gets the alarms, but anyone who clicks the unsubscribe link in one of them ends that.",
                "Subscribe it again: type the first two lines. Then open the email that AWS sends there, but do not"
                " click its link: copy the link's address, and paste the part between Token= and the next & in place of"
                " TOKEN in the third line:",
                f"aws sns unsubscribe --subscription-arn {arn}",
                subscribe,
                _confirm(own["TopicArn"]),
            )
    return unknown(f"{address} gets the alarms. SNS does not say whether an unsubscribe link can end that.")


def states(ask: Clients, stack: Known) -> Iterator[Finding]:
    """Say which alarms ring, cannot be judged, or are gone."""
    wanted = {each.id: each.name for each in stack.of_kind(_KIND)}
    found = dict[str, "MetricAlarmTypeDef"]()
    for some in batched(wanted, _AT_ONCE):  # noqa: B911 - the last ones may be fewer
        for each in ask.metrics.describe_alarms(AlarmNames=list(some), MaxRecords=_AT_ONCE)["MetricAlarms"]:
            found[each["AlarmName"]] = each
    by_state: dict[str, list[str]] = {}
    for alarm, name in wanted.items():
        if alarm not in found:
            yield red(
                f"{name} is gone: somebody deleted it.",
                "Deploying again does not bring it back, because CloudFormation believes that it exists. Rename it in"
                " infra/monitoring.yaml (any new name), and deploy:",
                stack.make("deploy"),
            )
            continue
        by_state.setdefault(found[alarm]["StateValue"], []).append(name)
        yield from _trouble(name, found[alarm])
    yield from _unjudged(by_state.get("INSUFFICIENT_DATA", []), stack)
    if ok := by_state.get("OK"):
        yield green(f"{len(ok)} of {len(wanted)} alarms are quiet.")


def _trouble(name: str, alarm: "MetricAlarmTypeDef") -> Iterator[Finding]:
    if alarm["StateValue"] == "ALARM":
        since: datetime = alarm["StateUpdatedTimestamp"]
        yield red(
            f"{name} has been ringing since {since:%Y-%m-%d %H:%M} UTC. If it began before OpsEmail was confirmed, no"
            " email told you.",
            " ".join(alarm.get("AlarmDescription", "").split()) or "See Alarms in docs/operations.md.",
        )
    if not alarm["ActionsEnabled"]:
        yield yellow(
            f"{name} is muted: its actions are off, so it emails nobody.",
            "Turn them on:",
            f"aws cloudwatch enable-alarm-actions --alarm-names {shlex.quote(json.dumps([alarm['AlarmName']]))}",
        )


def _unjudged(names: list[str], stack: Known) -> Iterator[Finding]:
    if not names:
        return
    if stack.endpoint:
        yield unknown(f"{len(names)} alarms have no data. The local AWS judges an alarm only when a test feeds it.")
    elif stack.now - stack.created < _SOON:
        yield unknown(f"{len(names)} alarms are new and not judged yet.", "Run the doctor again in half an hour.")
    else:
        yield yellow(
            f"CloudWatch cannot judge {', '.join(names)}: there is no data.",
            "Look at Functions and Triggers here: a function that does not run reports nothing. If all of those are"
            " green, run the doctor again in half an hour.",
        )


CHECKS: Final = (Check("OpsEmail", subscription), Check("Alarms", states))
