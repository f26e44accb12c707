"""No visitor sentence outside shared/text, and each language there is plain data with the same names."""

import ast
import html
import json
import re
from collections.abc import Callable, Iterator, Mapping
from html.parser import HTMLParser
from pathlib import Path

import pytest

from shared.text import LANGUAGES as CODES
from shared.text import text
from shared.text.answer import AnswerWords
from shared.text.words import FieldWords, GroupWords
from tests.architecture.templates import FUNCTIONS, read_templates
from tests.architecture.visitor_text import ADVICE, in_html, in_javascript, in_python, in_text

# Developers of sites read the API's description, in English: submit/openapi.py keeps its sentences.
FOR_DEVELOPERS = {Path("submit/openapi.py")}
# Only the pages of claim and desk use these, and they are in English.
FOR_STAFF = {Path("shared/web/labels.py"), Path("shared/web/report_words.py"), Path("shared/web/times.py")}
RULES: dict[str, Callable[[str], Iterator[str]]] = {
    ".py": in_python,
    ".js": in_javascript,
    ".html": in_html,
    ".txt": in_text,
}
TEXT = FUNCTIONS / "shared" / "text"
LANGUAGES = sorted(path for path in TEXT.iterdir() if path.is_dir() and path.name != "__pycache__")


def files() -> list[Path]:
    """Return every file that could hold a sentence for visitors."""
    folders = ("submit", "shared/web", "shared/messages/confirmation")
    paths = [path for folder in folders for path in (FUNCTIONS / folder).rglob("*") if path.suffix in RULES]
    paths.append(FUNCTIONS / "shared/messages/confirm.py")
    return sorted({path.relative_to(FUNCTIONS) for path in paths} - FOR_DEVELOPERS - FOR_STAFF)


@pytest.mark.parametrize("file", files(), ids=str)
def test_no_visitor_sentence_outside_shared_text(file: Path) -> None:
    found = list(RULES[file.suffix]((FUNCTIONS / file).read_text(encoding="utf-8")))
    assert not found, "\n".join(f"functions/{file}:{each}: {ADVICE}" for each in found)


@pytest.mark.parametrize(
    ("suffix", "source"),
    [
        (".py", 'title = "Not found"'),
        (".py", 'detail = "Please send it again."'),
        (".py", 'detail = ("Please send it "\n    "again.")'),
        (".py", 'detail = f"We treat people {age} and older"'),
        (".py", 'problem(title="Who is it for?")'),
        (".py", 'WORDS = {"next": "Call us, please!"}'),
        (".js", 'status.textContent = "Sending…";'),
        (".js", 'make("p", {}, "Call ", number, ", day and night.")'),
        (".js", "make('p', {}, 'Nothing is lost.')"),
        (".js", "x = `Still trying (${number})…`;"),
        (".js", 'x = `${doubtful ? "may not have been" : "was not"}`;'),
        (".js", "// It's a comment\nx = 'It may be lost';"),
        (".html", "<p>Thank you</p>"),
        (".html", "<p>{{ reference }} is yours</p>"),
        (".html", '<img alt="A map">'),
        (".html", '<p aria-label="Help now">{{ x }}</p>'),
        (".html", '{% set label = "The form" %}'),
        (".html", '{{ labels.get(name, "The form") }}'),
        (".txt", "Thank you\n"),
        (".txt", "{{ reference }}: yours"),
        (".txt", '{{ x or "Call us." }}'),
    ],
)
def test_a_sentence_is_noticed(suffix: str, source: str) -> None:
    assert list(RULES[suffix](source))


