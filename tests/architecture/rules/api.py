"""The public API: throttled, answered by our own code only, with logs that name no visitor."""

import itertools
import json
import re
from collections.abc import Iterator
from math import floor

from tests.architecture.templates import Templates, public_url, ref, walk

_API = "AWS::Serverless::Api"
_GATEWAY_WAITS = 29  # seconds: API Gateway's limit for a REST API's integration

_NEW_ACCOUNT = 10  # functions at once: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
_COLD_SECONDS = 0.587  # a call that starts submit: docs/performance/README.md

_STAFF_PATHS = ("/~1claim~1{token}", "/~1desk", "/~1desk~1{proxy+}")
_STAFF_METHODS = ("GET", "HEAD", "POST")
_THROTTLES = ("ThrottlingRateLimit", "ThrottlingBurstLimit")

# How submit gets the sites whose scripts may read its responses.
_ORIGINS = {"Fn::Join": [",", {"Ref": "AllowedOrigins"}]}

# The fields that an access log line may contain: no address, no browser, no query string, no path as typed.
_LOGGED = {
    "requestId",
    "requestTime",
    "httpMethod",
    "resourcePath",
    "status",
    "error.responseType",
    "responseLatency",
    "integrationLatency",
    "responseLength",
}


def every_request_is_throttled(templates: Templates) -> list[str]:
    """One setting for all methods and paths, with a rate and a burst."""
    broken = []
    for place, api in templates.of_type(_API):
        everything = [
            setting
            for setting in api["Properties"].get("MethodSettings", [])
            if (setting.get("ResourcePath"), setting.get("HttpMethod")) == ("/*", "*")
        ]
        broken += [
            f"{place}: set {limit} in the MethodSettings for ResourcePath /* and HttpMethod *"
            for limit in ("ThrottlingRateLimit", "ThrottlingBurstLimit")
            if not any(limit in setting for setting in everything)
        ]
    return broken


def a_new_account_can_answer_a_burst(templates: Templates) -> list[str]:
    """An account starts with ten functions at once. Beyond that, Lambda refuses requests, and also alerts.

    The most calls at once: a whole burst in which each call starts a function, and those that follow until the first
    one is answered.
    """
    rate, burst = (templates.main["Parameters"][name]["Default"] for name in ("ThrottleRate", "ThrottleBurst"))
    at_once = burst + floor(rate * _COLD_SECONDS)
    if at_once <= _NEW_ACCOUNT:
        return []
    return [f"template.yaml: lower the default of ThrottleBurst: {at_once} calls could run at once in a new account"]


def staff_pages_are_throttled_apart(templates: Templates) -> list[str]:
    """A flood of requests must not keep staff from claiming one, or lock them out. These limits do not follow
    `ThrottleRate`.

    In a path of MethodSettings, `~1` stands for a slash. API Gateway keeps the settings by the method of a call, also
    for a path with the method ANY.
    """
    broken = []
    for place, api in templates.of_type(_API):
        for path, method in itertools.product(_STAFF_PATHS, _STAFF_METHODS):
            own = [
                setting
                for setting in api["Properties"].get("MethodSettings", [])
                if (setting.get("ResourcePath"), setting.get("HttpMethod")) == (path, method)
            ]
            limits = [[setting.get(name) for name in _THROTTLES] for setting in own]
            if len(limits) != 1 or not all(isinstance(limit, int) and limit > 0 for limit in limits[0]):
                broken.append(f"{place}: set {_THROTTLES} to numbers for ResourcePath {path}, {method}")
    return broken


def requests_are_never_quoted(templates: Templates) -> list[str]:
    """Execution logs and data traces copy whole requests into CloudWatch."""
    broken = []
    for place, api in templates.of_type(_API):
        settings = api["Properties"].get("MethodSettings", [])
        if any(setting.get("DataTraceEnabled") is not False for setting in settings):
            broken.append(f"{place}: set DataTraceEnabled: false in every MethodSettings entry")
        if any(setting.get("LoggingLevel") != "OFF" for setting in settings):
            broken.append(f'{place}: set LoggingLevel: "OFF" in every MethodSettings entry')
    return broken


