"""Measures how a request, a sweep and a batch slow down with the stored leads, the due leads and the size of the batch.

growth_report.py writes the results.
"""

import json
import ssl
import uuid
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.client import HTTPSConnection
from itertools import batched
from pathlib import Path
from typing import Any

from notify.batch import MOST_ORDINARY
from shared.leads.agenda import Lane, partitions, shard
from shared.leads.identity import LeadIds, Signs, reference
from shared.leads.lead import Lead
from shared.leads.progress import AlertState, Progress, StoredLead
from shared.leads.response import ResponseState
from shared.leads.worklist import Worklist
from shared.runtime.files import clinic
from shared.store.email_counts import key_of_hour
from shared.store.intake import STREAM_GRACE, new_lead_item
from shared.store.keys import DIGEST, attributes, key
from shared.store.leads import Leads
from shared.store.progress_item import progress_attributes, progress_of
from shared.text import DEFAULT, text
from submit.new_lead import new_lead
from submit.request import parse_request
from tests.deployed import somebodys_phone
from tools.bench.cloud import Cloud
from tools.bench.contenders import ID_KEY, our_settings
from tools.bench.lambdas import Function, FunctionError, Package
from tools.bench.measure import Figure, figure
from tools.bench.submissions import event, fields
from tools.local.emulator import REGION
from tools.local.parameters import FALLBACK, RECIPIENTS, SENDER
from tools.local.progress import step

_STORED = (0, 10_000, 100_000)
_REQUESTS = 50
_SWEEPS = {0: 12, 10: 4}  # number of due leads: number of measurements
_LADDER = {1: 10, 50: 2}  # the same, but only with _LADDER_AT stored leads
_LADDER_AT = 10_000
_BATCHES = {1: 20, 10: 5, MOST_ORDINARY: 3}  # leads in a batch: number of measurements
_IDS = LeadIds(ID_KEY)
_WARM = 5  # invocations before the measured ones

_CREATED = 201
_AT_ONCE = 25  # DynamoDB's limit for one call
_WRITERS = 2
# The local AWS does not verify the signature, but it reads the account from it.
_FILLING = {
    "X-Amz-Target": "DynamoDB_20120810.BatchExecuteStatement",
    "Content-Type": "application/x-amz-json-1.0",
    "Authorization": f"AWS4-HMAC-SHA256 Credential=test/20261123/{REGION}/dynamodb/aws4_request, Signature=none",
}


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of each invocation: CPU time of the function's process, and wall time of its caller."""

    cpus: tuple[float, ...]
    walls: tuple[float, ...]

    @property
    def cpu(self) -> Figure:
        """CPU time."""
        return figure(self.cpus)

    @property
    def wall(self) -> Figure:
        """Wall time."""
        return figure(self.walls)


@dataclass(frozen=True, slots=True)
class Sweep:
    """Cost of a sweep with `due` due leads, and the number of items that DynamoDB read to find them."""

    due: int
    read: int
    cost: Cost


