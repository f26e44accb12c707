"""The pages of the desk over stores in memory: requests in any state, people who work on them, and ways to read pages.

The steps around an answer, such as signing in and the audit, are in tests/unit/desk.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from lxml.html import HtmlElement

from desk.desk import Desk
from desk.route import Download, Moved, Result, Role, Route, Shown, Visit
from desk.routes import routes
from shared.leads.clinic import Clinic
from shared.leads.decisions import Rules
from shared.leads.lead import Lead
from shared.leads.notice import Notice
from shared.leads.person import Person
from shared.leads.progress import AlertState, Progress
from shared.leads.team import Recipient, Team
from shared.records.finding import Records
from shared.runtime.files import templates
from shared.services.keys import Keys
from shared.store.audit import Audit
from shared.store.desk_index import DeskIndex
from shared.store.erasures import Erasures
from shared.store.people import People, digests
from shared.store.report_index import ReportIndex
from shared.store.timeline import Timeline
from tests.unit.dynamodb import NAME, MemoryDynamoDB
from tests.unit.fakes import MemoryLeads
from tests.unit.forms import page_of
from tests.unit.people import CLINIC, NOW, a_lead

NURSE, JORDAN, CASEY, MANAGER = (Person(f"{name}@example.com") for name in ("nurse", "jordan", "casey", "manager"))
ADDRESSES: Final = ("nurse@example.com", "frontdesk@example.com", "jordan@example.com")
TEAM: Final = Team(
    staff=tuple(Recipient(each).id for each in ADDRESSES[:2]), fallback=(Recipient(ADDRESSES[2]).id,), tell_others=True
)  # Casey has an account and gets no emails
BASE: Final = "https://api.example.com/v1/desk"
LATER: Final = NOW + timedelta(minutes=25)

QUARANTINED: Final[Mapping[str, Any]] = {
    "state": AlertState.QUARANTINED,
    "quarantined_at": NOW,
    "told_at": None,
    "due_at": None,
    "overdue_since": None,
}
UNDELIVERED: Final[Mapping[str, Any]] = {
    "state": AlertState.UNDELIVERABLE,
    "told_at": None,
    "due_at": None,
    "overdue_since": None,
}


@dataclass(frozen=True)
class Answer:
    """What a route answered, and its page if it is one."""

    result: Result
    visit: Visit
    clinic: Clinic = CLINIC

    @property
    def shown(self) -> Shown:
        assert isinstance(self.result, Shown), self.result
        return self.result

    @property
    def moved(self) -> Moved:
        assert isinstance(self.result, Moved), self.result
        return self.result

    @property
    def path(self) -> str:
        return self.moved.path

    @property
    def file(self) -> Download:
        assert isinstance(self.result, Download), self.result
        return self.result

    @property
    def body(self) -> str:
        template = templates("desk/pages", "shared/web/pages").get_template(self.shown.template)
        return template.render(
            {"clinic": self.clinic, "base": BASE, "visit": self.visit, "language": "en", **self.shown.values}
        )

    @property
    def page(self) -> HtmlElement:
        return page_of(self.body)

    @property
    def text(self) -> str:
        """The text of the page's content, with single spaces."""
        (main,) = self.page.xpath("//main")
        return " ".join(main.text_content().split())


