"""alerts.compose: an alert shows what the clinic chose, and nothing in it was made by a visitor but inert words."""

import re
from typing import Any, get_args

import pytest
from hypothesis import example, given
from lxml import html as lxml_html

from alerts.compose import compose, inert
from aws.mailer import Message
from aws.runtime.settings import AlertDetail
from leads.clinic import Clinic
from leads.lead import Lead
from leads.text import multi_line, single_line
from tests.unit.people import CLINIC, a_lead
from tests.unit.words import CANARY, any_text

DETAILS: tuple[AlertDetail, ...] = get_args(AlertDetail.__value__ if hasattr(AlertDetail, "__value__") else AlertDetail)

# What mail programs make links of: an address with a scheme, "www.", a mail address, a name with a top-level domain.
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

HOSTILE = [
    "<script>alert(1)</script>",
    "</dd></dl><img src=x onerror=alert(1)>",
    '"><a href="https://evil.example.net">Confirm</a>',
    "' onmouseover='x",
    "<!-- ",
    "]]></style><style>*{display:none}",
    "&lt;b&gt; &#x3c;b&#x3e;",
    "{{ 7*7 }} {% raw %} ${x} %(x)s",
    "http://evil.example.net/x",
    "HTTPS://EVIL.EXAMPLE.NET",
    "www.evil.example.net",
    "evil.example.net/path?x=1",
    "robin@evil.example.net",
    "mailto:robin@evil.example.net",
    "javascript:alert(1)",
    "ftp://user:pass@evil.example.net:21/",
    "file:///etc/passwd",
    "=cmd|' /C calc'!A1",
    "\\\\evil.example.net\\share",
]


def structure(message: Message) -> list[tuple[object, dict[str, str]]]:
    """Return the elements of the HTML part and their attributes, without the words between them."""
    tree = lxml_html.document_fromstring(message.html)
    return [(element.tag, {str(k): str(v) for k, v in element.attrib.items()}) for element in tree.iter()]


def shown(message: Message) -> list[str]:
    """Return what the HTML part says about the person, entry by entry."""
    return words_of(message, "dd")


def words_of(message: Message, tag: str) -> list[str]:
    return [str(entry.xpath("string()")) for entry in lxml_html.document_fromstring(message.html).iter(tag)]


def text_of(message: Message) -> str:
    (body,) = words_of(message, "body")
    return body


def everything(message: Message) -> str:
    return f"{message.subject}\n{message.text}\n{message.html}\n{message.reply_to}"


def visible(lead: Lead, detail: AlertDetail) -> Message:
    return compose(lead, detail=detail, clinic=CLINIC)


# --- hostile words ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("detail", DETAILS)
@pytest.mark.parametrize("typed", HOSTILE)
def test_hostile_words_add_no_element_no_attribute_and_no_link(detail: AlertDetail, typed: str) -> None:
    tame = a_lead(name="Robin", message="Hello", email=None)
    hostile = a_lead(name=typed, message=typed, email=None)
    message = visible(hostile, detail)
    assert structure(message) == structure(visible(tame, detail))
    assert message.subject == f"New consultation request {hostile.reference}"
    assert not LINK.search(message.text)
    assert not LINK.search(text_of(message))


@pytest.mark.parametrize("typed", [*HOSTILE, "a&b'c`{d}|e@example.com"])
def test_not_even_an_address_that_was_never_checked_adds_an_element(typed: str) -> None:
    message = visible(a_lead(email=typed), "full")
    assert structure(message) == structure(visible(a_lead(), "full"))
    assert typed in shown(message)
    assert typed not in message.subject


@given(name=any_text.map(single_line), words=any_text.map(multi_line))
@example(name="\u0939\u093f.example", words="a-.example.net evil\u00ad.example \\\\evil\\share")
@example(name="www.a.example", words="a@b.example c://d.example")
@example(name="a-@b-.example", words="x+://y :// //z ..w.. @@ a@@b.co a.@b.co")
def test_any_words_are_shown_as_they_are_and_inert(name: str, words: str) -> None:
    lead = a_lead(name=f"N{name}", message=f"M{words}", email=None)
    message = visible(lead, "full")
    entries = shown(message)
    assert entries[0] == inert(lead.name)
    assert entries[-1] == inert(lead.message or "")
    assert inert(lead.message or "") in message.text
    assert not LINK.search(message.text)
    assert structure(message) == structure(visible(a_lead(name="Robin", message="Hello", email=None), "full"))


@given(any_text)
def test_making_words_inert_changes_nothing_that_a_reader_sees(typed: str) -> None:
    typed = typed.replace("\u200b", "")
    assert inert(typed).replace("\u200b", "") == typed


def test_the_test_knows_a_link_when_it_sees_one() -> None:
    assert [typed for typed in HOSTILE if LINK.search(typed)] == [
        typed for typed in HOSTILE if "evil" in typed.lower() or "://" in typed
    ]


def test_a_name_cannot_add_a_line_to_the_text_part() -> None:
    lead = a_lead(name=single_line("Robin\r\nPhone (preferred):  +19005550199\u2028Email:  x"))
    assert len(visible(lead, "contact").text.splitlines()) == len(visible(a_lead(), "contact").text.splitlines())


