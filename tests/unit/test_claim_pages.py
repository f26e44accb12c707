"""Every page behind a link: what it never shows, and how it is built. Random requests get a page too."""

import json
from collections.abc import Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.leads.response import OF_LINKS, ClaimAction
from shared.leads.response import ResponseState as Stage
from shared.services.keys import Keys
from shared.store.leads import BusyLeadError
from shared.web.http import Response
from tests.unit.claim_pages import ADDRESSES, LEAD, Rehearsal, forms
from tests.unit.forms import assert_well_tied, page_of
from tests.unit.people import a_lead
from tests.unit.vault import secret_of
from tests.unit.words import any_text

ONE_TAP = (ClaimAction.CLAIM, ClaimAction.REACHED, ClaimAction.NO_ANSWER)
# No page may contain any of these, apart from the addresses of colleagues.
PERSONAL = [LEAD.name, LEAD.call_me, LEAD.email, LEAD.message, "555", "0147", "@", "staff-", "fallback"]


def never() -> str:
    raise KeyError("SecretString")


# --- Every page -------------------------------------------------------------------------------------------------------


def every_page() -> Iterator[tuple[str, Response]]:
    for action in (None, *OF_LINKS):
        yield f"opened {action}", (desk := Rehearsal()).get(desk.link(action))
    for action in ONE_TAP:
        yield f"saved {action}", (desk := Rehearsal()).post(desk.link(action))
        yield f"used {action}", desk.post(desk.link(action))
    for label in ("Spam", "Wrong number"):
        yield label, Rehearsal().do(label)
    (desk := Rehearsal()).post(desk.link(ClaimAction.CLAIM, "staff-2"))
    yield "claimed by a colleague", desk.post(desk.link(ClaimAction.CLAIM))
    yield "opened, claimed by a colleague", desk.get(desk.link(ClaimAction.REACHED))
    yield "handed back", desk.do("Hand back", "staff-2")
    desk.add(a_lead(1))
    yield "with others", (reached := desk.do("Reached"))
    yield "closed together", desk.press(reached, "Reached for these too")
    yield "closed", desk.get(desk.link())
    yield "reopened", desk.do("Reopen this request")
    yield "bad", desk.get("x")
    yield "bad form", desk.asked("POST", desk.link(), body="x")
    yield "method", desk.asked("PUT", "x")
    yield "expired", (desk := Rehearsal().after(days=20)).get(desk.link(ClaimAction.CLAIM))
    (desk := Rehearsal()).table.leads.clear()
    yield "deleted", desk.get(desk.link(ClaimAction.CLAIM))
    (desk := Rehearsal()).table.leads[LEAD.id] |= {"erased_at": {"S": "2026-03-04T16:00:00.000Z"}}
    yield "erased", desk.get(desk.link(ClaimAction.CLAIM))
    yield "out of reach", (desk := Rehearsal(keys=Keys(secret_of(never).read))).get(desk.link(ClaimAction.CLAIM))
    yield "not saved", desk.post(desk.link(ClaimAction.CLAIM))
    (desk := Rehearsal()).table.faults.before["change"].append(BusyLeadError())
    yield "not saved, with a button", desk.do("No answer")


EVERY_PAGE = dict(every_page())


@pytest.mark.parametrize("name", EVERY_PAGE)
def test_a_page_says_nothing_of_a_person_but_may_name_a_colleague(name: str) -> None:
    body = EVERY_PAGE[name].body
    (main,) = page_of(body).xpath("//main")
    text = main.text_content()
    for address in ADDRESSES.values():
        text = text.replace(address, "")
    assert not [each for each in PERSONAL if each and each in text]
    assert LEAD.id not in body
    assert "/claim/" not in body


@pytest.mark.parametrize("name", EVERY_PAGE)
def test_a_page_is_whole_html_that_fits_a_phone(name: str) -> None:
    page = page_of(EVERY_PAGE[name].body)
    assert EVERY_PAGE[name].body.startswith("<!doctype html>")
    assert page.get("lang") == "en"
    assert (page.findtext(".//title") or "").strip().endswith("\u2013 Riverbend Ketamine Clinic")
    assert len(page.findall(".//h1")) == 1
    assert page.xpath("//meta[@name='viewport']/@content") == ["width=device-width, initial-scale=1"]
    assert page.xpath("//meta[@name='robots']/@content") == ["noindex"]
    assert_well_tied(page)


