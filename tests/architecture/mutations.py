"""Small edits of a template, one call each, like those of a careless change."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.architecture.rules import Rule
from tests.architecture.templates import MAIN, Templates, Tree, statements

type Edit = Callable[[Templates], None]


@dataclass(frozen=True)
class Mutation:
    """An edit, its description, and the rule that must notice it."""

    rule: Rule
    what: str
    edit: Edit


def remove(path: str, file: str = MAIN) -> Edit:
    """Remove the value at `path`: below Resources, such as `Table/Type`, or from the top, such as `/Outputs`."""

    def edit(templates: Templates) -> None:
        parent, last = _parent(templates, file, path)
        del parent[last]

    return edit


def put(path: str, value: object, file: str = MAIN) -> Edit:
    """Put `value` at `path`, whether or not a value is there."""

    def edit(templates: Templates) -> None:
        parent, last = _parent(templates, file, path)
        parent[last] = value

    return edit


def change_statement(role: str, sid: str, **changes: object) -> Edit:
    """Change parts of one statement of a role. None removes a part."""

    def edit(templates: Templates) -> None:
        for _, statement in statements(_policy(templates, role)):
            if statement["Sid"] == sid:
                statement.update(changes)
                for part in [name for name, value in statement.items() if value is None]:
                    del statement[part]
                return
        raise LookupError(f"{role} has no statement {sid}")

    return edit


def add_statement(role: str, **statement: object) -> Edit:
    """Add a statement to a role."""

    def edit(templates: Templates) -> None:
        _policy(templates, role)["PolicyDocument"]["Statement"].append({"Effect": "Allow", **statement})

    return edit


def always(role: str) -> Edit:
    """Make each statement of a role unconditional, whatever the stack's configuration."""

    def edit(templates: Templates) -> None:
        document = _policy(templates, role)["PolicyDocument"]
        document["Statement"] = [statement for _, statement in statements(_policy(templates, role))]

    return edit


def _policy(templates: Templates, role: str) -> Tree:
    policy: Tree = templates.main["Resources"][role]["Properties"]["Policies"][0]
    return policy


def _parent(templates: Templates, file: str, path: str) -> tuple[Any, str | int]:
    # No name here contains a slash, except one in SAM's interface metadata, which nothing edits.
    *parents, last = path.removeprefix("/").split("/")
    place: Any = templates.files[file] if path.startswith("/") else templates.files[file]["Resources"]
    for name in parents:
        place = place[int(name) if isinstance(place, list) else name]
    return place, int(last) if isinstance(place, list) else last
