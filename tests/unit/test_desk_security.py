"""The permissions of each role at the desk, by every route of the table, and what a request must have to count."""

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import pytest

from desk.route import Moved, PageError, Result, Role, Route, Shown, Visit
from shared.leads.person import Person
from shared.web.http import Response
from shared.web.page import page as rendered
from tests.unit.desk import API, BASE, FORM, LEAD_ID, MANAGER, NURSE, SIGN_IN, Browser, Page, World
from tests.unit.forms import page_of
from tests.unit.output import everything_printed
from tests.unit.people import a_lead
from tests.unit.words import CANARY

SECRET = "what the page shows of a request"
OTHER_LEAD = "0" * 25 + "2"


@dataclass
class Answers:
    """Takes the place of every route's answer, and keeps the visits."""

    result: Callable[[Visit], Result] | None = None
    visits: list[Visit] = field(default_factory=list)

    def __call__(self, visit: Visit) -> Result:
        self.visits.append(visit)
        return self.result(visit) if self.result else shown(visit)


def shown(_: Visit) -> Shown:
    values = {"title": "Made-up page", "text": (SECRET,)}
    return Shown(template="message.html", values=values, action="read", lead_ids=(LEAD_ID, OTHER_LEAD))


# The real table, and one made-up route for each method, role and kind of path.
TABLE: tuple[Route, ...] = World().routes
MADE_UP = (
    Route(method="GET", path="/made-up/<id>", role=Role.STAFF, action="read", answer=shown),
    Route(
        method="POST", path="/made-up/<id>/claim", role=Role.STAFF, action="claim", answer=lambda _: Moved(path="/x")
    ),
    Route(method="GET", path="/made-up-list", role=Role.MANAGER, action="look", answer=shown),
    Route(method="POST", path="/made-up-list", role=Role.MANAGER, action="change", answer=shown),
)
ALL = TABLE + MADE_UP
READ, CLAIM, LOOK, CHANGE = MADE_UP
POSTS = [route for route in ALL if route.method == "POST"]
GETS = [route for route in ALL if route.method == "GET"]


def name(route: object) -> str:
    return f"{route.method} {route.path}" if isinstance(route, Route) else str(route)


def world(answers: Callable[[Visit], Any]) -> World:
    return World(changed=lambda _: tuple(replace(route, answer=answers) for route in ALL))


def path_of(route: Route) -> str:
    return route.path.replace("<id>", LEAD_ID)


def visit(browser: Browser, route: Route, **more: Any) -> Page:  # noqa: ANN401 - the parts of a request
    return browser.get(path_of(route)) if route.method == "GET" else browser.post(path_of(route), **more)


# ---- role by route


@pytest.mark.parametrize("route", ALL, ids=name)
@pytest.mark.parametrize("email", [NURSE, MANAGER])
def test_each_role_reaches_what_the_table_says(route: Route, email: str) -> None:
    answers = Answers()
    there = world(answers)
    page = visit(there.signed_in(email), route)
    may = email == MANAGER or route.role is Role.STAFF
    assert page.status == (200 if may else 403)
    assert len(answers.visits) == (1 if may else 0)
    assert (SECRET in page.body) is may
    about = (LEAD_ID,) if "<id>" in route.path else ()
    assert [entry for entry in there.entries if entry[1] != "sign_in"] == (
        [(email, "refused", about)]
        if not may
        else [(email, route.action, about)] * (route.method == "POST") + [(email, "read", (LEAD_ID, OTHER_LEAD))]
    )
    if not may:
        assert "This page is for managers" in page.body
        assert there.details[-1] == {"action": route.action}


@pytest.mark.parametrize("route", ALL, ids=name)
def test_nobody_signed_out_reaches_anything(route: Route) -> None:
    answers = Answers()
    there = world(answers)
    page = visit(there.browser(), route)
    if route.method == "GET":
        assert (page.status, page.body) == (303, "")
        assert page.location.startswith(f"{SIGN_IN}/oauth2/authorize?")
    else:
        assert page.status == 401
        assert "Nothing was changed." in page.body
        assert "Location" not in page.headers
    assert (answers.visits, there.entries) == ([], [])


