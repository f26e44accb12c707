"""Knows the people who may act on requests by name."""

import re
from typing import Final

from desk.desk import Desk
from desk.route import Visit
from desk.words.names import Names

# A person's id: the form field of a colleague and the addresses of the audit have it.
PERSON_ID: Final = re.compile(r"r-[0-9a-f]{12}")


def names_for(desk: Desk, visit: Visit) -> Names:
    """Return the names of all recipients and colleagues, as the person who visits reads them."""
    known = {each.id: each.email for each in desk.colleagues()}
    return Names({**known, **desk.addresses}, visit.person)
