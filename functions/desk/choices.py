"""The checkboxes of a form about several requests with the same number or address."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from desk.desk import Desk
from desk.names import names_for
from desk.route import Visit
from desk.rows import URGENCY
from desk.words.alike import why_not
from desk.words.state import state
from shared.leads.identity import LEAD_ID
from shared.leads.lead import Lead
from shared.leads.progress import StoredLead
from shared.web.times import Times

# A form has at most 200 fields. With more requests, it is about the newest.
MOST_CHOICES: Final = 150


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One checkbox in words. `box` is its name. `why` is why it is not checked at first. The name is the visitor's."""

    box: str
    reference: str
    name: str
    received: str
    state: str
    urgency: str
    checked: bool
    why: str


def choices(  # noqa: PLR0913 - what the boxes are about, and which are checked
    desk: Desk,
    visit: Visit,
    form: str,
    *,
    own: Lead,
    requests: Iterable[StoredLead],
    is_proposed: Callable[[StoredLead], bool],
) -> Iterator[Choice]:
    """Yield a checkbox for each request. `own` is the one in the path, and `form` is how the boxes' names begin."""
    names, clock = names_for(desk, visit), Times(desk.rules.clinic, visit.now)
    for stored in requests:
        lead, proposed = stored.lead, is_proposed(stored)
        yield Choice(
            box=f"{form}-{lead.id}",
            reference=lead.reference,
            name=lead.name,
            received=clock.at(lead.received_at),
            state=state(stored, names),
            urgency=URGENCY[lead.priority],
            checked=proposed,
            why="" if proposed else why_not(own, lead),
        )


def chosen(visit: Visit, form: str) -> tuple[str, ...]:
    """Return the ids of the leads whose boxes are checked. Each checkbox has a name of its own."""
    boxes = (re.fullmatch(rf"{form}-({LEAD_ID})", name, re.ASCII) for name in visit.form)
    return tuple(box[1] for box in boxes if box)
