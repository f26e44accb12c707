"""Write the answers about a stack into samconfig.toml. Reads what to write from standard input, as JSON.

The SAM CLI's own Python runs this (see answers.py), because its environment has tomlkit, which keeps the comments and
the other settings of a file.
"""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import tomlkit  # type: ignore[import-not-found] # not in our environment

_NEW = """\
# Your answers to `make deploy`, and to `sam deploy --guided`. git ignores this file: keep a copy, or use
# `git add --force samconfig.toml` in a repository of your own.
version = 0.1
"""


def _table(inside: Any, name: str) -> Any:  # noqa: ANN401 - tomlkit's types are not in our environment
    if not isinstance(inside.get(name), dict):
        inside.pop(name, None)
        inside[name] = tomlkit.table()
    return inside[name]


def _write(path: Path, text: str) -> None:
    """Replace the file at once, so an interrupted run leaves the old one."""
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, prefix=path.name, delete=False) as file:
        file.write(text)
    Path(file.name).replace(path)


order = json.load(sys.stdin)
path = Path(order["path"])
document = tomlkit.parse(path.read_text(encoding="utf-8") if path.exists() else _NEW)
document.setdefault("version", 0.1)
environment = _table(document, order["environment"])
everywhere = _table(_table(environment, "global"), "parameters")
deploy = _table(_table(environment, "deploy"), "parameters")
for name, value in order["deploy"].items():
    deploy.setdefault(name, value)
for name, value in order["global"].items():
    deploy.pop(name, None)  # it would go before the same setting of all commands
    everywhere[name] = value
# At the end of its table, because each line after a table belongs to it.
deploy.pop("parameter_overrides", None)
overrides = tomlkit.table()
overrides.update(order["overrides"])
deploy["parameter_overrides"] = overrides
_write(path, tomlkit.dumps(document))
