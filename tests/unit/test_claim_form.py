"""What a button sends is read, and every other body is refused without being repeated."""

import base64
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claim.errors import BadFormError
from claim.form import Press, press_of
from shared.leads.response import DESK_ONLY, OF_LINKS, ClaimAction
from tests.unit.claim_pages import FORM, LEAD, Rehearsal, emitted
from tests.unit.web import page_text
from tests.unit.words import any_text

HEADERS = {"Content-Type": f"{FORM}; charset=UTF-8"}


def event(body: object, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - any part of an event
    return {"headers": HEADERS, "body": body, "isBase64Encoded": False} | more


@pytest.mark.parametrize("action", OF_LINKS)
def test_a_button_says_its_action_and_what_its_page_knew(action: ClaimAction) -> None:
    body = f"seen=3&action={action}"
    assert press_of(event(body)) == Press(action=action, seen=3)
    encoded = base64.b64encode(body.encode()).decode()
    assert press_of(event(encoded, isBase64Encoded=True)) == Press(action=action, seen=3)


@pytest.mark.parametrize("action", sorted(DESK_ONLY))
def test_what_only_the_desk_can_do_is_refused(action: ClaimAction) -> None:
    with pytest.raises(BadFormError):
        press_of(event(f"seen=0&action={action}"))


def test_the_button_for_other_requests_names_those_that_are_ticked() -> None:
    body = "also=KC-7Q2M-4XHD&also=KC-YJHR-5QNJ&seen=1&action=reached_too"
    also = frozenset({"KC-7Q2M-4XHD", "KC-YJHR-5QNJ"})
    assert press_of(event(body)) == Press(action=ClaimAction.REACHED, seen=1, also=also)
    assert press_of(event("seen=1&action=reached_too")) == Press(action=ClaimAction.REACHED, seen=1, also=frozenset())


@pytest.mark.parametrize("body", [None, ""])
@pytest.mark.parametrize("headers", [None, {}, {"content-type": "text/plain"}])
def test_an_empty_body_is_no_press_of_a_button(body: object, headers: object) -> None:
    assert press_of(event(body, headers=headers)) is None
    assert press_of(event(body, headers=headers, isBase64Encoded=True)) is None


BAD: dict[str, dict[str, Any]] = {
    "no action": event("seen=1"),
    "no seen": event("action=claim"),
    "unknown action": event("action=steal&seen=0"),
    "the link's page": event("action=open&seen=0"),
    "two actions": event("action=claim&action=reached&seen=0"),
    "negative": event("action=claim&seen=-1"),
    "not a number": event("action=claim&seen=x"),
    "another alphabet's digit": event("action=claim&seen=%D9%A0"),
    "thousands of digits": event(f"action=claim&seen={'1' * 5_000}"),
    "too long": event(f"action=claim&seen=0&x={'x' * 10_000}"),
    "too many fields": event("action=claim&seen=0" + "&x=1" * 200),
    "not a reference": event("action=reached_too&seen=0&also=%3Cscript%3E"),
    "another type": event("action=claim&seen=0", headers={"Content-Type": "application/json"}),
    "no type": event("action=claim&seen=0", headers=None),
    "not base64": event("action=claim&seen=0", isBase64Encoded=True),
    "not UTF-8": event(base64.b64encode(b"\xff").decode(), isBase64Encoded=True),
    "lone surrogate": event("\ud800"),
    "not text": event(7),
}


@pytest.mark.parametrize("name", BAD)
def test_any_other_body_is_refused_with_a_page(name: str) -> None:
    with pytest.raises(BadFormError):
        press_of(BAD[name])
    desk = Rehearsal()
    before = desk.stored
    response = desk.asked("POST", desk.link(), **BAD[name])
    assert response.status == 400
    assert "We couldn't read your choice" in page_text(response)
    assert "Nothing was changed." in page_text(response)
    assert "script" not in response.body
    assert desk.stored == before
    assert emitted() == {"LinksRefused": 1}


@pytest.mark.parametrize("action", ["claim", "reached_too"])
def test_no_page_knows_of_more_actions_than_there_were(action: str) -> None:
    desk = Rehearsal()
    before = desk.stored
    assert desk.asked("POST", desk.link(), body=f"action={action}&seen=1").status == 400
    assert desk.stored == before


@given(st.one_of(st.none(), any_text, st.binary().map(lambda raw: base64.b64encode(raw).decode())), st.booleans())
def test_any_body_is_read_or_refused(body: str | None, encoded: bool) -> None:  # noqa: FBT001 - Hypothesis passes it
    with suppress(BadFormError):
        press = press_of(event(body, isBase64Encoded=encoded))
        assert press is None or press.action in OF_LINKS


def test_a_body_is_in_no_log(capsys: pytest.CaptureFixture[str]) -> None:
    desk = Rehearsal()
    desk.asked("POST", desk.link(), body=f"action={LEAD.name}&seen=0")
    assert LEAD.name not in "".join(capsys.readouterr())
