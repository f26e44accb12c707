"""What people read in this repository is plain American English. This file is the only one that is not checked."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from textwrap import shorten

import pytest

from tests.architecture.prose import BREAK, Prose, files, markdown, page, plain, python, read, script, yaml_file

# Each part of the repository has a test of its own. Files outside these folders are in the last part.
PARTS = ["docs", "functions", "infra", "tests", "tools", "Makefile", "template.yaml"]
GUIDES = {"README.md", "CONTRIBUTING.md", "CHANGELOG.md"}
OTHER = "other files"
type Reader = Callable[[str], Iterable[Prose]]
EXCLUDED = Path("tests/architecture/test_plain_english.py")

# Where a sentence starts. A heading of Markdown starts with "#", so it is no sentence.
_START = rf"(?:^|[.!?:;{BREAK}]\s+|[(\"\u201c]\s*)"
_FINITE = (
    r"(?:is|are|was|were|has|had|does|did|can|cannot|may|must|will|would"
    r"|needs|goes|gets|stays|ends|comes|takes|counts|costs|follows|lies|leads)"
)
# A word that does not begin another clause.
_WORD = (
    r"(?:(?!(?:when|if|where|that|who|which|and|or|but|after|before|until|while|because|once|as|than|whether|how|what)\b)"
    r"[\w'\u2019-]+ )"
)
_SUBJECT = (
    r"(?:we|you|it|they|he|she|a|an|the|no|nobody|nothing|somebody|someone|anybody|everybody|there|each|every|our|its"
    r"|their|SES|AWS|Lambda|DynamoDB|SNS|CloudWatch|EventBridge|Cloudflare|Turnstile|KMS)"
)


@dataclass(frozen=True)
class Habit:
    """A pattern to find, what to write instead, and a sentence with and one without it."""

    pattern: str
    instead: str
    bad: str
    good: str
    ignore_case: bool = True


HABITS = [
    # --- phrases ------------------------------------------------------------------------------------------------------
    Habit(r"\bwhoever\b", '"anyone who" or "the person who"', "Tell whoever is on call.", "Tell the person on call."),
    Habit(
        r"\bwhom(?:ever)?\b", '"who", or the noun', "The page says whom to call.", "The page shows a number to call."
    ),
    Habit(
        r"\bof (?:ours|theirs|yours)\b",
        '"our own", "their own", "your own"',
        "The form goes through pages of ours.",
        "The form goes through our own pages.",
    ),
    Habit(
        r"\b(?:became|becomes?) of\b",
        '"what happened to", or the noun: "the outcome of"',
        "Reports say what became of each email.",
        "Reports say what happened to each email.",
    ),
    Habit(
        r"\bby (?:itself|themselves)\b",
        '"automatically" or "on its own"',
        "The queue drains by itself.",
        "The queue drains automatically.",
    ),
    Habit(r"\banew\b", '"again"', "The function starts anew.", "The function starts again."),
    Habit(
        r"\b(?:stands?|stood)\b(?! (?:in )?for\b)(?!-)",
        '"is", "is in", "exists" or "appears"',
        "The number that stands in the alert is theirs.",
        "The number in the alert is theirs. A fake stands in for SES.",
    ),
    Habit(
        r"\bso that\b[^.?!|]*\bso that\b",
        "two sentences",
        "We retry so that the lead is stored so that staff see it.",
        "We retry so that the lead is stored. Staff then see it.",
    ),
    Habit(
        r"\bin (?:our|its own) words\b",
        'a plain verb: "our code renders the page"',
        "A wrong method is answered in our words too.",
        "Our code renders the error page.",
    ),
    Habit(
        r"\bhow far\b[^.?!|]{1,30}\b(?:has|have) come\b",
        '"follow-up state" or "progress"',
        "How far a lead has come.",
        "Follow-up state of a lead.",
    ),
    # --- email --------------------------------------------------------------------------------------------------------
    Habit(
        # Fine: names such as `mails_accepted`, "Mailer" or "mailto:", and what receives or reads email.
        r"(?<![\w@./_$'\"-])(?!MAIL FROM\b)[Mm]ail(?:s|ed|ings?)?\b"
        r"(?![\w@/_='\"-]|[.:]\w| (?:clients?|servers?|exchanges?|exchangers?|lists?)\b)",
        '"email"',
        "SES accepted the mail.",
        "SES accepted the email. A mail client shows it, a mail server carries it. Use mailto: and the Mailer.",
        ignore_case=False,
    ),
    Habit(r"\be-mail", '"email"', "Send an e-mail.", "Send an email."),
    # --- a clause as a subject, and "who" without a noun --------------------------------------------------------------
    Habit(
        rf"{_START}That {_SUBJECT} (?!function\b|key\b)",
        'the fact as a sentence: "We know when ..."',
        "That SES delivered an email is the last that is known of it.",
        "We know when SES delivered an email. That is all. That email is gone.",
        ignore_case=False,
    ),
    Habit(
        rf"{_START}Who \w[^.?!|{BREAK}]*(?=[.|{BREAK}]|$)",
        'a noun: "Anyone who", "A visitor who", "Recipients"',
        "Who is younger is told to call.",
        "A younger visitor sees a number to call. Who is on call?",
        ignore_case=False,
    ),
    Habit(
        # With two verbs, the first of which may be any that ends in "s".
        rf"{_START}What (?:{_WORD}{{0,8}}?{_FINITE} {_WORD}{{0,8}}?{_FINITE}"
        rf"|(?!(?:this|its|visitors|operators|recipients|people's)\b)\w+s {_WORD}{{1,8}}?"
        r"(?:is|are|was|were|does|has|can|may|will|stays|goes))\b",
        "a noun as the subject",
        "What lasts longer does not end.",
        "A longer outage needs you. What SES says about an email. What each function may do. What is lost: nothing.",
        ignore_case=False,
    ),
    Habit(
        r"\b(?:for|to) who (?:is|are|was|were|has|have|wants|asks|asked|needs)\b",
        'a noun: "a visitor who"',
        "It shows help to who is in crisis.",
        "It shows help to a visitor who is in crisis.",
    ),
    # --- American spelling --------------------------------------------------------------------------------------------
    Habit(
        r"\b\w*(?:col|behavi|fav|hon|neighb|lab|harb|rum|hum|vap|flav|endeav)our\w*",
        '"-or": color, behavior, favor',
        "The colour of the button.",
        "The color of the button.",
    ),
    Habit(
        r"\b(?:un|re|de)?(?:organ|recogn|author|normal|sanit|initial|summar|minim|maxim|optim|general|special|serial"
        r"|util|priorit|custom|standard|categor|anonym|pseudonym|synchron|final|real|apolog|emphas|critic|local|capital"
        r"|token|stabil|memor|parametr|central|visual|character|modern|famil|item|penal)is(?:e|ed|es|ing|ations?|ers?)\b",
        '"-ize": organize, recognize',
        "The policy of your organisation.",
        "The policy of your organization. Emphasis added.",
    ),
    Habit(r"\banalys(?:e|ed|ing|ers?)\b", '"analyze"', "We analyse logs.", "We analyze logs. Two analyses."),
    Habit(
        r"\b(?:cancel|label|travel|model|signal|channel|level|marshal|total|fuel|dial|equal|tunnel|counsel)l(?:ed|ing|ers?)\b",
        'one "l": canceled, labeled',
        "A cancelled request.",
        "A canceled request. A cancellation.",
    ),
    Habit(
        r"\b(?:licence|defence|offence|pretence)s?\b",
        '"-se": license, defense',
        "A licence header.",
        "A license header.",
    ),
    Habit(
        r"\b\w*(?:centre[sd]?|metres?|litres?|fibres?|theatres?)\b(?<!parametres)",
        '"-er": center, meter',
        "The centre of the page.",
        "The center of the page.",
    ),
    Habit(r"\bartefacts?\b", '"artifact"', "The built artefact.", "The built artifact."),
    Habit(r"\bgr(?:ey|eys|eyed)\b", '"gray"', "Grey text.", "Gray text."),
    Habit(r"\b(?:acknowledg|judg)ements?\b", '"-dgment": judgment', "A judgement.", "A judgment."),
    Habit(r"\b(?:whil|among|amid)st\b", '"while", "among"', "Whilst it waits.", "While it waits."),
    Habit(r"\btowards\b", '"toward"', "It counts towards the score.", "It counts toward the score."),
    Habit(
        r"\b(?:programme|catalogue|analogue|cheque|tyre|sceptic\w*|ageing|mould|learnt|spelt|fulfil|enrol|fulfils"
        r"|enrols|fulfilment|enrolment|practise[sd]?|practising)\b",
        "the American spelling",
        "A programme for staff.",
        "A program for staff. Fulfilled and enrolled.",
    ),
]


@dataclass(frozen=True)
class Allowed:
    """Words that may stay. `words` is a part of the text around a finding."""

    path: str
    words: str
    why: str


ALLOWED: list[Allowed] = []


@dataclass(frozen=True)
class Finding:
    """Something to rewrite, with a few words on either side."""

    path: Path
    line: int
    words: str
    around: str
    instead: str

    def __str__(self) -> str:
        return f'{self.path}:{self.line}: "{shorten(self.words, 60)}": write {self.instead}'

    def is_allowed_by(self, allowed: Allowed) -> bool:
        return allowed.path == str(self.path) and allowed.words in self.around


def findings(path: Path, proses: list[Prose]) -> list[Finding]:
    found = []
    for prose in proses:
        for habit in HABITS:
            for match in re.finditer(habit.pattern, prose.text, re.IGNORECASE if habit.ignore_case else 0):
                words = match[0].strip(f' .!?:;("\u201c{BREAK}')
                start = match.start() + match[0].index(words)
                around = prose.text[max(0, start - 60) : match.end() + 60]
                found.append(Finding(path, prose.line_of(start), words, around, habit.instead))
    return sorted(found, key=lambda each: each.line)


def part_of(path: Path) -> str:
    if str(path) in GUIDES:
        return "docs"
    return path.parts[0] if path.parts[0] in PARTS else OTHER


def not_allowed(found: list[Finding], allowed: list[Allowed]) -> list[str]:
    return [str(each) for each in found if not any(each.is_allowed_by(exception) for exception in allowed)]


def not_needed(found: list[Finding], allowed: list[Allowed]) -> list[str]:
    return [
        f"{exception.path}: {exception.words!r}"
        for exception in allowed
        if not any(each.is_allowed_by(exception) for each in found)
    ]


@pytest.mark.parametrize("part", [*PARTS, OTHER])
def test_prose_is_plain_american_english(part: str) -> None:
    paths = [path for path in files() if part_of(path) == part and path != EXCLUDED]
    assert paths
    wrong = not_allowed([each for path in paths for each in findings(path, read(path))], ALLOWED)
    assert not wrong, f"{len(wrong)} phrases to rewrite:\n" + "\n".join(wrong)


def test_each_exception_has_a_reason_and_is_still_needed() -> None:
    paths = {Path(each.path) for each in ALLOWED} & set(files())
    unused = not_needed([each for path in paths for each in findings(path, read(path))], ALLOWED)
    assert not unused, "remove these from ALLOWED, nothing matches them:\n" + "\n".join(unused)
    assert all(each.why for each in ALLOWED)


def test_an_exception_allows_one_phrase_and_is_noticed_once_it_is_not_needed() -> None:
    page = Path("page.md")
    found = findings(page, list(markdown("Ask whoever is there.\n\nIt drains by itself.")))
    assert not_allowed(found, []) == [
        'page.md:1: "whoever": write "anyone who" or "the person who"',
        'page.md:3: "by itself": write "automatically" or "on its own"',
    ]
    exception = Allowed("page.md", "Ask whoever", "a quote")
    assert not_allowed(found, [exception]) == not_allowed(found, [])[1:]
    assert not_needed(found, [exception]) == []
    assert not_needed(found, [Allowed("page.md", "gone", ""), Allowed("other.md", "whoever", "")]) == [
        "page.md: 'gone'",
        "other.md: 'whoever'",
    ]


@pytest.mark.parametrize("habit", HABITS, ids=lambda each: each.pattern[:40])
def test_each_pattern_notices_a_bad_sentence_and_passes_a_good_one(habit: Habit) -> None:
    alone = re.compile(habit.pattern, re.IGNORECASE if habit.ignore_case else 0)
    assert alone.search(habit.bad)
    assert not alone.search(habit.good)
    assert findings(Path("page.md"), list(markdown(habit.good))) == []


@pytest.mark.parametrize(
    ("reader", "text", "line"),
    [
        (markdown, "# Heading\n\nAsk whoever\nis there.", 3),
        (markdown, "- it drains by\n  itself\n", 1),
        (markdown, "| a | ask whoever is there |", 1),
        (page, "<p>Fine.</p>\n<p>Ask <b>whoever</b> is there.</p>", 2),
        (page, "<p>Fine.</p>\n<img src='whoever.png'\n alt=\"ask whoever is there\">", 3),
        (page, "{# fine\n   ask whoever is there #}", 2),
        (page, "{{ note('ask whoever is there') }}", 1),
        (page, "<style>\n/* for whoever\n is there */ a { color: red }</style>", 2),
        (plain, "# fine\n# ask whoever is there", 2),
        (python, "x = 1\n# ask\n# whoever is there\n", 3),
        (python, "x = 1  # ask whoever is there\n", 1),
        (python, '"""Fine.\n\nAsk whoever is there.\n"""\n', 3),
        (python, 'x = (\n    "it drains by "\n    "itself, fine"\n)\n', 2),
        (python, 'x = f"{a} ask {b} whoever {c}"\n', 1),
        (python, 'x = f"""{a} fine\n ask {b} whoever {c}"""\n', 2),
        (python, "def test_whoever_is_there() -> None: ...\n", 1),
        (yaml_file, "a: 1\n# ask whoever\nb: 2 # fine", 2),
        (yaml_file, "a: '#'\nb: c # ask whoever", 2),
        (yaml_file, "a:\n  Description: >-\n    Ask somebody,\n    whoever it is.\n", 4),
        (yaml_file, "a: { Description: ask whoever is there }", 1),
        (script, "const a = 1; // ask whoever\n", 1),
        (script, "/* fine\n ask whoever */", 2),
        (script, 'a("ask whoever is there");', 1),
    ],
)
def test_prose_is_found_where_people_read_it(reader: Reader, text: str, line: int) -> None:
    assert [each.line for each in findings(Path("file"), list(reader(text)))] == [line]


@pytest.mark.parametrize(
    ("reader", "text"),
    [
        (markdown, "The attribute `whoever` in [a page](whoever.md)."),
        (page, '<p class="whoever">Fine.</p>'),
        (page, "{{ whoever }}{% if whoever %}fine{% endif %}"),
        (page, '{{ "one" if whoever else "other" }}'),
        (python, 'whoever = item["whoever"]\n'),
        (python, "# see functions/whoever.py and a.whoever\n"),
        (yaml_file, "whoever: whoever"),
        (script, "whoever(1 / 2);"),
    ],
)
def test_names_and_code_are_not_prose(reader: Reader, text: str) -> None:
    assert findings(Path("file"), list(reader(text))) == []
