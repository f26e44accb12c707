"""A second, different clinic on a stack of its own: its clinic.toml alone makes its form, pages, emails and desk."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clinics import PHOENIX_FOLDER
from tests.deployed import Deployed, submission
from tests.desk import a_client, request_page
from tools.local.deployment import deploy
from tools.local.emulator import Emulator
from tools.local.parameters import parameters
from tools.local.ports import free_port
from tools.package.clinic import write_clinic

OWN = {"lang": "es", "interest": "migraine", "heard_of_us": "Radio Ejemplo", "past_treatments": ["tablets"]}
PAYMENT = {"payment": "with_insurance"}


@pytest.fixture(scope="module")
def clinic(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """The system with the second clinic's settings in each function, written as the build writes them."""
    folder = tmp_path_factory.mktemp("second-clinic")
    own = shutil.copytree(built, folder / "build", symlinks=True)
    functions = list(own.glob("*Function"))
    assert functions
    for function in functions:
        write_clinic(PHOENIX_FOLDER, function)
    with Emulator(free_port(), log=folder / "aws.log", enforce_iam=True) as aws:
        stack = deploy(
            aws.url,
            own,
            folder / "sam-deploy.log",
            name="clinic-leads-second",
            parameters=parameters("https://www.example.com"),
        )
        yield Deployed(stack=stack, aws=aws.url, emulator_log=folder / "aws.log")


def test_the_form_is_shown_again_in_spanish_with_its_own_questions_and_look(clinic: Deployed) -> None:
    sent = {name: str(value) for name, value in submission().items()} | {"lang": "es", "interest": "migraine"}
    answer = clinic.post_form(sent, **{"Accept": "text/html", "Accept-Language": "en"})
    assert answer.status == 422
    assert answer.headers["content-language"] == "es"
    for words in ('<html lang="es"', "¿Cómo pagaría?", "Con seguro médico", "Migraña", "16 años", "data:image/svg"):
        assert words in answer.body
    assert "#8a3d12" in answer.body


def test_a_spanish_request_reaches_staff_with_its_own_answers(clinic: Deployed) -> None:
    answer = clinic.post_json(submission() | OWN | PAYMENT)
    assert answer.status == 201, answer.body
    reference = answer.document["reference"]
    assert reference.startswith("DR-")
    alert = clinic.the_alert(reference)
    assert "Desert Relief Example" in alert["BodyText"]
    assert "Wrote in Spanish" in alert["BodyText"]
    assert "With insurance" in alert["BodyText"]
    assert "Tablets" not in alert["BodyText"], "an answer about health is in no mailbox"

    page = request_page(a_client(clinic), clinic.lead(reference)["pk"]["S"].removeprefix("LEAD#"))
    assert page.status == 200
    for words in (reference, "Wrote in Spanish", "Payment", "With insurance", "Radio Ejemplo", "Migraine", "Tablets"):
        assert words in page.text


def test_the_api_describes_and_serves_its_own_form(clinic: Deployed) -> None:
    schema = clinic.request("GET", "/openapi.json").body
    assert "past_treatments" in schema
    assert "migraine" in schema
    assert "depression" not in schema
    script = clinic.request("GET", "/form.js").body
    assert '"es"' in script
    thanks = clinic.request("GET", "/thank-you?reference=DR-7Q2M-4XHD")
    assert '<html lang="es"' in thanks.body
