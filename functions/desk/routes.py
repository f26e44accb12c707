"""Every address of the desk that needs a signed-in person, in one table."""

from collections.abc import Callable
from functools import partial

from desk import audit_page
from desk.actions import action, handed_to
from desk.desk import Desk
from desk.find import find, show_find
from desk.lists import show_list
from desk.request_page import show_request
from desk.route import Result, Role, Route, Visit, nothing_more
from desk.words.actions import Act

type _Answer = Callable[[Desk, Visit], Result]


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
                role=Role.STAFF,
                action=act.replace("-", "_"),
                answer=by(action(act)),
                details=handed_to if act is Act.HAND_OVER else nothing_more,
            )
            for act in Act
        ),
        Route(
            method="GET",
            path=audit_page.PATH,
            role=Role.MANAGER,
            action=audit_page.ACTION,
            answer=by(audit_page.show_audit),
        ),
    )
