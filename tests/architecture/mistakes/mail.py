"""Careless edits of how mail leaves."""

from collections.abc import Iterator

from tests.architecture.mutations import Mutation, put, remove
from tests.architecture.rules import mail
from tests.architecture.templates import Templates

_FILE = "infra/email.yaml"
_SET = "ConfigurationSet/Properties"


def mistakes(templates: Templates) -> Iterator[Mutation]:
    """Yield what these rules must notice."""
    encrypted = mail.mail_is_encrypted_or_not_sent
    yield Mutation(encrypted, "encrypted by chance", remove(f"{_SET}/DeliveryOptions", _FILE))
    yield Mutation(encrypted, "encrypted if possible", put(f"{_SET}/DeliveryOptions/TlsPolicy", "OPTIONAL", _FILE))

    suppressed = mail.refused_mailboxes_are_suppressed
    yield Mutation(suppressed, "no suppression", remove(f"{_SET}/SuppressionOptions", _FILE))
    bounces = put(f"{_SET}/SuppressionOptions/SuppressedReasons", ["BOUNCE"], _FILE)
    yield Mutation(suppressed, "complaints forgotten", bounces)

    told = mail.ses_tells_what_became_of_a_mail
    reports = "Reports/Properties/EventDestination"
    yield Mutation(told, "no destination", remove("Reports", _FILE))
    yield Mutation(told, "switched off", put(f"{reports}/Enabled", value=False, file=_FILE))
    yield Mutation(told, "off by default", remove(f"{reports}/Enabled", _FILE))
    yield Mutation(told, "no bounces", put(f"{reports}/MatchingEventTypes", ["delivery", "complaint"], _FILE))
    yield Mutation(told, "another bus", put(f"{reports}/EventBridgeDestination/EventBusArn", "ours", _FILE))

    heard = mail.what_ses_tells_is_heard
    rule = "DeliveryFunction/Properties/Events"
    yield Mutation(heard, "nobody listens", remove(f"{rule}/Reports"))
    yield Mutation(heard, "the whole account's", remove(f"{rule}/Reports/Properties/Pattern/detail"))
    yield Mutation(heard, "no bounces", remove(f"{rule}/Reports/Properties/Pattern/detail-type/1"))
    also = templates.main["Resources"]["DeliveryFunction"]["Properties"]["Events"]["Reports"]
    twice = put("NotifyFunction/Properties/Events/Reports", also)
    yield Mutation(heard, "heard twice", twice)

    for function in templates.functions():
        if "CONFIGURATION_SET" in function.variables:
            other = put(f"{function.id}/Properties/Environment/Variables/CONFIGURATION_SET", "default")
            yield Mutation(mail.senders_use_the_configuration_set, f"{function.id} sends past it", other)
