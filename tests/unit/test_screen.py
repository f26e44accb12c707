"""shared.messages.screen: the checks of a request. If one fails, the lead still gets its alert."""

import pytest

from shared.leads.lead import Lead
from shared.leads.spam import NOT_SCREENED, Reason, Screening, Verdict
from shared.messages.screen import SpamScreen
from shared.services.turnstile import Verifier
from tests.unit.fakes import Clock, FakeVerifier, MemoryLeads
from tests.unit.output import everything_printed
from tests.unit.people import NOW, a_lead
from tests.unit.words import CANARY


def screen(lead: Lead, verifier: Verifier | None = None, table: MemoryLeads | None = None) -> Screening:
    return SpamScreen(repeats=(table or MemoryLeads()).repeats, verifier=verifier, now=Clock(NOW))(lead, attempt=1)


def test_without_turnstile_a_token_is_not_checked() -> None:
    assert screen(a_lead(turnstile_token="made-up-token")) == Screening(0, ())
    assert screen(a_lead(turnstile_token=None)) == Screening(0, ())


def test_a_token_is_shown_to_cloudflare_once_and_its_verdict_counts() -> None:
    verifier = FakeVerifier(Verdict.FAILED)
    found = screen(a_lead(turnstile_token="made-up-token"), verifier)
    assert found.reasons == (Reason.TURNSTILE_FAILED,)
    assert not found.quarantined
    assert screen(a_lead(turnstile_token="made-up-token", seconds_to_fill=1), FakeVerifier(Verdict.FAILED)).quarantined
    assert verifier.asked == [("made-up-token", a_lead().id)]


@pytest.mark.parametrize("verdict", [Verdict.PASSED, Verdict.UNVERIFIED])
def test_an_outage_quarantines_nobody(verdict: Verdict) -> None:
    assert not screen(a_lead(turnstile_token="made-up-token"), FakeVerifier(verdict)).quarantined


def test_a_missing_token_is_a_weak_sign_and_nothing_is_asked() -> None:
    verifier = FakeVerifier(Verdict.FAILED)
    found = screen(a_lead(turnstile_token=None), verifier)
    assert found.reasons == (Reason.TURNSTILE_MISSING,)
    assert not found.quarantined
    assert verifier.asked == []


def test_a_request_in_crisis_never_waits() -> None:
    verifier, table = FakeVerifier(Verdict.FAILED), MemoryLeads()
    found = screen(a_lead(turnstile_token="made-up-token", in_crisis=True), verifier, table)
    assert not found.quarantined
    assert verifier.asked == []
    assert table.dynamodb.requests == []


def test_the_eleventh_of_the_same_content_in_a_day_says_so_and_passes() -> None:
    table, found = MemoryLeads(), []
    for number in range(20):
        found.append(screen(a_lead(number), table=table))
        table.repeats.record(a_lead(number), NOW)
    assert [each.quarantined for each in found] == [False] * 20
    assert [Reason.REPEATED_OFTEN in each.reasons for each in found] == [False] * 10 + [True] * 10
    assert [Reason.REPEATED in each.reasons for each in found[:5]] == [False, False, False, True, True]


def test_the_same_lead_is_no_repeat_of_itself() -> None:
    table = MemoryLeads()
    for _ in range(20):
        assert screen(a_lead(), table=table) == Screening(0, ())
        table.repeats.record(a_lead(), NOW)


def test_screening_writes_nothing() -> None:
    table = MemoryLeads()
    assert screen(a_lead(), table=table) == Screening(0, ())
    assert not table.dynamodb.items


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_failing_table_quarantines_nobody(when: str) -> None:
    table = MemoryLeads()
    (table.faults.before if when == "before" else table.faults.after)["count"].append(OSError(CANARY))
    with everything_printed() as output:
        assert screen(a_lead(trap_filled=True), table=table) == NOT_SCREENED
    assert not NOT_SCREENED.quarantined
    assert a_lead().id in output.getvalue()
    assert CANARY not in output.getvalue()


def test_a_failing_verifier_quarantines_nobody() -> None:
    verifier = FakeVerifier()
    verifier.faults.before["verify"].append(RuntimeError(CANARY))
    with everything_printed() as output:
        assert screen(a_lead(turnstile_token=CANARY), verifier) == NOT_SCREENED
    assert "RuntimeError" in output.getvalue()
    assert CANARY not in output.getvalue()


def test_a_lead_that_cannot_be_looked_at_is_not_kept_back() -> None:
    assert screen(a_lead(message=7)) == NOT_SCREENED


def test_after_two_attempts_that_never_ended_the_alert_goes_out_unscreened() -> None:
    verifier = FakeVerifier(Verdict.FAILED)
    spam_screen = SpamScreen(repeats=MemoryLeads().repeats, verifier=verifier, now=Clock(NOW))
    lead = a_lead(turnstile_token="made-up-token", seconds_to_fill=1)
    assert [spam_screen(lead, attempt).quarantined for attempt in (1, 2, 3, 99)] == [True, True, False, False]
    assert spam_screen(lead, 3) == NOT_SCREENED
    assert len(verifier.asked) == 2


def test_the_log_has_outcome_score_and_reasons_but_no_typed_text() -> None:
    lead = a_lead(name=f"{CANARY} www.x.example", message=CANARY, email=f"{CANARY}@x.invalid", turnstile_token=CANARY)
    with everything_printed() as output:
        screen(lead, FakeVerifier(Verdict.FAILED))
    printed = output.getvalue()
    assert CANARY not in printed
    for expected in (lead.id, lead.reference, "quarantined", '"score":150', "link_in_name", "turnstile_failed"):
        assert expected in printed.replace('": ', '":')