def access_logs_tell_nothing_of_the_visitor(templates: Templates) -> list[str]:
    """Each line is JSON with fields that never identify a person.

    `resourcePath` is a path of the template. `path` is the requested one, with a link's token in it.
    """
    broken = []
    for place, api in templates.of_type(_API):
        line = api["Properties"].get("AccessLogSetting", {}).get("Format", "")
        if extra := set(re.findall(r"\$context\.([A-Za-z.]+)", line)) - _LOGGED:
            broken.append(f"{place}: remove {sorted(extra)} from AccessLogSetting.Format: it may identify the visitor")
        try:
            json.loads(line)
        except ValueError:
            broken.append(f"{place}: AccessLogSetting.Format must be one JSON object")
    return broken


def preflights_are_answered_by_our_code(templates: Templates) -> list[str]:
    """A Cors property would answer for any site before our own check of the origin."""
    apis = [(place, api["Properties"]) for place, api in templates.of_type(_API)]
    shared = [(f"Globals.{kind}", templates.main["Globals"].get(kind, {})) for kind in ("Api", "HttpApi")]
    return [
        f"{place}: remove Cors; submit/cors.py answers, for the origins of AllowedOrigins"
        for place, properties in apis + shared
        if "Cors" in properties
    ]


def no_wildcard_is_an_origin(templates: Templates) -> list[str]:
    """The origins come from one parameter, whose pattern rejects * in any form."""
    broken = [
        f"{function.id}: set ALLOWED_ORIGINS from the parameter AllowedOrigins and nothing else"
        for function in templates.functions()
        if function.variables.get("ALLOWED_ORIGINS", _ORIGINS) != _ORIGINS
    ]
    pattern = templates.main["Parameters"]["AllowedOrigins"].get("AllowedPattern", "")
    broken += [
        f"template.yaml: the AllowedPattern of AllowedOrigins lets {origin!r} pass"
        for origin in ("*", "https://*", "https://*.example.com", "null", "https://www.example.com/contact")
        if re.fullmatch(pattern or ".*", origin)
    ]
    return broken


def the_api_is_the_only_way_in(templates: Templates) -> list[str]:
    """A function URL or an HTTP API would bypass this throttle and any firewall."""
    broken = [
        f"{function.id}: remove FunctionUrlConfig"
        for function in templates.functions()
        if "FunctionUrlConfig" in function.properties
    ]
    broken += [
        f"{place}: use a REST API, which AWS WAF can protect"
        for place, _ in templates.of_type("AWS::Serverless::HttpApi")
    ]
    for function in templates.functions():
        for name, event in function.events.items():
            if event["Type"] == "HttpApi":
                broken.append(f"{function.id}.Events.{name}: use Type Api")
            elif event["Type"] == "Api" and ref(event["Properties"].get("RestApiId")) is None:
                broken.append(
                    f"{function.id}.Events.{name}: name the API (RestApiId), or SAM makes one without a throttle"
                )
    return broken


def answers_come_before_the_gateway_gives_up(templates: Templates) -> list[str]:
    """A visitor gets our words, not API Gateway's."""
    return [
        f"{function.id}: set Timeout below {_GATEWAY_WAITS}, API Gateway's own limit"
        for function in templates.functions()
        if any(event["Type"] == "Api" for event in function.events.values())
        and function.properties.get("Timeout", _GATEWAY_WAITS) >= _GATEWAY_WAITS
    ]


def nothing_is_traced(templates: Templates) -> list[str]:
    """API Gateway's traces contain the visitor's address and the URL with its query. A function's own traces only cost
    money.
    """
    broken = [
        f"{place}: remove TracingEnabled; see docs/decisions/0005-no-traces.md"
        for place, api in templates.of_type(_API)
        if api["Properties"].get("TracingEnabled", False) is not False
    ]
    # SAM can turn tracing on for all APIs in Globals, too.
    if templates.main.get("Globals", {}).get("Api", {}).get("TracingEnabled", False) is not False:
        broken.append("template.yaml: remove TracingEnabled from Globals")
    broken += [
        f"{function.id}: set Tracing: PassThrough; see docs/decisions/0005-no-traces.md"
        for function in templates.functions()
        if function.properties.get("Tracing") != "PassThrough"
    ]
    return broken


