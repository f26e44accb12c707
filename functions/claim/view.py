"""What a page knows about a lead and the recipient who opened its link."""

from dataclasses import dataclass
from datetime import datetime

from claim.outlook import Reminder, reminders, tells_others
from shared.leads.claims import may_act, refusal_of
from shared.leads.decisions import Rules
from shared.leads.lead import Lead
from shared.leads.link import Link
from shared.leads.plan import owner_of, wants_no_contact
from shared.leads.progress import Progress, StoredLead
from shared.leads.response import OF_LINKS, ClaimAction


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A lead as one recipient sees it. `possible` are the actions that would change something."""

    link: Link
    lead: Lead
    progress: Progress
    owner: str | None
    possible: frozenset[ClaimAction]
    reminders: tuple[Reminder, ...]
    tells_others: bool

    @property
    def seen(self) -> int:
        """The number of actions that the page knows of. Each button sends it, see `Link.use`."""
        return self.progress.presses

    @property
    def wants_no_contact(self) -> bool:
        """Whether the person does not want to be contacted."""
        return wants_no_contact(self.progress)

    @property
    def is_owner(self) -> bool:
        """Whether the lead belongs to the recipient who opened the link."""
        return self.owner == self.link.recipient


def view_of(link: Link, stored: StoredLead, rules: Rules, now: datetime) -> View:
    """Return the view of a lead for the recipient of `link`."""
    progress, case, by = stored.progress, rules.case(stored), link.recipient
    seen = progress.presses
    possible = frozenset(
        action
        for action in OF_LINKS
        if may_act(progress, rules.team, by)
        and refusal_of(progress, case, action, by=by, link=link.use(action, seen)) is None
    )
    return View(
        link=link,
        lead=stored.lead,
        progress=progress,
        owner=owner_of(progress, rules.team),
        possible=possible,
        reminders=reminders(progress, case, now),
        tells_others=tells_others(progress, case, now),
    )
