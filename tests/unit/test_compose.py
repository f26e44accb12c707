"""emails: an alert shows how to reach a person safely and the details that the clinic chose.

Text from a visitor is never active in it.
"""

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

import pytest
from hypothesis import assume, example, given
from lxml import html as lxml_html

from shared.leads.clinic import Place
from shared.leads.contact import normalize_email
from shared.leads.fields import ANSWERS, Kind, Section, Shown, shown_in
from shared.leads.lead import AlsoSent, Consent, Lead, Priority
from shared.leads.notice import INFORMATION, Notice
from shared.messages.inert import inert
from shared.messages.settings import AlertDetail
from shared.messages.wording import SUBJECT_PREFIX
from shared.services.mailer import Message
from submit.clean import multi_line, single_line
from submit.new_lead import new_lead
from submit.request import parse_request
from tests.unit import choices
from tests.unit.emails import (
    DETAILS,
    FLAGS,
    LINK,
    bare,
    everything,
    facts,
    mind,
    render_email,
    sentences,
    structure,
    text_of,
    without_links,
    words_of,
)
from tests.unit.people import CLINIC, ENGLISH, IDS, NOW, PLACES, a_lead, but, everywhere, forms
from tests.unit.words import CANARY, any_text

HOSTILE = [
    "<script>alert(1)</script>",
    "</dd></dl><img src=x onerror=alert(1)>",
    "</bdi></li></ul></div><h1>URGENT</h1>",
    '"><a href="https://evil.example.net">Confirm</a>',
    "' onmouseover='x",
    "<!-- ",
    "]]></style><style>*{display:none}",
    "</title><base href=//evil.example.net>",
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

# Text attributes of a lead that emails show, each with a harmless value that is shown in the same way. Fields with a
# list of choices are checked on arrival, but the alert does not rely on that.
SHOWN_TEXT: Final[dict[str, Any]] = {
    "name": "Bo",
    "call_me": "Bo",
    "message": "Hello",
    "page": "https://www.clinic.example/",
    "referrer": "https://search.example/",
    "utm_source": "letter",
    "utm_medium": "letter",
    "utm_campaign": "letter",
    "utm_term": "letter",
    "utm_content": "letter",
    "asking_for": "nobody",
    "best_time": "never",
    "time_zone": "Nowhere/Land",
    "locale": "nowhere",
    "location": "elsewhere",
    "interest": "nothing",
    "treatments_tried": "many",
    "phone": "no number",
    "symptoms": ("none",),
    "health_notes": ("unknown",),
}
# The same for fields added to the table later.
SHOWN_TEXT.update(
    {
        field.name: ("letter",) if field.kind is Kind.SEVERAL else "letter"
        for field in ANSWERS
        if field.kind in {Kind.TEXT, Kind.LONG_TEXT, Kind.CHOICE, Kind.SEVERAL} and isinstance(field.shown, Shown)
        if field.name not in {*SHOWN_TEXT, "preferred_contact"}
    }
)
# Text that is not shown, or decides what is shown (the preferred way), or is shown unchanged (an address; see below).
NOT_SHOWN_TEXT = {"id", "fingerprint", "turnstile_token", "preferred_contact", "email", "form"}


def in_place_of(values: dict[str, Any], typed: str) -> dict[str, Any]:
    """Return `values` with `typed` for each, in a tuple of one for tuples."""
    return {field: (typed,) if isinstance(value, tuple) else typed for field, value in values.items()}


def without_lines(elements: list[tuple[object, dict[str, str]]]) -> list[tuple[object, dict[str, str]]]:
    """Return elements without line breaks and directions, which depend on what was typed."""
    return [
        (
            tag,
            {name: value for name, value in attributes.items() if tag != "p" or name not in {"dir", "class", "style"}},
        )
        for tag, attributes in elements
        if tag != "br"
    ]


def without_targets(elements: list[tuple[object, dict[str, str]]]) -> list[tuple[object, dict[str, str]]]:
    return [(tag, attributes | ({"href": ""} if tag == "a" else {})) for tag, attributes in elements]


def agreed(*kinds: str) -> tuple[Consent, ...]:
    return tuple(Consent(kind=kind, version="1", text_hash="0" * 16) for kind in kinds)


def visible(lead: Lead, detail: AlertDetail, flags: tuple[str, ...] = ()) -> Message:
    return render_email(Notice.ALERT, lead, detail, flags=flags)


def talking_points(message: Message) -> list[str]:
    return words_of(message, "//h2[.='Talking points for the call']/following-sibling::ul[1]/li")


def classes_of(message: Message) -> set[str]:
    return {name for _, attributes in structure(message) for name in attributes.get("class", "").split()}


ASK_FOR: Final = "Name to ask for, as the visitor typed it"
CAME_FROM = [field.name for field, _ in shown_in(Section.CAME_FROM)]
CONTACT_FIELDS = {field.name for field, _ in shown_in(Section.WHO, Section.WAYS, Section.MIND)}

# --- hostile words ----------------------------------------------------------------------------------------------------


def test_no_text_of_a_lead_is_forgotten_here() -> None:
    text = {field.name for field in ANSWERS if field.kind is not Kind.YES_NO}
    assert set(SHOWN_TEXT) | NOT_SHOWN_TEXT == text | {"id", "fingerprint"}


@pytest.mark.parametrize("detail", DETAILS)
@pytest.mark.parametrize("field", SHOWN_TEXT)
def test_hostile_words_add_no_element_no_attribute_and_no_link(detail: AlertDetail, field: str) -> None:
    tame = a_lead(email=None, **{field: SHOWN_TEXT[field]})
    expected = structure(visible(tame, detail))
    for typed in HOSTILE:
        hostile = a_lead(email=None, **in_place_of({field: SHOWN_TEXT[field]}, typed))
        message = visible(hostile, detail)
        assert structure(message) == expected
        assert message.subject == f"{tame.reference} New consultation request"
        assert not LINK.search(without_links(message.text))
        assert not LINK.search(text_of(message))


@pytest.mark.parametrize("notice", [notice for notice in Notice if notice not in INFORMATION])
@pytest.mark.parametrize("typed", HOSTILE)
def test_hostile_words_in_every_field_at_once_arrive_as_they_are(typed: str, notice: Notice) -> None:
    message = render_email(notice, a_lead(email=None, **in_place_of(SHOWN_TEXT, typed)), "full")
    assert structure(message) == structure(render_email(notice, a_lead(email=None, **SHOWN_TEXT), "full"))
    shown = set(SHOWN_TEXT) if notice is Notice.ALERT else CONTACT_FIELDS & set(SHOWN_TEXT)
    for part in (message.text, text_of(message)):
        assert part.count(inert(typed)) == len(shown)


@pytest.mark.parametrize("typed", [*HOSTILE, "a&b'c`{d}|e@example.com"])
@pytest.mark.parametrize("preferred", ["phone", "email"])
def test_not_even_an_address_that_was_never_checked_adds_an_element(typed: str, preferred: str) -> None:
    message = visible(a_lead(email=typed, preferred_contact=preferred), "full")
    tame = "robin@example.com" if normalize_email(typed) == typed else "no address"
    expected = structure(visible(a_lead(email=tame, preferred_contact=preferred), "full"))
    assert without_targets(structure(message)) == without_targets(expected)
    assert typed in text_of(message).replace("\u200b", "")
    assert typed not in message.subject


@pytest.mark.parametrize("typed", HOSTILE)
def test_what_was_also_sent_is_shown_with_the_message_as_it_was_sent(typed: str) -> None:
    tame = visible(a_lead(email=None, also_sent=(AlsoSent("insurance", "x"), AlsoSent("interest", "both"))), "full")
    assert "insurance: x" in text_of(tame)
    assert "What would you like help with: both" in text_of(tame)
    hostile = visible(a_lead(email=None, also_sent=(AlsoSent(typed, typed), AlsoSent("best_time", typed))), "full")
    assert not LINK.search(without_links(hostile.text))
    assert not LINK.search(text_of(hostile))
    kept_back = visible(a_lead(email=None, also_sent=(AlsoSent("insurance", "Aetna"),)), "contact")
    assert "Aetna" not in text_of(kept_back)


def test_what_was_also_sent_about_the_contact_is_shown_with_it() -> None:
    also = (
        AlsoSent("phone", "202-555-0143 (cell)"),
        AlsoSent("best_time", "morning"),
        AlsoSent("in_crisis", "yes, pills"),
    )
    shown = visible(a_lead(also_sent=also), "contact")
    for _, value in also:
        assert value in text_of(shown)
    assert "202-555-0143 (cell)" not in text_of(visible(a_lead(also_sent=also), "reference"))


def test_an_address_that_may_be_used_can_be_copied_and_another_is_inert() -> None:
    may = visible(bare(email="robin@example.com", preferred_contact="email"), "contact")
    assert facts(may)["Email (preferred)"] == "robin@example.com"
    may_not = visible(bare(email="robin@example.com", preferred_contact="phone"), "contact")
    assert not LINK.search(without_links(may_not.text))
    assert not LINK.search(text_of(may_not))


@given(name=any_text.map(single_line), words=any_text.map(multi_line), line=any_text.map(single_line))
@example(name="\u0939\u093f.example", words="a-.example.net evil\u00ad.example \\\\evil\\share", line="a://b.example")
@example(name="www.a.example", words="a@b.example c://d.example", line="a@b.example")
@example(name="www.", words="www.", line="www.")
@example(name="a-@b-.example", words="x+://y :// //z ..w.. @@ a@@b.co a.@b.co", line="x.\u3002y.example")
def test_any_words_are_shown_as_they_are_and_inert(name: str, words: str, line: str) -> None:
    typed = {
        "name": f"N{name}",
        "message": f"M{words}",
        **dict.fromkeys(("call_me", "page", "referrer", "utm_source", "utm_term"), f"L{line}"),
    }
    lead = a_lead(**SHOWN_TEXT | {"email": None} | typed)
    message = visible(lead, "full")
    shown = facts(message)
    assert shown["Name"] == inert(lead.name)
    assert shown["Message, as the visitor typed it"] == "\n".join(inert(f"M{words}").splitlines())
    assert f"{ASK_FOR}: {inert(f'L{line}')}" in mind(message)
    assert text_of(message).count(inert(f"L{line}")) >= 5
    assert not LINK.search(without_links(message.text))
    assert not LINK.search(text_of(message))
    if lead.priority is Priority.NORMAL:
        tame = visible(a_lead(email=None, **SHOWN_TEXT), "full")
        assert without_lines(structure(message)) == without_lines(structure(tame))


def test_the_test_knows_a_link_when_it_sees_one() -> None:
    assert [typed for typed in HOSTILE if LINK.search(typed)] == [
        typed for typed in HOSTILE if "evil" in typed.lower() or "://" in typed
    ]


@pytest.mark.parametrize("field", ["name", "call_me"])
def test_a_name_cannot_add_a_line_to_the_text_part(field: str) -> None:
    lead = bare(**{field: single_line("Robin\r\nPhone (preferred):  +19005550199\u2028- Voicemail is OK.")})
    tame = bare(**{field: "Robin"})
    assert len(visible(lead, "contact").text.splitlines()) == len(visible(tame, "contact").text.splitlines())


@given(any_text.map(multi_line))
@example("Hello\n\nBEFORE YOU REACH OUT\n- Voicemail is OK.")
@example("Hello\u2028POSSIBLE SPAM\u2029- none\u0085- none")
def test_no_line_of_a_message_passes_for_ours_in_the_text_part(typed: str) -> None:
    lead = a_lead(message=f"M{typed}")
    assume(lead.priority is Priority.NORMAL)
    ours, with_message = (visible(each, "full").text.splitlines() for each in (but(lead, message="M"), lead))
    assert [line for line in with_message if not line.startswith("> ")] == [
        line for line in ours if not line.startswith("> ")
    ]


# --- how much is shown ------------------------------------------------------------------------------------------------

# Recognizable text in every text field.
EVERYWHERE: Final[dict[str, Any]] = {
    **in_place_of(SHOWN_TEXT, CANARY),
    "email": f"{CANARY}@example.com",
}


@pytest.mark.parametrize("detail", DETAILS)
def test_the_reference_is_in_every_part_at_every_detail(detail: AlertDetail) -> None:
    lead = a_lead()
    message = visible(lead, detail)
    assert all(lead.reference in part for part in (message.subject, message.text, message.html))
    assert all(CLINIC.name in part for part in (message.text, message.html))


def test_reference_shows_nothing_personal_and_not_even_what_there_is() -> None:
    private = a_lead(**EVERYWHERE, preferred_contact="email")
    message = visible(private, "reference")
    assert CANARY not in everything(message)
    assert message == visible(bare(), "reference")


def test_contact_shows_how_to_reach_the_person_and_none_of_the_rest() -> None:
    secret = {field: value for field, value in EVERYWHERE.items() if field not in CONTACT_FIELDS}
    message = visible(a_lead(**secret), "contact")
    assert CANARY not in everything(message)
    assert set(facts(message)) == {"Name", "Asking for", "Phone (preferred)", "Email", "Would like to come to"}
    known = [*choices.INTEREST.values(), *choices.SYMPTOMS.values(), "treatment", "psychosis", "pregnan", "came from"]
    seen = everything(visible(a_lead(health_notes=tuple(choices.HEALTH_NOTES)), "contact")).lower()
    assert [words for words in known if words.lower() in seen] == []


@pytest.mark.parametrize("field", EVERYWHERE)
def test_full_shows_every_field(field: str) -> None:
    message = visible(a_lead(**{field: EVERYWHERE[field]}), "full")
    assert CANARY in message.text
    assert CANARY in text_of(message)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"message": "Hello"}, "a message"),
        ({"interest": "anxiety"}, "answers about health"),
        ({"symptoms": ("fatigue",)}, "answers about health"),
        ({"treatments_tried": "none"}, "answers about health"),
        ({"health_notes": ("none",)}, "answers about health"),
        ({"message": "Hello", "interest": "other"}, "a message and answers about health"),
    ],
)
def test_contact_says_that_there_is_more(changes: dict[str, Any], words: str) -> None:
    message = visible(bare(**changes), "contact")
    expected = (
        f"The request also has {words}. To keep health details out of mailboxes, this email does not show everything."
    )
    assert expected in message.text
    assert expected in sentences(message)
    assert "does not show everything" not in everything(visible(bare(**changes), "full"))


