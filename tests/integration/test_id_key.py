"""The key of the ids on a deployed stack: an update and a new secret for the links leave the ids alone."""

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from shared.leads.identity import LeadIds, Signs, reference
from shared.store.keys import lead_id_of
from tests.deployed import Deployed, plain_form, reference_in, submission
from tools.local.deployment import Stack, deploy
from tools.local.emulator import Emulator
from tools.local.parameters import parameters
from tools.local.ports import free_port

NAME = "clinic-leads-update"
_TAG: Any = {"Key": "changed", "Value": "yes"}


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """A local AWS of its own, because an update may change the API that other tests use."""
    log = tmp_path_factory.mktemp("logs") / "aws.log"
    with Emulator(free_port(), log=log, enforce_iam=True) as emulator:
        yield emulator


def deployed_with(aws: Emulator, built: Path, folder: Path, **changes: str) -> Deployed:
    # Without the webhook, whose secrets the local AWS would forget as well; see _with_tags.
    chosen = parameters("https://www.example.com") | {"Webhook": "no"} | changes
    stack: Stack = deploy(aws.url, built, folder / "sam-deploy.log", name=NAME, parameters=chosen)
    return Deployed(stack=stack, aws=aws.url, emulator_log=folder / "aws.log")


def secrets_of(deployed: Deployed) -> dict[str, str]:
    """Return the value of each secret of the stack, by its ARN."""
    found = deployed.secrets.list_secrets()["SecretList"]
    return {each["ARN"]: deployed.secrets.get_secret_value(SecretId=each["ARN"])["SecretString"] for each in found}


def variables(deployed: Deployed, function: str) -> dict[str, str]:
    configuration = deployed.lambdas.get_function_configuration(FunctionName=f"{deployed.stack.name}-{function}")
    return configuration["Environment"]["Variables"]


def posted(deployed: Deployed, fields: dict[str, str]) -> str:
    answer = deployed.post_form(fields)
    assert answer.status == 303, answer.body
    return reference_in(answer)


def _with_tags(folder: Path) -> Path:
    """Change the table and the secrets of a built template, so an update of the stack updates them.

    All of them, because MiniStack 1.5 forgets the attributes of a nested stack's unchanged resources in an update.
    """
    path = folder / "Data" / "template.yaml"
    template = yaml.safe_load(path.read_text("utf-8"))
    for name in ("Table", "StackSecret", "PeopleSecret", "IdKey"):
        template["Resources"][name]["Properties"]["Tags"] = [_TAG]
    path.write_text(yaml.safe_dump(template), "utf-8")
    return folder


def test_an_update_of_the_stack_and_of_its_secrets_leaves_the_ids_alone(
    aws: Emulator, built: Path, tmp_path: Path
) -> None:
    fields = plain_form(name="Ute Example")
    before = deployed_with(aws, built, tmp_path)
    mine, secrets = posted(before, fields), secrets_of(before)
    key = variables(before, "submit")["ID_KEY"]
    assert key in secrets.values()
    assert variables(before, "canary")["ID_KEY"] == key

    edited = _with_tags(shutil.copytree(built, tmp_path / "build", symlinks=True))
    after = deployed_with(aws, edited, tmp_path, ClinicPhone="(202) 555-0111")

    assert variables(after, "submit")["CLINIC_PHONE"] == "(202) 555-0111"
    assert len([each for each in after.secrets.list_secrets()["SecretList"] if _TAG in each["Tags"]]) == len(secrets)
    assert secrets_of(after) == secrets
    assert variables(after, "submit")["ID_KEY"] == variables(after, "canary")["ID_KEY"] == key
    assert posted(after, fields) == mine
    assert [lead["reference"] for lead in after.leads()] == [{"S": mine}]


def test_a_new_secret_for_the_links_leaves_the_ids_alone(deployed: Deployed) -> None:
    fields = plain_form(name="Lin Example")
    mine = posted(deployed, fields)
    secret = variables(deployed, "claim")["STACK_SECRET_ARN"]
    assert deployed.ids().fingerprint({}) != LeadIds(secrets_of(deployed)[secret]).fingerprint({})

    deployed.secrets.put_secret_value(SecretId=secret, SecretString="made-up-" * 8)
    for function in ("submit", "notify", "follow-up", "claim", "canary"):
        deployed.restart(function)

    assert posted(deployed, fields) == mine
    assert deployed.invoke("canary", {}) == {"accepted": True}


def test_no_id_or_fingerprint_can_be_computed_without_the_key(deployed: Deployed) -> None:
    fields = submission(name="Kay Example")
    answer = deployed.post_json(fields)
    lead: Any = deployed.lead(answer.document["reference"])
    about = (str(fields["submission_id"]), "", datetime.now(UTC), Signs())
    assert lead_id_of(lead) == deployed.ids().lead_id(*about)
    for key in ("", "clinic-leads", deployed.stack.name, deployed.stack.table):
        guessed = LeadIds(key)
        assert reference(guessed.lead_id(*about)) != lead["reference"]["S"]
    assert variables(deployed, "submit")["ID_KEY"] not in json.dumps(deployed.items())


def test_the_key_is_in_no_log(deployed: Deployed) -> None:
    deployed.post_json({"email": "not an address"})
    deployed.post_json(submission())
    deployed.invoke("canary", {})
    assert variables(deployed, "submit")["ID_KEY"] not in "\n".join(deployed.log_lines())
