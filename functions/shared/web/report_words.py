"""The report of a month in words, for the page of the desk and for the owner's email.

Readers of the page may open each request. The email may be forwarded, so it says no number below FEWEST that is an
answer of somebody, and nothing that gives one away.
"""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from shared.leads.choices import labels_of
from shared.leads.clinic import Clinic
from shared.leads.fields import ANSWERS
from shared.leads.numbers import counted
from shared.leads.report import OTHERS, UNKNOWN, Counts, Report
from shared.leads.report_row import CLAIMED, OPEN, REACHED
from shared.leads.response import Outcome
from shared.leads.small_cells import FEWEST, MergedRow, rest_is_large, without_small
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
_SOURCES: Final = {UNKNOWN: "No source in the link", OTHERS: "All other sources"}
_INTEREST: Final = "What they would like help with"
_NORMAL: Final = "Normal requests, in opening hours"
_LEFT_OUT: Final = f"Not in this email, because some of its numbers are below {FEWEST}."
_SMALL: Final = (
    f"Numbers below {FEWEST} are merged, with others where that is needed, so that nobody can work out what came of a"
    " single person's request."
)
_NO_CAMPAIGNS: Final = "There are too few requests from different campaigns to show them without showing single people."


class Line(NamedTuple):
    """One line: a label, its number of requests, such as "1,204", and their share, such as "25%"."""

    label: str
    number: str
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


def parts(report: Report, clinic: Clinic, *, few: bool = True) -> tuple[Part, ...]:
    """Return everything but the days, in order. Parts without a line or a sentence are left out.

    Unless `few`, answers that fewer than FEWEST people gave are not told, and of so few requests only the number is.
    """
    if report.requests < FEWEST and not few:
        return ()
    places, interests = _choices("location", clinic), _choices("interest", clinic)
    every = (
        Part("Requests", _requests(report, few=few), _about_requests(report)),
        Part("First response", sentences=(*_speeds(report, few=few), *_stored_only(report, "First response"))),
        Part("What came of them", _results(report), _no_shows(report)),
        Part("Where they came from", _named(report.sources, report.requests, _SOURCES)),
        _campaigns(report),
        _answers("Location", report.locations, report.requests, places, few=few) if clinic.places else Part(""),
        _answers("Language", report.locales, report.requests, _languages(), few=few),
        _answers(_INTEREST, report.interests, report.stored, interests, *_stored_only(report, "This list"), few=few),
        _answers("Form", report.forms, report.requests, _FORMS, few=few),
    )
    return tuple(part for part in every if part.lines or part.sentences or part.campaigns)


def _stored_only(report: Report, what: str) -> tuple[str, ...]:
    """Return that a number is about the stored requests only, if that makes a difference."""
    if report.stored == report.requests:
        return ()
    return (f"{what} counts only the requests that are still stored: {report.stored:,} of {report.requests:,}.",)


def _speeds(report: Report, *, few: bool) -> tuple[str, ...]:
    """Return how fast requests were claimed. Each number in it says something about how many were urgent."""
    normal, urgent = report.normal_speed, report.urgent_speed
    if few or (urgent.received >= FEWEST and rest_is_large(urgent.received, report.stored)):
        return speed_in_words(_NORMAL, normal), speed_in_words("Urgent requests, at any hour", urgent)
    if normal.received < FEWEST or normal.median_minutes is None:
        return ()
    return (f"{_NORMAL}: of those that were claimed, half were claimed within {_minutes(normal.median_minutes)}.",)


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


def _requests(report: Report, *, few: bool) -> tuple[Line, ...]:
    parts = (
        ("Urgent", report.urgent, report.stored),
        ("Later asked for no contact", report.no_contact, report.requests),
    )
    if few:
        told = tuple(_line(label, count, of) for label, count, of in parts if count or label == "Urgent")
    else:
        told = tuple(
            _line(label, count if count >= FEWEST else None, of)
            for label, count, of in parts
            if rest_is_large(count, of)
        )
    return (_line("All requests", report.requests, report.requests), *told)


def _about_requests(report: Report) -> tuple[str, ...]:
    said = (*_aside(report), *_stored_only(report, "Urgent"))
    if report.unreadable:
        said += (f"Not read, and in no number: {counted(report.unreadable, 'request')}.",)
    return said


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
        _line(words, report.results[result], report.requests)
        for result, words in _RESULTS.items()
        if report.results.get(result)
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


def _answers(title: str, counts: Counts, of: int, names: Mapping[str, str], *more: str, few: bool) -> Part:
    """Return a list of answers, or why it is left out."""
    told = counts if few else without_small(counts)
    if told is None:
        return Part(title, sentences=(_LEFT_OUT,) if counts else ())
    return Part(title, _named(told, of, names), more)


def _named(counts: Iterable[tuple[str, int | None]], of: int, names: Mapping[str, str]) -> tuple[Line, ...]:
    """Return a line for each value. `names` are the words for values; any other value is its own name."""
    known = {UNKNOWN: _NOT_SAID, **names}
    return tuple(_line(known.get(value, value), count, of) for value, count in counts)


def _choices(name: str, clinic: Clinic) -> Mapping[str, str]:
    field = next(each for each in ANSWERS if each.name == name)
    return labels_of(field, clinic, text(DEFAULT))


def _languages() -> Mapping[str, str]:
    return {code: text(code).name_for_staff for code in LANGUAGES}


def _line(label: str, count: int | None, of: int) -> Line:
    return Line(label, f"fewer than {FEWEST}", "") if count is None else Line(label, f"{count:,}", _share(count, of))


def _share(count: int, of: int) -> str:
    return f"{round(100 * count / of)}%" if of else ""
