"""What starts our functions, read from the expanded template, and which golden events each trigger would deliver."""

import copy
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.architecture.event_patterns import matches

# The resource types that start functions, and which golden events they deliver: tests/events/KIND_*.json.
STARTS = {
    "AWS::ApiGateway::RestApi": "api",
    "AWS::Events::Rule": "ses",
    "AWS::Lambda::EventSourceMapping": "stream",
    "AWS::Scheduler::Schedule": "schedule",
}
# Resources that mention a function and start none.
_HARMLESS = {
    "AWS::ApiGateway::Deployment",  # repeats its API's triggers
    "AWS::ApiGateway::Stage",
    "AWS::CloudFormation::Stack",
    "AWS::IAM::Role",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::Lambda::Function",
    "AWS::Lambda::Permission",
    "AWS::Logs::LogGroup",
}


@dataclass(frozen=True)
class Trigger:
    """One thing that starts a function. `detail` is a path with its method, or the events that it delivers."""

    place: str
    kind: str
    service: str
    detail: Any

    def brings(self, name: str, event: Mapping[str, Any]) -> bool:
        """Whether this trigger could deliver a golden event."""
        if not name.startswith(f"{self.kind}_"):
            return False
        match self.kind:
            case "api":
                return bool(self.detail[0] == event["resource"] and self.detail[1] in {"ANY", event["httpMethod"]})
            case "schedule":
                return name == f"schedule_{self.service}"
            case "stream":
                return all(any(matches(each, record) for each in self.detail) for record in event["Records"])
        return matches(self.detail, _as_sent_by(self.detail, event))

    @property
    def missing(self) -> str:
        """What to do if there is no golden event."""
        return (
            f"{self.place} has no golden event. Add tests/events/{self.kind}_{self.service}.json (or a longer name),"
            " in the shape of AWS's documentation (tests/golden.py has the links),"
            " and its result to RETURNED in tests/unit/test_golden_events.py."
        )


def _as_sent_by(pattern: Mapping[str, Any], event: Mapping[str, Any]) -> dict[str, Any]:
    """Return a report of SES with this stack's configuration set, which a golden event cannot know."""
    sent, name = copy.deepcopy(dict(event)), "ses:configuration-set"
    sent["detail"]["mail"]["tags"][name] = pattern["detail"]["mail"]["tags"][name]
    return sent


def triggers(template: Mapping[str, Any]) -> list[Trigger]:
    """Return all triggers of an expanded template. Raises ValueError for a type of resource that is not known here."""
    resources = template["Resources"]
    services = {
        name: str(resource["Properties"]["Handler"]).partition(".")[0]
        for name, resource in resources.items()
        if resource["Type"] == "AWS::Lambda::Function"
    }
    found: list[Trigger] = []
    for name, resource in resources.items():
        text = json.dumps(resource)
        mentions = any(f'"{function}"' in text or f"${{{function}." in text for function in services)
        kind = STARTS.get(resource["Type"])
        if kind is None and mentions and resource["Type"] not in _HARMLESS:
            raise ValueError(f"{name}: teach tests/architecture/triggers.py what {resource['Type']} starts")
        if kind:
            found += _of(name, kind, resource["Properties"], services)
    return found


def _of(name: str, kind: str, properties: Mapping[str, Any], services: Mapping[str, str]) -> Iterator[Trigger]:
    def service(value: object) -> str:
        (found,) = {each for function, each in services.items() if function in json.dumps(value)}
        return found

    match kind:
        case "api":
            for path, methods in properties["Body"]["paths"].items():
                for method, operation in methods.items():
                    integration = operation.get("x-amazon-apigateway-integration", {})
                    if integration.get("type", "").lower() == "aws_proxy":
                        verb = "ANY" if method == "x-amazon-apigateway-any-method" else method.upper()
                        yield Trigger(f"{verb} {path}", kind, service(integration["uri"]), (path, verb))
        case "stream":
            patterns = [json.loads(each["Pattern"]) for each in properties["FilterCriteria"]["Filters"]]
            yield Trigger(name, kind, service(properties["FunctionName"]), patterns)
        case "schedule":
            yield Trigger(name, kind, service(properties["Target"]["Arn"]), None)
        case "ses":
            for target in properties["Targets"]:
                yield Trigger(name, kind, service(target["Arn"]), properties["EventPattern"])
