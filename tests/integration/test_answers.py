"""The links of real emails, opened as a browser does, against the deployed system."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from shared.leads.link import LINK_LIFE, Link, read_link, sign
from shared.leads.response import ClaimAction
from shared.leads.team import Recipient
from shared.services.keys import Keys
from tests.deployed import FORM, Answer, Deployed, eventually, submission
from tests.drills.drill import schedule
from tools.local.parameters import FALLBACK
from tools.local.parameters import RECIPIENTS as STAFF

ONE_TAP = (ClaimAction.CLAIM, ClaimAction.REACHED, ClaimAction.NO_ANSWER)
_LINK = re.compile(r"(https?://\S+)(/claim/\S+)")


@pytest.fixture(autouse=True, scope="module")
def no_scheduled_sweep(deployed: Deployed) -> Iterator[None]:
    """Let time pass only when a test says so."""
    with schedule(deployed, on=False):
        yield


def new_lead(deployed: Deployed) -> str:
    """Post the request of another person and wait until staff have its alert; return its reference."""
    reference: str = deployed.post_json(submission()).document["reference"]
    deployed.the_alert(reference)
    eventually(lambda: deployed.timeline(reference), within=10, wanted=lambda kinds: "alert_accepted" in kinds)
    return reference


def links(deployed: Deployed, reference: str, address: str = STAFF[0]) -> dict[ClaimAction, str]:
    """Return the paths of the one-tap links in the newest email to `address` about `reference` that has any.

    Every link of an email has the same parts except the action, so this works for whatever links the email shows.
    """
    mails = [mail for mail in deployed.emails(reference) if mail["To"] == [address]]
    # An email that only informs has no links.
    *_, found = [links for mail in mails if (links := _LINK.findall(mail["BodyText"]))]
    assert {base for base, _ in found} == {deployed.stack.api}
    key = keys(deployed).for_links()
    link = read_link(found[0][1].rpartition("/")[2], key, datetime.now(UTC))
    return {action: f"/claim/{sign(replace(link, action=action), key)}" for action in ONE_TAP}


def press(deployed: Deployed, path: str, action: str, *, seen: int) -> Answer:
    """Press a button on a page that knows of `seen` actions."""
    body = f"seen={seen}&action={action}".encode()
    return deployed.request("POST", path, body, {"Content-Type": FORM})


def keys(deployed: Deployed) -> Keys:
    """The deployed stack's keys."""
    arn = deployed.lambdas.get_function_configuration(FunctionName=f"{deployed.stack.name}-claim")["Environment"][
        "Variables"
    ]["STACK_SECRET_ARN"]
    return Keys(lambda: deployed.secrets.get_secret_value(SecretId=arn)["SecretString"])


def test_looking_at_a_link_changes_nothing_and_its_button_does(deployed: Deployed) -> None:
    reference = new_lead(deployed)
    take = links(deployed, reference)[ClaimAction.CLAIM]
    before = deployed.lead(reference)

    for _ in range(3):  # email scanners, and people who open the link twice
        page = deployed.request("GET", take)
        assert (page.status, page.headers["cache-control"]) == (200, "no-store")
        assert reference in page.body
        assert page.body.count('<form method="post"') >= 3
        assert before["name"]["S"] not in page.body
    assert deployed.lead(reference) == before

    taken = deployed.request("POST", take)
    assert taken.status == 200
    assert "You claimed this request" in taken.body
    lead = deployed.lead(reference)
    assert (lead["response"], lead["claimed_by"]) == ({"S": "claimed"}, {"S": Recipient(STAFF[0]).id})
    assert "claimed" in deployed.timeline(reference)
    # Anyone with this address can claim the request, so no log may have it.
    assert take.rpartition(".")[2] not in "\n".join(deployed.log_lines())


