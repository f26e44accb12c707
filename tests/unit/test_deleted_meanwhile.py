"""A lead is deleted while its sender is at work: whatever call the sender is about to make, it stays deleted."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import dropwhile, takewhile
from typing import Any, NoReturn

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.leads.alert import LEASE, SHORTLY
from shared.leads.spam import Verdict
from shared.messages.screen import SpamScreen
from shared.messages.send import AlertSender
from shared.store.urgent_senders import KEPT
from tests.unit.cloud import Fate
from tests.unit.people import SPAM_FORM, form
from tests.unit.world import World

type Call = tuple[str, dict[str, Any]]

# More than any sender makes.
MOST_CALLS = 32
# The visitor may be emailed, and has an address and a number, so there is an item of each kind.
VISITOR: dict[str, object] = {
    "preferred_contact": None,
    "discreet": None,
    "cf-turnstile-response": "made-up-token",
}


class DeletedWorld(World):
    """A world with Turnstile, which keeps a list of all calls."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[Call] = []

    def carry[T](self, service: str, do: Callable[[], T], lost: Callable[[Exception], NoReturn], *, again: bool) -> T:
        def done() -> T:
            self.calls.append((service, {}))
            try:
                return do()
            finally:
                if service == "dynamodb":
                    self.calls[-1] = self.cloud.table.requests[-1]

        return super().carry(service, done, lost, again=again)

    def sender(self) -> AlertSender:
        sender = super().sender()
        assert isinstance(sender.screen, SpamScreen)
        return replace(sender, screen=replace(sender.screen, verifier=_Verifier(self)))

    def receive(self, number: int = 0, /, **changes: object) -> str:
        """Store a request of the one visitor, and return the lead's id."""
        before = set(self.leads)
        self.run(self.submit(form(submission_id=f"made-up-submission-{number:04}", **VISITOR | changes)))
        (lead_id,) = set(self.leads) - before
        return lead_id

    def alert(self, lead_id: str) -> str:
        """Let a sender do what is due for a lead."""
        self.run(self.notify([lead_id]))
        return lead_id

    def later(self, lead_id: str) -> str:
        """Wait until a lead is due again."""
        due_at = self.progress_of(lead_id).due_at
        assert due_at
        self.wait(due_at - self.clock())
        return lead_id


class _Verifier:
    def __init__(self, world: DeletedWorld) -> None:
        self._world = world

    def verify(self, token: str, lead_id: str) -> Verdict:
        def lost(error: Exception) -> NoReturn:
            raise error

        assert token
        assert lead_id
        return self._world.carry("turnstile", lambda: Verdict.PASSED, lost, again=False)


@contextmanager
def a_world() -> Iterator[DeletedWorld]:
    world = DeletedWorld()
    try:
        yield world
    finally:
        world.close()


# ---- the leads that a sender is at work on. Each function returns the id of one that is due.


def a_new_request(world: DeletedWorld) -> str:
    return world.receive()


def a_request_in_crisis(world: DeletedWorld) -> str:
    return world.receive(in_crisis="yes")


def a_second_request_that_waits(world: DeletedWorld) -> str:
    world.alert(world.receive())
    return world.receive(1, message="Hello again.")


def a_second_request_after_its_wait(world: DeletedWorld) -> str:
    # Its address got a confirmation today.
    return world.later(world.alert(a_second_request_that_waits(world)))


def the_same_content_again(world: DeletedWorld) -> str:
    world.alert(world.receive())
    world.wait(SHORTLY)
    return world.receive(1)


def a_request_that_ses_throttles(world: DeletedWorld) -> str:
    world.cloud.refusing = {"": "TooManyRequestsException"}
    return world.receive()


def a_request_that_ses_refused_before(world: DeletedWorld) -> str:
    lead_id = world.alert(a_request_that_ses_throttles(world))
    world.cloud.refusing = {"frontdesk@example.com": "MessageRejected"}
    return world.later(lead_id)


def a_request_whose_first_sender_died(world: DeletedWorld) -> str:
    lead_id = world.receive()
    world.run(world.notify([lead_id]), [Fate.WELL] * 8 + [Fate.DIES_BEFORE])
    world.wait(LEASE)
    return lead_id


def an_unclaimed_request(world: DeletedWorld) -> str:
    return world.later(world.alert(world.receive()))


def a_claimed_request(world: DeletedWorld) -> str:
    lead_id = world.alert(world.receive())
    (token,) = re.findall(r"Claim this request:\n\S+/claim/(\S+)", world.cloud.emails[0].text)
    world.run(world.claim(token, "POST"))
    return world.later(lead_id)


def spam(world: DeletedWorld) -> str:
    return world.receive(**SPAM_FORM)


