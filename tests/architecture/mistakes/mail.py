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

    for function in templates.functions():
        if "CONFIGURATION_SET" in function.variables:
            other = put(f"{function.id}/Properties/Environment/Variables/CONFIGURATION_SET", "default")
            yield Mutation(mail.senders_use_the_configuration_set, f"{function.id} sends past it", other)