def test_a_claim_stops_the_reminder_and_tells_the_others_in_one_short_email(deployed: Deployed) -> None:
    reference = new_lead(deployed)
    deployed.request("POST", links(deployed, reference, STAFF[1])[ClaimAction.CLAIM])

    deployed.sweep()
    (told,) = deployed.emails(reference)[len(STAFF) :]
    assert told["To"] == [STAFF[0]]
    assert STAFF[1] in told["BodyText"]
    assert deployed.lead(reference)["name"]["S"] not in told["BodyText"]
    assert deployed.lead(reference)["alert_notice"] == {"S": "owner_reminder"}  # unless the owner says how it went


def test_an_unclaimed_request_brings_the_reminder_and_then_the_escalation(deployed: Deployed) -> None:
    reference = new_lead(deployed)
    seen: list[list[str]] = []
    for _ in range(2):
        deployed.make_due(reference)
        deployed.sweep()
        seen.append([mail["To"][0] for mail in deployed.emails(reference)][sum(len(mails) for mails in seen) :])
    assert [sorted(mails) for mails in seen] == [sorted([*STAFF, *STAFF]), [*FALLBACK]]
    subjects = [mail["Subject"] for mail in deployed.emails(reference)]
    assert len(set(subjects)) == 3
    assert "agenda_at" in deployed.lead(reference)  # everyone is reminded again
    escalation = links(deployed, reference, FALLBACK[0])
    assert deployed.request("POST", escalation[ClaimAction.CLAIM]).status == 200


def test_no_answer_brings_it_back_at_a_better_time(deployed: Deployed) -> None:
    reference = new_lead(deployed)
    page = deployed.request("POST", links(deployed, reference)[ClaimAction.NO_ANSWER])
    assert "ask everyone on the alert list to try again" in page.body
    lead = deployed.lead(reference)
    assert lead["alert_notice"] == {"S": "no_answer"}  # first, the other recipients get an email about it
    assert lead["call_again_at"]["S"] > f"{datetime.now(UTC):%Y-%m-%dT%H:%M}"
    deployed.sweep()
    deployed.make_due(reference)
    deployed.sweep()
    again = [mail for mail in deployed.emails(reference) if "again" in mail["Subject"]]
    assert sorted(mail["To"][0] for mail in again) == sorted(STAFF)
    assert deployed.request("POST", links(deployed, reference)[ClaimAction.REACHED]).status == 200


def refused(deployed: Deployed, path: str, status: int, words: str) -> None:
    """Assert that a link does not work, and that its page says what to do."""
    for method in ("POST", "GET"):
        page = deployed.request(method, path)
        assert page.status == status, page.body
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert words in page.body
        assert "<form" not in page.body


def not_now(deployed: Deployed, path: str, status: int, words: str) -> None:
    """Assert that an empty press is refused, and that the page still opens."""
    page = deployed.request("POST", path)
    assert page.status == status, page.body
    assert words in page.body
    assert deployed.request("GET", path).status == 200


def test_a_link_that_does_not_count_is_refused_with_a_page_that_helps(deployed: Deployed) -> None:
    reference, other = new_lead(deployed), new_lead(deployed)
    mine, theirs = links(deployed, reference), links(deployed, other)

    # Changed on the way, and put together from two links.
    refused(deployed, mine[ClaimAction.CLAIM][:-1], 400, "link")
    refused(deployed, mine[ClaimAction.CLAIM].replace(".claim.", ".reached."), 400, "link")
    head, signature = mine[ClaimAction.CLAIM].rpartition(".")[0], theirs[ClaimAction.CLAIM].rpartition(".")[2]
    refused(deployed, f"{head}.{signature}", 400, "link")
    # Expired, and of a deleted lead.
    lead_id = deployed.lead(reference)["pk"]["S"].removeprefix("LEAD#")
    old = Link(
        lead_id=lead_id,
        recipient=Recipient(STAFF[0]).id,
        action=ClaimAction.CLAIM,
        attempt=1,
        expires_at=datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=1),
    )
    key = keys(deployed).for_links()
    refused(deployed, f"/claim/{sign(old, key)}", 410, "14 days")
    gone = replace(old, lead_id="N0SVCH1EAD0000000000000000", expires_at=old.expires_at + LINK_LIFE)
    refused(deployed, f"/claim/{sign(gone, key)}", 404, "KC-N0SV-CH1E")
    assert deployed.lead(reference)["response"] == {"S": "open"}

    # Used before, claimed by another recipient, and closed.
    assert deployed.request("POST", mine[ClaimAction.NO_ANSWER]).status == 200
    not_now(deployed, mine[ClaimAction.NO_ANSWER], 410, "already saved")
    not_now(deployed, links(deployed, reference, STAFF[1])[ClaimAction.CLAIM], 409, "A colleague claimed this request")
    assert deployed.request("POST", mine[ClaimAction.REACHED]).status == 200
    for path in mine.values():
        not_now(deployed, path, 410, "Reopen this request")
    assert deployed.lead(other)["response"] == {"S": "open"}


