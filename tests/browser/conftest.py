from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from dev.chromium import browser
from dev.outbox import Outbox
from dev.web import mailbox_server, serving, site_server
from tests.deployed import Deployed

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


@pytest.fixture(scope="session")
def site(deployed: Deployed, site_port: int) -> Iterator[str]:
    """The URL of the sample page."""
    with serving(site_server(site_port, deployed.stack.api)) as url:
        yield url


@pytest.fixture(scope="session")
def mailbox(deployed: Deployed) -> Iterator[str]:
    """The URL of the staff mailbox."""
    with serving(mailbox_server(0, Outbox(deployed.aws))) as url:
        yield url


@pytest.fixture(scope="session")
def chromium() -> Iterator["Browser"]:
    """A headless Chromium."""
    with browser() as running:
        yield running


@pytest.fixture(params=[{"width": 320, "height": 640}, {"width": 1280, "height": 900}], ids=["phone", "desktop"])
def page(chromium: "Browser", request: pytest.FixtureRequest) -> Iterator["Page"]:
    """A fresh page at phone and at desktop width, with no cookies or history of another test."""
    context = chromium.new_context(viewport=request.param)
    yield context.new_page()
    context.close()
