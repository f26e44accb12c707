"""tools.local.docs: generated docs are up to date, and their claims are true."""

import ast
import json
from pathlib import Path

import pytest
from lxml import html as lxml_html

from shared.leads.fields import CONTEXT, FORMS, MACHINERY, NAMES, PARTS, SEVERAL
from shared.leads.fields import FIELDS as DECLARED
from shared.runtime.files import clinic
from shared.store.lead_item import lead_of
from shared.text.en.form import DO_NOT_WAIT
from submit.http import http_request
from submit.openapi import document
from submit.request import schema
from tests.unit.events import event
from tests.unit.fakes import MemoryLeads
from tests.unit.forms import assert_well_tied, sent_by
from tests.unit.output import counted
from tests.unit.people import form
from tests.unit.web import api
from tools.local import docs

ROOT = Path(__file__).parents[2]
FIELDS = list(schema()["properties"])


@pytest.mark.parametrize("path", docs.made())
def test_generated_docs_are_up_to_date(path: str) -> None:
    made = docs.made()[path]()
    assert (ROOT / path).read_text(encoding="utf-8") == made, f"{path} is out of date; run `make docs` and commit it"


@pytest.mark.parametrize("path", docs.made())
def test_generated_docs_are_deterministic_and_end_with_a_newline(path: str) -> None:
    made = docs.made()[path]()
    assert made == docs.made()[path]()
    assert made.endswith("\n")
    assert [line for line in made.splitlines() if line != line.rstrip()] == []


def test_the_description_is_the_one_that_the_api_serves() -> None:
    served = json.loads(json.dumps(document(clinic())))
    assert json.loads(docs.openapi()) == served, "openapi() in tools/local/docs.py must return the document of the API"


# --- fields.md --------------------------------------------------------------------------------------------------------


def rows() -> dict[str, list[str]]:
    """Return the cells of each row about a field, by the field's name."""
    fields = docs.fields().partition("## Rules between fields")[0]
    lines = [line.strip("|").split(" | ") for line in fields.splitlines() if line.startswith("| `")]
    return {cells[0].strip(" `"): [cell.strip() for cell in cells] for cells in lines}


def test_each_field_has_one_row_in_the_order_of_the_model() -> None:
    assert list(rows()) == FIELDS, "correct _fields_page in tools/local/docs.py, then run `make docs`"


@pytest.mark.parametrize("name", FIELDS)
def test_a_row_says_all_that_the_model_says(name: str) -> None:
    field = schema()["properties"][name]
    _, purpose, required, takes = rows()[name]
    assert purpose == "<br>".join(filter(None, (field["title"], field.get("description"))))
    assert (required == "yes") == DECLARED[NAMES[name]].required
    for part in (field, *field.get("anyOf", ())):
        assert all(f"`{choice['const']}` {choice['title']}" in takes for choice in part.get("oneOf", ()))
        assert "maxLength" not in part or f"{part['maxLength']:,} characters" in takes
    assert takes.startswith("one or more of") == (name in SEVERAL)


def test_the_places_are_the_clinics() -> None:
    assert all(
        place.id in rows()["location"][3] and place.name.for_staff in rows()["location"][3] for place in clinic().places
    )


def test_the_headings_are_the_table_s_and_say_what_is_context_and_what_machinery() -> None:
    headings = [line.removeprefix("## ") for line in docs.fields().splitlines() if line.startswith("## ")]
    assert headings[: len(PARTS)] == list(PARTS)
    *_, context, machinery = PARTS.values()
    assert {field.name for field in context} == CONTEXT
    assert {field.name for field in machinery} == MACHINERY


