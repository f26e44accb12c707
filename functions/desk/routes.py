"""Every address of the desk that needs a signed-in person, in one table."""

from functools import partial

from desk import audit_page
from desk.desk import Desk
from desk.route import Role, Route, Shown, Visit


def routes(desk: Desk) -> tuple[Route, ...]:
    """Return the table. app.py adds nothing to it but the pages of signing in and out."""

    def first_page(visit: Visit) -> Shown:
        text = (f"You are signed in as {visit.person.email}.",)
        return Shown(
            template="message.html", values={"title": desk.rules.clinic.name, "text": text}, action="read_list"
        )

    return (
        Route(method="GET", path="", role=Role.STAFF, action="read_list", answer=first_page),
        Route(
            method="GET",
            path=audit_page.PATH,
            role=Role.MANAGER,
            action=audit_page.ACTION,
            answer=partial(audit_page.show_audit, desk),
        ),
    )
