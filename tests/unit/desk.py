# ruff: noqa: ANN401 - the clients accept any parameters of AWS
"""The desk with its real code on AWS in memory: Cognito with its sign-in page, the tables, and browsers."""

import base64
import hashlib
import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from types import SimpleNamespace
from typing import Any, Self, cast
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import urllib3
from botocore.exceptions import ClientError, EndpointConnectionError
from joserfc import jwt
from joserfc.jwk import RSAKey

from desk.accounts import Accounts
from desk.app import App
from desk.attempts import Attempts
from desk.desk import Desk
from desk.door import Door
from desk.route import Route
from desk.routes import routes
from desk.sessions import Sessions
from desk.sign_in import SignIn
from desk.tokens import Tokens
from shared.leads.decisions import Rules
from shared.leads.team import Recipient, Team
from shared.records.finding import Records
from shared.services.keys import Keys
from shared.services.user_pool import UserPool
from shared.store.audit import Audit
from shared.store.desk_index import DeskIndex
from shared.store.erasures import Erasures
from shared.store.people import People
from shared.store.report_index import ReportIndex
from shared.store.timeline import Timeline
from tests.unit.dynamodb import NAME, MemoryDynamoDB
from tests.unit.fakes import Clock, MemoryLeads
from tests.unit.people import CLINIC, NOW

POOL_ID = "us-east-1_MadeUp123"
CLIENT_ID = "made-up-client"
CLIENT_SECRET = "made-up-client-secret"
SIGN_IN = "https://leads-made-up.auth.us-east-1.amazoncognito.com"
API = "https://a1b2c3d4e5.execute-api.us-east-1.amazonaws.com"
BASE = f"{API}/v1/desk"
KID = "made-up-key"
FORM = "application/x-www-form-urlencoded"
NURSE, MANAGER, NOBODY = "nurse@example.com", "manager@example.com", "visitor@example.com"
KEYS = Keys(lambda: "made-up-secret-of-the-stack")
LEAD_ID = "0" * 25 + "1"


@cache
def signing_key() -> RSAKey:
    """Return the key of the user pool."""
    return RSAKey.generate_key(2048, {"kid": KID, "use": "sig", "alg": "RS256"})


class _NotFoundError(ClientError):
    def __init__(self, code: str) -> None:
        super().__init__({"Error": {"Code": code, "Message": "made-up"}}, "made-up")


class _UserNotFoundError(_NotFoundError): ...


class _ConditionFailedError(_NotFoundError): ...


@dataclass
class Account:
    """An account in the user pool."""

    email: str
    groups: list[str]
    enabled: bool = True

    @property
    def sub(self) -> str:
        return f"sub-of-{self.email}"


class MemoryUserPool:
    """Cognito in memory: the calls of its client that the desk makes, and its token endpoint. `down` breaks all."""

    exceptions = SimpleNamespace(UserNotFoundException=_UserNotFoundError)
    meta = SimpleNamespace(endpoint_url="https://cognito-idp.us-east-1.amazonaws.com")

    def __init__(self) -> None:
        self.accounts = {
            each.sub: each
            for each in (Account(NURSE, ["staff"]), Account(MANAGER, ["manager", "staff"]), Account(NOBODY, []))
        }
        self.down = False
        self.requests: list[str] = []
        self.keys = [signing_key().as_dict(private=False)]
        self.claims: dict[str, Any] = {}  # what a test changes in the next tokens
        self.status = 200  # of the token endpoint
        self.meanwhile: Callable[[], None] = lambda: None  # runs while the desk asks about an account
        self._codes: dict[str, dict[str, str]] = {}

    # ---- the client

    def _call(self, name: str) -> None:
        self.requests.append(name)
        if self.down:
            raise EndpointConnectionError(endpoint_url="https://cognito.example.com")

    def get_paginator(self, name: str) -> Any:
        def pages(**asked: Any) -> Iterator[dict[str, Any]]:
            self._call(name)
            if name == "list_user_pool_clients":
                yield {"UserPoolClients": [{"ClientId": "other", "ClientName": "other"}]}
                yield {"UserPoolClients": [{"ClientId": CLIENT_ID, "ClientName": "desk"}]}
                return
            for each in self.accounts.values():
                if asked["GroupName"] in each.groups:
                    attributes = [{"Name": "sub", "Value": each.sub}, {"Name": "email", "Value": each.email}]
                    yield {"Users": [{"Enabled": each.enabled, "Attributes": attributes}]}

        return SimpleNamespace(paginate=pages)

    def describe_user_pool_client(self, **_: Any) -> Any:
        self._call("describe_user_pool_client")
        return {"UserPoolClient": {"ClientId": CLIENT_ID, "ClientSecret": CLIENT_SECRET}}

    def _account(self, sub: str) -> Account:
        if sub not in self.accounts:
            raise _UserNotFoundError("UserNotFoundException")
        return self.accounts[sub]

    def admin_get_user(self, **asked: Any) -> Any:
        self._call("admin_get_user")
        self.meanwhile()
        return {"Enabled": self._account(asked["Username"]).enabled}

    def admin_list_groups_for_user(self, **asked: Any) -> Any:
        self._call("admin_list_groups_for_user")
        return {"Groups": [{"GroupName": each} for each in self._account(asked["Username"]).groups]}

    # ---- its pages and its token endpoint

    def signs_in(self, address: str, email: str) -> str:
        """Return where Cognito sends the browser after somebody signed in at `address`."""
        query = dict(parse_qsl(urlsplit(address).query))
        code = secrets.token_urlsafe(8)
        self._codes[code] = query | {"email": email}
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def token(self, owner: str, **changes: Any) -> str:
        """Return an ID token. A claim that is None is left out."""
        now = int(self.now().timestamp())
        claims = {
            "iss": f"https://cognito-idp.us-east-1.amazonaws.com/{POOL_ID}",
            "aud": CLIENT_ID,
            "token_use": "id",
            "iat": now,
            "exp": now + 300,
            "sub": f"sub-of-{owner}",
            "email": owner,
        } | changes
        claims = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode({"alg": "RS256", "kid": KID}, claims, signing_key())

    now: Callable[[], Any] = staticmethod(lambda: NOW)

    def request(self, method: str, url: str, **more: Any) -> Any:
        """Answer like urllib3's pool manager."""
        self.requests.append(f"{method} {url}")
        if self.down:
            raise urllib3.exceptions.NewConnectionError(cast("Any", None), "made-up")
        if url.endswith("/.well-known/jwks.json"):
            return SimpleNamespace(status=200, data=json.dumps({"keys": self.keys}).encode())
        form = dict(parse_qsl(more["body"]))
        asked = self._codes.pop(form["code"], None)
        basic = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=")
        if (
            asked is None
            or more["headers"]["authorization"] != f"Basic {basic}"
            or challenge.decode() != asked["code_challenge"]
            or form["redirect_uri"] != asked["redirect_uri"]
        ):
            return SimpleNamespace(status=400, data=b'{"error":"invalid_grant"}')
        token = self.token(asked["email"], **{"nonce": asked["nonce"], **self.claims})
        return SimpleNamespace(status=self.status, data=json.dumps({"id_token": token}).encode())


