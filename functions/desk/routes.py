"""Every address of the desk that needs a signed-in person, in one table."""

from collections.abc import Callable
from functools import partial
from typing import Final

from desk import audit_page, report_page
from desk.actions import action, consent_in, handed_to
from desk.desk import Desk
from desk.erase_page import PATH, chosen_and_own, erase, show_erase, show_erasures
from desk.find import find, show_find
from desk.lists import show_list
from desk.person_page import export, format_in, show_person
from desk.request_page import show_request
from desk.route import Result, Role, Route, Visit, nothing_more
from desk.words.actions import OF_MANAGERS, Act

type _Answer = Callable[[Desk, Visit], Result]


# What the audit's entry of a form says besides its action and its lead.
_DETAILS: Final = {Act.HAND_OVER: handed_to, Act.WITHDRAW: consent_in, Act.RESTORE: consent_in}


def routes(desk: Desk) -> tuple[Route, ...]:
    """Return the table. app.py adds nothing to it but the pages of signing in and out."""

    def by(answer: _Answer) -> Callable[[Visit], Result]:
        return partial(answer, desk)

    return (
        Route(method="GET", path="", role=Role.STAFF, action="read_list", answer=by(show_list)),
        Route(method="GET", path="/find", role=Role.STAFF, action="search", answer=by(show_find)),
        Route(method="POST", path="/find", role=Role.STAFF, action="search", answer=by(find)),
        Route(method="GET", path="/requests/<id>", role=Role.STAFF, action="read_request", answer=by(show_request)),
        *(
            Route(
                method="POST",
                path=f"/requests/<id>/{act}",
                role=Role.MANAGER if act in OF_MANAGERS else Role.STAFF,
                action=act.replace("-", "_"),
                answer=by(action(act)),
                details=_DETAILS.get(act, nothing_more),
            )
            for act in Act
        ),
        *_of_people(by),
        Route(
            method="GET",
            path=audit_page.PATH,
            role=Role.MANAGER,
            action=audit_page.ACTION,
            answer=by(audit_page.show_audit),
        ),
        Route(
            method="GET",
            path=report_page.PATH,
            role=Role.MANAGER,
            action=report_page.ACTION,
            answer=by(report_page.show_report),
        ),
        Route(
            method="POST",
            path=report_page.CSV_PATH,
            role=Role.MANAGER,
            action=report_page.CSV_ACTION,
            answer=by(report_page.download),
            details=report_page.month_in,
        ),
    )


def _of_people(by: Callable[[_Answer], Callable[[Visit], Result]]) -> tuple[Route, ...]:
    """Return the addresses about a person's data. `<id>` is one of their requests."""
    person = "/people/<id>"
    return (
        Route(method="GET", path=person, role=Role.MANAGER, action="read_person", answer=by(show_person)),
        Route(
            method="POST",
            path=f"{person}/export",
            role=Role.MANAGER,
            action="export",
            answer=by(export),
            details=format_in,
        ),
        Route(method="GET", path=f"{person}/erase", role=Role.MANAGER, action="read_erase", answer=by(show_erase)),
        Route(
            method="POST",
            path=f"{person}/erase",
            role=Role.MANAGER,
            action="erase",
            answer=by(erase),
            leads=chosen_and_own,
        ),
        Route(method="GET", path=PATH, role=Role.MANAGER, action="read_erasures", answer=by(show_erasures)),
    )
