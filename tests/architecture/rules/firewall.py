"""The firewall limits posts and judges nobody. It keeps no addresses and no links of visitors or staff."""

from collections.abc import Iterator
from typing import Final

from tests.architecture.templates import Templates, Tree, ref

_FILE: Final = "infra/firewall.yaml"
_ACL: Final = "AWS::WAFv2::WebACL"
_ASSOCIATION: Final = "AWS::WAFv2::WebACLAssociation"
_STAGE: Final = {"Fn::Sub": "arn:${AWS::Partition}:apigateway:${AWS::Region}::/restapis/${ApiId}/stages/${ApiStage}"}
# Requests of one address in five minutes: fewer would lock out a waiting room, more would let a flood through.
_LIMITS: Final = range(60, 501)
_EXPOSED: Final = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "Retry-After"}


def the_firewall_keeps_no_samples(templates: Templates) -> list[str]:
    """A sample is a whole request: the visitor's address, or the token of a link."""
    return [
        f"{place}: set SampledRequestsEnabled: false and CloudWatchMetricsEnabled: true, for the ACL and each rule"
        for place, acl in templates.of_type(_ACL)
        for owner in (acl["Properties"], *_rules(acl))
        if owner.get("VisibilityConfig", {}).get("SampledRequestsEnabled") is not False
        or owner["VisibilityConfig"].get("CloudWatchMetricsEnabled") is not True
    ] + [
        f"{place}: remove it; it logs whole requests"
        for place, _ in templates.of_type("AWS::WAFv2::LoggingConfiguration")
    ]


def the_firewall_lets_everything_else_through(templates: Templates) -> list[str]:
    """Only the rate rule blocks. AWS's lists of addresses may be wrong about a person, who would be lost."""
    broken = []
    for place, acl in templates.of_type(_ACL):
        if acl["Properties"].get("DefaultAction") != {"Allow": {}}:
            broken.append(f"{place}: set DefaultAction: {{ Allow: {{}} }}")
        for rule in _rules(acl):
            if "ManagedRuleGroupStatement" in rule["Statement"]:
                judges = rule.get("OverrideAction") != {"Count": {}}
            else:
                judges = "RateBasedStatement" not in rule["Statement"] and rule.get("Action") != {"Count": {}}
            if judges:
                broken.append(f"{place}: let {rule['Name']} count and not block")
    return broken


def the_firewall_limits_posts_only(templates: Templates) -> list[str]:
    """The limit is per address and for POST on /consultations: pages and links always open."""
    broken = []
    for place, acl in templates.of_type(_ACL):
        limits = [rate for rule in _rules(acl) if (rate := rule["Statement"].get("RateBasedStatement"))]
        if not limits:
            broken.append(f"{place}: add a rule with a RateBasedStatement")
        for rate in limits:
            parts = rate.get("ScopeDownStatement", {}).get("AndStatement", {}).get("Statements", [])
            matched = {
                (*part["ByteMatchStatement"]["FieldToMatch"], part["ByteMatchStatement"]["SearchString"])
                for part in parts
                if "ByteMatchStatement" in part
            }
            if matched != {("Method", "POST"), ("UriPath", "/consultations")} or len(parts) != len(matched):
                broken.append(f"{place}: let the ScopeDownStatement match POST and /consultations, and nothing else")
            if (rate.get("AggregateKeyType"), rate.get("EvaluationWindowSec")) != ("IP", 300):
                broken.append(f"{place}: set AggregateKeyType: IP and EvaluationWindowSec: 300")
            if rate.get("Limit") not in _LIMITS:
                broken.append(f"{place}: set Limit to {_LIMITS.start} to {_LIMITS.stop - 1}: an office is one address")
    return broken


def the_firewall_says_where_to_get_help(templates: Templates) -> list[str]:
    """Anyone who is blocked gets a 429 that browsers' scripts can read, and a page with numbers to call."""
    broken = []
    for place, acl in templates.of_type(_ACL):
        bodies = acl["Properties"].get("CustomResponseBodies", {})
        for rule in _rules(acl):
            if "RateBasedStatement" not in rule["Statement"]:
                continue
            response = rule.get("Action", {}).get("Block", {}).get("CustomResponse", {})
            headers = {header["Name"]: header["Value"] for header in response.get("ResponseHeaders", [])}
            body = bodies.get(response.get("CustomResponseBodyKey"), {})
            text = str(body.get("Content", {}))
            if response.get("ResponseCode") != 429 or not headers.get("Retry-After", "").isdigit():
                broken.append(f"{place}: let {rule['Name']} answer 429 with Retry-After")
            if not _EXPOSED.items() <= headers.items():
                broken.append(f"{place}: let {rule['Name']} set {_EXPOSED}, or form.js cannot read the answer")
            if {"X-Frame-Options", "Content-Security-Policy"} & set(headers):
                broken.append(f"{place}: remove what keeps the answer of {rule['Name']} out of a frame")
            if body.get("ContentType") != "TEXT_HTML" or not all(
                word in text for word in ("<!doctype html>", "tel:988", "tel:911", "${ClinicPhone}")
            ):
                broken.append(f"{place}: let {rule['Name']} show a page with 988, 911 and ClinicPhone")
    return broken


def the_firewall_is_in_front_of_the_api(templates: Templates) -> list[str]:
    """A web ACL without an association does nothing. The parameter Firewall is on by default."""
    acls = {place.split(": ")[1] for place, _ in templates.of_type(_ACL)}
    guarded = {
        str(association["Properties"]["WebACLArn"].get("Fn::GetAtt", "")).removesuffix(".Arn")
        for _, association in templates.of_type(_ASSOCIATION)
        if association["Properties"].get("ResourceArn") == _STAGE
    }
    broken = [f"{_FILE}: associate a web ACL with the API's stage"] if not acls or acls - guarded else []
    stacks = [
        stack
        for _, stack in templates.of_type("AWS::CloudFormation::Stack")
        if stack["Properties"].get("TemplateURL") == _FILE
    ]
    wanted = {"ApiId": "Api", "ApiStage": "Api.Stage"}
    passed = [{name: ref(stack["Properties"]["Parameters"].get(name)) for name in wanted} for stack in stacks]
    if passed != [wanted]:
        broken.append(f"template.yaml: nest {_FILE} once, with ApiId: !Ref Api and ApiStage: !Ref Api.Stage")
    conditions = [stack.get("Condition") for stack in stacks]
    equals = templates.main["Conditions"].get("HasFirewall")
    default = templates.main["Parameters"].get("Firewall", {}).get("Default")
    if conditions != ["HasFirewall"] or equals != {"Fn::Equals": [{"Ref": "Firewall"}, "yes"]} or default != "yes":
        broken.append('template.yaml: create the firewall if the parameter Firewall is "yes", which is its default')
    return broken


def _rules(acl: Tree) -> Iterator[Tree]:
    yield from acl["Properties"].get("Rules", [])
