"""A nurse's half hour: twelve mixed requests, worked through with the emails only. Nothing is claimed falsely."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from shared.leads.team import Recipient
from tests.browser.test_accessibility import assert_accessible
from tests.deployed import Deployed, eventually, somebodys_phone, submission
from tests.drills.drill import schedule
from tools.local.parameters import RECIPIENTS

if TYPE_CHECKING:
    from playwright.sync_api import Page

COLLEAGUE, NURSE = RECIPIENTS
_EMAIL_ONLY = {"phone": None, "preferred_contact": "email", "voicemail_ok": None}


@dataclass
class Shift:
    """The nurse at her phone, with her mailbox, and what she really did: the truth that the table must tell."""

    page: "Page"
    deployed: Deployed
    name: str  # sets its people apart from those of another shift
    truth: dict[str, dict[str, Any]] = field(default_factory=dict)

    def comes(self, **fields: object) -> str:
        """A person writes. Return the reference once the nurse has the alert."""
        answer = self.deployed.post_json(submission(**fields))
        assert answer.status == 201, answer.body
        reference = str(answer.document["reference"])
        self.deployed.the_alert(reference)
        return self._is_open(reference)

    def comes_again(self, **fields: object) -> str:
        """A person in crisis writes again. Return the reference once the nurse has it in a summary."""
        answer = self.deployed.post_json(submission(in_crisis="yes", **fields))
        assert answer.status == 201, answer.body
        reference = str(answer.document["reference"])
        eventually(lambda: self.deployed.lead(reference), within=20, wanted=lambda lead: "in_summary" in lead)
        self.deployed.summary_is_due()
        self.deployed.sweep()
        bodies = [mail["BodyText"] for mail in self.deployed.all_mails() if mail["To"] == [NURSE]]
        assert any(reference in body and "in one email" in body for body in bodies)
        return self._is_open(reference)

    def _is_open(self, reference: str) -> str:
        eventually(  # the sender records what it did a moment after its emails
            lambda: self.deployed.lead(reference),
            within=10,
            wanted=lambda lead: lead["alert_state"] != {"S": "sending"},
        )
        self.truth[reference] = {"response": "open"}
        return reference

    def opens(self, reference: str, button: str, to: str = NURSE) -> None:
        """Open the newest email about a request that has this button, and tap the button."""
        emails = [mail for mail in self.deployed.emails(reference) if mail["To"] == [to]]
        html = next(mail["BodyHtml"] for mail in reversed(emails) if f">{button}</a>" in mail["BodyHtml"])
        self.page.set_content(html)
        self.page.get_by_role("link", name=button, exact=True).click()
        self.page.get_by_text(reference).first.wait_for()

    def presses(self, button: str) -> None:
        """Press a button of the open page, which may be folded."""
        found = self.page.get_by_role("button", name=button, exact=True)
        if not found.is_visible():
            self.page.get_by_text("Not a request, or no more contact?").click()
        found.click()
        self.page.locator("h1").wait_for()
        assert_accessible(self.page)

    def did(self, reference: str, response: str, action: str, by: str | None = NURSE, tried: int = 0) -> None:
        """Note what is true about a request from now on."""
        self.truth[reference] = {
            "response": response,
            "last_action": action,
            "claimed_by": by and Recipient(by).id,
            "tried": str(tried) if tried else None,
        }

    def time_comes(self, reference: str) -> str:
        """Let time pass until the next email about a request, and return its kind."""
        notice = str(self.deployed.lead(reference)["alert_notice"]["S"])
        self.deployed.make_due(reference)
        self.deployed.sweep()
        return notice


@pytest.fixture(params=["light", "dark"])
def shift(
    request: pytest.FixtureRequest, a_page: Callable[..., AbstractContextManager["Page"]], deployed: Deployed
) -> Iterator[Shift]:
    phone = {"width": 320, "height": 640}
    with (
        schedule(deployed, on=False),  # time passes when the test says so; the sweep of the minute would be faster
        a_page(viewport=phone, color_scheme=request.param, reduced_motion="reduce") as page,
    ):
        yield Shift(page, deployed, str(request.param))


def said_of(lead: dict[str, Any], names: Iterator[str]) -> dict[str, Any]:
    """Return what a stored lead says, without DynamoDB's types."""
    return {name: next(iter(lead[name].values())) if name in lead else None for name in names}


