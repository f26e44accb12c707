"""Every rule notices the mistakes that it is for: each one is tried on a copy of the templates."""

from functools import cache

import pytest

from tests.architecture.mistakes import all_mistakes
from tests.architecture.mutations import Mutation
from tests.architecture.rules import RULES, Rule
from tests.architecture.templates import read_templates

TEMPLATES = read_templates()
MISTAKES = all_mistakes(TEMPLATES)


@cache
def without_mistakes(rule: Rule) -> frozenset[str]:
    return frozenset(rule(TEMPLATES))


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: f"{mistake.rule.__name__}: {mistake.what}")
def test_the_rule_notices(mistake: Mutation) -> None:
    edited = TEMPLATES.changed(mistake.edit)
    assert edited != TEMPLATES, "this edit no longer changes the templates; correct it"
    complaints = set(mistake.rule(edited)) - without_mistakes(mistake.rule)
    assert complaints, f"{mistake.rule.__name__} did not notice: {mistake.what}"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_each_rule_has_a_mistake_to_notice(rule: Rule) -> None:
    assert any(mistake.rule is rule for mistake in MISTAKES), (
        f"add a mistake that {rule.__name__} must notice to tests/architecture/mistakes"
    )
