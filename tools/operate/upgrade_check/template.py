"""Templates as plain data, so that two of them can be compared however they were written."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from tools.template_file import read

# SAM and CloudFormation write these again at each deployment: where the packages are, and how they were built.
_PACKAGED: Final = {"CodeUri", "ContentUri", "TemplateURL"}
NESTED: Final = "AWS::CloudFormation::Stack"
# The name of the main template among the nested ones, which are named by their resource.
MAIN: Final = "the main stack"

type Tree = dict[str, Any]


def load(template: str | Mapping[str, Any]) -> Tree:
    """Return a template as data. CloudFormation answers with text for YAML and with data for JSON."""
    text = template if isinstance(template, str) else json.dumps(template)
    # YAML takes a version such as 2012-10-17 for a date.
    document: Tree = json.loads(json.dumps(read(text), default=str))
    return document


def plain(value: Any) -> Any:  # noqa: ANN401 - any part of a template
    """Return a part of a template in one way of writing it, for comparisons."""
    match value:
        case {"Fn::GetAtt": str(text)}:
            return {"Fn::GetAtt": text.split(".", 1)}
        case dict():
            return {name: plain(each) for name, each in value.items() if name not in _PACKAGED}
        case list():
            return [plain(each) for each in value]
        case bool() | int() | float():
            value = str(value).lower()
    return " ".join(value.split()) if isinstance(value, str) else value  # without folded lines


def checkout(root: Path) -> dict[str, Tree]:
    """Return the templates of a checkout: the main one, and the nested ones by the names of their resources."""
    main = load((root / "template.yaml").read_text("utf-8"))
    return {MAIN: main} | {
        name: load((root / resource["Properties"]["TemplateURL"]).read_text("utf-8"))
        for name, resource in nested(main).items()
    }


def nested(template: Tree) -> dict[str, Tree]:
    """Return the resources of a template that are nested stacks."""
    return {name: each for name, each in template["Resources"].items() if each["Type"] == NESTED}
