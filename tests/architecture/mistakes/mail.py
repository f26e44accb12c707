"""Careless edits of how emails are sent."""

from collections.abc import Iterator

from tests.architecture.mutations import Mutation, put, remove
from tests.architecture.rules import mail
from tests.architecture.templates import Templates

_FILE = "infra/email.yaml"
_SET = "ConfigurationSet/Properties"


def mistakes(templates: Templates) -> Iterator[Mutation]:
    """Yield each edit with the rule that must notice it."""
    encrypted = mail.mail_is_encrypted_or_not_sent
    yield Mutation(encrypted, "encryption not required", remove(f"{_SET}/DeliveryOptions", _FILE))
    yield Mutation(encrypted, "encrypted if possible", put(f"{_SET}/DeliveryOptions/TlsPolicy", "OPTIONAL", _FILE))

    suppressed = mail.refused_mailboxes_are_suppressed
    yield Mutation(suppressed, "no suppression", remove(f"{_SET}/SuppressionOptions", _FILE))
    bounces = put(f"{_SET}/SuppressionOptions/SuppressedReasons", ["BOUNCE"], _FILE)
    yield Mutation(suppressed, "no suppression after complaints", bounces)

    private = mail.bounces_are_not_forwarded
    forwarding = "SenderIdentity/Properties/FeedbackAttributes"
    yield Mutation(private, "bounces are forwarded by default", remove(forwarding, _FILE))
    on = put(f"{forwarding}/EmailForwardingEnabled", value=True, file=_FILE)
    yield Mutation(private, "bounces are forwarded", on)

    kept = mail.the_sender_outlives_the_stack_but_not_a_failed_start
    yield Mutation(kept, "a failed start keeps it", put("SenderIdentity/DeletionPolicy", "Retain", _FILE))
    yield Mutation(kept, "it goes with the stack", remove("SenderIdentity/DeletionPolicy", _FILE))
    yield Mutation(kept, "it goes with another sender", remove("SenderIdentity/UpdateReplacePolicy", _FILE))

    told = mail.ses_tells_what_became_of_a_mail
    reports = "Reports/Properties/EventDestination"
    yield Mutation(told, "no destination", remove("Reports", _FILE))
    yield Mutation(told, "switched off", put(f"{reports}/Enabled", value=False, file=_FILE))
    yield Mutation(told, "off by default", remove(f"{reports}/Enabled", _FILE))
    yield Mutation(told, "no bounces", put(f"{reports}/MatchingEventTypes", ["delivery", "complaint"], _FILE))
    yield Mutation(told, "another bus", put(f"{reports}/EventBridgeDestination/EventBusArn", "ours", _FILE))

    heard = mail.what_ses_tells_is_heard
    rule = "DeliveryFunction/Properties/Events"
    rules = templates.main["Resources"]["DeliveryFunction"]["Properties"]["Events"]
    for name, event in rules.items():
        pattern = f"{rule}/{name}/Properties/Pattern"
        yield Mutation(heard, f"no function gets {name}", remove(f"{rule}/{name}"))
        yield Mutation(heard, f"{name} of the whole account", remove(f"{pattern}/detail"))
        yield Mutation(heard, f"{name} of any source", remove(f"{pattern}/source"))
        for position, kind in enumerate(event["Properties"]["Pattern"]["detail-type"]):
            yield Mutation(heard, f"no {kind}", remove(f"{pattern}/detail-type/{position}"))
        yield Mutation(heard, f"{name} go to two functions", put(f"NotifyFunction/Properties/Events/{name}", event))
        yield Mutation(heard, f"{name} of any kind", remove(f"{pattern}/detail-type"))
    notice = f"{rule}/Deliveries/Properties/Pattern/detail/mail/tags/notice"
    yield Mutation(heard, "deliveries that nobody needs", remove(notice))
    yield Mutation(heard, "no deliveries of alerts", put(notice, [{"anything-but": ["alert"]}]))
    silent = put(
        f"{rule}/Failures/Properties/Pattern/detail/mail/tags/notice",
        [{"anything-but": ["claimed", "no_answer", "closed"]}],
    )
    yield Mutation(heard, "no bounces of claimed emails", silent)

    for function in templates.functions():
        if "CONFIGURATION_SET" in function.variables:
            other = put(f"{function.id}/Properties/Environment/Variables/CONFIGURATION_SET", "default")
            yield Mutation(
                mail.senders_use_the_configuration_set, f"{function.id} uses another configuration set", other
            )
