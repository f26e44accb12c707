"""Signing in at the desk, staying signed in and signing out."""

import base64
import hashlib
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from itsdangerous import Signer

from desk.attempts import Attempts
from shared.services.keys import KeysUnavailableError
from tests.unit.desk import BASE, CLIENT_ID, KEYS, LEAD_ID, MANAGER, NOBODY, NURSE, SIGN_IN, Browser, World
from tests.unit.people import NOW

COOKIE, BINDING = "__Host-desk", "__Host-desk-sign-in"
CURSOR = f"1.2026-03-04T15%3A30%3A00.000Z%23{LEAD_ID}"


def query_of(address: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(address).query))


def test_somebody_signed_out_is_sent_to_cognito_with_pkce_state_and_nonce() -> None:
    page = World().browser().get()
    assert page.status == 303
    assert page.location.startswith(f"{SIGN_IN}/oauth2/authorize?")
    asked = query_of(page.location)
    assert asked.pop("redirect_uri") == f"{BASE}/signed-in"
    assert all(len(asked.pop(name)) >= 32 for name in ("state", "nonce", "code_challenge"))
    assert asked == {
        "response_type": "code",
        "client_id": CLIENT_ID,
        "scope": "openid email",
        "code_challenge_method": "S256",
        "prompt": "login",
    }


def test_after_signing_in_somebody_gets_the_page_that_they_asked_for() -> None:
    world = World()
    browser = world.browser()
    address = browser.get(f"?list=spam&after={CURSOR}").location
    page = browser.get(world.cognito.signs_in(address, NURSE))
    assert (page.status, page.location) == (303, f"{BASE}?list=spam&after={CURSOR}")
    assert browser.get(page.location).status == 200
    assert world.entries[0] == (NURSE, "sign_in", ())


def test_the_cookies_are_for_this_host_only() -> None:
    browser = World().browser()
    (binding,) = browser.get().headers["Set-Cookie"]
    assert binding.endswith("; Max-Age=600; Path=/; Secure; HttpOnly; SameSite=Lax")
    (session,) = browser.sign_in().last.headers["Set-Cookie"]
    assert session.endswith("; Path=/; Secure; HttpOnly; SameSite=Lax")
    assert "Max-Age" not in session


def test_the_table_has_neither_a_token_nor_a_state() -> None:
    world = World()
    browser = world.browser()
    state = query_of(browser.get().location)["state"]
    browser.sign_in()
    known = str(world.sessions.items)
    for secret in (state, *browser.cookies.values()):
        assert secret not in known


def test_two_windows_can_sign_in_one_after_the_other_and_both_keep_working() -> None:
    world = World()
    browser = world.browser()
    first, second = browser.get("?list=open").location, browser.get("?list=spam").location
    assert browser.get(world.cognito.signs_in(first, NURSE)).location == f"{BASE}?list=open"
    csrf, token = browser.csrf, browser.cookies[COOKIE]
    assert browser.get(world.cognito.signs_in(second, NURSE)).location == f"{BASE}?list=spam"
    assert browser.cookies[COOKIE] != token
    assert browser.csrf == csrf
    assert len([key for key in world.sessions.items if key.startswith("SESSION#")]) == 1


def test_somebody_else_in_the_same_browser_gets_a_secret_of_their_own() -> None:
    world = World()
    browser = world.browser()
    first, second = browser.get().location, browser.get().location
    browser.get(world.cognito.signs_in(first, NURSE))
    csrf = browser.csrf
    browser.get(world.cognito.signs_in(second, MANAGER))
    assert browser.csrf not in {"", csrf}


@pytest.mark.parametrize("planted", ["x", "A" * 42, "A" * 44, "A" * 42 + "!"])
def test_a_cookie_that_is_not_one_of_our_own_binds_no_sign_in(planted: str) -> None:
    browser = Browser(World(), {BINDING: planted})
    state = query_of(browser.get().location)["state"]
    assert browser.cookies[BINDING] != planted
    assert Browser(browser.world, {BINDING: planted}).get(f"/signed-in?code=x&state={state}").status == 400


