"""References and times stay in one piece at the end of a line."""

import re

import pytest
from markupsafe import Markup

from shared.leads.response import ClaimAction
from shared.runtime.unbroken import unbroken
from tests.unit.claim_pages import Rehearsal
from tests.unit.every_email import every_email


def pieces(text: str) -> list[str]:
    return re.findall(r'<span class="whole">(.*?)</span>', unbroken(text))


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("The first, KC-A856-D60Q, was not claimed.", ["KC-A856-D60Q"]),
        ("We remind you tomorrow at 1 PM EST, and then everyone at 5:30 PM EDT.", ["1 PM EST", "5:30 PM EDT"]),
        ("Received Sun, Nov 29, 9:05 AM, 3 minutes ago", ["9:05 AM"]),
        ("Thursday, March 5, 2026 at 5:30 AM +14", ["5:30 AM +14"]),
        ("It has been waiting for 16 minutes.", []),
    ],
)
def test_a_reference_and_a_time_are_not_broken(text: str, whole: list[str]) -> None:
    assert pieces(text) == whole
    assert unbroken(text).striptags() == text


def test_the_rest_is_escaped() -> None:
    assert unbroken('<b>"A & B"</b> at 9 AM').startswith("&lt;b&gt;&#34;A &amp; B&#34;&lt;/b&gt; at <span")


def test_an_email_brings_its_own_style() -> None:
    assert unbroken("at 9 AM", Markup('style="x"')) == 'at <span style="x">9 AM</span>'


def test_the_page_of_a_link_keeps_times_in_one_piece() -> None:
    body = (desk := Rehearsal()).get(desk.link(ClaimAction.CLAIM)).body
    assert ".whole { white-space: nowrap; }" in body
    assert re.search(r'we.{1,6}ll remind you \w+ at <span class="whole">[^<]+ [AP]M E[DS]T</span>', body)


def test_emails_keep_times_in_one_piece() -> None:
    ours = {name: message.html for name, message in every_email().items() if ">Reached<" in message.html}
    assert ours
    for name, html in ours.items():
        assert re.search(r'received [^<]+<span class="whole" style="white-space:nowrap;">[^<]+ [AP]M', html), name
