"""The README and the docs written by hand: their numbers, names and links are correct."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.leads.clinic import Targets
from shared.leads.link import LINK_LIFE
from shared.leads.notice import Notice
from shared.runtime.files import clinic
from tests.architecture.templates import load
from tests.unit.mails import HEADINGS

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
README = PAGES[0].read_text("utf-8")
STAFF = (ROOT / "docs" / "staff.md").read_text("utf-8")
NUMBERS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def pointed_at(page: Path) -> Iterator[str]:
    """Yield the links and pictures of a page that are in this repository."""
    text = page.read_text("utf-8")
    for target in re.findall(
        r'\]\(([^)\s]+)\)|(?:src|srcset)="([^"]+)"', re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    ):
        link = "".join(target)
        if not link.startswith(("http:", "https:", "mailto:")):
            yield link


def anchors(page: Path) -> set[str]:
    """Return the anchors that GitHub gives the headings of a page."""
    headings = re.findall(r"^#+ (.*)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_and_pictures_of_a_page_exist(page: Path) -> None:
    for link in pointed_at(page):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{page.relative_to(ROOT)} links to {link}, which does not exist; correct the link"
        assert not anchor or anchor in anchors(target), (
            f"{page.relative_to(ROOT)} links to {link}, which has no such heading; correct the link"
        )


def test_a_picture_that_is_shown_in_light_is_there_in_dark() -> None:
    shown = re.findall(r'srcset="([^"]+)"><img src="([^"]+)"', STAFF)
    assert len(shown) >= 12, "docs/staff.md shows fewer pictures than staff meet pages and emails; add them"
    wrong = [light for dark, light in shown if dark != light.replace("-phone.png", "-phone-dark.png")]
    assert not wrong, f"docs/staff.md: give {wrong} their dark pictures in srcset, named ...-phone-dark.png"
    assert len(shown) == STAFF.count("<img "), "docs/staff.md: put each <img> into a <picture> with a dark source"


# --- what staff read --------------------------------------------------------------------------------------------------


def titles_of_refusals() -> set[str]:
    """Return the titles of the pages on which a link is refused."""
    tree = ast.parse((ROOT / "functions" / "claim" / "words.py").read_text("utf-8"))
    said = {each.name: each for each in ast.walk(tree) if isinstance(each, ast.FunctionDef)}
    titles = [
        keyword.value
        for name in ("refused", "expired", "deleted", "bad_link", "not_allowed", "out_of_reach")
        for keyword in ast.walk(said[name])
        if isinstance(keyword, ast.keyword) and keyword.arg == "title"
    ]
    texts = [each.value for title in titles for each in ast.walk(title) if isinstance(each, ast.Constant)]
    return {text for text in texts if isinstance(text, str)}


def test_staff_can_look_up_each_page_that_says_no() -> None:
    titles = titles_of_refusals()
    assert len(titles) >= 9, "functions/claim/words.py is written differently now; correct titles_of_refusals here"
    refusals = STAFF.partition("## When a button refuses")[2]
    missing = sorted(title for title in titles if f"**{title}**" not in refusals)
    assert not missing, f'docs/staff.md: under "When a button refuses", explain {missing}'


def test_staff_can_look_up_each_email_and_each_button() -> None:
    missing = [heading for heading in HEADINGS.values() if f"| **{heading}** |" not in STAFF]
    assert not missing, f"docs/staff.md: add rows for the emails {missing}"
    assert set(HEADINGS) == set(Notice), "add the new email's heading to HEADINGS in tests/unit/mails.py"
    mail = (ROOT / "functions" / "shared" / "messages" / "request.html").read_text("utf-8")
    buttons = re.findall(r'class="button[^>]*>([^<]+)</a>', mail)
    assert len(buttons) == 3, "functions/shared/messages/request.html has another number of buttons; correct this test"
    unexplained = [button for button in buttons if f"| **{button}** |" not in STAFF]
    assert not unexplained, f"docs/staff.md: add rows for the buttons {unexplained}"


def test_staff_can_look_up_each_part_of_the_digest() -> None:
    source = (ROOT / "functions" / "follow_up" / "digest" / "email.py").read_text("utf-8")
    parts = re.findall(r"listed\(\s*\"([^\"]+)\"", source)
    assert len(parts) == 4, "functions/follow_up/digest/email.py lists another number of parts; correct this test"
    missing = [part for part in parts if f"- **{part}**" not in STAFF]
    assert not missing, f"docs/staff.md: explain the digest's parts {missing}"


def test_the_minutes_and_days_that_staff_read_are_those_that_hold() -> None:
    targets = clinic().targets
    assert targets == Targets()  # as shipped, so that the README may name them too
    words = " ".join(STAFF.split())
    told = (
        f"nobody took it for {targets.remind_after} minutes of your opening hours",
        f"nobody took it for {targets.escalate_after} minutes",
        f"comes after {targets.urgent_remind_after}, the next mail after {targets.urgent_escalate_after}.",
        f"for {LINK_LIFE.days} days",
    )
    missing = [sentence for sentence in told if sentence not in words]
    assert not missing, f"docs/staff.md must say {missing}; correct it, or these sentences in this test"
    sentence = f"after {targets.remind_after} minutes: a reminder. After {targets.escalate_after}:"
    assert sentence in " ".join(README.split()), f"README.md must say {sentence!r}; correct it, or this test"


# --- the README -------------------------------------------------------------------------------------------------------


def parameters_in_the_table() -> list[str]:
    return re.findall(r"^   \| `(\w+)` \| ", README, re.MULTILINE)


def test_the_readme_asks_in_the_order_that_sam_does() -> None:
    asked = list(load((ROOT / "template.yaml").read_text("utf-8"))["Parameters"])
    told = parameters_in_the_table()
    unknown = [name for name in told if name not in asked]
    assert not unknown, f"README.md: template.yaml has no parameters {unknown}; remove their rows"
    missing = sorted(set(asked[: asked.index("TurnstileSecretArn")]) - set(told))
    assert not missing, f"README.md: add rows for the parameters {missing}"
    assert sorted(told, key=asked.index) == told, "README.md: put the parameters in the order of template.yaml"


def test_the_readme_counts_functions_and_alarms_as_the_templates_have_them() -> None:
    resources = load((ROOT / "template.yaml").read_text("utf-8"))["Resources"].values()
    functions = [each for each in resources if each["Type"] == "AWS::Serverless::Function"]
    alarms = (ROOT / "infra" / "monitoring.yaml").read_text("utf-8").count("Type: AWS::CloudWatch::Alarm\n")
    words = " ".join(README.split())
    counted = f"{NUMBERS[len(functions)]} small Python functions"
    assert counted in words, f"README.md must say {counted!r}, as template.yaml has them"
    priced = f"{alarms} alarms {alarms / 10:.2f}"  # 0.10 dollars each
    assert priced in words, f"README.md must say {priced!r}, as infra/monitoring.yaml has them"


def test_each_command_that_the_docs_name_is_one() -> None:
    known = set(re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = {
        command
        for page in PAGES
        for command in re.findall(r"(?:`|^|&& )make ([a-z]+)", page.read_text("utf-8"), re.MULTILINE)
    }
    unknown = sorted(named - known)
    assert not unknown, f"README.md, CONTRIBUTING.md or docs name `make` commands that the Makefile lacks: {unknown}"
    untold = sorted({"run", "demo", "test", "drills", "redrive", "release"} - named)
    assert not untold, f"name `make {'`, `make '.join(untold)}` in CONTRIBUTING.md or docs"
