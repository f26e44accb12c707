"""The whole system in memory. Its functions are processes that tests can stop and kill at every network call."""

import re
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, suppress
from datetime import datetime, timedelta
from itertools import product
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any, NoReturn, cast
from unittest.mock import patch

from botocore.exceptions import ClientError

from claim.claim import Claim
from claim.routes import routes
from claim.together import Together
from delivery.alarms import AlarmsTopic
from delivery.record import Reports
from erase.wiring import Aws, put_together
from follow_up.day_use import DayUseNote
from follow_up.digest.item import DigestItem
from follow_up.digest.send import Digester
from follow_up.rearm import Rearmer
from follow_up.run import run
from follow_up.summary.item import SummaryItem
from follow_up.summary.send import Summaries
from notify.batch import alert_each
from shared.leads.audit_chain import EMPTY
from shared.leads.budget import DayUse
from shared.leads.canary import canary_form, canary_lead_id
from shared.leads.clinic import EmailLimits, Help
from shared.leads.consequences import Metric
from shared.leads.decisions import Rules, claim
from shared.leads.desk import note as write_note
from shared.leads.lead import Lead
from shared.leads.link import Links, links
from shared.leads.notice import Notice, ReportKind, email_name
from shared.leads.person import Person
from shared.leads.progress import AlertState, Case, Progress
from shared.leads.response import ClaimAction, ResponseState
from shared.leads.team import Team
from shared.messages.budget import Budget
from shared.messages.confirm import Confirmations
from shared.messages.screen import SpamScreen
from shared.messages.send import AlertSender, seconds_to_spare
from shared.messages.side_items import SideItems
from shared.runtime.telemetry import alert_metrics, logger, metrics
from shared.services.keys import Keys, KeysUnavailableError
from shared.services.mailer import SesMailer
from shared.store.canary_registry import CanaryRegistry
from shared.store.confirmation_tally import ConfirmationTally
from shared.store.confirmations import ConfirmationBook
from shared.store.day_use import DayUses
from shared.store.email_counts import EmailCounts
from shared.store.erasures import Erasures
from shared.store.intake_sdk import SdkIntake
from shared.store.keys import LEAD_SORT_KEY, key
from shared.store.lead_item import lead_of
from shared.store.leads import Leads
from shared.store.people import People
from shared.store.progress_item import progress_of
from shared.store.recipient_status import RecipientStatuses
from shared.store.repeats import Repeats
from shared.store.summary_lists import SummaryLists
from shared.store.urgent_senders import UrgentSenders
from shared.store.worklist import WorkIndex
from submit.receive import receive
from tests.unit.cloud import Cloud, Fate, Mail, failure
from tests.unit.dynamodb import NAME as TABLE
from tests.unit.expressions import Item
from tests.unit.fakes import Clock, CrashError
from tests.unit.people import CLINIC, ENGLISH, HELP_PHONE, IDS, NOW
from tests.unit.vault import secret_of

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

STAFF = ("frontdesk@example.com", "nurse@example.com")
FALLBACK = ("owner@example.com",)
# The functions' timeouts in seconds, as in the template.
SUBMIT_LIVES, NOTIFY_LIVES, FOLLOW_UP_LIVES, DELIVERY_LIVES, CLAIM_LIVES, CANARY_LIVES = 20, 150, 170, 60, 20, 180
DESK_LIVES, ERASE_LIVES = 28, 900
# The errors that failing calls and concurrent writes may cause. Any other error is a bug.
FORESEEN = {
    "AuditError",
    "ClientError",
    "BusyLeadError",
    "EndpointConnectionError",
    "ErasedError",
    "KeysUnavailableError",
    "ReadTimeoutError",
    "StorageError",
    "SubmissionIdInUseError",
}
_EVENTS = {
    ReportKind.DELIVERED: ("Email Delivered", "delivery", {}),
    ReportKind.BOUNCED: ("Email Bounced", "bounce", {"bounceType": "Permanent", "bounceSubType": "NoEmail"}),
    ReportKind.COMPLAINED: ("Email Complaint Received", "complaint", {}),
    ReportKind.REJECTED: ("Email Rejected", "reject", {}),
    ReportKind.DELAYED: ("Email Delivery Delayed", "deliveryDelay", {}),
    ReportKind.UNDETERMINED: ("Email Bounced", "bounce", {"bounceType": "Undetermined"}),
}