def released_spam(world: DeletedWorld) -> str:
    lead_id = world.alert(spam(world))
    world.run(world.operator(world.leads[lead_id]["reference"]["S"]))
    return lead_id


def the_canary(world: DeletedWorld) -> str:
    world.run(world.canary("canary-made-up-0001"))
    (lead_id,) = world.leads
    return lead_id


CASES: list[Callable[[DeletedWorld], str]] = [
    a_new_request,
    a_request_in_crisis,
    a_second_request_that_waits,
    a_second_request_after_its_wait,
    the_same_content_again,
    a_request_that_ses_throttles,
    a_request_that_ses_refused_before,
    a_request_whose_first_sender_died,
    an_unclaimed_request,
    a_claimed_request,
    spam,
    released_spam,
    the_canary,
]


# ---- the calls of a sender


def checks_the_lead(call: Call) -> bool:
    """Whether a call fails or returns nothing if the lead was deleted."""
    operation, asked = call
    if asked.get("Key", {}).get("sk") != {"S": "LEAD"}:
        return False
    if operation == "UpdateItem":
        return "attribute_exists(pk)" in asked["ConditionExpression"]
    return operation == "GetItem" and asked.get("ConsistentRead", False)


def key_written_beside_the_lead(call: Call) -> tuple[str, str] | None:
    """Return the key of the side item that a call writes, if it writes one."""
    operation, asked = call
    key = asked["Item"] if operation == "PutItem" else asked.get("Key") if operation == "UpdateItem" else None
    return (key["pk"]["S"], key["sk"]["S"]) if key and key["sk"] != {"S": "LEAD"} else None


def may_be_left(before: list[Call], after: list[Call]) -> set[tuple[str, str]]:
    """Return the items that a sender may leave behind. `before` are its calls before the deletion.

    These are items that it writes at once after a check of the lead, if the lead was deleted between the two.
    In between it may look for the lead's timeline, which is then gone.
    """
    before, after = ([call for call in calls if call[0] != "Query"] for calls in (before, after))
    checked = next(dropwhile(key_written_beside_the_lead, reversed(before)), None)
    if checked is None or not checks_the_lead(checked):
        return set()
    return {key for key in map(key_written_beside_the_lead, takewhile(key_written_beside_the_lead, after)) if key}


def soon_gone(world: DeletedWorld) -> set[tuple[str, str]]:
    """Return the items that may outlive the lead for an hour: hashes of who sent an urgent request."""
    until = int((world.clock() + KEPT).timestamp())
    return {
        key
        for key, item in world.cloud.items.items()
        if key[0].startswith("URGENT#") and int(item["expires_at"]["N"]) <= until
    }


@settings(max_examples=len(CASES) * (MOST_CALLS + 1))  # all of them
@given(case=st.sampled_from(CASES), calls=st.integers(0, MOST_CALLS))
def test_a_lead_that_is_deleted_while_its_sender_is_at_work_stays_deleted(
    case: Callable[[DeletedWorld], str], calls: int
) -> None:
    with a_world() as world:
        sender = world.notify([case(world)])
        start = len(world.calls)
        world.run(sender, [Fate.WELL] * calls, to_the_end=False)
        deleted_at = len(world.calls)
        world.cloud.items.clear()  # LEAD#, PERSON#, REPEATS#, CONFIRMED#: all items are this person's
        if not sender.done:
            world.run(sender)
        assert len(world.calls) - start < MOST_CALLS
        left = {key: item for key, item in world.cloud.items.items() if not key[0].startswith("EMAILS#")}  # counts only
        assert left.keys() - soon_gone(world) <= may_be_left(world.calls[start:deleted_at], world.calls[deleted_at:])
        assert all("expires_at" in item for item in left.values())
        emails = len(world.cloud.emails)
        world.wait(timedelta(days=1))
        world.run(world.follow_up())
        assert not world.leads
        assert all(each.lead_id is None for each in world.cloud.emails[emails:])
        assert world.mistakes == []


def test_a_sender_that_is_left_alone_writes_an_item_of_each_kind() -> None:
    """Otherwise the test above proves nothing."""
    with a_world() as world:
        world.alert(a_new_request(world))
        kinds = sorted(f"{pk.partition('#')[0]} {sk.partition('#')[0]}" for pk, sk in world.cloud.items)
        day = f"{world.clock():%Y-%m-%d}"
        assert kinds == [
            f"CONFIRMATIONS {day}",
            f"CONFIRMED {day}",
            "EMAILS NORMAL",
            *["LEAD EVENT"] * 2,
            "LEAD LEAD",
            *["PERSON 2026-03-04T15:30:00.000Z"] * 2,
            f"REPEATS {day}",
        ]
        services = {name for name, _ in world.calls}
        assert services == {"GetItem", "PutItem", "Query", "UpdateItem", "ses", "secrets", "turnstile"}
