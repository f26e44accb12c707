"""Careless edits of staff accounts and of the desk's client."""

from collections.abc import Iterator

from tests.architecture.mutations import Mutation, put, remove
from tests.architecture.rules import sign_in
from tests.architecture.templates import Templates

_FILE = "infra/sign-in.yaml"
_POOL = "UserPool/Properties"
_CLIENT = "DeskClient/Properties"


def mistakes(templates: Templates) -> Iterator[Mutation]:
    """Yield each edit with the rule that must notice it."""
    made = sign_in.accounts_are_made_by_operators_only
    anyone = put(f"{_POOL}/AdminCreateUserConfig/AllowAdminCreateUserOnly", value=False, file=_FILE)
    yield Mutation(made, "anyone may sign up", anyone)
    yield Mutation(made, "Cognito's default for signing up", remove(f"{_POOL}/AdminCreateUserConfig", _FILE))
    yield Mutation(made, "Cognito's default for a lost password", remove(f"{_POOL}/AccountRecoverySetting", _FILE))
    by_email = put(f"{_POOL}/AccountRecoverySetting/RecoveryMechanisms/0/Name", "verified_email", _FILE)
    yield Mutation(made, "a new password by email", by_email)

    second = sign_in.a_password_alone_is_not_enough
    for value in ("OPTIONAL", "OFF"):
        yield Mutation(second, f"MFA is {value}", put(f"{_POOL}/MfaConfiguration", value, _FILE))
    yield Mutation(second, "no MFA", remove(f"{_POOL}/MfaConfiguration", _FILE))
    texts = put(f"{_POOL}/EnabledMfas", ["SOFTWARE_TOKEN_MFA", "SMS_MFA"], _FILE)
    yield Mutation(second, "text messages too", texts)

    survive = sign_in.accounts_survive_mistakes
    for policy in ("DeletionPolicy", "UpdateReplacePolicy"):
        yield Mutation(survive, f"accounts deleted by {policy}", put(f"UserPool/{policy}", "Delete", _FILE))
    yield Mutation(survive, "no deletion protection", remove(f"{_POOL}/DeletionProtection", _FILE))

    long = sign_in.passwords_are_long_and_invitations_short
    yield Mutation(long, "Cognito's own password policy", remove(f"{_POOL}/Policies", _FILE))
    yield Mutation(long, "short passwords", put(f"{_POOL}/Policies/PasswordPolicy/MinimumLength", 8, _FILE))
    lasting = put(f"{_POOL}/Policies/PasswordPolicy/TemporaryPasswordValidityDays", 365, _FILE)
    yield Mutation(long, "an invitation for a year", lasting)

    spelling = sign_in.an_address_is_an_account_in_any_spelling
    yield Mutation(spelling, "case counts", remove(f"{_POOL}/UsernameConfiguration", _FILE))
    yield Mutation(spelling, "made-up user names", remove(f"{_POOL}/UsernameAttributes", _FILE))

    yield from _invitations(templates)
    groups = sign_in.roles_are_groups_of_the_pool
    yield Mutation(groups, "no managers", remove("Managers", _FILE))
    yield Mutation(groups, "another name", put("Staff/Properties/GroupName", "employees", _FILE))

    yield from _client(templates)
    opens = sign_in.the_sign_in_page_opens
    yield Mutation(opens, "no look", remove("DeskBranding"))
    yield Mutation(opens, "a look in the local AWS too", remove("DeskBranding/Condition"))
    yield Mutation(opens, "the look of another client", put("DeskBranding/Properties/ClientId", "client"))
    yield Mutation(opens, "the classic page", remove("Domain/Properties/ManagedLoginVersion", _FILE))


def _invitations(templates: Templates) -> Iterator[Mutation]:
    filled = sign_in.invitations_have_what_cognito_fills_in
    place = f"{_POOL}/AdminCreateUserConfig/InviteMessageTemplate"
    yield Mutation(filled, "Cognito's own words", remove(place, _FILE))
    template = templates.files[_FILE]["Resources"]["UserPool"]["Properties"]["AdminCreateUserConfig"]
    words, where = template["InviteMessageTemplate"]["EmailMessage"]["Fn::Sub"]
    for placeholder in ("{username}", "{####}", "${Where}"):
        without = {"Fn::Sub": [words.replace(placeholder, ""), where]}
        yield Mutation(filled, f"no {placeholder}", put(f"{place}/EmailMessage", without, _FILE))


def _client(templates: Templates) -> Iterator[Mutation]:
    codes = sign_in.the_desks_client_takes_codes_only
    for name in templates.main["Resources"]["DeskClient"]["Properties"]:
        yield Mutation(codes, f"no {name}", remove(f"{_CLIENT}/{name}"))
    for name, value in (
        ("AllowedOAuthFlows", ["code", "implicit"]),
        ("AllowedOAuthScopes", ["openid", "email", "aws.cognito.signin.user.admin"]),
        ("ExplicitAuthFlows", ["ALLOW_USER_PASSWORD_AUTH"]),
        ("CallbackURLs", ["https://www.example.com/desk/signed-in"]),
        ("IdTokenValidity", 60),
        ("RefreshTokenValidity", 1440),
    ):
        yield Mutation(codes, f"{name} is {value}", put(f"{_CLIENT}/{name}", value))
