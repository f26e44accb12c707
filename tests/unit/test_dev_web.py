"""The sample site and the local mailbox page, over loopback, with a made-up emulator."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path

import pytest
from lxml import html as lxml_html
from lxml.html import FormElement, HtmlElement

from shared.leads.clinic import CRISIS_LINE, EMERGENCY_NUMBER
from shared.leads.fields import FORMS
from tests.unit.forms import assert_asks_what_the_model_takes, assert_well_tied, needed, sent_by
from tools.local.outbox import Outbox
from tools.local.parameters import parameters
from tools.local.ports import HOST, free_port
from tools.local.web import mailbox_server, serving, site_server
from tools.package.clinic_file import parse_clinic

pytestmark = pytest.mark.enable_socket

API = "http://made-up.execute-api.localhost:4566/local"
HOSTILE_SUBJECT = "</title><script>alert(1)</script>"
HOSTILE_HTML = """"><script>alert(2)</script><img src='https://evil.example.com/' onerror="alert(3)">&quot;"""
HOSTILE_TEXT = "</pre><script>alert(4)</script>"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: str

    @property
    def page(self) -> HtmlElement:
        return lxml_html.document_fromstring(self.body)

    @property
    def words(self) -> str:
        return " ".join(self.page.text_content().split())


def get(url: str, path: str = "/", host: str | None = None) -> Answer:
    connection = HTTPConnection(url.removeprefix("http://"), timeout=60)
    try:
        connection.request("GET", path, headers={"Host": host} if host else {})
        response = connection.getresponse()
        headers = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, headers, response.read().decode())
    finally:
        connection.close()