@pytest.mark.parametrize(
    ("suffix", "source"),
    [
        (".py", '"""Return the page."""'),
        (".py", 'def f():\n    """Return the page."""'),
        (".py", 'raise LookupError("Add the words to a file.")'),
        (".py", 'headers = {"Vary": "Accept, Origin", "Allow": "POST, OPTIONS"}'),
        (".py", 'logger.info("request invalid")'),
        (".js", '"use strict"; // The API\'s "words" are not ours.'),
        (".js", 'form.querySelector("input, select, textarea")'),
        (".js", "key = `draft ${location.pathname} ${action}`;"),
        (".js", "x = text.replace(/[\\s:*.'\"]+$/, WORDS.next);"),
        (".html", "{# The page. #}<style>p { color: red }</style><p>{{ text.thanks.TITLE }}: {{ x }} *</p>"),
        (".html", '<a class="button" href="{{ home }}">{{ text.pages.BACK }}</a>'),
        (".html", "{% block style %}a { color: red; }{% endblock %}<p>{{ x }}</p>"),
        (".txt", "{# The email. #}\n{{ text.thanks.TITLE }}\n"),
    ],
)
def test_what_is_no_sentence_passes(suffix: str, source: str) -> None:
    assert not list(RULES[suffix](source))


# --- languages --------------------------------------------------------------------------------------------------------


def names(language: Path) -> dict[str, set[str]]:
    """Return the names that each module of a language defines, and the keys of its mappings."""
    return {path.name: set(_names(ast.parse(path.read_text(encoding="utf-8")))) for path in language.glob("*.py")}


def _names(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id
            if isinstance(node.value, ast.Dict):
                keys = (key.value for key in node.value.keys if isinstance(key, ast.Constant))
                yield from (f"{node.target.id}[{key!r}]" for key in keys)


def code_in(language: Path) -> list[str]:
    """Return what is not plain data in a language: anything but docstrings, constants and imports of text."""
    return [
        f"{path.name}:{node.lineno}: {ast.unparse(node)}"
        for path in sorted(language.glob("*.py"))
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if not _is_data(node)
    ]


def _is_data(node: ast.stmt) -> bool:
    match node:
        case ast.Expr(value=ast.Constant(value=str())):
            return True
        case ast.ImportFrom(module=str() as module):
            return module == "typing" or module.startswith("shared.text")
        case ast.AnnAssign(value=ast.expr() as value):
            return not [each for each in ast.walk(value) if isinstance(each, ast.JoinedStr | ast.Lambda | ast.BinOp)]
    return False


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda path: path.name)
def test_a_language_is_plain_data_with_the_names_of_english(language: Path) -> None:
    code = code_in(language)
    assert not code, f"functions/shared/text/{language.name} is for constants only:\n" + "\n".join(code)
    english, this = names(TEXT / "en"), names(language)
    for module in sorted({*english, *this}):
        unlike = english.get(module, set()) ^ this.get(module, set())
        assert not unlike, f"functions/shared/text/{language.name}/{module} and en/{module} differ: {sorted(unlike)}"


def test_the_languages_are_the_folders_and_english_comes_first() -> None:
    assert CODES[0] == "en"
    assert {path.name for path in LANGUAGES} == set(CODES)


def test_mypy_knows_the_names_that_a_language_has() -> None:
    tree = ast.parse((TEXT / "shape.py").read_text(encoding="utf-8"))
    declared = {
        f"{node.name.lower()}.py": {ast.unparse(each.target) for each in node.body if isinstance(each, ast.AnnAssign)}
        for node in tree.body
        if isinstance(node, ast.ClassDef)
    }
    known = {
        module: {name for name in found if "[" not in name and not name.startswith("_")}
        for module, found in names(TEXT / "en").items()
        if module != "__init__.py"
    }
    assert declared == known, "give each class of functions/shared/text/shape.py the names of its module"


# Texts that are right in both languages.
SAME = {"fields.YES_OR_NO['no']"}


def said(language: str) -> dict[str, str]:
    """Return each text of a language by its place."""
    modules = [path.stem for path in (TEXT / "en").glob("*.py") if path.stem != "__init__"]
    return {
        place: words
        for module in modules
        for name, value in vars(getattr(text(language), module)).items()
        if name.isupper() and not name.startswith("_")
        for place, words in _texts(f"{module}.{name}", value)
    }


