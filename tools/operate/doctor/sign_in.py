"""The desk's sign-in: who may get in, and whether Cognito and the desk know each other's addresses."""

from collections.abc import Iterator
from typing import Final

from botocore.exceptions import ClientError

from tools.operate.accounts import ROLES
from tools.operate.doctor.check import Check
from tools.operate.doctor.clients import Clients
from tools.operate.doctor.finding import Finding, green, red, yellow
from tools.operate.doctor.known import Known

# A pool's settings are changed together: to name only one sets the others to AWS's defaults.
_IN_CONSOLE: Final = "Cognito console, User pools, {pool}"


def pool(ask: Clients, stack: Known) -> Iterator[Finding]:
    """Say whether everyone needs a second factor, and nobody can make an account of their own."""
    name = stack.output("UserPoolId")
    console = _IN_CONSOLE.format(pool=name)
    factors = ask.people.get_user_pool_mfa_config(UserPoolId=name)
    app = factors.get("SoftwareTokenMfaConfiguration", {}).get("Enabled")
    if factors.get("MfaConfiguration") == "ON" and app:
        yield green("Everyone needs an authenticator app to sign in.")
    else:
        yield red(
            "A password alone is enough to sign in at the desk: the second factor is not required.",
            "Require it. Staff without an app set one up when they next sign in:",
            f"aws cognito-idp set-user-pool-mfa-config --user-pool-id {name} --mfa-configuration ON"
            " --software-token-mfa-configuration '{\"Enabled\": true}'",
        )
    found = ask.people.describe_user_pool(UserPoolId=name)["UserPool"]
    if not found.get("AdminCreateUserConfig", {}).get("AllowAdminCreateUserOnly"):
        yield red(
            "Anyone can make an account. The desk turns accounts without a role away, but this should not be possible.",
            f"{console}, Authentication, Sign-up: turn self-registration off.",
        )
    if found.get("DeletionProtection") == "ACTIVE":
        yield green("The accounts are protected from deletion.")
    else:
        yield yellow(
            "One wrong command could delete all accounts: their protection is off.",
            f"{console}, Settings, Deletion protection: activate it.",
        )


def accounts(ask: Clients, stack: Known) -> Iterator[Finding]:
    """Say whether anybody can work at the desk."""
    name = stack.output("UserPoolId")
    by_role = {
        role: sum(
            each.get("Enabled", False)
            for page in ask.people.get_paginator("list_users_in_group").paginate(UserPoolId=name, GroupName=role)
            for each in page["Users"]
        )
        for role in ROLES
    }
    said = ", ".join(f"{count} with the role {role}" for role, count in by_role.items())
    if any(by_role.values()):
        yield green(f"Accounts that may sign in: {said}.")
    else:
        yield yellow(
            "Nobody can sign in at the desk: no account has a role.",
            "Create one for each person. They get an email:",
            stack.make("staff-add EMAIL=nurse@example.com ROLE=staff"),
        )


def addresses(ask: Clients, stack: Known) -> Iterator[Finding]:
    """Say whether Cognito sends people back to the desk's address."""
    client = ask.people.describe_user_pool_client(
        UserPoolId=stack.output("UserPoolId"), ClientId=stack.output("DeskClientId")
    )["UserPoolClient"]
    desk = f"{stack.public_url}/desk"
    wrong = [
        f"{kind} has {', '.join(listed) or 'nothing'} instead of {wanted}"
        for kind, listed, wanted in (
            ("CallbackURLs", client.get("CallbackURLs", []), f"{desk}/signed-in"),
            ("LogoutURLs", client.get("LogoutURLs", []), f"{desk}/signed-out"),
        )
        if wanted not in listed
    ]
    if wrong:
        yield red(
            f"Staff cannot sign in at {desk}, because Cognito knows another address: {'; '.join(wrong)}.",
            f"{_IN_CONSOLE.format(pool=stack.output('UserPoolId'))}, App clients, desk, Login pages: enter these"
            " addresses. If PublicUrl is not where your domain leads, correct it and deploy instead.",
        )
    else:
        yield green(f"Cognito sends people back to {desk}.")


def page(ask: Clients, stack: Known) -> Iterator[Finding]:
    """Say whether Cognito's sign-in page opens."""
    name = stack.output("UserPoolId")
    address = stack.resource("Domain", "SignIn").id.rpartition("|")[2]
    domain = ask.people.describe_user_pool_domain(Domain=address)["DomainDescription"]
    if domain.get("UserPoolId") != name:
        yield red(
            "The sign-in page has no address, so nobody can sign in.",
            "Give it the same address again:",
            f"aws cognito-idp create-user-pool-domain --domain {address}"
            f" --user-pool-id {name} --managed-login-version 2",
        )
        return
    client = stack.output("DeskClientId")
    try:
        ask.people.describe_managed_login_branding_by_client(UserPoolId=name, ClientId=client)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        yield red(
            "The sign-in page has no look. AWS then shows an error in its place, so nobody can sign in.",
            "Give it AWS's own look:",
            f"aws cognito-idp create-managed-login-branding --user-pool-id {name} --client-id {client}"
            " --use-cognito-provided-values",
        )
    else:
        yield green("The sign-in page has an address and a look.")


CHECKS: Final = (
    Check("Accounts are safe", pool),
    Check("Accounts", accounts),
    Check("Addresses", addresses),
    Check("Sign-in page", page),
)
