"""What comes back to SES: bounces, complaints, and the reports about them."""

import json
import shlex
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from botocore.exceptions import ClientError

from tools.operate.doctor.check import Check
from tools.operate.doctor.clients import Clients
from tools.operate.doctor.finding import Finding, green, red, yellow
from tools.operate.doctor.known import Known
from tools.operate.doctor.ses_account import recipients

# AWS's own limits: https://docs.aws.amazon.com/ses/latest/dg/reputationdashboardmessages.html
_RATES: Final = (("BounceRate", "bounced", 0.05, 0.10), ("ComplaintRate", "were reported as spam", 0.001, 0.005))
_REASONS: Final = {"BOUNCE": "an email to it bounced", "COMPLAINT": "its person reported an email as spam"}
# What infra/email.yaml asks SES to report.
REPORTS: Final = ("BOUNCE", "COMPLAINT", "DELIVERY", "DELIVERY_DELAY", "REJECT", "RENDERING_FAILURE")


def suppressed(ask: Clients, stack: Known) -> Iterator[Finding]:
    """Say which recipients SES silently sends nothing to, because they bounced or complained once."""
    found = 0
    for address in recipients(stack):
        try:
            entry = ask.email.get_suppressed_destination(EmailAddress=address)["SuppressedDestination"]
        except ClientError as error:
            if error.response["Error"]["Code"] != "NotFoundException":
                raise
            continue
        found += 1
        yield red(
            f"SES sends nothing to {address} since {entry['LastUpdateTime']:%Y-%m-%d %H:%M} UTC, because"
            f" {_REASONS.get(entry['Reason'], entry['Reason'])}. This person gets no alerts.",
            "Make sure that the mailbox works, or ask its person to move our emails out of the spam folder. Then take"
            " the address off SES's suppression list:",
            f"aws sesv2 delete-suppressed-destination --email-address {shlex.quote(address)}",
        )
    if not found:
        yield green(f"None of the {len(recipients(stack))} recipients is on SES's suppression list.")


def rates(ask: Clients, stack: Known) -> Iterator[Finding]:
    """Say how many emails of the account bounce or are reported as spam. AWS pauses accounts for that."""
    for metric, happened, review, pause in _RATES:
        points = ask.metrics.get_metric_statistics(
            Namespace="AWS/SES",
            MetricName=f"Reputation.{metric}",
            StartTime=stack.now - timedelta(days=2),
            EndTime=stack.now,
            Period=3600,
            Statistics=["Maximum"],
        )["Datapoints"]
        if not points:
            yield green(f"SES has no figures of the last two days about emails that {happened}.")
            continue
        rate = max(points, key=lambda point: point["Timestamp"])["Maximum"]
        said = (
            f"{rate:.2%} of the account's emails {happened}. AWS reviews an account from {review:.1%}, and may pause"
            f" all its sending from {pause:.1%}."
        )
        mend = (
            "Look for emails from AWS Notifications about a recipient, and repair that mailbox, or deploy without its"
            " address in AlertRecipients and FallbackRecipients. If VisitorConfirmation is yes, visitors may type wrong"
            " addresses: deploy with VisitorConfirmation=no. Other systems of the account count too."
        )
        if rate >= pause:
            yield red(said, mend)
        elif rate >= review:
            yield yellow(said, mend)
        else:
            yield green(said)


def reports(ask: Clients, stack: Known) -> Iterator[Finding]:
    """Say whether SES sends for this stack, and reports what happened to its emails."""
    name = stack.resource("ConfigurationSet", "Email").id
    if not ask.email.get_configuration_set(ConfigurationSetName=name).get("SendingOptions", {}).get("SendingEnabled"):
        yield red(
            f"Sending is off for the configuration set {name}, so SES refuses all emails of this stack.",
            "Turn it on, and resend what was missed:",
            f"aws sesv2 put-configuration-set-sending-options --configuration-set-name {name} --sending-enabled",
            stack.make("redrive"),
        )
    listed = ask.email.get_configuration_set_event_destinations(ConfigurationSetName=name).get("EventDestinations", [])
    buses = [each for each in listed if "EventBridgeDestination" in each]
    reported = {kind for each in buses if each.get("Enabled") for kind in each["MatchingEventTypes"]}
    missing = [kind for kind in REPORTS if kind not in reported]
    if not missing:
        yield green("SES reports deliveries, bounces and complaints.")
        return
    bus = f"arn:{stack.partition}:events:{stack.region}:{stack.account}:event-bus/default"
    wanted = {"Enabled": True, "MatchingEventTypes": REPORTS, "EventBridgeDestination": {"EventBusArn": bus}}
    verb = "update" if any(each["Name"] == "reports" for each in listed) else "create"
    yield red(
        f"SES does not report {', '.join(missing)}. Bounces go unnoticed, and fallback recipients are not told.",
        "Turn the reports on:",
        f"aws sesv2 {verb}-configuration-set-event-destination --configuration-set-name {name}"
        f" --event-destination-name reports --event-destination {shlex.quote(json.dumps(wanted))}",
    )


CHECKS: Final = (
    Check("Suppression list", suppressed),
    Check("Bounces and complaints", rates),
    Check("Reports", reports),
)
