"""shared.leads.spam: each sign and its weight, and honest people get through."""

from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.leads.spam import (
    REPEATED,
    REPEATED_OFTEN,
    SIGNALS,
    THRESHOLD,
    Evidence,
    Reason,
    Screening,
    Verdict,
    known_reasons,
    screen,
    words,
)
from tests.unit.people import a_lead, but
from tests.unit.words import any_text

WEIGHTS = {signal.reason: signal.weight for signal in SIGNALS}
LINK = "https://spam.example/pills"
DISPOSABLE = "mailinator.com"

# For each sign, the values that cause only this sign.
SIGNS: dict[Reason, dict[str, Any]] = {
    Reason.TRAP_FILLED: {"trap_filled": True},
    Reason.TOO_FAST: {"seconds_to_fill": 2},
    Reason.MOSTLY_LINKS: {"message": f"look {LINK}"},
    Reason.MANY_LINKS: {"message": f"I read {LINK} and {LINK} and {LINK}" + " and then some more" * 5},
    Reason.LINK_IN_NAME: {"name": "Cheap pills www.spam.example"},
    Reason.DISPOSABLE_ADDRESS: {"email": f"robin@{DISPOSABLE}"},
    Reason.UNDELIVERABLE_ADDRESS: {"email": "robin@clinic.invalid"},
    Reason.REPEATED: {"repeats": REPEATED},
    Reason.REPEATED_OFTEN: {"repeats": REPEATED_OFTEN},
    Reason.TURNSTILE_FAILED: {"turnstile": Verdict.FAILED},
    Reason.TURNSTILE_MISSING: {"turnstile": Verdict.NOT_SENT},
    Reason.TURNSTILE_UNVERIFIED: {"turnstile": Verdict.UNVERIFIED},
}


def evidence(repeats: int = 0, turnstile: Verdict = Verdict.NOT_ASKED, **changes: Any) -> Evidence:  # noqa: ANN401
    return Evidence(lead=a_lead(**changes), repeats=repeats, turnstile=turnstile)


def reasons(**changes: Any) -> set[Reason]:  # noqa: ANN401 - any attribute of a lead, and what others know
    return set(screen(evidence(**changes)).reasons)


def test_an_honest_request_has_no_sign() -> None:
    assert screen(evidence()) == Screening(0, ())
    assert screen(evidence(turnstile=Verdict.PASSED)) == Screening(0, ())


@pytest.mark.parametrize("reason", SIGNS)
def test_each_sign_is_found_alone_and_weighs_what_it_says(reason: Reason) -> None:
    assert screen(evidence(**SIGNS[reason])) == Screening(WEIGHTS[reason], (reason,))


def test_each_reason_has_one_sign_words_for_staff_and_a_test() -> None:
    assert [signal.reason for signal in SIGNALS] == list(SIGNS)
    assert set(Reason) - set(SIGNS) == {Reason.NOT_SCREENED}
    assert len(set(words(tuple(Reason)))) == len(Reason)


def test_no_sign_is_enough_alone() -> None:
    assert not [reason for reason in SIGNS if screen(evidence(**SIGNS[reason])).quarantined]


def test_two_signs_that_honest_people_give_are_not_enough() -> None:
    enough = {
        frozenset(pair) for pair in combinations(SIGNS, 2) if sum(WEIGHTS[reason] for reason in pair) >= THRESHOLD
    }
    # Two of: the trap, a link in the name, mostly links, sent within seconds, Cloudflare's failed check.
    strong = {
        *(Reason.TRAP_FILLED, Reason.LINK_IN_NAME, Reason.MOSTLY_LINKS, Reason.TOO_FAST, Reason.TURNSTILE_FAILED),
    }
    assert enough == {frozenset(pair) for pair in combinations(strong, 2)}


