"""The names of the people who work on a lead: their addresses, as in the emails."""

from collections.abc import Mapping
from dataclasses import dataclass

from claim.view import View
from shared.leads.event import OPERATOR
from shared.leads.progress import Progress, names_of
from shared.leads.team import FORMER_RECIPIENT, display_name, is_shared_mailbox


@dataclass(frozen=True, slots=True)
class People:
    """The address of each recipient, by id."""

    addresses: Mapping[str, str]

    def name(self, actor: str, progress: Progress) -> str:
        """Return the name of somebody who did something about a lead."""
        if actor == OPERATOR:
            return "your system administrator"
        address = self._address(actor, progress)
        return display_name(address) if address else FORMER_RECIPIENT

    def owner(self, owner: str | None, progress: Progress) -> str | None:
        """Return the name of the owner of a lead, or None if it has none."""
        return None if owner is None else self.name(owner, progress)

    def is_one_person(self, view: View) -> bool:
        """Whether the link's recipient is one person. Anyone may read a shared mailbox, so a page cannot say "you"."""
        address = self._address(view.link.recipient, view.progress)
        return address is not None and not is_shared_mailbox(address)

    def _address(self, actor: str, progress: Progress) -> str | None:
        return names_of(progress, self.addresses).get(actor)
