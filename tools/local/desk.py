"""Makes the desk of a local stack usable: where to sign in, where to come back to, and one account of each role."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import boto3

from tools.local.parameters import ACCOUNTS, Account

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

# What DescribeUserPoolClient returns and UpdateUserPoolClient does not take.
_READ_ONLY: Final = {"ClientSecret", "CreationDate", "LastModifiedDate"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The desk of a stack: its URL, the id of its user pool, the id of its client there, and the table of the audit."""

    url: str
    user_pool: str
    client: str
    audit: str


def open_desk(session: boto3.Session, aws: str, stack: str, desk: Desk) -> None:
    """Let people sign in at the desk of `stack`, in the local AWS at the URL `aws`.

    The template's addresses are AWS's. The parameters cannot change them: they contain ids that only exist after the
    deployment.
    """
    _say_where_to_sign_in(session, aws, f"{stack}-desk")
    pool = session.client("cognito-idp", endpoint_url=aws)
    _say_where_to_come_back(pool, desk)
    for account in ACCOUNTS:
        _create(pool, desk.user_pool, account)


def _say_where_to_sign_in(session: boto3.Session, aws: str, function: str) -> None:
    lambdas = session.client("lambda", endpoint_url=aws)
    variables = lambdas.get_function_configuration(FunctionName=function)["Environment"]["Variables"]
    if variables["SIGN_IN_URL"] != aws:
        lambdas.update_function_configuration(
            FunctionName=function, Environment={"Variables": variables | {"SIGN_IN_URL": aws}}
        )


def _say_where_to_come_back(pool: "CognitoIdentityProviderClient", desk: Desk) -> None:
    # An update resets what it does not name. The local AWS describes some settings as empty texts.
    client: Any = pool.describe_user_pool_client(UserPoolId=desk.user_pool, ClientId=desk.client)["UserPoolClient"]
    kept = {name: value for name, value in client.items() if name not in _READ_ONLY and value != ""}
    pool.update_user_pool_client(
        **kept | {"CallbackURLs": [f"{desk.url}/signed-in"], "LogoutURLs": [f"{desk.url}/signed-out"]}
    )


def _create(pool: "CognitoIdentityProviderClient", pool_id: str, account: Account) -> None:
    """Create an account, unless an earlier run did. It gets no invitation, and its password is final."""
    try:
        pool.admin_create_user(
            UserPoolId=pool_id,
            Username=account.email,
            UserAttributes=[{"Name": "email", "Value": account.email}, {"Name": "email_verified", "Value": "true"}],
            MessageAction="SUPPRESS",
        )
    except pool.exceptions.UsernameExistsException:
        return  # staff-remove and staff-add may have changed it since
    pool.admin_set_user_password(UserPoolId=pool_id, Username=account.email, Password=account.password, Permanent=True)
    pool.admin_add_user_to_group(UserPoolId=pool_id, Username=account.email, GroupName=account.role)
