"""Careless edits of the firewall."""

from collections.abc import Iterator

from tests.architecture.mutations import Mutation, put, remove
from tests.architecture.rules import firewall
from tests.architecture.templates import Templates

_FILE = "infra/firewall.yaml"
_ACL = "Firewall/Properties"
_RATE = f"{_ACL}/Rules/0"
_LIST = f"{_ACL}/Rules/1"
_LIMIT = f"{_RATE}/Statement/RateBasedStatement"
_POSTS = f"{_LIMIT}/ScopeDownStatement/AndStatement/Statements"
_RESPONSE = f"{_RATE}/Action/Block/CustomResponse"


def mistakes(templates: Templates) -> Iterator[Mutation]:
    """Yield each edit with the rule that must notice it."""
    samples = firewall.the_firewall_keeps_no_samples
    for what, place in (("the ACL", _ACL), ("the rate rule", _RATE), ("AWS's list", _LIST)):
        on = put(f"{place}/VisibilityConfig/SampledRequestsEnabled", value=True, file=_FILE)
        yield Mutation(samples, f"samples of {what}", on)
        uncounted = put(f"{place}/VisibilityConfig/CloudWatchMetricsEnabled", value=False, file=_FILE)
        yield Mutation(samples, f"no metrics of {what}", uncounted)
    logged = {"Type": "AWS::WAFv2::LoggingConfiguration", "Properties": {}}
    yield Mutation(samples, "a log of whole requests", put("Log", logged, _FILE))

    through = firewall.the_firewall_lets_everything_else_through
    yield Mutation(through, "blocks by default", put(f"{_ACL}/DefaultAction", {"Block": {}}, _FILE))
    yield Mutation(through, "blocks who is on AWS's list", put(f"{_LIST}/OverrideAction", {"None": {}}, _FILE))
    countries = {"GeoMatchStatement": {"CountryCodes": ["CA"]}}
    rules = templates.files[_FILE]["Resources"]["Firewall"]["Properties"]["Rules"]
    abroad = {**rules[0], "Name": "abroad", "Statement": countries, "Action": {"Block": {}}}
    yield Mutation(through, "blocks a country", put(f"{_ACL}/Rules", [*rules, abroad], _FILE))

    yield from _limits()
    yield from _answer()

    front = firewall.the_firewall_is_in_front_of_the_api
    yield Mutation(front, "no association", remove("Association", _FILE))
    yield Mutation(front, "an association with another API", put("Association/Properties/ResourceArn", "other", _FILE))
    yield Mutation(front, "no nested stack", remove("WebFirewall"))
    yield Mutation(front, "another stage", put("WebFirewall/Properties/Parameters/ApiStage", "v2"))
    yield Mutation(front, "off by default", put("/Parameters/Firewall/Default", "no"))
    yield Mutation(front, "always on", remove("WebFirewall/Condition"))
    never = put("/Conditions/HasFirewall", {"Fn::Equals": [{"Ref": "Firewall"}, "on"]})
    yield Mutation(front, "never on", never)


def _limits() -> Iterator[Mutation]:
    posts = firewall.the_firewall_limits_posts_only
    yield Mutation(posts, "no rate rule", remove(_RATE, _FILE))
    yield Mutation(posts, "limits every request", remove(f"{_LIMIT}/ScopeDownStatement", _FILE))
    yield Mutation(posts, "limits any method", remove(f"{_POSTS}/0", _FILE))
    yield Mutation(posts, "limits any path", remove(f"{_POSTS}/1", _FILE))
    claims = put(f"{_POSTS}/1/ByteMatchStatement/SearchString", "/claim", _FILE)
    yield Mutation(posts, "limits the pages behind links", claims)
    yield Mutation(posts, "a limit that an office reaches", put(f"{_LIMIT}/Limit", 10, _FILE))
    yield Mutation(posts, "a limit that a flood does not reach", put(f"{_LIMIT}/Limit", 2000, _FILE))
    yield Mutation(posts, "one limit for everyone", put(f"{_LIMIT}/AggregateKeyType", "CONSTANT", _FILE))
    yield Mutation(posts, "another window", put(f"{_LIMIT}/EvaluationWindowSec", 60, _FILE))


def _answer() -> Iterator[Mutation]:
    answer = firewall.the_firewall_says_where_to_get_help
    yield Mutation(answer, "AWS's own 403", put(f"{_RATE}/Action", {"Block": {}}, _FILE))
    yield Mutation(answer, "another status", put(f"{_RESPONSE}/ResponseCode", 403, _FILE))
    yield Mutation(answer, "no headers", put(f"{_RESPONSE}/ResponseHeaders", [], _FILE))
    unread = [{"Name": "Retry-After", "Value": "300"}]
    yield Mutation(answer, "an answer that no script can read", put(f"{_RESPONSE}/ResponseHeaders", unread, _FILE))
    unframed = put(f"{_RESPONSE}/ResponseHeaders/2/Name", "X-Frame-Options", _FILE)
    yield Mutation(answer, "an answer that no frame shows", unframed)
    yield Mutation(answer, "another body", put(f"{_RESPONSE}/CustomResponseBodyKey", "other", _FILE))
    short = {"ContentType": "TEXT_HTML", "Content": "<!doctype html>Call 911"}
    yield Mutation(answer, "no numbers", put(f"{_ACL}/CustomResponseBodies/too-many", short, _FILE))
    plain = put(f"{_ACL}/CustomResponseBodies/too-many/ContentType", "TEXT_PLAIN", _FILE)
    yield Mutation(answer, "no page", plain)