@pytest.mark.parametrize("route", ALL, ids=name)
def test_an_account_that_lost_its_role_reaches_nothing(route: Route) -> None:
    answers = Answers()
    there = world(answers)
    browser = there.signed_in()
    csrf = browser.csrf
    there.cognito.accounts[f"sub-of-{NURSE}"].groups = []
    there.clock.sleep(300)
    page = visit(browser, route, form={"csrf": csrf})
    assert page.status == (303 if route.method == "GET" else 401)
    assert answers.visits == []


def test_the_answer_gets_the_person_their_role_and_the_request() -> None:
    answers = Answers()
    there = world(answers)
    browser = there.signed_in(MANAGER)
    browser.get(f"/made-up/{LEAD_ID}?a=1&a=2&b=%20x")
    browser.post(f"/made-up/{LEAD_ID}/claim", {"note": "a b\r\né", "press": "p" * 16})
    read, claimed = answers.visits
    assert (read.person.email, read.role, read.base, read.id) == (MANAGER, Role.MANAGER, BASE, LEAD_ID)
    assert (read.query, read.form) == ({"a": "2", "b": " x"}, {})
    assert claimed.form == {"csrf": browser.csrf, "note": "a b\r\né", "press": "p" * 16}
    assert (claimed.press, claimed.lead_id, claimed.now) == ("p" * 16, LEAD_ID, there.clock())


def test_a_form_leads_on_with_303() -> None:
    there = world(Answers(lambda visit: Moved(path=f"/requests/{visit.lead_id}?done=1")))
    page = there.signed_in().post(path_of(CLAIM))
    assert (page.status, page.location) == (303, f"{BASE}/requests/{LEAD_ID}?done=1")


@pytest.mark.parametrize("path", ["x", "https://evil.example", "@evil.example", "/a b", "/a\r\nSet-Cookie: x=y", "/é"])
def test_the_way_on_is_always_below_the_desk(path: str) -> None:
    with pytest.raises(ValueError, match="not a path"):
        Moved(path=path)


# ---- forms of other pages


@pytest.mark.parametrize("route", POSTS, ids=name)
@pytest.mark.parametrize(
    ("form", "headers"),
    [
        ({"csrf": ""}, {}),
        ({"csrf": "made-up"}, {}),
        ({"csrf": "é"}, {}),
        ({"csrf": "foreign"}, {}),
        ({"csrf": "missing"}, {}),
        ({}, {"Origin": "https://evil.example"}),
        ({}, {"Origin": "null"}),
        ({}, {"Origin": f"{API}.evil.example"}),
        ({}, {"Origin": API.replace("https", "http")}),
        ({}, {"Sec-Fetch-Site": "cross-site"}),
        ({}, {"Sec-Fetch-Site": "same-site"}),
        ({}, {"Sec-Fetch-Site": "none"}),
        ({}, {"Sec-Fetch-Site": ""}),
        ({}, {"ORIGIN": "https://evil.example", "Origin": None}),
    ],
)
def test_a_form_of_another_page_changes_nothing(route: Route, form: dict[str, str], headers: dict[str, str]) -> None:
    answers = Answers()
    there = world(answers)
    browser = there.signed_in(MANAGER)
    if form.get("csrf") == "foreign":
        form = {"csrf": there.signed_in(MANAGER).csrf}
    if form.get("csrf") == "missing":
        page = browser.post(path_of(route), body="a=b", headers=headers)
    else:
        page = browser.post(path_of(route), form, headers=headers)
    assert page.status == 403
    assert "Nothing was changed." in page.body
    assert answers.visits == []
    assert {action for _, action, _ in there.entries} == {"sign_in"}


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": None, "Sec-Fetch-Site": None},
        {"Origin": None},
        {"Sec-Fetch-Site": None},
        {"Content-Type": f"{FORM.upper()}; charset=UTF-8"},
    ],
)
def test_an_old_browsers_form_counts(headers: dict[str, str | None]) -> None:
    assert world(Answers()).signed_in().post(path_of(CLAIM), headers=headers).status == 200


