"""The public API: whether it answers, at which address, behind which firewall."""

from collections.abc import Iterator
from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

from tools.operate.doctor.check import Check
from tools.operate.doctor.clients import Clients
from tools.operate.doctor.fetch import FetchError
from tools.operate.doctor.finding import Finding, green, red, yellow
from tools.operate.doctor.forms import same
from tools.operate.doctor.known import Known
from tools.operate.doctor.logs import ERRORS, log_command

_STAGE: Final = "v1"
_DOMAINS: Final = "In the API Gateway console, under Custom domain names"


def answers(ask: Clients, stack: Known) -> Iterator[Finding]:
    """Say whether the API's own address shows its page."""
    url = f"{stack.api_url}/"
    try:
        status = ask.fetch(url, "GET", {}).status
    except FetchError as error:
        yield red(
            f"The API does not answer at {url}: {error}.",
            "Try to open this address in a browser, to see whether only your network is in the way. If it opens"
            " nowhere, mend what is red under Account and Functions.",
        )
        return
    if status == HTTPStatus.OK:
        yield green(f"The API answers at {url}")
    elif status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        yield red(
            f"The API answers with the error {status}, so visitors cannot send requests.",
            "Mend what is red under Functions, and read the log of the function that visitors use:",
            log_command(stack, f"{stack.name}-submit", ERRORS, timedelta(hours=1)),
        )
    else:
        yield yellow(
            f"The API answers with the status {status} instead of its page.",
            "If your firewall refuses your own network (403, 429), this is fine: wait five minutes, and run the doctor"
            " again. If not, deploy again:",
            stack.make("deploy"),
        )


def domain(ask: Clients, stack: Known) -> Iterator[Finding]:
    """Say whether the clinic's own addresses lead to this API: PublicUrl, and DomainName."""
    public = stack.public_url
    if public == stack.api_url:
        yield green("Links in emails begin with the API's own address at AWS.")
    else:
        yield from _leads_here(ask, public)
        yield from _mapped(ask, stack, public, "links in emails and the desk")
    if stack.domain_url and not same(stack.domain_url, public):
        yield from _domain_answers(ask, stack, stack.domain_url)
        yield from _mapped(ask, stack, stack.domain_url, "forms that post there")


def _mapped(ask: Clients, stack: Known, url: str, used_by: str) -> Iterator[Finding]:
    parts = urlsplit(url)
    try:
        # API Gateway leaves the list out if it is empty.
        mappings = ask.api.get_base_path_mappings(domainName=parts.hostname or "").get("items", [])
    except ClientError as error:
        if error.response["Error"]["Code"] != "NotFoundException":
            raise
        yield yellow(
            f"API Gateway has no custom domain {parts.hostname} in {stack.region}. If your own proxy passes requests"
            " on, nobody can check here whether it passes them to this stack.",
            f"If there is no such proxy: {_DOMAINS}, create {parts.hostname}, and map it to the API {stack.name}.",
        )
        return
    path = parts.path.strip("/")
    own = [each for each in mappings if each.get("basePath", "").replace("(none)", "") == path]
    if not own:
        other = " Or deploy with the PublicUrl that your domain has." if url == stack.public_url else ""
        yield red(
            f"The domain {parts.hostname} has nothing at /{path}, so {used_by} lead nowhere.",
            f"{_DOMAINS}, {parts.hostname}, map the path {path or '(empty)'} to the API {stack.name},"
            f" stage {_STAGE}.{other}",
        )
    elif (own[0].get("restApiId"), own[0].get("stage")) != (stack.output("ApiId"), _STAGE):
        yield red(
            f"{url} leads to another API ({own[0].get('restApiId')}, stage {own[0].get('stage')}), so {used_by} reach"
            " another system.",
            f"{_DOMAINS}, {parts.hostname}, map the path {path or '(empty)'} to the API"
            f" {stack.output('ApiId')}, stage {_STAGE}.",
        )
    else:
        yield green(f"{url} is mapped to this API.")


