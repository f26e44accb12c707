"""The report of a month in words: the same for the page of the desk and for the owner's email."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from shared.leads.choices import labels_of
from shared.leads.clinic import Clinic
from shared.leads.fields import ANSWERS
from shared.leads.numbers import counted
from shared.leads.report import OTHERS, UNKNOWN, Counts, Report
from shared.leads.report_row import CLAIMED, OPEN, REACHED
from shared.leads.response import Outcome
from shared.leads.small_cells import FEWEST, MergedRow
from shared.leads.speed import Speed
from shared.text import DEFAULT, LANGUAGES, text
from shared.web.labels import OUTCOMES

_LONG: Final = 120  # minutes; longer times are shown in hours
# What came of requests, in the order of the report.
_RESULTS: Final[Mapping[str, str]] = {
    OPEN: "Not claimed yet",
    CLAIMED: "Claimed, not reached yet",
    REACHED: "Reached, and nobody said what came of it",
    **{str(outcome): words for outcome, words in OUTCOMES.items() if outcome is not Outcome.DUPLICATE},
}
_FORMS: Final[Mapping[str, str]] = {
    "consultation": "Consultation form",
    "reply": "Reply below the article",
    "callback": "Call me back",
}
_NOT_SAID: Final = "Not said"
_SMALL: Final = (
    f"Numbers below {FEWEST} are merged, with others where that is needed, so that nobody can work out what came of a"
    " single person's request."
)
_NO_CAMPAIGNS: Final = "There are too few requests from different campaigns to show them without showing single people."


class Line(NamedTuple):
    """One line: a label, its number of requests, and their share, such as "25%"."""

    label: str
    number: int
    share: str


class Campaign(NamedTuple):
    """A campaign, and what came of its requests."""

    name: str
    words: str


class Part(NamedTuple):
    """A part of the report: lines, campaigns, and sentences that say more."""

    title: str
    lines: tuple[Line, ...] = ()
    sentences: tuple[str, ...] = ()
    campaigns: tuple[Campaign, ...] = ()


def headline(report: Report) -> str:
    """Return the number of requests in a sentence."""
    return f"{report.requests:,} {'request' if report.requests == 1 else 'requests'} in {report.month.name}"


def parts(report: Report, clinic: Clinic) -> tuple[Part, ...]:
    """Return everything but the days, in order. Parts without a line or a sentence are left out."""
    every = (
        Part("Requests", _requests(report), _aside(report)),
        Part(
            "First response",
            sentences=(
                speed_in_words("Normal requests, in opening hours", report.normal_speed),
                speed_in_words("Urgent requests, at any hour", report.urgent_speed),
            ),
        ),
        Part("What came of them", _results(report), _no_shows(report)),
        Part("Where they came from", _named(report.sources, report, {UNKNOWN: "No source in the link"}, "sources")),
        _campaigns(report),
        Part("Location", _named(report.locations, report, _choices("location", clinic)) if clinic.places else ()),
        Part("Language", _named(report.locales, report, _languages())),
        Part("What they would like help with", _named(report.interests, report, _choices("interest", clinic))),
        Part("Form", _named(report.forms, report, _FORMS)),
    )
    return tuple(part for part in every if part.lines or part.sentences or part.campaigns)


def speed_in_words(kind: str, speed: Speed) -> str:
    """Return how fast requests of a kind were claimed, in sentences."""
    if not speed.received:
        return f"{kind}: none came in."
    said = f"{kind}: {speed.received:,} came in"
    if speed.median_minutes is None:
        said += ", and none has been claimed yet."
    else:
        middle = "" if speed.claimed == 1 else "half of them "
        said += f", and {speed.claimed:,} {'was' if speed.claimed == 1 else 'were'} claimed, "
        said += f"{middle}within {_minutes(speed.median_minutes)}."
    if speed.judged:
        share = 100 * speed.in_time // speed.judged
        target = _minutes(speed.target_minutes)
        said += f" Within the target of {target}: {speed.in_time:,} of {speed.judged:,} ({share}%)."
    return said


def _minutes(minutes: float) -> str:
    if minutes < 1:
        return "less than a minute"
    return counted(round(minutes), "minute") if minutes < _LONG else f"{minutes / 60:.1f} hours"


def _requests(report: Report) -> tuple[Line, ...]:
    every = (("All requests", report.requests), ("Urgent", report.urgent))
    asked = (("Later asked for no contact", report.no_contact),) if report.no_contact else ()
    return tuple(_line(label, count, report) for label, count in (*every, *asked))


def _aside(report: Report) -> tuple[str, ...]:
    """Return what is counted in no other number."""
    aside = (
        (report.in_quarantine, "waiting in quarantine"),
        (report.spam, "closed as spam"),
        (report.duplicates, "closed as a duplicate"),
    )
    return (f"Not in these numbers: {', '.join(f'{count:,} {what}' for count, what in aside)}.",)


def _results(report: Report) -> tuple[Line, ...]:
    return tuple(
        _line(words, report.results[result], report) for result, words in _RESULTS.items() if report.results.get(result)
    )


def _no_shows(report: Report) -> tuple[str, ...]:
    due = report.came + report.no_shows
    if not due:
        return ("No-shows: nobody has recorded yet who came.",)
    return (f"No-shows: {report.no_shows:,} of {due:,} ({_share(report.no_shows, due)}).",)


def _campaigns(report: Report) -> Part:
    title = "Campaigns, and what came of them"
    if report.campaigns is None:
        return Part(title, sentences=(_NO_CAMPAIGNS,) if report.requests else ())
    return Part(title, campaigns=tuple(map(_campaign, report.campaigns)), sentences=(_SMALL,))


def _campaign(row: MergedRow) -> Campaign:
    names = {UNKNOWN: "No campaign", OTHERS: "All other campaigns"}
    words = {**_RESULTS, OPEN: "Still open"}
    said = [f"{words[result].lower()} {row.cells[result]:,}" for result in _RESULTS if result in row.cells]
    if row.others:
        said.append(
            f"others {row.others:,}" if said else "what came of them is not shown, because the numbers are small"
        )
    return Campaign(names.get(row.name, row.name), f"{counted(row.total, 'request')}: {', '.join(said)}.")


def _named(counts: Counts, report: Report, names: Mapping[str, str], what: str = "") -> tuple[Line, ...]:
    """Return a line for each value. `names` are the words for values; any other value is its own name."""
    known = {UNKNOWN: _NOT_SAID, OTHERS: f"All other {what}", **names}
    return tuple(_line(known.get(value, value), count, report) for value, count in counts)


def _choices(name: str, clinic: Clinic) -> Mapping[str, str]:
    field = next(each for each in ANSWERS if each.name == name)
    return labels_of(field, clinic, text(DEFAULT))


def _languages() -> Mapping[str, str]:
    return {code: text(code).name_for_staff for code in LANGUAGES}


def _line(label: str, count: int, report: Report) -> Line:
    return Line(label, count, _share(count, report.requests))


def _share(count: int, of: int) -> str:
    return f"{round(100 * count / of)}%" if of else ""