@pytest.mark.parametrize(
    ("body", "more"),
    [
        ("a=" + "x" * 65_536, {}),
        ("&".join(["a=1"] * 201), {}),
        ("a=%ff", {}),
        ("a=\ud800", {}),
        ("not base64!", {"encoded": True}),
        (base64.b64encode(b"\xff\xfe").decode(), {"encoded": True}),
        (base64.b64encode(b"a=" + b"x" * 65_536).decode(), {"encoded": True}),
        ("x" * 200_000, {"encoded": True}),
        ('{"csrf": "x"}', {"headers": {"Content-Type": "application/json"}}),
        ("csrf=x", {"headers": {"Content-Type": "text/plain"}}),
        ("csrf=x", {"headers": {"Content-Type": "multipart/form-data; boundary=x"}}),
        ("csrf=x", {"headers": {"Content-Type": None}}),
    ],
)
def test_a_body_that_no_page_sends_changes_nothing(body: str, more: dict[str, Any]) -> None:
    answers = Answers()
    page = world(answers).signed_in().post(path_of(CLAIM), body=body, **more)
    assert page.status == 400
    assert "We couldn&#39;t read your form" in page.body
    assert answers.visits == []


def test_a_form_in_base64_counts_too() -> None:
    answers = Answers()
    browser = world(answers).signed_in()
    body = base64.b64encode(urlencode({"csrf": browser.csrf, "note": "é"}).encode()).decode()
    assert browser.post(path_of(CLAIM), body=body, encoded=True).status == 200
    assert answers.visits[0].form["note"] == "é"


@pytest.mark.parametrize("press", ["", "short", "x" * 17, "x" * 15 + "!"])
def test_a_form_without_its_id_is_a_page_in_words(press: str) -> None:
    page = (
        world(Answers(lambda visit: Moved(path=f"/{visit.press}"))).signed_in().post(path_of(CLAIM), {"press": press})
    )
    assert page.status == 400


# ---- addresses and methods


@pytest.mark.parametrize(
    "path",
    [
        "/desk/nothing",
        "/desk/made-up/short",
        f"/desk/made-up/{LEAD_ID.lower()}x",
        "/desk/made-up/" + "O" * 26,
        "/deskx",
    ],
)
def test_an_unknown_address_is_a_page_in_words(path: str) -> None:
    for browser in (world(Answers()).browser(), world(Answers()).signed_in()):
        page = browser.send("GET", path)
        assert page.status == 404
        assert "There is no such page" in page.body


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("POST", path_of(READ), "GET, HEAD"),
        ("GET", path_of(CLAIM), "POST"),
        ("HEAD", path_of(CLAIM), "POST"),
        ("PUT", path_of(CHANGE), "GET, HEAD, POST"),
        ("DELETE", path_of(READ), "GET, HEAD"),
        ("OPTIONS", "", "GET, HEAD"),
        ("PATCH", "/signed-in", "GET, HEAD"),
        ("GET", "/sign-out", "POST"),
        ("post", path_of(CLAIM), "GET, HEAD, POST"),
        ("get", path_of(READ), "GET, HEAD, POST"),
    ],
)
def test_another_method_is_a_page_in_words(method: str, path: str, allow: str) -> None:
    answers = Answers()
    page = world(answers).signed_in(MANAGER).send(method, f"/desk{path}")
    assert (page.status, page.headers["Allow"]) == (405, [allow])
    assert answers.visits == []


def test_head_is_like_get() -> None:
    there = world(Answers())
    browser = there.signed_in()
    assert browser.send("HEAD", f"/desk{path_of(READ)}").status == 200
    assert there.entries[-1] == (NURSE, "read", (LEAD_ID, OTHER_LEAD))
    assert there.browser().send("HEAD", "/desk").status == 303


@pytest.mark.parametrize("path", ["/desk/evil/desk", f"/desk/evil/desk{path_of(READ)}", "/a/desk/b/desk"])
def test_a_path_below_the_desk_is_no_base_path(path: str) -> None:
    answers = Answers()
    assert world(answers).signed_in().send("GET", path).status == 404
    assert answers.visits == []


@pytest.mark.parametrize("path", ["/desk", "/desk/", "/base/desk", "/base/path/desk/"])
def test_a_custom_domains_base_path_does_not_matter(path: str) -> None:
    assert world(Answers()).signed_in().send("GET", path).status == 200


# ---- the audit comes first