def _leads_here(ask: Clients, public: str) -> Iterator[Finding]:
    dns = (
        f"{_DOMAINS}, find the API Gateway domain name of your domain. The domain's DNS record must lead to that name."
        " A new record can take some hours. If nobody has links yet, deploy with an empty PublicUrl until then."
    )
    trouble = _trouble(ask, public)
    if trouble:
        yield red(f"Links in emails begin with {public}, which {trouble}.", dns)
    else:
        yield green(f"{public} answers.")


def _domain_answers(ask: Clients, stack: Known, url: str) -> Iterator[Finding]:
    trouble = _trouble(ask, url)
    if trouble:
        name = stack.parameter("DomainName")
        yield yellow(
            f"{url} is an address of this API (DomainName), and {trouble}. A form that posts there loses requests.",
            f"The DNS record of {name} must lead to {stack.output('DomainTarget')}: a CNAME record, unless the stack"
            " made the record in Route 53. A new record can take some hours. Until this address answers, let forms post"
            f" to {stack.api_url}/consultations.",
        )
    else:
        yield green(f"{url} answers, so forms may post there. Links in emails begin with {stack.public_url}.")


def _trouble(ask: Clients, url: str) -> str:
    """Return what is wrong with the page at an address, or nothing."""
    try:
        status = ask.fetch(f"{url}/", "GET", {}).status
    except FetchError as error:
        return f"does not answer: {error}"
    return "" if status == HTTPStatus.OK else f"answers with the status {status}"


def origins(ask: Clients, stack: Known) -> Iterator[Finding]:
    """Say whether scripts of each allowed site may read the API's answers."""
    refused = []
    for origin in (each.rstrip("/") for each in stack.listed("AllowedOrigins")):
        headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        try:
            page = ask.fetch(f"{stack.api_url}/consultations", "OPTIONS", headers)
        except FetchError as error:
            yield red(f"The API does not answer: {error}.", "Mend what the line about the API above says.")
            return
        if page.headers.get("access-control-allow-origin") not in {origin, "*"}:
            refused.append(origin)
    if refused:
        yield red(
            f"The API does not let scripts of {', '.join(refused)} read its answers, though AllowedOrigins has it."
            " Visitors there see an error after their request was stored.",
            "The deployed function has other settings than the stack: deploy again:",
            stack.make("deploy"),
        )
    else:
        yield green("Scripts of all allowed sites may read the API's answers.")


def firewall(ask: Clients, stack: Known) -> Iterator[Finding]:
    """Say whether AWS WAF is in front of the API."""
    stage = f"arn:{stack.partition}:apigateway:{stack.region}::/restapis/{stack.output('ApiId')}/stages/{_STAGE}"
    try:
        found: dict[str, Any] | None = ask.firewall.get_web_acl_for_resource(ResourceArn=stage).get("WebACL")
    except ClientError as error:
        if error.response["Error"]["Code"] != "WAFNonexistentItemException":
            raise
        found = None
    if found:
        yield green(f"The firewall {found['Name']} is in front of the API.")
    elif stack.parameter("Firewall") == "no":
        yield green("No firewall is in front of the API, as you chose (Firewall=no).")
    else:
        name, number, _ = f"{stack.resource('Firewall', 'WebFirewall').id}||".split("|", 2)
        acl = f"arn:{stack.partition}:wafv2:{stack.region}:{stack.account}:regional/webacl/{name}/{number}"
        yield red(
            "The firewall is not in front of the API anymore, so one address can flood it.",
            "Put it there again:",
            f"aws wafv2 associate-web-acl --web-acl-arn {acl} --resource-arn {stage}",
        )


CHECKS: Final = (
    Check("API", answers),
    Check("Domain", domain),
    Check("Allowed origins", origins),
    Check("Firewall", firewall),
)
