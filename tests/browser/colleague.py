"""A colleague who works at the desk in a browser, and the people whose requests they read."""

import json
import random
import string
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from playwright.sync_api import expect

from shared.leads.team import Recipient
from shared.store.keys import lead_id_of
from tests.deployed import Deployed, eventually, submission
from tests.desk import NURSE
from tools.local.deployment import session
from tools.local.parameters import FALLBACK, RECIPIENTS, Account

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

# What makes a request look like spam, so it is quarantined. People do not see the field "leave_empty".
BOT: Final = {"leave_empty": "x", "message": "https://spam.example.com/"}
TEMPORARY: Final = "Temporary-for-now-1"
_EVENTS: Final = Path(__file__).parents[1] / "events"


def a_surname() -> str:
    """Return a name that nobody else has. It has only letters, so it cannot look like a reference or a number."""
    return "".join(random.choices(string.ascii_lowercase, k=12)).capitalize()  # noqa: S311 - not a secret


@dataclass(frozen=True)
class Asked:
    """A request that somebody sent, as its visitor knows it."""

    reference: str
    lead_id: str
    fields: dict[str, Any] = field(hash=False)

    @property
    def name(self) -> str:
        return str(self.fields["name"])

    @property
    def path(self) -> str:
        """The path of its page, below the desk."""
        return f"/requests/{self.lead_id}"


def somebody_asks(deployed: Deployed, *, told: bool = True, **changes: object) -> Asked:
    """Post the request of another person. Return it once staff have its alert, unless it is one that nobody is
    `told` about.
    """
    fields = submission(name=f"Robin {a_surname()}") | changes
    answer = deployed.post_json(fields)
    assert answer.status == 201, answer.body
    reference = str(answer.document["reference"])
    if told:
        deployed.the_alert(reference)
    settled = {"accepted"} if told else {"quarantined", "undeliverable"}
    lead = eventually(  # the sender records what it did a moment after its emails
        lambda: deployed.lead(reference), within=20, wanted=lambda lead: lead["alert_state"]["S"] in settled
    )
    assert lead["alert_state"]["S"] in settled
    return Asked(reference, lead_id_of(lead), fields)


def nobody_hears_of(deployed: Deployed, asked: Asked) -> None:
    """Let every email about a request bounce, also those to the fallback recipients."""
    for address, attempt in (*((each, 1) for each in RECIPIENTS), *((each, 2) for each in FALLBACK)):
        event: dict[str, Any] = json.loads((_EVENTS / "ses_bounced.json").read_text("utf-8"))
        about = {"lead_id": asked.lead_id, "notice": "alert", "recipient": Recipient(address).id}
        event["detail"]["mail"]["tags"] |= {tag: [value] for tag, value in (about | {"attempt": str(attempt)}).items()}
        deployed.invoke("delivery", event)
        deployed.sweep()
    assert deployed.lead(asked.reference)["alert_state"] == {"S": "undeliverable"}


@contextmanager
def an_account(deployed: Deployed, *, role: str | None = "staff", temporary: bool = False) -> Iterator[Account]:
    """Yield a new account, and delete it at the end. With `temporary`, its password must be changed first."""
    account = Account(email=f"temp-{uuid.uuid4().hex[:8]}@clinic.example.com", role=role or "")
    pool = session().client("cognito-idp", endpoint_url=deployed.aws)
    where = {"UserPoolId": deployed.stack.desk.user_pool, "Username": account.email}
    pool.admin_create_user(
        UserPoolId=where["UserPoolId"],
        Username=account.email,
        TemporaryPassword=TEMPORARY,
        MessageAction="SUPPRESS",
    )
    if not temporary:
        pool.admin_set_user_password(**where, Password=account.password, Permanent=True)
    if role:
        pool.admin_add_user_to_group(**where, GroupName=role)
    yield account
    pool.admin_delete_user(**where)


def remove(deployed: Deployed, account: Account) -> None:
    """Disable an account, as `make staff-remove` does."""
    pool = session().client("cognito-idp", endpoint_url=deployed.aws)
    pool.admin_disable_user(UserPoolId=deployed.stack.desk.user_pool, Username=account.email)


