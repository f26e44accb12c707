"""A stack in memory that loses items after a copy was made of its table, and the command that brings them back."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final, cast, override

from shared.leads.clinic import Retention
from shared.leads.lead import CONTACT, Lead
from shared.leads.notice import Notice, email_name
from shared.leads.person import Person
from shared.leads.progress import AlertState, StoredLead
from shared.leads.response import ClaimAction, ResponseState
from shared.store.audit import Audit
from shared.store.canary_registry import CanaryRegistry
from shared.store.keys import LEAD_SORT_KEY
from shared.store.recipient_status import RecipientStatuses, Trouble
from tests.unit.dynamodb import NAME, Key, MemoryDynamoDB
from tests.unit.erasing import SAM, Erasing
from tests.unit.expressions import Item
from tests.unit.people import NOW, a_lead
from tools.operate.restore.command import Stack, Typed, restore
from tools.operate.restore.copies import Copy, Place
from tools.operate.restore.kinds import Kind, kind_of
from tools.operate.restore.when import utc

STACK: Final = "clinic-leads-test"
NURSE: Final = Person("nurse@example.com")
PLACE: Final = Place("123456789012", "us-east-1")
AT: Final = NOW + timedelta(hours=1)
SOON: Final = AT + timedelta(minutes=5)
LATER: Final = NOW + timedelta(hours=10)
_ALERTED: Final[dict[str, Any]] = {
    "state": AlertState.DELIVERED,
    "attempts": 1,
    "told_at": NOW,
    "accepted": frozenset({email_name(Notice.ALERT, "r-000000000001")}),
    "notice": Notice.REMINDER,
    "due_at": NOW + timedelta(hours=2),
}
_CLOSED: Final[dict[str, Any]] = {
    **_ALERTED,
    "response": ResponseState.CLOSED,
    "action": ClaimAction.REACHED,
    "claimed_by": "r-000000000001",
    "closed_at": NOW,
    "due_at": None,
}
# A lead in each state that matters here. The last one expires between the copy and the restore.
STATES: Final[dict[str, dict[str, Any]]] = {
    "new": {},
    "open": _ALERTED,
    "claimed": _ALERTED
    | {"response": ResponseState.CLAIMED, "claimed_by": "r-000000000001", "notice": Notice.OWNER_REMINDER},
    "closed": _CLOSED,
    "quarantined": {"state": AlertState.QUARANTINED, "quarantined_at": NOW, "due_at": None},
    "held": _CLOSED | {"held_at": NOW, "held_by": "r-000000000002", "hold_reason": "A lawyer asked."},
    "silent": _ALERTED | {"withdrawn": frozenset({CONTACT}), "withdrawn_at": NOW},
    "ending": _CLOSED | {"closed_at": NOW - timedelta(days=Retention().reached) + timedelta(hours=3)},
}
CANARY: Final = len(STATES)


def kind(item: Item) -> Kind:
    """Return the kind of an item in memory."""
    return kind_of(cast("Any", item))


class MemoryCopy(Copy):
    """A copy in memory. It is what the table had when `begin` was called, and it survives an interrupted restore."""

    def __init__(self, table: MemoryDynamoDB) -> None:
        self.table = MemoryDynamoDB(items=deepcopy(table.items), strict=False)
        super().__init__(self.table.client(), NAME, NAME, AT)
        self.deleted = False
        self.others: list[str] = []

    @override
    def place(self) -> Place:
        return PLACE

    @override
    def how_to_delete(self) -> str:
        return f"aws dynamodb delete-table --table-name {self.name} --region {PLACE.region}"

    @override
    def left_over(self) -> list[str]:
        return self.others

    @override
    def exists(self) -> bool:
        return not self.deleted

    @override
    def wait(self, say: Callable[[str], object]) -> None:
        assert not self.deleted

    @override
    def delete(self) -> None:
        self.deleted = True


@dataclass(kw_only=True)
class Rehearsal:
    """The stack with a lead in each state, the canary's, and the records about staff. The copy is of AT."""

    erasing: Erasing = field(default_factory=lambda: Erasing(table=MemoryDynamoDB(strict=False)))
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.leads: dict[str, Lead] = {}
        for number, (name, progress) in enumerate(STATES.items()):
            person = SAM | {
                "name": f"Sam {name.title()} Sample",
                "email": f"sam.{name}@example.com",
                "phone": f"+1202555018{number}",
                "message": f"Somebody wrote this once, {number}.",
            }
            if name == "new":  # no visitor got a confirmation before the alert
                lead = a_lead(number, received_at=NOW, **{"fingerprint": f"{number:064x}"} | person)
                self.erasing.leads.put(lead)
            else:
                lead = self.erasing.a_lead_with_everything(number, **person)
            self.leads[name] = lead
            self.change(name, **progress)
        client = self.erasing.table.client()
        canary = a_lead(CANARY, received_at=NOW, name="Canary Example", fingerprint=f"{CANARY:064x}")
        CanaryRegistry(client, NAME).register(canary.id, NOW)
        self.erasing.leads.put(canary)
        self.canary = canary
        RecipientStatuses(client, NAME).note("r-000000000001", Trouble.BOUNCED, NOW)
        self.erasing.clock.time = AT
        self.copy = MemoryCopy(self.erasing.table)
        self.erasing.clock.time = LATER

    # ---- the same world again, without building it

    def kept(self) -> tuple[dict[Key, Item], dict[Key, Item], dict[Key, Item], datetime]:
        """Return all items of the three tables, and the time."""
        table, audit, copy = (
            deepcopy(each.items) for each in (self.erasing.table, self.erasing.audit, self.copy.table)
        )
        return table, audit, copy, self.erasing.clock.time

    def again(self, kept: tuple[dict[Key, Item], dict[Key, Item], dict[Key, Item], datetime]) -> None:
        """Go back to what `kept` returned."""
        table, audit, copy, self.erasing.clock.time = kept
        self.erasing.table.items.clear()
        self.erasing.table.items.update(deepcopy(table))
        self.erasing.audit.items.clear()
        self.erasing.audit.items.update(deepcopy(audit))
        self.copy.table.items.clear()
        self.copy.table.items.update(deepcopy(copy))
        self.copy.deleted = False
        self.erasing.table.carry = None

    # ---- what happens after the copy

    @property
    def items(self) -> dict[Key, Item]:
        """The items of the table."""
        return self.erasing.table.items

    def change(self, name: str, **changes: Any) -> None:  # noqa: ANN401 - any attribute of a progress
        """Change the progress of a lead."""
        if changes:
            assert self.erasing.leads.change(self.leads[name].id, lambda stored: replace(stored.progress, **changes))

    def lose(self, *names: str) -> None:
        """Delete everything that names one of some leads, as a script with a mistake in it would."""
        for key in [key for key, item in self.items.items() if any(self.leads[each].id in str(item) for each in names)]:
            del self.items[key]

    def lose_the_lead(self, name: str) -> None:
        """Delete the item of a lead, and nothing else."""
        del self.items[self.key(name)]

    def spoil(self, name: str, **values: Any) -> None:  # noqa: ANN401 - values in any form
        """Change attributes of a lead in the table, as a script with a mistake in it would."""
        self.items[self.key(name)] = self.items[self.key(name)] | values

    def spoil_the_copy(self, name: str, **values: Any) -> None:  # noqa: ANN401 - values in any form
        """Change attributes of a lead in the copy, as if they were damaged before it."""
        self.copy.table.items[self.key(name)] = self.copy.table.items[self.key(name)] | values

    # ---- the command

    def restore(self, *references: str, at_once: int = 1, **changes: Any) -> str:  # noqa: ANN401 - any part of the stack
        """Run the command, and return all that it says."""
        function = self.erasing.function
        stack = Stack(
            name=STACK,
            table=NAME,
            audit_table=NAME,
            leads=self.erasing.table.client(),
            copies=self.copy.table.client(),
            audit=self.erasing.audit.client(),
            erase=lambda job: dict(function.jobs.do(job, lambda: True) or {}),
            follow_up=lambda _job: {"looked_at": 0, "written": 0, "failed": 0, "next": None},
            now=self.erasing.clock,
            at_once=at_once,
        )
        typed = Typed(time=utc(AT), references=" ".join(references), yes=True)
        self.said.clear()
        last = restore(replace(stack, **changes), typed, self.said.append, ask=None, copy=self.copy)
        return "\n".join([*self.said, last])

    def reference(self, name: str) -> str:
        """Return the reference of a lead."""
        return self.leads[name].reference

    def key(self, name: str) -> Key:
        """Return the key of a lead."""
        return f"LEAD#{self.leads[name].id}", LEAD_SORT_KEY

    def stored(self, name: str) -> StoredLead:
        """Return a lead as the table has it."""
        found = self.erasing.leads.read(self.leads[name].id)
        assert found
        return found


def noted(rehearsal: Rehearsal, action: str, *lead_ids: str, minutes: int = 5, **details: str) -> None:
    """Write an entry of a nurse into the audit, some minutes after the copy. Empty details are left out."""
    audit = Audit(rehearsal.erasing.audit.client(), NAME)
    at, kept = AT + timedelta(minutes=minutes), {name: value for name, value in details.items() if value}
    audit.write(at, actor=NURSE.id, email=NURSE.email, action=action, lead_ids=lead_ids, details=kept)