def test_contact_says_nothing_of_more_where_there_is_none() -> None:
    assert "does not show everything" not in everything(visible(bare(), "contact"))


def test_full_shows_all_that_the_person_said() -> None:
    message = visible(but(a_lead(), **dict.fromkeys(CAME_FROM)), "full")
    assert facts(message) == {
        "Name": "Robin Example",
        "Asking for": "A family member or friend",
        "Phone (preferred)": "+1 202-555-0147",
        "Email": f"{inert('robin@example.com')} Do not email: they asked for another way.",
        "Would like to come to": "Downtown, 12 Example Street",
        "Would like help with": "Depression",
        "Living with": "Low mood, Insomnia",
        "Message, as the visitor typed it": "I would like to know more.",
    }
    assert talking_points(message) == [
        "Has tried two or more treatments.",
        "Ask about pregnancy or nursing.",
        "Prefers to discuss health history on the call.",
    ]


@pytest.mark.parametrize("detail", ["contact", "full"])
def test_an_unanswered_field_leaves_no_empty_line(detail: AlertDetail) -> None:
    message = visible(bare(), detail)
    assert facts(message) == {"Name": "Robin Example", "Phone": "+1 202-555-0147"}
    assert mind(message) == [
        "Do not leave a voicemail: they did not say whether it is OK.",
        "Do not text: they did not agree to texts.",
    ]
    for absent in ("Email", "Best time", "Message", "TALKING", "Talking", "None", "news", "came from", "SPAM"):
        assert absent not in message.text
        assert absent not in text_of(message)
    assert "\n\n\n" not in message.text


