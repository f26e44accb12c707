"""inert: what an email client would turn into a link stays text, and everything else can be copied as it was typed."""

import pytest
from hypothesis import example, given

from shared.messages.inert import inert
from tests.unit.emails import LINK
from tests.unit.words import any_text

ZERO_WIDTH = "\u200b"


@pytest.mark.parametrize(
    "typed",
    [
        *("J.R. O'Brien", "12.5 mg", "12.5mg", "202.555.0163", "(202) 555-0163", "+1 202 555 0163 ext. 12", "10:30"),
        *("10:30am", "at 10.30am", "Ph.D.", "Ph.D.s", "a.m./p.m.", "8 a.m.-5 p.m.", "1,000.50", "$1,000.50", "and/or"),
        *("No. 5", "e.g., this", "i.e. that", "U.S.A.", "M.D.", "Dr. Example", "Note: call me", "Re: my call", "24/7"),
        *("one... two", "well ... yes", "v2.0.1", "192.0.2.1", "6/12/2026", "St. Example", "@ 5 pm", "#1", "50%", ":)"),
        *("https: no", "C:\\x", "one\n\ntwo: three", "Q.: how?", "O.K.", "p.o. twice", "5.", "."),
        *("Tel: 202.555.0163", "Good news: it works", "data: 12.5", "Good news:)", "news:...", "Tel:", "hotel:5"),
    ],
)
def test_words_that_no_client_links_can_be_copied(typed: str) -> None:
    assert inert(typed) == typed


@pytest.mark.parametrize(
    "typed",
    [
        *("http://evil.example", "HTTPS://EVIL.EXAMPLE", "hxxp://x", "ftp://a:b@evil.example:21/", "//evil.example/x"),
        *("www.evil.example", "WWW.x", "evil.example", "EVIL.Example/path?x=1", "(evil.example)", "evil.co.uk", "x.io"),
        *("robin@evil.example", "<robin@evil.example>", "robin@localhost", "mailto:robin", "tel:+12025550163"),
        *(
            "sms:988",
            "javascript:alert(1)",
            "tel:(202)555-0163",
            'news:"x',
            "\\\\evil\\share",
            "file:///etc/passwd",
            "evil.xn--p1ai",
            "b\u00fccher.example",
        ),
        *(
            "\u043f\u0440\u0438\u043c\u0435\u0440.\u0440\u0444",
            "\u0939\u093f.\u092d\u093e\u0930\u0924",
            "evil\u3002example",
        ),
        *("tired.call", "see:evil.example,please", "a.b.c.d.com", "10:30@evil.example", "a_b.com", "x-.com"),
    ],
)
def test_what_a_client_would_link_is_broken_up(typed: str) -> None:
    assert inert(typed) != typed
    assert inert(typed).replace(ZERO_WIDTH, "") == typed
    assert not LINK.search(inert(typed))


def test_only_the_word_that_is_a_link_is_changed() -> None:
    typed = "At 10:30 I take 12.5 mg. See evil.example or call 202.555.0163."
    assert inert(typed) == typed.replace("evil.example", f"evil.{ZERO_WIDTH}example")


@given(any_text)
@example("www.")
@example("x.\u3002y.example")
@example("a-.example.net evil\u00ad.example")
@example("\u017f\u017f.\u017f\u017f K.KK")
def test_no_text_is_a_link_and_none_is_lost(typed: str) -> None:
    typed = typed.replace(ZERO_WIDTH, "")
    assert inert(typed).replace(ZERO_WIDTH, "") == typed
    assert not LINK.search(inert(typed))