class Process:
    """One run of a function. It runs from `run` until it waits at a network call, or ends."""

    def __init__(self, name: str, work: Callable[[], object], ends_at: datetime) -> None:
        self.name = name
        self.ends_at = ends_at  # its timeout
        self.done = self.dead = False
        self.error: Exception | None = None
        self.fates: deque[Fate] = deque()
        self._work = work
        self._to_the_end = False
        self._go, self._back = Lock(), Lock()
        self._go.acquire()
        self._back.acquire()
        self._thread: Thread | None = None

    def run(self, fates: Iterable[Fate], *, to_the_end: bool) -> None:
        """Let it make one call for each of `fates`, then wait at the next call or go on to its end."""
        self.fates, self._to_the_end = deque(fates), to_the_end
        if self._thread is None:
            self._thread = Thread(target=self._live, daemon=True)
            self._thread.start()
        else:
            self._go.release()
        self._back.acquire()
        if self.done:
            self._thread.join()

    def next_fate(self) -> Fate:
        """Return the fate of its next call. A dead process makes none."""
        while not (self.dead or self.fates or self._to_the_end):
            self._back.release()
            self._go.acquire()
        if self.dead:
            raise CrashError
        return self.fates.popleft() if self.fates else Fate.WELL

    def die(self) -> NoReturn:
        self.dead = True
        raise CrashError

    def _live(self) -> None:
        try:
            self._work()
        except CrashError:
            pass
        except Exception as error:  # noqa: BLE001 - the world looks at it
            self.error = error
        self.done = True
        self._back.release()