@pytest.mark.parametrize("detail", DETAILS)
@given(form=forms)
def test_both_parts_say_the_same_in_the_same_order(detail: AlertDetail, form: dict[str, object]) -> None:
    message = visible(new_lead(parse_request(form, CLINIC, ENGLISH), NOW, CLINIC, IDS), detail, FLAGS)
    in_text, in_html = (re.sub(r"\W", "", part.lower()) for part in (without_links(message.text), text_of(message)))
    assert in_text == in_html


@pytest.mark.parametrize(
    ("lead", "flags"),
    [
        (a_lead(), FLAGS),
        (a_lead(in_crisis=True), ()),
        (a_lead(message="I want to die", voicemail_ok=False), ()),
        (bare(phone=None, email="robin@example.com", in_crisis=True), FLAGS),
        (bare(), ()),
    ],
)
@pytest.mark.parametrize("detail", DETAILS)
def test_lines_have_at_most_one_empty_line_between_them(
    lead: Lead, flags: tuple[str, ...], detail: AlertDetail
) -> None:
    text = visible(lead, detail, flags).text
    assert "\n\n\n" not in text
    assert text.strip() == text.removesuffix("\n")


# --- what comes first -------------------------------------------------------------------------------------------------

CRISIS_WORDS = "I want to end it all"
IF_NOT_REACHED = (
    "If you cannot reach them, keep trying, call or text 988 for advice, and call 911 if you think anyone is in danger."
)