@pytest.mark.parametrize("route", ALL, ids=name)
@pytest.mark.parametrize("operation", ["PutItem", "Query"])
def test_without_the_audit_nothing_is_shown_and_no_form_counts(route: Route, operation: str) -> None:
    answers = Answers()
    there = world(answers)
    browser = there.signed_in(MANAGER)
    there.audited.broken[operation] = "AccessDeniedException"
    with everything_printed() as output:
        page = visit(browser, route)
    assert page.status == 503
    assert SECRET not in page.body
    assert "Made-up page" not in page.body
    assert "We can&#39;t keep records right now" in page.body
    if route.method == "POST":
        assert answers.visits == []
    assert "AccessDeniedException" in output.getvalue()


def test_the_entry_is_written_before_the_page_is_rendered() -> None:
    def unrenderable(_: Visit) -> Shown:
        return Shown(template="no-such-template.html", values={}, action="read", lead_ids=(LEAD_ID,))

    there = world(Answers(unrenderable))
    page = there.signed_in().get(path_of(READ))
    assert page.status == 503
    assert there.entries[-1] == (NURSE, "read", (LEAD_ID,))


def test_the_entry_of_a_form_is_written_before_anything_changes() -> None:
    seen: list[object] = []

    def looks(visit: Visit) -> Moved:
        seen.append(there.entries[-1])
        return Moved(path=f"/{visit.lead_id}")

    there = world(Answers(looks))
    there.signed_in().post(path_of(CLAIM))
    assert seen == [(NURSE, "claim", (LEAD_ID,))]


def test_the_entry_of_a_search_that_leads_on_is_written_before_the_browser_knows() -> None:
    there = World()
    lead = a_lead()
    there.leads.put(lead)
    browser = there.signed_in()
    browser.get(f"/find?q={lead.reference}")
    assert browser.last.location == f"{BASE}/requests/{lead.id}"
    assert there.entries[1:] == [(NURSE, "search", (lead.id,))]
    browser.post("/find", {"q": lead.reference})
    assert there.entries[2:] == [(NURSE, "search", ()), (NURSE, "search", (lead.id,))]
    there.audited.broken["PutItem"] = "AccessDeniedException"
    page = browser.get(f"/find?q={lead.reference}")
    assert (page.status, page.headers.get("Location")) == (503, None)
    assert lead.id not in page.body


@pytest.mark.parametrize(("to", "said"), [(Person(MANAGER).id, {"to": Person(MANAGER).id}), (CANARY, {}), ("", {})])
def test_the_entry_of_a_hand_over_names_the_new_owner_and_quotes_nobody(to: str, said: dict[str, str]) -> None:
    there = world(Answers())
    there.signed_in().post(f"/requests/{LEAD_ID}/hand-over", {"to": to})
    assert there.entries[1] == (NURSE, "hand_over", (LEAD_ID,))
    assert there.details[1] == said


# ---- errors and what they must not say


def fails(_: Visit) -> Shown:
    raise ValueError(CANARY)


@pytest.mark.parametrize("route", [READ, CLAIM], ids=name)
def test_our_own_failure_is_a_page_in_words_and_its_log_quotes_nobody(route: Route) -> None:
    there = world(Answers(fails))
    browser = there.signed_in()
    with everything_printed() as output:
        page = visit(browser, route)
    assert page.status == 503
    assert page.headers["Retry-After"] == ["60"]
    assert CANARY not in page.body + output.getvalue()
    assert "ValueError at" in output.getvalue()
    changed = "may not have been saved" in page.body
    assert changed is (route.method == "POST")


def test_a_page_error_of_an_answer_is_shown() -> None:
    def refuses(_: Visit) -> Shown:
        raise PageError(HTTPStatus.CONFLICT, "Somebody was faster", "<b>Look</b> again.", link=("/x", "Open it"))

    page = world(Answers(refuses)).signed_in().get(path_of(READ))
    assert page.status == 409
    assert "&lt;b&gt;Look&lt;/b&gt; again." in page.body
    assert f'href="{BASE}/x"' in page.body


def test_an_error_page_knows_the_person_if_somebody_is_signed_in(monkeypatch: pytest.MonkeyPatch) -> None:
    known: list[Any] = []

    def keeps(*arguments: Any, **more: Any) -> Response:  # noqa: ANN401 - the parts of a page
        known.append(arguments[3]["visit"])
        return rendered(*arguments, **more)

    monkeypatch.setattr("desk.app.page", keeps)
    there = world(Answers(fails))
    there.signed_in().get(path_of(READ))
    there.browser().post(path_of(CLAIM))
    first, second = known
    assert (first.person.email, second) == (NURSE, None)


