"""Mail about patients travels encrypted, never again to a recipient that bounced or complained, and is followed."""

from tests.architecture.templates import Templates, Tree, ref

_SETS = "AWS::SES::ConfigurationSet"
_DESTINATIONS = "AWS::SES::ConfigurationSetEventDestination"
# What SES can tell of a mail that changes what we do. As the API's version 1 and CloudFormation spell it.
_TOLD = {"delivery", "bounce", "complaint", "reject", "deliveryDelay", "renderingFailure"}
# The one bus that SES writes to.
_BUS = {"Fn::Sub": "arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:event-bus/default"}
_OURS = {"Fn::GetAtt": "Email.Outputs.ConfigurationSetName"}


# https://docs.aws.amazon.com/ses/latest/dg/monitoring-eventbridge.html; not "Email Sent", "Opened" or "Clicked"
_REPORTS = (
    "Email Delivered",
    "Email Bounced",
    "Email Complaint Received",
    "Email Rejected",
    "Email Delivery Delayed",
    "Email Rendering Failed",
)


def mail_is_encrypted_or_not_sent(templates: Templates) -> list[str]:
    """Without REQUIRE, SES falls back to plain text where the receiving server offers nothing better."""
    return [
        f"{place}: set DeliveryOptions: {{ TlsPolicy: REQUIRE }}"
        for place, configuration in templates.of_type(_SETS)
        if configuration["Properties"].get("DeliveryOptions", {}).get("TlsPolicy") != "REQUIRE"
    ]


def refused_mailboxes_are_suppressed(templates: Templates) -> list[str]:
    """Writing on to an address that bounces or complains costs the account its right to send."""
    return [
        f"{place}: set SuppressionOptions: {{ SuppressedReasons: [BOUNCE, COMPLAINT] }}"
        for place, configuration in templates.of_type(_SETS)
        if set(configuration["Properties"].get("SuppressionOptions", {}).get("SuppressedReasons", []))
        != {"BOUNCE", "COMPLAINT"}
    ]


def senders_use_the_configuration_set(templates: Templates) -> list[str]:
    """The two rules above hold for mail that names the configuration set."""
    return [
        f"{function.id}: set CONFIGURATION_SET: !GetAtt Email.Outputs.ConfigurationSetName"
        for function in templates.functions()
        if "SENDER_ADDRESS" in function.variables and function.variables.get("CONFIGURATION_SET") != _OURS
    ]


def ses_tells_what_became_of_a_mail(templates: Templates) -> list[str]:
    """Each configuration set has a destination, switched on (the default is off), for all that matters."""
    destinations = [destination["Properties"] for _, destination in templates.of_type(_DESTINATIONS)]
    sound = {
        ref(properties.get("ConfigurationSetName"))
        for properties in destinations
        if (told := properties.get("EventDestination", {})).get("Enabled") is True
        and set(told.get("MatchingEventTypes", [])) == _TOLD
        and told.get("EventBridgeDestination", {}).get("EventBusArn") == _BUS
    }
    return [
        f"{place}: add an {_DESTINATIONS} to the default bus, Enabled: true, MatchingEventTypes: {sorted(_TOLD)}"
        for place, _ in templates.of_type(_SETS)
        if place.split(": ")[1] not in sound
    ]


def what_ses_tells_is_heard(templates: Templates) -> list[str]:
    """One function gets what SES says of this stack's mails, and of no other's: the bus is the whole account's."""
    expected = {
        "source": ["aws.ses"],
        "detail-type": sorted(_REPORTS),
        "detail": {"mail": {"tags": {"ses:configuration-set": [_OURS]}}},
    }
    heard = [
        function.id
        for function in templates.functions()
        for event in function.events.values()
        if event["Type"] == "EventBridgeRule" and _sorted(event["Properties"].get("Pattern", {})) == expected
    ]
    return [] if len(heard) == 1 else [f"template.yaml: one function must have an EventBridgeRule on {expected}"]


def _sorted(pattern: Tree) -> Tree:
    return pattern | {"detail-type": sorted(pattern.get("detail-type", []))}