@pytest.mark.parametrize("added", [".", ")", "%3E", "%22", "%E2%80%8B"])
def test_a_link_with_punctuation_after_it_works(deployed: Deployed, added: str) -> None:
    path = links(deployed, new_lead(deployed))[ClaimAction.CLAIM]
    assert deployed.request("GET", path + added).status == 200
    assert deployed.request("POST", path + added).status == 200


def test_a_mistake_is_undone_and_pressing_twice_counts_once(deployed: Deployed) -> None:
    reference = new_lead(deployed)
    path = links(deployed, reference)[ClaimAction.CLAIM]
    assert press(deployed, path, "spam", seen=0).status == 200
    assert press(deployed, path, "spam", seen=0).status == 410
    assert deployed.lead(reference)["response"] == {"S": "closed"}
    undone = press(deployed, path, "reopen", seen=1)
    assert undone.status == 200
    assert "This request is open again" in undone.body
    assert deployed.lead(reference)["response"] == {"S": "claimed"}
    assert [kind for kind in deployed.timeline(reference) if kind in {"closed", "reopened"}] == ["closed", "reopened"]


def test_reached_closes_the_persons_other_request_too(deployed: Deployed) -> None:
    person = submission()
    first, second = (deployed.post_json(submission() | _who(person)).document["reference"] for _ in range(2))
    deployed.the_alert(first)
    eventually(lambda: deployed.timeline(second), within=10, wanted=lambda kinds: "alert_waits" in kinds)
    reached = deployed.request("POST", links(deployed, first)[ClaimAction.REACHED])
    assert f'value="{second}" checked' in reached.body
    body = f"seen=1&also={second}&action=reached_too".encode()
    path = links(deployed, first)[ClaimAction.REACHED]
    closed = deployed.request("POST", path, body, {"Content-Type": FORM})
    assert closed.status == 200
    assert "Also closed: " in closed.body
    assert second in closed.body.partition("Also closed: ")[2].partition("</p>")[0]
    assert deployed.lead(second)["response"] == {"S": "closed"}


def _who(person: dict[str, object]) -> dict[str, object]:
    return {name: person[name] for name in ("name", "email", "phone") if name in person}


@pytest.mark.parametrize("path", ["/claim/", "/claim/%00", "/claim/x" * 3, f"/claim/{'x' * 3000}", "/claim/%F0%9F"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_an_invalid_link_is_a_page_and_no_error(deployed: Deployed, method: str, path: str) -> None:
    answer = deployed.request(method, path)
    assert answer.status in {400, 404, 405}
    assert "500" not in answer.body


def test_without_the_secret_alerts_have_no_links_and_pages_say_when_to_retry(
    deployed: Deployed,
) -> None:
    reference = new_lead(deployed)
    path = links(deployed, reference)[ClaimAction.CLAIM]
    with deployed.denied("secretsmanager:GetSecretValue", "notify", "claim"):
        page = deployed.request("POST", path)
        assert page.status == 503
        assert int(page.headers["retry-after"]) > 0
        without = deployed.the_alert(deployed.post_json(submission()).document["reference"])
        assert "/claim/" not in without["BodyText"]
    assert deployed.lead(reference)["response"] == {"S": "open"}
