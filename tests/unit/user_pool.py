"""A user pool in memory, behind a real boto3 client, which checks each request and raises Cognito's own errors."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from http import HTTPStatus
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final

import boto3
from botocore import xform_name
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from botocore.model import OperationModel
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

POOL: Final = "us-east-1_MadeUp"
CREATED: Final = datetime(2026, 11, 2, 15, 4, tzinfo=UTC)
PAGE: Final = 2  # so few that a reader that ignores the next page is noticed


@dataclass
class User:
    """An account. `apps` counts authenticator apps; `sign_outs` counts how often its sessions were ended."""

    email: str
    status: str = "CONFIRMED"
    enabled: bool = True
    apps: int = 1
    password: str = ""
    groups: set[str] = field(default_factory=set)
    sign_outs: int = 0


@dataclass
class MemoryPool:
    """The accounts by address, and the addresses that got an invitation, in order."""

    users: dict[str, User] = field(default_factory=dict)
    invited: list[str] = field(default_factory=list)
    emails_arrive: bool = True

    def client(self) -> "CognitoIdentityProviderClient":
        """Return a client whose calls end here."""
        client = _session().client("cognito-idp")
        client.meta.events.register("before-call.cognito-idp", self._call)  # type: ignore[arg-type] # it may answer
        return client

    def _call(self, model: "OperationModel", params: dict[str, Any], **_: object) -> tuple[object, dict[str, Any]]:
        asked = {xform_name(name): value for name, value in json.loads(params["body"]).items()}
        assert asked.pop("user_pool_id") == POOL
        try:
            return SimpleNamespace(status_code=HTTPStatus.OK), _OPERATIONS[model.name](self, **asked) or {}
        except ClientError as error:
            return SimpleNamespace(status_code=HTTPStatus.BAD_REQUEST), error.response  # type: ignore[return-value]

    def user(self, name: str) -> User:
        if name not in self.users:
            raise _refused("UserNotFoundException")
        return self.users[name]

    # ---- operations

    def create(
        self,
        *,
        username: str,
        desired_delivery_mediums: list[str],
        message_action: str = "",
        user_attributes: Sequence[Mapping[str, str]] = (),
    ) -> None:
        assert desired_delivery_mediums == ["EMAIL"]
        if message_action == "RESEND":
            if self.user(username).status != "FORCE_CHANGE_PASSWORD":
                raise _refused("UnsupportedUserStateException")
        else:
            if username in self.users:
                raise _refused("UsernameExistsException")
            verified = {each["Name"]: each["Value"] for each in user_attributes}
            assert verified == {"email": username, "email_verified": "true"}
            self.users[username] = User(username, status="FORCE_CHANGE_PASSWORD", apps=0)
        if not self.emails_arrive:
            raise _refused("CodeDeliveryFailureException")
        self.invited.append(username)

    def get(self, *, username: str) -> dict[str, Any]:
        user = self.user(username)
        return {"Username": user.email, "UserStatus": user.status, "Enabled": user.enabled}

    def enable(self, *, username: str) -> None:
        self.user(username).enabled = True

    def disable(self, *, username: str) -> None:
        self.user(username).enabled = False

    def sign_out(self, *, username: str) -> None:
        self.user(username).sign_outs += 1

    def forget_app(self, *, username: str) -> None:
        user = self.user(username)
        if user.status == "FORCE_CHANGE_PASSWORD":
            raise _refused("UserNotConfirmedException")
        user.apps = 0

    def set_password(self, *, username: str, password: str, permanent: bool) -> None:
        assert not permanent
        user = self.user(username)
        user.password, user.status = password, "FORCE_CHANGE_PASSWORD"

    def add_to_group(self, *, username: str, group_name: str) -> None:
        self.user(username).groups.add(group_name)

    def remove_from_group(self, *, username: str, group_name: str) -> None:
        self.user(username).groups.discard(group_name)

    def in_group(self, *, group_name: str, next_token: str | None = None) -> dict[str, Any]:
        return self._page([user for user in self.users.values() if group_name in user.groups], "NextToken", next_token)

    def all(self, *, pagination_token: str | None = None) -> dict[str, Any]:
        return self._page(list(self.users.values()), "PaginationToken", pagination_token)

    @staticmethod
    def _page(users: list[User], token: str, start: str | None) -> dict[str, Any]:
        begin = int(start or 0)
        end = begin + PAGE
        shown = [
            {
                "Username": user.email,
                "Attributes": [{"Name": "sub", "Value": "x"}, {"Name": "email", "Value": user.email}],
                "UserCreateDate": CREATED,
                "Enabled": user.enabled,
                "UserStatus": user.status,
            }
            for user in users[begin:end]
        ]
        return {"Users": shown} | ({token: str(end)} if end < len(users) else {})


_OPERATIONS: Final[dict[str, Any]] = {
    "AdminAddUserToGroup": MemoryPool.add_to_group,
    "AdminCreateUser": MemoryPool.create,
    "AdminDeleteSoftwareToken": MemoryPool.forget_app,
    "AdminDisableUser": MemoryPool.disable,
    "AdminEnableUser": MemoryPool.enable,
    "AdminGetUser": MemoryPool.get,
    "AdminRemoveUserFromGroup": MemoryPool.remove_from_group,
    "AdminSetUserPassword": MemoryPool.set_password,
    "AdminUserGlobalSignOut": MemoryPool.sign_out,
    "ListUsers": MemoryPool.all,
    "ListUsersInGroup": MemoryPool.in_group,
}


@cache
def _session() -> boto3.Session:
    return boto3.Session(aws_access_key_id="none", aws_secret_access_key="none", region_name="us-east-1")


def _refused(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "made up"}}, "made up")
