"""A stored lead, the function behind the links in its emails, and ways to read its pages."""

from copy import deepcopy
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from lxml.html import FormElement

from claim.claim import Claim
from claim.routes import routes
from claim.together import Together
from shared.leads.decisions import Rules
from shared.leads.lead import Lead
from shared.leads.link import LINK_LIFE, Link, sign
from shared.leads.notice import Notice
from shared.leads.progress import AlertState, Progress
from shared.leads.response import ClaimAction
from shared.leads.team import Team
from shared.runtime.telemetry import alert_metrics, logger, metrics
from shared.services.keys import Keys
from shared.store.people import People, digests
from shared.web.http import Response
from tests.unit.dynamodb import NAME
from tests.unit.fakes import Clock, MemoryLeads
from tests.unit.forms import page_of
from tests.unit.people import CLINIC, NOW, a_lead

SECRET = "made-up-secret-of-the-stack"
LEAD = a_lead(time_zone="America/New_York", best_time="morning")
TEAM = Team(staff=("staff-1", "staff-2"), fallback=("fallback-1",), tell_others=True)
ADDRESSES = {
    "staff-1": "nurse@example.com",
    "staff-2": "frontdesk@example.com",
    "fallback-1": "jordan@example.com",
    "newperson": "casey@example.com",
}
LATER = timedelta(minutes=2)  # 10:32 AM in New York, where it is Wednesday
FORM = "application/x-www-form-urlencoded"

CONTEXT: Any = None  # not used


@dataclass
class Rehearsal:
    """A stored lead, the function behind its links, and a clock."""

    lead: Lead = LEAD
    team: Team = TEAM
    keys: Keys = field(default_factory=lambda: Keys(lambda: SECRET))
    table: MemoryLeads = field(default_factory=MemoryLeads)
    clock: Clock = field(default_factory=lambda: Clock(NOW + LATER))

    def __post_init__(self) -> None:
        self.add(self.lead)

    def add(self, lead: Lead) -> Lead:
        """Store a lead about which staff were told, and return it."""
        self.table.put(lead)
        told = Progress(
            state=AlertState.ACCEPTED,
            notice=Notice.REMINDER,
            attempts=1,
            accepted=frozenset({"alert/staff-1", "alert/staff-2"}),
            told_at=NOW,
            due_at=NOW + timedelta(minutes=15),
            overdue_since=NOW + timedelta(minutes=15),
            person_keys=digests(lead, Keys(lambda: SECRET).for_people()),
        )
        self.table.change(lead.id, lambda _stored: told)
        return lead

    @property
    def people(self) -> People:
        return People(self.table.client, NAME, self.clock)

    def link(
        self,
        action: ClaimAction | None = None,
        recipient: str = "staff-1",
        attempt: int = 1,
        lead: Lead | None = None,
    ) -> str:
        """Return the token of a link; without an action, of the one that opens the page."""
        link = Link(
            lead_id=(lead or self.lead).id,
            recipient=recipient,
            action=action,
            attempt=attempt,
            expires_at=NOW + LINK_LIFE,
        )
        return sign(link, Keys(lambda: SECRET).for_links())

    def asked(self, method: str, token: object, **changes: object) -> Response:
        claim = Claim(
            leads=self.table,
            keys=self.keys,
            rules=Rules(clinic=CLINIC, team=self.team),
            together=Together(leads=self.table, people=self.people),
            now=self.clock,
        )
        event: dict[str, Any] = {
            "httpMethod": method,
            "resource": "/claim/{token}",
            "path": f"/claim/{token}",
            "pathParameters": {"token": token},
            "headers": {"content-type": FORM},
            "multiValueHeaders": {},
            "requestContext": {"stage": "v1", "path": f"/v1/claim/{token}"},
            "body": None,
            "isBase64Encoded": False,
        }
        logger.remove_keys(["lead_id", "reference", "recipient", "action"])  # as the entry point does
        answer = routes(claim, ADDRESSES).resolve(event | changes, CONTEXT)
        assert set(answer) == {"statusCode", "multiValueHeaders", "body", "isBase64Encoded"}
        assert answer["isBase64Encoded"] is False
        headers = {name: value for name, (value,) in answer["multiValueHeaders"].items()}
        return Response(status=answer["statusCode"], body=answer["body"], headers=headers)

    def get(self, token: str) -> Response:
        return self.asked("GET", token)

    def post(self, token: str) -> Response:
        """Send an empty body, as the pages of earlier versions do."""
        return self.asked("POST", token)

    def press(self, response: Response, label: str, token: str | None = None, **more: object) -> Response:
        """Press a button on a page, as a browser does; `token` is of the link whose page it is."""
        return self.asked("POST", token or self.link(), body=sent_by(response, label, **more))

    def do(self, label: str, recipient: str = "staff-1") -> Response:
        """Open the page of a recipient's link and press a button on it."""
        token = self.link(recipient=recipient)
        return self.press(self.get(token), label, token)

    def after(self, **time: float) -> "Rehearsal":
        self.clock.time += timedelta(**time)
        return self

    @property
    def progress(self) -> Progress:
        return self.table.progress_of(self.lead.id)

    @property
    def stored(self) -> object:
        return deepcopy((self.table.leads, self.table.timeline))


def facts(response: Response) -> dict[str, str]:
    page = page_of(response.body)
    return dict(zip(page.xpath("//dt/text()"), page.xpath("//dd/text()"), strict=True))


def forms(response: Response) -> dict[str, FormElement]:
    """Return the form of each button on a page, by the label of the button, in order."""
    found = {form.xpath("string(.//button)"): form for form in page_of(response.body).forms}
    assert len(found) == len(page_of(response.body).forms)
    return found


def labels(response: Response) -> list[str]:
    """Return the labels of the buttons that are always shown, in order."""
    return [label for label, form in forms(response).items() if not form.xpath("ancestor::details")]


def folded(response: Response) -> list[str]:
    """Return the labels of the buttons that a click shows, in order."""
    return [label for label, form in forms(response).items() if form.xpath("ancestor::details")]


def sent_by(response: Response, label: str, **more: object) -> str:
    """Return the body that a browser sends for a button. `more` replaces fields."""
    form = forms(response)[label]
    fields: dict[str, list[object]] = {}
    for control in form.xpath(".//input[@type='hidden' or @checked] | .//button[@name]"):
        fields.setdefault(control.get("name", ""), []).append(control.get("value"))
    return urlencode(fields | more, doseq=True)


def emitted() -> dict[str, float]:
    return {name: sum(metric["Value"]) for name, metric in (metrics.metric_set | alert_metrics.metric_set).items()}


def forget_metrics() -> None:
    metrics.clear_metrics()
    alert_metrics.clear_metrics()
