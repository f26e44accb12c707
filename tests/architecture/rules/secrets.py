"""AWS generates the secret's value, and only the functions that need it read it. Nobody types it, nothing shows it."""

import re

from tests.architecture.templates import Templates, walk

_SECRETS = "AWS::SecretsManager::Secret"
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
    """CloudFormation would write a resolved secret where others can read it: in a variable or an output."""
    broken = [
        f"{path}: remove {value!r}; pass the ARN on and let the function read the secret"
        for path, tree in templates.files.items()
        for value in walk(tree)
        if isinstance(value, str) and "{{resolve:" in value
    ]
    # Its ARN is no secret, and useless on its own.
    broken += [
        f"template.yaml: take {name} out of Outputs"
        for name, output in templates.main["Outputs"].items()
        if any(isinstance(value, str) and re.search("secret", value, re.IGNORECASE) for value in walk(output))
    ]
    return broken
