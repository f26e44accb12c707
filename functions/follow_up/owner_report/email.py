"""The owner's email: the report of a month, without a name, a small number or anything that a visitor wrote."""

from typing import Final, NamedTuple

from shared.leads.clinic import Clinic
from shared.leads.link import desk_address
from shared.leads.report import Report
from shared.messages.inert import inert
from shared.messages.render import message
from shared.services.mailer import Message
from shared.web.report_words import Line, headline, parts

_FOLDER: Final = "follow_up/owner_report"
ABOUT: Final = (
    "These are the requests that came in during the month, with what came of them until today. Later changes are at the"
    " desk. Small numbers that could be about one person are only there."
)
TOO_FEW: Final = "These are too few requests to say more in an email. The report at the desk has the rest."


class _Part(NamedTuple):
    title: str
    lines: tuple[str, ...]
    sentences: tuple[str, ...]


def compose_owner_report(report: Report, clinic: Clinic, public_url: str) -> Message:
    """Return the report as an email. Sources and campaigns came with a link, so none of them becomes one."""
    told = parts(report, clinic, few=False)
    values = {
        "headline": headline(report),
        "month": report.month.name,
        "requests": f"{report.requests:,}",
        "clinic": clinic.name,
        "about": ABOUT if told else TOO_FEW,
        "parts": [
            _Part(
                part.title,
                (*map(_line, part.lines), *(f"{inert(each.name)}: {each.words}" for each in part.campaigns)),
                part.sentences,
            )
            for part in told
        ],
        "desk": f"{desk_address(public_url)}/report?month={report.month}",
    }
    return message(_FOLDER, values, clinic.look)


def _line(line: Line) -> str:
    share = f" ({line.share})" if line.share else ""
    return f"{inert(line.label)}: {line.number}{share}"