class MemorySessions:
    """The table of sessions in memory: items by one key. `down` breaks it."""

    exceptions = SimpleNamespace(ConditionalCheckFailedException=_ConditionFailedError)

    def __init__(self) -> None:
        self.items: dict[str, dict[str, Any]] = {}
        self.down = False
        self.writes = 0

    def _reach(self) -> None:
        if self.down:
            raise EndpointConnectionError(endpoint_url="https://dynamodb.example.com")

    def put_item(self, *, TableName: str, Item: dict[str, Any], ConditionExpression: str = "") -> Any:  # noqa: N803 - AWS's names
        self._reach()
        assert TableName == "sessions"
        assert ConditionExpression in {"", "attribute_exists(pk)", "attribute_not_exists(pk)"}
        pk = Item["pk"]["S"]
        if ConditionExpression and (pk in self.items) is ("not" in ConditionExpression):
            raise _ConditionFailedError("ConditionalCheckFailedException")
        self.items[pk] = Item
        self.writes += 1

    def get_item(self, *, TableName: str, Key: Any, ConsistentRead: bool) -> Any:  # noqa: N803 - AWS's names
        self._reach()
        assert TableName == "sessions"
        assert ConsistentRead
        found = self.items.get(Key["pk"]["S"])
        return {"Item": found} if found else {}

    def delete_item(self, *, TableName: str, Key: Any) -> Any:  # noqa: N803 - AWS's names
        self._reach()
        assert TableName == "sessions"
        self.items.pop(Key["pk"]["S"], None)
        return {}


@dataclass
class Page:
    """An answer to a browser."""

    status: int
    headers: dict[str, list[str]]
    body: str

    @property
    def location(self) -> str:
        (found,) = self.headers["Location"]
        return found