def names_of_tests(path: str) -> list[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return [node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]


@pytest.mark.parametrize("named", [test for tests in docs.CLIENTS.values() for test in tests])
def test_each_test_that_proves_something_of_a_client_is_there(named: str) -> None:
    path, _, name = named.partition("::")
    assert name in names_of_tests(path), (
        f"{named} is not there; correct its name in CLIENTS of tools/local/docs.py and run `make docs`"
    )


def test_each_test_of_a_known_client_is_named() -> None:
    path = "tests/unit/test_known_clients.py"
    named = {test for tests in docs.CLIENTS.values() for test in tests}
    missing = [name for name in names_of_tests(path) if f"{path}::{name}" not in named]
    assert not missing, f"add {', '.join(missing)} to CLIENTS in tools/local/docs.py and run `make docs`"


def test_unknown_fields_are_counted_and_kept() -> None:
    table = MemoryLeads()
    api(table).answer(http_request(event(json.dumps(form() | {"x": "y", "z": {"a": 1}}))))
    (item,) = table.leads.values()
    assert lead_of(item).also_sent == (("x", "y"), ("z", '{"a": 1}'))
    assert counted("UnknownFields") == [2]


# --- form.html --------------------------------------------------------------------------------------------------------


def test_the_form_posts_to_the_api_and_has_every_field_a_person_fills_in() -> None:
    page = lxml_html.fragment_fromstring(docs.form(), create_parent="div")
    (sent,) = page.iter("form")
    (script,) = page.iter("script")
    assert (sent.get("method"), sent.get("accept-charset")) == ("post", "utf-8")
    assert "data-consultation-form" in sent.attrib
    api_url = str(sent.get("action")).removesuffix("/consultations")
    assert api_url == "https://YOUR-API-URL"
    assert (script.get("src"), script.text) == (f"{api_url}/form.js", None)
    names = {control.get("name") for tag in ("input", "select", "textarea") for control in sent.iter(tag)}
    names.remove("leave_empty")  # the trap
    wanted = set(FIELDS) - CONTEXT - MACHINERY - {"cf-turnstile-response", "form"}
    assert names == wanted, (
        f"the form and the table of fields differ in {', '.join(sorted(names ^ wanted))};"
        " correct GROUPS in functions/shared/leads/fields.py and run `make docs`"
    )
    assert [button.get("type") for button in sent.iter("button")] == ["submit"]


def test_the_form_shows_the_numbers_to_call_now() -> None:
    page = lxml_html.fragment_fromstring(docs.form(), create_parent="div")
    assert {"tel:911", "tel:988", "sms:988"} <= {link.get("href") for link in page.iter("a")}
    assert DO_NOT_WAIT in page.text_content()


@pytest.mark.parametrize("name", sorted(set(FORMS) - {"consultation"}))
def test_a_short_form_says_which_it_is_and_shows_the_numbers_to_call_now(name: str) -> None:
    page = lxml_html.fragment_fromstring(docs.form(name), create_parent="div")
    (sent,) = page.forms
    assert sent_by(sent)["form"] == [name]
    assert {"tel:911", "tel:988", "sms:988"} == {link.get("href") for link in page.iter("a")}
    assert_well_tied(page)
    assert f"docs/form-{name}.html" in docs.made()


def test_the_forms_to_paste_can_share_a_page() -> None:
    together = lxml_html.fragment_fromstring("".join(map(docs.form, FORMS)), create_parent="div")
    assert len(together.forms) == len(FORMS)
    assert_well_tied(together)


@pytest.mark.parametrize(
    ("spoiled", "words"),
    [
        (('es = "Pueden comunicarse', 'fr = "Pueden comunicarse'), 'a language that we have no words for, "fr"'),
        (("[hours]", "[hours"), "is not valid TOML"),
    ],
)
def test_a_wrong_setting_is_told_before_anything_is_written(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    spoiled: tuple[str, str],
    words: str,
) -> None:
    text = (ROOT / "functions/clinic.toml").read_text(encoding="utf-8")
    assert spoiled[0] in text
    (tmp_path / "functions").mkdir()
    (tmp_path / "functions/clinic.toml").write_text(text.replace(*spoiled, 1), encoding="utf-8")
    monkeypatch.setattr(docs, "ROOT", tmp_path)
    assert docs.docs() == 1
    assert words in "".join(capsys.readouterr())
    assert [path.name for path in tmp_path.rglob("*.*")] == ["clinic.toml"]
