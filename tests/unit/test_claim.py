"""claim: the pages behind the links in emails. GET changes nothing, the button records, and every refusal helps."""

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import example, given
from hypothesis import strategies as st
from lxml.html import HtmlElement

from claim.claim import Claim
from claim.routes import routes
from claim.words import Words
from shared.leads.alert import rearmed
from shared.leads.decisions import Rules
from shared.leads.lead import Lead
from shared.leads.link import LINK_LIFE, Link, sign
from shared.leads.notice import Notice
from shared.leads.progress import AlertState, Progress
from shared.leads.response import ClaimAction
from shared.leads.response import ResponseState as Stage
from shared.leads.team import Team
from shared.runtime.telemetry import alert_metrics, logger, metrics
from shared.services.keys import Keys
from shared.store.leads import BusyLeadError
from shared.web.http import Response
from tests.unit.fakes import Clock, MemoryLeads
from tests.unit.forms import assert_well_tied, page_of
from tests.unit.output import everything_printed
from tests.unit.people import CLINIC, NOW, a_lead, but
from tests.unit.vault import secret_of
from tests.unit.web import page_text
from tests.unit.words import any_text

SECRET = "made-up-secret-of-the-stack"
LEAD = a_lead(time_zone="America/New_York", best_time="morning")
TEAM = Team(
    staff=("staff-1", "staff-2"),
    fallback=("fallback-1",),
    tell_others=True,
)
LATER = timedelta(minutes=2)  # 10:32 AM in New York, where it is Wednesday
# No page may contain any of these.
PERSONAL = [LEAD.name, LEAD.call_me, LEAD.email, LEAD.message, "555", "0147", "@", "staff", "fallback"]


CONTEXT: Any = None  # not used


def never() -> str:
    raise KeyError("SecretString")


@dataclass
class Rehearsal:
    """A stored lead, the function behind its links, and a clock."""

    lead: Lead = LEAD
    team: Team = TEAM
    keys: Keys = field(default_factory=lambda: Keys(lambda: SECRET))
    table: MemoryLeads = field(default_factory=MemoryLeads)
    clock: Clock = field(default_factory=lambda: Clock(NOW + LATER))

    def __post_init__(self) -> None:
        self.table.put(self.lead)
        told = Progress(
            state=AlertState.ACCEPTED,
            notice=Notice.REMINDER,
            attempts=1,
            accepted=frozenset({"alert/staff-1", "alert/staff-2"}),
            told_at=NOW,
            due_at=NOW + timedelta(minutes=15),
            overdue_since=NOW + timedelta(minutes=15),
        )
        self.table.change(self.lead.id, lambda _stored: told)

    def link(self, answer: ClaimAction, recipient: str = "staff-1", attempt: int = 1, lead: Lead | None = None) -> str:
        link = Link(
            lead_id=(lead or self.lead).id,
            recipient=recipient,
            action=answer,
            attempt=attempt,
            expires_at=NOW + LINK_LIFE,
        )
        return sign(link, Keys(lambda: SECRET).for_links())

    def asked(self, method: str, token: object, **changes: object) -> Response:
        claim = Claim(leads=self.table, keys=self.keys, rules=Rules(clinic=CLINIC, team=self.team), now=self.clock)
        event: dict[str, Any] = {
            "httpMethod": method,
            "resource": "/claim/{token}",
            "path": f"/claim/{token}",
            "pathParameters": {"token": token},
            "headers": {},
            "multiValueHeaders": {},
            "requestContext": {"stage": "v1", "path": f"/v1/claim/{token}"},
            "body": None,
        }
        logger.remove_keys(["lead_id", "reference", "recipient", "action"])  # as the entry point does
        answer = routes(claim).resolve(event | changes, CONTEXT)
        assert set(answer) == {"statusCode", "multiValueHeaders", "body", "isBase64Encoded"}
        assert answer["isBase64Encoded"] is False
        headers = {name: value for name, (value,) in answer["multiValueHeaders"].items()}
        return Response(status=answer["statusCode"], body=answer["body"], headers=headers)

    def get(self, token: str) -> Response:
        return self.asked("GET", token)

    def post(self, token: str) -> Response:
        return self.asked("POST", token)

    def after(self, **time: float) -> "Rehearsal":
        self.clock.time += timedelta(**time)
        return self

    @property
    def progress(self) -> Progress:
        return self.table.progress_of(self.lead.id)

    @property
    def stored(self) -> object:
        return deepcopy((self.table.leads, self.table.timeline))


