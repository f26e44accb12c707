"""canary: the whole path through the public API and a table, each way of failing, and nothing left behind."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from botocore.exceptions import ClientError

from canary import public_api as module
from canary.fly import FOLLOW_SECONDS, Canary
from canary.public_api import PublicApi
from shared.leads.canary import CANARY_NAME, SIMULATOR, canary_form, canary_lead_id, looks_synthetic
from shared.leads.contact import normalize_email
from shared.leads.event import Event
from shared.leads.lead import Lead, Priority
from shared.leads.progress import AlertState, Progress, StoredLead
from shared.leads.spam import Evidence, Verdict, screen
from shared.store.canary_registry import CanaryRegistry
from shared.store.intake import new_lead_item
from shared.store.keys import attributes
from shared.store.progress_item import progress_attributes
from shared.store.timeline import event_item
from submit.new_lead import new_lead
from submit.request import parse_request
from tests.unit.dynamodb import NAME, MemoryDynamoDB
from tests.unit.output import counted, everything_printed
from tests.unit.people import CLINIC, ENGLISH, IDS, NOW, a_lead

BROKEN = "InternalServerError"
SUBMISSION_ID = "canary-0123456789abcdef"


def canarys_lead(submission_id: str = SUBMISSION_ID) -> Lead:
    return new_lead(parse_request(canary_form(submission_id, NOW, CLINIC), CLINIC, ENGLISH), NOW, CLINIC, IDS)


def test_the_canarys_lead_is_known_before_it_is_made() -> None:
    lead = canarys_lead()
    assert lead.id == canary_lead_id(SUBMISSION_ID, NOW, IDS)
    assert looks_synthetic(lead)
    assert not looks_synthetic(a_lead())
    assert lead.email == normalize_email(SIMULATOR) == SIMULATOR
    assert lead.priority is Priority.NORMAL


@pytest.mark.parametrize("turnstile", Verdict)
def test_the_canary_is_never_quarantined(turnstile: Verdict) -> None:
    # Each canary has different content, so none counts as a repeat.
    assert canarys_lead().fingerprint != canarys_lead("canary-fedcba9876543210").fingerprint
    assert not screen(Evidence(lead=canarys_lead(), repeats=0, turnstile=turnstile)).quarantined


@dataclass
class World:
    """A public API on a loopback port, the table behind it, and a clock. `steps`: when the alert reaches each state."""

    table: MemoryDynamoDB = field(default_factory=MemoryDynamoDB)
    status: int = 201
    stores: bool = True
    steps: list[tuple[float, AlertState]] = field(default_factory=lambda: [(6.0, AlertState.ACCEPTED)])
    synthetic: bool = True
    clock: float = 0.0
    url: str = ""
    posted: list[dict[str, Any]] = field(default_factory=list)
    most: int = 0  # the largest number of items

    def take(self, form: dict[str, Any]) -> int:
        """Store a request as the submit function does."""
        self.posted.append(form)
        lead = new_lead(parse_request(form, CLINIC, ENGLISH), NOW, CLINIC, IDS)
        assert (f"LEAD#{lead.id}", "CANARY") in self.table.items, "posted before it was registered"
        if self.stores and self.status == 201:
            self._put(new_lead_item(lead))
            self._put(event_item(lead.id, Event(kind="received", at=NOW), NOW))
        return self.status

    def sleep(self, seconds: float) -> None:
        """Let time pass, also for the senders."""
        self.clock += seconds
        for at, state in self.steps:
            if at <= self.clock:
                self._reach(state)

    def _reach(self, state: AlertState) -> None:
        for (pk, sk), item in list(self.table.items.items()):
            if sk == "LEAD":
                item["alert_state"] = {"S": state}
                if self.synthetic:
                    item["synthetic"] = {"BOOL": True}
                accepted = Event(kind="alert_accepted", at=NOW + timedelta(seconds=6))
                self._put(event_item(pk.removeprefix("LEAD#"), accepted, NOW))

    def _put(self, item: Any) -> None:  # noqa: ANN401 - an item in DynamoDB's form
        self.table.put(item)
        self.most = max(self.most, len(self.table.items))

    def break_(self, operation: str) -> None:
        self.table.broken[operation] = BROKEN

    def canary(self) -> Canary:
        return Canary(
            registry=CanaryRegistry(self.table.client(), NAME),
            website=PublicApi(self.url),
            ids=IDS,
            clinic=CLINIC,
            now=lambda: NOW,
            seconds=lambda: self.clock,
            sleep=self.sleep,
        )

    def left(self) -> list[str]:
        """Return what is left of the canary's data."""
        return [sk for _, sk in self.table.items]


