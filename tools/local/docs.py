"""`make docs`: what the docs say of the API and its fields, made from the code that decides it."""

import json
from collections.abc import Callable, Iterator
from typing import Any, Final

from shared.leads.clinic import Help
from shared.leads.fields import PARTS
from shared.runtime.files import clinic, templates
from submit.decode import FORM, JSON, MAX_BODY_BYTES, MULTIPART
from submit.filled import EMPTY
from submit.form import TEXT, groups
from submit.openapi import RULES, document
from tools.local.emulator import ROOT
from tools.local.parameters import CLINIC_PHONE
from tools.local.progress import say

# What is sent, and the tests that prove that it is understood: by the function itself, over HTTP, in a browser.
_UNIT, _HTTP, _BROWSER = (
    "tests/unit/test_known_clients.py::test_",
    "tests/integration/test_clients.py::test_",
    "tests/browser/test_form_script.py::test_",
)
CLIENTS: Final = {
    "`form.js` on a clinic's page": (
        f"{_BROWSER}a_request_is_sent_with_its_context_and_the_person_is_thanked",
        f"{_BROWSER}without_scripts_the_form_is_a_plain_one",
    ),
    "JSON by `fetch`": (f"{_UNIT}a_script_that_posts_json", f"{_HTTP}fetch_with_json"),
    "JSON with booleans and null": (f"{_UNIT}a_script_that_sends_yes_and_no_as_booleans_and_nothing_as_null",),
    "a form without JavaScript": (f"{_UNIT}a_form_without_a_script", f"{_HTTP}a_plain_form_with_several_choices"),
    "a form that leaves out `page`; the `Referer` is taken": (
        f"{_UNIT}a_form_whose_page_is_known_from_the_referer_only",
    ),
    f"a form as `{MULTIPART}`": (f"{_UNIT}a_form_of_parts", f"{_HTTP}multipart_without_and_with_a_file"),
    "`FormData` by `fetch`": (f"{_UNIT}form_data_that_a_script_posts",),
    "a body in base64, as API Gateway may hand it on": (f"{_UNIT}a_body_in_base64",),
    "header names and media types in any case": (f"{_UNIT}headers_in_any_case",),
    "`Content-Type` with and without a charset": (
        f"{_UNIT}a_content_type_with_and_without_a_charset",
        f"{_HTTP}a_charset_stated_or_not",
    ),
    "a page in an old encoding (Latin-1, windows-1252)": (
        f"{_UNIT}a_form_of_a_page_in_an_old_encoding",
        f"{_UNIT}a_form_of_parts_of_a_page_in_an_old_encoding",
    ),
    "a byte order mark before the body": (f"{_UNIT}a_form_with_a_byte_order_mark",),
    "a hidden `no` before the box for `yes`": (f"{_UNIT}a_form_that_sends_no_before_each_yes",),
    "a site builder with fields of its own": (f"{_UNIT}a_site_builder_with_fields_of_its_own",),
}

_API: Final = "https://YOUR-API-URL"

_FORM: Final = """\
{% from "form.html" import form_fields with context %}
<!-- The whole form, to paste into a page of your own. Made by `make docs`, for the places and words in clinic.toml.
     Replace https://YOUR-API-URL in two places with what your deployment prints as ApiUrl, and the phone number (twice:
     the link and the words) with your own. The script sends the form in the background; without it the form works too.
     The style is the least there is: your own comes on top. -->
<style>
  form[data-consultation-form] .trap { position: absolute; left: -100vw; width: 1px; height: 1px; overflow: hidden; }
  form[data-consultation-form] :is(.group, .field) { margin: 1rem 0; padding: 0; border: 0; min-width: 0; }
  form[data-consultation-form] :is(.field > label:not(.choice), .hint, .control) { display: block; }
  form[data-consultation-form] :is(legend, .field > label:not(.choice), summary) { padding: 0; font-weight: bold; }
  form[data-consultation-form] .hint { font-size: .9em; }
  form[data-consultation-form] .control { box-sizing: border-box; width: 100%; padding: .5em; font: inherit; }
  form[data-consultation-form] .choice { display: block; padding: .4em 0; }
  form[data-consultation-form] :is(.now, .consultation-problem) { padding: 1em; border: 2px solid #8a2b1d; }
  form[data-consultation-form] :is(.error, .needed) { color: #8a2b1d; font-weight: bold; }
</style>
<script src="{{ api }}/form.js" defer></script>
<form data-consultation-form method="post" accept-charset="utf-8" action="{{ api }}/consultations">
{{ form_fields(groups, filled) }}
      <button type="submit">Send my request</button>
</form>
"""