def test_a_nurse_works_through_twelve_requests_with_the_emails_only(shift: Shift) -> None:
    phone = somebodys_phone()
    reached, crisis, email, spam, wrong, twice, unwanted, back, mistake, first, second, left = (
        shift.comes(),
        shift.comes(in_crisis="yes"),
        shift.comes(email=f"kim-{shift.name}@example.com", **_EMAIL_ONLY),
        shift.comes(),
        shift.comes(),
        shift.comes(),
        shift.comes(),
        shift.comes(),
        shift.comes(),
        shift.comes(phone=phone, in_crisis="yes"),  # the same person twice, in crisis, so neither waits
        shift.comes_again(phone=phone),
        shift.comes(),
    )

    # She claims one, talks to the person, and says so. A scanner opened each link before her.
    shift.opens(reached, "Claim this request")
    shift.presses("Claim this request")
    shift.presses("Reached")
    shift.did(reached, "closed", "reached")

    # Nobody answers in the crisis: three tries in minutes, then the colleague reaches the person.
    shift.opens(crisis, "No answer")
    shift.presses("No answer")
    for tried in (1, 2):
        shift.did(crisis, "claimed", "no_answer", tried=tried)
        assert shift.time_comes(crisis) == "no_answer"
        assert shift.time_comes(crisis) == "call_again"
        shift.opens(crisis, "No answer")
        shift.presses("No answer")
    shift.opens(crisis, "Reached", to=COLLEAGUE)
    shift.presses("Reached")
    shift.did(crisis, "closed", "reached", by=COLLEAGUE, tried=3)

    # She writes to a person who has no phone, and waits.
    shift.opens(email, "More choices")
    shift.presses("Emailed and waiting")
    shift.did(email, "claimed", "emailed")

    # Four that are no requests, each with its own reason.
    for reference, button, action in (
        (spam, "Spam", "spam"),
        (wrong, "Wrong number", "wrong_number"),
        (twice, "Duplicate of another request", "duplicate"),
        (unwanted, "Does not want to be contacted", "not_wanted"),
    ):
        shift.opens(reference, "More choices")
        shift.presses(button)
        shift.did(reference, "closed", action)

    # She claims one and cannot look after it. Everyone is asked again, and the colleague claims it.
    shift.opens(back, "Claim this request")
    shift.presses("Claim this request")
    shift.presses("Hand back")
    shift.did(back, "open", "hand_back", by=None)
    assert shift.time_comes(back) == "reminder"
    shift.opens(back, "Claim this request", to=COLLEAGUE)
    shift.presses("Claim this request")
    shift.did(back, "claimed", "claim", by=COLLEAGUE)

    # A slip: she undoes it on the same page, and presses what is true.
    shift.opens(mistake, "Reached")
    shift.presses("Reached")
    shift.presses("Undo")
    shift.presses("No answer")
    shift.did(mistake, "claimed", "no_answer", tried=1)

    # One call settles both requests of one person.
    shift.opens(first, "Reached")
    shift.presses("Reached")
    shift.page.get_by_text(second).wait_for()
    shift.presses("Reached for these too")
    shift.did(first, "closed", "reached")
    shift.did(second, "closed", "reached")

    # She looks at the last one and puts her phone away.
    shift.opens(left, "More choices")

    for reference, truth in shift.truth.items():
        lead = eventually(
            lambda reference=reference: shift.deployed.lead(reference),  # type: ignore[misc]
            within=5,
            wanted=lambda lead, truth=truth: said_of(lead, truth) == truth,  # type: ignore[misc]
        )
        assert said_of(lead, iter(truth)) == truth, reference
        # Nothing goes quiet: every request that is not closed has a next time.
        assert ("agenda_at" in lead) is (truth["response"] != "closed") or lead["alert_notice"] == {"S": "closed"}