def bodies_arrive_as_they_were_sent(templates: Templates) -> list[str]:
    """As text, characters in another encoding than UTF-8 would be lost before our code sees them."""
    return [
        f"{place}: set BinaryMediaTypes: [multipart~1form-data]"
        for place, api in templates.of_type(_API)
        if api["Properties"].get("BinaryMediaTypes") != ["multipart~1form-data"]
    ]


def every_deployment_reaches_the_stage(templates: Templates) -> list[str]:
    """SAM does not notice a changed parameter in the definition, so API Gateway would keep the old one."""
    return [
        f"{place}: set AlwaysDeploy: true, or API Gateway's own responses keep the old ClinicPhone"
        for place, api in templates.of_type(_API)
        if api["Properties"].get("AlwaysDeploy") is not True
    ]


def the_gateways_own_answers_help(templates: Templates) -> list[str]:
    """Visitors who are throttled or reach a broken function see where to get help, as JSON or as a page."""
    broken = []
    for place, api in templates.of_type(_API):
        answers = api["Properties"].get("GatewayResponses", {})
        for kind in _GATEWAY_ANSWERS:
            words = answers.get(kind, {}).get("ResponseTemplates", {})
            for media_type, sound in (("application/json", _is_json), ("text/html", _is_page)):
                text = _filled_in(words.get(media_type))
                if not (sound(text) and all(help_ in text for help_ in ("988", "911", _PHONE))):
                    broken.append(
                        f"{place}: let GatewayResponses/{kind} return {media_type} that shows 988, 911 and ClinicPhone"
                    )
    return broken


def any_site_may_read_the_gateways_own_answers(templates: Templates) -> list[str]:
    """A script must see that it has to wait, or that it need not try again. A form in a frame gets its answer there."""
    broken = []
    for place, api in templates.of_type(_API):
        for kind, answer in api["Properties"].get("GatewayResponses", {}).items():
            headers = answer.get("ResponseParameters", {}).get("Headers", {})
            if headers.get("Access-Control-Allow-Origin") != "'*'":
                broken.append(f"{place}: set Access-Control-Allow-Origin: \"'*'\" in GatewayResponses/{kind}")
            if {"X-Frame-Options", "Content-Security-Policy"} & set(headers):
                broken.append(f"{place}: remove what keeps GatewayResponses/{kind} out of a frame")
            waits = re.fullmatch("'[0-9]+'", headers.get("Retry-After", "")) is not None
            if waits != (kind in _PASSING) or (
                waits and headers.get("Access-Control-Expose-Headers") != "'Retry-After'"
            ):
                broken.append(f"{place}: set Retry-After in {sorted(_PASSING)} alone, and expose it: {kind}")
    return broken


def the_own_address_of_the_api_is_answered(templates: Templates) -> list[str]:
    """`{proxy+}` does not match the path "/", and API Gateway would answer it with an error."""
    found = [
        function.service
        for function in templates.functions()
        for event in function.events.values()
        if event["Type"] == "Api"
        and (event["Properties"].get("Path"), event["Properties"].get("Method")) == ("/", "ANY")
    ]
    return [] if found == ["submit"] else ["template.yaml: let submit handle ANY /"]


