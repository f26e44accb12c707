"""The operator's commands for staff accounts."""

import json

import boto3
import pytest
from botocore.exceptions import (
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    ProfileNotFound,
)
from botocore.stub import Stubber
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.user_pool import POOL, MemoryPool, User
from tools.operate import audit, backfill
from tools.operate.__main__ import COMMANDS, main
from tools.operate.accounts import ROLES, Accounts, checked, table
from tools.operate.errors import explained
from tools.operate.stack import OperateError, output

NURSE = "nurse@example.com"


def accounts_of(pool: MemoryPool) -> Accounts:
    return Accounts(pool.client(), POOL)


def pool_with(*users: User) -> MemoryPool:
    return MemoryPool({user.email: user for user in users})


def test_a_new_account_gets_an_invitation_and_one_role() -> None:
    pool = MemoryPool()
    told = accounts_of(pool).add("Nurse@Example.com", "staff")
    assert pool.invited == [NURSE]
    assert pool.users[NURSE].groups == {"staff"}
    assert told == f"Created an account for {NURSE} and sent an invitation to that address. Role: staff."


def test_an_account_gets_another_role_in_place_of_the_first() -> None:
    pool = pool_with(User(NURSE, groups={"staff"}))
    told = accounts_of(pool).add(NURSE, "manager")
    assert pool.users[NURSE].groups == {"manager"}
    assert pool.invited == []
    assert told == f"{NURSE} already has an account. Role: manager."


def test_an_invitation_that_was_not_used_is_sent_again() -> None:
    pool = MemoryPool()
    accounts_of(pool).add(NURSE, "staff")
    assert "Sent another invitation" in accounts_of(pool).add(NURSE, "staff")
    assert pool.invited == [NURSE, NURSE]


def test_somebody_who_left_may_come_back() -> None:
    pool = pool_with(User(NURSE, enabled=False))
    assert accounts_of(pool).add(NURSE, "staff") == f"{NURSE} may sign in again. Role: staff."
    assert pool.users[NURSE].enabled


def test_an_invitation_that_does_not_go_out_is_told_and_sent_by_the_next_try() -> None:
    pool = MemoryPool(emails_arrive=False)
    with pytest.raises(OperateError, match="could not be sent"):
        accounts_of(pool).add(NURSE, "staff")
    pool.emails_arrive = True
    accounts_of(pool).add(NURSE, "staff")
    assert (pool.invited, pool.users[NURSE].groups) == ([NURSE], {"staff"})


def test_somebody_who_leaves_is_out_and_their_account_stays() -> None:
    pool = pool_with(User(NURSE, groups={"staff"}))
    for _ in range(2):
        assert "within five minutes" in accounts_of(pool).remove(NURSE)
    assert not pool.users[NURSE].enabled
    assert pool.users[NURSE].sign_outs == 2


def test_a_lost_phone_is_forgotten_and_its_sessions_end() -> None:
    pool = pool_with(User(NURSE))
    assert "QR code" in accounts_of(pool).reset(NURSE)
    assert (pool.users[NURSE].apps, pool.users[NURSE].sign_outs) == (0, 1)


def test_somebody_without_an_app_needs_no_reset() -> None:
    pool = MemoryPool()
    accounts_of(pool).add(NURSE, "staff")
    with pytest.raises(OperateError, match=f"make staff-add EMAIL={NURSE}"):
        accounts_of(pool).reset(NURSE)


def test_a_forgotten_password_is_replaced_by_a_temporary_one() -> None:
    pool = pool_with(User(NURSE))
    told = accounts_of(pool).new_password(NURSE)
    user = pool.users[NURSE]
    assert f"Temporary password for {NURSE}: {user.password}\n" in told
    assert len(user.password) >= 12
    assert (user.status, user.sign_outs, user.apps) == ("FORCE_CHANGE_PASSWORD", 1, 1)


def test_somebody_who_left_gets_no_password() -> None:
    with pytest.raises(OperateError, match="may not sign in"):
        accounts_of(pool_with(User(NURSE, enabled=False))).new_password(NURSE)


@pytest.mark.parametrize("command", ["remove", "reset", "new_password"])
def test_an_account_that_does_not_exist_is_told(command: str) -> None:
    with pytest.raises(OperateError, match=f"There is no account for {NURSE}.*make staff-list"):
        getattr(accounts_of(MemoryPool()), command)(NURSE)


@pytest.mark.parametrize("role", ["", "admin", "Staff"])
def test_a_role_that_does_not_exist_changes_nothing(role: str) -> None:
    pool = MemoryPool()
    with pytest.raises(OperateError, match="Use ROLE=staff or ROLE=manager"):
        accounts_of(pool).add(NURSE, role)
    assert pool.users == {}


@pytest.mark.parametrize("email", ["", "nurse", "Nurse <nurse@example.com>", "nurse@example", "a b@example.com"])
def test_an_address_that_is_none_is_told(email: str) -> None:
    with pytest.raises(OperateError, match=r"is no email address\. Use EMAIL=nurse@example\.com"):
        checked(email)