def docs() -> int:
    """Write each document that is made from code."""
    for path, make in MADE.items():
        (ROOT / path).write_text(make(), encoding="utf-8")
        say(path)
    return 0


def openapi() -> str:
    """Return the API's description for the shipped clinic."""
    return json.dumps(document(clinic()), indent=2, ensure_ascii=False) + "\n"


def form() -> str:
    """Return the form for the shipped clinic, to paste into a page."""
    rendered = (
        templates("submit/pages", "shared/web/pages")
        .from_string(_FORM)
        .render(
            clinic=clinic(),
            help=Help(clinic_phone=CLINIC_PHONE),
            text=TEXT,
            api=_API,
            groups=groups(clinic()),
            filled=EMPTY,
        )
    )
    return "\n".join(line.rstrip() for line in rendered.splitlines() if line.strip()) + "\n"


def fields() -> str:
    """Return the table of fields, the rules between them, and the clients that are known to work."""
    return "\n".join(_fields_page()) + "\n"


MADE: Final[dict[str, Callable[[], str]]] = {
    "docs/openapi.json": openapi,
    "docs/fields.md": fields,
    "docs/form.html": form,
}


def _fields_page() -> Iterator[str]:
    yield from ("# The fields of a request", "")
    yield "Made by `make docs` from the table of fields, [`fields.py`](../functions/shared/leads/fields.py)."
    yield "[`openapi.json`](openapi.json) says the same for programs, [`form.html`](form.html) is all of it to paste."
    yield ""
    yield f"Post them to `/consultations` as `{JSON}`, `{FORM}` or `{MULTIPART}`;"
    yield f"{MAX_BODY_BYTES // 1024} KiB at most."
    request = document(clinic())["components"]["schemas"]["ConsultationRequest"]
    for part, fields_of_part in PARTS.items():
        yield from ("", f"## {part}", "")
        yield from ("| field | what it is for | required | takes |", "| --- | --- | --- | --- |")
        for name in (field.wire_name for field in fields_of_part):
            field = request["properties"][name]
            required = "yes" if name in request["required"] else ""
            takes = _takes(field)
            if required and takes == "yes or no":
                takes = "yes; a no is told what to do"
            yield f"| `{name}` | {_purpose(field)} | {required} | {takes} |"
    yield from ("", "## Between fields", "")
    yield from (f"- {rule}" for rule in RULES)
    yield from ("", "## How values are read", "", f"- Yes or no is {_yes_or_no(request)}.", *_READING)
    yield from ("", "## Clients", "")
    yield "What is known to work, and the tests that prove it."
    yield from ("", "| client | tests |", "| --- | --- |")
    yield from (f"| {client} | {'<br>'.join(f'`{test}`' for test in tests)} |" for client, tests in CLIENTS.items())


_READING: Final = (
    "- A field that is left out, null or blank was not filled in. White space around a value does not count.",
    "- Other fields than these are ignored and not kept. The metric `UnknownFields` counts them.",
    "- A form may send a field twice: the last value that is not empty counts. JSON has each name once.",
    "- A field that takes several values comes several times in a form, and as a list in JSON.",
    "- Files are refused, so that nobody believes they arrived. A file field left empty is fine.",
)


def _purpose(field: dict[str, Any]) -> str:
    return "<br>".join(_cell(field[key]) for key in ("title", "description") if key in field)


def _takes(field: dict[str, Any]) -> str:
    parts = field.get("anyOf", [field])
    kinds = [part.get("type") for part in parts]
    if "boolean" in kinds:
        return "yes or no"
    if choices := next((part["oneOf"] for part in parts if "oneOf" in part), None):
        listed = "<br>".join(f"`{choice['const']}` {_cell(choice['title'])}" for choice in choices)
        return f"{'one or more' if 'array' in kinds else 'one'} of<br>{listed}"
    if kinds == [None]:
        return "anything; what is not understood is passed over"
    return ", ".join(
        [
            "text",
            *([f"at most {field['maxLength']:,} characters"] if "maxLength" in field else []),
            *([f"as in `{_cell(field['pattern'])}`"] if "pattern" in field else []),
        ]
    )


def _yes_or_no(request: dict[str, Any]) -> str:
    words = next(part["enum"] for part in request["properties"]["consent_contact"]["anyOf"] if "enum" in part)
    return f"true or false in JSON, or one of {', '.join(f'`{word}`' for word in words)}, in small letters or capitals"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
