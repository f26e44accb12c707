"""confirm: a visitor gets at most one email about a request, and only if they want it and it is safe."""

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from shared.leads.clinic import EmailLimits, Help
from shared.leads.confirmation import Tally
from shared.leads.lead import Lead
from shared.leads.notice import Outcome
from shared.messages.confirm import PATIENCE, Confirmations
from shared.services.mailer import MailError
from shared.store.confirmation_tally import ConfirmationTally
from shared.store.confirmations import ConfirmationBook, Permit
from shared.store.intake import new_lead_item
from shared.store.keys import lead_id_of
from shared.store.leads import Leads
from tests.unit.dynamodb import NAME, MemoryDynamoDB
from tests.unit.fakes import Clock, CrashError, FakeMailer, Faults, struck
from tests.unit.output import counted, everything_printed
from tests.unit.people import CLINIC, HELP_PHONE, NOW, a_lead
from tests.unit.words import CANARY

KEY = b"made-up key"
GMAIL = "gmail.com"


@struck(ConfirmationBook)
class Book(ConfirmationBook):
    """The real permits on a DynamoDB in memory, with the leads of the first visitors."""

    def __init__(self) -> None:
        self.table = MemoryDynamoDB()
        client = self.table.client()
        super().__init__(client, NAME, Leads(client, NAME))
        for number in range(4):
            self.table.put(new_lead_item(a_lead(number)))
        self.faults = Faults()

    @property
    def confirmed(self) -> set[str]:
        """The leads whose permit was given."""
        return {lead_id_of(item) for item in self._stored() if "confirmation_at" in item}

    @property
    def entries(self) -> list[tuple[str, str, dict[str, str]]]:
        """The timeline entries: a lead, a kind and the details."""
        hidden = {"pk", "sk", "kind", "actor", "schema", "expires_at"}
        return [
            (
                lead_id_of(item),
                str(item["kind"]["S"]),
                {name: str(value["S"]) for name, value in item.items() if name not in hidden},
            )
            for item in self._stored()
            if "kind" in item
        ]

    @property
    def sent(self) -> int:
        """The confirmations counted on the day of NOW."""
        return ConfirmationTally(self.table.client(), NAME).read(NOW).sent_today

    def _stored(self) -> list[Any]:
        return list(self.table.items.values())


@struck(ConfirmationTally)
class Counts(ConfirmationTally):
    """The real counts on the table of a book."""

    def __init__(self, book: Book) -> None:
        super().__init__(book.table.client(), NAME)
        self.faults = Faults()


@dataclass(slots=True)
class Rehearsal:
    """Confirmations and their surroundings."""

    book: Book = field(default_factory=Book)
    most: int = 200  # a day
    tally: Counts = field(init=False)
    mailer: FakeMailer = field(default_factory=FakeMailer)
    clock: Clock = field(default_factory=lambda: Clock(NOW))

    def __post_init__(self) -> None:
        self.tally = Counts(self.book)

    def confirmations(self, *, enabled: bool = True) -> Confirmations:
        return Confirmations(
            book=self.book,
            tally=self.tally,
            mailer=self.mailer,
            clinic=replace(CLINIC, email=EmailLimits(max_confirmations_per_day=self.most)),
            help=Help(clinic_phone=HELP_PHONE),
            enabled=enabled,
            now=self.clock,
        )

    def send(self, lead: Lead, key: bytes | None = KEY) -> None:
        # ConfirmationBook would treat a second request in the same millisecond as a retry by the SDK.
        self.clock.time += timedelta(milliseconds=1)
        self.confirmations().send(lead, key)


def confirmable(number: int = 0, **changes: Any) -> Lead:  # noqa: ANN401 - any attribute of a lead
    """Return the lead of a person who allowed emails and did not ask for discretion."""
    return a_lead(number, **({"preferred_contact": "email", "discreet": None} | changes))