@pytest.mark.parametrize("detail", DETAILS)
@pytest.mark.parametrize(
    ("changes", "prefix"),
    [({}, ""), ({"message": CRISIS_WORDS}, "Read first: "), ({"in_crisis": True}, "URGENT: ")],
)
def test_the_subject_is_how_urgent_and_the_reference_only(
    detail: AlertDetail, changes: dict[str, Any], prefix: str
) -> None:
    lead = a_lead(**changes)
    message = visible(lead, detail, FLAGS)
    assert message.subject == f"{lead.reference} {prefix}New consultation request"
    assert words_of(message, "//title") == words_of(message, "//h1") == [message.subject]
    assert message.subject in message.text.splitlines()


def test_every_priority_has_a_subject() -> None:
    assert set(SUBJECT_PREFIX) == set(Priority)


def first_of(message: Message) -> list[str]:
    """Return the paragraphs of the first box. It must be the first thing in both parts."""
    box = words_of(message, "//td[@class='card']/*[1]//td[@class='box first' or @class='box now']/p")
    frame, *lines = message.text.splitlines()
    if box:
        assert set(frame) == {"*"}
        assert lines[: len(box)] == box
        assert lines[len(box)] == frame
    else:
        assert "*" not in message.text
    return box


@pytest.mark.parametrize("detail", ["contact", "full"])
def test_a_person_in_crisis_is_called_now_whatever_they_chose(detail: AlertDetail) -> None:
    lead = a_lead(in_crisis=True, best_time="evening", preferred_contact="email", message=CRISIS_WORDS)
    message = visible(lead, detail)
    assert first_of(message) == [
        "CALL NOW, at any hour. This person says they are in crisis, or asks for someone who is.",
        IF_NOT_REACHED,
    ]
    assert "reach them soon" not in message.text
    assert "now" in classes_of(message)


