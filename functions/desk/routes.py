"""Every address of the desk that needs a signed-in person, in one table."""

from desk.desk import Desk
from desk.route import Role, Route, Shown, Visit


def routes(desk: Desk) -> tuple[Route, ...]:
    """Return the table. app.py adds nothing to it but the pages of signing in and out."""

    def first_page(visit: Visit) -> Shown:
        text = (f"You are signed in as {visit.person.email}.",)
        return Shown(template="message.html", values={"title": desk.rules.clinic.name, "text": text}, action="list")

    return (Route(method="GET", path="", role=Role.STAFF, action="list", answer=first_page),)
