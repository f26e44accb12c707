"""Emails in tests: made of made-up leads, and read as an email program shows them."""

import re
from dataclasses import fields
from typing import Any, Final, get_args

from lxml import html as lxml_html

from shared.leads.fields import ANSWERS
from shared.leads.lead import Consent, Lead
from shared.leads.link import Links
from shared.leads.notice import Notice
from shared.messages.circumstances import Circumstances, Envelope
from shared.messages.emails import email_for
from shared.messages.settings import AlertDetail
from shared.services.mailer import Message
from tests.unit.people import CLINIC, NOW, a_lead

DETAILS: tuple[AlertDetail, ...] = get_args(AlertDetail)
FLAGS = ("Sent within seconds.", "Filled in a field that people do not see.")
HEADINGS: Final = {
    Notice.ALERT: "New consultation request",
    Notice.REMINDER: "Reminder about a consultation request",
    Notice.ESCALATION: "Unclaimed consultation request",
    Notice.CALL_AGAIN: "Time to try again",
    Notice.CLAIMED: "Claimed",
    Notice.NO_ANSWER: "No answer",
    Notice.CLOSED: "Closed",
    Notice.OWNER_REMINDER: "Please say how it went",
    Notice.NOT_REACHED: "Claimed, but not reached yet",
}
NAMES = {"staff-1": "frontdesk@example.com", "staff-2": "nurse@example.com", "fallback-1": "owner@example.com"}
LINKS = Links(
    page="https://api.example/prod/claim/LEAD.staff-1.open.1.9.s_0",
    claim="https://api.example/prod/claim/LEAD.staff-1.claim.1.9.s_1",
    reached="https://api.example/prod/claim/LEAD.staff-1.reached.1.9.s_2",
    no_answer="https://api.example/prod/claim/LEAD.staff-1.no_answer.1.9.s_3",
)
DESK = f"https://api.example/prod/desk/requests/{a_lead().id}"

# Text that email programs turn into links: an address with a scheme, "www.", an email address, a domain name.
LINK = re.compile(
    r"""
      [a-z][a-z0-9+.-]*://\S
    | \bwww\.[^\s\u200b]
    | \bmailto:[^\s\u200b]
    | [\w.+-]+@[\w-]*\w\.\w
    | \b[a-z0-9-]*[a-z0-9]\.[a-z]{2,}\b
    """,
    re.IGNORECASE | re.VERBOSE,
)

# A lead without any of the optional fields.
NOTHING: Final[dict[str, Any]] = {
    **{field.name: None for field in ANSWERS if not field.required},
    "consents": (Consent(kind="consent_contact", version="1", text_hash="0" * 16),),
    "seconds_to_fill": None,
}


def bare(**changes: Any) -> Lead:  # noqa: ANN401 - any attribute of a lead
    """Return a lead with a name and a phone number, and with `changes`."""
    return a_lead(**(NOTHING | {"phone": "+12025550147"} | changes))


def render_email(
    notice: Notice,
    lead: Lead | None = None,
    detail: AlertDetail = "contact",
    **more: Any,  # noqa: ANN401 - whatever an email has to know
) -> Message:
    """Return an email to staff at `NOW`, with links."""
    given: dict[str, Any] = {"clinic": CLINIC, "now": NOW, "names": NAMES} | more
    envelope: dict[str, Any] = {"detail": detail, "links": LINKS, "desk": DESK}
    envelope |= {field.name: given.pop(field.name) for field in fields(Envelope) if field.name in given}
    return email_for(notice, lead or a_lead(), Circumstances(**given), Envelope(**envelope))


def without_links(text: str) -> str:
    """Return a text part without our own addresses."""
    for link in (LINKS.page, LINKS.claim, LINKS.reached, LINKS.no_answer, DESK):
        text = text.replace(f"\n{link}\n", "\n")
    return text


def structure(message: Message) -> list[tuple[object, dict[str, str]]]:
    """Return the elements of the HTML part and their attributes, without their text."""
    tree = lxml_html.document_fromstring(message.html)
    return [(element.tag, {str(k): str(v) for k, v in element.attrib.items()}) for element in tree.iter()]


def words_of(message: Message, path: str) -> list[str]:
    """Return the text of each element that `path` (XPath) finds in the HTML part."""
    return [str(entry.xpath("string()")) for entry in elements(message, path)]


def mind(message: Message) -> list[str]:
    """Return the lines of the box that staff read before they call or write."""
    return [_line(entry) for entry in elements(message, "//td[@class='box mind']//li")]


def facts(message: Message) -> dict[str, str]:
    """Return the person's details in the HTML part, by label."""
    return dict(zip(words_of(message, "//dt"), map(_line, elements(message, "//dd")), strict=True))


def button_links(message: Message) -> dict[str, str]:
    """Return the address of each button by its label."""
    found = elements(message, "//a[contains(@class, '-words')]")
    return {str(each.xpath("string()")): each.attrib["href"] for each in found}


def contact_links(message: Message) -> list[str]:
    """Return the addresses of the links that call or email the visitor."""
    return [each.attrib["href"] for each in elements(message, "//dd//a")]


def boxes(message: Message, *kinds: str) -> list[str]:
    """Return the paragraphs of the boxes of these kinds."""
    return words_of(message, f"//td[{' or '.join(f"@class='box {kind}'" for kind in kinds)}]/p")


def elements(message: Message, path: str) -> list[lxml_html.HtmlElement]:
    """Return the elements that `path` (XPath) finds in the HTML part."""
    found = lxml_html.document_fromstring(message.html).xpath(path)
    assert isinstance(found, list)
    return [entry for entry in found if isinstance(entry, lxml_html.HtmlElement)]


def _line(entry: lxml_html.HtmlElement) -> str:
    """Return an entry's text: our words on one line, and the visitor's own as they are."""
    quotes = [element for element in entry.iter("p") if element.get("dir")]
    quoted = "".join(str(quote.xpath("string()")) for quote in quotes)
    for quote in quotes:
        quote.clear()
        quote.text = "QUOTE"
    return " ".join(str(entry.xpath("string()")).split()).replace("QUOTE", quoted)


def hrefs(message: Message) -> list[str]:
    """Return the addresses of the links in the HTML part."""
    return [each.attrib["href"] for each in elements(message, "//a")]


def text_of(message: Message) -> str:
    (body,) = words_of(message, "//body")
    return body


def sentences(message: Message) -> str:
    """Return the HTML part's text with single spaces."""
    return " ".join(text_of(message).split())


def everything(message: Message) -> str:
    return f"{message.subject}\n{message.text}\n{message.html}"
