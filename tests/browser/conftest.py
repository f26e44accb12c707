from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import SIZES, Visitor
from tests.deployed import PATIENCE, Deployed
from tools.local.chromium import browser
from tools.local.outbox import Outbox
from tools.local.web import mailbox_server, serving, site_server

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

expect.set_options(timeout=PATIENCE * 1_000)


@pytest.fixture(scope="session")
def site(deployed: Deployed, site_port: int) -> Iterator[str]:
    """The URL of the sample page."""
    with serving(site_server(site_port, deployed.stack.api)) as url:
        yield url


@pytest.fixture(scope="session")
def recipient(deployed: Deployed) -> Iterator[str]:
    """The URL of the local mailbox page."""
    with serving(mailbox_server(0, Outbox(deployed.aws))) as url:
        yield url


@pytest.fixture(scope="session")
def chromium() -> Iterator["Browser"]:
    """A headless Chromium."""
    with browser() as running:
        yield running


@pytest.fixture(params=["phone", "desktop"])
def page(chromium: "Browser", request: pytest.FixtureRequest) -> Iterator["Page"]:
    """A fresh page at phone and at desktop width, without cookies or history of another test."""
    with _watched(chromium, viewport=SIZES[request.param]) as context:
        yield context.new_page()


@pytest.fixture
def a_page(chromium: "Browser") -> Callable[..., AbstractContextManager["Page"]]:
    """A function that opens a fresh page with the given browser options."""

    @contextmanager
    def opened(**options: Any) -> Iterator["Page"]:  # noqa: ANN401 - what Playwright's new_context takes
        with _watched(chromium, **options) as context:
            yield context.new_page()

    return opened


@pytest.fixture(params=["phone", "desktop", "phone without scripts", "desktop without scripts"])
def visitor(chromium: "Browser", request: pytest.FixtureRequest, site: str, deployed: Deployed) -> Iterator[Visitor]:
    """A visitor of the sample page, with and without scripts."""
    size, _, without = request.param.partition(" ")
    with _watched(chromium, viewport=SIZES[size], java_script_enabled=not without) as context:
        yield Visitor(context.new_page(), site, deployed, scripts=not without)


@contextmanager
def _watched(chromium: "Browser", **options: Any) -> Iterator["BrowserContext"]:  # noqa: ANN401 - Playwright's
    """Yield a separate browser context. It must not reach beyond this machine or log errors in its console."""
    asked_for: list[str] = []
    complaints: list[str] = []

    def hear(message: "ConsoleMessage") -> None:
        # Some tests are about responses with a status of 400 or more, or about a missing response.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            complaints.append(message.text)

    context = chromium.new_context(**options)
    context.set_default_timeout(PATIENCE * 1_000)
    context.on("request", lambda request: asked_for.append(request.url))
    context.on("console", hear)
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    yield context
    context.close()
    local = ("http://127.0.0.1:", "data:", "about:", "chrome-error:", "blob:")
    assert [url for url in asked_for if not url.startswith(local)] == []
    assert complaints == []
