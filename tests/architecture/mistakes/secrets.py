"""Careless edits of the secret."""

from collections.abc import Iterator

from tests.architecture.mutations import Mutation, put, remove
from tests.architecture.rules import secrets
from tests.architecture.templates import Templates

_FILE = "infra/data.yaml"
_SECRET = "StackSecret/Properties"


def mistakes(_: Templates) -> Iterator[Mutation]:
    """Yield each edit with the rule that must notice it."""
    made_up = secrets.secrets_are_made_up_by_aws
    yield Mutation(made_up, "a value in the template", put(f"{_SECRET}/SecretString", "made-up", _FILE))
    yield Mutation(made_up, "empty", remove(f"{_SECRET}/GenerateSecretString", _FILE))
    yield Mutation(made_up, "short", put(f"{_SECRET}/GenerateSecretString/PasswordLength", 8, _FILE))

    read = secrets.secrets_are_read_by_functions_only
    resolved = {"Fn::Sub": "{{resolve:secretsmanager:${Data.Outputs.StackSecretArn}}}"}
    shown = put("NotifyFunction/Properties/Environment/Variables/STACK_SECRET_ARN", resolved)
    yield Mutation(read, "the secret's value in a variable", shown)
    output = put("/Outputs/Keys", {"Value": {"Fn::GetAtt": "Data.Outputs.StackSecretArn"}})
    yield Mutation(read, "printed after each deployment", output)