@pytest.fixture
def desk() -> Rehearsal:
    return Rehearsal()


def facts(response: Response) -> dict[str, str]:
    page = page_of(response.body)
    return dict(zip(page.xpath("//dt/text()"), page.xpath("//dd/text()"), strict=True))


def button(response: Response) -> HtmlElement | None:
    (form, *more) = page_of(response.body).forms or [None]
    assert not more
    return form


def emitted() -> dict[str, float]:
    return {name: sum(metric["Value"]) for name, metric in (metrics.metric_set | alert_metrics.metric_set).items()}


# --- Opening a link ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("answer", ClaimAction)
def test_opening_a_link_asks_and_changes_nothing(desk: Rehearsal, answer: ClaimAction, method: str) -> None:
    before = desk.stored
    for _ in range(3):  # a scanner, another scanner, a person
        response = desk.asked(method, desk.link(answer))
        assert response.status == 200
        assert button(response) is not None
    assert desk.stored == before
    assert not emitted()


def test_the_page_says_which_request_and_which_answer(desk: Rehearsal) -> None:
    assert facts(desk.get(desk.link(ClaimAction.REACHED))) == {
        "Reference": LEAD.reference,
        "Received": "Today at 10:30 AM EST",
        "Your choice": "Reached",
    }


@pytest.mark.parametrize("answer", ClaimAction)
def test_the_button_posts_to_the_page_s_own_address_and_sends_nothing(desk: Rehearsal, answer: ClaimAction) -> None:
    form = button(desk.get(desk.link(answer)))
    assert form is not None
    assert (form.get("method"), form.get("action")) == ("post", None)
    assert len(form.xpath(".//button[@type='submit']")) == 1
    assert not form.xpath(".//input | .//@name")


def test_a_link_opened_later_shows_that_the_request_is_claimed(desk: Rehearsal) -> None:
    desk.post(desk.link(ClaimAction.CLAIM))
    response = desk.after(days=1).get(desk.link(ClaimAction.NO_ANSWER, "staff-2"))
    assert facts(response)["Received"] == "Yesterday at 10:30 AM EST"
    assert facts(response)["First claimed"] == "Yesterday at 10:32 AM EST"


# --- Answering --------------------------------------------------------------------------------------------------------


def test_a_claim_makes_its_owner_and_stops_the_reminders(desk: Rehearsal) -> None:
    response = desk.post(desk.link(ClaimAction.CLAIM))
    assert response.status == 200
    assert "You claimed this request. " in page_text(response)
    assert "The reminders have stopped. Your colleagues will get a short email" in page_text(response)
    assert button(response) is None
    assert desk.progress.response is Stage.CLAIMED
    assert (desk.progress.claimed_by, desk.progress.claimed_at) == ("staff-1", NOW + LATER)
    assert desk.progress.notice is Notice.CLAIMED
    assert desk.table.kinds_of(LEAD.id) == ["claimed"]
    assert emitted() == {"RequestsClaimed": 1}


def test_uninformed_colleagues_are_not_mentioned() -> None:
    assert "colleagues" not in page_text(
        (desk := Rehearsal(team=replace(TEAM, tell_others=False))).post(desk.link(ClaimAction.CLAIM))
    )


