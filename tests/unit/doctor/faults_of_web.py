"""Faults of the sign-in, of the public API and of the clinic's website."""

from collections.abc import Mapping
from typing import Final

from tests.unit.doctor import healthy as h
from tests.unit.doctor.asked import Answer, Pages, World
from tests.unit.doctor.fault import Fault
from tools.operate.doctor.fetch import Page
from tools.operate.doctor.finding import Color

_RED, _YELLOW = Color.RED, Color.YELLOW
_OWN: Final = h.DOMAIN_URL


def _domain(aws: Answer, pages: Pages | None = None) -> World:
    known = h.stack(outputs={"DeskUrl": f"{_OWN}/desk"}, parameters={"PublicUrl": _OWN})
    return World(stack=known, pages=h.answering(url=_OWN) if pages is None else pages, aws={"api": [aws]})


def _site(pages: Mapping[str, Page | str]) -> World:
    return h.seen(pages=pages)


FAULTS: Final = (
    # --- sign-in
    Fault(
        "no second factor",
        "Accounts are safe",
        h.seen(people=[h.factors("OPTIONAL"), h.pool()]),
        _RED,
        ("A password alone", "--mfa-configuration ON"),
    ),
    Fault(
        "a second factor that is no app",
        "Accounts are safe",
        h.seen(people=[h.factors(app=False), h.pool()]),
        _RED,
        ("A password alone",),
    ),
    Fault(
        "accounts for anyone",
        "Accounts are safe",
        h.seen(people=[h.factors(), h.pool(invited_only=False)]),
        _RED,
        ("self-registration",),
    ),
    Fault(
        "accounts that can be deleted",
        "Accounts are safe",
        h.seen(people=[h.factors(), h.pool(protected=False)]),
        _YELLOW,
        ("Deletion protection",),
    ),
    Fault(
        "nobody with a role",
        "Accounts",
        h.seen(people=[h.members(disabled=1), h.members()]),
        _YELLOW,
        ("Nobody can sign in", "make staff-add"),
    ),
    Fault(
        "another address of the desk",
        "Addresses",
        h.seen(people=[h.desk_client("https://old.example.com/desk")]),
        _RED,
        ("CallbackURLs has https://old.example.com/desk/signed-in instead of", "LogoutURLs"),
    ),
    Fault(
        "a sign-in page without an address",
        "Sign-in page",
        h.seen(people=[h.pool_domain("")]),
        _RED,
        ("no address", "create-user-pool-domain --domain leads-1"),
    ),
    Fault(
        "a sign-in page without a look",
        "Sign-in page",
        h.seen(people=[h.pool_domain(), (h.BRANDED[0], "ResourceNotFoundException")]),
        _RED,
        ("no look", "create-managed-login-branding"),
    ),
    # --- API
    Fault("an API that does not answer", "API", _site({f"GET {h.API}/": "no route"}), _RED, ("no route", h.API)),
    Fault("an API with an error", "API", _site(h.answering(502)), _RED, ("error 502", "clinic-leads-submit")),
    Fault("an API that refuses", "API", _site(h.answering(403)), _YELLOW, ("status 403",)),
    Fault(
        "a domain that does not answer",
        "Domain",
        _domain(h.mapped(), {f"GET {_OWN}/": "nobody knows the host leads.example.com"}),
        _RED,
        ("nobody knows", "DNS record"),
    ),
    Fault("a domain with an error", "Domain", _domain(h.mapped(), h.answering(403, _OWN)), _RED, ("status 403", "DNS")),
    Fault(
        "a domain that AWS does not know",
        "Domain",
        _domain((h.mapped()[0], "NotFoundException")),
        _YELLOW,
        ("no custom domain leads.example.com", "proxy"),
    ),
    Fault("another path", "Domain", _domain(h.mapped("(none)")), _RED, ("nothing at /v1", "map the path v1")),
    Fault(
        "a domain with no path at all",  # API Gateway then leaves the list out
        "Domain",
        _domain((h.mapped()[0], {})),
        _RED,
        ("nothing at /v1", "map the path v1"),
    ),
    Fault("another API", "Domain", _domain(h.mapped(api="d4e5f6")), _RED, ("another API (d4e5f6", "a1b2c3")),
    Fault("another stage", "Domain", _domain(h.mapped(stage="v2")), _RED, ("stage v2", "stage v1")),
    Fault(
        "a DomainName without its record",
        "Domain",
        World(
            stack=h.with_domain(),
            pages={f"GET {_OWN}/": "nobody knows the host leads.example.com"},
            aws={"api": [h.mapped()]},
        ),
        _YELLOW,
        ("nobody knows", "DomainName", "lead to d-1a2b3c.execute-api", f"to {h.API}/consultations"),
    ),
    Fault(
        "a DomainName of another API",
        "Domain",
        World(stack=h.with_domain(), pages=h.answering(url=_OWN), aws={"api": [h.mapped(api="d4e5f6")]}),
        _RED,
        ("forms that post there reach another system",),
    ),
    Fault("an API that is away", "Allowed origins", _site({f"OPTIONS {h.API}/consultations": "late"}), _RED, ("late",)),
    Fault(
        "an origin that is refused",
        "Allowed origins",
        _site(h.preflight("")),
        _RED,
        (f"scripts of {h.SITE} read", "make deploy"),
    ),
    Fault(
        "an API without its firewall",
        "Firewall",
        h.seen(firewall=[("get_web_acl_for_resource", {})]),
        _RED,
        ("associate-web-acl --web-acl-arn arn:aws:wafv2:us-east-1:111122223333:regional/webacl/wall/1a2b",),
    ),
    # --- website
    Fault("a website that is down", "Website", _site({f"GET {h.SITE}/": "no route"}), _RED, ("no route", "browser")),
    Fault(
        "a website without TLS",
        "Website",
        h.seen(h.stack(parameters={"AllowedOrigins": "http://www.example.com"})),
        _YELLOW,
        ("https://",),
    ),
    Fault(
        "a website that moved",
        "Website",
        _site(h.page(url="https://example.com/")),
        _RED,
        ("leads to https://example.com/", "AllowedOrigins lacks https://example.com,"),
    ),
    Fault(
        "a placeholder",
        "Website",
        _site(h.page(h.form("https://YOUR-API-URL"))),
        _RED,
        ("placeholder", f'action="{h.API}/consultations"'),
    ),
    Fault(
        "a form of another API",
        "Website",
        _site(h.page(h.form("https://other.example.com/v1"))),
        _RED,
        ("posts to https://other.example.com/v1/consultations", h.API),
    ),
    Fault("a form that gets", "Website", _site(h.page(h.form(method="get"))), _RED, ("method get", 'method="post"')),
    Fault(
        "a script of another API",
        "Website",
        _site(h.page('<script src="https://other.example.com/v1/form.js"></script>')),
        _RED,
        ("https://other.example.com/v1/form.js", "make docs"),
    ),
)
