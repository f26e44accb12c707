"""Careless edits of the public API."""

from collections.abc import Iterator

from tests.architecture.mutations import Mutation, put, remove
from tests.architecture.rules import api
from tests.architecture.templates import Templates

_API = "Api/Properties"
_METHODS = f"{_API}/MethodSettings/0"
_SUBMIT = "SubmitFunction/Properties"


def mistakes(templates: Templates) -> Iterator[Mutation]:
    """Yield each edit with the rule that must notice it."""
    yield from _throttles(templates)

    never_quoted = api.requests_are_never_quoted
    yield Mutation(never_quoted, "data trace", put(f"{_METHODS}/DataTraceEnabled", value=True))
    yield Mutation(never_quoted, "execution log", put(f"{_METHODS}/LoggingLevel", "INFO"))

    yield from _access_log(templates)
    yield from _origins()

    only_way = api.the_api_is_the_only_way_in
    yield Mutation(only_way, "a function URL", put(f"{_SUBMIT}/FunctionUrlConfig", {"AuthType": "NONE"}))
    yield Mutation(only_way, "an API that SAM creates", remove(f"{_SUBMIT}/Events/Submit/Properties/RestApiId"))
    yield Mutation(only_way, "an event of an HTTP API", put(f"{_SUBMIT}/Events/Submit/Type", "HttpApi"))
    http_api = put("Other", {"Type": "AWS::Serverless::HttpApi", "Properties": {}})
    yield Mutation(only_way, "an HTTP API", http_api)

    traced = api.nothing_is_traced
    yield Mutation(traced, "the API is traced", put(f"{_API}/TracingEnabled", value=True))
    yield Mutation(traced, "every API is traced", put("/Globals/Api", {"TracingEnabled": True}))
    yield Mutation(traced, "one function is traced", put(f"{_SUBMIT}/Tracing", "Active"))
    yield Mutation(traced, "the functions are traced", put("/Globals/Function/Tracing", "Active"))
    helpful = api.the_gateways_own_answers_help
    yield Mutation(helpful, "no error pages of our own", remove(f"{_API}/GatewayResponses"))
    readable = api.any_site_may_read_the_gateways_own_answers
    for kind in ("DEFAULT_4XX", "DEFAULT_5XX", "REQUEST_TOO_LARGE", "MISSING_AUTHENTICATION_TOKEN"):
        headers = f"{_API}/GatewayResponses/{kind}/ResponseParameters/Headers"
        yield Mutation(readable, f"{kind} that no script can read", remove(f"{headers}/Access-Control-Allow-Origin"))
        yield Mutation(readable, f"{kind} that is not shown in a frame", put(f"{headers}/X-Frame-Options", "'DENY'"))
    headers = f"{_API}/GatewayResponses/DEFAULT_4XX/ResponseParameters/Headers"
    yield Mutation(readable, "no time to wait", remove(f"{headers}/Retry-After"))
    yield Mutation(readable, "a time to wait that no script sees", remove(f"{headers}/Access-Control-Expose-Headers"))
    too_large = f"{_API}/GatewayResponses/REQUEST_TOO_LARGE/ResponseParameters/Headers"
    yield Mutation(
        readable, "a time to wait after which it is still too large", put(f"{too_large}/Retry-After", "'20'")
    )
    start = api.the_own_address_of_the_api_is_answered
    yield Mutation(start, "no route for /", remove(f"{_SUBMIT}/Events/Start"))
    yield Mutation(start, "one method for /", put(f"{_SUBMIT}/Events/Start/Properties/Method", "GET"))
    yield Mutation(api.bodies_arrive_as_they_were_sent, "bodies as text", remove(f"{_API}/BinaryMediaTypes"))
    yield Mutation(
        api.every_deployment_reaches_the_stage, "not every change is deployed", remove(f"{_API}/AlwaysDeploy")
    )
    yield from _gateway_words(templates)

    yield from _links()
    yield from _circles()

    slow = put(f"{_SUBMIT}/Timeout", 29)
    yield Mutation(api.answers_come_before_the_gateway_gives_up, "a timeout as long as the gateway's", slow)


def _links() -> Iterator[Mutation]:
    lead_here = api.links_in_mails_lead_here
    elsewhere = put("NotifyFunction/Properties/Environment/Variables/PUBLIC_URL", "https://www.example.com")
    yield Mutation(lead_here, "links elsewhere", elsewhere)
    link = "ClaimFunction/Properties/Events/Link/Properties"
    yield Mutation(lead_here, "another path", put(f"{link}/Path", "/claims/{token}"))
    yield Mutation(lead_here, "one method only", put(f"{link}/Method", "GET"))
    for event in ("Home", "Pages"):
        yield Mutation(lead_here, f"no {event} of the desk", remove(f"DeskFunction/Properties/Events/{event}"))
    desk = put("DeskFunction/Properties/Environment/Variables/PUBLIC_URL", {"Ref": "PublicUrl"})
    yield Mutation(lead_here, "another condition for the desk's address", desk)
    yield Mutation(lead_here, "any address", put("/Parameters/PublicUrl/AllowedPattern", "^https?://.*$"))
    yield Mutation(lead_here, "no pattern", remove("/Parameters/PublicUrl/AllowedPattern"))


