"""The account that a deployment goes to: whose it is, what an earlier stack left there, and what it allows."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, Final, Literal

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from tools.deploy.questions import Suggestion
from tools.operate.ses_identity import identities_of

# The concurrency of a new account. AWS keeps ten of it for functions without a limit of their own.
SMALL_QUOTA: Final = 10
SMALL_BURST: Final = "5"
_MISSING: Final = {"NotFoundException", "NoSuchEntity", "ResourceNotFoundException"}

# What SES knows of an identity. It is unsaid if these credentials may not look.
type Known = Literal["verified", "waiting", "missing", "unsaid"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """The owner of the credentials, and the account that they are for."""

    account: str
    arn: str


class Account:
    """The account and region of a session. If a look is denied, the answer is that nothing is there."""

    def __init__(self, session: boto3.Session) -> None:
        self._session = session

    def identity(self) -> Identity:
        """Return whose credentials these are. Raises botocore's errors."""
        found = self._session.client("sts").get_caller_identity()
        return Identity(account=found["Account"], arn=found["Arn"])

    @cached_property
    def concurrency(self) -> int | None:
        """How many functions may run at the same time."""
        return _seen(
            lambda: self._session.client("lambda").get_account_settings()["AccountLimit"]["ConcurrentExecutions"]
        )

    @cached_property
    def sandboxed(self) -> bool:
        """Whether SES sends to verified addresses only."""
        return _seen(lambda: self._session.client("sesv2").get_account().get("ProductionAccessEnabled")) is False

    @cached_property
    def has_api_logs_role(self) -> bool:
        """Whether API Gateway has a role for logs, and the role still exists."""

        def look() -> bool:
            arn = self._session.client("apigateway").get_account().get("cloudwatchRoleArn")
            if not arn:
                return False
            with suppress(BotoCoreError):
                try:
                    self._session.client("iam").get_role(RoleName=arn.rpartition("/")[2])
                except ClientError as error:
                    return error.response["Error"]["Code"] not in _MISSING
            return True

        return bool(_seen(look))

    def in_ses(self, identity: str) -> Known:
        """Return what SES knows of an address or domain."""
        try:
            found = self._session.client("sesv2").get_email_identity(EmailIdentity=identity)
        except ClientError as error:
            return "missing" if error.response["Error"]["Code"] in _MISSING else "unsaid"
        except BotoCoreError:
            return "unsaid"
        return "verified" if found.get("VerifiedForSendingStatus") else "waiting"

    def can_send_from(self, address: str) -> bool:
        """Return whether SES may send from an address: because it is verified, or its domain or one above is."""
        return any(self.in_ses(identity) == "verified" for identity in identities_of(address))

    def left_behind(self, stack: str, outputs: Mapping[str, str]) -> Iterator[str]:
        """Yield what an earlier stack of this name left, with the data that is in it."""
        tables = _seen(lambda: list(self._named("dynamodb", "list_tables", "TableNames[]"))) or []
        for table in tables:
            if table in outputs.values() or not table.startswith((f"{stack}-Data-", f"{stack}-Audit-")):
                continue
            if outputs and "-Audit-" in table and "AuditTable" not in outputs:
                continue  # an older version, which does not say which one it uses
            described = _seen(partial(self._session.client("dynamodb").describe_table, TableName=table))
            whose = "requests of visitors" if "-Data-" in table else "entries of the audit"
            found: Mapping[str, Any] = described["Table"] if described else {}
            made = f", created {found['CreationDateTime']:%Y-%m-%d}" if found.get("CreationDateTime") else ""
            yield f"table {table} with {found.get('ItemCount', 'some')} items ({whose}){made}"
        pools: Any = _seen(lambda: list(self._named("cognito-idp", "list_user_pools", "UserPools[]", MaxResults=60)))
        for pool in pools or []:
            if pool["Name"] == f"{stack}-staff" and pool["Id"] not in outputs.values():
                yield f"user pool {pool['Id']} with the staff accounts"

    def _named(self, service: Any, operation: str, expression: str, **options: Any) -> Iterator[Any]:  # noqa: ANN401
        client: Any = self._session.client(service)
        yield from client.get_paginator(operation).paginate(**options).search(expression)


def _seen[T](look: Callable[[], T]) -> T | None:
    try:
        return look()
    except (ClientError, BotoCoreError):
        return None


@dataclass(frozen=True, kw_only=True)
class Advice:
    """Better answers than the defaults, from what is in the account and what the stack was deployed with."""

    account: Account
    deployed: Mapping[str, str]
    emulated: Mapping[str, str]

    def suggest(self, name: str, answers: Mapping[str, str]) -> Suggestion | None:
        """Return what to answer to a parameter, or None if there is nothing to say."""
        if name in self.emulated:
            return Suggestion(value=self.emulated[name], reason="The local AWS needs it.", needed=True)
        match name:
            case "CreateSenderIdentity":
                return self._sender(answers.get("SenderAddress", ""))
            case "ApiGatewayLogsRole":
                return self._logs_role()
            case "ThrottleBurst" if self.account.concurrency is not None and self.account.concurrency <= SMALL_QUOTA:
                return Suggestion(
                    value=SMALL_BURST,
                    reason=f"This account may run {self.account.concurrency} functions at the same time. A larger burst"
                    " could keep alerts waiting.",
                )
        return None

    def _sender(self, address: str) -> Suggestion | None:
        if self.deployed.get("CreateSenderIdentity") == "yes" and self.deployed.get("SenderAddress") == address:
            return Suggestion(value="yes", reason="This stack registered the sender.", needed=True)
        found = {identity: self.account.in_ses(identity) for identity in identities_of(address)}
        if (own := found[address]) in {"verified", "waiting"}:
            state = "verified" if own == "verified" else "not verified yet, so click the link in the email of SES"
            return Suggestion(value="no", reason=f"SES already knows {address} in this region ({state}).", needed=True)
        for domain, known in found.items():
            if known == "verified":
                return Suggestion(value="no", reason=f"The domain {domain} is verified in SES in this region.")
        new = self.deployed.get("SenderAddress", address) != address and "unsaid" not in found.values()
        return Suggestion(
            value="yes",
            reason=f"SES has verified neither {address} nor its domain in this region, and would send nothing.",
            needed=new,
            personal=new,
        )

    def _logs_role(self) -> Suggestion | None:
        if self.deployed.get("ApiGatewayLogsRole") == "create":
            return Suggestion(value="create", reason="This stack set the role.", needed=True)
        if self.account.has_api_logs_role:
            return Suggestion(
                value="existing", reason="API Gateway already has a role for logs in this account and region."
            )
        return Suggestion(
            value="create", reason="API Gateway has no role for logs in this account and region.", needed=True
        )