@contextmanager
def served(world: World) -> Iterator[World]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == "/v1/consultations"
            assert self.headers["Content-Type"] == "application/json"
            status = world.take(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            """Log nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        world.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield world
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.enable_socket
def test_a_canary_that_arrives_is_counted_and_leaves_only_its_registration() -> None:
    with served(World()) as world:
        assert world.canary().fly()
    assert (counted("CanaryAccepted"), counted("CanarySeconds")) == ([1], [6.0])
    assert world.left() == ["CANARY"]
    assert world.most == 4  # the registration, the lead and two entries of its timeline
    (form,) = world.posted
    assert (form["name"], form["email"]) == (CANARY_NAME, SIMULATOR)


@pytest.mark.enable_socket
def test_two_canaries_are_two_leads() -> None:
    with served(World()) as world:
        assert world.canary().fly()
        assert world.canary().fly()
    assert world.left() == ["CANARY", "CANARY"]


FAILURES: dict[str, tuple[Callable[[World], None], str, str]] = {
    "the table is out of reach": (lambda world: world.break_("PutItem"), "register", "PutItem"),
    "the API refuses": (lambda world: setattr(world, "status", 503), "post", "status 503"),
    "the API redirects": (lambda world: setattr(world, "status", 303), "post", "status 303"),
    "nothing is stored": (lambda world: setattr(world, "stores", False), "store", "no such lead"),
    "the table cannot be read": (lambda world: world.break_("GetItem"), "store", ""),
    "nobody sends": (lambda world: world.steps.clear(), "alert", "state pending for too long"),
    "SES is slow": (lambda world: setattr(world, "steps", [(2, AlertState.SENDING)]), "alert", "state sending"),
    "SES refuses": (lambda world: setattr(world, "steps", [(2, AlertState.UNDELIVERABLE)]), "alert", "undeliverable"),
    "it looks like spam": (lambda world: setattr(world, "steps", [(2, AlertState.QUARANTINED)]), "alert", "quaran"),
    "staff are told": (lambda world: setattr(world, "synthetic", False), "disguise", "staff were alerted"),
}


@pytest.mark.enable_socket
@pytest.mark.parametrize("name", FAILURES)
def test_each_failure_is_a_zero_and_a_line_that_names_the_step(name: str) -> None:
    spoil, step, reason = FAILURES[name]
    with served(World()) as world, everything_printed() as output:
        spoil(world)
        assert not world.canary().fly()
        assert (counted("CanaryAccepted"), counted("CanarySeconds")) == ([0], [])
    (line,) = [line for line in output.getvalue().splitlines() if '"canary failed"' in line]
    assert json.loads(line)["outcome"] == step
    assert reason in json.loads(line)["reason"] or name.startswith("the table")
    assert world.clock <= FOLLOW_SECONDS + 2
    assert bool(world.posted) == (step != "register")
    # The lead is deleted, and a sender that still has it must find the registration.
    assert world.left() == ([] if step == "register" else ["CANARY"])


@pytest.mark.enable_socket
def test_no_answer_is_a_failure_of_the_post(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CONNECT_SECONDS", 0.1)
    with served(World()) as world:
        pass  # nobody listens there anymore
    with everything_printed() as output:
        assert not world.canary().fly()
    assert '"outcome":"post"' in output.getvalue()


@pytest.mark.enable_socket
def test_what_cannot_be_removed_is_no_failure_of_the_way() -> None:
    with served(World()) as world, everything_printed() as output:
        world.break_("DeleteItem")
        assert world.canary().fly()
    assert "canary not removed" in output.getvalue()


def registry(table: MemoryDynamoDB) -> CanaryRegistry:
    return CanaryRegistry(table.client(), NAME)


def test_a_registration_is_found_and_outlives_the_longest_retries() -> None:
    table = MemoryDynamoDB()
    registry(table).register("LEAD-ID", NOW)
    assert registry(table).is_registered("LEAD-ID")
    assert not registry(table).is_registered("ANOTHER")
    (item,) = table.items.values()
    expires_at = datetime.fromtimestamp(int(item["expires_at"]["N"]), tz=NOW.tzinfo)
    assert expires_at - NOW > timedelta(days=4)


def test_a_registration_of_a_moment_ago_is_found() -> None:
    table = MemoryDynamoDB(stale=True)
    registry(table).register("LEAD-ID", NOW)
    assert registry(table).is_registered("LEAD-ID")


def test_a_failing_registry_raises_an_error() -> None:
    with pytest.raises(ClientError):
        registry(MemoryDynamoDB(broken={"GetItem": BROKEN})).is_registered("LEAD-ID")


def test_a_persons_lead_is_never_removed() -> None:
    table, lead = MemoryDynamoDB(), a_lead()
    table.put(new_lead_item(lead))
    with pytest.raises(ClientError):
        registry(table).remove(lead.id)
    assert sorted(table.items) == [(f"LEAD#{lead.id}", "LEAD")]


def test_the_registry_reads_only_the_alert_state_of_a_lead() -> None:
    table, lead = MemoryDynamoDB(), a_lead()
    progress = Progress(synthetic=True)
    stored = new_lead_item(lead) | attributes(progress_attributes(StoredLead(lead=lead, progress=progress)))
    table.put(stored)
    assert registry(table).state_of(lead.id) == (AlertState.PENDING, True)
    assert registry(table).state_of("ANOTHER") is None