@pytest.mark.parametrize("at", [0, 10, 100, -2, -20, -44])
def test_a_changed_cookie_binds_no_sign_in(at: int) -> None:
    world = World()
    browser = world.browser()
    callback = world.cognito.signs_in(browser.get().location, NURSE)
    kept = browser.cookies[BINDING]
    changed = "B" if kept[at] != "B" else "C"
    browser.cookies[BINDING] = f"{kept[:at]}{changed}{kept[at:][1:]}"
    assert browser.get(callback).status == 400
    browser.cookies[BINDING] = kept
    assert browser.get(callback).status == 303


def test_a_signature_for_another_purpose_binds_no_sign_in() -> None:
    kept = base64.urlsafe_b64encode(b"[]")
    for key, salt in ((KEYS.for_links(), "sign-in"), (KEYS.for_sign_ins(), "claim")):
        signer = Signer(key, salt=salt, digest_method=hashlib.sha256, key_derivation="hmac")
        attempts = Attempts(KEYS.for_sign_ins)
        assert attempts.find("x", signer.sign(kept).decode(), NOW) is None
    assert {KEYS.for_sign_ins(), KEYS.for_links(), KEYS.for_people()} - {KEYS.for_sign_ins()} == {
        KEYS.for_links(),
        KEYS.for_people(),
    }


# ---- what somebody signed out costs


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_somebody_signed_out_makes_us_store_nothing(method: str) -> None:
    world = World()
    browser, other = world.browser(), world.browser()
    for _ in range(20):
        state = query_of(browser.send(method, "/desk").location)["state"]
        assert other.send(method, "/desk/signed-in", query={"state": state, "code": "x"}).status == 400
        assert browser.send(method, "/desk/signed-in", query={"state": state}).status == 403
    assert (world.sessions.writes, world.sessions.items, world.entries) == (0, {}, [])


def test_a_sign_in_that_is_used_is_remembered_for_as_long_as_it_could_be_used_again() -> None:
    world = World()
    world.signed_in()
    (used,) = (item for key, item in world.sessions.items.items() if key.startswith("ATTEMPT#"))
    assert int(used["expires_at"]["N"]) == int((NOW + timedelta(minutes=10)).timestamp())
    assert set(used) == {"pk", "expires_at", "schema"}


def test_somebody_who_knows_a_state_does_not_use_it_up() -> None:
    world = World()
    browser, stranger = world.browser(), world.browser()
    callback = world.cognito.signs_in(browser.get().location, NURSE)
    stranger.get()
    for _ in range(3):
        assert stranger.get(f"/signed-in?code=x&state={query_of(callback)['state']}").status == 400
    assert browser.get(callback).status == 303


def test_a_browser_keeps_its_three_newest_sign_ins() -> None:
    world = World()
    browser = world.browser()
    callbacks = [world.cognito.signs_in(browser.get(f"?list=closed&after={CURSOR}").location, NURSE) for _ in range(4)]
    assert len(browser.cookies[BINDING]) < 3500
    kept = browser.cookies[BINDING]
    assert [Browser(world, {BINDING: kept}).get(each).status for each in callbacks] == [400, 303, 303, 303]


def test_without_the_key_nobody_is_sent_to_sign_in() -> None:
    def no_key() -> bytes:
        raise KeysUnavailableError("AccessDeniedException")

    world = World()
    world.accounts.attempts._key = no_key  # noqa: SLF001 - as while Secrets Manager does not answer
    assert world.browser().get().status == 503


# ---- what does not sign anybody in


def test_a_callback_works_once() -> None:
    world = World()
    browser = world.browser()
    callback = world.cognito.signs_in(browser.get().location, NURSE)
    assert browser.get(callback).status == 303
    assert browser.get(callback).status == 400
    assert "Please sign in again" in browser.last.body


def test_a_callback_of_another_browser_signs_nobody_in() -> None:
    world = World()
    attacker, victim = world.browser(), world.browser()
    callback = world.cognito.signs_in(attacker.get().location, NURSE)
    victim.get()
    assert victim.get(callback).status == 400
    assert COOKIE not in victim.cookies
    assert world.entries == []


@pytest.mark.parametrize("query", ["", "?code=x", "?code=x&state=", "?code=x&state=made-up", "?error=access_denied"])
def test_a_made_up_callback_signs_nobody_in(query: str) -> None:
    browser = World().browser()
    browser.get()
    assert browser.get(f"/signed-in{query}").status == 400
    assert COOKIE not in browser.cookies