@contextmanager
def emulator_with(document: object) -> Iterator[str]:
    """Serve an emulator with `document` as its outbox; yield its address."""
    body = document if isinstance(document, bytes) else json.dumps(document).encode()

    class Emulator(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/_ministack/ses/messages" else 404)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with serving(ThreadingHTTPServer((HOST, 0), Emulator)) as url:
        yield url


@contextmanager
def mailbox_before(document: object) -> Iterator[str]:
    """Serve a mailbox page with an emulator that returns `document`; yield the page's address."""
    with emulator_with(document) as emulator, serving(mailbox_server(0, Outbox(emulator))) as recipient:
        yield recipient


def mail(number: int, **changes: object) -> dict[str, object]:
    return {
        "MessageId": f"{number}@email.amazonses.com",
        "Source": "Riverbend <leads@clinic.example.com>",
        "To": ["frontdesk@clinic.example.com"],
        "CC": [],
        "BCC": [],
        "Subject": f"Subject {number}",
        "BodyText": f"Text {number}",
        "BodyHtml": f"<p>HTML {number}</p>",
        "Timestamp": 1_741_000_000.5 + number,
        "Type": "v2.SendEmail",
    } | changes


@pytest.fixture
def site() -> Iterator[str]:
    with serving(site_server(0, API)) as url:
        yield url


def the_form(answer: Answer, name: str = "consultation") -> FormElement:
    (form,) = answer.page.xpath("//*[@id=$name]//form", name=name)
    assert isinstance(form, FormElement)
    return form


@pytest.mark.parametrize("name", FORMS)
def test_a_form_posts_to_the_api_with_and_without_the_api_s_script(site: str, name: str) -> None:
    answer = get(site)
    form = the_form(answer, name)
    assert answer.status == 200
    assert (form.get("method"), form.get("accept-charset")) == ("post", "utf-8")
    assert form.get("action") == f"{API}/consultations"
    assert "enctype" not in form.attrib
    assert "data-consultation-form" in form.attrib
    (script,) = answer.page.xpath("//script")
    assert script.get("src") == f"{API}/form.js"
    assert "defer" in script.attrib
    assert not script.text
    assert not answer.page.xpath("//@style")
    assert not [name for name in answer.page.xpath("//@*") if name.attrname.startswith("on")]


def test_a_slash_behind_the_api_s_address_makes_no_second_one() -> None:
    with serving(site_server(0, f"{API}/")) as url:
        answer = get(url)
    assert the_form(answer).get("action") == f"{API}/consultations"
    assert answer.page.xpath("//script/@src") == [f"{API}/form.js"]


def test_the_form_is_the_built_in_pages_form(site: str) -> None:
    form = the_form(get(site))
    assert_asks_what_the_model_takes(form)
    assert [sent_by(form)[name] for name in ("page", "thank_you_page")] == [[f"{site}/"], [f"{site}/thank-you"]]
    clinic = parse_clinic(Path("functions/clinic.toml").read_text(encoding="utf-8"))
    words = " ".join(form.text_content().split())
    for consent in (clinic.consent_contact, clinic.consent_texts, clinic.consent_email_news):
        assert consent.text.for_staff in words, "the page must show it as stored"


def test_the_page_has_each_form_once(site: str) -> None:
    page = get(site).page
    assert [form.xpath("string(.//*[@name='form']/@value)") for form in page.forms] == ["callback", "", "reply"]
    assert len(page.forms) == len(FORMS)


@pytest.mark.parametrize(
    ("name", "asked", "needed_there"),
    [
        ("reply", {"name", "email", "phone", "message", "consent_contact"}, {"name", "consent_contact"}),
        ("callback", {"name", "phone", "best_time", "consent_contact"}, {"name", "phone", "consent_contact"}),
    ],
)
def test_a_short_form_asks_little_and_never_for_the_age(
    site: str, name: str, asked: set[str], needed_there: set[str]
) -> None:
    form = the_form(get(site), name)
    assert set(form.xpath(".//*[@data-field]/@data-field")) == asked
    assert needed(form) == needed_there
    sent = sent_by(form)
    assert [sent[field] for field in ("form", "page", "thank_you_page")] == [
        *([name], [f"{site}/"], [f"{site}/thank-you"])
    ]
    clinic = parse_clinic(Path("functions/clinic.toml").read_text(encoding="utf-8"))
    assert clinic.consent_contact.text.for_staff in form.text_content(), "the page must show it as stored"
    assert {f"tel:{EMERGENCY_NUMBER}", f"tel:{CRISIS_LINE}", f"sms:{CRISIS_LINE}"} == set(form.xpath(".//a/@href"))


@pytest.mark.parametrize(("name", "says"), [("consultation", set()), ("reply", {"form"}), ("callback", {"form"})])
def test_a_form_says_nothing_for_the_visitor(site: str, name: str, says: set[str]) -> None:
    said = {field: values for field, values in sent_by(the_form(get(site), name)).items() if any(values)}
    assert said.keys() == {"page", "thank_you_page"} | says


def test_long_optional_groups_are_folded(site: str) -> None:
    form = the_form(get(site))
    folded = form.xpath(".//details[not(@open)]//*[@name]/@name")
    assert {"symptoms", "health_notes", "treatments_tried", "voicemail_ok", "discreet", "call_me"} == set(folded)
    assert not needed(form) & set(folded)


@pytest.mark.parametrize("name", FORMS)
def test_browsers_fill_in_what_they_know_and_nothing_else(site: str, name: str) -> None:
    typed = ".//textarea | .//select | .//input[not(@type='hidden' or @type='radio' or @type='checkbox')]"
    tokens = {control.get("name"): control.get("autocomplete") for control in the_form(get(site), name).xpath(typed)}
    known = {"name": "name", "phone": "tel", "email": "email", "call_me": "nickname", "leave_empty": "off"}
    # "on" lets a browser bring back what was typed after Back, and tells it nothing to fill in.
    assert tokens == {field: known.get(field, "on") for field in tokens}
    assert {"name", "phone", "leave_empty"} <= tokens.keys()


@pytest.mark.parametrize("name", FORMS)
def test_form_fillers_leave_the_trap_alone(site: str, name: str) -> None:
    (trap,) = the_form(get(site), name).xpath(".//*[@name='leave_empty']")
    told = {"data-1p-ignore": "", "data-bwignore": "", "data-lpignore": "true", "data-form-type": "other"}
    assert told.items() <= dict(trap.attrib).items()
    # A program that guesses by words must not take it for an address, a name or a number.
    words = " ".join([trap.get("name", ""), *trap.xpath("ancestor::label/text()")]).lower()
    assert not re.search("url|web|site|home|page|mail|phone|name|address|company|title|zip", words)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_the_site_knows_itself_by_the_name_it_was_asked_by(site: str, host: str) -> None:
    port = site.rpartition(":")[2]
    sent = sent_by(the_form(get(f"http://{host}:{port}")))
    assert sent["thank_you_page"] == [f"http://{host}:{port}/thank-you"]
    listed = parameters(f"http://127.0.0.1:{port}", f"http://localhost:{port}")["ThankYouPages"].split(",")
    assert sent["thank_you_page"][0] in listed


def test_another_name_does_not_get_into_the_page(site: str) -> None:
    answer = get(site, host="evil.example.com")
    assert "evil" not in answer.body
    assert sent_by(the_form(answer))["page"] == [f"{site}/"]


@pytest.mark.parametrize("path", ["/", "/thank-you", "/nothing"])
def test_every_control_has_a_label_and_every_reference_a_target(site: str, path: str) -> None:
    assert_well_tied(get(site, path).page)


@pytest.mark.parametrize("path", ["/", "/thank-you", "/nothing"])
def test_help_is_linked_on_every_page(site: str, path: str) -> None:
    links = get(site, path).page.xpath("//header//a/@href")
    assert {f"tel:{EMERGENCY_NUMBER}", f"tel:{CRISIS_LINE}", f"sms:{CRISIS_LINE}", "tel:2025550143"} <= set(links)


def test_help_is_linked_in_the_form_where_a_crisis_is_asked_about(site: str) -> None:
    (group,) = get(site).page.xpath("//form//*[@role='group'][.//*[@name='in_crisis']]")
    links = group.xpath(".//a/@href")
    assert {f"tel:{EMERGENCY_NUMBER}", f"tel:{CRISIS_LINE}", f"sms:{CRISIS_LINE}", "tel:2025550143"} == set(links)


def test_the_site_has_a_thank_you_page_of_its_own(site: str) -> None:
    answer = get(site, "/thank-you")
    assert answer.status == 200
    assert "We have your request." in answer.words.replace("\xa0", " ")
    assert "not around the clock" in answer.words
    assert not answer.page.xpath("//form | //script")


@pytest.mark.parametrize("path", ["/", "/thank-you", "/nothing"])
def test_headings_leave_no_level_out(site: str, path: str) -> None:
    levels = [int(heading.tag[1]) for heading in get(site, path).page.xpath("//h1 | //h2 | //h3 | //h4")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_the_site_fetches_from_and_posts_to_the_api_alone(site: str) -> None:
    answer = get(site)
    origin = "http://made-up.execute-api.localhost:4566"
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
    assert policy == {
        "default-src": "'none'",
        "style-src": "'unsafe-inline'",
        "img-src": "data:",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
        "script-src": origin,
        "connect-src": origin,
        "form-action": f"'self' {origin}",
    }
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert all(link.startswith(("data:", API)) for link in answer.page.xpath("//link/@href | //@src"))
    assert "url(" not in answer.body
    assert "@import" not in answer.body


def test_an_unknown_path_of_the_site_is_answered_in_words_with_help(site: str) -> None:
    answer = get(site, "/wp-login.php?x=1")
    assert answer.status == 404
    assert CRISIS_LINE in answer.words
    assert "wp-login" not in answer.body
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_emails_of_all_accounts_are_listed_newest_first() -> None:
    sent = {"messages": {"000000000000": [mail(1), mail(3)], "111111111111": [mail(2)]}}
    with mailbox_before(sent) as recipient:
        answer = get(recipient)
        document = get(recipient, "/messages.json")
    assert answer.page.xpath("//li/a/text()") == ["Subject 3", "Subject 2", "Subject 1"]
    assert answer.page.xpath("//meta[@http-equiv='refresh']/@content") == ["5"]
    assert document.headers["content-type"].startswith("application/json")
    assert json.loads(document.body) == [mail(3), mail(2), mail(1)]


def test_an_email_is_shown_behind_its_link() -> None:
    with mailbox_before({"messages": {"000000000000": [mail(1), mail(2, CC=["cc@example.com"])]}}) as recipient:
        answer = get(recipient, get(recipient).page.xpath("//li/a/@href")[0])
    assert answer.status == 200
    (title,) = answer.page.xpath("//h1/text()")
    assert title == "Subject 2"
    assert answer.page.xpath("//dd/text()")[:3] == [
        "Riverbend <leads@clinic.example.com>",
        "frontdesk@clinic.example.com",
        "cc@example.com",
    ]
    assert "Monday, March 3, 2025 at 6:06:42 AM EST" in answer.words, "in the clinic's time zone"
    assert answer.page.xpath("//pre/text()") == ["Text 2"]
    assert answer.page.xpath("//iframe/@srcdoc")[0].endswith("<p>HTML 2</p>")


def test_a_hostile_email_is_inert() -> None:
    hostile = mail(
        7,
        MessageId="b?<script>#&quot;%41",
        Source="<script>alert(5)</script>",
        Subject=HOSTILE_SUBJECT,
        BodyHtml=HOSTILE_HTML,
        BodyText=HOSTILE_TEXT,
    )
    with mailbox_before({"messages": {"000000000000": [hostile, mail(1, MessageId="<x>&y")]}}) as recipient:
        listed = get(recipient)
        answer = get(recipient, listed.page.xpath("//li/a/@href")[0])
        other = get(recipient, listed.page.xpath("//li/a/@href")[1])
    assert listed.page.xpath("//li/a/text()")[0] == HOSTILE_SUBJECT
    assert other.page.xpath("//h1/text()") == ["Subject 1"]
    assert answer.page.xpath("//h1/text()") == [HOSTILE_SUBJECT]
    assert answer.page.xpath("//title/text()") == [HOSTILE_SUBJECT]
    assert answer.page.xpath("//pre/text()") == [HOSTILE_TEXT]
    for shown in (listed, answer):
        assert not shown.page.xpath("//script | //img | //@onerror")
    (frame,) = answer.page.xpath("//iframe")
    assert frame.get("srcdoc", "").endswith(HOSTILE_HTML)
    # To do harm, an email would need to run scripts, send forms, or use our origin or our tab.
    allowed = set(frame.get("sandbox", "allow-scripts").split())
    assert allowed <= {"allow-popups", "allow-popups-to-escape-sandbox"}
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["content-security-policy"].endswith("form-action 'none'")


def test_an_empty_mailbox_says_so() -> None:
    with mailbox_before({"messages": {}}) as recipient:
        assert "No emails yet" in get(recipient).words
        assert json.loads(get(recipient, "/messages.json").body) == []


def test_an_email_without_a_part_says_so() -> None:
    with mailbox_before({"messages": {"0": [mail(1, BodyHtml="", Subject="")]}}) as recipient:
        answer = get(recipient, "/messages/1@email.amazonses.com")
    assert not answer.page.xpath("//iframe")
    assert "This email has no HTML part." in answer.words
    assert "(no subject)" in answer.words


@pytest.mark.parametrize("path", ["/messages/unknown", "/messages", "/messages/1/2", "/favicon.ico"])
def test_an_unknown_path_of_the_mailbox_page_is_answered_in_words(path: str) -> None:
    with mailbox_before({"messages": {}}) as recipient:
        answer = get(recipient, path)
    assert answer.status == 404
    assert "does not exist" in answer.words


@pytest.mark.parametrize("path", ["/", "/messages/1"])
def test_an_unreachable_aws_is_said_in_words(path: str, capfd: pytest.CaptureFixture[str]) -> None:
    aws = f"http://{HOST}:{free_port()}"
    with serving(mailbox_server(0, Outbox(aws))) as recipient:
        answer = get(recipient, path)
    assert answer.status == 502
    assert f"The local AWS at {aws} cannot be reached." in answer.words
    assert answer.page.xpath("//meta[@http-equiv='refresh']"), "the page must recover on its own"
    assert capfd.readouterr().err == ""


def test_programs_are_told_of_an_unreachable_aws_in_json() -> None:
    with serving(mailbox_server(0, Outbox(f"http://{HOST}:{free_port()}"))) as recipient:
        answer = get(recipient, "/messages.json")
    assert answer.status == 502
    assert "cannot be reached" in json.loads(answer.body)["error"]


@pytest.mark.parametrize("document", [b"<html>", b"", b"[]", {"mails": {}}, {"messages": {"0": [{"Subject": 1}]}}])
def test_something_else_on_the_port_is_said_in_words(document: object) -> None:
    with mailbox_before(document) as recipient:
        answer = get(recipient)
    assert answer.status == 502
    assert "is not the local AWS" in answer.words


def test_requests_are_not_logged(site: str, capfd: pytest.CaptureFixture[str]) -> None:
    get(site)
    get(site, "/nothing")
    assert capfd.readouterr() == ("", "")


def test_emails_of_earlier_runs_are_kept(tmp_path: Path) -> None:
    kept = tmp_path / "outbox.json"
    with emulator_with({"messages": {"000000000000": [mail(1), mail(2)]}}) as first:
        Outbox(first, kept).keep()
    with emulator_with({"messages": {"000000000000": [mail(3)]}}) as second:
        subjects = [kept_mail["Subject"] for kept_mail in Outbox(second, kept).sent()]
    assert subjects == ["Subject 3", "Subject 2", "Subject 1"]
