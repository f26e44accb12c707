"""`make staff-remove` and the job `hand_back`: the requests of somebody who left go back to everyone."""

from typing import TYPE_CHECKING, Any

import boto3
import pytest

from follow_up.hand_back import HandBack
from shared.leads.claims import may_act
from shared.leads.decisions import Rules
from shared.leads.event import OPERATOR
from shared.leads.lead import Lead
from shared.leads.response import ResponseState
from shared.store.desk_index import DeskIndex
from shared.store.timeline import Timeline
from tests.unit.desk_pages import CASEY, LATER, NURSE, TEAM, Office
from tests.unit.dynamodb import NAME
from tests.unit.people import CLINIC, a_lead
from tests.unit.user_pool import POOL, MemoryPool, User
from tools.operate import __main__ as command
from tools.operate import requests as module
from tools.operate.invoke import FunctionFailedError
from tools.operate.requests import hand_back

if TYPE_CHECKING:
    from shared.leads.progress import Progress


def job(office: Office) -> HandBack:
    return HandBack(leads=office.table, rules=Rules(clinic=CLINIC, team=TEAM), now=lambda: LATER)


def removed(office: Office, address: str = CASEY.email) -> tuple[str, list[str], list[dict[str, Any]]]:
    """Hand back what a person has. Return what is said at the end, the progress, and the jobs."""
    lines: list[str] = []
    jobs: list[dict[str, Any]] = []

    def run(asked: dict[str, Any]) -> dict[str, Any]:
        jobs.append(asked)
        return {"handed_back": job(office).run(asked["lead_id"], asked["address"])}

    return hand_back(DeskIndex(office.table.client, NAME), run, address, lines.append), lines, jobs


def owner(office: Office, lead: Lead) -> str | None:
    return office.progress(lead).claimed_by


def test_what_a_person_claimed_with_an_account_alone_is_handed_back() -> None:
    office = Office()
    calm, urgent, done, other, nobodys = (
        office.add(a_lead(number, **({"in_crisis": True} if number == 1 else {}))) for number in range(5)
    )
    for lead in (calm, urgent, done):
        office.send(lead, "claim", CASEY)
    office.send(done, "reached", CASEY)
    office.send(other, "claim", NURSE)
    said, lines, jobs = removed(office)
    assert said == "Handed back 2 requests of casey@example.com: everyone is asked to claim them."
    assert lines == ["2 of 2 requests looked at, 2 handed back"]
    assert {each["lead_id"] for each in jobs} == {calm.id, urgent.id}
    for lead in (calm, urgent):
        after = office.progress(lead)
        assert (after.response, after.claimed_by, after.owner_address) == (ResponseState.OPEN, None, None)
        assert (after.acted_by, after.acted_by_address) == (OPERATOR, None)
        assert after.due_at is not None
        assert not may_act(after, TEAM, CASEY.id)
        newest = next(Timeline(office.table.client, NAME, lambda: LATER).entries(lead.id))
        assert newest.actor == OPERATOR
    assert owner(office, other) == NURSE.id
    assert office.progress(done).response is ResponseState.CLOSED
    assert owner(office, nobodys) is None
    assert removed(office) == ("No request has casey@example.com as its owner by an account alone.", [], [])


def test_a_recipient_keeps_what_they_claimed_because_emails_still_reach_them() -> None:
    office = Office()
    lead = office.add()
    office.send(lead, "claim", NURSE)
    assert removed(office, NURSE.email)[2] == []
    assert not job(office).run(lead.id, NURSE.email)
    assert owner(office, lead) == NURSE.id


@pytest.mark.parametrize("meanwhile", ["hand-back", "reached"])
def test_what_changed_meanwhile_stays_as_it_is(meanwhile: str) -> None:
    office = Office()
    lead = office.add()
    office.send(lead, "claim", CASEY)
    before: list[Progress] = []

    def run(asked: dict[str, Any]) -> dict[str, Any]:
        office.send(lead, meanwhile, CASEY)
        before.append(office.progress(lead))
        return {"handed_back": job(office).run(asked["lead_id"], asked["address"])}

    said = hand_back(DeskIndex(office.table.client, NAME), run, CASEY.email, lambda _: None)
    assert said.endswith("The other 1 changed meanwhile.")
    assert [office.progress(lead)] == before


def test_a_request_that_was_deleted_is_nobodys() -> None:
    assert not job(Office()).run(a_lead().id, CASEY.email)


def test_many_requests_are_handed_back_with_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PAGE", 2)
    monkeypatch.setattr(module, "_PROGRESS_EVERY", 3)
    office = Office()
    for number in range(7):
        office.send(office.add(a_lead(number)), "claim", CASEY)
    said, lines, _ = removed(office)
    assert said.startswith("Handed back 7 requests")
    assert [line.partition(",")[0] for line in lines] == [f"{number} of 7 requests looked at" for number in (3, 6, 7)]


class Session:
    """boto3's session for a stack with the account of a person and their requests."""

    region_name = "us-east-1"

    def __init__(self, office: Office, pool: MemoryPool) -> None:
        self._clients: dict[str, Any] = {"dynamodb": office.table.client, "cognito-idp": pool.client()}

    def client(self, name: str) -> Any:  # noqa: ANN401 - a client of any service
        return self._clients.get(name, self)

    def describe_stacks(self, **_: str) -> Any:  # noqa: ANN401 - as AWS answers
        outputs = {"UserPoolId": POOL, "TableName": NAME}
        return {"Stacks": [{"Outputs": [{"OutputKey": k, "OutputValue": v} for k, v in outputs.items()]}]}


@pytest.mark.parametrize("works", [True, False])
def test_the_command_closes_the_account_first_and_says_what_is_left(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *, works: bool
) -> None:
    office, pool = Office(), MemoryPool({CASEY.email: User(CASEY.email)})
    lead = office.add()
    office.send(lead, "claim", CASEY)

    def run(asked: dict[str, Any]) -> dict[str, Any]:
        assert not pool.users[CASEY.email].enabled
        if not works:
            raise FunctionFailedError
        return {"handed_back": job(office).run(asked["lead_id"], asked["address"])}

    session = Session(office, pool)  # before boto3's own is replaced, which the fakes use for AWS's models
    monkeypatch.setattr(boto3, "Session", lambda: session)
    monkeypatch.setattr(command, "invoking", lambda _: run)
    code = command.main(["staff-remove", "--stack", "made-up", "--email", "Casey@Example.com"])
    told = capsys.readouterr()
    assert "can no longer sign in" in told.out
    if works:
        assert (code, owner(office, lead)) == (0, None)
        assert "1 of 1 requests looked at, 1 handed back" in told.out
        assert "If the address is in AlertRecipients or FallbackRecipients" in told.out
    else:
        assert (code, owner(office, lead)) == (1, CASEY.id)
        assert "run this again" in told.err
