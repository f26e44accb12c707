"""No visitor sentence outside shared/text, and each language there is plain data with the same names."""

import ast
import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from shared.text.answer import AnswerWords
from shared.text.en import answers
from shared.text.en import help as help_words
from tests.architecture.templates import FUNCTIONS, read_templates
from tests.architecture.visitor_text import ADVICE, in_html, in_javascript, in_python, in_text

# Developers of sites read the API's description, in English: submit/openapi.py keeps its sentences.
FOR_DEVELOPERS = {Path("submit/openapi.py")}
# Only the pages of claim and desk use these, and they are in English.
FOR_STAFF = {Path("shared/web/labels.py"), Path("shared/web/times.py")}
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


def test_a_language_that_lacks_a_sentence_or_has_code_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "pages.py").write_text('A: Final = {"x": "X"}\nB: Final = "b"\n\ndef f(): ...\n', encoding="utf-8")
    assert names(tmp_path) == {"pages.py": {"A", "A['x']", "B"}}
    assert len(code_in(tmp_path)) == 1


# --- copies that cannot be derived ------------------------------------------------------------------------------------

GATEWAY: dict[str, AnswerWords] = {
    "DEFAULT_4XX": answers.GATEWAY_4XX,
    "DEFAULT_5XX": answers.GATEWAY_5XX,
    "MISSING_AUTHENTICATION_TOKEN": answers.GATEWAY_4XX,
    "REQUEST_TOO_LARGE": answers.GATEWAY_TOO_LARGE,
}
COPY = (
    "template.yaml cannot read functions/shared/text/en/answers.py and help.py: copy the words from there into "
    "GatewayResponses of template.yaml"
)


class _Blocks(HTMLParser):
    """Reads a page block by block."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the base's own
        """Start a block at each tag that is not within a line."""
        if tag in {"title", "h1", "h2", "p"}:
            self.blocks.append("")

    def handle_data(self, data: str) -> None:
        """Add words to the block."""
        if self.blocks:
            self.blocks[-1] += data


def gateway_answers() -> dict[str, dict[str, tuple[str, dict[str, str]]]]:
    """Return (text, words) of each answer of API Gateway by its kind and media type."""
    (api,) = (api for _, api in read_templates().of_type("AWS::Serverless::Api"))
    responses = api["Properties"]["GatewayResponses"]
    return {
        kind: {media_type: tuple(text["Fn::Sub"]) for media_type, text in each["ResponseTemplates"].items()}
        for kind, each in responses.items()
    }


@pytest.mark.parametrize("media_type", ["application/json", "text/html"])
@pytest.mark.parametrize("kind", GATEWAY)
def test_api_gateway_says_what_the_text_says(kind: str, media_type: str) -> None:
    _, words = gateway_answers()[kind][media_type]
    assert words == {"Title": GATEWAY[kind].title, "Detail": GATEWAY[kind].detail}, COPY


@pytest.mark.parametrize("kind", GATEWAY)
def test_api_gateway_s_page_says_where_to_get_help_in_the_words_of_every_page(kind: str) -> None:
    page = _Blocks()
    page.feed(gateway_answers()[kind]["text/html"][0])
    call, message = (each.format(crisis_line="988") for each in (help_words.CALL, help_words.TEXT))
    assert [block.strip() for block in page.blocks] == [
        "${Title}",
        "${Title}",
        "${Detail}",
        help_words.TITLE,
        help_words.DANGER.format(emergency_number="911"),
        help_words.CRISIS.format(call=call, text=message),
        help_words.CLINIC.format(clinic_phone="${ClinicPhone}"),
    ], COPY


def test_the_firewall_says_what_the_text_says_in_the_page_of_api_gateway() -> None:
    (acl,) = (acl for _, acl in read_templates().of_type("AWS::WAFv2::WebACL"))
    bodies = {name: body["Content"]["Fn::Sub"] for name, body in acl["Properties"]["CustomResponseBodies"].items()}
    words = {"Title": answers.FIREWALL.title, "Detail": answers.FIREWALL.detail}
    page, _ = gateway_answers()["DEFAULT_4XX"]["text/html"]
    assert bodies == {"too-many": [page, words]}, (
        "copy the page of template.yaml and the words into infra/firewall.yaml"
    )
    assert len(page) + len(answers.FIREWALL.detail) < 4_096, "WAF takes at most 4 KB"


def test_api_gateway_has_no_other_answer_and_no_words_of_aws() -> None:
    assert set(gateway_answers()) == set(GATEWAY), COPY
    texts = [text for each in gateway_answers().values() for text, _ in each.values()]
    assert not [text for text in texts if re.search(r"\$context", text)], "visitors read our words, not AWS's"
