"""Knows the people who may act on requests by name."""

from desk.desk import Desk
from desk.route import Visit
from desk.words.names import Names


def names_for(desk: Desk, visit: Visit) -> Names:
    """Return the names of all recipients and colleagues, as the person who visits reads them."""
    known = {each.id: each.email for each in desk.colleagues()}
    return Names({**known, **desk.addresses}, visit.person)
