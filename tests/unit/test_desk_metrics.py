"""The metrics that the alarms about the desk watch."""

from collections.abc import Callable

import pytest

from tests.unit.claim_pages import emitted, forget_metrics
from tests.unit.desk import MANAGER, NURSE, World


def no_audit(world: World) -> None:
    world.audited.broken["Query"] = "AccessDeniedException"


def no_user_pool(world: World) -> None:
    world.cognito.down = True
    world.clock.sleep(300)


def no_sessions(world: World) -> None:
    world.sessions.down = True


@pytest.mark.parametrize(
    ("breaks", "counted"),
    [
        (no_audit, {"AuditUnreachable": 1}),
        (no_user_pool, {"DeskPagesFailed": 1}),
        (no_sessions, {"DeskPagesFailed": 1}),
    ],
)
def test_a_page_that_cannot_be_shown_is_counted(breaks: Callable[[World], None], counted: dict[str, float]) -> None:
    world = World()
    browser = world.signed_in(MANAGER)
    breaks(world)
    forget_metrics()
    assert browser.get("/audit").status == 503
    assert emitted() == counted
    forget_metrics()


def test_a_sign_in_that_proves_nothing_is_counted() -> None:
    world = World()
    browser = world.browser()
    callback = world.cognito.signs_in(browser.get().location, NURSE)
    world.cognito.claims = {"aud": "another client"}
    forget_metrics()
    browser.get(callback)
    assert emitted() == {"SignInsFailed": 1}
    forget_metrics()


def test_a_made_up_callback_is_counted() -> None:
    browser = World().browser()
    forget_metrics()
    browser.get("/signed-in?code=x&state=x")
    assert emitted() == {"SignInsFailed": 1}
    forget_metrics()


def test_a_sign_out_without_the_audit_is_counted() -> None:
    world = World()
    browser = world.signed_in()
    no_audit(world)
    forget_metrics()
    assert browser.post("/sign-out").status == 303
    assert emitted() == {"AuditUnreachable": 1}
    forget_metrics()


def test_what_a_person_does_wrong_is_not_counted() -> None:
    browser = World().signed_in()
    forget_metrics()
    browser.get("/nothing")
    browser.get("/audit")
    browser.post("/sign-out", {"csrf": "made-up"})
    browser.post("/sign-out", body="x" * 70_000)
    assert emitted() == {}


def test_a_page_that_is_shown_is_not_counted() -> None:
    browser = World().signed_in()
    forget_metrics()
    assert browser.get().status == 200
    assert emitted() == {}