def test_the_list_has_every_account_in_order() -> None:
    pool = pool_with(
        User(NURSE, groups={"staff"}),
        User("manager@example.com", groups={"manager"}),
        User("new@example.com", status="FORCE_CHANGE_PASSWORD", groups={"staff"}),
        User("gone@example.com", enabled=False),
        User("desk@example.com", groups={"staff"}),
    )
    assert table(list(accounts_of(pool).listed())).splitlines() == [
        "EMAIL                ROLE     MAY SIGN IN  PASSWORD   CREATED",
        "desk@example.com     staff    yes          own        2026-11-02",
        "gone@example.com     none     no           own        2026-11-02",
        "manager@example.com  manager  yes          own        2026-11-02",
        "new@example.com      staff    yes          temporary  2026-11-02",
        "nurse@example.com    staff    yes          own        2026-11-02",
    ]


def test_an_empty_list_says_how_to_begin() -> None:
    assert "make staff-add" in table(list(accounts_of(MemoryPool()).listed()))


_STEPS = st.lists(
    st.tuples(st.sampled_from(["add", "remove", "reset", "new_password"]), st.sampled_from(ROLES)), max_size=12
)


@settings(max_examples=30, deadline=None)
@given(steps=_STEPS)
def test_any_commands_in_any_order_leave_one_account_with_one_role_at_most(steps: list[tuple[str, str]]) -> None:
    pool = MemoryPool()
    accounts = accounts_of(pool)
    enabled, role = False, None
    for command, wanted in steps:
        try:
            if command == "add":
                accounts.add(NURSE, wanted)
                enabled, role = True, wanted
            else:
                getattr(accounts, command)(NURSE)
        except OperateError:
            assert command != "add"
        else:
            enabled = enabled and command != "remove"
    assert [(user.enabled, user.groups) for user in pool.users.values()] == ([(enabled, {role})] if role else [])


# --- the stack and the command line -----------------------------------------------------------------------------------


def _answering(monkeypatch: pytest.MonkeyPatch, *, error: str = "", outputs: dict[str, str] | None = None) -> None:
    session = boto3.Session(aws_access_key_id="none", aws_secret_access_key="none", region_name="us-east-1")
    client = session.client("cloudformation")
    stubber = Stubber(client)
    if error:
        stubber.add_client_error("describe_stacks", error)
    else:
        listed = [{"OutputKey": name, "OutputValue": value} for name, value in (outputs or {}).items()]
        stack = {"StackName": "x", "CreationTime": "2026-11-02", "StackStatus": "CREATE_COMPLETE", "Outputs": listed}
        stubber.add_response("describe_stacks", {"Stacks": [stack]})
    stubber.activate()
    monkeypatch.setattr(session, "client", lambda _: client)
    monkeypatch.setattr(boto3, "Session", lambda: session)


def test_an_output_of_the_stack_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    _answering(monkeypatch, outputs={"UserPoolId": POOL})
    assert output(boto3.Session(), "x", "UserPoolId") == POOL


def test_a_stack_of_an_earlier_version_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    _answering(monkeypatch, outputs={"TableName": "leads"})
    with pytest.raises(OperateError, match="Deploy this version first"):
        output(boto3.Session(), "x", "UserPoolId")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("ValidationError", "There is no stack called leads in us-east-1. Name yours with STACK=..."),
        ("AccessDenied", "Your AWS credentials do not allow DescribeStacks"),
        ("ExpiredToken", "AWS does not accept your credentials (ExpiredToken). Sign in again"),
        ("Throttling", "AWS is busy (Throttling). Try again in a minute"),
        ("InternalFailure", "AWS refused DescribeStacks (InternalFailure)"),
    ],
)
@pytest.mark.parametrize("command", COMMANDS)
def test_what_aws_refuses_is_explained_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str, code: str, words: str
) -> None:
    _answering(monkeypatch, error=code)
    arguments = [command, "--stack", "leads"]
    for option in COMMANDS[command][1]:
        arguments += [f"--{option}", {"email": NURSE, "role": "staff"}[option]]
    assert main(arguments) == 1
    assert capsys.readouterr().err.startswith(words)


def test_a_profile_that_does_not_exist_is_told_by_each_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "typo")
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    assert main(["doctor", "--stack", "leads"]) == 3
    assert main(["erasures", "--stack", "leads"]) == 1
    assert backfill.main("leads") == 1
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 3
    assert {line.partition(".")[0] for line in told} == {"The config profile (typo) could not be found"}
    assert main(["doctor", "--stack", "leads", "--json"]) == 3
    assert json.loads(capsys.readouterr().out)["error"] == told[0]
    assert audit.main(["--stack", "leads"]) == 2
    assert "typo" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ProfileNotFound(profile="typo"), "(typo) could not be found. Name another one with AWS_PROFILE=..."),
        (NoCredentialsError(), "Found no AWS credentials. Sign in as for the AWS CLI"),
        (NoRegionError(), "Found no AWS region. Name the stack's region"),
        (EndpointConnectionError(endpoint_url="http://127.0.0.1:9"), "Check your network, and AWS_ENDPOINT_URL"),
        (OperateError("Do this."), "Do this."),
        (ClientError({"Error": {"Code": "LimitExceededException"}}, "X"), "AWS refused X (LimitExceededException)"),
    ],
)
def test_each_error_says_what_to_do(error: OperateError | ClientError, words: str) -> None:
    assert words in explained(error)
