"""Storing a request loads only what it needs; the rest is imported late."""

import json
import subprocess
import sys
from typing import Final

import pytest

from tests.architecture.templates import ROOT

# Needed for: a page, a multipart form, a phone number, the screen, the description.
LATE = {
    *("jinja2", "multipart", "phonenumbers", "disposable_email_domains", "email.mime"),
    # Needed by the other functions. submit has its own table client and converts values in 20 lines.
    *("boto3", "s3transfer", "shared.services.clients", "aws_lambda_powertools.event_handler"),
    # What the first try of a put does without.
    *("botocore.client", "urllib3", "shared.services.intake_client", "shared.store.intake_sdk", "tomllib"),
    *("aws_lambda_powertools.utilities.batch", "aws_lambda_powertools.utilities.parameters"),
    *("itsdangerous", "shared.services.keys", "submit.openapi", "submit.page", "submit.form", "submit.refusals"),
    # Words for a visitor who has to change something, and for pages. The labels of fields are part of the wire model.
    *(f"shared.text.en.{each}" for each in ("answers", "confirmation", "form", "help", "pages", "problems", "script")),
    *("shared.text.answer", "submit.leftovers", "submit.misdirected"),
}

REFUSED = {"submit.refusals", "shared.text.answer", "shared.text.en.answers", "shared.text.en.problems"}

# Our own modules that a plain request loads, by package, without the packages.
PLAIN: Final = {
    "shared.leads": "agenda choices clinic contact crisis expectation fields hours identity lead localized look "
    "report_row",
    "shared.runtime": "files settings telemetry",
    "shared.services": "endpoint signature",
    "shared.store": "first_try intake keys lead_item typed",
    "shared.text": "words",
    "shared.text.en": "fields thanks",
    "shared.web": "headers http",
    "submit": (
        "accept also_sent answers charset clean cors decode filled http new_lead outcome public reading receive "
        "request routes saying settings store web_address"
    ),
}

PROGRAM = f"""
import json
import sys
sys.path[:0] = ["functions", "."]
from shared.leads.clinic import Help
from shared.leads.identity import LeadIds
from shared.store.first_try import FirstTry
from submit.http import Request
from submit.routes import Submit
from submit.settings import SubmitSettings
from submit.store import intake
from tests.unit.people import CLINIC, ID_KEY, MINIMAL

FirstTry.put = lambda *_: None  # stored
settings = SubmitSettings(
    table_name="x", allowed_origins="", thank_you_pages="", clinic_phone="202-555-0143", amazon_roots="x",
    id_key=ID_KEY,
)
submit = Submit(
    store=intake(settings),
    clinic=CLINIC,
    ids=LeadIds(settings.id_key.get_secret_value()),
    help=Help(clinic_phone="x"),
    allowed_origins=(),
    thank_you_pages=(),
)
body = json.dumps(MINIMAL | json.loads(sys.argv[1])).encode()
headers = {{"content-type": "application/json"}}
answer = submit.answer(Request(method="POST", path="/consultations", headers=headers, query={{}}, body=body))
assert answer.status == int(sys.argv[2]), answer
print("loaded", *sorted({LATE!r} & set(sys.modules)))
print("ours", *sorted(each for each in sys.modules if each.startswith(("shared.", "submit."))))
"""


ENVIRONMENT = (
    *("POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE"),
    *("AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"),
)


def loaded_by(changes: object, status: int) -> tuple[set[str], set[str]]:
    """Return which of LATE, and which of our own modules, a script's request loads in a fresh process."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, json.dumps(changes), str(status)],
        cwd=ROOT,
        env=dict.fromkeys(ENVIRONMENT, "x"),
        capture_output=True,
        text=True,
        check=True,
    )
    late, ours = (set(line.split()[1:]) for line in done.stdout.splitlines()[-2:])
    return late, ours


@pytest.mark.parametrize(
    ("changes", "status", "loaded"),
    [
        ({"phone": None, "email": "robin@example.com"}, 201, set()),
        ({"phone": "202-555-0161"}, 201, set()),
        ({"phone": "+44 20 7946 0018"}, 201, {"phonenumbers"}),
        ({"in_crisis": True}, 201, {"shared.text.en.help"}),
        ({"email": None}, 422, REFUSED),
    ],
)
def test_a_script_s_request_loads_nothing_that_others_need(changes: object, status: int, loaded: set[str]) -> None:
    late, _ = loaded_by(changes, status)
    assert late == loaded


def test_a_plain_request_loads_these_modules_and_no_others() -> None:
    _, ours = loaded_by({"phone": "202-555-0161"}, 201)
    wanted = {f"{package}.{name}" for package, names in PLAIN.items() for name in names.split()}
    packages = {package for package in ours if any(each.startswith(f"{package}.") for each in ours)}
    assert ours - packages == wanted, "a visitor waits for each: import it where it is needed, or add it to PLAIN"


def test_a_form_shown_again_in_english_loads_no_spanish() -> None:
    program = """
import sys
sys.path[:0] = ["functions", "."]
from tests.unit.fakes import MemoryLeads
from tests.unit.web import api, post_form
for name in [each for each in sys.modules if each.startswith("shared.text.es")]:
    del sys.modules[name]
import shared.text
shared.text.text.cache_clear()
chosen = {
    "interest": "depression", "symptoms": ["insomnia", "Fatigue"], "best_time": "Morning", "asking_for": "self",
    "time_zone": "America/New_York", "in_crisis": "no", "discreet": "yes", "lang": "en",
}
answer = api(MemoryLeads()).answer(post_form(chosen))
assert answer.status == 422, answer
print("loaded", *sorted(each for each in sys.modules if each.startswith("shared.text.es.")))
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "loaded"


def test_the_table_of_fields_and_what_is_stored_need_no_wire_model() -> None:
    program = """
import sys
sys.path[:0] = ["functions"]
import shared.leads.lead, shared.store.lead_item, shared.text.en.fields
print("loaded", *sorted({"pydantic", "submit", "jinja2"} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "loaded\n"
