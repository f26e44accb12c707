"""Emails about patients are encrypted in transit, stop after a bounce or complaint, and are followed up."""

from shared.leads.notice import INFORMATION, Notice
from tests.architecture.event_patterns import matches
from tests.architecture.templates import Templates, Tree, ref

_SETS = "AWS::SES::ConfigurationSet"
_IDENTITIES = "AWS::SES::EmailIdentity"
_DESTINATIONS = "AWS::SES::ConfigurationSetEventDestination"
# SES's events that change what we do, as the API's version 1 and CloudFormation spell them.
_TOLD = {"delivery", "bounce", "complaint", "reject", "deliveryDelay", "renderingFailure"}
# The only bus that SES writes to.
_BUS = {"Fn::Sub": "arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:event-bus/default"}
_OURS = {"Fn::GetAtt": "Email.Outputs.ConfigurationSetName"}


# https://docs.aws.amazon.com/ses/latest/dg/monitoring-eventbridge.html
_FAILURES = ("Email Bounced", "Email Complaint Received", "Email Rejected", "Email Rendering Failed")
_DELIVERIES = ("Email Delivered", "Email Delivery Delayed")
_OTHERS = ("Email Sent", "Email Opened", "Email Clicked", "Email Subscribed")
_NOTICES = (*Notice, "digest", "confirmation")


def mail_is_encrypted_or_not_sent(templates: Templates) -> list[str]:
    """Without REQUIRE, SES falls back to plain text if the receiving server offers nothing better."""
    return [
        f"{place}: set DeliveryOptions: {{ TlsPolicy: REQUIRE }}"
        for place, configuration in templates.of_type(_SETS)
        if configuration["Properties"].get("DeliveryOptions", {}).get("TlsPolicy") != "REQUIRE"
    ]


def refused_mailboxes_are_suppressed(templates: Templates) -> list[str]:
    """SES may suspend an account that keeps sending to addresses after a bounce or a complaint."""
    return [
        f"{place}: set SuppressionOptions: {{ SuppressedReasons: [BOUNCE, COMPLAINT] }}"
        for place, configuration in templates.of_type(_SETS)
        if set(configuration["Properties"].get("SuppressionOptions", {}).get("SuppressedReasons", []))
        != {"BOUNCE", "COMPLAINT"}
    ]


def bounces_are_not_forwarded(templates: Templates) -> list[str]:
    """By default, SES emails each bounce to the sender, and such an email can quote a visitor's address."""
    return [
        f"{place}: set FeedbackAttributes: {{ EmailForwardingEnabled: false }}"
        for place, identity in templates.of_type(_IDENTITIES)
        if identity["Properties"].get("FeedbackAttributes", {}).get("EmailForwardingEnabled") is not False
    ]


def the_sender_outlives_the_stack_but_not_a_failed_start(templates: Templates) -> list[str]:
    """SES refuses to create a sender again, so the second try of a first deployment would fail."""
    return [
        f"{place}: set {policy}: {value}"
        for place, identity in templates.of_type(_IDENTITIES)
        for policy, value in (("DeletionPolicy", "RetainExceptOnCreate"), ("UpdateReplacePolicy", "Retain"))
        if identity.get(policy) != value
    ]


def senders_use_the_configuration_set(templates: Templates) -> list[str]:
    """The two rules above apply to emails that name the configuration set."""
    return [
        f"{function.id}: set CONFIGURATION_SET: !GetAtt Email.Outputs.ConfigurationSetName"
        for function in templates.functions()
        if "SENDER_ADDRESS" in function.variables and function.variables.get("CONFIGURATION_SET") != _OURS
    ]


def ses_tells_what_became_of_a_mail(templates: Templates) -> list[str]:
    """Each configuration set has an enabled destination (the default is off) for all events that matter."""
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
    """One function gets each report once, for this stack's emails only: the bus has the whole account's.

    It gets no deliveries of emails that only inform, because they would change nothing.
    """
    rules = [
        (function.id, event["Properties"].get("Pattern", {}))
        for function in templates.functions()
        for event in function.events.values()
        if event["Type"] == "EventBridgeRule"
    ]
    broken = [
        f"template.yaml: {ids} get SES's reports; exactly one function must"
        for ids in [{id_ for id_, _ in rules}]
        if len(ids) != 1
    ]
    for kind in (*_FAILURES, *_DELIVERIES, *_OTHERS):
        for notice in _NOTICES:
            wanted = kind in _FAILURES or (kind in _DELIVERIES and notice not in INFORMATION)
            heard = sum(matches(pattern, _report(kind, notice)) for _, pattern in rules)
            if heard != wanted:
                broken.append(f"template.yaml: DeliveryFunction gets {kind} of {notice} {heard} times")
        strangers = (_report(kind, Notice.ALERT, sender="another set"), _report(kind, Notice.ALERT, source="ours"))
        broken += [
            f"template.yaml: a rule matches {kind} of other senders' emails; name source and configuration set"
            for stranger in strangers
            if any(matches(pattern, stranger) for _, pattern in rules)
        ]
    return broken


def _report(kind: str, notice: str, *, sender: object = _OURS, source: str = "aws.ses") -> Tree:
    """Return the parts of a report that a rule can match. Tags arrive as lists."""
    tags = {"notice": [str(notice)], "ses:configuration-set": [sender]}
    return {"source": source, "detail-type": kind, "detail": {"mail": {"tags": tags}}}
