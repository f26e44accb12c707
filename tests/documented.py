"""The shell commands in the docs, parsed so that tests can check every one.

A new command in a block of the README, CONTRIBUTING or docs needs a check. tests/unit/test_documented.py names one for
each program. `make` targets must exist. `aws` commands must be calls that AWS knows. `sam` commands are checked by
tests/architecture/test_documented_sam.py. tests/integration sends the queries of docs/operations/find-a-request.md to
the local AWS.
"""

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from string import Template
from typing import Any

import botocore.session
import jmespath  # type: ignore[import-untyped] # botocore's own, without types
from botocore import xform_name
from botocore.model import OperationModel, Shape

ROOT = Path(__file__).parents[1]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]

_BLOCK = re.compile(r"^( *)```(\w*)\n(.*?)^\1```", re.MULTILINE | re.DOTALL)
_SHELL = {"sh", "bash", "shell", "console", "zsh"}
_SUBSTITUTION = re.compile(r"\$\(([^()]*)\)")
# Stands for the output of another command within a command.
PRINTED = "PRINTED"
# Options that the AWS CLI calls by another name than the API.
_RENAMED = {("sns", "subscribe"): {"--endpoint": "--notification-endpoint"}}
# The AWS CLI's own options, for any call.
_CLI_OPTIONS = {"--query", "--output", "--region", "--profile", "--no-cli-pager"}


class DocumentedError(Exception):
    """A documented command cannot work. The text says why."""


@dataclass(frozen=True, slots=True)
class Command:
    """One command of a page. `pipe` is what follows it after `|`; `assigned` are the variables before it."""

    page: str
    line: int
    words: tuple[str, ...]
    pipe: tuple["Command", ...] = ()
    assigned: Mapping[str, str] = field(default_factory=dict)

    @property
    def program(self) -> str:
        return self.words[0].rpartition("/")[2]

    def __str__(self) -> str:
        return f"{self.page}:{self.line}: {shlex.join(self.words)}"


def commands() -> list[Command]:
    """Return every command in the shell blocks of the pages, in order."""
    return [command for page in PAGES for command in commands_of(str(page.relative_to(ROOT)), page.read_text("utf-8"))]


def commands_of(page: str, text: str) -> list[Command]:
    """Return the commands in the shell blocks of a page's text."""
    return [command for first, block in blocks_of(text) for command in _of_block(page, first, block)]


def blocks_of(text: str) -> Iterator[tuple[int, str]]:
    """Yield the shell blocks of a page's text, each with the number of its first line, without indentation."""
    for block in _BLOCK.finditer(text):
        if block[2] in _SHELL:
            first = text.count("\n", 0, block.start()) + 2
            yield first, re.sub(rf"^{block[1]}", "", block[3], flags=re.MULTILINE)


def _of_block(page: str, first: int, block: str) -> Iterator[Command]:
    values: dict[str, list[str]] = {}  # of a loop's variable
    line = first
    for text in re.split(r"(?<!\\)\n", block):
        for inner, outer in _substituted(text.replace("\\\n", " ")):
            for words in _split(outer):
                if words[0] == "for":
                    values = {words[1]: words[3:]}
                elif words == ["done"]:
                    values = {}
                else:
                    yield from _in_loop(
                        page, line, [word for word in words if word != "do"], values if not inner else {}
                    )
        line += text.count("\n") + 1


def _substituted(text: str) -> Iterator[tuple[bool, str]]:
    """Yield the commands in `$(...)`, the innermost first, and then the line itself. True marks the inner ones."""
    while match := _SUBSTITUTION.search(text):
        yield True, match[1]
        text = text[: match.start()] + PRINTED + text[match.end() :]
    yield False, text


def _split(text: str) -> Iterator[list[str]]:
    """Yield the words of each simple command; those of a pipe stay together."""
    lexer = shlex.shlex(text, posix=True, punctuation_chars=";&")
    lexer.whitespace_split = True
    words: list[str] = []
    for word in [*lexer, ";"]:
        if word in {";", "&&", "&"}:
            if words:
                yield words
            words = []
        else:
            words.append(word)


def _in_loop(page: str, line: int, words: list[str], values: Mapping[str, list[str]]) -> Iterator[Command]:
    for name, each in values.items():
        for value in each:
            yield from _command(page, line, [Template(word).safe_substitute({name: value}) for word in words])
    if not values:
        yield from _command(page, line, words)