@dataclass
class World:
    """The desk and all that it needs."""

    clock: Clock = field(default_factory=lambda: Clock(NOW))
    cognito: MemoryUserPool = field(default_factory=MemoryUserPool)
    sessions: MemorySessions = field(default_factory=MemorySessions)
    audited: MemoryDynamoDB = field(default_factory=MemoryDynamoDB)
    leads: MemoryLeads = field(default_factory=MemoryLeads)
    changed: Callable[[tuple[Route, ...]], tuple[Route, ...]] = lambda table: table

    def __post_init__(self) -> None:
        self.cognito.now = self.clock
        client, http = cast("Any", self.cognito), cast("urllib3.PoolManager", self.cognito)
        self.pool = UserPool(client, POOL_ID, lambda: self.clock().timestamp())
        self.audit = Audit(self.audited.client(), NAME)
        self.store = Sessions(cast("Any", self.sessions), "sessions")
        self.accounts = Accounts(
            door=Door(self.store, self.pool),
            sign_in=SignIn(
                url=SIGN_IN,
                client=self.pool.desk,
                tokens=Tokens(issuer=self.pool.issuer, keys_url=self.pool.keys_url, http=http),
                http=http,
            ),
            attempts=Attempts(KEYS.for_sign_ins),
            audit=self.audit,
        )
        self.routes = self.changed(routes(self.desk()))
        self.app = App(
            routes=self.routes, accounts=self.accounts, audit=self.audit, clinic=CLINIC, now=self.clock
        ).resolver()

    def desk(self) -> Desk:
        """Return what the answers work with."""
        team = Team(staff=(Recipient(NURSE).id,), fallback=())
        client = self.leads.client
        index, people, timeline = (
            DeskIndex(client, NAME, self.clock),
            People(client, NAME, self.clock),
            Timeline(client, NAME, self.clock),
        )
        return Desk(
            rules=Rules(clinic=CLINIC, team=team),
            leads=self.leads,
            index=index,
            timeline=timeline,
            people=people,
            keys=KEYS,
            audit=self.audit,
            records=Records(
                client=client,
                table_name=NAME,
                leads=self.leads,
                people=people,
                timeline=timeline,
                audit=self.audit,
                people_key=KEYS.for_people,
                by_reference=index.by_reference,
                clinic=CLINIC,
            ),
            erasures=Erasures(client, NAME, self.clock),
            report=ReportIndex(lambda: client, NAME, self.clock),
            addresses={Recipient(NURSE).id: NURSE},
            colleagues=self.pool.colleagues,
        )

    @property
    def entries(self) -> list[tuple[str, str, tuple[str, ...]]]:
        """The entries of the audit: address, action and leads."""
        return [(each.entry.email, each.entry.action, each.entry.lead_ids) for each in self.audit.entries()]

    @property
    def details(self) -> list[dict[str, str]]:
        """The details of the entries."""
        return [dict(each.entry.details) for each in self.audit.entries()]

    def browser(self) -> "Browser":
        return Browser(self)

    def signed_in(self, email: str = NURSE, page: str = "") -> "Browser":
        return Browser(self).sign_in(email, page)


@dataclass
class Browser:
    """A browser with its cookies. It follows no redirect on its own."""

    world: World
    cookies: dict[str, str] = field(default_factory=dict)
    last: Page = field(default_factory=lambda: Page(0, {}, ""))

    def get(self, page: str = "", **more: Any) -> Page:
        """Open a page below the desk, or a whole address of the desk."""
        address = urlsplit(page if page.startswith("https://") else f"{BASE}{page}")
        assert f"{address.scheme}://{address.netloc}" == API
        query = {name: values[-1] for name, values in parse_qs(address.query, keep_blank_values=True).items()}
        return self.send("GET", address.path.removeprefix("/v1"), query=query, **more)

    def post(self, page: str, form: Mapping[str, str] | None = None, **more: Any) -> Page:
        """Send a form as a page of the desk would: with the session's secret, unless `csrf` is in the form."""
        fields = {"csrf": self.csrf, **(form or {})}
        headers = {"Content-Type": FORM, "Origin": API, "Sec-Fetch-Site": "same-origin", **more.pop("headers", {})}
        body = more.pop("body", urlencode(fields))
        return self.send("POST", f"/desk{page}", headers=headers, body=body, **more)

    def send(  # noqa: PLR0913 - the parts of a request
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str | None] | None = None,
        body: str | None = None,
        encoded: bool = False,
    ) -> Page:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        sent = {"Host": urlsplit(API).netloc, **({"Cookie": cookie} if cookie else {}), **(headers or {})}
        event = {
            "httpMethod": method,
            "resource": "/desk/{proxy+}",
            "path": path,
            "headers": {name: value for name, value in sent.items() if value is not None},
            "queryStringParameters": dict(query) if query else None,
            "requestContext": {"domainName": urlsplit(API).netloc, "path": f"/v1{path}", "stage": "v1"},
            "body": body,
            "isBase64Encoded": encoded,
        }
        answer = self.world.app.resolve(event, cast("Any", None))
        self.last = Page(answer["statusCode"], dict(answer["multiValueHeaders"]), answer["body"])
        for cookie in self.last.headers.get("Set-Cookie", []):
            name, _, value = cookie.partition(";")[0].partition("=")
            if "Max-Age=0" in cookie:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value
        return self.last

    @property
    def csrf(self) -> str:
        """The secret of the session, as a page of the desk has it."""
        token = self.cookies.get("__Host-desk", "")
        session = self.world.store.read(token, self.world.clock())
        return session.csrf if session else ""

    def sign_in(self, email: str = NURSE, page: str = "") -> Self:
        """Open a page, sign in at Cognito, and come back."""
        address = self.get(page).location
        assert address.startswith(f"{SIGN_IN}/oauth2/authorize?"), address
        self.get(self.world.cognito.signs_in(address, email))
        return self


def with_answers(answer: Callable[..., Any]) -> Callable[[tuple[Route, ...]], tuple[Route, ...]]:
    """Return a change of a table of routes: every route gives the same answer."""
    return lambda table: tuple(replace(route, answer=answer) for route in table)