def test_if_no_page_can_be_rendered_its_words_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    there = world(Answers(fails))
    browser = there.signed_in()

    def breaks(*_: object, **__: object) -> None:
        raise OSError(CANARY)

    monkeypatch.setattr("desk.app.page", breaks)
    with everything_printed() as output:
        page = browser.get(path_of(READ))
    assert (page.status, page.headers["Content-Type"]) == (503, ["text/plain; charset=utf-8"])
    assert page.body.startswith("We couldn't show this page")
    assert CANARY not in page.body + output.getvalue()


HOSTILE = (
    f"<script>{CANARY}</script>",
    f"'\"><b>{CANARY}",
    f"{{{{ {CANARY} }}}}",
    f"</style><style>{CANARY}",
    f"\x00{CANARY}",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_values_are_shown_nowhere_and_logged_nowhere(text: str) -> None:
    there = world(Answers())
    with everything_printed() as output:
        for browser in (there.browser(), there.signed_in()):
            for page in (
                browser.send("GET", f"/desk/{text}"),
                browser.send("GET", "/desk/nothing", query={text: text}),
                browser.send("GET", "/desk/signed-in", query={"state": text, "code": text, "error": text}),
                browser.post(path_of(CLAIM), {"csrf": text, text: text}),
                browser.post(path_of(CLAIM), headers={"Origin": text, "Sec-Fetch-Site": text}),
                browser.post("/sign-out", {"csrf": text}),
                browser.send("GET", "/desk/nothing", headers={"Cookie": f"__Host-desk={text}", "X": text}),
            ):
                assert CANARY not in page.body
                assert page.status >= 400 or page.status == 303
    assert CANARY not in output.getvalue()


def test_what_a_page_shows_is_text() -> None:
    def shows(_: Visit) -> Shown:
        return Shown(template="message.html", values={"title": HOSTILE[0], "text": HOSTILE}, action="read")

    page = world(Answers(shows)).signed_in().get(path_of(READ))
    document = page_of(page.body.replace("\x00", ""))
    assert not list(document.iter("script", "b"))
    assert len(list(document.iter("style"))) == 1
    assert HOSTILE[1] in document.text_content()


def test_nothing_personal_is_logged_or_in_an_address() -> None:
    there = world(Answers())
    with everything_printed() as output:
        browser = there.browser()
        locations = [browser.get(path_of(READ)).location]
        browser.sign_in()
        locations.append(browser.last.location)
        browser.post(path_of(CLAIM), {"note": CANARY})
        locations.append(browser.post("/sign-out").location)
    for text in (output.getvalue(), *locations):
        assert NURSE not in text
        assert "%40" not in text
        assert CANARY not in text
        for token in browser.cookies.values():
            assert token not in text


# ---- headers


def pages() -> list[Page]:
    there = world(Answers())
    browser = there.signed_in()
    return [
        browser.get(path_of(READ)),
        browser.get(path_of(LOOK)),
        browser.get("/nothing"),
        browser.post(path_of(CLAIM), {"csrf": ""}),
        there.browser().post(path_of(CLAIM)),
        there.browser().get("/signed-out"),
    ]


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.status))
def test_a_page_runs_no_script_and_only_its_own_style(page: Page) -> None:
    (policy,) = page.headers["Content-Security-Policy"]
    parts = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    (style,) = page_of(page.body).iter("style")
    digest = base64.b64encode(hashlib.sha256((style.text or "").encode()).digest()).decode()
    assert parts == {
        "default-src": "'none'",
        "style-src": f"'sha256-{digest}'",
        "img-src": "data:",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
        "form-action": f"'self' {SIGN_IN}",
    }
    assert "style=" not in page.body
    assert page.headers["Cache-Control"] == ["no-store"]
    assert page.headers["Referrer-Policy"] == ["same-origin"]
    assert page.headers["Cross-Origin-Opener-Policy"] == ["same-origin"]
    assert page.headers["X-Content-Type-Options"] == ["nosniff"]


def test_a_redirect_is_never_kept_either() -> None:
    there = world(Answers())
    for page in (there.browser().get(), there.signed_in().post("/sign-out"), there.signed_in().last):
        if page.status == 303:
            assert page.headers["Cache-Control"] == ["no-store"]
