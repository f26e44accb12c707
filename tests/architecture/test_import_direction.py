from pathlib import Path

import pytest

from tests.architecture.imports import wrong_imports
from tests.architecture.source import lambda_folders, modules
from tests.architecture.templates import FUNCTIONS

FOLDERS = {"submit", "notify"}


@pytest.mark.parametrize("module", modules(), ids=str)
def test_imports_point_one_way(module: Path) -> None:
    found = wrong_imports(module, (FUNCTIONS / module).read_text(encoding="utf-8"), lambda_folders())
    assert not found, "\n" + "\n".join(found)


def test_each_folder_has_its_place() -> None:
    folders = {module.parts[0] for module in modules()}
    unknown = folders - lambda_folders() - {"alerts", "pages", "aws", "leads"}
    assert not unknown, f"{sorted(unknown)} has no handler.py and no place in tests/architecture/imports.py"


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("leads/lead.py", "import boto3"),
        ("leads/lead.py", "from botocore.config import Config"),
        ("leads/lead.py", "from aws_lambda_powertools import Logger"),
        ("leads/lead.py", "import os"),
        ("leads/lead.py", "from os import environ"),
        ("leads/lead.py", "from aws import items"),
        ("leads/lead.py", "def f():\n    import alerts.send"),
        ("leads/lead.py", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from mypy_boto3_dynamodb import X"),
        ("aws/table.py", "from alerts.send import Result"),
        ("aws/table.py", "from submit.routes import Submit"),
        ("aws/table.py", "from pages.page import page"),
        ("alerts/send.py", "from pages.page import page"),
        ("alerts/send.py", "import notify.batch"),
        ("alerts/send.py", "import boto3"),
        ("notify/batch.py", "from submit.receive import receive"),
        ("notify/batch.py", "from notify.handler import handler"),
        ("notify/batch.py", "from notify import handler"),
        ("notify/batch.py", "from .handler import handler"),
        ("notify/handler.py", "import boto3"),
        ("notify/handler.py", "from aws_lambda_powertools.utilities.typing import LambdaContext"),
        ("notify/batch.py", "from aws.runtime.settings import read_settings\nread_settings(X)"),
        ("alerts/send.py", "from aws.runtime import settings\nsettings.read_settings(X)"),
        ("notify/handler.py", "import os\nos.environ['TABLE_NAME']"),
        ("aws/clients.py", "import os\nos.getenv('TABLE_NAME')"),
        ("aws/runtime/files.py", "import importlib"),
    ],
)
def test_a_wrong_import_is_noticed(module: str, source: str) -> None:
    assert wrong_imports(Path(module), source, FOLDERS)


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("leads/lead.py", "import re\nfrom leads.text import single_line"),
        ("aws/table.py", "import boto3\nfrom leads.lead import Lead"),
        ("aws/runtime/settings.py", "import os\nos.environ['TABLE_NAME']"),
        ("alerts/send.py", "from aws.table import LeadTable\nfrom leads.lead import Lead"),
        ("submit/page.py", "from pages.page import page"),
        ("notify/handler.py", "from aws.runtime.settings import read_settings\nread_settings(X)"),
        (
            "notify/handler.py",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from aws_lambda_powertools import Logger",
        ),
    ],
)
def test_a_right_import_passes(module: str, source: str) -> None:
    assert not wrong_imports(Path(module), source, FOLDERS)
