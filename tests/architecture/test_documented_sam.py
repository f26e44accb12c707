"""Each `sam` command, in the docs and behind a documented `make` target, is one that the pinned SAM CLI knows."""

import json
import subprocess
from functools import cache
from pathlib import Path

import pytest
import yaml

from tests.architecture.templates import ROOT, read_templates
from tests.documented import Command, commands, commands_of

# Targets that call the SAM CLI, with what they need.
TARGETS = ("build", "redrive", "release REFERENCE=KC-7Q2M-4XHD", "check")


def of_make(target: str) -> list[Command]:
    """Return the commands that a target runs."""
    printed = subprocess.run(["make", "-n", *target.split()], cwd=ROOT, check=True, capture_output=True, text=True)
    return commands_of("Makefile", f"```sh\n{printed.stdout}```\n")


FOUND = [
    each for each in (*commands(), *(one for target in TARGETS for one in of_make(target))) if each.program == "sam"
]
GROUPS = {"local", "pipeline", "remote"}


def path_of(command: Command) -> str:
    return " ".join(command.words[1:3] if command.words[1] in GROUPS else command.words[1:2])


@cache
def known() -> dict[str, list[str] | None]:
    """Return the options of each command that is found, as the SAM CLI declares them."""
    script = Path(__file__).with_name("sam_options.py")
    paths = sorted({path_of(command) for command in FOUND})
    done = subprocess.run(
        [ROOT / "tools/bin/sam-python", script, *paths], check=True, capture_output=True, text=True, cwd=ROOT
    )
    options: dict[str, list[str] | None] = json.loads(done.stdout)
    return options


@pytest.mark.parametrize("command", FOUND, ids=str)
def test_the_sam_cli_has_the_command_and_its_options(command: Command) -> None:
    options = known()[path_of(command)]
    assert options is not None, f"{command}: the SAM CLI has no such command"
    unknown = [word for word in command.words if word.startswith("--") and word not in options]
    assert unknown == [], f"{command}: the SAM CLI has no {unknown}"


@pytest.mark.parametrize("command", FOUND, ids=str)
def test_what_a_command_names_is_there(command: Command) -> None:
    named = dict(zip(command.words, command.words[1:], strict=False))
    environments = yaml.safe_load((ROOT / "samconfig.yaml").read_text("utf-8"))
    resources = read_templates().main["Resources"]
    function = command.words[3] if path_of(command) == "remote invoke" else named.get("--name")
    assert function is None or function in resources, f"{command}: template.yaml has no {function}"
    assert named.get("--config-env", "default") in environments, f"{command}: samconfig.yaml has no such environment"
    stack = environments["default"]["global"]["parameters"]["stack_name"]
    of_another = "--template-file" in named
    assert of_another or named.get("--stack-name", stack) == stack, f"{command}: samconfig.yaml calls the stack {stack}"


def test_a_command_that_is_none_is_noticed() -> None:
    script = Path(__file__).with_name("sam_options.py")
    printed = subprocess.run(
        [ROOT / "tools/bin/sam-python", script, "logs", "remote invok", "log"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    options = json.loads(printed)
    assert "--tail" in options["logs"]
    assert (options["remote invok"], options["log"]) == (None, None)
