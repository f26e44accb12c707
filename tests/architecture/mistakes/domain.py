"""Careless edits of the options."""

from collections.abc import Iterator

from tests.architecture.mutations import Mutation, put, remove
from tests.architecture.rules import domain
from tests.architecture.templates import Templates

_FILE = "infra/domain.yaml"


def mistakes(_templates: Templates) -> Iterator[Mutation]:
    """Yield each edit with the rule that must notice it."""
    host = domain.the_domain_changes_the_host_alone
    yield Mutation(host, "another path", put("Paths/Properties/BasePath", "api", _FILE))
    yield Mutation(host, "no path", remove("Paths/Properties/BasePath", _FILE))
    yield Mutation(host, "another stage", put("Paths/Properties/Stage", "v2", _FILE))

    tls = domain.the_domain_is_served_over_new_tls
    yield Mutation(tls, "old TLS", put("Domain/Properties/SecurityPolicy", "TLS_1_0", _FILE))
    yield Mutation(tls, "old TLS by default", remove("Domain/Properties/SecurityPolicy", _FILE))
    edge = put("Domain/Properties/EndpointConfiguration", {"Types": ["EDGE"]}, _FILE)
    yield Mutation(tls, "a domain at the edge", edge)

    off = domain.options_are_off_by_default
    yield Mutation(off, "a domain always", remove("OwnDomain/Condition"))
    yield Mutation(off, "a budget always", remove("AccountBudget/Condition"))
    yield Mutation(off, "a budget of ten", put("/Parameters/MonthlyBudget/Default", 10))