def test_the_answer_reached_closes_the_lead(desk: Rehearsal) -> None:
    desk.post(desk.link(ClaimAction.CLAIM))
    response = desk.after(minutes=8).post(desk.link(ClaimAction.REACHED))
    assert response.status == 200
    assert "Request closed." in page_text(response)
    assert desk.progress.response is Stage.CLOSED
    assert desk.table.kinds_of(LEAD.id) == ["claimed", "reached"]
    assert emitted() == {"RequestsClaimed": 1, "RequestsReached": 1}


def test_after_no_answer_the_reminder_comes_at_their_best_time(desk: Rehearsal) -> None:
    planned = "The next reminder comes today at 11:32 AM EST, a time they asked for."
    assert planned in page_text(desk.get(desk.link(ClaimAction.NO_ANSWER)))
    response = desk.post(desk.link(ClaimAction.NO_ANSWER))
    assert response.status == 200
    assert planned in page_text(response)
    assert desk.progress.call_again_at == NOW + LATER + timedelta(hours=1)
    assert desk.table.kinds_of(LEAD.id) == ["no_answer"]
    assert emitted() == {"CallsUnanswered": 1}


@pytest.mark.parametrize(
    ("wish", "now", "said"),
    [
        ({"best_time": "any"}, NOW + LATER, "comes today at 11:32 AM EST."),
        ({"best_time": None}, NOW + LATER, "comes today at 11:32 AM EST."),
        ({"best_time": "morning"}, NOW + timedelta(hours=3), "comes tomorrow at 9 AM EST, a time they asked for."),
        # Nobody is there in the evening, and daylight saving starts in between.
        ({"best_time": "evening"}, NOW + timedelta(days=2, hours=6), "comes on Monday, March 9 at 9 AM EDT."),
        (
            {"best_time": "evening", "time_zone": "Europe/Paris"},
            NOW + LATER,
            "comes today at 11:32 AM EST, a time they asked for.",
        ),
    ],
)
def test_a_time_that_they_asked_for_is_called_so_and_no_other(wish: dict[str, Any], now: datetime, said: str) -> None:
    desk = Rehearsal(lead=but(LEAD, **wish), clock=Clock(now))
    assert f"The next reminder {said}" in page_text(desk.post(desk.link(ClaimAction.NO_ANSWER)))


@pytest.mark.parametrize(("answer", "kind"), [("claim", "claimed"), ("reached", "reached"), ("no_answer", "no_answer")])
def test_the_timeline_names_the_recipient(desk: Rehearsal, answer: str, kind: str) -> None:
    desk.post(desk.link(ClaimAction(answer), "fallback-1"))
    (entry,) = [entry for entry in desk.table.timeline.values() if entry["kind"] == {"S": kind}]
    assert entry["actor"] == {"S": "fallback-1"}


def test_a_quarantined_lead_can_be_answered_too(desk: Rehearsal) -> None:
    held = replace(desk.progress, state=AlertState.QUARANTINED, due_at=None)
    desk.table.change(LEAD.id, lambda _stored: held)
    assert desk.post(desk.link(ClaimAction.REACHED)).status == 200


# --- Links that are refused -------------------------------------------------------------------------------------------


def refused(desk: Rehearsal, token: str, status: int, *words: str) -> str:
    """Check that GET and POST of a link are refused alike and that nothing is written. Return the text."""
    before = desk.stored
    metrics.clear_metrics()
    alert_metrics.clear_metrics()
    opened, pressed = desk.get(token), desk.post(token)
    assert (opened.status, pressed.status, opened.body) == (status, status, pressed.body)
    assert button(opened) is None
    text = page_text(opened)
    assert all(each in text for each in words), text
    assert desk.stored == before
    assert emitted() == {"LinksRefused": 2}
    return text