@pytest.mark.parametrize("other", [None, *(reason for reason in SIGNS if reason is not Reason.TRAP_FILLED)])
def test_what_a_form_filler_may_cause_beside_the_trap_is_not_enough(other: Reason | None) -> None:
    honest = {
        *(None, Reason.DISPOSABLE_ADDRESS, Reason.UNDELIVERABLE_ADDRESS, Reason.MANY_LINKS, Reason.REPEATED),
        *(Reason.REPEATED_OFTEN, Reason.TURNSTILE_MISSING, Reason.TURNSTILE_UNVERIFIED),
    }
    found = screen(evidence(**SIGNS[Reason.TRAP_FILLED] | (SIGNS[other] if other else {})))
    assert found.quarantined is (other not in honest)
    assert Reason.TRAP_FILLED in found.reasons


def test_what_says_something_of_us_only_weighs_nothing() -> None:
    assert WEIGHTS[Reason.TURNSTILE_UNVERIFIED] == 0


@pytest.mark.parametrize(("seconds", "sign"), [(None, False), (0, True), (2, True), (3, False), (86_400, False)])
def test_a_form_filled_in_within_three_seconds_is_a_sign_of_spam(seconds: int | None, *, sign: bool) -> None:
    assert (Reason.TOO_FAST in reasons(seconds_to_fill=seconds)) is sign


@pytest.mark.parametrize(
    ("message", "signs"),
    [
        (None, set()),
        ("", set()),
        ("I would like to know more.", set()),
        ("My insurer is at example.com, and I take 1.5mg a day. Is that all right?", set()),
        (f"Is this study about what you do at the clinic? {LINK}", set()),
        (f"Is this it? {LINK}", set()),
        (f"this: {LINK}", {Reason.MOSTLY_LINKS}),
        (LINK, {Reason.MOSTLY_LINKS}),
        ("HTTPS://SPAM.EXAMPLE www.spam.example", {Reason.MOSTLY_LINKS}),
        ("https://www.spam.example is one link, not two of them", set()),
        (f"{LINK},{LINK},{LINK}", {Reason.MOSTLY_LINKS, Reason.MANY_LINKS}),
        (f"[url={LINK}]{LINK}[/url] <a href='{LINK}'>", {Reason.MOSTLY_LINKS, Reason.MANY_LINKS}),
    ],
)
def test_links_in_a_message(message: str | None, signs: set[Reason]) -> None:
    assert reasons(message=message) == signs


@pytest.mark.parametrize(
    ("name", "sign"),
    [
        ("Robin Example", False),
        ("J.R. Sample-O'Neil Jr.", False),
        ("St.John Example", False),
        ("robin@example.com", False),
        ("Robin robin@www.example.com", False),
        ("Renée Ünïcødé", False),
        ("Dr.Robin Example", False),
        ("cheap https://spam.example", True),
        ("WWW.spam.example", True),
        ("Get rich at spam-offer.com", True),
        ("spam.ru", True),
    ],
)
def test_links_in_a_name(name: str, *, sign: bool) -> None:
    assert (Reason.LINK_IN_NAME in reasons(name=name)) is sign


@pytest.mark.parametrize(
    ("address", "signs"),
    [
        (None, set()),
        ("robin@example.com", set()),
        ("robin@mail.example.org", set()),
        (f"robin@{DISPOSABLE}", {Reason.DISPOSABLE_ADDRESS}),
        (f"robin@a.b.{DISPOSABLE}", {Reason.DISPOSABLE_ADDRESS}),
        (f"robin@my-{DISPOSABLE}", set()),
        ("robin@clinic.invalid", {Reason.UNDELIVERABLE_ADDRESS}),
        ("robin@clinic.test", {Reason.UNDELIVERABLE_ADDRESS}),
        ("robin@my.localhost", {Reason.UNDELIVERABLE_ADDRESS}),
        ("robin@clinic.example", {Reason.UNDELIVERABLE_ADDRESS}),
        ("robin@test.example.com", set()),
        ("noreply@example.com", {Reason.UNDELIVERABLE_ADDRESS}),
        ("No-Reply+x@example.com", {Reason.UNDELIVERABLE_ADDRESS}),
        ("do_not_reply@example.com", {Reason.UNDELIVERABLE_ADDRESS}),
        ("noreplyplease@example.com", set()),
        ("not an address", {Reason.UNDELIVERABLE_ADDRESS}),
    ],
)
def test_addresses(address: str | None, signs: set[Reason]) -> None:
    assert reasons(email=address) == signs


