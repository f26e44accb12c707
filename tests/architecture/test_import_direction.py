from pathlib import Path

import pytest

from tests.architecture.imports import SHARED, wrong_imports
from tests.architecture.source import lambda_folders, modules
from tests.architecture.templates import FUNCTIONS

FOLDERS = {"submit", "notify"}


@pytest.mark.parametrize("module", modules(), ids=str)
def test_imports_point_one_way(module: Path) -> None:
    found = wrong_imports(module, (FUNCTIONS / module).read_text(encoding="utf-8"), lambda_folders())
    assert not found, "\n" + "\n".join(found)


def test_each_folder_has_its_place() -> None:
    unknown = {module.parts[0] for module in modules()} - lambda_folders() - {"shared"}
    assert not unknown, (
        f"{sorted(unknown)} has no handler.py: give it one, or move it into a Lambda's folder or shared/"
    )
    rooms = {module.parts[1] for module in modules() if module.parts[0] == "shared" and len(module.parts) > 2}
    assert rooms <= set(SHARED), f"add {sorted(rooms - set(SHARED))} to SHARED in tests/architecture/imports.py"


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("shared/leads/lead.py", "import boto3"),
        ("shared/leads/lead.py", "from botocore.config import Config"),
        ("shared/leads/lead.py", "from aws_lambda_powertools import Logger"),
        ("shared/leads/lead.py", "import os"),
        ("shared/leads/lead.py", "from os import environ"),
        ("shared/leads/lead.py", "from shared.store import items"),
        ("shared/leads/lead.py", "def f():\n    import shared.messages.send"),
        (
            "shared/leads/lead.py",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from mypy_boto3_dynamodb import X",
        ),
        ("shared/store/leads.py", "from shared.messages.send import AlertSender"),
        ("shared/store/leads.py", "from submit.routes import Submit"),
        ("shared/store/leads.py", "from shared.web.page import page"),
        ("shared/messages/send.py", "from shared.web.page import page"),
        ("shared/messages/send.py", "import notify.batch"),
        ("shared/messages/send.py", "import boto3"),
        ("notify/batch.py", "from submit.receive import receive"),
        ("notify/batch.py", "from notify.handler import handler"),
        ("notify/batch.py", "from notify import handler"),
        ("notify/batch.py", "from .handler import handler"),
        ("notify/handler.py", "import boto3"),
        ("notify/batch.py", "from botocore.exceptions import ClientError"),
        ("submit/handler.py", "import boto3"),
        ("submit/handler.py", "from shared.services.clients import dynamodb"),
        ("submit/handler.py", "from shared.services import clients"),
        ("submit/routes.py", "from aws_lambda_powertools.event_handler import APIGatewayRestResolver"),
        ("submit/routes.py", "from aws_lambda_powertools.utilities.parameters import get_secret"),
        ("notify/handler.py", "from shared.services.intake_client import intake_client"),
        ("notify/batch.py", "from shared.runtime.settings import read_settings\nread_settings(X)"),
        ("shared/messages/send.py", "from shared.runtime import settings\nsettings.read_settings(X)"),
        ("notify/handler.py", "import os\nos.environ['TABLE_NAME']"),
        ("shared/services/clients.py", "import os\nos.getenv('TABLE_NAME')"),
        ("shared/runtime/files.py", "import importlib"),
    ],
)
def test_a_wrong_import_is_noticed(module: str, source: str) -> None:
    assert wrong_imports(Path(module), source, FOLDERS)


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("shared/leads/lead.py", "import re\nfrom shared.leads.contact import normalize_email"),
        ("shared/store/leads.py", "import boto3\nfrom shared.leads.lead import Lead"),
        ("shared/runtime/settings.py", "import os\nos.environ['TABLE_NAME']"),
        ("shared/messages/send.py", "from shared.store.leads import Leads\nfrom shared.leads.lead import Lead"),
        ("submit/page.py", "from shared.web.page import page"),
        ("notify/handler.py", "from shared.runtime.settings import read_settings\nread_settings(X)"),
        ("notify/handler.py", "from aws_lambda_powertools.utilities.batch import BatchProcessor"),
        ("notify/handler.py", "from aws_lambda_powertools.event_handler import APIGatewayRestResolver"),
        ("submit/handler.py", "from shared.services.intake_client import intake_client"),
        ("shared/services/secret.py", "from aws_lambda_powertools.utilities.parameters import SecretsProvider"),
        (
            "notify/handler.py",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from mypy_boto3_sns import SNSClient",
        ),
    ],
)
def test_a_right_import_passes(module: str, source: str) -> None:
    assert not wrong_imports(Path(module), source, FOLDERS)
