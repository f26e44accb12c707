"""The real stores on a DynamoDB in memory, and a fake mailer and verifier. They fail when told to."""

import inspect
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import wraps
from typing import TYPE_CHECKING, Any, cast

from shared.leads.clinic import Retention
from shared.leads.lead import Lead
from shared.leads.progress import AlertState, Progress, StoredLead
from shared.leads.spam import Verdict
from shared.services.mailer import Message
from shared.store.intake import Put
from shared.store.intake_sdk import SdkIntake
from shared.store.keys import LEAD_SORT_KEY
from shared.store.leads import AgendaEntry, Leads
from shared.store.progress_item import progress_of
from shared.store.repeats import Repeats
from tests.unit.dynamodb import NAME as TABLE
from tests.unit.dynamodb import Key, MemoryDynamoDB
from tests.unit.people import NOW

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

    type StoredItem = dict[str, AttributeValueTypeDef]


class CrashError(BaseException):
    """The process is gone, as in a Lambda timeout. Nothing in the process can catch this."""


@dataclass(slots=True)
class Faults:
    """Errors waiting for their method: raised before it does anything, or after it is done (a lost response)."""

    before: dict[str, list[BaseException]] = field(default_factory=lambda: defaultdict(list))
    after: dict[str, list[BaseException]] = field(default_factory=lambda: defaultdict(list))

    def strike_before(self, method: str) -> None:
        if self.before[method]:
            raise self.before[method].pop(0)

    def strike_after(self, method: str) -> None:
        if self.after[method]:
            raise self.after[method].pop(0)

    @contextmanager
    def around(self, method: str) -> Iterator[None]:
        """Raise the waiting errors before and after the block."""
        self.strike_before(method)
        yield
        self.strike_after(method)


