"""Every trigger in the expanded template has a golden event, and every golden event has a trigger."""

import json
from pathlib import Path

import pytest

from tests.architecture.templates import read_templates
from tests.architecture.triggers import STARTS, Trigger, triggers
from tests.golden import NAMES, golden, service_of

# SES sends this event when it accepts an email. No rule asks for it, and the handler must ignore it.
_FROM_NO_RULE = {"ses_sent"}
# The webhook looks at each lead, new or changed.
_ALSO = {"stream_new_leads": {"webhook"}}


@pytest.fixture(scope="module")
def known(expanded: Path) -> list[Trigger]:
    return triggers(json.loads(expanded.read_text(encoding="utf-8")))


def test_every_trigger_has_a_golden_event(known: list[Trigger]) -> None:
    assert {trigger.service for trigger in known} == {
        *("canary", "claim", "delivery", "desk", "erase", "follow_up", "notify", "submit", "webhook")
    }
    missing = [each.missing for each in known if not any(each.brings(name, golden(name)) for name in NAMES)]
    assert not missing, "\n".join(missing)


@pytest.mark.parametrize("name", NAMES)
def test_a_golden_event_comes_from_a_trigger_of_its_function(name: str, known: list[Trigger]) -> None:
    services = {trigger.service for trigger in known if trigger.brings(name, golden(name))}
    assert services == (set() if name in _FROM_NO_RULE else {service_of(name)} | _ALSO.get(name, set())), (
        f"No trigger of {service_of(name)} would deliver tests/events/{name}.json. Correct the event, or delete it."
    )


def test_no_nested_template_starts_a_function() -> None:
    types = {
        (path, resource["Type"])
        for path, tree in read_templates().nested.items()
        for resource in tree["Resources"].values()
    }
    assert not [f"{path}: {name}" for path, name in types if name in STARTS], (
        "Move the triggers of functions to template.yaml: the tests of golden events look only there."
    )


def test_a_trigger_without_a_golden_event_is_noticed() -> None:
    trigger = Trigger("POST /callbacks", "api", "submit", ("/callbacks", "POST"))
    assert not any(trigger.brings(name, golden(name)) for name in NAMES)
    assert "tests/events/api_submit" in trigger.missing


def test_a_resource_that_starts_a_function_in_a_new_way_is_noticed() -> None:
    function = {"Type": "AWS::Lambda::Function", "Properties": {"Handler": "notify.handler.handler"}}
    topic = {"Type": "AWS::SNS::Subscription", "Properties": {"Endpoint": {"Fn::GetAtt": ["Notify", "Arn"]}}}
    with pytest.raises(ValueError, match="AWS::SNS::Subscription"):
        triggers({"Resources": {"Notify": function, "Topic": topic}})
