"""The writes and reads of one consultation: a request with every field filled in, from post to reached."""

from collections import Counter
from datetime import timedelta

import pytest

from shared.leads.clinic import EmailLimits
from shared.leads.decisions import Rules, claim, report
from shared.leads.event import Event, Result
from shared.leads.notice import Notice, Report, ReportKind
from shared.leads.response import ClaimAction
from shared.leads.team import Team
from shared.messages.side_items import SideItems
from shared.store.people import People
from submit.receive import receive
from tests.unit.people import CLINIC, ENGLISH, IDS, NOW
from tests.unit.senders import Rehearsal
from tests.unit.test_budget import budget
from tools.bench.cost import UNITS_OF_A_REQUEST, Figures
from tools.bench.submissions import fields

TEAM = Team(staff=("staff-1", "staff-2"), fallback=("fallback-1",), tell_others=True)
RULES = Rules(clinic=CLINIC, team=TEAM)
MOST_UNITS = 65


class Consultation:
    """One request and the writes of each step."""

    def __init__(self) -> None:
        self.desk = Rehearsal()
        table = self.desk.table
        people = People(table.client, "made-up-table")
        beside = SideItems(
            people=people,
            repeats=table.repeats,
            key=lambda: b"made-up key",
            now=lambda: NOW,
        )
        within = budget(self.desk, limits=EmailLimits())
        self.sender = self.desk.sender(
            team=TEAM, history=beside.history, person_keys=beside.person_keys, record=beside.record, budget=within
        )
        self.units: Counter[str] = Counter()
        self._charged = 0.0
        self.sent = fields()
        receive(self.sent, table, CLINIC, IDS, NOW, text=ENGLISH)
        (self.lead_id,) = table.leads
        self._charge("posted")

    def _charge(self, step: str) -> None:
        written = self.desk.table.dynamodb.write_units
        self.units[step] += int(written - self._charged)
        self._charged = written

    def send(self, step: str) -> None:
        assert self.sender.send(self.lead_id) is Result.ACCEPTED
        self._charge(step)

    def delivered(self, recipient: str) -> None:
        self.desk.clock.time += timedelta(seconds=5)
        at = self.desk.clock.time
        details = {"recipient": recipient, "notice": "alert", "attempt": "1"}
        told = Report(kind=ReportKind.DELIVERED, notice=Notice.ALERT, recipient=recipient, attempt=1)
        event = Event(kind="delivered", at=at, details=details)
        self.desk.table.change(self.lead_id, report(told, event, RULES, at))
        self._charge("deliveries reported")

    def answer(self, what: ClaimAction) -> None:
        self.desk.clock.time += timedelta(minutes=3)
        decide = claim(what, RULES, self.desk.clock.time, by="staff-1", link=f"staff-1/1/{what}")
        self.desk.table.change(self.lead_id, decide)
        self._charge(what)


def consulted() -> Consultation:
    """Return a request after all its steps, with two recipients."""
    one = Consultation()
    one.send("alert")
    one.delivered("staff-1")
    one.delivered("staff-2")
    one.answer(ClaimAction.CLAIM)
    one.send("email that it is claimed")
    one.answer(ClaimAction.REACHED)
    assert len(one.desk.mailer.sent) == 3
    return one


def test_a_full_request_from_post_to_reached_stays_within_its_units() -> None:
    one = consulted()
    assert len(one.sent) == 30
    total = one.units.total()
    assert total <= MOST_UNITS, f"{total} write units, at most {MOST_UNITS}: {dict(one.units)}"
    assert total == UNITS_OF_A_REQUEST, f"edit WRITES_OF_A_REQUEST in tools/bench/cost.py: {dict(one.units)}"


def test_the_reads_of_a_full_request_are_those_that_are_priced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.unit.dynamodb.PAGE", 100)  # as on AWS, one page has the whole timeline
    straight = Figures(reminded=0, escalated=0, called_again=0, forgotten=0, not_reached=0)
    read = consulted().desk.table.dynamodb.read_units + straight.links_used  # and the pages before the buttons
    assert read == straight.reads, "correct Figures.reads in tools/bench/cost.py"
