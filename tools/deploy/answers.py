"""The answers of last time, in the SAM CLI's own file: samconfig.toml, which git ignores.

samconfig.yaml, which is part of the project, has what every stack needs. The SAM CLI reads it only as long as there is
no samconfig.toml.
"""

import json
import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, count
from pathlib import Path
from typing import Any, Final

import yaml

from tools.deploy.errors import DeployError
from tools.deploy.template import ROOT

FILE: Final = ROOT / "samconfig.toml"
DEFAULTS: Final = ROOT / "samconfig.yaml"
DEFAULT: Final = "default"

# How the SAM CLI reads `Name=value Name="a value"` (samcli/cli/types.py), which its --guided mode writes.
_PAIR: Final = re.compile(
    r""" ([A-Za-z0-9]+)=("(?:\\.|[^"\\]+)*"|'(?:\\.|[^'\\]+)*'|(?:\\.|[^ "\\]+)+)""",
)
_ESCAPED: Final = (" ", '"', "'")


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """What the file says about one stack. `environment` is the SAM CLI's name for its part of the file."""

    environment: str = DEFAULT
    stack: str | None = None
    region: str | None = None
    profile: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)


class Answers:
    """A file of the SAM CLI with the answers about each stack. Reading raises DeployError."""

    def __init__(self, path: Path = FILE, defaults: Path = DEFAULTS) -> None:
        self._path = path
        self._defaults = defaults

    @property
    def path(self) -> Path:
        """Where the file is, or will be."""
        return self._path

    def of(self, stack: str | None) -> Saved:
        """Return what was saved about a stack, or about the stack of the default environment if none is named."""
        document = self._read()
        if stack is None:
            return self._saved(document, DEFAULT)
        for environment in _environments(document):
            if (saved := self._saved(document, environment)).stack == stack:
                return saved
        if not self._saved(document, DEFAULT).values:
            return Saved(environment=DEFAULT, stack=stack)
        taken = {*document, "version"}
        names = chain([stack], (f"{stack}-{number}" for number in count(2)))
        return Saved(environment=next(name for name in names if name not in taken), stack=stack)

    def shared(self) -> dict[str, Any]:
        """Return what every stack needs."""
        try:
            found = yaml.safe_load(self._defaults.read_text("utf-8"))[DEFAULT]["deploy"]["parameters"]
        except (yaml.YAMLError, KeyError, TypeError, ValueError, OSError):
            found = None
        if not isinstance(found, dict):
            name = self._defaults.name
            raise DeployError(f"{name} cannot be read. Restore it: git checkout {name}")
        return found

    def save(self, environment: str, *, stack: str, region: str, values: Mapping[str, str]) -> None:
        """Write the answers about a stack. The rest of the file stays as it is, with its comments."""
        order = {
            "path": str(self._path),
            "environment": environment,
            "global": {"stack_name": stack, "region": region},
            "deploy": self.shared(),
            "overrides": {name: encoded(value) for name, value in values.items()},
        }
        done = subprocess.run(
            [ROOT / "tools/bin/sam-python", Path(__file__).with_name("write_samconfig.py")],
            input=json.dumps(order),
            text=True,
            capture_output=True,
            check=False,
        )
        if done.returncode:
            raise DeployError(f"Could not write {self._path}: {(done.stderr.strip().splitlines() or ['?'])[-1]}")
        # Git overwrites an ignored file if another release tracks it, as those up to 0.10.0 do.
        copy = self._path.parent / ".local" / "deploy" / self._path.name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(self._path, copy)

    def _read(self) -> dict[str, Any]:
        try:
            return tomllib.loads(self._path.read_text("utf-8"))
        except FileNotFoundError:
            return {}
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
            raise DeployError(
                f"Cannot read your answers in {self._path}: {error}. Mend the file, or rename it to be asked again."
            ) from None

    @staticmethod
    def _saved(document: Mapping[str, Any], environment: str) -> Saved:
        settings: dict[str, Any] = {}
        for command in ("global", "deploy"):
            settings |= _table(document, environment, command, "parameters")
        text = {name: str(settings[name]) for name in ("stack_name", "region", "profile") if settings.get(name)}
        return Saved(
            environment=environment,
            stack=text.get("stack_name"),
            region=text.get("region"),
            profile=text.get("profile"),
            values=dict(overrides(settings.get("parameter_overrides"))),
        )


def overrides(value: object) -> Iterator[tuple[str, str]]:
    """Yield the parameters in `parameter_overrides` as the SAM CLI reads it: a table, a text or a list."""
    if isinstance(value, str):
        for name, quoted in _PAIR.findall(f" {value.strip()}"):
            yield name, decoded(quoted)
    elif isinstance(value, list):
        for each in value:
            yield from overrides(each)
    elif isinstance(value, dict):
        for name, each in value.items():
            joined = ",".join(str(part).strip() for part in each) if isinstance(each, list) else str(each)
            yield name, decoded(joined)


def decoded(text: str) -> str:
    """Return a value as the SAM CLI does: without the quotes around it and the backslashes before spaces and quotes."""
    if text and text[0] == text[-1] and text[0] in "\"'":
        text = text[1:-1]
    for character in _ESCAPED:
        text = text.replace(f"\\{character}", character)
    return text


def encoded(value: str) -> str:
    """Return what the SAM CLI reads as `value`."""
    if decoded(value) == value:
        return value
    for character in _ESCAPED:
        value = value.replace(character, f"\\{character}")
    return value


def _environments(document: Mapping[str, Any]) -> list[str]:
    return [name for name, value in document.items() if isinstance(value, dict)]


def _table(document: Mapping[str, Any], *path: str) -> Mapping[str, Any]:
    found: Any = document
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else {}