@pytest.mark.parametrize(
    ("repeats", "signs"),
    [
        (0, set()),
        (2, set()),
        (3, {Reason.REPEATED}),
        (9, {Reason.REPEATED}),
        (10, {Reason.REPEATED_OFTEN}),
        (1_000_000, {Reason.REPEATED_OFTEN}),
    ],
)
def test_repeats(repeats: int, signs: set[Reason]) -> None:
    assert reasons(repeats=repeats) == signs


def test_reasons_that_another_version_stored_are_passed_over() -> None:
    assert known_reasons(["trap_filled", "written_on_a_tuesday", ""]) == (Reason.TRAP_FILLED,)


_texts = st.one_of(st.none(), any_text)
_evidence = st.builds(
    evidence,
    repeats=st.integers(0, 100),
    turnstile=st.sampled_from(Verdict),
    name=any_text,
    message=_texts,
    email=_texts,
    trap_filled=st.booleans(),
    seconds_to_fill=st.one_of(st.none(), st.integers(0, 86_400)),
    in_crisis=st.sampled_from([None, False]),
)


@given(evidence=_evidence)
def test_a_score_is_the_sum_of_its_reasons_whatever_the_text(evidence: Evidence) -> None:
    found = screen(evidence)
    assert found.score == sum(WEIGHTS[reason] for reason in found.reasons)
    assert found.quarantined == (found.score >= THRESHOLD)
    assert known_reasons([str(reason) for reason in found.reasons]) == found.reasons


@given(evidence=_evidence)
def test_a_person_in_crisis_is_never_quarantined(evidence: Evidence) -> None:
    in_crisis = screen(replace(evidence, lead=but(evidence.lead, in_crisis=True)))
    assert not in_crisis.quarantined
    # Staff still see the signs.
    assert in_crisis.reasons == screen(evidence).reasons


@given(evidence=_evidence, words_of_crisis=st.sampled_from(["suicide", "I want to die", "kill myself"]))
def test_words_of_crisis_change_nothing(evidence: Evidence, words_of_crisis: str) -> None:
    written = replace(evidence, lead=but(evidence.lead, call_me=words_of_crisis))
    assert screen(written) == screen(evidence)


@given(evidence=_evidence, sign=st.sampled_from([reason for reason in SIGNS if "turnstile" not in reason]))
def test_a_sign_more_never_lowers_the_score(evidence: Evidence, sign: Reason) -> None:
    before = screen(evidence)
    changes = dict(SIGNS[sign])
    worse = replace(evidence, repeats=max(evidence.repeats, changes.pop("repeats", 0)))
    if "message" in changes:  # in addition to the present text
        changes["message"] = f"{evidence.lead.message or ''} {' '.join([LINK] * 50)}"
    if "name" in changes:
        changes["name"] = f"{evidence.lead.name} {changes['name']}"
    if "email" in changes and set(before.reasons) & {Reason.DISPOSABLE_ADDRESS, Reason.UNDELIVERABLE_ADDRESS}:
        changes.pop("email")
    after = screen(replace(worse, lead=but(worse.lead, **changes)))
    assert after.score >= before.score


@given(evidence=_evidence, more=st.integers(0, 100))
def test_more_repeats_never_lower_the_score(evidence: Evidence, more: int) -> None:
    assert screen(replace(evidence, repeats=evidence.repeats + more)).score >= screen(evidence).score