def test_a_request_claimed_by_the_same_recipient(desk: Rehearsal) -> None:
    desk.post(desk.link(ClaimAction.CLAIM))
    words = ["You already claimed this request", "first claimed today at 10:32 AM EST", "This link was already used"]
    refused(desk.after(hours=1), desk.link(ClaimAction.CLAIM), 409, *words)
    assert "already used" not in refused(desk, desk.link(ClaimAction.CLAIM, attempt=2), 409, *words[:2])


def test_the_page_does_not_name_a_colleague_who_claimed_it(desk: Rehearsal) -> None:
    desk.post(desk.link(ClaimAction.CLAIM, "staff-2"))
    refused(desk, desk.link(ClaimAction.CLAIM), 409, "A colleague claimed this request", "first claimed today at 10:32")


def test_an_answer_already_recorded_with_the_same_link(desk: Rehearsal) -> None:
    desk.post(desk.link(ClaimAction.NO_ANSWER))
    words = ["Your choice was already saved", "Your choice was \u201cNo answer\u201d", "comes today at 11:32 AM EST"]
    refused(desk, desk.link(ClaimAction.NO_ANSWER), 410, *words)
    refused(desk.after(hours=2), desk.link(ClaimAction.NO_ANSWER), 410, *words[:2], "in the newest email")
    assert desk.post(desk.link(ClaimAction.NO_ANSWER, attempt=2)).status == 200  # the reminder's own link


@pytest.mark.parametrize("answer", ClaimAction)
@pytest.mark.parametrize("recipient", ["staff-1", "staff-2", "fallback-1"])
def test_after_closing_no_link_counts(desk: Rehearsal, answer: ClaimAction, recipient: str) -> None:
    desk.post(desk.link(ClaimAction.REACHED))
    text = refused(desk, desk.link(answer, recipient), 410, "This request is closed", "Someone has already reached")
    assert ("already used" in text) is (answer is ClaimAction.REACHED and recipient == "staff-1")


def test_an_operator_s_redrive_opens_no_closed_request(desk: Rehearsal) -> None:
    desk.post(desk.link(ClaimAction.REACHED))
    ended = replace(desk.progress, state=AlertState.UNDELIVERABLE)
    desk.table.change(LEAD.id, lambda _stored: rearmed(ended, NOW))
    refused(desk, desk.link(ClaimAction.CLAIM, attempt=2), 410, "This request is closed")


def test_expired(desk: Rehearsal) -> None:
    desk.clock.time = NOW + LINK_LIFE - timedelta(seconds=1)
    assert desk.get(desk.link(ClaimAction.CLAIM)).status == 200
    refused(
        desk.after(seconds=1), desk.link(ClaimAction.CLAIM), 410, "This link has expired", LEAD.reference, "14 days"
    )


def test_a_deleted_request(desk: Rehearsal) -> None:
    token = desk.link(ClaimAction.CLAIM)
    del desk.table.leads[LEAD.id]
    refused(desk, token, 404, "This request no longer exists", LEAD.reference)


@pytest.mark.parametrize(
    ("here", "there"), [(r"\.claim\.", ".reached."), ("staff-1", "staff-2"), (r"\.1\.", ".2."), (".$", ""), ("$", ">")]
)
def test_a_link_that_was_changed(desk: Rehearsal, here: str, there: str) -> None:
    token = desk.link(ClaimAction.CLAIM)
    changed = re.sub(here, there, token, count=1)
    assert changed != token
    text = refused(desk, changed, 400, "This link is incomplete", "Open the email again")
    assert LEAD.reference not in text


