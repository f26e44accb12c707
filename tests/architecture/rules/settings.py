"""The template sets exactly the environment variables that the code reads."""

import ast
import importlib
import re

from shared.leads.alert import LEASE
from shared.runtime.settings import Settings
from tests.architecture.source import calls, is_name, parse, reached
from tests.architecture.templates import FUNCTIONS, Function, Templates

# The variables of Powertools. POWERTOOLS_DEV and POWERTOOLS_LOGGER_LOG_EVENT would print what a visitor wrote.
_POWERTOOLS = {"POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE", "POWERTOOLS_LOG_LEVEL"}
# The variables of pydantic and zoneinfo.
_OTHERS = {"PYDANTIC_DISABLE_PLUGINS", "PYTHONTZPATH"}


def handlers_exist(templates: Templates) -> list[str]:
    """`folder.handler.handler` is a function in that module."""
    return [
        f"{function.id}: Handler {function.properties['Handler']} must be FOLDER.handler.handler, defined in functions/"
        for function in templates.functions()
        if not _has_handler(function)
    ]


def _has_handler(function: Function) -> bool:
    module = FUNCTIONS / function.service / "handler.py"
    if function.properties["Handler"] != f"{function.service}.handler.handler" or not module.is_file():
        return False
    tree = parse(module.relative_to(FUNCTIONS))
    return any(isinstance(node, ast.FunctionDef) and node.name == "handler" for node in tree.body)


def functions_get_the_settings_they_read(templates: Templates) -> list[str]:
    """One variable for each field of the settings model that the handler reads."""
    broken = []
    for function in templates.functions():
        if not _has_handler(function):
            continue  # reported above
        tree = parse((FUNCTIONS / function.service / "handler.py").relative_to(FUNCTIONS))
        models = [ast.unparse(call.args[0]) for call in calls(tree) if is_name(call.func, "read_settings")]
        if len(models) != 1:
            broken.append(f"{function.id}: its handler must call read_settings once, but calls it {len(models)} times")
            continue
        model = _model(tree, models[0])
        read = {name.upper() for name in model.model_fields}
        given = {name for name in function.variables if not name.startswith("POWERTOOLS_")} - _OTHERS
        broken += [f"{function.id}: set {name}, which {models[0]} reads" for name in sorted(read - given)]
        broken += [f"{function.id}: remove {name}, which {models[0]} does not read" for name in sorted(given - read)]
    return broken


def _model(handler: ast.Module, name: str) -> type[Settings]:
    """Return the class that `name` is in a handler, from the module that it is imported from."""
    module = next(
        node.module
        for node in handler.body
        if isinstance(node, ast.ImportFrom) and node.module and name in {each.name for each in node.names}
    )
    model: type[Settings] = getattr(importlib.import_module(module), name)
    return model


def functions_name_themselves_by_their_folder(templates: Templates) -> list[str]:
    """The service is the dimension of every metric and a field of every log line; alarms rely on it."""
    return [
        f"{function.id}: set POWERTOOLS_SERVICE_NAME: {function.service}"
        for function in templates.functions()
        if function.variables.get("POWERTOOLS_SERVICE_NAME") != function.service
    ]


def powertools_is_never_talkative(templates: Templates) -> list[str]:
    """Every function has these variables of Powertools and no others."""
    return [
        f"{function.id}: set {sorted(_POWERTOOLS)} and no other POWERTOOLS_ variable: some of them log events"
        for function in templates.functions()
        if {name for name in function.variables if name.startswith("POWERTOOLS_")} != _POWERTOOLS
    ]


def leases_outlive_their_holders(templates: Templates) -> list[str]:
    """If a lease ended while its sender is still running, a second sender could send the same alert."""
    return [
        f"{function.id}: set Timeout below {LEASE.total_seconds():.0f} (shared/leads/alert.py: LEASE)"
        for function in templates.functions()
        if any(module.parts[:2] == ("shared", "messages") for module in reached(function.service))
        and function.properties.get("Timeout", LEASE.total_seconds()) >= LEASE.total_seconds()
    ]


def the_makefile_builds_what_the_template_names(templates: Templates) -> list[str]:
    """`sam build` calls `build-<logical id>`: one target for each function and layer, and no unused ones."""
    makefile = (FUNCTIONS / "Makefile").read_text(encoding="utf-8")
    targets = dict(re.findall(r"^build-(\w+):\s*;?\s*@?(.*)$", makefile, flags=re.MULTILINE))
    built = {
        place.split(": ")[1]: resource
        for place, resource in templates.of_type("AWS::Serverless::Function", "AWS::Serverless::LayerVersion")
    }
    broken = [
        f"{name}: set Metadata BuildMethod: makefile and WorkingDirectory: ."
        for name, resource in built.items()
        if not {"BuildMethod": "makefile", "WorkingDirectory": "."}.items() <= resource.get("Metadata", {}).items()
    ]
    broken += [f"functions/Makefile: add a target build-{name}" for name in sorted(set(built) - set(targets))]
    broken += [
        f"functions/Makefile: remove build-{name}; no resource has it" for name in sorted(set(targets) - set(built))
    ]
    broken += [
        f"functions/Makefile: build-{function.id} must package the folder {function.service}"
        for function in templates.functions()
        if f" function {function.service} " not in targets.get(function.id, f" function {function.service} ")
    ]
    return broken
