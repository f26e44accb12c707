"""The lists of requests: the first page of the desk."""

import re
from dataclasses import dataclass
from typing import Final, NamedTuple
from urllib.parse import urlencode

from desk.desk import Desk
from desk.names import names_for
from desk.route import Shown, Visit
from desk.rows import Rows
from desk.words import refusals
from desk.words.lists import NO_MORE, WORDS, Tab, empty_words, looked_at, undelivered_words
from shared.leads.desk_list import DeskList
from shared.leads.identity import LEAD_ID
from shared.leads.numbers import counted
from shared.runtime.together import together
from shared.store.desk_index import Row

PAGE: Final = 25
_MOST_COUNTED: Final = 100
# How many claimed requests are read to find one's own, the urgent ones first. A clinic has far fewer that are open.
MOST_CLAIMED: Final = 500
# How an address says where a page begins; see `Place`.
CURSOR: Final = re.compile(rf"([01])\.([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T[0-9:.]{{8,12}}Z#{LEAD_ID})?")

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


class _Own(NamedTuple):
    """The reader's own requests, each with its part of the list. `more` is whether there may be others."""

    rows: tuple[tuple[int, Row], ...]
    more: bool


def show_list(desk: Desk, visit: Visit) -> Shown:
    """Return a page of a list. Raises PageError if there is no such list."""
    tab = _tab(visit.query.get("list", Tab.OPEN))
    place = _place(visit.query.get("after", ""), PARTS[tab])
    own = _own(desk, visit)
    rows, following = _mine(own, place) if tab is Tab.MINE else _page(desk, tab, place)
    counts = _counts(desk) | {Tab.MINE: len(own.rows)}
    undelivered = counts[Tab.UNDELIVERED]
    words, shown = WORDS[tab], Rows(clinic=desk.rules.clinic, names=names_for(desk, visit), now=visit.now)
    return Shown(
        template="list.html",
        values={
            "words": words,
            "about": words.about.format(days=counted(desk.rules.clinic.retention.spam, "day")),
            "empty": empty_words(tab, undelivered) if place == Place() else NO_MORE,
            "tabs": tuple(
                _tab_view(each, _number(counts[each], more=each is Tab.MINE and own.more), current=each is tab)
                for each in Tab
            ),
            "bound": looked_at(MOST_CLAIMED) if tab is Tab.MINE and own.more else "",
            "closed": tab is Tab.CLOSED,
            "rows": tuple(map(shown.view, rows)),
            "first": None if place == Place() else _path(tab),
            "next": following and _path(tab, following),
            "undelivered": undelivered_words(undelivered, _number(undelivered)) if tab is not Tab.UNDELIVERED else "",
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
    found = CURSOR.fullmatch(text)
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


def _own(desk: Desk, visit: Visit) -> _Own:
    """Return the reader's own requests in the order of the list."""
    rows: list[tuple[int, Row]] = []
    left, after = MOST_CLAIMED, None
    for number, part in enumerate(PARTS[Tab.MINE]):
        while left > 0:
            found = desk.index.page(part, after=after, size=min(left, _MOST_COUNTED))
            rows += ((number, row) for row in found.rows if row.claimed_by == visit.person.id)
            left, after = left - len(found.rows), found.next
            if after is None:
                break
        else:
            return _Own(tuple(rows), more=after is not None or bool(desk.index.page(part, size=1).rows))
    return _Own(tuple(rows), more=False)


def _mine(own: _Own, place: Place) -> tuple[tuple[Row, ...], Place | None]:
    """Return the rows of a page of the reader's own requests, and where the next one begins, or None.

    The request before the page may have left the list meanwhile.
    """
    left = [each for each in own.rows if (each[0], each[1].at) > (place.part, place.after or "")]
    page = left[:PAGE]
    following = Place(page[-1][0], page[-1][1].at) if len(left) > len(page) else None
    return tuple(row for _, row in page), following


def _counts(desk: Desk) -> dict[Tab, int]:
    """Return how many requests each tab has, at most one more than is shown. Several lists are counted at once."""
    found: dict[DeskList, int] = {}

    def count(each: DeskList) -> None:
        found[each] = desk.index.count((each,), most=_MOST_COUNTED + 1)

    together(DeskList, count, lambda: True)
    return {tab: sum(found[each] for part in parts for each in part) for tab, parts in PARTS.items()}


def _number(count: int, *, more: bool = False) -> str:
    if count > _MOST_COUNTED:
        return f"{_MOST_COUNTED}+"
    return f"{count}+" if more else str(count)


def _tab_view(tab: Tab, count: str, *, current: bool) -> TabView:
    return TabView(label=WORDS[tab].label, path=_path(tab), count=count, current=current)


def _path(tab: Tab, place: Place | None = None) -> str:
    return f"?{urlencode({'list': str(tab)} | ({'after': str(place)} if place else {}))}"
