"""A person: a member of staff who is signed in at the desk."""

from dataclasses import dataclass

from shared.leads.team import Recipient, Team


@dataclass(frozen=True, slots=True)
class Person:
    """A signed-in member of staff. If the address is also a recipient's, both are one actor."""

    email: str

    @property
    def id(self) -> str:
        """The id, as that of a recipient: it does not depend on the case of the address."""
        return Recipient(self.email).id

    def address_for(self, team: Team) -> str | None:
        """Return the address to keep on their leads, or None if they are a recipient, whose address is known."""
        return None if self.id in team.everybody else self.email
