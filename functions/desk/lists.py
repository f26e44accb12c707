"""The lists of requests: the first page of the desk."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple
from urllib.parse import urlencode

from desk.desk import Desk
from desk.names import names_for
from desk.route import Shown, Visit
from desk.rows import Rows
from desk.words import refusals
from desk.words.lists import NO_MORE, WORDS, Tab
from shared.leads.desk_list import DeskList
from shared.runtime.together import together
from shared.store.desk_index import Row

PAGE: Final = 25
_MOST_COUNTED: Final = 100
# How many claimed requests are read to find one's own. A clinic has far fewer that are open.
_MOST_CLAIMED: Final = 500
_CURSOR: Final = re.compile(r"([01])\.([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,12}Z#[0-9A-Z]{26})?")

_URGENT: Final = (DeskList.URGENT, DeskList.URGENT_CLAIMED, DeskList.URGENT_UNDELIVERED)
# The lists of each tab, in parts: all of the first part comes before the second one.
PARTS: Final = {
    Tab.OPEN: (_URGENT, (DeskList.OPEN, DeskList.CLAIMED)),
    Tab.MINE: ((DeskList.URGENT_CLAIMED,), (DeskList.CLAIMED,)),
    Tab.URGENT: (_URGENT,),
    Tab.SPAM: ((DeskList.SPAM,),),
    Tab.UNDELIVERED: ((DeskList.URGENT_UNDELIVERED, DeskList.UNDELIVERED),),
    Tab.CLOSED: ((DeskList.CLOSED,),),
}


class Place(NamedTuple):
    """Where a page of a list begins: the part of the list, and the last entry before it in that part."""

    part: int = 0
    after: str | None = None

    def __str__(self) -> str:
        """Return the place as it is in an address. It has a time and an id, and nothing about a person."""
        return f"{self.part}.{self.after or ''}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TabView:
    """A link to a list, with the number of its requests: "3", or "100+"."""

    label: str
    path: str
    count: str
    current: bool


def show_list(desk: Desk, visit: Visit) -> Shown:
    """Return a page of a list. Raises PageError if there is no such list."""
    tab = _tab(visit.query.get("list", Tab.OPEN))
    place = _place(visit.query.get("after", ""), PARTS[tab])
    mine = tuple(_own(desk, visit))
    rows, following = _mine(mine, place) if tab is Tab.MINE else _page(desk, tab, place)
    counts = _counts(desk) | {Tab.MINE: len(mine)}
    words, shown = WORDS[tab], Rows(clinic=desk.rules.clinic, names=names_for(desk, visit), now=visit.now)
    return Shown(
        template="list.html",
        values={
            "words": words,
            "empty": words if place == Place() else NO_MORE,
            "tabs": tuple(_tab_view(each, counts[each], current=each is tab) for each in Tab),
            "closed": tab is Tab.CLOSED,
            "rows": tuple(map(shown.view, rows)),
            "first": None if place == Place() else _path(tab),
            "next": following and _path(tab, following),
            "undelivered": counts[Tab.UNDELIVERED] if tab is Tab.OPEN else 0,
        },
        action="read_list",
        lead_ids=tuple(row.lead_id for row in rows),
    )


def _tab(name: str) -> Tab:
    if name not in set(Tab):
        raise refusals.no_such_list()
    return Tab(name)


def _place(text: str, parts: tuple[tuple[DeskList, ...], ...]) -> Place:
    """Return the place in an address. Anything else is the first page."""
    found = _CURSOR.fullmatch(text)
    return Place(int(found[1]), found[2]) if found and int(found[1]) < len(parts) else Place()


def _page(desk: Desk, tab: Tab, place: Place) -> tuple[tuple[Row, ...], Place | None]:
    """Return the rows of a page, and where the next one begins, or None."""
    rows: list[Row] = []
    (part, after), parts = place, PARTS[tab]
    while part < len(parts) and len(rows) < PAGE:
        left = PAGE - len(rows)
        found = desk.index.page(parts[part], after=after, size=left, newest_first=tab is Tab.CLOSED)
        rows += found.rows
        part, after = (part, found.next) if found.next else (part + 1, None)
    # A part that just begins may be empty.
    while part < len(parts) and after is None and not desk.index.page(parts[part], after=None, size=1).rows:
        part += 1
    return tuple(rows), Place(part, after) if part < len(parts) else None


def _own(desk: Desk, visit: Visit) -> Iterator[Row]:
    """Yield the reader's own requests in the order of the list."""
    left = _MOST_CLAIMED
    for part in PARTS[Tab.MINE]:
        after = None
        while left > 0:
            found = desk.index.page(part, after=after, size=min(left, _MOST_COUNTED))
            yield from (row for row in found.rows if row.claimed_by == visit.person.id)
            left, after = left - len(found.rows), found.next
            if after is None:
                break


def _mine(own: tuple[Row, ...], place: Place) -> tuple[tuple[Row, ...], Place | None]:
    """Return the rows of a page of the reader's own requests, and where the next one begins, or None."""
    marks = [row.at for row in own]
    start = marks.index(place.after) + 1 if place.after in marks else 0
    end = start + PAGE
    return own[start:end], Place(0, marks[end - 1]) if end < len(own) else None


def _counts(desk: Desk) -> dict[Tab, int]:
    """Return how many requests each tab has, at most one more than is shown. Several lists are counted at once."""
    found: dict[DeskList, int] = {}

    def count(each: DeskList) -> None:
        found[each] = desk.index.count((each,), most=_MOST_COUNTED + 1)

    together(DeskList, count, lambda: True)
    return {tab: sum(found[each] for part in parts for each in part) for tab, parts in PARTS.items()}


def _tab_view(tab: Tab, count: int, *, current: bool) -> TabView:
    shown = f"{_MOST_COUNTED}+" if count > _MOST_COUNTED else str(count)
    return TabView(label=WORDS[tab].label, path=_path(tab), count=shown, current=current)


def _path(tab: Tab, place: Place | None = None) -> str:
    return f"?{urlencode({'list': str(tab)} | ({'after': str(place)} if place else {}))}"