def links_in_mails_lead_here(templates: Templates) -> list[str]:
    """A link begins with the API's own address or with PublicUrl. The API has a route for the rest of the link."""
    own = templates.main["Outputs"]["ApiUrl"]["Value"]
    expected = public_url(own)
    # The desk takes the API's address from each request: see no_function_of_the_api_needs_the_api. It cannot wait for a
    # domain that needs the API.
    asked = public_url("", waits=False)
    broken = [
        f"{function.id}: set PUBLIC_URL to {wanted}"
        for function in templates.functions()
        for wanted in [asked if function.service == "desk" else expected]
        if function.variables.get("PUBLIC_URL", wanted) != wanted
    ]
    # Another function's /{proxy+} would answer the link with "page not found".
    paths = {
        event["Properties"].get("Path"): function.service
        for function in templates.functions()
        for event in function.events.values()
        if event["Type"] == "Api" and event["Properties"].get("Method") == "ANY"
    }
    if paths.get("/claim/{token}") != "claim":
        broken.append("template.yaml: let claim handle ANY /claim/{token}, the path in shared/leads/link.py")
    broken += [
        f"template.yaml: let desk handle ANY {path}"
        for path in ("/desk", "/desk/{proxy+}")
        if paths.get(path) != "desk"
    ]
    pattern = templates.main["Parameters"]["PublicUrl"].get("AllowedPattern", "")
    broken += [
        f"template.yaml: the AllowedPattern of PublicUrl lets {address!r} pass"
        for address in _NO_PUBLIC_URLS
        if re.fullmatch(pattern or ".*", address)
    ]
    return broken


def no_function_of_the_api_needs_the_api(templates: Templates) -> list[str]:
    """The API's definition names its functions, so CloudFormation could create neither of them first.

    SAM's template hides this: only its expansion has the definition.
    """
    return [
        f"{function.id}: it needs the Api through {' and '.join(chain)}; take the address from each request, and the"
        " client from the pool"
        for function in templates.functions()
        if any(event["Type"] == "Api" for event in function.events.values())
        for chain in [_way_to_the_api(templates, function.id)]
        if chain
    ]


def _way_to_the_api(templates: Templates, start: str) -> list[str]:
    """Return what leads from a function to the API, resource by resource, or nothing."""
    resources = templates.main["Resources"]
    ways, seen = [[start]], {start}
    for way in ways:
        resource = resources[way[-1]]
        # SAM makes a function's events part of the API, not of the function.
        needed = {name: value for name, value in resource.get("Properties", {}).items() if name != "Events"}
        for name in dict.fromkeys(_named(needed)):
            if name == "Api":
                return [*way[1:], name]
            if name in resources and name not in seen:
                seen.add(name)
                ways.append([*way, name])
    return []


def _named(value: object) -> Iterator[str]:
    """Yield each resource or parameter that a value refers to."""
    for part in walk(value):
        match part:
            case {"Ref": str(name)}:
                yield name
            case {"Fn::GetAtt": str(name)}:
                yield name.partition(".")[0]
            case {"Fn::Sub": str(text)} | {"Fn::Sub": [str(text), *_]}:
                yield from re.findall(r"\$\{(\w+)", text)


_NO_PUBLIC_URLS = (
    "http://leads.example.com/v1",  # anyone who intercepts a link could use it
    "https://leads.example.com/v1/",
    "https://leads.example.com/v1?a=b",
    "https://leads.example.com/v1#a",
    "https://someone@leads.example.com",
    "leads.example.com",
    "javascript:alert(1)",
)
_GATEWAY_ANSWERS = ("DEFAULT_4XX", "DEFAULT_5XX", "MISSING_AUTHENTICATION_TOKEN", "REQUEST_TOO_LARGE")
# Answers after which trying again may help.
_PASSING = {"DEFAULT_4XX", "DEFAULT_5XX"}
_PHONE = "(202) 555-0143"


def _filled_in(template: object) -> str:
    """Return a template as API Gateway fills it in. Its values for $context are already JSON, with quotes."""
    filled = template.get("Fn::Sub", "") if isinstance(template, dict) else ""
    text, words = (filled, {}) if isinstance(filled, str) else filled
    for name, value in words.items():
        text = text.replace(f"${{{name}}}", value)
    return re.sub(r"\$context\.[A-Za-z.]+", '"filled in"', text.replace("${ClinicPhone}", _PHONE))


def _is_page(text: str) -> bool:
    # A page must not contain API Gateway's values, because they may quote the request.
    return text.startswith("<!doctype html>") and "filled in" not in text


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
