"""Measures the desk: the instructions of its pages, and what they read from the table as a clinic grows."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from desk.cookies import Cookie
from desk.desk import Desk
from desk.route import Role, Visit
from desk.routes import routes
from desk.sessions import Session, Sessions
from shared.leads.decisions import Rules
from shared.leads.identity import LeadIds, Signs
from shared.leads.lead import Lead
from shared.leads.person import Person
from shared.leads.progress import AlertState, Progress, StoredLead
from shared.leads.response import ResponseState
from shared.leads.team import Recipient, Team
from shared.records.finding import Records
from shared.runtime.files import clinic
from shared.services.keys import Keys
from shared.store.audit import Audit
from shared.store.desk_index import DeskIndex
from shared.store.erasures import Erasures
from shared.store.intake import new_lead_item
from shared.store.keys import attributes, timestamp
from shared.store.leads import Leads
from shared.store.people import People
from shared.store.progress_item import progress_attributes
from shared.store.report_index import ReportIndex
from shared.store.timeline import Timeline
from shared.text import DEFAULT
from shared.text import text as words
from submit.new_lead import new_lead
from submit.request import parse_request
from tests.unit.dynamodb import NAME, MemoryDynamoDB
from tools.bench import markdown
from tools.bench.cloud import Cloud
from tools.bench.contenders import ID_KEY, our_settings
from tools.bench.cost import UNITS_OF_A_REQUEST, WRITES_OF_A_REQUEST
from tools.bench.instructions import Counter
from tools.bench.lambdas import Function, FunctionError, Package
from tools.bench.submissions import fields
from tools.local.parameters import FALLBACK, RECIPIENTS
from tools.local.progress import step

_STORED: Final = (100, 10_000, 100_000)
_WARM_PAGES: Final = 10
_OK: Final = 200
_NURSE: Final = Person("nurse@example.com")
_IDS: Final = LeadIds(ID_KEY)
_TEAM: Final = Team(
    staff=tuple(Recipient(each).id for each in RECIPIENTS), fallback=tuple(Recipient(each).id for each in FALLBACK)
)
_NEW: Final = ("reference", "desk")  # the indexes that the desk needs
# Of each hundred requests: how many are urgent, claimed, quarantined, undelivered, and closed. The others are open.
_SHARES: Final = ((5, "urgent"), (10, "claimed"), (15, "spam"), (17, "undelivered"), (60, "closed"))

_READS: Final = """\
These are the reads of a page, and the read units that AWS charges for them, counted on a table in memory. The session
(1 unit) and the entry in the audit (1 read and 1 write) come on top. What a page reads stops growing with the table:
the number on a tab stops at 100+, a list has 25 requests a page, and a search by name reads the newest 5,000.
"""


@dataclass(frozen=True, slots=True)
class Read:
    """What one page reads from the leads' table: queries and other reads, and read units as AWS charges them."""

    calls: int
    units: float


@dataclass(frozen=True, slots=True)
class Measured:
    """Instructions until the first page, those of a further page, by page, and the reads of each page by size."""

    cold: int | None
    warm: Mapping[str, float]
    reads: Mapping[str, tuple[Read, ...]]


def measure(cloud: Cloud, package: Package, counter: Counter | None, folder: Path) -> Measured:
    """Measure the desk, built by `sam build`. `folder` gets its logs. Raises FunctionError."""
    with step(f"Desk: reads of each page among {', '.join(f'{each:,}' for each in _STORED)} leads"):
        sizes = [_reads(stored) for stored in _STORED]
    reads = {page: tuple(size[page] for size in sizes) for page in sizes[0]}
    if counter is None:
        return Measured(None, {}, reads)
    with step(f"Desk: counting instructions with {counter.name}"):
        lead_id, environment, cookie = _deployed(cloud, package)
        pages = {"list": "/desk", "request": f"/desk/requests/{lead_id}"}
        once = _count(package, environment, counter, folder, [_event(pages["list"], cookie)])
        warm = {}
        for name, path in pages.items():
            first, again = _event(pages["list"], cookie), _event(path, cookie)
            more = _count(package, environment, counter, folder, [first, *[again] * _WARM_PAGES])
            warm[name] = (more - once) / _WARM_PAGES
    return Measured(once, warm, reads)