def test_a_person_in_crisis_without_a_number_gets_an_email_now() -> None:
    message = visible(bare(phone=None, email="robin@example.com", in_crisis=True), "contact")
    assert first_of(message)[0] == (
        "There is no phone number: EMAIL NOW, at any hour. "
        "This person says they are in crisis, or asks for someone who is."
    )


@pytest.mark.parametrize("detail", ["contact", "full"])
@pytest.mark.parametrize("field", ["message", "name", "call_me"])
def test_words_of_crisis_are_told_without_a_verdict(detail: AlertDetail, field: str) -> None:
    message = visible(bare(**{field: CRISIS_WORDS}), detail)
    assert first_of(message) == [
        "This request contains words that people in crisis use.",
        "Read it first, and call soon.",
    ]
    assert "now" not in classes_of(message)
    by_mail = bare(phone=None, email="robin@example.com", message=CRISIS_WORDS)
    assert first_of(visible(by_mail, detail))[1] == "Read it first, and email soon."


@pytest.mark.parametrize("changes", [{"in_crisis": True}, {"message": CRISIS_WORDS}])
def test_reference_says_that_it_is_urgent_and_not_why(changes: dict[str, Any]) -> None:
    message = visible(a_lead(**changes), "reference")
    assert first_of(message) == ["Urgent: look at this request first."]
    assert "crisis" not in everything(message).lower()
    assert "988" not in message.text


@pytest.mark.parametrize("detail", DETAILS)
@pytest.mark.parametrize("in_crisis", [None, False])
def test_other_requests_have_no_box(detail: AlertDetail, *, in_crisis: bool | None) -> None:
    message = visible(a_lead(in_crisis=in_crisis), detail)
    assert first_of(message) == []
    assert "crisis" not in text_of(message)


# --- how to reach them without harm -----------------------------------------------------------------------------------


@pytest.mark.parametrize("detail", ["contact", "full"])
def test_the_warnings_come_before_the_name_and_the_number(detail: AlertDetail) -> None:
    message = visible(a_lead(), detail)
    for part in (message.text, text_of(message)):
        places = [part.lower().index(words) for words in ("before you reach out", "best time", "robin", "0147")]
        assert places == sorted(places)


