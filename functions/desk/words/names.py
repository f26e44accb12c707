"""The names of the people who work on requests: their addresses, as in the emails."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from shared.leads.event import OPERATOR
from shared.leads.person import Person
from shared.leads.team import FORMER_RECIPIENT, display_name

NOBODY: Final = "Nobody"


@dataclass(frozen=True, slots=True)
class Names:
    """The address of each recipient and colleague, by id, for one reader."""

    known: Mapping[str, str]
    reader: Person

    def name(self, actor: str, address: str | None = None) -> str:
        """Return the name of an actor for a list. `address` is the actor's own, if it is stored."""
        if actor == self.reader.id:
            return "You"
        if actor == OPERATOR:
            return "Your system administrator"
        found = address or self.known.get(actor)
        return display_name(found) if found else f"{FORMER_RECIPIENT[0].upper()}{FORMER_RECIPIENT[1:]}"

    def in_sentence(self, actor: str, address: str | None = None) -> str:
        """Return the name of an actor for the middle of a sentence."""
        name = self.name(actor, address)
        return f"{name[0].lower()}{name[1:]}" if name.startswith(("You", "A former")) else name

    def of_address(self, address: str) -> str:
        """Return the name of a colleague whose address is known, for the middle of a sentence."""
        return "you" if Person(address).id == self.reader.id else display_name(address)

    def owner(self, claimed_by: str | None, address: str | None) -> str:
        """Return who has a lead. One whose owner left counts as unclaimed."""
        if claimed_by is None:
            return NOBODY
        if claimed_by != self.reader.id and not address and claimed_by not in self.known:
            return f"{NOBODY}: {FORMER_RECIPIENT} had it"
        return self.name(claimed_by, address)