def test_a_confirmation_goes_out_once_with_what_finds_the_lead_again() -> None:
    desk, lead = Rehearsal(), confirmable()
    desk.send(lead)
    desk.send(lead)
    (sent,) = desk.mailer.sent
    assert sent.to == ("robin@example.com",)
    assert sent.tags == {"lead_id": lead.id, "notice": "confirmation"}
    assert desk.book.entries == [(lead.id, "confirmation_sent", {"message_id": "made-up-message-1"})]
    assert counted("ConfirmationsSent") == [1]


def test_a_confirmation_says_when_someone_will_be_in_touch() -> None:
    desk = Rehearsal()
    desk.send(confirmable())
    (sent,) = desk.mailer.sent
    assert "We are open now. Someone will contact you today." in sent.message.text
    assert "We are open now. Someone will contact you today." in sent.message.html


@pytest.mark.parametrize(
    "changes",
    [
        {"discreet": True},
        {"preferred_contact": "phone"},
        {"preferred_contact": "text"},
        {"email": None},
        {"email": None, "preferred_contact": None},
        {"discreet": True, "phone": None},
        {"consents": ()},
        {"consents": (), "in_crisis": True},
    ],
)
def test_who_wants_discretion_or_did_not_agree_to_emails_gets_no_confirmation(
    changes: dict[str, Any],
) -> None:
    desk = Rehearsal()
    desk.send(confirmable(**changes))
    assert (desk.mailer.sent, desk.book.confirmed, desk.book.entries) == ([], set(), [])


def test_without_a_key_or_where_the_clinic_wants_none_there_is_none() -> None:
    desk = Rehearsal()
    desk.send(confirmable(), key=None)
    desk.confirmations(enabled=False).send(confirmable(), KEY)
    assert (desk.mailer.sent, desk.book.confirmed) == ([], set())


def test_an_address_gets_one_a_day_in_whatever_case_and_the_day_is_utc() -> None:
    desk = Rehearsal()
    desk.send(confirmable(1, email="Robin@example.com"))
    desk.send(confirmable(2, email="robin@example.com"))
    assert [sent.to for sent in desk.mailer.sent] == [("Robin@example.com",)]
    assert desk.book.entries[-1][1:] == ("confirmation_failed", {"reason": "one_a_day"})
    desk.clock.time = datetime(2026, 3, 5, tzinfo=UTC)
    desk.send(confirmable(3, email="robin@example.com"))
    assert len(desk.mailer.sent) == 2


# --- the cap and the pause --------------------------------------------------------------------------------------------


def test_beyond_the_days_cap_no_confirmation_goes_out_and_the_timeline_says_why() -> None:
    desk = Rehearsal(most=2)
    for number in range(3):
        desk.send(confirmable(number, email=f"robin-{number}@example.com"))
    assert len(desk.mailer.sent) == desk.book.sent == 2
    assert desk.book.entries[-1] == (a_lead(2).id, "confirmation_failed", {"reason": "daily_cap"})
    desk.clock.time += timedelta(days=1)
    desk.send(confirmable(3, email="robin-3@example.com"))
    assert len(desk.mailer.sent) == 3


def test_an_address_that_has_its_confirmation_does_not_use_up_the_cap() -> None:
    desk = Rehearsal(most=2)
    spellings = [f"{local}@{GMAIL}" for local in ("robin.example", "Robin.Example+1", "robinexample", "another")]
    for number, spelling in enumerate(spellings):
        desk.send(confirmable(number, email=spelling))
    assert [sent.to[0] for sent in desk.mailer.sent] == [spellings[0], spellings[3]]


def test_two_senders_at_once_never_exceed_the_cap() -> None:
    desk = Rehearsal(most=1)
    # Both have read the tally before either counts.
    desk.tally.read = lambda now: Tally()  # type: ignore[method-assign] # noqa: ARG005 - the real one's name
    for number in range(2):
        desk.send(confirmable(number, email=f"robin-{number}@example.com"))
    assert len(desk.mailer.sent) == 1
    assert desk.book.entries[-1][1:] == ("confirmation_failed", {"reason": "daily_cap"})


