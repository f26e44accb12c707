"""Staff forget a request, do not reach the person, or leave: somebody is reminded until the person was reached."""

import re
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

from shared.leads.team import Recipient
from shared.store.keys import moment, timestamp
from tests.drills.drill import Drill
from tests.faults import settings
from tools.local.parameters import FALLBACK
from tools.local.parameters import RECIPIENTS as STAFF

_LINK = re.compile(r"/claim/\S+\.(claim|reached|no_answer)\.\S+")


def press(drill: Drill, reference: str, address: str, action: str) -> None:
    """Press a button of the newest email about a request that has it."""
    mails = [mail for mail in drill.deployed.emails(reference) if mail["To"] == [address]]
    path = next(
        found[0] for mail in reversed(mails) for found in _LINK.finditer(mail["BodyText"]) if found[1] == action
    )
    assert drill.deployed.request("POST", path).status == 200


def next_email(drill: Drill, reference: str) -> tuple[str, set[str]]:
    """Let time pass until an email is due and sent. Return which one it was and who got it."""
    notice = drill.deployed.lead(reference)["alert_notice"]["S"]
    before = len(drill.deployed.emails(reference))
    drill.later(reference)
    return notice, {mail["To"][0] for mail in drill.deployed.emails(reference)[before:]}


def wait_of(drill: Drill, reference: str) -> timedelta:
    """Return how long it is until the next email."""
    return moment(drill.deployed.lead(reference)["agenda_at"]["S"]) - datetime.now(UTC)


def test_nobody_answers_an_urgent_request_at_night(drill: Drill) -> None:
    reference = drill.post(in_crisis="yes")
    drill.alerted(reference)
    minutes = []
    for _ in range(3):
        press(drill, reference, STAFF[0], "no_answer")
        assert next_email(drill, reference) == ("no_answer", {STAFF[1]})  # the others hear exactly that
        assert drill.deployed.lead(reference)["alert_notice"] == {"S": "call_again"}
        minutes.append(round(wait_of(drill, reference) / timedelta(minutes=1)))
        assert next_email(drill, reference) == ("call_again", set(STAFF))
    assert minutes == [10, 20, 40]
    assert next_email(drill, reference) == ("not_reached", {*STAFF, *FALLBACK})
    assert wait_of(drill, reference) <= timedelta(hours=1)
    press(drill, reference, STAFF[1], "reached")
    assert next_email(drill, reference) == ("closed", {STAFF[0], *FALLBACK})
    assert "agenda_at" not in drill.deployed.lead(reference)
    drill.saw(
        f"tried again after {minutes} minutes, at any hour; then everyone, every hour, until somebody reached them"
    )


def test_a_request_is_claimed_and_forgotten(drill: Drill) -> None:
    reference = drill.post(in_crisis="yes")
    drill.alerted(reference)
    press(drill, reference, STAFF[0], "claim")
    assert next_email(drill, reference) == ("claimed", {STAFF[1]})
    assert timedelta(minutes=14) < wait_of(drill, reference) <= timedelta(minutes=15)
    assert next_email(drill, reference) == ("owner_reminder", {STAFF[0]})
    assert next_email(drill, reference) == ("not_reached", {*STAFF, *FALLBACK})
    for _ in range(2):
        assert next_email(drill, reference) == ("not_reached", {*STAFF, *FALLBACK})
    assert drill.deployed.lead(reference)["response"] == {"S": "claimed"}
    drill.saw("the owner after 15 minutes, then everyone, again and again")


def test_the_owner_of_a_request_leaves_the_list(drill: Drill) -> None:
    reference = drill.post()
    drill.alerted(reference)
    press(drill, reference, STAFF[0], "claim")
    assert next_email(drill, reference) == ("claimed", {STAFF[1]})
    newcomer = "newcomer@example.com"
    with ExitStack() as changed:
        for function in ("follow-up", "claim"):
            changed.enter_context(settings(drill.deployed, function, ALERT_RECIPIENTS=f"{newcomer},{STAFF[1]}"))
        assert next_email(drill, reference) == ("owner_reminder", set())  # there is nobody to remind
        assert next_email(drill, reference) == ("not_reached", {newcomer, STAFF[1], *FALLBACK})
        texts = [mail["BodyText"] for mail in drill.deployed.emails(reference)]
        assert not any(f"{newcomer} claimed" in text or f"by {newcomer}" in text for text in texts)
        old = next(mail for mail in drill.deployed.emails(reference) if mail["To"] == [STAFF[0]])
        page = drill.deployed.request("POST", next(_LINK.finditer(old["BodyText"]))[0])
        assert page.status == 410
        press(drill, reference, newcomer, "no_answer")
    assert drill.deployed.lead(reference)["claimed_by"] == {"S": Recipient(newcomer).id}
    drill.saw("everyone at the owner's time; the owner's links stop; anyone may claim it")


def test_a_request_that_nobody_claims_comes_back(drill: Drill) -> None:
    reference = drill.post()
    drill.alerted(reference)
    assert next_email(drill, reference) == ("reminder", set(STAFF))
    assert next_email(drill, reference) == ("escalation", set(FALLBACK))
    for _ in range(2):
        assert next_email(drill, reference) == ("escalation", {*STAFF, *FALLBACK})
    assert drill.deployed.lead(reference)["agenda_at"]["S"] > timestamp(datetime.now(UTC))
    drill.saw("staff, then the fallback recipients, then everyone each working day")
