"""The README and the docs written by hand: their numbers, names and links are correct."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.leads.clinic import Targets
from shared.leads.link import LINK_LIFE
from shared.leads.notice import Notice
from shared.messages.wording import KINDS
from shared.runtime.files import clinic
from tests.architecture.templates import load
from tests.unit.emails import HEADINGS

ROOT = Path(__file__).parents[2]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
README = (ROOT / "README.md").read_text("utf-8")
DEPLOY = (ROOT / "docs" / "deploy.md").read_text("utf-8")
PERFORMANCE = (ROOT / "docs" / "performance" / "README.md").read_text("utf-8")
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


FOLDERS = ("docs", "functions", "infra", "tests", "tools")
# The changelog names files as they were.
NAMING = [page for page in PAGES if page.name != "CHANGELOG.md"]


@pytest.mark.parametrize("page", NAMING, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_file_that_a_page_names_is_there(page: Path) -> None:
    named = re.findall(rf"`((?:{'|'.join(FOLDERS)})/[\w.*/-]+)`", page.read_text("utf-8"))
    missing = sorted({path for path in named if "NAME" not in path and not list(ROOT.glob(path.rstrip("/")))})
    assert missing == [], f"{page.relative_to(ROOT)} names files that do not exist: correct it"


def test_a_page_that_the_code_names_is_there() -> None:
    sources = [
        path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.suffix in {".py", ".yaml", ".js"}
    ]
    named = {
        (target, str(path.relative_to(ROOT)))
        for path in (*sources, ROOT / "template.yaml", ROOT / "Makefile")
        for target in re.findall(r"\bdocs/[\w/-]+\.(?:md|html|json|png)\b", path.read_text("utf-8"))
    }
    assert named
    assert sorted(each for each in named if not (ROOT / each[0]).exists()) == []


def test_a_picture_that_is_shown_in_light_is_there_in_dark() -> None:
    shown = re.findall(r'srcset="([^"]+)"><img src="([^"]+)"', STAFF)
    assert len(shown) >= 12, "docs/staff.md lacks pictures of pages and emails that staff see; add them"
    wrong = [light for dark, light in shown if dark != light.replace("-phone.png", "-phone-dark.png")]
    assert not wrong, f"docs/staff.md: give {wrong} their dark pictures in srcset, named ...-phone-dark.png"
    assert len(shown) == STAFF.count("<img "), "docs/staff.md: put each <img> into a <picture> with a dark source"


# --- what staff read --------------------------------------------------------------------------------------------------


def titles_of_refusals() -> set[str]:
    """Return the titles of the pages on which a link is refused."""
    words = ROOT / "functions" / "claim" / "words"
    problems, refused = (ast.parse((words / name).read_text("utf-8")) for name in ("problems.py", "refused.py"))
    titles: list[ast.AST] = [
        each.value for each in ast.walk(problems) if isinstance(each, ast.keyword) and each.arg == "title"
    ]
    (title,) = (each for each in refused.body if isinstance(each, ast.FunctionDef) and each.name == "_title")
    titles += [each for each in ast.walk(title) if isinstance(each, ast.Return)]
    texts = [each.value for title in titles for each in ast.walk(title) if isinstance(each, ast.Constant)]
    return {text for text in texts if isinstance(text, str)}


def test_staff_can_look_up_each_page_that_says_no() -> None:
    titles = titles_of_refusals()
    assert len(titles) >= 9, "functions/claim/words has changed; correct titles_of_refusals here"
    refusals = STAFF.partition("## When a button refuses")[2]
    missing = sorted(title for title in titles if f"**{title}**" not in refusals)
    assert not missing, f'docs/staff.md: under "When a button refuses", explain {missing}'


def test_staff_can_look_up_each_email_and_each_button() -> None:
    missing = [
        heading
        for heading in (*HEADINGS.values(), *(kind.heading for kind in KINDS.values()))
        if f"| **{heading}** |" not in STAFF
    ]
    assert not missing, f"docs/staff.md: add rows for the emails {missing}"
    assert set(HEADINGS) == set(Notice), "add the new email's heading to HEADINGS in tests/unit/emails.py"
    email = (ROOT / "functions" / "shared" / "messages" / "request.html").read_text("utf-8")
    buttons = re.findall(r'look\.button\([\w.]+, "([^"]+)"', email)
    assert len(buttons) == 4, "functions/shared/messages/request.html does not have four buttons; correct this test"
    unexplained = [button for button in buttons if f"| **{button}** |" not in STAFF]
    assert not unexplained, f"docs/staff.md: add rows for the buttons {unexplained}"


def test_staff_can_look_up_each_part_of_the_digest() -> None:
    source = (ROOT / "functions" / "follow_up" / "digest" / "email.py").read_text("utf-8")
    parts = re.findall(r"listed\(\s*\"([^\"]+)\"", source)
    assert len(parts) == 4, "functions/follow_up/digest/email.py lists a different number of parts; correct this test"
    missing = [part for part in parts if f"- **{part}**" not in STAFF]
    assert not missing, f"docs/staff.md: explain the digest's parts {missing}"


def test_the_minutes_and_days_that_staff_read_are_those_that_hold() -> None:
    targets = clinic().targets
    assert targets == Targets()  # as shipped, so that the README may name them too
    words = " ".join(STAFF.split())
    told = (
        f"nobody claimed it for {targets.remind_after} minutes of your opening hours",
        f"nobody claimed it for {targets.escalate_after} minutes",
        f"comes after {targets.urgent_remind_after}, the next email after {targets.urgent_escalate_after}.",
        f"for {LINK_LIFE.days} days",
    )
    missing = [sentence for sentence in told if sentence not in words]
    assert not missing, f"docs/staff.md must say {missing}; correct it, or these sentences in this test"
    sentence = (
        f"reminder after {targets.remind_after} minutes, and after {targets.escalate_after} the fallback recipients"
    )
    assert sentence in " ".join(README.split()), f"README.md must say {sentence!r}; correct it, or this test"


# --- the README -------------------------------------------------------------------------------------------------------

MOST_WORDS = 700
OPENING = (
    "Someone asks your clinic for help. "
    "Your staff know within seconds, and are reminded until somebody has reached them."
)


def test_the_readme_is_short_and_opens_with_what_happens() -> None:
    count = len(README.split())
    assert count <= MOST_WORDS, f"README.md has {count} words, {MOST_WORDS} at most: move something to docs/"
    title, opening, *_ = README.split("\n\n")
    assert title.startswith("# ")
    assert opening == OPENING, "README.md must open with exactly that sentence"


def test_the_readme_shows_the_form_the_alert_and_the_claim_side_by_side() -> None:
    rows = [line for line in README.splitlines() if line.count("<img ") > 1]
    shown = [re.findall(r'<img src="docs/images/([\w-]+)\.png" width="\d{2,3}" alt="[^"]+">', row) for row in rows]
    assert shown == [["form-start-phone", "alert-phone", "claim-question-phone"]]


def test_the_readme_leads_to_every_page_of_the_docs() -> None:
    linked = set(pointed_at(ROOT / "README.md"))
    pages = {str(page.relative_to(ROOT)) for page in PAGES if page.parent in {ROOT, ROOT / "docs"}}
    # The index leads to these.
    from_the_index = {"docs/fields.md", "docs/glossary.md", "docs/markups.md", "docs/verification.md"}
    missing = sorted(pages - linked - from_the_index - {"README.md"})
    assert missing == [], f"link {missing} in the table of README.md"


def test_the_readme_leads_to_a_page_a_test_and_a_line_about_an_outage_of_ses() -> None:
    question = README.partition("What happens when SES is down?")[2].partition("\n\n")[0]
    page, test, code = re.findall(r"\]\(([^)]+)\)", question)
    assert page == "docs/failures.md#when-ses-is-down"
    assert test.startswith("tests/drills/")
    (line,) = re.findall(r"`([^`]+)`", question)
    assert (ROOT / code).read_text("utf-8").count(line) == 1, f"{code} has no such line: edit README.md"


def test_the_bill_that_readers_see_is_the_one_that_is_calculated() -> None:
    # The two rows "all": the cost of requests, for a thousand and a million, and the fixed cost of a month.
    rows = re.findall(r"^\| \*\*all\*\* \| ([\d.]+) \|(.*)", PERFORMANCE, re.MULTILINE)
    thousand, month = (figure for figure, _ in rows)
    assert f"about {round(float(month))} dollars a month" in " ".join(README.split()), (
        f"{month} a month: edit README.md"
    )
    assert f"{thousand} for every 1,000 requests" in README, f"{thousand} for a thousand: edit README.md"
    assert f"cost about {thousand} dollars" in DEPLOY, f"{thousand} for a thousand: edit docs/deploy.md"


# --- contributing -----------------------------------------------------------------------------------------------------

GUIDE = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
CHANGES = re.split(r"^### ", GUIDE.partition("## Five common changes\n")[2].partition("\n## ")[0], flags=re.MULTILINE)[
    1:
]


def test_the_guide_has_the_five_common_changes() -> None:
    assert [change.splitlines()[0] for change in CHANGES] == [
        "Add a question to the form",
        "Change a visitor's sentence",
        "Change an alert email",
        "Add an alarm or a parameter",
        "Add a Lambda or a step in the life of a lead",
    ]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.splitlines()[0])
def test_a_common_change_names_its_exact_files(change: str) -> None:
    files = {
        path
        for path in re.findall(r"`([\w./-]+\.\w+|[\w./-]+/Makefile)`", change)
        if "/" in path and "NAME" not in path
    }
    assert len(files) >= 3
    assert sorted(path for path in files if not (ROOT / path).is_file()) == [], "correct them in CONTRIBUTING.md"


# --- deploying --------------------------------------------------------------------------------------------------------

PARAMETERS = load((ROOT / "template.yaml").read_text("utf-8"))["Parameters"]
TABLE_OF_PARAMETERS = DEPLOY.partition("## Parameters\n")[2].partition("\n## ")[0]


def parameters_in_the_table() -> dict[str, str]:
    """Return the default of each parameter, as docs/deploy.md has it, in its order."""
    rows = re.findall(r"^\| `(\w+)` \| (?:`([^`]+)`|(\w+)) \| \S", TABLE_OF_PARAMETERS, re.MULTILINE)
    return {name: code or word for name, code, word in rows}


def test_each_parameter_is_explained_in_the_order_that_sam_asks() -> None:
    told, asked = list(parameters_in_the_table()), list(PARAMETERS)
    assert [name for name in asked if name not in told] == [], "add these to the table in docs/deploy.md"
    assert [name for name in told if name not in asked] == [], "template.yaml has no such parameters: docs/deploy.md"
    assert told == asked, "the order of the table in docs/deploy.md differs from Parameters in template.yaml"


@pytest.mark.parametrize("name", PARAMETERS)
def test_a_default_is_as_the_template_has_it(name: str) -> None:
    default = PARAMETERS[name].get("Default")
    expected = "none" if default is None else str(default) or "empty"
    assert parameters_in_the_table().get(name) == expected, f"edit the row of {name} in docs/deploy.md"


@pytest.mark.parametrize("name", [name for name, each in PARAMETERS.items() if "AllowedPattern" in each])
def test_an_example_value_passes_the_template_s_own_check(name: str) -> None:
    (row,) = re.findall(rf"^\| `{name}` \| .*? \| (.*)$", TABLE_OF_PARAMETERS, re.MULTILINE)
    parameter = PARAMETERS[name]
    for example in re.findall(r": `([^`]+)`", row):
        for part in example.split(",") if parameter["Type"] == "CommaDelimitedList" else [example]:
            assert re.fullmatch(parameter["AllowedPattern"], part), f"{name}: {part}: edit its row in docs/deploy.md"


def test_deploying_counts_functions_and_alarms_as_the_templates_have_them() -> None:
    functions, alarms = (
        sum(each["Type"] == kind and each.get("Condition") != "HasWebhook" for each in load(file)["Resources"].values())
        for file, kind in (
            ((ROOT / "template.yaml").read_text("utf-8"), "AWS::Serverless::Function"),
            ((ROOT / "infra" / "monitoring.yaml").read_text("utf-8"), "AWS::CloudWatch::Alarm"),
        )
    )
    words = " ".join(DEPLOY.split())
    assert f"{NUMBERS[functions]} small Python functions" in words, "count the functions in docs/deploy.md"
    assert f"{alarms} alarms {alarms / 10:.2f}" in words, "count the alarms in docs/deploy.md"  # 0.10 dollars each


# --- all pages --------------------------------------------------------------------------------------------------------

A_SCREEN = 60  # lines
LONG = [
    page
    for page in (ROOT / "docs").glob("*.md")
    if len(page.read_text("utf-8").splitlines()) > A_SCREEN and page.name not in {"README.md", "fields.md"}
]


@pytest.mark.parametrize("page", LONG, ids=lambda page: page.name)
def test_a_long_page_begins_with_its_contents(page: Path) -> None:
    top, *_ = page.read_text("utf-8").partition("\n## ")
    listed = re.findall(r"^- \[[^\]]+\]\(#([^)]+)\)$", top, re.MULTILINE)
    headings = re.findall(r"^## (.*)$", page.read_text("utf-8"), re.MULTILINE)
    wanted = [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings]
    assert listed == wanted, f"edit the list at the top of docs/{page.name}"


@pytest.mark.parametrize(("folder", "pages"), [("docs", "*.md"), ("docs/decisions", "0*.md")])
def test_an_index_has_every_page(folder: str, pages: str) -> None:
    listed = set(pointed_at(ROOT / folder / "README.md"))
    missing = sorted({page.name for page in (ROOT / folder).glob(pages)} - listed - {"README.md"})
    assert missing == [], f"add {missing} to {folder}/README.md"


@pytest.mark.parametrize("page", sorted((ROOT / "docs" / "decisions").glob("0*.md")), ids=lambda page: page.name[:4])
def test_a_decision_has_its_number_its_date_and_how_to_revert_it(page: Path) -> None:
    text = page.read_text("utf-8")
    assert re.match(rf"# {int(page.name[:4])}\. .+\n\n\d{{4}}-\d\d-\d\d, ", text), (
        f"{page}: # NUMBER. TITLE, then DATE, ..."
    )
    revert = re.search(r"^(\*To revert:\*|## To revert$)", text, re.MULTILINE)
    assert revert, f"{page}: say how to revert the decision"


def test_each_command_that_the_docs_name_is_one() -> None:
    known = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = {
        command
        for page in PAGES
        for command in re.findall(r"(?:`|^|&& )make ([a-z-]+)", page.read_text("utf-8"), re.MULTILINE)
    }
    unknown = sorted(named - known)
    assert not unknown, f"README.md, CONTRIBUTING.md or docs name `make` commands that the Makefile lacks: {unknown}"
    untold = sorted({"run", "demo", "test", "drills", "redrive", "release"} - named)
    assert not untold, f"name `make {'`, `make '.join(untold)}` in CONTRIBUTING.md or docs"