class World:
    """One clinic, and facts that no part of it knows: what SES really accepted, and which process died when."""

    def __init__(self) -> None:
        self.clock = Clock(NOW)
        self.cloud = Cloud(wire=self, now=self.clock, watch=self._watch)
        self.team = Team(staff=("staff-1", "staff-2"), fallback=("fallback-1",), tell_others=True)
        self.limits = EmailLimits()
        self.day_use = DayUse(most=50_000, sent=0)
        self.alive: list[Process] = []
        self.references: set[str] = set()  # references that visitors got
        self.mistakes: list[str] = []
        self.takers: list[Process | None] = []  # the sender of each email
        self.lost_answers: set[int] = set()  # emails whose sender never learned that SES accepted them
        self.disturbed: dict[Process, int] = {}  # how many emails there were at the last fault of each process
        self.leased: dict[tuple[str, int], Progress] = {}  # what the sender of an attempt had read
        self.finished: set[tuple[str, int]] = set()  # attempts with a written outcome
        self.undone: Counter[tuple[str, str]] = Counter()  # how often an email was dropped on purpose, to be sent again
        self.ended = 0  # how often a lead became undeliverable
        self.ends_counted = 0  # how many of these the alarm's metric counted
        self.ends_unheard = 0  # how many of these the writer never learned of: it died, or the response was lost
        self._running: Process | None = None
        self._read: dict[int, tuple[Item, Lead, Progress]] = {}
        self._patches = ExitStack()
        for thing, name, new in (
            (logger, "error", self._look_at),
            (logger, "info", _nothing),
            (logger, "warning", _nothing),
            (metrics, "add_metric", _nothing),
            (alert_metrics, "add_metric", self._count),
        ):
            self._patches.enter_context(patch.object(thing, name, new))

    def close(self) -> None:
        """End all processes and remove the patches."""
        while self.alive:
            self.kill(self.alive[0])
        self._patches.close()

    # ---- processes

    def start(self, name: str, work: Callable[[], object], lives: float) -> Process:
        """Return a new process that has not run yet. It is killed after `lives` seconds."""
        process = Process(name, work, self.clock() + timedelta(seconds=lives))
        self.alive.append(process)
        return process

    def run(self, process: Process, fates: Iterable[Fate] = (), *, to_the_end: bool = True) -> None:
        """Let a process continue; see `Process.run`."""
        outer, self._running = self._running, process
        process.run(fates, to_the_end=to_the_end)
        self._running = outer
        if process.done:
            self.alive.remove(process)
            if process.error and type(process.error).__name__ not in FORESEEN:
                self.mistakes.append(f"{process.name}: {process.error!r}")

    def kill(self, process: Process) -> None:
        """Kill a process where it waits."""
        process.dead = True
        self.disturbed[process] = len(self.cloud.emails)
        self.run(process)

    def wait(self, time: timedelta) -> None:
        """Let time pass. Processes that reach their timeout are killed."""
        self.clock.time += time
        for process in [each for each in self.alive if each.ends_at <= self.clock()]:
            self.kill(process)

    def carry[T](self, service: str, do: Callable[[], T], lost: Callable[[Exception], NoReturn], *, again: bool) -> T:
        """Make a call of the running process; see `tests.unit.cloud.Wire`."""
        process = self._running
        if process is None:
            return self._done(do, None)
        fate = process.next_fate()
        if fate not in {Fate.WELL, Fate.REPEATED}:
            self.disturbed[process] = len(self.cloud.emails)
        match fate:
            case Fate.DIES_BEFORE:
                process.die()
            case Fate.FAILS:
                lost(failure(service, done=False))
            case Fate.DIES_AFTER | Fate.ANSWER_LOST:
                before, ended = len(self.cloud.emails), self.ended
                with suppress(ClientError):
                    self._done(do, process)
                self.lost_answers |= set(range(before, len(self.cloud.emails)))
                self.ends_unheard += self.ended - ended
                self.disturbed[process] = len(self.cloud.emails)
                if fate is Fate.DIES_AFTER:
                    process.die()
                lost(failure(service, done=True))
            case Fate.REPEATED if again:
                with suppress(ClientError):
                    do()
        return self._done(do, process)

    def _done[T](self, do: Callable[[], T], process: Process | None) -> T:
        answer = do()
        self.takers += [process] * (len(self.cloud.emails) - len(self.takers))
        return answer

    # ---- the functions

    def submit(self, fields: dict[str, object]) -> Process:
        """Return the public function with one request."""

        def work() -> None:
            self.references.add(receive(fields, self.intake(), CLINIC, IDS, self.clock(), text=ENGLISH).reference)

        return self.start("submit", work, SUBMIT_LIVES)

    def canary(self, submission_id: str) -> Process:
        """Return the canary up to the point where its request is stored."""

        def work() -> None:
            now = self.clock()
            lead_id = canary_lead_id(submission_id, now, IDS)
            CanaryRegistry(self.cloud.dynamodb(), TABLE).register(lead_id, now)
            receive(canary_form(submission_id, now, CLINIC), self.intake(), CLINIC, IDS, now, text=ENGLISH)

        return self.start("canary", work, CANARY_LIVES)

    def notify(self, lead_ids: list[str]) -> Process:
        """Return the function behind the stream."""
        records = [{"dynamodb": {"Keys": key(each), "SequenceNumber": each}} for each in lead_ids]
        sender = self.sender()
        return self.start(
            "notify", lambda: alert_each(records, sender, self._time_left(NOTIFY_LIVES), at_once=1), NOTIFY_LIVES
        )

    def follow_up(self) -> Process:
        """Return one sweep."""
        sender, digester = self.sender(), self.digester()
        uses = DayUses(self.cloud.dynamodb(), TABLE)
        summaries = Summaries(
            item=SummaryItem(self.cloud.dynamodb(), TABLE),
            lists=SummaryLists(self.cloud.dynamodb(), TABLE),
            sender=sender,
            day_use=uses.read,
        )
        day_use = DayUseNote(ask=lambda: self.day_use, kept=uses)

        def work() -> None:
            run(sender, digester, summaries, day_use, self._time_left(FOLLOW_UP_LIVES), at_once=1, sleep=_nothing)

        return self.start("follow_up", work, FOLLOW_UP_LIVES)

    def delivery(self, mail: Mail, kind: ReportKind) -> Process:
        """Return the function that gets SES's reports, with one on `mail`."""
        name, part, what = _EVENTS[kind]
        at = self.clock().isoformat()
        event = {
            "source": "aws.ses",
            "detail-type": name,
            "time": at,
            "detail": {
                "mail": {"tags": {tag: [value] for tag, value in mail.tags.items()}},
                part: {"timestamp": at, **what},
            },
        }
        reports = Reports(
            leads=self.store(),
            statuses=RecipientStatuses(self.cloud.dynamodb(), TABLE),
            lists=SummaryLists(self.cloud.dynamodb(), TABLE),
            confirmations=ConfirmationTally(self.cloud.dynamodb(), TABLE),
            alarms=AlarmsTopic(self.cloud.sns(), "made-up-topic"),
            rules=self.rules,
            now=self.clock,
        )
        return self.start("delivery", lambda: reports.record(event), DELIVERY_LIVES)

    def claim(self, token: str, method: str, press: str | None = None) -> Process:
        """Return the function behind the links in emails. `press` is what a button of the page sends."""
        leads = self.store()
        together = Together(leads=leads, people=People(self.cloud.dynamodb(), TABLE))
        claim = Claim(leads=leads, keys=self.keys(), rules=self.rules, together=together, now=self.clock)
        event = {"httpMethod": method, "path": f"/claim/{token}", "headers": {}, "requestContext": {}}
        if press:
            event |= {"headers": {"Content-Type": "application/x-www-form-urlencoded"}, "body": press}
        context: Any = None  # nothing reads it
        return self.start("claim", lambda: routes(claim, {}).resolve(event, context), CLAIM_LIVES)

    def reached(self, lead_id: str) -> None:
        """A member of staff reaches the person, unless an operator must release the lead first."""
        decide = claim(ClaimAction.REACHED, self.rules, self.clock(), by=self.team.staff[0], link="made-up-press")
        if not self.progress_of(lead_id).synthetic:
            self.store().change(lead_id, decide)

    def operator(self, reference: str | None) -> Process:
        """Return an operator who releases a request from quarantine or retries all undeliverable alerts."""
        index = WorkIndex(self.cloud.dynamodb(), TABLE)
        rearmer = Rearmer(leads=self.store(), listed=index.listed, now=self.clock)
        work = (lambda: rearmer.release(reference)) if reference else rearmer.redrive
        return self.start("operator", work, FOLLOW_UP_LIVES)

    def store(self) -> Leads:
        return Leads(self.cloud.dynamodb(), TABLE, self.clock)

    def intake(self) -> SdkIntake:
        return SdkIntake(self.cloud.dynamodb(), TABLE)

    def note(self, lead_id: str, text: str, press: str) -> Process:
        """Return a member of staff who writes a note at the desk."""
        decide = write_note(text, self.clock(), by=Person("nurse@example.com"), press=press)
        return self.start("desk", lambda: self.store().change(lead_id, decide), DESK_LIVES)

    def order_to_erase(self, lead_ids: list[str]) -> Process:
        """Return a manager who orders the erasure of leads at the desk."""

        def work() -> None:
            found = [stored for each in lead_ids if (stored := self.store().read(each))]
            if found:
                erasures = Erasures(self.cloud.dynamodb(), TABLE, self.clock)
                erasures.order(found, self.keys().for_people(), by="r-000000000009", by_email="manager@example.com")

        return self.start("desk", work, DESK_LIVES)

    def erase(self) -> Process:
        """Return one run of the function that erases."""
        ends_at = self.clock() + timedelta(seconds=ERASE_LIVES)
        aws = Aws(
            leads=self.cloud.dynamodb(),
            audit=self.cloud.audit.client(),
            ses=self.cloud.ses(),
            table=TABLE,
            audit_table=TABLE,
        )
        eraser = put_together(aws, self.keys().for_people, self.clock).eraser

        def seconds_left() -> float:
            return (ends_at - self.clock()).total_seconds()

        return self.start("erase", lambda: eraser.run(seconds_left), ERASE_LIVES)

    @property
    def rules(self) -> Rules:
        """The rules for following up on leads."""
        return Rules(clinic=CLINIC, team=self.team)

    def keys(self) -> Keys:
        return Keys(secret_of(self.cloud.read_secret, lambda: self.clock().timestamp()).read)

    def sender(self) -> AlertSender:
        """Return a sender, made as shared/messages/wiring.py makes it."""
        client, keys = self.cloud.dynamodb(), self.keys()
        leads = Leads(client, TABLE, self.clock)
        repeats, mailer = Repeats(client, TABLE), self.mailer()
        side_items = SideItems(
            people=People(client, TABLE),
            repeats=repeats,
            key=keys.for_people,
            now=self.clock,
        )
        confirmations = Confirmations(
            book=ConfirmationBook(client, TABLE, leads),
            tally=ConfirmationTally(client, TABLE),
            mailer=mailer,
            clinic=CLINIC,
            help=Help(clinic_phone=HELP_PHONE),
            enabled=True,
            now=self.clock,
        )

        def links_for(lead_id: str, recipient: str, attempt: int) -> Links | None:
            try:
                return links("https://api.example.com", lead_id, recipient, attempt, keys.for_links(), self.clock())
            except KeysUnavailableError:
                return None

        def confirm(lead: Lead) -> None:
            with suppress(KeysUnavailableError):
                confirmations.send(lead, keys.for_people())

        return AlertSender(
            leads=leads,
            screen=SpamScreen(repeats=repeats, verifier=None, now=self.clock),
            mailer=mailer,
            rules=self.rules,
            addresses=self.addresses,
            detail="contact",
            is_canary=CanaryRegistry(client, TABLE).is_registered,
            history=side_items.history,
            person_keys=side_items.person_keys,
            record=side_items.record,
            links=links_for,
            public_url="https://api.example.com",
            confirm=confirm,
            budget=Budget(
                limits=self.limits,
                counts=EmailCounts(client, TABLE),
                urgent_senders=UrgentSenders(client, TABLE),
                day_use=DayUses(client, TABLE).read,
                key=keys.for_people,
                now=self.clock,
            ),
            now=self.clock,
            jitter=lambda: 0.5,
            sleep=_nothing,
        )

    @property
    def addresses(self) -> dict[str, str]:
        """The address of each recipient."""
        staff, fallback = zip(self.team.staff, STAFF, strict=False), zip(self.team.fallback, FALLBACK, strict=False)
        return dict(staff) | dict(fallback)

    def digester(self) -> Digester:
        client = self.cloud.dynamodb()
        return Digester(
            item=DigestItem(client, TABLE),
            worklist=WorkIndex(client, TABLE),
            read=self.store().read,
            failing=lambda: (),
            audit_end=lambda: EMPTY,
            links=lambda _lead_id, _recipient, _attempt: None,
            mailer=self.mailer(),
            names=self.addresses,
            team=self.team,
            clinic=CLINIC,
            detail="contact",
            public_url="https://api.example.com",
            now=self.clock,
            jitter=lambda: 0.5,
        )

    def mailer(self) -> SesMailer:
        return SesMailer(
            self.cloud.ses(),
            sender_name=CLINIC.name,
            sender_address="requests@example.com",
            configuration_set="made-up-set",
        )

    def _time_left(self, lives: float) -> Callable[[], float]:
        ends_at = self.clock() + timedelta(seconds=lives)
        return seconds_to_spare(lambda: int((ends_at - self.clock()).total_seconds() * 1000))

    # ---- what is known

    @property
    def leads(self) -> dict[str, Item]:
        """The stored leads."""
        return {lead_id_of(item): item for key, item in self.cloud.items.items() if key[1] == LEAD_SORT_KEY}

    def known(self, item: Item) -> tuple[Lead, Progress]:
        """Return the content of a stored item. Items are replaced and never changed, so each is read once."""
        if id(item) not in self._read:
            stored = cast("dict[str, AttributeValueTypeDef]", item)
            self._read[id(item)] = item, lead_of(stored), progress_of(stored)
        return self._read[id(item)][1:]

    def progress_of(self, lead_id: str) -> Progress:
        return self.known(self.leads[lead_id])[1]

    def case_of(self, lead_id: str) -> Case:
        item = self.leads[lead_id]
        team = Team(staff=("staff-1",), fallback=()) if "synthetic" in item else self.team
        return Case(lead=self.known(item)[0], clinic=CLINIC, team=team)

    def tokens(self, *mails: Mail) -> list[str]:
        """Return the links in `mails`, or in all emails that SES accepted."""
        return sorted(
            {token for each in mails or self.cloud.emails for token in re.findall(r"/claim/(\S+)", each.text)}
        )

    def allowed(self, number: int) -> bool:
        """Whether this email may go out again, because no process knows that SES accepted it."""
        each, taker = self.cloud.emails[number], self.takers[number]
        if number in self.lost_answers:
            return True
        attempt = (str(each.lead_id), int(each.tags["attempt"]))
        return attempt not in self.finished and taker is not None and self.disturbed.get(taker, -1) > number

    def _watch(self, before: Item, after: Item) -> None:
        if not before or not after or after["sk"]["S"] != LEAD_SORT_KEY or "erased_at" in after:
            return
        lead_id, now, then = lead_id_of(after), self.known(after)[1], self.known(before)[1]
        if now.attempts > then.attempts:
            self.leased[lead_id, now.attempts] = now
        elif "lease_token" in before and "lease_token" not in after:
            self.finished.add((lead_id, then.attempts))
        if now.state is AlertState.UNDELIVERABLE and then.state is not AlertState.UNDELIVERABLE:
            self.ended += 1
        for each in self._sent_again(now, then):
            self.undone[lead_id, each] += 1
        kept = (now.response, now.links_used, now.claimed_by) == (then.response, then.links_used, then.claimed_by)
        if then.response is ResponseState.CLOSED and not kept and now.action is not ClaimAction.REOPEN:
            self.mistakes.append(f"{lead_id} changed after it was closed: {then} {now}")
        if then.claimed_at and now.claimed_at != then.claimed_at:
            self.mistakes.append(f"{lead_id} has another time of its first claim")
        if now.state is AlertState.QUARANTINED and then.told_at:
            self.mistakes.append(f"{lead_id} was quarantined after staff had been alerted")

    def _sent_again(self, now: Progress, then: Progress) -> Iterator[str]:
        """Yield the emails that may go out again after this write."""
        # Including emails that SES rejected before their sender had recorded them as accepted.
        yield from (then.accepted - now.accepted) | {each.rpartition("/")[0] for each in now.rejected - then.rejected}
        if (now.rounds, now.acted_at) != (then.rounds, then.acted_at):  # a new round of all emails but the alert
            for notice, box in product(set(Notice) - {Notice.ALERT}, self.team.everybody):
                yield email_name(notice, box)

    def _count(self, name: str, *_: object) -> None:
        self.ends_counted += name == Metric.UNDELIVERABLE

    def _look_at(self, message: str, *, extra: dict[str, Any]) -> None:
        kind = str(extra.get("error", "")).partition(" at ")[0]
        if kind and kind not in FORESEEN:
            self.mistakes.append(f"{message}: {extra['error']}")


def lead_id_of(item: Item) -> str:
    return str(item["pk"]["S"]).removeprefix("LEAD#")


def _nothing(*_: object, **__: object) -> None:
    """Do nothing."""
