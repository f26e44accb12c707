"""Staff accounts in the stack's user pool: who may sign in at the desk, and with which role."""

import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from tools.operate.stack import OperateError

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
    from mypy_boto3_cognito_idp.type_defs import AdminGetUserResponseTypeDef

# The groups of infra/sign-in.yaml.
ROLES: Final = ("staff", "manager")
_NO_ROLE: Final = "none"
# The addresses that the template's parameters accept.
_EMAIL: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+'-]*@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
# Without characters that look or sound alike: an operator may read a password out on the phone.
_LETTERS: Final = "abcdefghjkmnpqrtuvwxyz2346789"
# What an account that is closed does not change.
LEFT: Final = (
    "If the address is in AlertRecipients or FallbackRecipients, it still gets emails, the links in them work, and its"
    " person keeps what they claimed: remove it there too. The person's notes and the audit stay. Emails that they have"
    " already received stay in their mailbox."
)
_PAGE: Final = 60
_INVITED: Final = "FORCE_CHANGE_PASSWORD"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """An account as staff-list shows it. `has_password` is false until the person replaces the temporary one.

    Cognito does not tell whether somebody set up an app: GetUser's list of them stays empty for an app that was set up
    on Cognito's own page (https://github.com/aws/aws-sdk/issues/693). Nobody gets in without one.
    """

    email: str
    role: str
    enabled: bool
    has_password: bool
    created_at: datetime


