"""The report of a month, and its requests as CSV files, for managers."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from desk.desk import Desk
from desk.plot import HEIGHT, plot
from desk.requests_csv import read_requests, requests_csv
from desk.route import Download, Shown, Visit
from desk.words import refusals
from desk.words import report as words
from shared.leads.month import Month
from shared.leads.report import Report, report
from shared.leads.report_row import MONTHS_SHOWN
from shared.store.report_index import Listed
from shared.web.report_words import headline, parts

PATH: Final = "/report"
CSV_PATH: Final = f"{PATH}/requests-csv"
ACTION: Final = "read_report"
CSV_ACTION: Final = "requests_csv"
# Requests in one file. The audit's entry has all their ids, and Lambda's answer must come within 28 seconds.
IN_A_FILE: Final = 1_000
# Many may come in within the same millisecond, so that a file has more.
_MOST_IN_A_FILE: Final = 2 * IN_A_FILE
_PLACE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z", re.ASCII)
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,6}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """One of the CSV files: the requests that came in after a moment and until another one. `first` counts from 1."""

    label: str
    first: int
    after: str
    until: str


def show_report(desk: Desk, visit: Visit) -> Shown:
    """Return the report of a month. Raises PageError if there is none of it."""
    clinic = desk.rules.clinic
    zone = clinic.hours.zone
    month = _month(desk, visit, visit.query)
    places: list[Listed] = []
    found = report(desk.report.rows(month, zone, places), month, clinic, visit.now)
    return Shown(
        template="report.html",
        values={
            "headline": headline(found),
            "about": words.ABOUT,
            "months": tuple((str(each), each.name, each == month) for each in _months(desk, visit)),
            "month": month,
            "plot": plot(found.days),
            "height": HEIGHT,
            "days": _numbered(found),
            "axis": tuple(f"{found.days[each][0]:%b %-d}" for each in (0, len(found.days) // 2, -1)),
            "parts": parts(found, clinic),
            "files": _files(sorted(places)),
            "about_files": words.ABOUT_FILES,
        },
        action=ACTION,
        details={"month": str(month)},
    )


def download(desk: Desk, visit: Visit) -> Download:
    """Return some requests of a month as a CSV file. Raises PageError."""
    month, form = _month(desk, visit, visit.form), visit.form
    after, until, first = form.get("after", ""), form.get("until", ""), form.get("first", "")
    if (after and not _PLACE.fullmatch(after)) or not _PLACE.fullmatch(until) or not _NUMBER.fullmatch(first):
        raise refusals.no_such_file()
    listed = desk.report.listed(month, desk.rules.clinic.hours.zone)
    wanted = [each.lead_id for each in listed if after < each.received_at <= until]
    if len(wanted) > _MOST_IN_A_FILE:
        raise refusals.too_large()
    requests = read_requests(desk.leads.read, wanted).found
    if not requests:
        raise refusals.no_such_file()
    return Download(
        name=f"requests-{month}-from-{first}-to-{int(first) + len(requests) - 1}.csv",
        content_type="text/csv; charset=utf-8",
        body=requests_csv(requests, desk.rules.clinic),
        action=CSV_ACTION,
        lead_ids=tuple(each.lead.id for each in requests),
    )


def month_in(visit: Visit) -> dict[str, str]:
    """Return the month that a form names, for the audit. Anything else is left out."""
    month = Month.parse(visit.form.get("month", ""))
    return {"month": str(month)} if month else {}


def _month(desk: Desk, visit: Visit, sent: Mapping[str, str]) -> Month:
    """Return the month that somebody asks for: this one if they name none. Raises PageError."""
    months = _months(desk, visit)
    asked = sent.get("month", "")
    month = Month.parse(asked) if asked else months[0]
    if month not in months:
        raise refusals.no_such_month()
    return month


def _months(desk: Desk, visit: Visit) -> list[Month]:
    this = Month.of(visit.now, desk.rules.clinic.hours.zone)
    return [this.before(each) for each in range(MONTHS_SHOWN)]


def _numbered(found: Report) -> tuple[tuple[str, str], ...]:
    return tuple((f"{day:%a, %b %-d}", f"{count:,}") for day, count in found.days)


def _files(places: Sequence[Listed]) -> tuple[File, ...]:
    """Return the files of a month's requests. Requests of the same millisecond are in one file."""
    files: list[File] = []
    after, first = "", 1
    while first <= len(places):
        last = min(first + IN_A_FILE - 1, len(places))
        until = places[last - 1].received_at
        while last < len(places) and places[last].received_at == until:
            last += 1
        files.append(File(label=words.file_label(first, last, len(places)), first=first, after=after, until=until))
        after, first = until, last + 1
    return tuple(files)