def test_while_too_many_bounce_no_confirmation_goes_out_and_the_timeline_says_why() -> None:
    desk = Rehearsal()
    for number in range(3):
        desk.send(confirmable(number, email=f"robin-{number}@example.com"))
        desk.tally.bounced(a_lead(number).id, desk.clock.time)
    desk.send(confirmable(3, email="robin-3@example.com"))
    assert len(desk.mailer.sent) == 3
    assert desk.book.entries[-1] == (a_lead(3).id, "confirmation_failed", {"reason": "paused"})
    assert counted("ConfirmationsPaused") == [1]
    assert a_lead(3).id not in desk.book.confirmed
    desk.clock.time += timedelta(days=2)  # the bounces are older than yesterday
    desk.send(confirmable(3, email="robin-3@example.com"))
    assert len(desk.mailer.sent) == 4


def test_a_slow_table_costs_the_next_alert_no_time() -> None:
    desk = Rehearsal()

    def slow(now: datetime) -> Tally:  # noqa: ARG001 - the real one's name
        desk.clock.time += PATIENCE + timedelta(seconds=1)
        return Tally()

    desk.tally.read = slow  # type: ignore[method-assign]
    desk.send(confirmable())
    assert (desk.mailer.sent, desk.book.confirmed, desk.book.entries) == ([], set(), [])


@pytest.mark.parametrize("method", ["read", "count"])
def test_a_tally_that_cannot_be_read_or_written_sends_nothing_and_stops_nothing(method: str) -> None:
    desk = Rehearsal()
    desk.tally.faults.before[method].append(ValueError(f"no {CANARY}"))
    with everything_printed() as output:
        desk.send(confirmable())
    assert desk.mailer.sent == []
    assert CANARY not in output.getvalue()


_METHODS = ("permit", "read", "count", "send", "note")
_CRASHES = st.sampled_from([None, *((where, method) for where in ("before", "after") for method in _METHODS)])


@given(
    st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["a", "b", "c"]), _CRASHES, st.integers(0, 30)), max_size=12)
)
def test_wherever_the_process_dies_no_one_gets_a_second_one_and_the_cap_holds(
    steps: list[tuple[int, str, tuple[str, str] | None, int]],
) -> None:
    desk, days = Rehearsal(most=2), []
    for number, name, crash, hours in steps:
        desk.clock.time += timedelta(hours=hours)
        for each in (desk.mailer.faults, desk.book.faults, desk.tally.faults):
            each.before.clear()
            each.after.clear()
            if crash:
                getattr(each, crash[0])[crash[1]].append(CrashError())
        before = len(desk.mailer.sent)
        with suppress(CrashError):
            desk.send(confirmable(number, email=f"{name}@example.com"))
        days += [(sent.to, desk.clock.time.date()) for sent in desk.mailer.sent[before:]]
    assert len({sent.lead_id for sent in desk.mailer.sent}) == len(desk.mailer.sent)
    assert len(set(days)) == len(days)
    assert max(Counter(day for _, day in days).values(), default=0) <= desk.most


def test_a_refused_confirmation_is_recorded_and_not_retried() -> None:
    desk, lead = Rehearsal(), confirmable()
    desk.mailer.faults.before["send"].append(MailError(Outcome.THROTTLED, "TooManyRequestsException"))
    desk.send(lead)
    desk.send(lead)
    assert desk.mailer.sent == []
    assert desk.book.entries == [(lead.id, "confirmation_failed", {"reason": "TooManyRequestsException"})]
    assert counted("ConfirmationsFailed") == [1]


def test_an_error_stops_no_other_lead_and_quotes_no_visitor() -> None:
    desk = Rehearsal()
    desk.book.faults.before["permit"].append(ValueError(f"no {CANARY}"))
    with everything_printed() as output:
        desk.send(confirmable(email=f"{CANARY}@example.com"))
        desk.send(confirmable(email=f"{CANARY}@example.com"))
    assert len(desk.mailer.sent) == 1
    assert "ValueError at" in output.getvalue()
    assert CANARY not in output.getvalue()


# --- the real book ----------------------------------------------------------------------------------------------------