def test_another_request_s_link_gives_no_way_to_this_one(desk: Rehearsal) -> None:
    other = a_lead(1)
    desk.table.put(other)
    mine, theirs = (desk.link(ClaimAction.CLAIM, lead=lead).split(".") for lead in (LEAD, other))
    for place in range(len(mine)):
        mixed = ".".join([*mine[:place], theirs[place], *mine[place + 1 :]])
        if mixed != ".".join(mine):
            refused(desk, mixed, 400, "This link is incomplete")
    assert desk.post(".".join(theirs)).status == 200
    assert desk.progress.response is Stage.OPEN


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "PATCH", "post", ""])
def test_another_method(desk: Rehearsal, method: str) -> None:
    before = desk.stored
    response = desk.asked(method, desk.link(ClaimAction.CLAIM))
    assert (response.status, response.headers["Allow"]) == (405, "GET, HEAD, POST")
    assert desk.stored == before


# --- Outages ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [None, BusyLeadError(), ClientError({}, "GetItem"), RuntimeError("Robin")])
def test_an_outage_gives_a_page_that_asks_to_try_again(desk: Rehearsal, fault: Exception | None) -> None:
    def strikes(method: str) -> None:
        if fault is None:
            desk.keys = Keys(secret_of(never).read)
        else:
            desk.table.faults.before["read" if method == "GET" else "change"].append(fault)

    token = desk.link(ClaimAction.CLAIM)
    for method, again in (("GET", False), ("POST", True)):
        strikes(method)
        response = desk.asked(method, token)
        assert (response.status, response.headers["Retry-After"]) == (503, "60")
        assert "in a minute" in page_text(response)
        assert (button(response) is not None) is again
    assert desk.progress.response is Stage.OPEN
    assert not emitted()
    desk.keys = Keys(lambda: SECRET)
    assert desk.post(token).status == 200


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_opening_a_link_never_enters_the_write_path(desk: Rehearsal, method: str) -> None:
    waiting = RuntimeError("the write path")
    desk.table.faults.before["change"].append(waiting)
    assert desk.asked(method, desk.link(ClaimAction.CLAIM)).status == 200
    assert desk.asked(method, desk.link(ClaimAction.CLAIM, "staff-2")).status == 200
    assert desk.table.faults.before["change"] == [waiting]


@pytest.mark.parametrize("answer", ClaimAction)
def test_pressing_again_after_a_lost_answer_does_no_harm(desk: Rehearsal, answer: ClaimAction) -> None:
    desk.table.faults.after["change"].append(BusyLeadError())
    assert desk.post(desk.link(answer)).status == 503
    before = desk.stored
    assert desk.post(desk.link(answer)).status in {409, 410}
    assert desk.stored == before


# --- A page that cannot be shown --------------------------------------------------------------------------------------


@pytest.fixture
def _no_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> Response:
        raise RuntimeError(LEAD.name)

    monkeypatch.setattr("claim.routes.page", fails)


@pytest.mark.usefixtures("_no_pages")
@pytest.mark.parametrize("answer", ClaimAction)
def test_an_answer_whose_page_fails_is_noted_and_the_page_says_so(desk: Rehearsal, answer: ClaimAction) -> None:
    with everything_printed() as printed:
        response = desk.post(desk.link(answer))
        counted = emitted()
    assert response.status == 200
    assert response.body.startswith(("You claimed this request.", "Request closed.", "Noted: no answer."))
    assert LEAD.reference in response.body
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert response.headers["Cache-Control"] == "no-store"
    assert desk.progress.response is not Stage.OPEN
    assert counted.pop("LinkPagesFailed") == 1
    assert len(counted) == 1
    assert "page failed" in printed.getvalue()
    assert "link failed" not in printed.getvalue()
    assert LEAD.name not in printed.getvalue() + response.body


@pytest.mark.usefixtures("_no_pages")
def test_a_question_without_its_button_asks_to_come_again(desk: Rehearsal) -> None:
    response = desk.get(desk.link(ClaimAction.CLAIM))
    assert (response.status, response.headers["Retry-After"]) == (503, "60")
    assert "open the link again in a minute" in response.body
    assert emitted() == {"LinkPagesFailed": 1}