# --- how much is shown ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("detail", DETAILS)
def test_the_reference_is_in_every_part_at_every_detail(detail: AlertDetail) -> None:
    lead = a_lead()
    message = visible(lead, detail)
    assert all(lead.reference in part for part in (message.subject, message.text, message.html))
    assert all(CLINIC.name in part for part in (message.text, message.html))


def test_reference_shows_nothing_personal_and_not_even_whether_there_is_a_message() -> None:
    private = a_lead(
        name=CANARY, email=f"{CANARY}@example.com", phone="+12025550199", message=CANARY, preferred_contact="email"
    )
    message = visible(private, "reference")
    assert CANARY not in everything(message)
    assert "0199" not in everything(message)
    assert "morning" not in everything(message)
    assert message.reply_to is None
    assert message == visible(a_lead(best_time=None, message=None), "reference")


def test_contact_hides_the_message_and_says_that_there_is_one() -> None:
    message = visible(a_lead(message=CANARY), "contact")
    assert CANARY not in everything(message)
    assert "There is a message." in message.text
    assert "There is a message." in message.html
    assert "There is a message." not in everything(visible(a_lead(message=None), "contact"))


def test_full_shows_all_that_the_person_said() -> None:
    message = visible(a_lead(), "full")
    for words in (
        "Robin Example",
        "+1 202-555-0147",
        "robin@example.com",
        "in the morning",
        "I would like to know more.",
    ):
        assert words in message.text
    assert "There is a message." not in everything(message)
    assert shown(message) == [
        *("Robin Example", "+1 202-555-0147", "robin@example.com", "in the morning", "I would like to know more.")
    ]


@pytest.mark.parametrize("detail", ["contact", "full"])
def test_what_was_not_said_leaves_no_empty_line_behind(detail: AlertDetail) -> None:
    message = visible(a_lead(email=None, best_time=None, message=None, preferred_contact=None), detail)
    assert shown(message) == ["Robin Example", "+1 202-555-0147"]
    for absent in ("Email", "Best time", "Message", "None"):
        assert absent not in message.text


@pytest.mark.parametrize(
    ("preferred", "labels"),
    [
        ("phone", ["Phone (preferred):", "Email:"]),
        ("email", ["Email (preferred):", "Phone:"]),
        (None, ["Phone:", "Email:"]),
    ],
)
def test_the_preferred_way_comes_first_and_is_marked(preferred: str | None, labels: list[str]) -> None:
    message = visible(a_lead(preferred_contact=preferred), "contact")
    assert re.findall(r"^(?:Phone|Email).*?:", message.text, re.MULTILINE) == labels
    assert [f"{term}:" for term in words_of(message, "dt") if term.startswith(("Phone", "Email"))] == labels


@pytest.mark.parametrize(
    ("best_time", "words"),
    [
        ("morning", "in the morning"),
        ("afternoon", "in the afternoon"),
        ("evening", "in the evening"),
        ("any", "any time"),
    ],
)
def test_the_best_time_is_said_in_words(best_time: str, words: str) -> None:
    assert f"Best time:  {words}" in visible(a_lead(best_time=best_time), "contact").text


# --- how it is sent ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("detail", "changes", "reply_to"),
    [
        ("full", {"preferred_contact": "email"}, "robin@example.com"),
        ("contact", {"preferred_contact": "email"}, "robin@example.com"),
        ("contact", {"phone": None, "preferred_contact": None}, "robin@example.com"),
        ("reference", {"preferred_contact": "email"}, None),
        ("full", {"preferred_contact": "phone"}, None),
        ("full", {"preferred_contact": None}, "robin@example.com"),
        ("full", {"email": None}, None),
    ],
)
def test_staff_can_answer_by_mail_only_where_mail_may_be_used(
    detail: AlertDetail, changes: dict[str, Any], reply_to: str | None
) -> None:
    assert visible(a_lead(**changes), detail).reply_to == reply_to


@pytest.mark.parametrize(
    ("time_zone", "words"),
    [
        ("America/New_York", "Wednesday, 4 March 2026 at 10:30 AM EST"),
        ("America/Los_Angeles", "Wednesday, 4 March 2026 at 7:30 AM PST"),
        ("Pacific/Kiritimati", "Thursday, 5 March 2026 at 5:30 AM +14"),
        ("UTC", "Wednesday, 4 March 2026 at 3:30 PM UTC"),
    ],
)
def test_the_time_is_the_clinics(time_zone: str, words: str) -> None:
    clinic = Clinic(name="Riverbend", phone="(202) 555-0143", time_zone=time_zone)
    message = compose(a_lead(), detail="reference", clinic=clinic)
    assert f"received {words}" in message.text
    assert f"received {words}" in message.html


def test_a_clinics_name_is_escaped_in_html_and_plain_in_text() -> None:
    clinic = Clinic(name="Brook & <b>Sons</b>", phone="(202) 555-0143", time_zone="UTC")
    message = compose(a_lead(), detail="reference", clinic=clinic)
    assert clinic.name in message.text
    assert not lxml_html.document_fromstring(message.html).findall(".//b")