@dataclass(frozen=True)
class Colleague:
    """Somebody with an account, at the desk in a browser page."""

    page: "Page"
    deployed: Deployed
    account: Account = NURSE
    unfolded: dict[str, str] = field(
        default_factory=lambda: {
            "Save the outcome": "Outcome",
            "Set the follow-up": "Follow-up",
            "Hand it over": "Hand over to a colleague",
            "Close as spam": "Not a request, or no more contact",
            "Does not want to be contacted": "Not a request, or no more contact",
        }
    )

    @property
    def id(self) -> str:
        return Recipient(self.account.email).id

    # ---- what they do

    def opens(self, path: str = "") -> None:
        self.page.goto(self.deployed.stack.desk.url + path)

    def types_password(self, password: str | None = None) -> None:
        """Fill in the sign-in page of the local AWS, and send it."""
        self.page.get_by_label("Username").fill(self.account.email)
        self.page.get_by_label("Password").fill(password or self.account.password)
        self.page.get_by_role("button", name="Sign in").click()

    def signs_in(self, path: str = "") -> Self:
        self.opens(path)
        self.types_password()
        self.is_in()
        return self

    def follows_link(self, mail: Mapping[str, Any], label: str) -> None:
        """Open an email, and press a link in it."""
        self.page.goto("about:blank")  # the policy of a page would also be the email's
        self.page.set_content(mail["BodyHtml"])
        with self.page.expect_navigation():
            self.page.get_by_role("link", name=label).click()

    def signs_out(self) -> None:
        self.page.get_by_role("button", name="Sign out").click()
        expect(self.page.get_by_role("heading", name="You are signed out")).to_be_visible()

    def reads(self, asked: Asked) -> None:
        self.opens(asked.path)
        expect(self.page.get_by_role("heading", level=1)).to_have_text(asked.name)

    def button(self, label: str) -> "Locator":
        return self.page.get_by_role("button", name=label, exact=True)

    def unfolds(self, label: str) -> None:
        """Show the form of a button, if it is folded."""
        if not self.button(label).is_visible():
            self.page.locator("summary").get_by_text(self.unfolded[label], exact=True).click()

    def presses(self, label: str) -> None:
        """Press a button of the open page."""
        self.unfolds(label)
        with self.page.expect_navigation():
            self.button(label).click()

    def writes_note(self, text: str) -> None:
        self.page.get_by_label("Note", exact=True).fill(text)
        self.presses("Add the note")

    def says_outcome(self, outcome: str, reason: str = "") -> None:
        self.unfolds("Save the outcome")
        self.page.get_by_label("How it ended").select_option(outcome)
        self.page.get_by_label("Reason, if you like").fill(reason)
        self.presses("Save the outcome")

    def hands_over(self, to: str) -> None:
        self.unfolds("Hand it over")
        self.page.get_by_label("Colleague").select_option(label=to)
        self.presses("Hand it over")

    def follows_up(self, day: str, clock: str) -> None:
        self.unfolds("Set the follow-up")
        self.page.get_by_label("Date").fill(day)
        self.page.get_by_label("Time", exact=True).fill(clock)
        self.presses("Set the follow-up")

    def finds(self, text: str) -> None:
        """Type something into the find box at the top."""
        self.page.get_by_role("searchbox", name="Find a request").fill(text)
        with self.page.expect_navigation():
            self.page.get_by_role("search").get_by_role("button", name="Find").click()

    def chooses(self, tab: str) -> None:
        with self.page.expect_navigation():
            self.tab(tab).click()

    # ---- what they see

    def is_in(self) -> None:
        expect(self.page.locator("header").get_by_text(self.account.email)).to_be_visible()

    def is_asked_to_sign_in(self) -> None:
        expect(self.page.get_by_label("Username")).to_be_visible()

    def is_told(self, text: str) -> None:
        """The page says this right after an action."""
        expect(self.page.locator("main").get_by_role("status")).to_contain_text(text)

    def is_refused(self, title: str) -> None:
        """The page says why an action changed nothing."""
        expect(self.page.get_by_role("alert")).to_contain_text(title)

    def fact(self, label: str) -> str:
        """Return what the page says about a part of the request's state."""
        row = self.page.get_by_role("region", name="State").locator("div", has=self.page.locator("dt", has_text=label))
        return row.first.locator("dd").inner_text()

    @property
    def timeline(self) -> str:
        return self.page.get_by_role("region", name="What happened").inner_text()

    def tab(self, name: str) -> "Locator":
        return self.page.get_by_role("navigation", name="Lists").get_by_role("link", name=name)

    def count(self, tab: str) -> str:
        return self.tab(tab).locator(".count").inner_text()

    def listed(self) -> list[str]:
        """Return the references on this page of a list."""
        return self.page.locator(".rows .reference").all_inner_texts()

    def listed_at(self, tab: str) -> list[str]:
        """Open a list, and return the references on all of its pages."""
        self.opens(f"?list={tab}")
        found = self.listed()
        while (following := self.page.get_by_role("link", name="Next page")).is_visible():
            with self.page.expect_navigation():
                following.click()
            found += self.listed()
        return found

    def needs_no_sideways_scrolling(self) -> None:
        assert self.page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")

    # ---- what the clinic has

    def stored(self, asked: Asked, **wanted: str | None) -> None:
        """Assert that the table says this about a request. None stands for nothing."""
        lead = self.deployed.lead(asked.reference)
        found = {name: next(iter(lead[name].values())) if name in lead else None for name in wanted}
        assert found == wanted, f"stored is {found}, not {wanted}"
