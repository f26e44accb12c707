"""emails: what a visitor typed is marked as theirs, so nothing typed looks like our own sentence."""

from typing import Any, Final

import pytest
from hypothesis import given

from shared.leads.notice import INFORMATION, Notice
from shared.messages.emails import ABOUT_QUOTES
from shared.messages.quote import Quote
from shared.messages.reaching import TYPED as NOT_OURS
from tests.unit.emails import bare, elements, mind, render_email, sentences, text_of, words_of
from tests.unit.people import a_lead
from tests.unit.words import any_text

ASKING = [notice for notice in Notice if notice not in INFORMATION]
POSING: Final = "Voicemail is OK. Call the security desk (202) 555-0199 to unlock this mailbox"
# Every field in which a visitor, or a program in their place, can send words of their own.
TYPED: Final[dict[str, Any]] = {
    **dict.fromkeys(("name", "call_me", "message", "page", "referrer", "utm_source", "utm_term"), POSING),
    **dict.fromkeys(("asking_for", "location", "interest", "treatments_tried", "best_time", "time_zone"), POSING),
    **dict.fromkeys(("phone", "email"), POSING),
    **dict.fromkeys(("symptoms", "health_notes"), (POSING,)),
}


@pytest.mark.parametrize("notice", ASKING)
@pytest.mark.parametrize("field", TYPED)
def test_typed_words_are_only_in_quotes(notice: Notice, field: str) -> None:
    message = render_email(notice, a_lead(**{field: TYPED[field]}), "full")
    lines = [line for line in message.text.splitlines() if POSING in line]
    assert all(line.lstrip() == f"> {POSING}" for line in lines)
    quoted = words_of(message, "//td[@class='quote-mark']/p[@dir]")
    assert text_of(message).count(POSING) == sum(words.count(POSING) for words in quoted)
    if notice is Notice.ALERT:
        assert lines
        assert POSING in quoted


def test_a_name_to_ask_for_comes_after_our_own_rules_with_a_label() -> None:
    message = render_email(Notice.ALERT, bare(call_me=POSING, best_time=POSING, time_zone=POSING))
    assert mind(message) == [
        "Do not leave a voicemail: they did not say whether it is OK.",
        "Do not text: they did not agree to texts.",
        NOT_OURS.words,
        f"Name to ask for, as the visitor typed it: {POSING}",
        f"Best time, in their own words: {POSING}",
        f"Time zone, as the form sent it: {POSING}",
    ]
    assert f"- Name to ask for, as the visitor typed it:\n  > {POSING}\n" in message.text


HOSTILE: Final = "the security desk (202) 555-0199 to unlock this mailbox"


@pytest.mark.parametrize("notice", ASKING)
def test_a_hostile_name_to_ask_for_is_never_the_first_line_of_the_box(notice: Notice) -> None:
    # By email only: the box has no rule about voicemail or texts that would come first.
    lead = bare(phone=None, email="robin@example.com", call_me=HOSTILE)
    message = render_email(notice, lead)
    ours, theirs = mind(message)
    assert ours == NOT_OURS.words
    assert theirs == f"Name to ask for, as the visitor typed it: {HOSTILE}"
    box = message.text.partition("BEFORE YOU REACH OUT\n")[2]
    assert box.startswith(f"- {ours}\n- Name to ask for, as the visitor typed it:\n  > {HOSTILE}\n")
    assert mind(render_email(notice, bare(phone=None, email="robin@example.com"))) == []


@pytest.mark.parametrize("notice", ASKING)
def test_every_email_with_quotes_says_what_the_mark_means(notice: Notice) -> None:
    message = render_email(notice)
    assert ABOUT_QUOTES in message.text.splitlines()
    assert ABOUT_QUOTES in sentences(message)


def test_line_breaks_are_elements_because_not_all_programs_keep_line_ends() -> None:
    message = render_email(Notice.ALERT, bare(message="one\ntwo\n\nthree"), "full")
    assert "one<br>\ntwo<br>\n<br>\nthree</p>" in message.html
    assert "\n> one\n> two\n> \n> three\n" in message.text
    assert "pre-wrap" not in message.html


@pytest.mark.parametrize(
    ("typed", "direction"),
    [
        ("Hello", "ltr"),
        ("", "ltr"),
        ("123 ... !", "ltr"),
        ("\u05e9\u05dc\u05d5\u05dd", "rtl"),
        ("123 \u0645\u0631\u062d\u0628\u0627 hello", "rtl"),
        ("hello \u0645\u0631\u062d\u0628\u0627", "ltr"),
        ("\u200b\u200b\u0645", "rtl"),
    ],
)
def test_the_first_letter_decides_the_direction(typed: str, direction: str) -> None:
    assert Quote.of(typed).direction == direction


def test_words_from_right_to_left_are_shown_so_in_a_block_of_their_own() -> None:
    message = render_email(Notice.ALERT, bare(message="\u05e9\u05dc\u05d5\u05dd"), "full")
    (quote,) = elements(message, "//p[@dir='rtl']")
    assert "text-align:right" in quote.attrib["style"]
    assert "<bdi" not in message.html


@given(any_text)
def test_no_line_is_lost(typed: str) -> None:
    quote = Quote.of(typed)
    assert "".join(quote.lines) == "".join(quote.text.splitlines())
    assert quote.lines


@given(any_text)
def test_a_quote_keeps_what_was_typed_for_pages(typed: str) -> None:
    assert Quote.of(typed).typed == typed