def text(measured: Measured) -> str:
    """Return the section about the desk as Markdown, with a heading of the second level."""
    before = sum(units for name, writes in WRITES_OF_A_REQUEST.items() if name not in _NEW for units in writes.values())
    warm = " and ".join(f"a page with a {name} takes {each / 1e6:.1f} M" for name, each in measured.warm.items())
    counted = (
        f"Its cold start takes {measured.cold / 1e6:,.0f} M instructions until somebody who is signed in sees the "
        f"first list. After that, {warm}."
        if measured.cold
        else "No counter of instructions works on this machine."
    )
    columns = ("page", *(f"{each:,} leads: {what}" for each in _STORED for what in ("calls", "read units")))
    rows = (
        (page, *(cell for read in found for cell in (str(read.calls), f"{read.units:,.1f}")))
        for page, found in measured.reads.items()
    )
    writes = (
        f"A request takes {UNITS_OF_A_REQUEST} write units from its post until the person was reached. Without the two "
        f"indexes of the desk, it would take {before}."
    )
    numbers = range(1, len(columns))
    return "\n".join(
        ("## The desk", "", counted, "", _READS, markdown.table(columns, rows, numbers=numbers), "", writes, "")
    )


# ---- reads


def _reads(stored: int) -> dict[str, Read]:
    """Return what each page reads from a table with `stored` leads."""
    table = MemoryDynamoDB()
    ids = _fill(table, stored)
    client, keys = table.client(), Keys(lambda: "made-up-secret-of-the-stack")
    leads, people, timeline = Leads(client, NAME), People(client, NAME), Timeline(client, NAME)
    index, audit = DeskIndex(client, NAME), Audit(MemoryDynamoDB().client(), NAME)
    desk = Desk(
        rules=Rules(clinic=clinic(), team=_TEAM),
        leads=leads,
        index=index,
        timeline=timeline,
        people=people,
        keys=keys,
        audit=audit,
        records=Records(
            client=client,
            table_name=NAME,
            leads=leads,
            people=people,
            timeline=timeline,
            audit=audit,
            people_key=keys.for_people,
            by_reference=index.by_reference,
        ),
        erasures=Erasures(client, NAME),
        report=ReportIndex(lambda: client, NAME),
        addresses={Recipient(each).id: each for each in (*RECIPIENTS, *FALLBACK)},
        colleagues=lambda: (_NURSE,),
    )
    answers = {(route.method, route.path): route.answer for route in routes(desk)}

    def visit(**more: Any) -> Visit:  # noqa: ANN401 - see Visit
        now = datetime.now(UTC)
        return Visit(
            person=_NURSE, role=Role.STAFF, csrf="c" * 43, now=now, base="https://www.example.com/desk", **more
        )

    pages: dict[str, Callable[[], object]] = {
        **{
            f"list: {tab}": lambda tab=tab: answers["GET", ""](visit(query={"list": tab}))  # type: ignore[misc]
            for tab in ("open", "mine", "urgent", "spam", "undelivered", "closed")
        },
        "request": lambda: answers["GET", "/requests/<id>"](visit(id=ids[0])),
        "find: name": lambda: answers["POST", "/find"](visit(form={"q": "Nobody Of This Name"})),
        "find: phone": lambda: answers["POST", "/find"](visit(form={"q": "(202) 555-0199"})),
    }
    found = {}
    for name, open_page in pages.items():
        calls, units = len(table.log), table.read_units
        open_page()
        found[name] = Read(len(table.log) - calls, table.read_units - units)
    return found


def _fill(table: MemoryDynamoDB, count: int) -> list[str]:
    """Put `count` leads into a table and return their ids."""
    lead = new_lead(
        parse_request(fields(), clinic(), words(DEFAULT)), datetime.now(UTC) - timedelta(days=1), clinic(), _IDS
    )
    ids = []
    for number in range(count):
        id_ = _IDS.lead_id(str(number), lead.fingerprint, lead.received_at, Signs())
        one = replace(lead, id=id_, received_at=lead.received_at + timedelta(milliseconds=number))
        table.put(_item(_in_state(one, number % 100)))
        ids.append(id_)
    return ids


def _in_state(lead: Lead, place: int) -> StoredLead:
    """Return a lead in one of the states of `_SHARES`, by its place among a hundred."""
    kind = next((name for end, name in _SHARES if place < end), "open")
    now = lead.received_at + timedelta(hours=1)
    told = Progress(state=AlertState.DELIVERED, told_at=lead.received_at, version=2)
    states = {
        "open": told,
        "urgent": told,
        "claimed": replace(told, response=ResponseState.CLAIMED, claimed_by=_NURSE.id, claimed_at=now),
        "spam": Progress(state=AlertState.QUARANTINED, quarantined_at=now, version=2),
        "undelivered": Progress(state=AlertState.UNDELIVERABLE, version=2),
        "closed": replace(told, response=ResponseState.CLOSED, claimed_by=_NURSE.id, claimed_at=now, closed_at=now),
    }
    if kind == "urgent":
        lead = replace(lead, answers={**lead.answers, "in_crisis": True})
    return StoredLead(lead=lead, progress=states[kind])


