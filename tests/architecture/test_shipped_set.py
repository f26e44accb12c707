"""The layers have exactly the dependencies in pyproject.toml and what those need, at the versions in uv.lock."""

import subprocess
import tomllib
from collections.abc import Iterable
from functools import cache
from typing import Any

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.architecture.templates import ROOT

# The platform of the layer: Lambda, by default on arm64.
LAMBDA = {
    "implementation_name": "cpython",
    "os_name": "posix",
    "platform_machine": "aarch64",
    "platform_python_implementation": "CPython",
    "platform_system": "Linux",
    "python_full_version": "3.13.0",
    "python_version": "3.13",
    "sys_platform": "linux",
}

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCK = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))
LOCKED: dict[str, dict[str, Any]] = {package["name"]: package for package in LOCK["package"]}


def names(requirements: list[str]) -> set[str]:
    return {canonicalize_name(Requirement(requirement).name) for requirement in requirements}


def with_all_they_need(direct: Iterable[Requirement]) -> dict[str, str]:
    """Return the name and version of each package that Lambda needs, from uv.lock."""
    versions: dict[str, str] = {}
    waiting = [(str(canonicalize_name(requirement.name)), tuple(sorted(requirement.extras))) for requirement in direct]
    seen: set[tuple[str, tuple[str, ...]]] = set()
    while waiting:
        name, wanted = waiting.pop()
        if (name, wanted) in seen:
            continue
        seen.add((name, wanted))
        package = LOCKED[name]
        versions[name] = package["version"]
        optional = package.get("optional-dependencies", {})
        needed = [*package.get("dependencies", []), *(need for extra in wanted for need in optional.get(extra, []))]
        waiting += [
            (need["name"], tuple(need.get("extra", ())))
            for need in needed
            if "marker" not in need or Marker(need["marker"]).evaluate(LAMBDA)
        ]
    return versions


def runtime() -> dict[str, str]:
    return with_all_they_need(Requirement(requirement) for requirement in PROJECT["project"]["dependencies"])


@cache
def exported() -> dict[str, str]:
    # The command of tools/package/layer.py, without the hashes.
    command = [
        str(ROOT / "tools/bin/uv"),
        "export",
        "--quiet",
        "--frozen",
        "--no-dev",
        "--no-emit-project",
        "--no-hashes",
    ]
    text = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    requirements = [Requirement(line) for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    return {
        canonicalize_name(requirement.name): str(requirement.specifier).removeprefix("==")
        for requirement in requirements
        if requirement.marker is None or requirement.marker.evaluate(LAMBDA)
    }


def test_the_lock_knows_what_the_project_asks_for() -> None:
    (project,) = (package for package in LOCK["package"] if package["source"] == {"virtual": "."})
    locked = {dependency["name"] for dependency in project["dependencies"]}
    assert locked == names(PROJECT["project"]["dependencies"]), (
        "uv.lock is out of date; run `tools/bin/uv lock` and commit it"
    )


def test_the_layer_ships_exactly_the_runtime_dependencies() -> None:
    assert exported() == runtime(), (
        "the packages that `uv export` ships differ from pyproject.toml and uv.lock;"
        " run `tools/bin/uv lock`, or correct the options in tools/package/layer.py"
    )


def test_no_development_tool_ships() -> None:
    tools = names(PROJECT["dependency-groups"]["dev"]) - names(PROJECT["project"]["dependencies"])
    assert not tools & set(exported()), (
        f"{sorted(tools & set(exported()))} would ship; in pyproject.toml, name it under dev or dependencies, not both"
    )