def _circles() -> Iterator[Mutation]:
    circle = api.no_function_of_the_api_needs_the_api
    variables = "DeskFunction/Properties/Environment/Variables"
    address = {"Fn::Sub": "https://${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}/v1"}
    yield Mutation(circle, "the desk knows the API's address", put(f"{variables}/PUBLIC_URL", address))
    yield Mutation(circle, "the desk knows its client", put(f"{variables}/CLIENT_ID", {"Ref": "DeskClient"}))
    yield Mutation(circle, "invitations name the API", put("SignIn/Properties/Parameters/DeskUrl", address))


def _gateway_words(templates: Templates) -> Iterator[Mutation]:
    rule, place = api.the_gateways_own_answers_help, f"{_API}/GatewayResponses"
    words = templates.main["Resources"]["Api"]["Properties"]["GatewayResponses"]["DEFAULT_5XX"]["ResponseTemplates"]
    for what, media_type, text in (
        ("no help", "application/json", '{"title": "error"}'),
        ("no JSON", "application/json", "988 911 ${ClinicPhone}"),
        ("no page", "text/html", ""),
        (
            "a page that quotes the request",
            "text/html",
            words["text/html"]["Fn::Sub"][0] + "$context.error.messageString",
        ),
    ):
        yield Mutation(
            rule, what, put(f"{place}/DEFAULT_5XX/ResponseTemplates", {**words, media_type: {"Fn::Sub": [text, {}]}})
        )
    yield Mutation(rule, "AWS's own words for a wrong path", remove(f"{place}/MISSING_AUTHENTICATION_TOKEN"))


def _throttles(templates: Templates) -> Iterator[Mutation]:
    throttled = api.every_request_is_throttled
    yield Mutation(throttled, "no method settings", remove(f"{_API}/MethodSettings"))
    yield Mutation(throttled, "no rate", remove(f"{_METHODS}/ThrottlingRateLimit"))
    yield Mutation(throttled, "no burst", remove(f"{_METHODS}/ThrottlingBurstLimit"))
    yield Mutation(throttled, "one path only", put(f"{_METHODS}/ResourcePath", "/consultations"))

    fits = api.a_new_account_can_answer_a_burst
    yield Mutation(fits, "a burst of 20", put("/Parameters/ThrottleBurst/Default", 20))
    yield Mutation(fits, "a rate of 100", put("/Parameters/ThrottleRate/Default", 100))

    apart = api.staff_pages_are_throttled_apart
    settings = templates.main["Resources"]["Api"]["Properties"]["MethodSettings"]
    for entry, setting in enumerate(settings[1:], start=1):
        place, what = f"{_API}/MethodSettings/{entry}", f"{setting['HttpMethod']} {setting['ResourcePath']}"
        yield Mutation(apart, f"no throttle of its own for {what}", remove(place))
        shared = put(f"{place}/ThrottlingRateLimit", {"Ref": "ThrottleRate"})
        yield Mutation(apart, f"{what} follows ThrottleRate", shared)
        yield Mutation(apart, f"no burst for {what}", remove(f"{place}/ThrottlingBurstLimit"))


def _access_log(templates: Templates) -> Iterator[Mutation]:
    rule, place = api.access_logs_tell_nothing_of_the_visitor, f"{_API}/AccessLogSetting"
    line = templates.main["Resources"]["Api"]["Properties"]["AccessLogSetting"]["Format"]
    for field in (
        "$context.identity.sourceIp",
        "$context.identity.userAgent",
        "$context.path",
        "$context.error.messageString",
    ):
        yield Mutation(rule, f"{field} is logged", put(f"{place}/Format", line.replace("}", f',"x":"{field}"}}')))
    yield Mutation(rule, "lines that are not JSON", put(f"{place}/Format", "$context.requestId $context.status"))
    yield Mutation(rule, "no access log", remove(place))


def _origins() -> Iterator[Mutation]:
    ours = api.preflights_are_answered_by_our_code
    yield Mutation(ours, "Cors for any site", put(f"{_API}/Cors", "'*'"))
    yield Mutation(ours, "Cors for one site", put(f"{_API}/Cors", {"AllowOrigin": "'https://www.example.com'"}))
    yield Mutation(ours, "Cors for all APIs", put("/Globals/Api", {"Cors": "'*'"}))

    no_wildcard = api.no_wildcard_is_an_origin
    yield Mutation(no_wildcard, "any origin", put(f"{_SUBMIT}/Environment/Variables/ALLOWED_ORIGINS", "*"))
    yield Mutation(
        no_wildcard, "a pattern that accepts anything", put("/Parameters/AllowedOrigins/AllowedPattern", ".*")
    )
    yield Mutation(no_wildcard, "no pattern", remove("/Parameters/AllowedOrigins/AllowedPattern"))