class Accounts:
    """The accounts of one user pool. Every method raises OperateError, and botocore's errors."""

    def __init__(self, client: "CognitoIdentityProviderClient", pool_id: str) -> None:
        self._client = client
        self._pool = pool_id

    def add(self, email: str, role: str) -> str:
        """Create an account, or give an existing one this role and let it in again. Return what was done."""
        email = checked(email)
        if role not in ROLES:
            raise OperateError(f"{role or 'Nothing'} is no role. Use ROLE=staff or ROLE=manager.")
        user = self._user(email)
        if user is None:
            self._invite(email)
            done = [f"Created an account for {email} and sent an invitation to that address."]
        else:
            done = list(self._let_in(email, user))
        self._set_role(email, role)
        return " ".join([*done, f"Role: {role}."])

    def remove(self, email: str) -> str:
        """Disable an account and end its sessions. Return what was done."""
        email = checked(email)
        self._existing(email)
        self._client.admin_disable_user(UserPoolId=self._pool, Username=email)
        self._sign_out(email)
        return (
            f"{email} can no longer sign in. Pages that are open at the desk stop working within five minutes."
            f" To undo this: make staff-add EMAIL={email} ROLE=..."
        )

    def reset(self, email: str) -> str:
        """Forget an account's authenticator app, after its phone was lost. Return what happens next."""
        email = checked(email)
        self._existing(email)
        try:
            # AdminSetUserMFAPreference would change nothing, because the pool demands an app from everyone.
            self._client.admin_delete_software_token(UserPoolId=self._pool, Username=email)
        except self._client.exceptions.UserNotConfirmedException:
            raise OperateError(
                f"{email} has not signed in yet, so there is no app to remove. To send another invitation:"
                f" make staff-add EMAIL={email} ROLE=..."
            ) from None
        self._sign_out(email)
        return (
            f"{email} has no authenticator app anymore. At the next sign-in, after the password, Cognito shows a QR"
            " code to set up a new one. Anyone who knows the password can do that, so let the person do it now."
        )

    def new_password(self, email: str) -> str:
        """Replace a forgotten password by a temporary one. Return the password and what to do with it."""
        email = checked(email)
        if not self._existing(email)["Enabled"]:
            raise OperateError(f"{email} may not sign in. To change that: make staff-add EMAIL={email} ROLE=...")
        password = "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))
        self._client.admin_set_user_password(UserPoolId=self._pool, Username=email, Password=password, Permanent=False)
        self._sign_out(email)
        return (
            f"Temporary password for {email}: {password}\n"
            "Tell the person by phone or in person. It works for three days. At the next sign-in, the person chooses"
            " another password. The authenticator app stays the same."
        )

    def listed(self) -> Iterator[Listed]:
        """Yield every account, by address."""
        roles = {
            user["Username"]: role
            for role in ROLES
            for page in self._client.get_paginator("list_users_in_group").paginate(
                UserPoolId=self._pool, GroupName=role
            )
            for user in page["Users"]
        }
        pages = self._client.get_paginator("list_users").paginate(UserPoolId=self._pool)
        users = [user for page in pages for user in page["Users"]]
        for email, user in sorted((_email(user.get("Attributes", [])), user) for user in users):
            yield Listed(
                email=email,
                role=roles.get(user["Username"], _NO_ROLE),
                enabled=user["Enabled"],
                has_password=user["UserStatus"] != _INVITED,
                created_at=user["UserCreateDate"],
            )

    def desk_url(self, client_id: str) -> str:
        """Return the address of the desk: where Cognito sends people back to."""
        found = self._client.describe_user_pool_client(UserPoolId=self._pool, ClientId=client_id)["UserPoolClient"]
        return found["CallbackURLs"][0].removesuffix("/signed-in")

    def _user(self, email: str) -> "AdminGetUserResponseTypeDef | None":
        try:
            return self._client.admin_get_user(UserPoolId=self._pool, Username=email)
        except self._client.exceptions.UserNotFoundException:
            return None

    def _existing(self, email: str) -> "AdminGetUserResponseTypeDef":
        if user := self._user(email):
            return user
        raise OperateError(f"There is no account for {email}. `make staff-list` shows all accounts.")

    def _let_in(self, email: str, user: "AdminGetUserResponseTypeDef") -> Iterator[str]:
        """Enable an account, and invite its person again if they have not signed in yet. Yield what was done."""
        if not user["Enabled"]:
            self._client.admin_enable_user(UserPoolId=self._pool, Username=email)
            yield f"{email} may sign in again."
        if user["UserStatus"] == _INVITED:
            self._invite(email, again=True)
            yield f"{email} has not chosen a password yet. Sent another invitation, with a new temporary password."
        elif user["Enabled"]:
            yield f"{email} already has an account."

    def _invite(self, email: str, *, again: bool = False) -> None:
        try:
            if again:
                self._client.admin_create_user(
                    UserPoolId=self._pool, Username=email, DesiredDeliveryMediums=["EMAIL"], MessageAction="RESEND"
                )
            else:
                self._client.admin_create_user(
                    UserPoolId=self._pool,
                    Username=email,
                    UserAttributes=[{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": "true"}],
                    DesiredDeliveryMediums=["EMAIL"],
                )
        except self._client.exceptions.CodeDeliveryFailureException:
            raise OperateError(
                f"The invitation to {email} could not be sent. If AccountEmails is ses, check that SES has verified the"
                " sender, and the recipient too while the account is in the sandbox. Then run this command again."
            ) from None

    def _set_role(self, email: str, role: str) -> None:
        self._client.admin_add_user_to_group(UserPoolId=self._pool, Username=email, GroupName=role)
        for other in ROLES:
            if other != role:
                self._client.admin_remove_user_from_group(UserPoolId=self._pool, Username=email, GroupName=other)

    def _sign_out(self, email: str) -> None:
        """End what Cognito remembers. The desk asks Cognito about each session every five minutes."""
        self._client.admin_user_global_sign_out(UserPoolId=self._pool, Username=email)


def checked(email: str) -> str:
    """Return an address in lower case. Raises OperateError if it is none."""
    if not _EMAIL.fullmatch(email):
        raise OperateError(f"{email or 'Nothing'} is no email address. Use EMAIL=nurse@example.com.")
    return email.lower()


def table(accounts: list[Listed]) -> str:
    """Return the accounts as lines of text."""
    if not accounts:
        return "There are no accounts. To create one: make staff-add EMAIL=nurse@example.com ROLE=staff"
    rows = [("EMAIL", "ROLE", "MAY SIGN IN", "PASSWORD", "CREATED")]
    rows += [
        (
            each.email,
            each.role,
            "yes" if each.enabled else "no",
            "own" if each.has_password else "temporary",
            f"{each.created_at:%Y-%m-%d}",
        )
        for each in accounts
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def _email(attributes: object) -> str:
    found = attributes if isinstance(attributes, list) else []
    return next((str(each["Value"]).lower() for each in found if each["Name"] == "email"), "")