@pytest.mark.parametrize("name", EVERY_PAGE)
def test_a_page_is_private_and_runs_nothing(name: str) -> None:
    headers = EVERY_PAGE[name].headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Content-Security-Policy"] == (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; frame-ancestors 'none'; "
        "form-action 'self'"
    )
    page = page_of(EVERY_PAGE[name].body)
    assert not page.xpath("//script | //img | //iframe | //@src | //@style | //a")


# --- Random requests --------------------------------------------------------------------------------------------------

_methods = st.one_of(st.sampled_from(["GET", "HEAD", "POST", "PUT", "OPTIONS", "TRACE", "post"]), any_text)
_tokens = st.one_of(
    any_text,
    st.builds(
        lambda action, noise: Rehearsal().link(action)[: noise or None],
        st.sampled_from([None, *OF_LINKS]),
        st.integers(0, 130),
    ),
)
_bodies = st.one_of(
    st.none(),
    any_text,
    st.builds("action={}&seen={}{}".format, st.one_of(st.sampled_from(ClaimAction), any_text), any_text, any_text),
)


@given(
    method=_methods,
    token=_tokens,
    more=st.fixed_dictionaries(
        {},
        optional={
            "body": _bodies,
            "isBase64Encoded": st.one_of(st.none(), st.booleans()),
            "headers": st.one_of(st.none(), st.dictionaries(any_text, any_text, max_size=3)),
            "queryStringParameters": st.one_of(st.none(), st.dictionaries(any_text, any_text, max_size=3)),
            "pathParameters": st.one_of(
                st.none(), st.dictionaries(st.sampled_from(["token", "proxy", "x"]), any_text, max_size=3)
            ),
            "resource": st.one_of(st.sampled_from(["/claim/{token}", "/{proxy+}", "/"]), any_text),
        },
    ),
)
@example(method="POST", token="\ud800", more={})
@example(method="GET", token="a.b.c.d.e", more={"pathParameters": None})
@example(method="POST", token="x" * 10_000, more={"body": "\ud800", "isBase64Encoded": True})
@example(method="POST", token=Rehearsal().link(), more={"body": "\ud800", "isBase64Encoded": True})
@example(method="POST", token=Rehearsal().link(), more={"body": "action=claim&seen=\u0660"})
def test_any_request_is_answered_with_a_page(method: str, token: str, more: dict[str, object]) -> None:
    desk = Rehearsal()
    before = desk.stored
    response = desk.asked(method, token, **more)
    assert response.status in {200, 400, 405, 409}
    assert page_of(response.body).findtext(".//h1")
    json.dumps(response.to_proxy(), ensure_ascii=False).encode("utf-8")
    assert all(value.isascii() and value.isprintable() for value in response.headers.values())
    if method != "POST":
        assert desk.stored == before


@given(st.lists(st.tuples(st.sampled_from(ONE_TAP), st.sampled_from(["staff-1", "staff-2"]), st.integers(1, 3))))
def test_however_one_tap_links_are_used_each_counts_once_and_none_after_closing(
    uses: list[tuple[ClaimAction, str, int]],
) -> None:
    desk, counted = Rehearsal(), set[tuple[ClaimAction, str, int]]()
    for use in uses:
        closed = desk.progress.response is Stage.CLOSED
        token = desk.after(minutes=1).link(*use)
        assert desk.get(token).status == 200
        status = desk.post(token).status
        if status == 200:
            assert use not in counted
            assert not closed
            counted.add(use)
    assert len(desk.table.kinds_of(LEAD.id)) == len(counted)


@given(st.lists(st.tuples(st.sampled_from(["staff-1", "staff-2"]), st.integers(0, 12)), max_size=8))
def test_every_button_of_a_new_page_changes_something(presses: list[tuple[str, int]]) -> None:
    desk = Rehearsal()
    for number, (recipient, place) in enumerate(presses, start=1):
        page = desk.after(minutes=1).get(desk.link(recipient=recipient))
        offered = list(forms(page))
        assert desk.press(page, offered[place % len(offered)], desk.link(recipient=recipient)).status == 200
        assert len(desk.table.kinds_of(LEAD.id)) == number
