"""Mail about patients travels encrypted, and never again to a mailbox that bounced or complained."""

from tests.architecture.templates import Templates

_SETS = "AWS::SES::ConfigurationSet"


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
        if "SENDER_ADDRESS" in function.variables
        and function.variables.get("CONFIGURATION_SET") != {"Fn::GetAtt": "Email.Outputs.ConfigurationSetName"}
    ]
