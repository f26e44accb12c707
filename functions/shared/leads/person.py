"""A person at the desk: a member of staff, with an account of their own."""

from dataclasses import dataclass

from shared.leads.team import Recipient, Team


@dataclass(frozen=True, slots=True)
class Person:
    """A signed-in member of staff. A person whose address is on a list of recipients is one and the same actor."""

    email: str

    @property
    def id(self) -> str:
        """The id, e.g. `r-1f3c9a20be47`. It is the id of a recipient with the same address."""
        return Recipient(self.email).id

    def address_for(self, team: Team) -> str | None:
        """Return the address to store with what the person does, or None if they are a recipient, whom `team` knows."""
        return None if self.id in team.everybody else self.email
