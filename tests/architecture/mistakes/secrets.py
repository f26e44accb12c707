"""Careless edits of the secrets."""

from collections.abc import Iterator

from tests.architecture.mutations import Mutation, change_statement, put, remove
from tests.architecture.rules import secrets
from tests.architecture.templates import Templates

_FILE = "infra/data.yaml"
_SECRET = "StackSecret/Properties"
_ID_KEY = "{{resolve:secretsmanager:${Data.Outputs.IdKeyArn}:SecretString}}"


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
    key = put("NotifyFunction/Properties/Environment/Variables/KEY", {"Fn::Sub": _ID_KEY})
    yield Mutation(read, "the id key in another variable", key)
    yield Mutation(read, "the id key printed", put("/Outputs/Key", {"Value": {"Fn::GetAtt": "Data.Outputs.IdKeyArn"}}))

    two = secrets.the_id_key_reaches_two_functions
    for function in ("SubmitFunction", "CanaryFunction"):
        variable = f"{function}/Properties/Environment/Variables/ID_KEY"
        yield Mutation(two, f"{function} without the key", remove(variable))
        yield Mutation(two, f"{function} with the links' secret", put(variable, resolved))
        yield Mutation(two, f"{function} with a value in the template", put(variable, "0" * 64))
    another = put("NotifyFunction/Properties/Environment/Variables/ID_KEY", {"Fn::Sub": _ID_KEY})
    yield Mutation(two, "a function more with the key", another)
    arn = {"Fn::GetAtt": "Data.Outputs.IdKeyArn"}
    yield Mutation(two, "a role that may read it", change_statement("SubmitRole", "StoreALead", Resource=arn))

    never = secrets.the_id_key_never_changes
    for policy in ("DeletionPolicy", "UpdateReplacePolicy"):
        yield Mutation(never, f"{policy} deletes the key", put(f"IdKey/{policy}", "Delete", _FILE))
        yield Mutation(never, f"no {policy}", remove(f"IdKey/{policy}", _FILE))
    yield Mutation(never, "no key", remove("IdKey", _FILE))
    rotation = {"Type": "AWS::SecretsManager::RotationSchedule", "Properties": {"SecretId": {"Ref": "IdKey"}}}
    yield Mutation(never, "a rotation", put("Rotation", rotation, _FILE))