def test_an_attempt_ends_after_ten_minutes() -> None:
    world = World()
    browser = world.browser()
    callback = world.cognito.signs_in(browser.get().location, NURSE)
    world.clock.sleep(600)
    assert browser.get(callback).status == 400
    assert COOKIE not in browser.cookies


def test_a_refusal_of_cognito_is_a_page_in_words() -> None:
    world = World()
    browser = world.browser()
    state = query_of(browser.get().location)["state"]
    page = browser.get(f"/signed-in?error=access_denied&error_description=%3Cb%3E&state={state}")
    assert page.status == 403
    assert "You couldn&#39;t be signed in" in page.body
    assert "<b>" not in page.body


def test_a_code_of_another_attempt_signs_nobody_in() -> None:
    world = World()
    browser = world.browser()
    mine, other = browser.get().location, world.browser().get().location
    code = query_of(world.cognito.signs_in(other, MANAGER))["code"]
    assert browser.get(f"/signed-in?code={code}&state={query_of(mine)['state']}").status == 403
    assert COOKIE not in browser.cookies


@pytest.mark.parametrize("name", [COOKIE, BINDING])
def test_a_session_that_somebody_planted_is_not_the_one_that_is_opened(name: str) -> None:
    world = World()
    attacker = world.signed_in(MANAGER)
    planted = attacker.cookies[COOKIE]
    victim = Browser(world, {name: planted})
    if name == BINDING:
        victim.sign_in()
        assert victim.cookies[COOKIE] != planted
        return
    assert victim.get().status == 200  # it is the attacker's own session: nothing of the victim's is in it
    callback = world.cognito.signs_in(world.browser().get().location, NURSE)
    assert victim.get(callback).status == 400
    del victim.cookies[COOKIE]
    location = victim.get().location
    victim.cookies[COOKIE] = planted
    victim.get(world.cognito.signs_in(location, NURSE))
    assert victim.cookies[COOKIE] != planted
    assert victim.csrf
    assert attacker.get().status == 303  # the planted one has ended


def test_an_attempt_is_no_session_and_a_session_no_attempt() -> None:
    world = World()
    browser = world.browser()
    state = query_of(browser.get().location)["state"]
    for token in (state, browser.cookies[BINDING]):
        assert Browser(world, {COOKIE: token}).get().status == 303
    signed_in = world.signed_in()
    token = signed_in.cookies[COOKIE]
    assert Browser(world, {BINDING: token}).get(f"/signed-in?code=x&state={token}").status == 400
    assert signed_in.get().status == 200


@pytest.mark.parametrize(
    "page",
    ["//evil.example", "/\\evil.example", "/https://evil.example", "/requests/..%2f..%2fevil", "/@evil.example"],
)
def test_signing_in_never_leads_to_another_site(page: str) -> None:
    answer = World().browser().send("GET", f"/desk{page}")
    assert (answer.status, answer.headers.get("Location")) == (404, None)


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ({"q": "jane@example.com"}, ""),
        ({"q": "Jane Example"}, ""),
        ({"q": "2025550147"}, ""),
        ({"q": "x" * 2000}, ""),
        ({"list": "jane", "after": "202-555-0147"}, ""),
        ({"next": "https://evil.example\r\nX: y", "@evil.example": "//"}, ""),
        ({"q": "KC-7Q2M-4XHD", "name": "jane"}, "?q=KC-7Q2M-4XHD"),
        ({"list": "spam", "name": "jane"}, "?list=spam"),
    ],
)
def test_only_a_list_or_a_reference_is_remembered_through_a_sign_in(query: dict[str, str], kept: str) -> None:
    world = World()
    browser = world.browser()
    address = browser.send("GET", "/desk/find", query=query).location
    assert "jane" not in base64.urlsafe_b64decode(browser.cookies[BINDING].rpartition(".")[0]).decode()
    assert browser.get(world.cognito.signs_in(address, NURSE)).location == f"{BASE}/find{kept}"


def test_an_account_without_a_role_sees_a_page_in_words() -> None:
    world = World()
    browser = world.signed_in(NOBODY)
    assert browser.last.status == 403
    assert "Your account has no role here" in browser.last.body
    assert COOKIE not in browser.cookies
    assert world.entries == [(NOBODY, "refused_sign_in", ())]


