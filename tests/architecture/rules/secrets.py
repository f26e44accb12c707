"""AWS generates the secret's value, and only the functions that need it read it. Nobody types it, nothing shows it."""

import re

from tests.architecture.templates import MAIN, Templates, walk

_SECRETS = "AWS::SecretsManager::Secret"
_USE_THE_ID_KEY = {"SubmitFunction", "CanaryFunction"}
_ID_KEY = "{{resolve:secretsmanager:${Data.Outputs.IdKeyArn}:SecretString}}"
_LENGTH = 64  # letters and digits: more than the 256 bits of the keys derived from it


def secrets_are_made_up_by_aws(templates: Templates) -> list[str]:
    """A value in the template would be in the repository."""
    broken = []
    for place, secret in templates.of_type(_SECRETS):
        made = secret["Properties"].get("GenerateSecretString", {})
        if "SecretString" in secret["Properties"]:
            broken.append(f"{place}: remove SecretString")
        if made.get("PasswordLength", 0) < _LENGTH or made.get("ExcludePunctuation") is not True:
            broken.append(
                f"{place}: set GenerateSecretString: {{ PasswordLength: {_LENGTH}, ExcludePunctuation: true }}"
            )
    return broken


def secrets_are_read_by_functions_only(templates: Templates) -> list[str]:
    """CloudFormation would write a resolved secret where others can read it: in a variable or an output.

    The id key is the exception: the function that is open to the world needs it and may not read any secret.
    """
    allowed = [
        function.id
        for function in templates.functions()
        if function.id in _USE_THE_ID_KEY and function.variables.get("ID_KEY") == {"Fn::Sub": _ID_KEY}
    ]
    resolved = [
        (path, value)
        for path, tree in templates.files.items()
        for value in walk(tree)
        if isinstance(value, str) and "{{resolve:" in value
    ]
    for _ in allowed:
        resolved.remove((MAIN, _ID_KEY))
    broken = [
        f"{path}: remove {value!r}; pass the ARN on and let the function read the secret" for path, value in resolved
    ]
    # Its ARN is no secret, and useless on its own.
    broken += [
        f"template.yaml: take {name} out of Outputs"
        for name, output in templates.main["Outputs"].items()
        if any(isinstance(value, str) and re.search("secret|idkey", value, re.IGNORECASE) for value in walk(output))
    ]
    return broken


def the_id_key_reaches_two_functions(templates: Templates) -> list[str]:
    """The public function makes the ids, and the canary knows its lead's. No role may read the key."""
    broken = [
        f'{function.id}: set ID_KEY: !Sub "{_ID_KEY}"'
        for function in templates.functions()
        if function.id in _USE_THE_ID_KEY and function.variables.get("ID_KEY") != {"Fn::Sub": _ID_KEY}
    ]
    broken += [
        f"{function.id}: remove ID_KEY"
        for function in templates.functions()
        if function.id not in _USE_THE_ID_KEY and "ID_KEY" in function.variables
    ]
    broken += [
        f"template.yaml: {name} must not name IdKeyArn in its policies"
        for name, resource in templates.main["Resources"].items()
        if resource["Type"] == "AWS::IAM::Role" and any("IdKeyArn" in str(value) for value in walk(resource))
    ]
    return broken


def the_id_key_never_changes(templates: Templates) -> list[str]:
    """With another key, a retry of a stored request would become a second lead."""
    keys = [(place, secret) for place, secret in templates.of_type(_SECRETS) if place.endswith(": IdKey")]
    broken = [] if len(keys) == 1 else ["infra/data.yaml: add the secret IdKey"]
    broken += [
        f"{place}: set {policy}: Retain"
        for place, secret in keys
        for policy in ("DeletionPolicy", "UpdateReplacePolicy")
        if secret.get(policy) != "Retain"
    ]
    broken += [f"{place}: remove it" for place, _ in templates.of_type("AWS::SecretsManager::RotationSchedule")]
    return broken
