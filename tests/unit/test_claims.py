"""shared.leads.claims: who may act on a lead, and what is kept about tries. test_alert_machine.py tries the rest."""

from datetime import timedelta

import pytest

from shared.leads.claims import after_claim, may_act
from shared.leads.progress import AlertState, Case, Progress
from shared.leads.response import ClaimAction
from shared.leads.team import Team
from tests.unit.people import CLINIC, NOW, a_lead

TEAM = Team(staff=("staff-1",), fallback=("fallback-1",))
CASE = Case(lead=a_lead(), clinic=CLINIC, team=TEAM)


@pytest.mark.parametrize(
    ("by", "owner", "address", "may"),
    [
        ("staff-1", None, None, True),
        ("fallback-1", "staff-1", None, True),
        ("former", None, None, False),
        ("former", "former", None, False),  # a recipient who left the list
        ("p-1", "p-1", "sam@example.com", True),
        ("p-2", "p-1", "sam@example.com", False),
        ("p-1", "staff-1", "sam@example.com", False),
    ],
)
def test_recipients_and_the_owner_may_act(by: str, owner: str | None, address: str | None, *, may: bool) -> None:
    assert may_act(Progress(claimed_by=owner, owner_address=address), TEAM, by) is may


def test_the_time_of_the_last_try_stays_after_other_actions() -> None:
    progress = Progress(state=AlertState.ACCEPTED, told_at=NOW)
    for number, action in enumerate((ClaimAction.NO_ANSWER, ClaimAction.NO_ANSWER, ClaimAction.REACHED)):
        now = NOW + timedelta(hours=number)
        progress = after_claim(progress, CASE, action, by="staff-1", link=f"made-up-{number}", now=now)
    assert (progress.tried, progress.tried_at) == (2, NOW + timedelta(hours=1))