@dataclass
class Office:
    """The desk with its stores in memory. `press` numbers the forms that are sent, so each is another one."""

    table: MemoryLeads = field(default_factory=MemoryLeads)
    now: datetime = LATER
    colleagues: tuple[Person, ...] = (NURSE, JORDAN, CASEY)
    presses: int = 0
    clinic: Clinic = CLINIC

    def __post_init__(self) -> None:
        client = self.table.client
        self.table.now = lambda: self.now
        self.people = People(client, NAME, lambda: self.now)
        self.keys = Keys(lambda: "made-up-secret-of-the-stack")
        index, audit = DeskIndex(client, NAME, lambda: self.now), Audit(MemoryDynamoDB().client(), NAME)
        timeline = Timeline(client, NAME, lambda: self.now)
        self.desk = Desk(
            rules=Rules(clinic=self.clinic, team=TEAM),
            leads=self.table,
            index=index,
            timeline=timeline,
            people=self.people,
            keys=self.keys,
            audit=audit,
            records=Records(
                client=client,
                table_name=NAME,
                leads=self.table,
                people=self.people,
                timeline=timeline,
                audit=audit,
                people_key=self.keys.for_people,
                by_reference=index.by_reference,
                clinic=self.clinic,
            ),
            erasures=Erasures(client, NAME, lambda: self.now),
            report=ReportIndex(lambda: client, NAME, lambda: self.now),
            addresses={Recipient(each).id: each for each in ADDRESSES},
            colleagues=lambda: self.colleagues,
        )

    @property
    def routes(self) -> tuple[Route, ...]:
        return routes(self.desk)

    def add(self, lead: Lead | None = None, **progress: Any) -> Lead:  # noqa: ANN401 - any attribute of a progress
        """Store a lead about which staff were told, unless `progress` says otherwise, and return it."""
        lead = lead or a_lead()
        self.table.put(lead)
        told: dict[str, Any] = {
            "state": AlertState.DELIVERED,
            "notice": Notice.REMINDER,
            "attempts": 1,
            "accepted": frozenset({f"alert/{NURSE.id}"}),
            "told_at": lead.received_at,
            "due_at": NOW + timedelta(minutes=15),
            "overdue_since": NOW + timedelta(minutes=15),
        }
        told["person_keys"] = digests(lead, self.keys.for_people())
        self.table.change(lead.id, lambda _stored: Progress(**(told | progress)))
        return lead

    def get(self, path: str = "", by: Person = NURSE, role: Role = Role.STAFF, /, **query: str) -> Answer:
        """Open a page. `path` is below the desk, with the id of a lead."""
        return self._answer("GET", path, by, role, query=query)

    def open(self, lead: Lead, by: Person = NURSE, /, **query: str) -> Answer:
        """Open the page of a request."""
        return self.get(f"/requests/{lead.id}", by, Role.STAFF, **query)

    def send(self, lead: Lead, act: str, by: Person = NURSE, role: Role = Role.STAFF, /, **form: str) -> Answer:
        """Send a form of a request's page, as somebody does who just opened the page."""
        self.presses += 1
        progress = self.table.progress_of(lead.id)
        fields = {"press": f"made-up-press{self.presses:03}", "seen": str(progress.presses)} | form
        return self._answer("POST", f"/requests/{lead.id}/{act}", by, role, form=fields)

    def withdraw(self, lead: Lead, by: Person = NURSE, /, **form: str) -> Answer:
        """Send the form of a withdrawal as a browser does: with the boxes that the page has checked."""
        return self.send(lead, "withdraw", by, Role.STAFF, **(checked(self.open(lead, by), "also") | form))

    def export(self, lead: Lead, chosen: str) -> Answer:
        """Export what the page of a person has checked."""
        return self.manage(lead, "/export", format=chosen, **checked(self.manage(lead), "export"))

    def send_old_form(self, lead: Lead, act: str, form: Mapping[str, str]) -> Answer:
        """Send a form of a page that was opened before the request went away."""
        fields = {"press": "made-up-press-00", "seen": "0", **form}
        return self._answer("POST", f"/requests/{lead.id}/{act}", MANAGER, Role.MANAGER, form=fields)

    def manage(self, lead: Lead, page: str = "", /, **form: str) -> Answer:
        """Open a page about the person of a request as a manager, or send its form."""
        path, sends = f"/people/{lead.id}{page}", {"form": form} if form else {}
        return self._answer("POST" if form else "GET", path, MANAGER, Role.MANAGER, **sends)

    def download(self, form: Mapping[str, str]) -> Answer:
        """Press a button that downloads requests."""
        return self._answer("POST", "/report/requests-csv", MANAGER, Role.MANAGER, form=form)

    def find(self, text: str) -> Answer:
        """Type something into the find box."""
        return self._answer("POST", "/find", NURSE, Role.STAFF, form={"q": text})

    def progress(self, lead: Lead) -> Progress:
        return self.table.progress_of(lead.id)

    def _answer(self, method: str, path: str, by: Person, role: Role, **more: Any) -> Answer:  # noqa: ANN401 - see Visit
        parts = path.split("/")
        lead_id = parts[2] if parts[1:2] in (["requests"], ["people"]) else None
        pattern = path.replace(lead_id, "<id>") if lead_id else path
        (route,) = (each for each in self.routes if (each.method, each.path) == (method, pattern))
        visit = Visit(person=by, role=role, csrf="c" * 43, now=self.now, base=BASE, id=lead_id, **more)
        return Answer(route.answer(visit), visit, self.clinic)


def checked(answer: Answer, form: str) -> dict[str, str]:
    """Return what the checked boxes of a form send. Their names begin with `form`."""
    found = answer.page.xpath(f"//input[@type='checkbox'][@checked][starts-with(@name, '{form}-')]")
    return {each.get("name"): each.get("value") for each in found}


def facts(answer: Answer) -> dict[str, str]:
    """Return the labels and values of a page."""
    terms = answer.page.xpath("//dl/div")
    return {
        " ".join(each.find("dt").text_content().split()): " ".join(each.find("dd").text_content().split())
        for each in terms
    }


def buttons(answer: Answer) -> list[str]:
    """Return the labels of all buttons for the request."""
    return [each.text_content().strip() for each in answer.page.xpath("//section[@class='actions']//button")]
