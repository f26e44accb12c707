"""Parameters: each has a description and an error message, and is passed on correctly."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tests.architecture.templates import Templates, Tree, walk

_STACKS = ("AWS::CloudFormation::Stack", "AWS::Serverless::Application")
_CONSTRAINTS = {"AllowedPattern", "AllowedValues", "MinValue", "MaxValue", "MinLength", "MaxLength"}


def parameters_explain_themselves(templates: Templates) -> list[str]:
    """`sam deploy --guided` shows a name. Description explains it; ConstraintDescription names the valid values."""
    broken = [
        f"{path}: parameter {name} needs a Description"
        for path, tree in templates.files.items()
        for name, parameter in tree.get("Parameters", {}).items()
        if not parameter.get("Description")
    ]
    # The main template passes nested parameters and has checked them.
    for name, parameter in templates.main["Parameters"].items():
        if not parameter.get("ConstraintDescription"):
            broken.append(f"template.yaml: parameter {name} needs a ConstraintDescription")
        if not _CONSTRAINTS & set(parameter):
            broken.append(f"template.yaml: parameter {name} needs a constraint, such as AllowedPattern")
    return broken


def parameters_are_grouped(templates: Templates) -> list[str]:
    """The console shows parameters in groups. One without a group ends up below all others."""
    groups = templates.main["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    grouped = sorted(name for group in groups for name in group["Parameters"])
    declared = sorted(templates.main["Parameters"])
    return [] if grouped == declared else [f"template.yaml: ParameterGroups has {grouped}, Parameters has {declared}"]


@dataclass(frozen=True)
class _Stack:
    name: str
    path: str
    parameters: Tree


def _stacks(templates: Templates) -> Iterator[_Stack]:
    for place, resource in templates.of_type(*_STACKS):
        properties = resource["Properties"]
        path = str(properties.get("TemplateURL", properties.get("Location")))
        yield _Stack(place.split(": ")[1], path, properties.get("Parameters", {}))


def nested_stacks_get_what_they_ask_for(templates: Templates) -> list[str]:
    """A parameter that is not passed, or not declared, fails at deployment."""
    broken = []
    for stack in _stacks(templates):
        if stack.path not in templates.nested:
            broken.append(f"{stack.name}: {stack.path} is no template in infra/")
            continue
        declared, passed = set(templates.nested[stack.path].get("Parameters", {})), set(stack.parameters)
        broken += [f"{stack.name}: pass the parameter {name} of {stack.path}" for name in sorted(declared - passed)]
        broken += [f"{stack.name}: {stack.path} has no parameter {name}" for name in sorted(passed - declared)]
    idle = set(templates.nested) - {stack.path for stack in _stacks(templates)}
    return broken + [f"{path}: no stack in template.yaml nests it" for path in sorted(idle)]


def nested_outputs_exist(templates: Templates) -> list[str]:
    """cfn-lint reads one template at a time, so it cannot check `Data.Outputs.X`."""
    outputs = {stack.name: templates.nested.get(stack.path, {}).get("Outputs", {}) for stack in _stacks(templates)}
    used = {
        (match[1], match[2])
        for value in walk(templates.main)
        if isinstance(value, str)
        for match in re.finditer(r"\b(\w+)\.Outputs\.(\w+)", value)
    }
    return [
        f"template.yaml: {stack}.Outputs.{output} is used, and {stack} has no such output"
        for stack, output in sorted(used)
        if output not in outputs.get(stack, {})
    ]


def functions_are_in_the_main_template(templates: Templates) -> list[str]:
    """The rules about functions read template.yaml, and SAM's Globals apply to this file only."""
    places = [
        place for place, _ in templates.of_type("AWS::Serverless::Function") if not place.startswith("template.yaml")
    ]
    places += [place for place, _ in templates.of_type("AWS::Lambda::Function")]
    return [f"{place}: make it an AWS::Serverless::Function in template.yaml" for place in places]