def test_a_token_with_a_wrong_nonce_signs_nobody_in() -> None:
    world = World()
    world.cognito.claims = {"nonce": "other"}
    browser = world.signed_in()
    assert browser.last.status == 403
    assert COOKIE not in browser.cookies


@pytest.mark.parametrize(("status", "shown"), [(302, 403), (400, 403), (500, 503), (503, 503)])
def test_only_a_token_with_status_200_counts(status: int, shown: int) -> None:
    world = World()
    world.cognito.status = status
    browser = world.signed_in()
    assert browser.last.status == shown
    assert COOKIE not in browser.cookies


def test_without_the_audit_nobody_is_signed_in() -> None:
    world = World()
    world.audited.broken["PutItem"] = "AccessDeniedException"
    browser = world.signed_in()
    assert browser.last.status == 503
    assert COOKIE not in browser.cookies


# ---- how long a session lives


@pytest.mark.parametrize("cookie", ["", "made-up", "A" * 43, "A" * 5000, "é" * 43])
def test_a_made_up_cookie_is_nobody(cookie: str) -> None:
    world = World()
    world.signed_in()
    assert Browser(world, {COOKIE: cookie}).get().status == 303


def test_of_two_session_cookies_neither_counts() -> None:
    world = World()
    token = world.signed_in().cookies[COOKIE]
    assert world.browser().send("GET", "/desk", headers={"Cookie": f"{COOKIE}={token}"}).status == 200
    for cookies in (f"{COOKIE}=x; {COOKIE}={token}", f"{COOKIE}={token}; {COOKIE}=x"):
        assert world.browser().send("GET", "/desk", headers={"Cookie": cookies}).status == 303


def test_a_session_ends_after_fifteen_idle_minutes() -> None:
    world = World()
    browser = world.signed_in()
    world.clock.sleep(14 * 60)
    assert browser.get().status == 200
    world.clock.sleep(15 * 60)
    assert browser.get().status == 303


def test_a_session_ends_after_eight_hours() -> None:
    world = World()
    browser = world.signed_in()
    for _ in range(48):
        assert browser.get().status == 200
        world.clock.sleep(10 * 60)
    assert browser.get().status == 303


def test_a_person_who_reads_quickly_causes_few_writes() -> None:
    world = World()
    browser = world.signed_in()
    before = world.sessions.writes
    for _ in range(30):
        world.clock.sleep(4)
        browser.get()
    assert world.sessions.writes - before == 2


def test_a_removed_account_is_out_within_five_minutes() -> None:
    world = World()
    browser = world.signed_in()
    world.cognito.accounts[f"sub-of-{NURSE}"].enabled = False
    world.clock.sleep(299)
    assert browser.get().status == 200
    world.clock.sleep(1)
    assert browser.get().status == 303
    world.cognito.accounts[f"sub-of-{NURSE}"].enabled = True
    assert browser.get().status == 303  # its session has ended for good


def test_cognito_is_asked_every_five_minutes_and_not_more_often() -> None:
    world = World()
    browser = world.signed_in()
    for _ in range(20):
        world.clock.sleep(60)
        assert browser.get().status == 200
    assert world.cognito.requests.count("admin_get_user") == 1 + 4


def test_somebody_who_signs_out_while_their_account_is_checked_sees_nothing() -> None:
    world = World()
    browser = world.signed_in()
    token = browser.cookies[COOKIE]
    world.cognito.meanwhile = lambda: world.store.end(token)
    world.clock.sleep(300)
    assert browser.get().status == 303
    assert world.store.read(token, world.clock()) is None


@pytest.mark.parametrize("change", ["deleted", "regrouped"])
def test_a_deleted_account_or_one_without_a_role_is_out(change: str) -> None:
    world = World()
    browser = world.signed_in()
    if change == "deleted":
        del world.cognito.accounts[f"sub-of-{NURSE}"]
    else:
        world.cognito.accounts[f"sub-of-{NURSE}"].groups = ["other"]
    world.clock.sleep(300)
    assert browser.get().status == 303
    assert not [key for key in world.sessions.items if key.startswith("SESSION#")]


def test_the_role_follows_the_group() -> None:
    world = World()
    browser = world.signed_in()
    token = browser.cookies[COOKIE]
    for groups, role in ((["manager"], "manager"), (["staff"], "staff"), (["staff", "manager"], "manager")):
        world.cognito.accounts[f"sub-of-{NURSE}"].groups = groups
        world.clock.sleep(300)
        assert browser.get().status == 200
        session = world.store.read(token, world.clock())
        assert session
        assert session.role == role