@dataclass(frozen=True, slots=True)
class Size:
    """Cost of a request and of sweeps with `stored` leads in the table."""

    stored: int
    submit: Cost
    sweeps: tuple[Sweep, ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """Cost of sending the alerts of `leads` new leads in one invocation."""

    leads: int
    cost: Cost


@dataclass(frozen=True, slots=True)
class Growth:
    """All measurements."""

    sizes: tuple[Size, ...]
    batches: tuple[Batch, ...]


def measure(cloud: Cloud, *, submit: Package, notify: Package, follow_up: Package, folder: Path) -> Growth:
    """Measure our functions, built by `sam build`. `folder` gets their logs. Raises FunctionError."""
    environment = _environment(cloud, submit)
    with ExitStack() as running:

        def start(package: Package, table: _Table) -> _Meter:
            own = {"TABLE_NAME": table.name, "POWERTOOLS_SERVICE_NAME": package.name}
            # Without a fixed seed, Python orders sets differently in each process.
            own["PYTHONHASHSEED"] = "0"
            log = folder / "logs" / f"{table.name}-{package.name}.log"
            return _Meter(running.enter_context(Function(package, environment | own, log=log)))

        table = _Table(cloud, "growth-batches", environment)
        notifier = start(notify, table)
        with step(f"Growth: batches of {', '.join(map(str, _BATCHES))} new leads"):
            _batch(notifier, table, 1, _WARM)
            batches = tuple(_batch(notifier, table, size, times) for size, times in _BATCHES.items())
        # One table per size, measured in turn, so a slow minute of the machine affects all of them.
        tables = [_Table(cloud, f"growth-{stored}", environment) for stored in _STORED]
        with step("Growth: tables of " + ", ".join(f"{stored:,}" for stored in _STORED) + " leads"):
            for table, stored in zip(tables, _STORED, strict=True):
                table.fill(stored)
        with step(f"Growth: {_REQUESTS} requests to each"):
            submits = _requests([(start(submit, table), table) for table in tables])
        with step("Growth: sweeps of each"):
            sweepers = [(start(follow_up, table), table) for table in tables]
            _sweeps(sweepers, 1, _WARM)
            sweeps = [list(each) for each in zip(*(_sweeps(sweepers, *each) for each in _SWEEPS.items()), strict=True)]
            one = _STORED.index(_LADDER_AT)
            sweeps[one] += [_sweeps([sweepers[one]], *each)[0] for each in _LADDER.items()]
    sizes = zip(_STORED, submits, sweeps, strict=True)
    return Growth(
        tuple(Size(stored, cost, tuple(sorted(swept, key=lambda each: each.due))) for stored, cost, swept in sizes),
        batches,
    )


def _environment(cloud: Cloud, package: Package) -> dict[str, str]:
    """Create the resources that the functions use, and return the functions' environment as in template.yaml."""
    if package.layer is None:
        raise FunctionError(f"{package.name} has no layer and so no trusted certificates")
    aws = cloud.environment(package.layer / "python" / "botocore" / "cacert.pem")
    secret = cloud.secrets.create_secret(Name="growth", SecretString=uuid.uuid4().hex)["ARN"]
    cloud.ses.create_email_identity(EmailIdentity=SENDER)
    cloud.ses.create_configuration_set(ConfigurationSetName="growth")
    return {
        **aws,
        **our_settings(package.layer),
        "SENDER_ADDRESS": SENDER,
        "ALERT_RECIPIENTS": ",".join(RECIPIENTS),
        "FALLBACK_RECIPIENTS": ",".join(FALLBACK),
        "ALERT_DETAIL": "contact",
        "TELL_OTHERS": "yes",
        "VISITOR_CONFIRMATION": "no",
        "CONFIGURATION_SET": "growth",
        "TURNSTILE_SECRET_ARN": "",
        "TURNSTILE_VERIFY_URL": "https://www.example.com/",
        "STACK_SECRET_ARN": secret,
        "PEOPLE_SECRET_ARN": secret,
        "AUDIT_TABLE": "growth-audit",
        "OWNER_EMAIL": "",
        "PUBLIC_URL": "https://www.example.com/v1",
    }


class _Meter:
    """A function whose invocations are measured."""

    def __init__(self, function: Function) -> None:
        self._function = function
        self._used = 0.0

    def invoke(self, event: object) -> tuple[Any, float, float]:
        """Return the response, the seconds of CPU time and the seconds of wall time.

        Work that the process does after its response counts toward the next invocation, so the median contains it once.
        """
        answer = self._function.invoke(event)
        used = self._function.usage().cpu_seconds
        cpu, self._used = used - self._used, used
        return answer.body, cpu, answer.seconds


def _requests(submitters: "Sequence[tuple[_Meter, _Table]]") -> list[Cost]:
    taken: list[list[tuple[float, float]]] = [[] for _ in submitters]
    for _ in range(_WARM + _REQUESTS):
        for (submitter, _table), mine in zip(submitters, taken, strict=True):
            answer, cpu, wall = submitter.invoke(event())
            if answer["statusCode"] != _CREATED:
                raise FunctionError(f"submit did not store a request. Its response: {answer}")
            mine.append((cpu, wall))
    for _, table in submitters:
        table.forget(AlertState.PENDING, _WARM + _REQUESTS)
    return [_cost(each[_WARM:]) for each in taken]


def _sweeps(sweepers: "Sequence[tuple[_Meter, _Table]]", due: int, times: int) -> list[Sweep]:
    taken: list[list[tuple[float, float]]] = [[] for _ in sweepers]
    read = [0] * len(sweepers)
    for _ in range(times):
        for number, (sweeper, table) in enumerate(sweepers):
            table.put(due, received_at=datetime.now(UTC) - 2 * STREAM_GRACE)
            read[number] = table.read_by_a_sweep()
            answer, cpu, wall = sweeper.invoke({})
            if answer != {"looked_at": due}:
                raise FunctionError(f"A sweep with {due} due leads returned {answer}")
            table.forget(AlertState.ACCEPTED, due)
            taken[number].append((cpu, wall))
    return [Sweep(due, looked_at, _cost(each)) for looked_at, each in zip(read, taken, strict=True)]


def _batch(notifier: _Meter, table: "_Table", size: int, times: int) -> Batch:
    taken = []
    for _ in range(times):
        new = table.put(size, received_at=datetime.now(UTC))
        answer, cpu, wall = notifier.invoke({"Records": [_record(lead) for lead in new]})
        if answer != {"batchItemFailures": []}:
            raise FunctionError(f"A batch of {size} leads failed in part: {answer}")
        table.forget(AlertState.ACCEPTED, size)
        taken.append((cpu, wall))
    return Batch(size, _cost(taken))


def _cost(taken: Sequence[tuple[float, float]]) -> Cost:
    cpus, walls = zip(*taken, strict=True)
    return Cost(cpus, walls)


def _record(lead: Lead) -> dict[str, Any]:
    """Return the stream record of a new lead. It has only the keys, as set in infra/data.yaml."""
    return {
        "eventID": uuid.uuid4().hex,
        "eventName": "INSERT",
        "eventSource": "aws:dynamodb",
        "awsRegion": REGION,
        "dynamodb": {"Keys": key(lead.id), "SequenceNumber": "1", "StreamViewType": "KEYS_ONLY"},
    }


class _Table:
    """A table of leads in the local AWS."""

    def __init__(self, cloud: Cloud, name: str, aws: Mapping[str, str]) -> None:
        self.name = cloud.make_leads_table(name)
        self._aws = aws
        self._client = cloud.dynamodb
        self._leads = Leads(cloud.dynamodb, name)

    def fill(self, count: int) -> None:
        """Store `count` closed leads."""
        one = _done()
        # Send plain HTTP requests, because the SDK would take longer than the local AWS itself. Use PartiQL statements,
        # because the local AWS takes twice as long for a BatchWriteItem.
        statement = {"Statement": f'INSERT INTO "{self.name}" VALUE ?', "Parameters": [{"M": _reached(one)}]}
        text = json.dumps(statement)

        def another(number: int) -> str:
            id_ = _IDS.lead_id(str(number), one.fingerprint, one.received_at, Signs())
            same = text.replace(one.id, id_).replace(one.reference, reference(id_))
            return same.replace(f"{Worklist.CLOSED}#{shard(one.id)}", f"{Worklist.CLOSED}#{shard(id_)}")

        def write(numbers: Iterable[int]) -> None:
            connection = self._connection()
            for some in batched(numbers, _AT_ONCE, strict=False):
                connection.request("POST", "/", f'{{"Statements": [{", ".join(map(another, some))}]}}', _FILLING)
                answer = json.load(connection.getresponse())
                if errors := [each["Error"] for each in answer["Responses"] if "Error" in each]:
                    raise FunctionError(f"The local AWS did not store leads: {errors[0]}")
            connection.close()

        # Several writers keep the local AWS busy.
        with ThreadPoolExecutor(_WRITERS) as writers:
            list(writers.map(write, [range(each, count, _WRITERS) for each in range(_WRITERS)]))

    def new_hour(self) -> None:
        """Forget how many emails went out in this hour, so the budget for email is not part of what is measured."""
        self._client.delete_item(TableName=self.name, Key=key_of_hour(datetime.now(UTC), urgent=False))

    def put(self, count: int, received_at: datetime) -> list[Lead]:
        """Store leads that wait for their alert, each from a different person."""
        self.new_hour()
        # A second request from the same person waits, so its alert would come later.
        requests = [
            parse_request(fields() | {"phone": somebodys_phone()}, clinic(), text(DEFAULT)) for _ in range(count)
        ]
        leads = [new_lead(request, received_at, clinic(), _IDS) for request in requests]
        for lead in leads:
            self._client.put_item(TableName=self.name, Item=new_lead_item(lead))
        return leads

    def read_by_a_sweep(self) -> int:
        """Return how many items DynamoDB reads for a sweep's queries."""
        looked_at = 0

        def note(parsed: dict[str, Any], **_: object) -> None:
            nonlocal looked_at
            looked_at += parsed["ScannedCount"]

        events = self._client.meta.events
        events.register("after-call.dynamodb.Query", note)
        self._on_the_agenda(datetime.now(UTC))
        events.unregister("after-call.dynamodb.Query", note)
        return looked_at

    def forget(self, state: AlertState, count: int) -> None:
        """Delete all leads on the agenda. Raises FunctionError unless these are `count` leads in `state`."""
        states = []
        for lead in self._on_the_agenda(datetime.max.replace(tzinfo=UTC)):
            old = self._client.delete_item(TableName=self.name, Key=key(lead), ReturnValues="ALL_OLD")
            states.append(progress_of(old["Attributes"]).state)
        if states != [state] * count:
            raise FunctionError(f"Expected {count} leads in the state {state} on the agenda, found {states}")

    def _connection(self) -> HTTPSConnection:
        trusted = ssl.create_default_context(cafile=self._aws["AWS_CA_BUNDLE"])
        return HTTPSConnection(self._aws["AWS_ENDPOINT_URL"].removeprefix("https://"), context=trusted)

    def _on_the_agenda(self, until: datetime) -> list[str]:
        parts = [each for lane in Lane for each in partitions(lane)]
        found = [entry.lead_id for each in parts for entry in self._leads.agenda(each, until)]
        return [each for each in found if each != DIGEST]


def _done() -> Lead:
    """Return a month-old request with only the required fields and a phone number."""
    short = {"name": "Robin Example", "phone": "(202) 555-0147", "patient_is_adult": "yes", "consent_contact": "yes"}
    return new_lead(
        parse_request(short, clinic(), text(DEFAULT)), datetime.now(UTC) - timedelta(days=30), clinic(), _IDS
    )


def _reached(lead: Lead) -> dict[str, Any]:
    """Return the item of a closed lead: staff got the alert and reached the person, and nothing is due."""
    progress = Progress(state=AlertState.DELIVERED, attempts=1, response=ResponseState.CLOSED, told_at=lead.received_at)
    written = progress_attributes(StoredLead(lead=lead, progress=progress))
    kept = {name: value for name, value in new_lead_item(lead).items() if name not in written}
    return kept | attributes(written)
