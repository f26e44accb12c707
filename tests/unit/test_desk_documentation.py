"""docs/desk.md says what the pages say: their buttons, their numbers and the titles of what went wrong."""

import re
from typing import Final

import pytest

from desk import lists
from desk.words import refused
from desk.words.actions import BUTTONS, Act
from desk.words.lists import WORDS, Tab
from shared.store.timeline import MOST_ENTRIES
from tests.architecture.templates import FUNCTIONS, ROOT

GUIDE: Final = " ".join((ROOT / "docs/desk.md").read_text("utf-8").split())
WORDS_OF_PAGES: Final = "".join(each.read_text("utf-8") for each in (FUNCTIONS / "desk/words").glob("*.py"))
PROBLEMS: Final = GUIDE.partition("| you see | why | do |")[2]
TITLES: Final = re.findall(r"\*\*([^*]+)\*\*", PROBLEMS)


@pytest.mark.parametrize("act", Act)
def test_each_button_is_in_the_guide(act: Act) -> None:
    assert f"**{BUTTONS[act]}**" in GUIDE


@pytest.mark.parametrize("tab", Tab)
def test_each_list_is_in_the_guide(tab: Tab) -> None:
    assert f"| **{WORDS[tab].label}** |" in GUIDE


@pytest.mark.parametrize("title", TITLES)
def test_each_title_in_the_guide_is_the_title_of_a_page(title: str) -> None:
    assert len(TITLES) > 5
    assert title in WORDS_OF_PAGES


@pytest.mark.parametrize(
    "words",
    [
        f"up to {refused.MOST_NOTE:,} characters",
        f"a reason of up to {refused.MOST_REASON} characters",
        f"{lists.PAGE} requests a page",
        f"**Mine** looks at {lists.MOST_CLAIMED} claimed requests",
        f"the newest {MOST_ENTRIES} entries",
    ],
)
def test_the_numbers_in_the_guide_are_those_of_the_pages(words: str) -> None:
    assert words in GUIDE
