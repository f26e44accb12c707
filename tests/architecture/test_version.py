"""The stack says which version it has."""

import tomllib

from tests.architecture.templates import ROOT, read_templates


def test_the_output_is_the_project_s_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    said = read_templates().main["Outputs"]["Version"]["Value"]
    assert said == project["version"], f"template.yaml: set the output Version to {project['version']}"