def test_while_cognito_is_out_of_reach_a_check_keeps_everybody_out() -> None:
    world = World()
    browser = world.signed_in()
    world.cognito.down = True
    world.clock.sleep(299)
    assert browser.get().status == 200
    world.clock.sleep(1)
    page = browser.get()
    assert page.status == 503
    assert "We can&#39;t check your account right now" in page.body
    assert NURSE not in page.body
    world.cognito.down = False
    assert browser.get().status == 200


def test_while_cognito_is_out_of_reach_nobody_can_sign_in() -> None:
    world = World()
    browser = world.browser()
    callback = world.cognito.signs_in(browser.get().location, NURSE)
    world.cognito.down = True
    assert browser.get(callback).status == 503
    assert COOKIE not in browser.cookies


def test_without_the_sessions_nothing_is_shown() -> None:
    world = World()
    browser = world.signed_in()
    world.sessions.down = True
    assert browser.get().status == 503
    assert NURSE not in browser.last.body


def test_a_page_that_loads_while_its_person_signs_out_brings_nothing_back() -> None:
    world = World()
    browser = world.signed_in()
    token = browser.cookies[COOKIE]
    session = world.store.read(token, world.clock())
    assert session
    browser.post("/sign-out")
    assert not world.store.note(token, session, world.clock() + timedelta(minutes=2))
    assert world.store.read(token, world.clock()) is None


# ---- signing out


def test_signing_out_ends_the_session_here_and_at_cognito() -> None:
    world = World()
    browser = world.signed_in()
    token = browser.cookies[COOKIE]
    page = browser.post("/sign-out")
    assert page.status == 303
    assert page.location.startswith(f"{SIGN_IN}/logout?")
    assert query_of(page.location) == {"client_id": CLIENT_ID, "logout_uri": f"{BASE}/signed-out"}
    assert COOKIE not in browser.cookies
    assert Browser(world, {COOKIE: token}).get().status == 303
    assert world.entries[-1] == (NURSE, "sign_out", ())
    assert "You are signed out" in browser.get("/signed-out").body


@pytest.mark.parametrize("form", [{"csrf": "other"}, {"csrf": ""}])
def test_nobody_else_can_sign_somebody_out(form: dict[str, str]) -> None:
    browser = World().signed_in()
    assert browser.post("/sign-out", form).status == 403
    assert browser.get().status == 200
    # Lax: a form of another site comes without the cookie, and the answer must not remove it.
    page = browser.world.browser().post(
        "/sign-out", headers={"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    )
    assert (page.status, page.headers.get("Set-Cookie")) == (403, None)


def test_signing_out_works_without_the_audit() -> None:
    world = World()
    browser = world.signed_in()
    world.audited.broken["Query"] = "InternalServerError"
    assert browser.post("/sign-out").status == 303
    assert not [key for key in world.sessions.items if key.startswith("SESSION#")]


def test_signing_out_without_cognito_says_that_cognito_still_knows_the_browser() -> None:
    world = World()
    browser = world.signed_in()
    world.pool._desk = None  # noqa: SLF001 - as in a new process
    world.cognito.down = True
    page = browser.post("/sign-out")
    assert page.status == 503
    assert "You are signed out of the desk only" in page.body
    assert COOKIE not in browser.cookies


def test_signing_out_twice_does_no_harm() -> None:
    browser = World().signed_in()
    browser.post("/sign-out")
    assert browser.post("/sign-out").status == 303


# ---- what is asked of Cognito


def test_the_clients_secret_is_asked_for_once_and_printed_nowhere() -> None:
    world = World()
    for _ in range(3):
        world.signed_in()
    assert world.cognito.requests.count("describe_user_pool_client") == 1
    assert "secret" not in repr(world.pool.desk())


def test_the_keys_are_read_once_and_again_for_an_unknown_one() -> None:
    world = World()
    for _ in range(3):
        world.signed_in()
    keys = [each for each in world.cognito.requests if each.endswith("/.well-known/jwks.json")]
    assert keys == ["GET https://cognito-idp.us-east-1.amazonaws.com/us-east-1_MadeUp123/.well-known/jwks.json"]