def _item(stored: StoredLead) -> dict[str, Any]:
    return {**new_lead_item(stored.lead), **attributes(progress_attributes(stored))}


# ---- instructions


def _deployed(cloud: Cloud, package: Package) -> tuple[str, dict[str, str], str]:
    """Make what the desk needs in the local AWS. Return a lead's id, the environment and the cookie of a session."""
    if package.layer is None:
        raise FunctionError("the desk has no layer and so no trusted certificates")
    table = cloud.make_leads_table("desk-leads")
    for name, order in (("desk-sessions", None), ("desk-audit", "sk")):
        keys = [("pk", "HASH"), *([(order, "RANGE")] if order else [])]
        cloud.dynamodb.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": each, "AttributeType": "S"} for each, _ in keys],
            KeySchema=[{"AttributeName": each, "KeyType": kind} for each, kind in keys],  # type: ignore[typeddict-item] # one of two words
        )
    memory = MemoryDynamoDB(strict=False)
    ids = _fill(memory, 50)
    for item in memory.items.values():
        cloud.dynamodb.put_item(TableName=table, Item=item)
    pool = cloud.cognito.create_user_pool(PoolName="desk")["UserPool"]["Id"]
    for role in Role:
        cloud.cognito.create_group(UserPoolId=pool, GroupName=role)
    secret = cloud.secrets.create_secret(Name="desk", SecretString="made-up-secret-of-the-stack")["ARN"]
    now = datetime.now(UTC)
    session = Session(
        sub="made-up", email=_NURSE.email, role=Role.STAFF, csrf="c" * 43, signed_in_at=now, seen_at=now, checked_at=now
    )
    # A counter makes a page a hundred times slower, so the session must not be looked up again meanwhile.
    session = replace(session, checked_at=now + timedelta(hours=1), seen_at=now + timedelta(hours=1))
    token = Sessions(cloud.dynamodb, "desk-sessions").open(session)
    environment = {
        **cloud.environment(package.layer / "python" / "botocore" / "cacert.pem"),
        **our_settings(package.layer),
        "TABLE_NAME": table,
        "SESSIONS_TABLE": "desk-sessions",
        "AUDIT_TABLE": "desk-audit",
        "USER_POOL_ID": pool,
        "SIGN_IN_URL": "https://sign-in.example.com",
        "PUBLIC_URL": "https://www.example.com/v1",
        "STACK_SECRET_ARN": secret,
        "PEOPLE_SECRET_ARN": secret,
        "ALERT_RECIPIENTS": ",".join(RECIPIENTS),
        "FALLBACK_RECIPIENTS": ",".join(FALLBACK),
        "TELL_OTHERS": "yes",
        "POWERTOOLS_SERVICE_NAME": "desk",
        "PYTHONHASHSEED": "0",  # without a fixed seed, Python orders sets differently in each process
    }
    return ids[-1], environment, f"{Cookie.SESSION}={token}"


def _count(
    package: Package, environment: Mapping[str, str], counter: Counter, folder: Path, events: list[dict[str, Any]]
) -> int:
    """Return the instructions of a process that answers these events."""
    file, log = folder / f"desk-{len(events)}.count", folder / "logs" / "desk.log"
    with Function(package, environment, log=log, counter=counter.command(file)) as function:
        for event in events:
            answer = function.invoke(event).body
            if answer["statusCode"] != _OK:
                raise FunctionError(f"The desk answered {json.dumps(answer)[:500]}")
    return counter.read(file)


def _event(path: str, cookie: str) -> dict[str, Any]:
    return {
        "httpMethod": "GET",
        "resource": "/desk/{proxy+}",
        "path": path,
        "headers": {"Cookie": cookie, "Sec-Fetch-Site": "same-origin"},
        "multiValueHeaders": {"Cookie": [cookie]},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "requestContext": {
            "domainName": "www.example.com",
            "path": f"/v1{path}",
            "stage": "v1",
            "requestId": timestamp(datetime.now(UTC)),
        },
        "body": None,
        "isBase64Encoded": False,
    }
