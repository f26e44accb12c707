import re
import shlex
import tomllib

import pytest

from tests.architecture.templates import ROOT, Tree, read_templates

CONFIG: Tree = tomllib.loads((ROOT / "samconfig.toml").read_text(encoding="utf-8"))
PARAMETERS: Tree = read_templates().main["Parameters"]
EXAMPLES = {
    # SAM ends a value at a space, unless it is in quotes.
    environment: dict(shlex.split(override)[0].split("=", maxsplit=1) for override in deploy["parameter_overrides"])
    for environment, tables in CONFIG.items()
    if environment != "version" and "parameter_overrides" in (deploy := tables.get("deploy", {}).get("parameters", {}))
}


def test_there_is_an_example() -> None:
    assert EXAMPLES, "samconfig.toml shows no environment with parameter_overrides"


@pytest.mark.parametrize("environment", EXAMPLES)
def test_an_example_names_parameters_that_exist(environment: str) -> None:
    unknown = sorted(set(EXAMPLES[environment]) - set(PARAMETERS))
    assert not unknown, f"samconfig.toml [{environment}]: template.yaml has no parameters {unknown}"


@pytest.mark.parametrize("environment", EXAMPLES)
def test_an_example_is_complete(environment: str) -> None:
    needed = {name for name, parameter in PARAMETERS.items() if "Default" not in parameter}
    missing = sorted(needed - set(EXAMPLES[environment]))
    assert not missing, f"samconfig.toml [{environment}]: {missing} have no default, so a deployment would stop"


@pytest.mark.parametrize("environment", EXAMPLES)
def test_an_example_passes_the_template_s_own_checks(environment: str) -> None:
    for name, value in EXAMPLES[environment].items():
        parameter = PARAMETERS[name]
        for part in value.split(",") if parameter["Type"] == "CommaDelimitedList" else [value]:
            if "AllowedPattern" in parameter:
                assert re.fullmatch(parameter["AllowedPattern"], part), f"samconfig.toml [{environment}] {name}={part}"
            if "AllowedValues" in parameter:
                assert part in map(str, parameter["AllowedValues"]), f"samconfig.toml [{environment}] {name}={part}"