@pytest.mark.parametrize(
    ("voicemail_ok", "discreet", "words", "forbids"),
    [
        (False, None, "Do NOT leave a voicemail.", True),
        (None, None, "Do not leave a voicemail: they did not say whether it is OK.", True),
        (True, None, "Voicemail is OK.", False),
        (True, False, "Voicemail is OK.", False),
        (True, True, "Voicemail is OK, but do not name the clinic in it.", False),
        (False, True, "Do NOT leave a voicemail.", True),
    ],
)
def test_the_first_thing_to_mind_is_the_voicemail(
    voicemail_ok: bool | None,  # noqa: FBT001 - as the lead has it
    discreet: bool | None,  # noqa: FBT001
    words: str,
    forbids: bool,  # noqa: FBT001
) -> None:
    message = visible(a_lead(voicemail_ok=voicemail_ok, discreet=discreet), "contact")
    assert mind(message)[0] == words
    assert (words in words_of(message, "//strong")) is forbids
    lines = message.text.splitlines()
    assert lines[lines.index("BEFORE YOU REACH OUT") + 1] == f"- {words}"


def test_without_a_phone_nothing_is_said_of_voicemail_and_texts() -> None:
    lead = bare(
        phone=None, email="robin@example.com", voicemail_ok=False, consents=agreed("consent_contact", "consent_texts")
    )
    message = visible(lead, "contact")
    assert mind(message) == []
    assert "REACH OUT" not in message.text


@pytest.mark.parametrize(("discreet", "said"), [(True, True), (False, False), (None, False)])
def test_a_person_who_asks_for_discretion_is_reached_discreetly(discreet: bool | None, said: bool) -> None:  # noqa: FBT001
    words = "Be discreet: do not name the clinic to anyone but the person."
    for lead in (bare(discreet=discreet), bare(phone=None, email="robin@example.com", discreet=discreet)):
        message = visible(lead, "contact")
        assert (words in mind(message)) is said
        assert (words in words_of(message, "//strong")) is said
        assert (f"- {words}" in message.text.splitlines()) is said


def test_another_name_to_ask_for_is_said() -> None:
    message = visible(bare(call_me="Sam"), "contact")
    assert f"{ASK_FOR}: Sam" in mind(message)
    assert f"- {ASK_FOR}:\n  > Sam\n" in message.text


@pytest.mark.parametrize(
    ("preferred", "kinds", "words"),
    [
        ("text", ("consent_texts",), "You may text them."),
        (None, ("consent_texts",), "You may text them."),
        ("phone", ("consent_texts",), "They agreed to texts but prefer a phone call."),
        ("email", ("consent_texts",), "They agreed to texts but prefer an email."),
        ("phone", ("consent_contact", "consent_email_news"), "Do not text: they did not agree to texts."),
        ("text", (), "Do not text: they did not agree to texts."),
        (None, (), "Do not text: they did not agree to texts."),
    ],
)
def test_only_people_who_agreed_are_texted(preferred: str | None, kinds: tuple[str, ...], words: str) -> None:
    lead = bare(email="robin@example.com", preferred_contact=preferred, consents=agreed(*kinds))
    message = visible(lead, "contact")
    assert [point for point in mind(message) if "text" in point.lower()] == [words]
    assert (words in words_of(message, "//strong")) is words.startswith("Do not")


@pytest.mark.parametrize("preferred", ["phone", "text"])
def test_an_address_that_may_not_be_used_says_so_beside_it(preferred: str) -> None:
    message = visible(bare(email="robin@example.com", preferred_contact=preferred), "contact")
    assert words_of(message, "//dd/span[@class='warning']") == ["Do not email: they asked for another way."]
    assert f"Email:\n> {inert('robin@example.com')}\n(Do not email: they asked for another way.)\n" in message.text


@pytest.mark.parametrize("changes", [{"preferred_contact": "email"}, {}, {"phone": None, "preferred_contact": "phone"}])
def test_an_address_that_may_be_used_has_no_warning(changes: dict[str, Any]) -> None:
    assert "Do not email" not in everything(visible(bare(email="robin@example.com", **changes), "contact"))


def best_time(message: Message) -> list[str]:
    said = [point for point in mind(message) if point.startswith(("Best time", "Time zone"))]
    assert [f"- {point}" for point in said] == [
        line for line in message.text.splitlines() if line.startswith(("- Best time", "- Time zone"))
    ]
    return said


@pytest.mark.parametrize(("choice", "words"), choices.BEST_TIME.items())
def test_the_best_time_is_said_in_words(choice: str, words: str) -> None:
    assert best_time(visible(bare(best_time=choice), "contact")) == [f"Best time: {words}"]


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("America/New_York", "America/New York time"),
        ("America/Detroit", "America/Detroit time"),
        (
            "America/Los_Angeles",
            "America/Los Angeles time. Their local time was Wednesday, 7:30 AM when this request came in.",
        ),
        (
            "Pacific/Kiritimati",
            "Pacific/Kiritimati time. Their local time was Thursday, 5:30 AM when this request came in.",
        ),
    ],
)
def test_the_best_time_is_the_persons_own(zone: str, words: str) -> None:
    assert best_time(visible(bare(best_time="evening", time_zone=zone), "contact")) == [
        f"Best time: In the evening, {words}"
    ]


