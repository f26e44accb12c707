"""desk.words.timeline: every kind of entry has words. A new one fails here, with the file to edit."""

import ast
from collections.abc import Iterator

import pytest

from delivery.reading import COMPLAINED_EARLIER
from desk.words.names import Names
from desk.words.timeline import said
from shared.leads import decisions
from shared.leads.confirmation import Withheld
from shared.leads.consent import RESTORED, WITHDRAWN
from shared.leads.event import Result
from shared.leads.notice import Notice, ReportKind
from shared.leads.response import CLOSES, ClaimAction, Outcome
from shared.web.times import Times
from tests.architecture.templates import FUNCTIONS
from tests.unit.desk_pages import JORDAN, NURSE
from tests.unit.people import CLINIC, NOW

NAMES = Names({NURSE.id: NURSE.email, JORDAN.id: JORDAN.email}, JORDAN)
CLOCK = Times(CLINIC, NOW)
# The modules that make entries, and the kinds that they have in their own text.
MAKERS = {
    "delivery/record.py": set[str](),
    "shared/leads/consent.py": {WITHDRAWN, RESTORED},
    "shared/leads/decisions.py": {"summarized", "summary_refused", "redriven", "released"},
    "shared/leads/desk.py": {"note", "outcome_changed"},
    "shared/leads/hold.py": {"held", "unheld"},
    "shared/store/confirmations.py": set[str](),
}


def words(kind: str, **details: str) -> str:
    return said(kind, details, NAMES, CLOCK)


def kinds() -> Iterator[str]:
    """Yield every kind of entry that the code can write."""
    yield from (f"{notice}_{result}" for notice in Notice for result in Result)
    yield from decisions._ENDINGS.values()  # noqa: SLF001 - the names of endings are nowhere else
    yield from decisions._CLAIM_EVENTS.values()  # noqa: SLF001 - as above
    yield "closed"
    yield from (*ReportKind, "auto_replied", COMPLAINED_EARLIER)
    yield from ("confirmation_sent", "confirmation_failed")
    yield from (f"confirmation_{word}" for word in ("delivered", "bounced", "complained"))
    for own in MAKERS.values():
        yield from own


@pytest.mark.parametrize("kind", sorted(set(kinds())))
def test_every_kind_has_words(kind: str) -> None:
    assert not words(kind).startswith("Something else"), f"add {kind} to functions/desk/words/timeline.py"
    assert "{" not in words(kind)
    assert "_" not in words(kind)


def test_no_other_module_makes_entries() -> None:
    makers = {
        str(path.relative_to(FUNCTIONS))
        for path in FUNCTIONS.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Event"
    }
    assert makers == set(MAKERS), "add the module and its kinds to MAKERS, and to functions/desk/words/timeline.py"


@pytest.mark.parametrize("maker", MAKERS)
def test_each_kind_in_the_text_of_a_module_is_known(maker: str) -> None:
    tree = ast.parse((FUNCTIONS / maker).read_text(encoding="utf-8"))
    found = {
        keyword.value.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Event"
        for keyword in node.keywords
        if keyword.arg == "kind" and isinstance(keyword.value, ast.Constant)
    }
    assert found <= set(kinds()), f"add {found - set(kinds())} to MAKERS and to functions/desk/words/timeline.py"


@pytest.mark.parametrize(
    ("kind", "details", "expected"),
    [
        ("alert_accepted", {"recipients": f"{NURSE.id} accepted, x refused"}, "Alert: sent to nurse@example.com"),
        (
            "alert_deferred",
            {"recipients": f"{NURSE.id} throttled, r-gone throttled"},
            "Alert: not sent yet to nurse@example.com, a former recipient. We will try again",
        ),
        ("no_answer", {}, "Tried to reach the person: no answer"),
        ("no_answer_accepted", {"recipients": f"{JORDAN.id} accepted"}, "News that there was no answer: sent to you"),
        ("summarized", {"recipients": f"{NURSE.id} accepted"}, "Listed in a summary to nurse@example.com"),
        ("delivered", {"notice": "alert", "recipient": NURSE.id}, "Alert: delivered to nurse@example.com"),
        ("bounced", {"notice": "escalation", "recipient": NURSE.id}, "Escalation: came back from nurse@example.com"),
        ("complained", {"notice": "alert", "recipient": NURSE.id}, "Alert: marked as spam by nurse@example.com"),
        (
            "confirmation_failed",
            {"reason": str(Withheld.DAILY_CAP)},
            "No confirmation sent to the visitor: the limit for today is reached",
        ),
        ("confirmation_failed", {"reason": "MessageRejected"}, "No confirmation sent to the visitor"),
        ("closed", {"reason": "wrong_number"}, "Closed: wrong number"),
        ("closed", {"reason": "unreachable", "outcome": "unreachable"}, "Closed: could not be reached"),
        ("reached", {}, "Closed: reached the person"),
        ("reached", {"outcome": "booked"}, "Closed: booked a consultation"),
        ("outcome_changed", {"outcome": "came"}, "Outcome changed: came to the consultation"),
        ("handed_over", {"by": NURSE.email, "to": JORDAN.email}, "Handed over to you"),
        ("handed_over", {"by": JORDAN.email, "to": NURSE.email}, "Handed over to nurse@example.com"),
        ("handed_over", {"by": NURSE.email, "to": NURSE.email}, "Took it over"),
        (
            "consent_withdrawn",
            {"consent": "consent_texts", "how": "stop"},
            "The person withdrew the consent to text messages by a text that says STOP",
        ),
        ("consent_withdrawn", {}, "The person withdrew a consent"),
        (
            "consent_restored",
            {"consent": "consent_email_news"},
            "Undid the withdrawal of the consent to news by email",
        ),
        ("held", {}, "Legal hold begun"),
        ("unheld", {}, "Legal hold ended"),
        ("follow_up_set", {"follow_up_at": "2026-03-09T19:30+00:00"}, "Follow-up set: Monday, March 9 at 3:30 PM EDT"),
    ],
)  # fmt: skip
def test_an_entry_says_who_and_how(kind: str, details: dict[str, str], expected: str) -> None:
    assert words(kind, **details) == expected


@pytest.mark.parametrize("action", CLOSES)
@pytest.mark.parametrize("outcome", [None, *Outcome])
def test_each_way_to_close_says_how(action: ClaimAction, outcome: Outcome | None) -> None:
    details = {"reason": str(action)} | ({"outcome": str(outcome)} if outcome else {})
    assert words("closed", **details).startswith("Closed: ")


def test_an_entry_of_a_later_version_is_shown_by_its_kind() -> None:
    assert words("sent_by_pigeon") == "Something else: sent by pigeon"
