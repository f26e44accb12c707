import importlib
import pkgutil
import re

import pytest

import tests.architecture.rules
from tests.architecture.rules import RULES, Rule
from tests.architecture.templates import ROOT, read_templates

TEMPLATES = read_templates()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_templates_keep(rule: Rule) -> None:
    broken = rule(TEMPLATES)
    assert not broken, "\n" + "\n".join(broken)


def test_no_rule_is_forgotten() -> None:
    # dashboard.py and grants.py are helpers of the rules.
    names = {module.name for module in pkgutil.iter_modules(tests.architecture.rules.__path__)} - {
        "dashboard",
        "grants",
    }
    written = {
        name
        for module in (importlib.import_module(f"tests.architecture.rules.{name}") for name in names)
        for name, value in vars(module).items()
        if callable(value) and getattr(value, "__module__", "") == module.__name__ and not name.startswith("_")
    }
    missing = written - {rule.__name__ for rule in RULES}
    assert not missing, f"add to RULES in tests/architecture/rules/__init__.py: {sorted(missing)}"


@pytest.mark.parametrize(
    "resource_type",
    [
        "AWS::CloudWatch::Alarm",
        "AWS::CloudWatch::Dashboard",
        "AWS::Cognito::UserPool",
        "AWS::Cognito::UserPoolClient",
        "AWS::DynamoDB::Table",
        "AWS::KMS::Key",
        "AWS::Logs::LogGroup",
        "AWS::SES::ConfigurationSet",
        "AWS::SES::ConfigurationSetEventDestination",
        "AWS::SNS::Topic",
        "AWS::SQS::Queue",
        "AWS::SecretsManager::Secret",
        "AWS::Serverless::Api",
        "AWS::Serverless::Function",
        "AWS::WAFv2::WebACL",
    ],
)
def test_rules_have_something_to_look_at(resource_type: str) -> None:
    assert list(TEMPLATES.of_type(resource_type)), f"no {resource_type} is left, so the rules about it check nothing"


def test_a_function_reads_a_stream() -> None:
    events = [event["Type"] for function in TEMPLATES.functions() for event in function.events.values()]
    assert "DynamoDB" in events, "no function reads the table's stream, so the rules about streams check nothing"


@pytest.mark.parametrize("path", TEMPLATES.files)
def test_each_star_for_a_resource_has_its_reason_beside_it(path: str) -> None:
    text = (ROOT / path).read_text(encoding="utf-8")
    unexplained = [
        f"{path}:{number}: say in a comment on this line why no resource can be named"
        for number, line in enumerate(text.splitlines(), start=1)
        if re.search(r"""Resource:\s*\[?\s*["']\*["']\]?\s*$""", line)
    ]
    assert not unexplained, "\n".join(unexplained)