def _command(page: str, line: int, words: list[str]) -> Iterator[Command]:
    assigned = {}
    while words and re.match(r"[A-Z_]+=", words[0]):
        name, _, assigned[name] = words.pop(0).partition("=")
    parts: list[list[str]] = [[]] if words else []
    for word in words:
        if word == "|":
            parts.append([])
        else:
            parts[-1].append(word)
    if parts:
        first, *rest = parts
        piped = tuple(Command(page, line, tuple(part)) for part in rest)
        yield Command(page, line, tuple(first), piped, assigned)
    elif assigned:
        yield Command(page, line, ("=",), (), assigned)


# --- AWS --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Call:
    """An `aws` command as an API call, with the arguments that boto3's client takes."""

    service: str
    operation: OperationModel
    arguments: dict[str, Any]


def call(command: Command) -> Call:
    """Return the call that an `aws` command makes. Raises DocumentedError if AWS has no such call."""
    _, service, *words = command.words
    operation = _operation(command, service, words)
    name = xform_name(operation.name, "-")
    members = operation.input_shape.members if operation.input_shape else {}
    by_option = {f"--{xform_name(member, '-')}": (member, shape) for member, shape in members.items()}
    for old, new in _RENAMED.get((service, name), {}).items():
        by_option[new] = by_option.pop(old)
    flags = {option for option, (_, shape) in by_option.items() if shape.type_name == "boolean"}
    arguments: dict[str, Any] = {}
    while words:
        option = words.pop(0)
        flag = option.replace("--no-", "--", 1)
        if option in _CLI_OPTIONS:
            _check_of_cli(command, option, words.pop(0), operation)
        elif flag in flags:
            arguments[by_option[flag][0]] = flag == option
        elif option in by_option:
            member, shape = by_option[option]
            arguments[member] = _value(command, option, words.pop(0), shape)
        elif option.startswith("--") or not operation.has_streaming_output:  # the CLI writes a stream to a named file
            raise DocumentedError(f"{command}: {service} {name} has no {option}")
    missing = [member for member in getattr(operation.input_shape, "required_members", ()) if member not in arguments]
    if missing:
        raise DocumentedError(f"{command}: {service} {name} needs {missing}")
    return Call(service, operation, arguments)


def _operation(command: Command, service: str, words: list[str]) -> OperationModel:
    """Return the operation that the first words name, and remove these. A waiter repeats an operation."""
    session = botocore.session.get_session()
    try:
        model = session.get_service_model(service)
    except botocore.exceptions.UnknownServiceError:
        raise DocumentedError(f"{command}: AWS has no service {service}") from None
    known = {xform_name(operation, "-"): operation for operation in model.operation_names}
    name = words.pop(0)
    if name == "wait":
        waiters = session.get_waiter_model(service)
        known = {xform_name(each, "-"): waiters.get_waiter(each).operation for each in waiters.waiter_names}
        name = words.pop(0)
    if name not in known:
        raise DocumentedError(f"{command}: {service} has no {name}")
    return model.operation_model(known[name])


def _value(command: Command, option: str, text: str, shape: Shape) -> Any:  # noqa: ANN401 - as the shape says
    if text.startswith("$") or PRINTED in text:
        return text
    try:
        match shape.type_name:
            case "integer" | "long":
                return int(text)
            case "structure" | "map" | "list":
                return json.loads(text)
    except ValueError:
        raise DocumentedError(f"{command}: {option} is no {shape.type_name}") from None
    choices: list[str] = getattr(shape, "enum", [])
    if choices and text not in choices:
        raise DocumentedError(f"{command}: {option} is one of {choices}")
    return text


def _check_of_cli(command: Command, option: str, value: str, operation: OperationModel) -> None:
    if option == "--query":
        asked = jmespath.compile(value).parsed
        while asked["type"] != "field":
            asked = asked["children"][0]
        if operation.output_shape is None or asked["value"] not in operation.output_shape.members:
            raise DocumentedError(f"{command}: the response of {operation.name} has no {asked['value']}")
    if option == "--output" and value not in {"json", "text", "table", "yaml"}:
        raise DocumentedError(f"{command}: the AWS CLI has no output {value}")


def looks(*, table: str) -> list[dict[str, Any]]:
    """Return the arguments of each documented query for one request."""
    page = "docs/operations/find-a-request.md"
    calls = [
        call(command)
        for command in commands_of(page, (ROOT / page).read_text("utf-8"))
        if command.words[:3] == ("aws", "dynamodb", "query")
        and re.search("LEAD#|--index-name", " ".join(command.words))
    ]
    return [each.arguments | {"TableName": each.arguments["TableName"].replace("$TABLE", table)} for each in calls]
