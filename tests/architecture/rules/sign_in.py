"""Staff accounts: made by operators, hard to take over, hard to lose."""

from tests.architecture.templates import Templates, Tree, getatt, public_url, ref

_FILE = "infra/sign-in.yaml"
_POOL = "AWS::Cognito::UserPool"
_CLIENT = "AWS::Cognito::UserPoolClient"
_ROLES = {"staff", "manager"}
_SHORTEST_PASSWORD = 12
_LONGEST_INVITATION = 3  # days
_LONGEST_TOKEN = {"IdTokenValidity": 5, "AccessTokenValidity": 5, "RefreshTokenValidity": 60}  # minutes


def accounts_are_made_by_operators_only(templates: Templates) -> list[str]:
    """Nobody signs up, and nobody resets a password with access to a mailbox alone."""
    broken = []
    for place, pool in _pools(templates):
        if pool.get("AdminCreateUserConfig", {}).get("AllowAdminCreateUserOnly") is not True:
            broken.append(f"{place}: set AdminCreateUserConfig: {{ AllowAdminCreateUserOnly: true }}")
        recovery = pool.get("AccountRecoverySetting", {}).get("RecoveryMechanisms", [])
        if [each.get("Name") for each in recovery] != ["admin_only"]:
            broken.append(f"{place}: let admin_only be the only mechanism of AccountRecoverySetting")
    return broken


def a_password_alone_is_not_enough(templates: Templates) -> list[str]:
    """Everyone needs the code of an authenticator app too. Text messages and emails can be redirected."""
    return [
        f'{place}: set MfaConfiguration: "ON" and EnabledMfas: [SOFTWARE_TOKEN_MFA]'
        for place, pool in _pools(templates)
        if (pool.get("MfaConfiguration"), pool.get("EnabledMfas")) != ("ON", ["SOFTWARE_TOKEN_MFA"])
    ]


def accounts_survive_mistakes(templates: Templates) -> list[str]:
    """A deleted stack or a wrong click does not take everyone's account."""
    broken = [
        f"{place}: set {policy}: Retain"
        for place, pool in templates.of_type(_POOL)
        for policy in ("DeletionPolicy", "UpdateReplacePolicy")
        if pool.get(policy) != "Retain"
    ]
    broken += [
        f"{place}: set DeletionProtection: ACTIVE"
        for place, pool in _pools(templates)
        if pool.get("DeletionProtection") != "ACTIVE"
    ]
    return broken


def passwords_are_long_and_invitations_short(templates: Templates) -> list[str]:
    """Cognito's defaults are 8 characters, and a week for a password that was in an email."""
    broken = []
    for place, pool in _pools(templates):
        policy = pool.get("Policies", {}).get("PasswordPolicy", {})
        if policy.get("MinimumLength", 0) < _SHORTEST_PASSWORD:
            broken.append(f"{place}: set MinimumLength to {_SHORTEST_PASSWORD} or more")
        if not 0 < policy.get("TemporaryPasswordValidityDays", 0) <= _LONGEST_INVITATION:
            broken.append(f"{place}: set TemporaryPasswordValidityDays to {_LONGEST_INVITATION}")
    return broken


def an_address_is_an_account_in_any_spelling(templates: Templates) -> list[str]:
    """Otherwise Nurse@example.com and nurse@example.com could be two people."""
    return [
        f"{place}: set UsernameAttributes: [email] and UsernameConfiguration: {{ CaseSensitive: false }}"
        for place, pool in _pools(templates)
        if pool.get("UsernameAttributes") != ["email"]
        or pool.get("UsernameConfiguration", {}).get("CaseSensitive") is not False
    ]


def invitations_have_what_cognito_fills_in(templates: Templates) -> list[str]:
    """Cognito does not send an invitation without both placeholders."""
    broken = []
    for place, pool in _pools(templates):
        text = pool.get("AdminCreateUserConfig", {}).get("InviteMessageTemplate", {}).get("EmailMessage", {})
        words = str(text["Fn::Sub"][0]) if "Fn::Sub" in text else ""
        if not all(placeholder in words for placeholder in ("{username}", "{####}", "${Where}")):
            broken.append(f"{place}: let EmailMessage have {{username}}, {{####}} and ${{Where}}")
    return broken


def roles_are_groups_of_the_pool(templates: Templates) -> list[str]:
    """An account has its role by its group. The desk knows these two."""
    groups = [group["Properties"] for _, group in templates.of_type("AWS::Cognito::UserPoolGroup")]
    names = {group["GroupName"] for group in groups if ref(group["UserPoolId"]) == "UserPool"}
    return [] if names == _ROLES else [f"{_FILE}: the groups of the pool must be {sorted(_ROLES)}, not {sorted(names)}"]


def the_desks_client_takes_codes_only(templates: Templates) -> list[str]:
    """Passwords go to Cognito's own pages only, and a code is useless without the client's secret."""
    wanted = {
        "UserPoolId": {"Fn::GetAtt": "SignIn.Outputs.UserPoolId"},
        "ClientName": "desk",  # the desk finds its client by this name
        "GenerateSecret": True,
        "AllowedOAuthFlowsUserPoolClient": True,
        "AllowedOAuthFlows": ["code"],
        "AllowedOAuthScopes": ["openid", "email"],
        "ExplicitAuthFlows": ["ALLOW_REFRESH_TOKEN_AUTH"],
        "SupportedIdentityProviders": ["COGNITO"],
        "PreventUserExistenceErrors": "ENABLED",
        "EnableTokenRevocation": True,
        "TokenValidityUnits": {"IdToken": "minutes", "AccessToken": "minutes", "RefreshToken": "minutes"},
        "CallbackURLs": [_below_the_api(templates, "/desk/signed-in")],
        "LogoutURLs": [_below_the_api(templates, "/desk/signed-out")],
    }
    broken = []
    for place, client in templates.of_type(_CLIENT):
        properties = client["Properties"]
        broken += [f"{place}: set {name} to {value}" for name, value in wanted.items() if properties.get(name) != value]
        broken += [
            f"{place}: set {name} to {longest}"
            for name, longest in _LONGEST_TOKEN.items()
            if not 0 < properties.get(name, 0) <= longest
        ]
    return broken


def the_sign_in_page_opens(templates: Templates) -> list[str]:
    """AWS shows no page of managed login without a look for the client."""
    versions = [
        domain["Properties"].get("ManagedLoginVersion")
        for _, domain in templates.of_type("AWS::Cognito::UserPoolDomain")
    ]
    broken = [] if versions == [2] else [f"{_FILE}: set ManagedLoginVersion: 2 in one domain"]
    styled = [
        ref(look["Properties"].get("ClientId"))
        for _, look in templates.of_type("AWS::Cognito::ManagedLoginBranding")
        if look["Properties"].get("UseCognitoProvidedValues") is True
        and getatt(look["Properties"].get("UserPoolId"), "Outputs.UserPoolId") == "SignIn"
        and look.get("Condition") == "SetsSignInBranding"
    ]
    if styled != ["DeskClient"]:
        broken.append("template.yaml: give DeskClient an AWS::Cognito::ManagedLoginBranding, if SetsSignInBranding")
    return broken


def _pools(templates: Templates) -> list[tuple[str, Tree]]:
    return [(place, pool["Properties"]) for place, pool in templates.of_type(_POOL)]


def _below_the_api(templates: Templates, path: str) -> Tree:
    own = templates.main["Outputs"]["ApiUrl"]["Value"]
    return {"Fn::Sub": [f"${{Address}}{path}", {"Address": public_url(own)}]}
