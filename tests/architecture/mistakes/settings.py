"""Careless edits of a function's environment, handler, timeout and build."""

from collections.abc import Iterator

from shared.leads.alert import LEASE
from tests.architecture.mutations import Mutation, put, remove
from tests.architecture.rules import settings
from tests.architecture.templates import Templates


def mistakes(templates: Templates) -> Iterator[Mutation]:
    """Yield each edit with the rule that must notice it."""
    for function in templates.functions():
        yield from _variables(function.id, templates.main["Resources"][function.id]["Properties"])
    no_table = remove("/Globals/Function/Environment/Variables/TABLE_NAME")
    yield Mutation(settings.functions_get_the_settings_they_read, "no table name for any function", no_table)
    log_events = put("/Globals/Function/Environment/Variables/POWERTOOLS_LOGGER_LOG_EVENT", "true")
    yield Mutation(settings.powertools_is_never_talkative, "every function logs events", log_events)

    too_long = int(LEASE.total_seconds())
    for name in ("NotifyFunction", "FollowUpFunction"):
        outlives = put(f"{name}/Properties/Timeout", too_long)
        yield Mutation(settings.leases_outlive_their_holders, f"{name} may outlive its lease", outlives)

    handler = "SubmitFunction/Properties/Handler"
    yield Mutation(settings.handlers_exist, "a handler with another name", put(handler, "submit.handler.run"))
    yield Mutation(settings.handlers_exist, "a folder that does not exist", put(handler, "post.handler.handler"))

    makefile = settings.the_makefile_builds_what_the_template_names
    yield Mutation(makefile, "a layer is missing", remove("DependenciesLayer"))
    layer = templates.main["Resources"]["DependenciesLayer"]
    yield Mutation(makefile, "a layer that nobody builds", put("MoreDependencies", layer))
    yield Mutation(makefile, "SAM's own builder", remove("SubmitFunction/Metadata"))
    yield Mutation(makefile, "a folder other than the built one", put(handler, "notify.handler.handler"))


def _variables(function: str, properties: dict[str, dict[str, dict[str, object]]]) -> Iterator[Mutation]:
    place = f"{function}/Properties/Environment/Variables"
    read, named = settings.functions_get_the_settings_they_read, settings.functions_name_themselves_by_their_folder
    for name in properties["Environment"]["Variables"]:
        rule = named if name == "POWERTOOLS_SERVICE_NAME" else read
        yield Mutation(rule, f"{function} is not given {name}", remove(f"{place}/{name}"))
    yield Mutation(read, f"{function} is given an unused variable", put(f"{place}/STAGE", "production"))
    yield Mutation(
        named, f"{function} has the name of another service", put(f"{place}/POWERTOOLS_SERVICE_NAME", "leads")
    )
    for name in ("POWERTOOLS_DEV", "POWERTOOLS_LOGGER_LOG_EVENT"):
        yield Mutation(settings.powertools_is_never_talkative, f"{function}: {name}", put(f"{place}/{name}", "true"))
