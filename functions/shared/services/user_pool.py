"""The accounts of staff in the Cognito user pool, and the desk's own client there."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from shared.leads.person import Person

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
    from mypy_boto3_cognito_idp.type_defs import AttributeTypeTypeDef

CLIENT_NAME: Final = "desk"
# The groups that have a role at the desk, in the order of what they may do.
GROUPS: Final = ("manager", "staff")
# Seconds that a list of colleagues is kept, and that we do not ask again after a failure.
_MAX_AGE: Final = 300
_REST: Final = 30
_PAGE: Final = 60


class UserPoolError(Exception):
    """Cognito does not answer. `reason` is AWS's code or an error's name."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Client:
    """The desk's client of the pool. Nothing prints its secret."""

    id: str
    secret: str = field(repr=False)


class UserPool:
    """The user pool with this id. Every method raises UserPoolError, unless it says something else."""

    def __init__(
        self, client: "CognitoIdentityProviderClient", pool_id: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = client
        self._id = pool_id
        self._clock = clock
        self._desk: Client | None = None
        self._colleagues: tuple[Person, ...] = ()
        self._listed_until = clock()

    @property
    def issuer(self) -> str:
        """What the tokens of this pool say in `iss`."""
        region = self._id.partition("_")[0]
        return f"https://cognito-idp.{region}.amazonaws.com/{self._id}"

    @property
    def keys_url(self) -> str:
        """The address of the keys that sign the tokens. It is at AWS's endpoint, which may be a local one."""
        return f"{self._client.meta.endpoint_url}/{self._id}/.well-known/jwks.json"

    def desk(self) -> Client:
        """Return the desk's client. It is asked for once per process, so the secret is in no environment variable."""
        if self._desk is None:
            with _errors():
                pages = self._client.get_paginator("list_user_pool_clients").paginate(UserPoolId=self._id)
                ids = [each["ClientId"] for page in pages for each in page["UserPoolClients"] if _is_desk(each)]
                if len(ids) != 1:
                    raise UserPoolError("NoClient")
                answer = self._client.describe_user_pool_client(UserPoolId=self._id, ClientId=ids[0])
                found = answer["UserPoolClient"]
                self._desk = Client(found["ClientId"], found["ClientSecret"])
        return self._desk

    def standing(self, sub: str) -> str | None:
        """Return the group that decides what somebody may do, or None if they may do nothing (anymore)."""
        with _errors():
            try:
                if not self._client.admin_get_user(UserPoolId=self._id, Username=sub)["Enabled"]:
                    return None
                answer = self._client.admin_list_groups_for_user(UserPoolId=self._id, Username=sub, Limit=_PAGE)
            except self._client.exceptions.UserNotFoundException:
                return None
        groups = {each["GroupName"] for each in answer["Groups"]}
        return next((each for each in GROUPS if each in groups), None)

    def colleagues(self) -> tuple[Person, ...]:
        """Return everybody who may sign in, by address. The list is kept for five minutes.

        If Cognito does not answer, it returns the last list, which may be empty: a request's page works without it.
        """
        if self._clock() >= self._listed_until:
            try:
                self._colleagues = tuple(map(Person, sorted(set(self._emails()))))
            except UserPoolError:
                self._listed_until = self._clock() + _REST
            else:
                self._listed_until = self._clock() + _MAX_AGE
        return self._colleagues

    def _emails(self) -> Iterator[str]:
        with _errors():
            pages = self._client.get_paginator("list_users_in_group")
            for group in GROUPS:
                for page in pages.paginate(UserPoolId=self._id, GroupName=group):
                    for user in page["Users"]:
                        if user["Enabled"]:
                            yield from _email(user.get("Attributes", []))


def _is_desk(client: object) -> bool:
    return isinstance(client, dict) and client.get("ClientName") == CLIENT_NAME


def _email(found: "list[AttributeTypeTypeDef]") -> Iterator[str]:
    yield from (each["Value"].lower() for each in found if each["Name"] == "email")


@contextmanager
def _errors() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        raise UserPoolError(error.response["Error"]["Code"]) from None
    except BotoCoreError as error:
        raise UserPoolError(type(error).__name__) from None
