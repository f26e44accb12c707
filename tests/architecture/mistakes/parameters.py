"""Careless edits of parameters and of what is passed between the templates."""

from collections.abc import Iterator

from tests.architecture.mutations import Mutation, put, remove
from tests.architecture.rules import parameters
from tests.architecture.templates import Templates


def mistakes(templates: Templates) -> Iterator[Mutation]:
    """Yield each edit with the rule that must notice it."""
    explained = parameters.parameters_explain_themselves
    for name in templates.main["Parameters"]:
        for text in ("Description", "ConstraintDescription"):
            yield Mutation(explained, f"{name} without {text}", remove(f"/Parameters/{name}/{text}"))
    anything = remove("/Parameters/SenderAddress/AllowedPattern")
    yield Mutation(explained, "a parameter that accepts anything", anything)
    for path, tree in templates.nested.items():
        for name in tree.get("Parameters", {}):
            silent = remove(f"/Parameters/{name}/Description", path)
            yield Mutation(explained, f"{path}: {name} without Description", silent)

    yield Mutation(
        parameters.parameters_are_grouped, "a parameter in no group", put("/Parameters/New", {"Type": "String"})
    )

    passed = parameters.nested_stacks_get_what_they_ask_for
    yield Mutation(passed, "a parameter is not passed", remove("Monitoring/Properties/Parameters/AlarmsTopic"))
    too_many = put("Data/Properties/Parameters", {"OpsEmail": {"Ref": "OpsEmail"}})
    yield Mutation(passed, "an unknown parameter is passed", too_many)
    yield Mutation(passed, "a nested stack is missing", remove("Monitoring"))
    yield Mutation(passed, "a file that does not exist", put("Data/Properties/TemplateURL", "infra/table.yaml"))

    gone = remove("/Outputs/StreamArn", "infra/data.yaml")
    yield Mutation(parameters.nested_outputs_exist, "an output is missing", gone)

    in_main = parameters.functions_are_in_the_main_template
    extra = {"Type": "AWS::Serverless::Function", "Properties": {}}
    yield Mutation(in_main, "a function in a nested template", put("Extra", extra, "infra/data.yaml"))
    plain = {"Type": "AWS::Lambda::Function", "Properties": {}}
    yield Mutation(in_main, "a function without SAM", put("Extra", plain))