def struck[T: type](real: type) -> Callable[[T], T]:
    """Make each public method of `real` fail before or after its work if the `faults` of the object say so."""

    def wrapped(name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        def called(self: Any, *args: object, **more: object) -> Any:  # noqa: ANN401 - any method of any store
            self.faults.strike_before(name)
            result = method(self, *args, **more)
            self.faults.strike_after(name)
            return result

        def iterated(self: Any, *args: object, **more: object) -> Iterator[Any]:  # noqa: ANN401 - as above
            self.faults.strike_before(name)
            yield from method(self, *args, **more)
            self.faults.strike_after(name)

        return wraps(method)(iterated if inspect.isgeneratorfunction(method) else called)

    def decorate(kind: T) -> T:
        for name, method in vars(real).items():
            if inspect.isfunction(method) and not name.startswith("_"):
                setattr(kind, name, wrapped(name, method))
        return kind

    return decorate


@struck(Repeats)
class MemoryRepeats(Repeats):
    """The real counts of repeats on a DynamoDB in memory. Its `faults` make the methods that they name fail."""

    def __init__(self, dynamodb: MemoryDynamoDB, faults: Faults) -> None:
        super().__init__(dynamodb.client(), TABLE)
        self.faults = faults


class MemoryLeads(Leads):
    """The real store on a DynamoDB in memory, which fails when told to.

    Its `faults` can be for "put", "count", "record", "read" and "agenda", for one decision ("lease", "finish", "claim",
    ...) or for any decision ("change"). Partitions of the agenda that are in `unreadable` cannot be read.
    """

    def __init__(
        self,
        dynamodb: MemoryDynamoDB | None = None,
        now: Callable[[], datetime] = lambda: NOW,
        retention: Retention | None = None,
    ) -> None:
        self.dynamodb = dynamodb or MemoryDynamoDB()
        self.client = self.dynamodb.client()
        self.now = now
        super().__init__(self.client, TABLE, lambda: self.now(), retention)  # noqa: PLW0108 - a test may replace it later
        self.leads = Items(self.dynamodb)
        self.faults = Faults()
        self.unreadable: set[str] = set()
        self.repeats = MemoryRepeats(self.dynamodb, self.faults)
        self._intake = SdkIntake(self.client, TABLE)

    def put(self, lead: Lead) -> Put:
        with self.faults.around("put"):
            return self._intake.put(lead)

    def read(self, lead_id: str) -> StoredLead | None:
        with self.faults.around("read"):
            return super().read(lead_id)

    def change(self, lead_id: str, decide: Callable[[StoredLead], Progress]) -> tuple[StoredLead, StoredLead] | None:
        name = decide.__qualname__.partition(".")[0].replace("_ended", "finish")
        with self.faults.around(name), self.faults.around("change"):
            return super().change(lead_id, decide)

    def agenda(self, partition: str, until: datetime) -> Iterator[AgendaEntry]:
        self.faults.strike_before("agenda")
        if partition in self.unreadable:
            raise OSError(partition)
        return super().agenda(partition, until)

    @property
    def timeline(self) -> dict[Key, Any]:
        """The entries of all timelines, in order."""
        return {key: item for key, item in sorted(self.dynamodb.items.items()) if key[1].startswith("EVENT#")}

    def state_of(self, lead_id: str) -> AlertState:
        """Return the alert state of a stored lead."""
        return self.progress_of(lead_id).state

    def kinds_of(self, lead_id: str) -> list[str]:
        """Return the kinds of a lead's timeline entries, in order."""
        pk = f"LEAD#{lead_id}"
        return [str(entry["kind"]["S"]) for key, entry in self.timeline.items() if key[0] == pk]

    def progress_of(self, lead_id: str) -> Progress:
        """Return the progress of a stored lead."""
        return progress_of(self.leads[lead_id])


class Items(MutableMapping[str, "StoredItem"]):
    """The leads of a table in memory, by id. Changing an item changes the table."""

    def __init__(self, table: MemoryDynamoDB) -> None:
        self._items = cast("dict[Key, StoredItem]", table.items)

    def __getitem__(self, lead_id: str) -> "StoredItem":
        return self._items[f"LEAD#{lead_id}", LEAD_SORT_KEY]

    def __setitem__(self, lead_id: str, item: "StoredItem") -> None:
        self._items[f"LEAD#{lead_id}", LEAD_SORT_KEY] = item

    def __delitem__(self, lead_id: str) -> None:
        del self._items[f"LEAD#{lead_id}", LEAD_SORT_KEY]

    def __iter__(self) -> Iterator[str]:
        return iter([pk.removeprefix("LEAD#") for pk, sk in self._items if sk == LEAD_SORT_KEY])

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __deepcopy__(self, memo: dict[int, Any]) -> "dict[str, StoredItem]":
        return deepcopy(dict(self), memo)


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that the fake SES accepted."""

    message: Message
    to: tuple[str, ...]
    tags: Mapping[str, str]

    @property
    def lead_id(self) -> str:
        """The lead that it is about."""
        return self.tags["lead_id"]


@dataclass(slots=True)
class FakeMailer:
    """Keeps the messages it gets.

    `faults` for "send" are raised before or after SES accepts the message; those for an address are always raised
    before. `meanwhile` runs once while a message is on its way: it can run another sender or let time pass.
    """

    sent: list[Sent] = field(default_factory=list)
    faults: Faults = field(default_factory=Faults)
    meanwhile: Callable[[], None] | None = None

    @property
    def told(self) -> list[str]:
        """The leads that emails were sent about, in order."""
        return list(dict.fromkeys(mail.lead_id for mail in self.sent))

    def send(self, message: Message, *, to: tuple[str, ...], tags: Mapping[str, str]) -> str:
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile:
            meanwhile()
        self.faults.strike_before("send")
        self.faults.strike_before(to[0])
        self.sent.append(Sent(message, to, dict(tags)))
        self.faults.strike_after("send")
        return f"made-up-message-{len(self.sent)}"


@dataclass(slots=True)
class FakeVerifier:
    """Gives the same verdict on every token and records the questions. `faults` for "verify" are raised first."""

    verdict: Verdict = Verdict.PASSED
    asked: list[tuple[str, str]] = field(default_factory=list)
    faults: Faults = field(default_factory=Faults)

    def verify(self, token: str, lead_id: str) -> Verdict:
        self.faults.strike_before("verify")
        self.asked.append((token, lead_id))
        return self.verdict


@dataclass(slots=True)
class Clock:
    """A clock that tests set. Sleeping moves it."""

    time: datetime

    def sleep(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)

    def __call__(self) -> datetime:
        return self.time