@pytest.mark.usefixtures("_no_pages")
def test_a_refusal_whose_page_fails_stays_a_refusal(desk: Rehearsal) -> None:
    response = desk.post("x")
    assert response.status == 400
    assert response.body.startswith("This link is incomplete")
    assert emitted() == {"LinksRefused": 1, "LinkPagesFailed": 1}


def test_words_that_fail_do_not_deny_what_is_noted(desk: Rehearsal, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> str:
        raise RuntimeError(LEAD.name)

    monkeypatch.setattr(Words, "noted", fails)
    response = desk.post(desk.link(ClaimAction.CLAIM))
    assert response.status == 200
    assert "Your choice was saved." in page_text(response)
    assert button(response) is None
    assert desk.progress.response is Stage.CLAIMED
    assert emitted() == {"RequestsClaimed": 1, "LinkPagesFailed": 1}


# --- Routes -----------------------------------------------------------------------------------------------------------


def test_a_domain_of_the_clinic_s_own_may_have_a_base_path(desk: Rehearsal) -> None:
    token = desk.link(ClaimAction.CLAIM)
    assert desk.asked("POST", token, path=f"/leads/claim/{token}").status == 200


@pytest.mark.parametrize("character", ['"', "\u201d", ">", "%22", "\nx", "\ud800", " ", "/x"])
def test_a_link_copied_with_the_character_after_it_is_incomplete(desk: Rehearsal, character: str) -> None:
    refused(desk, desk.link(ClaimAction.CLAIM) + character, 400, "This link is incomplete", "copy the whole address")


@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_no_script_may_read_a_page(desk: Rehearsal, method: str) -> None:
    asked = {"Origin": "https://www.example.com", "Accept-Encoding": "gzip"}
    response = desk.asked(
        method,
        desk.link(ClaimAction.CLAIM),
        headers=asked,
        multiValueHeaders={name: [value] for name, value in asked.items()},
    )
    assert not [name for name in response.headers if name.lower().startswith("access-control")]
    assert "Content-Encoding" not in response.headers


def test_powertools_prints_no_request_whatever_its_variables_say(
    desk: Rehearsal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POWERTOOLS_DEV", "true")
    token = desk.link(ClaimAction.CLAIM)
    with everything_printed() as printed:
        desk.get(token)
    assert token not in printed.getvalue()


# --- Every page -------------------------------------------------------------------------------------------------------


def every_page() -> Iterator[tuple[str, Response]]:
    for answer in ClaimAction:
        yield f"asks {answer}", (desk := Rehearsal()).get(desk.link(answer))
        yield f"noted {answer}", (desk := Rehearsal()).post(desk.link(answer))
        yield f"used {answer}", desk.post(desk.link(answer))
    (desk := Rehearsal()).post(desk.link(ClaimAction.CLAIM, "staff-2"))
    yield "taken", desk.get(desk.link(ClaimAction.CLAIM))
    yield "asks, taken", desk.get(desk.link(ClaimAction.REACHED))
    yield "bad", desk.get("x")
    yield "method", desk.asked("PUT", "x")
    yield "expired", (desk := Rehearsal().after(days=20)).get(desk.link(ClaimAction.CLAIM))
    (desk := Rehearsal()).table.leads.clear()
    yield "deleted", desk.get(desk.link(ClaimAction.CLAIM))
    yield "out of reach", (desk := Rehearsal(keys=Keys(secret_of(never).read))).get(desk.link(ClaimAction.CLAIM))
    yield "not noted", desk.post(desk.link(ClaimAction.CLAIM))


EVERY_PAGE = dict(every_page())


@pytest.mark.parametrize("name", EVERY_PAGE)
def test_a_page_says_nothing_of_a_person_and_names_no_colleague(name: str) -> None:
    body = EVERY_PAGE[name].body
    (main,) = page_of(body).xpath("//main")
    assert not [each for each in PERSONAL if each and each in main.text_content()]
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
        st.sampled_from(ClaimAction),
        st.integers(0, 130),
    ),
)


