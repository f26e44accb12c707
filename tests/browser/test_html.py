"""Every page is valid HTML according to html-validate (https://html-validate.org), also after form.js changed it.

One rule is off: "require-sri" wants a hash of form.js in the site's page, which would break with each new version.
"""

import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.request import urlopen

import pytest

from shared.leads.fields import FORMS
from tests.browser.colleague import BOT, somebody_asks
from tests.deployed import FORM, Deployed, submission
from tests.desk import MANAGER, a_client, request_page

if TYPE_CHECKING:
    from playwright.sync_api import Page

_VALIDATOR = "html-validate@10.9.0"  # the newest version for Node.js 20
_RULES = Path(__file__).with_name("htmlvalidate.json")


@pytest.mark.skipif(shutil.which("npx") is None, reason="needs Node.js, which nothing else here does")
def test_every_page_is_valid(deployed: Deployed, site: str, tmp_path: Path) -> None:
    asks_for_a_page = {"Content-Type": FORM, "Accept": "text/html"}
    everything = {
        name: str(value) for name, value in submission(phone="12", email="", in_crisis="yes", call_me='"<b>').items()
    }
    pages = {
        "site": _get(site),
        "site-thank-you": _get(f"{site}/thank-you"),
        "thank-you": deployed.request("GET", "/thank-you?reference=KC-7Q2M-4XHD").body,
        "thank-you-urgent": deployed.request("GET", "/thank-you?urgent=yes").body,
        "again": deployed.post_form(everything, Accept="text/html").body,
        "again-reply": deployed.post_form({"form": "reply", "phone": "12"}, Accept="text/html").body,
        "again-callback": deployed.post_form({"form": "callback", "name": "x"}, Accept="text/html").body,
        "problem": deployed.request("POST", "/consultations", b"", asks_for_a_page).body,
        "too-large": deployed.request("POST", "/consultations", b"x" * 70_000, asks_for_a_page).body,
        "start": deployed.request("GET", "/").body,
        "again-of-another-form": deployed.post_form(
            {"your-name": "Robin", "your-message": "a\nb", "password": "x"}, Accept="text/html"
        ).body,
        "link": deployed.request("GET", "/consultations?name=Robin", None, {"Accept": "text/html"}).body,
        "not-found": deployed.request("GET", "/nothing", None, {"Accept": "text/html"}).body,
        "spanish-site": _get(f"{site}/es"),
        "spanish-thank-you": deployed.request("GET", "/thank-you?reference=KC-7Q2M-4XHD&urgent=yes&lang=es").body,
        "spanish-again": deployed.post_form(everything | {"lang": "es"}, Accept="text/html").body,
        "spanish-start": deployed.request("GET", "/?lang=es").body,
        "spanish-not-found": deployed.request("GET", "/nothing?lang=es", None, {"Accept": "text/html"}).body,
        "claim": deployed.request("GET", _link(deployed)).body,
        "claim-bad": deployed.request("GET", "/claim/x").body,
    }
    _assert_valid(pages, tmp_path)


@pytest.mark.skipif(shutil.which("npx") is None, reason="needs Node.js, which nothing else here does")
def test_every_page_of_the_desk_is_valid(deployed: Deployed, tmp_path: Path) -> None:
    hostile = '"<b>&\n' + "x" * 60
    asked = somebody_asks(deployed, name='Robin "<b>', in_crisis="yes", message=hostile, discreet="yes", call_me='"<b>')
    spam = somebody_asks(deployed, told=False, **BOT)
    manager = a_client(deployed, MANAGER)
    new = request_page(manager, asked.lead_id)
    pages = {
        "list": manager.open(manager.desk),
        "list-empty": manager.open(f"{manager.desk}?list=closed&after=0.2000-01-01T00:00:00.000Z%23{'0' * 26}"),
        "list-unknown": manager.open(f"{manager.desk}?list=nothing"),
        "request": new,
        "request-spam": request_page(manager, spam.lead_id),
        "request-unknown": request_page(manager, "0" * 26),
        "note": manager.send(new, "/note", text=hostile),
        "refused": manager.send(new, "/note", text=" "),
        "outcome": manager.send(new, "/outcome", outcome="booked", reason=hostile),
        "faster": manager.send(new, "/claim"),
        "find": manager.open(f"{manager.desk}/find"),
        "found": manager.send(new, "/find", q="Robin"),
        "found-nothing": manager.send(new, "/find", q=hostile),
        "audit": manager.open(f"{manager.desk}/audit"),
        "report": manager.open(f"{manager.desk}/report"),
        "report-unknown": manager.open(f"{manager.desk}/report?month=2000-01"),
        "audit-wrong": manager.open(f"{manager.desk}/audit?reference=x"),
        "withdrawn": manager.send(new, "/withdraw", consent="consent_contact", how="stop"),
        "held": manager.send(new, "/hold", why=hostile),
        "person": manager.open(f"{manager.desk}/people/{asked.lead_id}"),
        "erase": manager.open(f"{manager.desk}/people/{spam.lead_id}/erase"),
        "erase-held": manager.open(f"{manager.desk}/people/{asked.lead_id}/erase"),
        "erasures": manager.open(f"{manager.desk}/erasures"),
        "foreign": manager.post(f"{new.url}/claim", {}, came_from=new.url),
        "signed-out": manager.send(new, "/sign-out"),
    }
    _assert_valid({name: page.body for name, page in pages.items()}, tmp_path)


@pytest.mark.skipif(shutil.which("npx") is None, reason="needs Node.js, which nothing else here does")
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("page", ["phone"], indirect=True)
def test_a_form_that_the_script_changed_is_valid(page: "Page", site: str, tmp_path: Path, form: str) -> None:
    page.goto(site)
    on_page = page.locator(f"#{form} form")
    ready = on_page.evaluate("form => form.outerHTML")
    on_page.locator("button[type=submit]").click()
    page.locator("[role=alert]").wait_for()
    refused = on_page.evaluate("form => form.outerHTML")
    page_with = "<!DOCTYPE html>\n<html lang='en'><head><title>x</title></head><body>{}</body></html>"
    pages = {"ready": page_with.format(ready), "refused": page_with.format(refused)}
    # Browsers write attributes in their own style.
    _assert_valid(pages, tmp_path, "attribute-boolean-style", "attribute-empty-style", "attr-quotes", "heading-level")


def _link(deployed: Deployed) -> str:
    """Return the path of a link to a new request."""
    reference = deployed.post_json(submission()).document["reference"]
    found = re.search(r"/claim/\S+", deployed.the_alert(reference)["BodyText"])
    assert found
    return found[0]


def _get(url: str) -> str:
    with urlopen(url, timeout=60) as answer:  # noqa: S310 - our own loopback
        return str(answer.read().decode())


def _assert_valid(pages: dict[str, str], folder: Path, *not_asked: str) -> None:
    files = [folder / f"{name}.html" for name in pages]
    for file, text in zip(files, pages.values(), strict=True):
        file.write_text(text, encoding="utf-8")
    rules = [option for rule in not_asked for option in ("--rule", f"{rule}:off")]
    command = ["npx", "--yes", _VALIDATOR, "--config", str(_RULES), *rules, *map(str, files)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
