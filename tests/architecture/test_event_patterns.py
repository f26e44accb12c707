"""tests/architecture/event_patterns.py matches events as EventBridge does, and our rules match SES's events."""

import json
from pathlib import Path
from typing import Any

import pytest

from shared.leads.notice import INFORMATION, Notice
from tests.architecture.event_patterns import matches
from tests.architecture.templates import ROOT, read_templates

EVENTS = sorted((ROOT / "tests" / "events").glob("ses_*.json"))
CONFIGURATION_SET = {"Fn::GetAtt": "Email.Outputs.ConfigurationSetName"}


@pytest.mark.parametrize(
    ("pattern", "event", "taken"),
    [
        ({"a": ["x", "y"]}, {"a": "y", "b": 1}, True),
        ({"a": ["x"]}, {"a": "y"}, False),
        ({"a": ["x"]}, {}, False),
        ({"a": ["x"], "b": ["y"]}, {"a": "x", "b": "z"}, False),
        ({"a": ["x"]}, {"a": ["z", "x"]}, True),
        ({"a": {"b": ["x"]}}, {"a": {"b": "x"}}, True),
        ({"a": {"b": ["x"]}}, {"a": "x"}, False),
        ({"a": [{"anything-but": ["x"]}]}, {"a": "y"}, True),
        ({"a": [{"anything-but": "x"}]}, {"a": "x"}, False),
        ({"a": [{"anything-but": ["x"]}]}, {"a": ["x"]}, False),
        ({"a": [{"anything-but": ["x"]}]}, {"a": ["x", "y"]}, True),
        ({"a": [{"anything-but": ["x"]}]}, {}, False),  # a missing field is not "anything"
        ({"$or": [{"a": ["x"]}, {"b": ["y"]}]}, {"b": "y"}, True),
        ({"$or": [{"a": ["x"]}, {"b": ["y"]}]}, {"a": "y", "b": "x"}, False),
        ({"a": ["x"], "$or": [{"b": ["y"]}, {"c": ["z"]}]}, {"a": "w", "b": "y"}, False),
    ],
)
def test_a_pattern_matches_as_aws_documents(pattern: dict[str, Any], event: object, *, taken: bool) -> None:
    assert matches(pattern, event) is taken


def test_an_operator_that_is_not_known_is_no_match_by_accident() -> None:
    with pytest.raises(ValueError, match="prefix"):
        matches({"a": [{"prefix": "x"}]}, {"a": "x"})


@pytest.mark.parametrize("path", EVENTS, ids=lambda path: path.stem)
def test_the_rules_match_each_golden_event_but_deliveries_of_information(path: Path) -> None:
    events = read_templates().main["Resources"]["DeliveryFunction"]["Properties"]["Events"]
    patterns = [event["Properties"]["Pattern"] for event in events.values()]
    for notice in Notice:
        event = json.loads(path.read_text("utf-8"))
        event["detail"]["mail"]["tags"] |= {"notice": [notice], "ses:configuration-set": [CONFIGURATION_SET]}
        arrives = path.stem in {"ses_delivered", "ses_delayed"}
        wanted = path.stem != "ses_sent" and not (arrives and notice in INFORMATION)
        assert sum(matches(pattern, event) for pattern in patterns) == wanted