def test_a_time_zone_is_said_without_a_best_time_too() -> None:
    message = visible(bare(time_zone="America/Denver"), "contact")
    assert best_time(message) == [
        "Time zone: America/Denver. Their local time was Wednesday, 8:30 AM when this request came in."
    ]


def test_clocks_are_compared_at_the_time_of_the_request() -> None:
    summer = datetime(2026, 7, 1, 12, tzinfo=UTC)
    phoenix = replace(CLINIC, time_zone="America/Phoenix")
    in_winter, in_summer = (
        render_email(Notice.ALERT, bare(time_zone="America/Denver", received_at=moment), clinic=phoenix).text
        for moment in (NOW, summer)
    )
    assert "Their local time" not in in_winter
    assert "Their local time was Wednesday, 6:00 AM when" in in_summer


FOR_STAFF: Final = {
    "self": "Themselves",
    "family_or_friend": "A family member or friend",
    "patient": "A patient (they are a clinician)",
}


# --- who it is, and what they said ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("preferred", "labels"),
    [
        ("phone", ["Phone (preferred)", "Email"]),
        ("text", ["Phone (text preferred)", "Email"]),
        ("email", ["Email (preferred)", "Phone"]),
        (None, ["Phone", "Email"]),
    ],
)
def test_the_preferred_way_comes_first_and_is_marked(preferred: str | None, labels: list[str]) -> None:
    message = visible(bare(email="robin@example.com", preferred_contact=preferred), "contact")
    assert re.findall(r"^((?:Phone|Email).*?):", message.text, re.MULTILINE) == labels
    assert [label for label in facts(message) if label.startswith(("Phone", "Email"))] == labels


@pytest.mark.parametrize(
    ("field", "detail", "label", "offered"),
    [
        ("asking_for", "contact", "Asking for", FOR_STAFF),
        ("location", "contact", "Would like to come to", PLACES),
        ("interest", "full", "Would like help with", choices.INTEREST),
    ],
)
def test_a_choice_is_said_in_words(field: str, detail: AlertDetail, label: str, offered: choices.Choices) -> None:
    for choice, words in offered.items():
        message = visible(bare(**{field: choice}), detail)
        assert facts(message)[label] == words
        assert f"{label}:  {words}" in message.text.splitlines()


def test_a_place_that_was_given_up_is_said_by_its_id() -> None:
    assert facts(visible(bare(location="uptown"), "contact"))["Would like to come to"] == "uptown"


def test_staff_have_words_for_everyone_who_asks() -> None:
    assert set(FOR_STAFF) == set(choices.ASKING_FOR)


def test_symptoms_are_listed_in_their_order() -> None:
    message = visible(bare(symptoms=tuple(choices.SYMPTOMS)), "full")
    assert facts(message)["Living with"] == ", ".join(choices.SYMPTOMS.values())


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"treatments_tried": "none"}, "Has not tried a treatment yet."),
        ({"treatments_tried": "one"}, "Has tried one treatment."),
        ({"treatments_tried": "two_or_more"}, "Has tried two or more treatments."),
        ({"health_notes": ("psychosis_history",)}, "Ask about psychosis, now or in the past."),
        (
            {"health_notes": ("uncontrolled_blood_pressure",)},
            "Ask about high blood pressure that is not under control.",
        ),
        ({"health_notes": ("pregnant_or_nursing",)}, "Ask about pregnancy or nursing."),
        ({"health_notes": ("substance_use",)}, "Ask about substance use."),
        ({"health_notes": ("none",)}, "Says that none of the health conditions on the form apply."),
        ({"health_notes": ("discuss_on_call",)}, "Prefers to discuss health history on the call."),
    ],
)
def test_what_prepares_the_call_is_a_point_to_talk_about(changes: dict[str, Any], words: str) -> None:
    message = visible(bare(**changes), "full")
    assert talking_points(message) == [words]
    assert f"TALKING POINTS FOR THE CALL\n- {words}\n" in message.text