def book_with(*leads: Lead) -> tuple[ConfirmationBook, MemoryDynamoDB]:
    table = MemoryDynamoDB()
    for lead in leads:
        table.put(new_lead_item(lead))
    client = table.client()
    return ConfirmationBook(client, NAME, Leads(client, NAME)), table


ADDRESS = "Robin+x@example.com"


def test_a_permit_is_two_conditional_writes_that_hold_no_address() -> None:
    lead = a_lead()
    book, table = book_with(lead)
    assert book.permit(lead, ADDRESS, KEY, NOW) is Permit.GIVEN
    assert book.permit(lead, ADDRESS, KEY, NOW) is Permit.CONFIRMED_BEFORE  # another sender, in the same millisecond
    (entry,) = [item for (pk, _), item in table.items.items() if pk.startswith("CONFIRMED#")]
    assert entry["sk"] == {"S": "2026-03-04"}
    assert entry["expires_at"] == {"N": str(int(NOW.timestamp()) + 2 * 24 * 3600)}
    assert [len(table.asked(each)) for each in ("UpdateItem", "PutItem")] == [1, 1]
    assert "robin" not in repr(table.requests).lower()
    assert "example.com" not in repr(table.requests)


@pytest.mark.parametrize("operation", ["update_item", "put_item"])
def test_a_write_that_the_sdk_repeats_is_one_permit(operation: str) -> None:
    table = MemoryDynamoDB()
    table.put(new_lead_item(a_lead()))
    client: Any = table.client()
    write = getattr(client, operation)
    setattr(client, operation, lambda **asked: (write(**asked), write(**asked))[1])
    assert ConfirmationBook(client, NAME, Leads(client, NAME)).permit(a_lead(), ADDRESS, KEY, NOW) is Permit.GIVEN


def test_a_recipient_is_the_same_in_any_case_and_with_any_tag() -> None:
    def entries(*addresses: str) -> int:
        book, table = book_with(*(a_lead(number) for number in range(len(addresses))))
        permits = [book.permit(a_lead(number), address, KEY, NOW) for number, address in enumerate(addresses)]
        assert permits.count(Permit.GIVEN) == len(permits) - permits.count(Permit.ENOUGH_FOR_TODAY)
        return sum(1 for pk, _ in table.items if pk.startswith("CONFIRMED#"))

    assert entries("robin@example.com", "ROBIN@example.com", "Robin+clinic@example.com") == 1
    assert entries("robin@example.com", "sam@example.com", "robin@example.org") == 3


def test_a_permit_that_is_not_given_says_why() -> None:
    lead, another = a_lead(1), a_lead(2)
    book, table = book_with(lead, another)
    assert book.permit(a_lead(3), ADDRESS, KEY, NOW) is Permit.CONFIRMED_BEFORE  # there is no such lead
    assert len(table.items) == 2
    assert book.permit(lead, ADDRESS, KEY, NOW) is Permit.GIVEN
    assert book.permit(lead, ADDRESS, KEY, NOW + timedelta(days=1)) is Permit.CONFIRMED_BEFORE
    assert book.permit(another, ADDRESS, KEY, NOW) is Permit.ENOUGH_FOR_TODAY


@pytest.mark.parametrize("broken", [{"UpdateItem": "ThrottlingException"}, {"PutItem": "InternalServerError"}])
def test_what_is_not_certain_is_no_permit(broken: dict[str, str]) -> None:
    book, table = book_with(a_lead())
    table.broken = broken
    with pytest.raises(ClientError):
        book.permit(a_lead(), ADDRESS, KEY, NOW)


def test_the_key_of_a_confirmation_stays_the_same() -> None:
    """If this fails, an update sends some visitors a second confirmation on that day."""
    book = Book()
    assert book.permit(a_lead(), "Robin+news@Example.com", KEY, NOW) is Permit.GIVEN
    seen = "c29d13592c75f9f54cb9380b38b1f2cbb7ec4b06429aae39fff281f9eb67149e"
    assert (f"CONFIRMED#{seen}", "2026-03-04") in book.table.items
