"""The report of a month: how many requests, from where, how fast staff responded, and what came of them.

It is counted from the rows of the requests (report_row.py). Spam, duplicates and requests in quarantine are each
counted apart, and in no other number. The row that is kept of a deleted request does not say whether it was urgent,
what it was about or how long it waited, so those numbers are about the stored requests only.

The report has no name and nothing that a visitor wrote. A source or a campaign of a link appears only if several
requests have it, because anybody can put anything into a link.
"""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, NamedTuple

from shared.leads.clinic import Clinic
from shared.leads.hours import OpenTime
from shared.leads.month import Month, midnight
from shared.leads.report_facts import ReportRow
from shared.leads.report_row import CLAIMED, OPEN, QUARANTINE, SPAM
from shared.leads.response import Outcome
from shared.leads.small_cells import FEWEST, MergedRow, merged
from shared.leads.speed import Speed, elapsed_minutes, speed

# The names of the counts of requests that said nothing, and of those that share a name with too few others.
UNKNOWN: Final = ""
OTHERS: Final = "|others"  # no value of a row has this sign
# Campaigns that the table shows. The rest are merged.
_MOST_CAMPAIGNS: Final = 20
# Sources that are shown. The rest are merged.
_MOST_SOURCES: Final = 20
_SET_ASIDE: Final = frozenset({QUARANTINE, SPAM, str(Outcome.DUPLICATE)})

type Counts = tuple[tuple[str, int], ...]  # the largest first; UNKNOWN and OTHERS last


class Dated(NamedTuple):
    """A row with the moment when its request came in. `kept` means that the request was deleted: see report_item.py."""

    received_at: datetime
    facts: ReportRow
    kept: bool = False


class _Wait(NamedTuple):
    received_at: datetime
    claimed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The numbers of a month. `requests` are without those that are set aside."""

    month: Month
    made_at: datetime
    requests: int
    stored: int  # those of `requests` that were not deleted: `urgent`, `interests` and the speeds are about them
    unreadable: int  # rows that could not be read
    urgent: int
    no_contact: int  # people who asked later for no contact
    in_quarantine: int
    spam: int  # closed as spam
    duplicates: int
    days: tuple[tuple[date, int], ...]  # all days of the month
    results: Mapping[str, int]  # see report_result.py
    normal_speed: Speed
    urgent_speed: Speed
    sources: Counts
    forms: Counts
    locations: Counts
    locales: Counts
    interests: Counts
    campaigns: tuple[MergedRow, ...] | None  # by what came of them; None if the cells are too small to show any

    @property
    def came(self) -> int:
        """Requests whose person came to the consultation."""
        return self.results.get(Outcome.CAME, 0)

    @property
    def no_shows(self) -> int:
        """Requests whose person did not come to the consultation."""
        return self.results.get(Outcome.NO_SHOW, 0)


def report(rows: Iterable[Dated | None], month: Month, clinic: Clinic, now: datetime) -> Report:
    """Return the report of a month from the rows of its requests. Those outside of the month are left out.

    None is a row that could not be read.
    """
    zone = clinic.hours.zone
    begins, ends, days = month.starts(zone), month.ends(zone), month.days()
    mornings = [midnight(day, zone) for day in days]
    aside, by_day, no_contact, unreadable = Counter[str](), [0] * len(days), 0, 0
    facts: dict[str, Counter[str]] = {name: Counter() for name in ("source", "form", "location", "locale", "result")}
    counters = [(ReportRow._fields.index(name), counter) for name, counter in facts.items()]
    interests, campaigns = Counter[str](), defaultdict[str, Counter[str]](Counter)
    waits: dict[bool, list[_Wait]] = {True: [], False: []}
    for each in rows:
        if each is None:
            unreadable += 1
            continue
        received_at, row, kept = each
        if not begins <= received_at < ends:
            continue
        if row.result in _SET_ASIDE:
            aside[row.result] += 1
            continue
        by_day[bisect_right(mornings, received_at) - 1] += 1
        for place, counter in counters:
            counter[row[place]] += 1
        # One column for all that are open, because each more column has smaller numbers.
        campaigns[row.campaign][OPEN if row.result == CLAIMED else row.result] += 1
        no_contact += bool(row.no_contact)
        if not kept:
            interests[row.interest] += 1
            waits[bool(row.urgent)].append(_Wait(received_at, row.first_claimed))
    targets, open_time = clinic.targets, OpenTime(clinic.hours, begins, max(now, begins))
    return Report(
        month=month,
        made_at=now,
        requests=sum(by_day),
        stored=interests.total(),
        unreadable=unreadable,
        urgent=len(waits[True]),
        no_contact=no_contact,
        in_quarantine=aside[QUARANTINE],
        spam=aside[SPAM],
        duplicates=aside[Outcome.DUPLICATE],
        days=tuple(zip(days, by_day, strict=True)),
        results=dict(facts["result"]),
        normal_speed=speed(waits[False], now, targets.escalate_after, open_time.minutes),
        urgent_speed=speed(waits[True], now, targets.urgent_escalate_after, elapsed_minutes),
        sources=_counts(_without_rare(facts["source"], _MOST_SOURCES)),
        forms=_counts(facts["form"]),
        locations=_counts(facts["location"]),
        locales=_counts(facts["locale"]),
        interests=_counts(interests),
        campaigns=_campaigns(campaigns),
    )


def _counts(counter: Mapping[str, int]) -> Counts:
    last = {OTHERS: 1, UNKNOWN: 2}
    return tuple(sorted(counter.items(), key=lambda each: (last.get(each[0], 0), -each[1], each[0])))


def _without_rare(counter: Counter[str], most: int) -> Counter[str]:
    """Return the counts with the rare values merged."""
    found: Counter[str] = Counter()
    common = {name for name, _ in sorted(counter.items(), key=lambda each: (-each[1], each[0]))[:most]}
    for name, count in counter.items():
        found[name if name == UNKNOWN or (name in common and count >= FEWEST) else OTHERS] += count
    return found


def _campaigns(every: Mapping[str, Counter[str]]) -> tuple[MergedRow, ...] | None:
    """Return the requests of each campaign by what came of them. Campaigns with few requests are one row."""
    totals = Counter({name: counter.total() for name, counter in every.items()})
    large = [name for name, total in totals.most_common() if total >= FEWEST and name != UNKNOWN][:_MOST_CAMPAIGNS]
    table: dict[str, Counter[str]] = {name: Counter(every[name]) for name in large}
    for name, counter in every.items():
        if name not in table:
            # A request without a campaign is among the others, unless there are enough of them.
            own = name if name == UNKNOWN and totals[name] >= FEWEST else OTHERS
            table.setdefault(own, Counter()).update(counter)
    few = table.get(OTHERS)
    if few is not None and few.total() < FEWEST and len(table) > 1:
        # The total of the others would be small too.
        smallest = min((name for name in table if name != OTHERS), key=lambda name: (table[name].total(), name))
        few.update(table.pop(smallest))
    # The only row would say what came of all requests of a campaign.
    if len(table) <= 1:
        return None
    order = _counts({name: counter.total() for name, counter in table.items()})
    return merged({name: table[name] for name, _ in order})