def test_no_talking_point_is_a_verdict_or_an_id() -> None:
    every = [
        point
        for tried in choices.TREATMENTS_TRIED
        for point in talking_points(
            visible(a_lead(treatments_tried=tried, health_notes=tuple(choices.HEALTH_NOTES)), "full")
        )
    ]
    assert len(every) == len(choices.TREATMENTS_TRIED) * (1 + len(choices.HEALTH_NOTES))
    assert not [point for point in every if re.search(r"candidate|eligible|suitable|exclude|risk|cannot|_", point)]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"consents": agreed("consent_contact", "consent_email_news")}, True),
        ({"consents": agreed("consent_contact", "consent_texts")}, False),
        ({"consents": agreed("consent_email_news"), "email": None}, False),
    ],
)
@pytest.mark.parametrize("detail", ["contact", "full"])
def test_only_people_who_agreed_get_news(detail: AlertDetail, changes: dict[str, Any], said: bool) -> None:  # noqa: FBT001
    message = visible(bare(**{"email": "robin@example.com"} | changes), detail)
    assert ("They also agreed to get news by email." in message.text.splitlines()) is said
    assert ("They also agreed to get news by email." in sentences(message)) is said


def test_where_they_came_from_comes_last() -> None:
    message = visible(a_lead(), "full")
    expected = {
        "Form on": inert("https://www.clinic.example/request"),
        "Came from": inert("https://search.example/"),
        "Campaign source": "newsletter",
        "Medium": "email",
        "Campaign": "spring",
        "Term": "ketamine clinic",
        "Content": "blue button",
    }
    assert message.text.endswith(
        "\nWHERE THEY CAME FROM\n" + "\n".join(f"{label}:\n> {typed}" for label, typed in expected.items()) + "\n"
    )
    assert list(facts(message).items())[-len(expected) :] == list(expected.items())
    assert "CAME FROM" not in visible(a_lead(), "contact").text


def test_what_is_not_known_of_where_they_came_from_is_left_out() -> None:
    assert visible(bare(utm_term="vienna"), "full").text.endswith("\nWHERE THEY CAME FROM\nTerm:\n> vienna\n")


# --- possible spam ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("detail", DETAILS)
def test_signs_of_spam_come_last(detail: AlertDetail) -> None:
    message = visible(a_lead(), detail, FLAGS)
    assert message.text.splitlines()[-4:] == ["", "POSSIBLE SPAM", *(f"- {flag}" for flag in FLAGS)]
    assert words_of(message, "//h2[.='Possible spam']/following-sibling::*//li") == list(FLAGS)
    assert text_of(message).rstrip().endswith(FLAGS[-1])
    assert message.subject == visible(a_lead(), detail).subject


def test_the_alert_of_a_person_in_crisis_says_call_now_whatever_else_is_said() -> None:
    message = visible(a_lead(in_crisis=True, best_time="evening"), "full", FLAGS)
    for words in (message.text, text_of(message)):
        assert "spam" not in words.lower()
        assert "this request may be from a bot. act on it anyway" in words.lower()
        assert "Best time" not in words


@pytest.mark.parametrize("detail", DETAILS)
def test_without_signs_of_spam_nothing_is_said_of_it(detail: AlertDetail) -> None:
    assert "spam" not in everything(visible(a_lead(), detail)).lower()


# --- how it is sent ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("time_zone", "words"),
    [
        ("America/New_York", "Wednesday, March 4, 2026 at 10:30 AM EST"),
        ("America/Los_Angeles", "Wednesday, March 4, 2026 at 7:30 AM PST"),
        ("Pacific/Kiritimati", "Thursday, March 5, 2026 at 5:30 AM +14"),
        ("UTC", "Wednesday, March 4, 2026 at 3:30 PM UTC"),
    ],
)
def test_the_time_is_the_clinics(time_zone: str, words: str) -> None:
    clinic = replace(CLINIC, time_zone=time_zone)
    message = render_email(Notice.ALERT, detail="reference", clinic=clinic)
    assert f"received {words}" in message.text
    assert f"received {words}" in sentences(message)


def test_a_clinics_words_are_escaped_in_html_and_plain_in_text() -> None:
    clinic = replace(
        CLINIC, name="Brook & <b>Sons</b>", places=(Place(id="downtown", name=everywhere("<b>Down</b> & town")),)
    )
    message = render_email(Notice.ALERT, clinic=clinic, flags=("<b>Odd</b>",))
    assert all(words in message.text for words in (clinic.name, "<b>Down</b> & town", "<b>Odd</b>"))
    assert not lxml_html.document_fromstring(message.html).findall(".//b")
