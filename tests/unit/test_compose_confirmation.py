"""emails: the visitor's confirmation says what happens next and where to get help, and quotes nothing they typed."""

import re
from dataclasses import replace

from shared.leads.clinic import Help
from shared.messages.emails import confirmation
from shared.text.en import thanks
from tests.unit.emails import LINK, sentences, text_of, words_of
from tests.unit.people import CLINIC, HELP_PHONE

REFERENCE = "KC-7Q2M-4XHD"
MAIL = confirmation(REFERENCE, CLINIC, Help(clinic_phone=HELP_PHONE))


def test_the_subject_is_discreet() -> None:
    assert MAIL.subject == f"We have your request ({REFERENCE})"
    assert words_of(MAIL, "//title") == [MAIL.subject]


def test_it_says_what_comes_next_where_help_is_and_how_to_withdraw_or_erase() -> None:
    for part in (" ".join(MAIL.text.split()), sentences(MAIL)):
        places = [
            part.index(words)
            for words in (
                " ".join(thanks.TITLE.split()),
                CLINIC.name,
                f"Your reference is {REFERENCE}.",
                thanks.NEXT,
                "In danger? Call 911.",
                "In crisis? Call 988 or text 988, day or night.",
                f"To reach the clinic, call {HELP_PHONE}.",
                "You can withdraw your consent at any time",
                "ask us to erase it",
                f"Call us at {HELP_PHONE} and tell us your reference, {REFERENCE}.",
                "nobody reads the replies",
                "If you didn't send us a request",
            )
        ]
        assert places == sorted(places)


def test_both_parts_say_the_same_in_the_same_order() -> None:
    in_text, in_html = (re.sub(r"\W", "", part.lower()) for part in (MAIL.text, text_of(MAIL)))
    assert in_text == in_html
    assert "\n\n\n" not in MAIL.text


def test_a_touch_calls_and_nothing_leads_to_a_page() -> None:
    assert re.findall('href="([^"]+)"', MAIL.html) == ["tel:911", "tel:988", "sms:988", *["tel:2025550143"] * 2]
    assert not LINK.search(MAIL.text)
    assert "src=" not in MAIL.html


def test_a_clinics_words_are_escaped_in_html_and_plain_in_text() -> None:
    clinic = replace(CLINIC, name="Brook & <b>Sons</b>")
    message = confirmation(REFERENCE, clinic, Help(clinic_phone="<b>1</b>"))
    assert "Brook & <b>Sons</b>" in message.text
    assert words_of(message, "//b") == []