@given(
    method=_methods,
    token=_tokens,
    more=st.fixed_dictionaries(
        {},
        optional={
            "body": st.one_of(st.none(), any_text),
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
def test_any_request_is_answered_with_a_page(method: str, token: str, more: dict[str, object]) -> None:
    desk = Rehearsal()
    before = desk.stored
    response = desk.asked(method, token, **more)
    assert response.status in {200, 400, 405}
    assert page_of(response.body).findtext(".//h1")
    json.dumps(response.to_proxy(), ensure_ascii=False).encode("utf-8")
    assert all(value.isascii() and value.isprintable() for value in response.headers.values())
    if method != "POST":
        assert desk.stored == before


@given(st.lists(st.tuples(st.sampled_from(ClaimAction), st.sampled_from(["staff-1", "staff-2"]), st.integers(1, 3))))
def test_however_links_are_used_each_counts_once_and_none_after_closing(
    uses: list[tuple[ClaimAction, str, int]],
) -> None:
    desk, counted = Rehearsal(), set[tuple[ClaimAction, str, int]]()
    for use in uses:
        closed = desk.progress.response is Stage.CLOSED
        token = desk.after(minutes=1).link(*use)
        looked = desk.get(token).status
        status = desk.post(token).status
        assert looked == status
        if status == 200:
            assert use not in counted
            assert not closed
            counted.add(use)
    assert len(desk.table.kinds_of(LEAD.id)) == len(counted)


# --- Logs -------------------------------------------------------------------------------------------------------------


def test_the_log_has_the_recipient_and_the_answer_but_no_token(desk: Rehearsal) -> None:
    token = desk.link(ClaimAction.CLAIM)
    with everything_printed() as printed:
        desk.post(token)
        desk.post(token)
        desk.get(f"{token}x")
        desk.keys = Keys(secret_of(never).read)
        desk.get(token)
    text = printed.getvalue()
    assert token not in text
    assert token.rpartition(".")[2] not in text
    lines = [line for line in map(json.loads, text.splitlines()) if "level" in line]
    told = {"lead_id": LEAD.id, "reference": LEAD.reference, "recipient": "staff-1", "action": "claim"}
    known = {*told, "outcome", "reason"}
    assert [{name: line[name] for name in known & set(line)} for line in lines] == [
        told | {"outcome": "claimed"},
        told | {"outcome": "yours"},
        {"outcome": "bad"},
        {"reason": "KeyError"},
    ]


def test_the_line_of_a_failure_says_which_lead(desk: Rehearsal) -> None:
    desk.table.faults.before["change"].append(RuntimeError(LEAD.name))
    with everything_printed() as printed:
        desk.post(desk.link(ClaimAction.CLAIM))
    (line,) = [json.loads(line) for line in printed.getvalue().splitlines()]
    assert (line["message"], line["lead_id"], line["recipient"]) == ("link failed", LEAD.id, "staff-1")
    assert LEAD.name not in printed.getvalue()


# --- Former recipients ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("answer", ClaimAction)
def test_links_of_a_former_recipient_change_nothing(desk: Rehearsal, answer: ClaimAction, method: str) -> None:
    token, before = desk.link(answer, "staff-1"), desk.stored
    desk.team = Team(staff=("newperson", "staff-2"), fallback=("fallback-1",))  # a new person has frontdesk's position
    response = desk.asked(method, token)
    assert response.status == 410
    assert "no longer on the clinic" in response.body
    assert desk.stored == before


def test_a_claim_stays_with_its_owner(desk: Rehearsal) -> None:
    desk.post(desk.link(ClaimAction.CLAIM, "staff-1"))
    desk.team = Team(staff=("newperson", "staff-2"), fallback=())
    assert desk.progress.claimed_by == "staff-1"
    assert "A colleague claimed this request" in desk.post(desk.link(ClaimAction.CLAIM, "staff-2")).body