def _texts(place: str, value: object) -> Iterator[tuple[str, str]]:
    match value:
        case str():
            yield place, value
        case AnswerWords() | FieldWords() | GroupWords():
            for name, each in value._asdict().items():
                yield from _texts(f"{place}.{name}", each)
        case tuple():
            for number, each in enumerate(value):
                yield from _texts(f"{place}[{number}]", each)
        case Mapping():
            for name, each in value.items():
                yield from _texts(f"{place}[{name!r}]", each)


def placeholders(words: str) -> set[str]:
    """Return what is filled in. A language may need some of it twice."""
    return set(re.findall(r"\{[^}]*\}", words))


OTHERS = [code for code in CODES if code != "en"]


@pytest.mark.parametrize("language", OTHERS)
def test_each_sentence_of_english_is_in_each_language(language: str) -> None:
    missing = said("en").keys() ^ said(language).keys()
    assert not missing, f"give functions/shared/text/{language} and en the same texts: {sorted(missing)}"
    assert all(words.strip() for words in said(language).values())


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_has_the_placeholders_of_the_english_sentence(language: str) -> None:
    english, this = said("en"), said(language)
    unlike = [place for place in english if placeholders(english[place]) != placeholders(this[place])]
    assert not unlike, f"functions/shared/text/{language} fills in other things than en: {unlike}"


@pytest.mark.parametrize("language", OTHERS)
def test_no_sentence_is_left_in_english(language: str) -> None:
    english, this = said("en"), said(language)
    same = {place for place, words in this.items() if words == english[place] and re.search("[a-z]", words)}
    assert same - SAME == set(), f"translate these in functions/shared/text/{language}, or list them in SAME"


def test_a_sentence_that_is_left_out_or_in_english_is_noticed() -> None:
    found = dict(_texts("x", {"a": FieldWords("A {b}", choices={"c": "C"}), "d": ("e", "f")}))
    assert found == {"x['a'].label": "A {b}", "x['a'].choices['c']": "C", "x['d'][0]": "e", "x['d'][1]": "f"}
    assert placeholders("{b} and {a} and {b}") == {"{a}", "{b}"}


def test_a_language_that_lacks_a_sentence_or_has_code_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "pages.py").write_text('A: Final = {"x": "X"}\nB: Final = "b"\n\ndef f(): ...\n', encoding="utf-8")
    assert names(tmp_path) == {"pages.py": {"A", "A['x']", "B"}}
    assert len(code_in(tmp_path)) == 1


# --- copies that cannot be derived ------------------------------------------------------------------------------------

# By the kind of the answer: the name of its words.
GATEWAY: dict[str, str] = {
    "DEFAULT_4XX": "GATEWAY_4XX",
    "DEFAULT_5XX": "GATEWAY_5XX",
    "MISSING_AUTHENTICATION_TOKEN": "GATEWAY_4XX",
    "REQUEST_TOO_LARGE": "GATEWAY_TOO_LARGE",
}
COPY = (
    "template.yaml cannot read answers.py and help.py in functions/shared/text/en and es: copy the words from there "
    "into GatewayResponses of template.yaml"
)


def words_of(name: str, language: str) -> AnswerWords:
    """Return the words of an answer in a language."""
    words: AnswerWords = getattr(text(language).answers, name)
    return words


class _Blocks(HTMLParser):
    """Reads a page block by block."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks: list[str] = []
        self.languages: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Start a block at each tag that is not within a line, and note the languages."""
        self.languages += [value for name, value in attrs if name == "lang" and value]
        if tag in {"title", "h1", "h2", "p"}:
            self.blocks.append("")

    def handle_data(self, data: str) -> None:
        """Add words to the block."""
        if self.blocks:
            self.blocks[-1] += data


def gateway_answers() -> dict[str, dict[str, object]]:
    """Return the text of each answer of API Gateway by its kind and media type; a page also has its words."""
    (api,) = (api for _, api in read_templates().of_type("AWS::Serverless::Api"))
    responses = api["Properties"]["GatewayResponses"]
    return {
        kind: {media_type: text["Fn::Sub"] for media_type, text in each["ResponseTemplates"].items()}
        for kind, each in responses.items()
    }


