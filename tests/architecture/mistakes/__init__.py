"""The mistakes that each rule must notice, one module for each module of rules."""

from tests.architecture.mistakes import (
    alarms,
    api,
    audit,
    domain,
    firewall,
    invocations,
    logs,
    mail,
    parameters,
    roles,
    secrets,
    settings,
    sign_in,
    storage,
    streams,
)
from tests.architecture.mutations import Mutation
from tests.architecture.templates import Templates


def all_mistakes(templates: Templates) -> list[Mutation]:
    """Return every edit of `templates` that a rule must notice."""
    modules = (
        *(streams, storage, mail, invocations, secrets, api, firewall, logs, parameters, roles, audit, domain, sign_in),
        *(settings, alarms),
    )
    return [mutation for module in modules for mutation in module.mistakes(templates)]
