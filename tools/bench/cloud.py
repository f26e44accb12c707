"""The local AWS of a run: one emulator for all contenders, over TLS like the real AWS, and their tables."""

from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import boto3
import trustme

from tests.architecture.templates import load
from tools.local.emulator import REGION, ROOT, Certificate, Emulator
from tools.local.ports import free_port

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sesv2 import SESV2Client

_CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_SESSION_TOKEN": "test"}


class Cloud:
    """A running local AWS without IAM, as a context manager. `folder` gets its log and its certificate."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._certificate = _certificate(folder)
        self._emulator = Emulator(
            free_port(), log=folder / "emulator.log", enforce_iam=False, certificate=self._certificate
        )
        self._resources = ExitStack()

    def __enter__(self) -> Self:
        self._resources.enter_context(self._emulator)
        session = boto3.Session("test", "test", "test", region_name=REGION)
        url, trusted = self._emulator.url, str(self._certificate.authority)
        self.dynamodb: DynamoDBClient = session.client("dynamodb", endpoint_url=url, verify=trusted)
        self.cognito: CognitoIdentityProviderClient = session.client("cognito-idp", endpoint_url=url, verify=trusted)
        self.ses: SESV2Client = session.client("sesv2", endpoint_url=url, verify=trusted)
        self.secrets: SecretsManagerClient = session.client("secretsmanager", endpoint_url=url, verify=trusted)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for client in (self.dynamodb, self.cognito, self.ses, self.secrets):
            client.close()  # the emulator waits for open connections
        self._resources.close()

    def environment(self, bundle: Path) -> dict[str, str]:
        """Return the environment variables of a function that trusts the certificates in `bundle`.

        Our certificate is added to the bundle, because loading trusted certificates is part of a cold start.
        """
        trusted = self._folder / f"trusted-{bundle.parent.parent.name}-{bundle.name}"
        authority = self._certificate.authority.read_text(encoding="ascii")
        trusted.write_text(bundle.read_text(encoding="utf-8") + "\n" + authority, encoding="utf-8")
        return {
            **_CREDENTIALS,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ENDPOINT_URL": self._emulator.url,
            "AWS_CA_BUNDLE": str(trusted),
            "SSL_CERT_FILE": str(trusted),
        }

    def make_table(self, name: str) -> str:
        """Create a typical table with the key `id`."""
        self.dynamodb.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        )
        return name

    def make_leads_table(self, name: str) -> str:
        """Create a table with the keys and indexes of infra/data.yaml."""
        shape = load((ROOT / "infra" / "data.yaml").read_text(encoding="utf-8"))["Resources"]["Table"]["Properties"]
        self.dynamodb.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=shape["AttributeDefinitions"],
            KeySchema=shape["KeySchema"],
            GlobalSecondaryIndexes=shape["GlobalSecondaryIndexes"],
        )
        return name


def _certificate(folder: Path) -> Certificate:
    folder.mkdir(parents=True, exist_ok=True)
    authority = trustme.CA()
    server = authority.issue_cert("localhost")
    files = Certificate(chain=folder / "server.pem", key=folder / "server.key", authority=folder / "authority.pem")
    server.cert_chain_pems[0].write_to_path(str(files.chain))
    server.private_key_pem.write_to_path(str(files.key))
    authority.cert_pem.write_to_path(str(files.authority))
    return files