def gateway_page(kind: str) -> tuple[str, dict[str, str]]:
    """Return the page of an answer and its words."""
    page = gateway_answers()[kind]["text/html"]
    assert isinstance(page, list)
    return page[0], page[1]


def both(name: str) -> dict[str, str]:
    """Return the words of a page in both languages, as a template names them."""
    english, spanish = words_of(name, "en"), words_of(name, "es")
    return {
        "Title": english.title,
        "Detail": english.detail,
        "SpanishTitle": spanish.title,
        "SpanishDetail": spanish.detail,
    }


@pytest.mark.parametrize("kind", GATEWAY)
def test_api_gateway_says_what_the_text_says(kind: str) -> None:
    words = {name: html.unescape(each) for name, each in gateway_page(kind)[1].items()}
    assert words == both(GATEWAY[kind]), COPY


@pytest.mark.parametrize("kind", GATEWAY)
def test_api_gateway_says_it_to_a_script_in_each_language(kind: str) -> None:
    answer = json.loads(str(gateway_answers()[kind]["application/json"]))
    english, spanish = words_of(GATEWAY[kind], "en"), words_of(GATEWAY[kind], "es")
    assert answer == {
        "title": english.title,
        "detail": english.detail,
        "es": {"title": spanish.title, "detail": spanish.detail},
        "help": {"clinic_phone": "${ClinicPhone}", "crisis_line": "988", "emergency_number": "911"},
    }, COPY


@pytest.mark.parametrize("kind", GATEWAY)
def test_api_gateway_s_page_says_where_to_get_help_in_the_words_of_every_page(kind: str) -> None:
    page = _Blocks()
    page.feed(gateway_page(kind)[0])
    shown = [block.strip() for block in page.blocks]
    english = ["${Title}", "${Title}", "${Detail}", *help_in("en")]
    assert shown == [*english, "${SpanishTitle}", "${SpanishDetail}", *help_in("es")], COPY
    assert page.languages == ["en", "es"]


def help_in(language: str) -> list[str]:
    """Return the help of a page, block by block."""
    words = text(language).help
    call, message = (each.format(crisis_line="988") for each in (words.CALL, words.TEXT))
    return [
        words.TITLE,
        words.DANGER.format(emergency_number="911"),
        words.CRISIS.format(call=call, text=message),
        words.CLINIC.format(clinic_phone="${ClinicPhone}"),
    ]


def test_the_answers_of_api_gateway_and_of_the_firewall_are_ascii() -> None:
    (acl,) = (acl for _, acl in read_templates().of_type("AWS::WAFv2::WebACL"))
    bodies = json.dumps([gateway_answers(), acl["Properties"]["CustomResponseBodies"]], ensure_ascii=False)
    assert bodies.isascii(), "write other letters as &iacute; in a page and as \\u00ed in JSON"


def test_the_firewall_says_what_the_text_says_in_the_page_of_api_gateway() -> None:
    (acl,) = (acl for _, acl in read_templates().of_type("AWS::WAFv2::WebACL"))
    (body,) = acl["Properties"]["CustomResponseBodies"].values()
    page, words = body["Content"]["Fn::Sub"]
    assert page == gateway_page("DEFAULT_4XX")[0], "copy the page of template.yaml into infra/firewall.yaml"
    assert {name: html.unescape(each) for name, each in words.items()} == both("FIREWALL"), (
        "copy the words of FIREWALL into infra/firewall.yaml"
    )
    assert len(page) + sum(map(len, words.values())) < 4_096, "WAF takes at most 4 KB"


def test_api_gateway_has_no_other_answer_and_no_words_of_aws() -> None:
    assert set(gateway_answers()) == set(GATEWAY), COPY
    texts = [str(text) for each in gateway_answers().values() for text in each.values()]
    assert not [text for text in texts if re.search(r"\$context", text)], "visitors read our words, not AWS's"
