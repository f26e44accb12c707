"""tools.deploy.account: what an earlier stack left in the account, and which answers fit."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.unit.deploying import StubbedSession
from tools.deploy.account import Account, Advice
from tools.deploy.afterwards import alarms_confirmed, canary, steps
from tools.deploy.questions import Suggestion

SENDER = "leads@example.com"


def account_of(session: StubbedSession) -> Account:
    return Account(session)  # type: ignore[arg-type] # it has a session's method


def advice(session: StubbedSession, **deployed: str) -> Advice:
    return Advice(account=account_of(session), deployed=deployed, emulated={})


def suggestion(found: Suggestion | None) -> Suggestion:
    assert found is not None
    return found


def test_the_account_and_the_identity_are_those_of_the_credentials() -> None:
    session = StubbedSession()
    session.answers(
        "sts", "get_caller_identity", {"Account": "123456789012", "Arn": "arn:aws:iam::123456789012:user/ops"}
    )
    identity = account_of(session).identity()
    assert (identity.account, identity.arn) == ("123456789012", "arn:aws:iam::123456789012:user/ops")


@pytest.mark.parametrize(("verified", "said"), [(True, "(verified)"), (False, "click the link")])
def test_a_sender_that_an_earlier_stack_left_is_not_created_again(said: str, *, verified: bool) -> None:
    session = StubbedSession()
    session.answers("sesv2", "get_email_identity", {"VerifiedForSendingStatus": verified})
    found = suggestion(advice(session).suggest("CreateSenderIdentity", {"SenderAddress": SENDER}))
    assert (found.value, found.needed) == ("no", True)
    assert said in found.reason


def test_a_sender_of_a_verified_domain_needs_no_identity() -> None:
    session = StubbedSession()
    session.refuses("sesv2", "get_email_identity", "NotFoundException")
    session.answers("sesv2", "get_email_identity", {"VerifiedForSendingStatus": True})
    found = suggestion(advice(session).suggest("CreateSenderIdentity", {"SenderAddress": SENDER}))
    assert (found.value, found.needed) == ("no", False)
    assert "example.com is verified" in found.reason


def test_a_sender_that_ses_does_not_know_is_created() -> None:
    session = StubbedSession()
    session.refuses("sesv2", "get_email_identity", "NotFoundException")
    session.refuses("sesv2", "get_email_identity", "NotFoundException")
    found = suggestion(advice(session).suggest("CreateSenderIdentity", {"SenderAddress": SENDER}))
    assert (found.value, found.needed) == ("yes", False)
    assert "would send nothing" in found.reason


def test_a_sender_that_this_stack_created_stays_in_it() -> None:
    deployed = {"CreateSenderIdentity": "yes", "SenderAddress": SENDER}
    found = suggestion(advice(StubbedSession(), **deployed).suggest("CreateSenderIdentity", {"SenderAddress": SENDER}))
    assert (found.value, found.needed) == ("yes", True)


def test_another_sender_of_the_stack_is_looked_up() -> None:
    session = StubbedSession()
    session.answers("sesv2", "get_email_identity", {"VerifiedForSendingStatus": True})
    deployed = {"CreateSenderIdentity": "yes", "SenderAddress": "old@example.com"}
    found = suggestion(advice(session, **deployed).suggest("CreateSenderIdentity", {"SenderAddress": SENDER}))
    assert found.value == "no"


NEW, OLD = "leads@new.example", {"SenderAddress": SENDER, "CreateSenderIdentity": "no"}


def test_a_new_sender_that_ses_does_not_know_has_to_be_registered() -> None:
    session = StubbedSession()
    for _ in range(2):
        session.refuses("sesv2", "get_email_identity", "NotFoundException")
    found = suggestion(advice(session, **OLD).suggest("CreateSenderIdentity", {"SenderAddress": NEW}))
    assert (found.value, found.needed, found.personal) == ("yes", True, True)
    assert f"neither {NEW} nor its domain" in found.reason


@pytest.mark.parametrize("code", ["AccessDeniedException", "TooManyRequestsException"])
def test_a_new_sender_that_nobody_may_look_up_is_only_a_suggestion(code: str) -> None:
    session = StubbedSession()
    session.refuses("sesv2", "get_email_identity", "NotFoundException")
    session.refuses("sesv2", "get_email_identity", code)
    found = suggestion(advice(session, **OLD).suggest("CreateSenderIdentity", {"SenderAddress": NEW}))
    assert (found.value, found.needed, found.personal) == ("yes", False, False)


def test_a_sender_below_a_verified_domain_needs_no_identity() -> None:
    session = StubbedSession()
    for _ in range(2):
        session.refuses("sesv2", "get_email_identity", "NotFoundException")
    session.answers("sesv2", "get_email_identity", {"VerifiedForSendingStatus": True})
    sender = {"SenderAddress": "leads@clinic.new.example"}
    found = suggestion(advice(session, **OLD).suggest("CreateSenderIdentity", sender))
    assert (found.value, found.needed) == ("no", False)
    assert "The domain new.example is verified" in found.reason


def test_an_address_below_a_verified_domain_can_send() -> None:
    session = StubbedSession()
    for _ in range(2):
        session.refuses("sesv2", "get_email_identity", "NotFoundException")
    session.answers("sesv2", "get_email_identity", {"VerifiedForSendingStatus": True})
    assert account_of(session).can_send_from("leads@clinic.new.example")
    session.stubs["sesv2"].assert_no_pending_responses()


def test_a_role_for_logs_that_exists_is_used() -> None:
    session = StubbedSession()
    arn = "arn:aws:iam::123456789012:role/clinic-leads-ApiGatewayCloudWatchRole-1"
    session.answers("apigateway", "get_account", {"cloudwatchRoleArn": arn})
    session.answers(
        "iam",
        "get_role",
        {
            "Role": {
                "Path": "/",
                "RoleName": "clinic-leads-ApiGatewayCloudWatchRole-1",
                "RoleId": "A" * 20,
                "Arn": arn,
                "CreateDate": datetime(2026, 1, 2, tzinfo=UTC),
            }
        },
    )
    found = suggestion(advice(session).suggest("ApiGatewayLogsRole", {}))
    assert (found.value, found.needed) == ("existing", False)


def test_a_role_for_logs_that_was_deleted_is_created() -> None:
    session = StubbedSession()
    session.answers("apigateway", "get_account", {"cloudwatchRoleArn": "arn:aws:iam::123456789012:role/gone"})
    session.refuses("iam", "get_role", "NoSuchEntity")
    assert suggestion(advice(session).suggest("ApiGatewayLogsRole", {})).value == "create"


def test_a_role_that_nobody_may_look_up_counts_as_there() -> None:
    session = StubbedSession()
    session.answers("apigateway", "get_account", {"cloudwatchRoleArn": "arn:aws:iam::123456789012:role/theirs"})
    session.refuses("iam", "get_role", "AccessDenied")
    assert suggestion(advice(session).suggest("ApiGatewayLogsRole", {})).value == "existing"


def test_an_account_without_a_role_for_logs_gets_one() -> None:
    session = StubbedSession()
    session.answers("apigateway", "get_account", {})
    assert suggestion(advice(session).suggest("ApiGatewayLogsRole", {})).value == "create"


def test_the_role_that_this_stack_set_stays_in_it() -> None:
    found = suggestion(advice(StubbedSession(), ApiGatewayLogsRole="create").suggest("ApiGatewayLogsRole", {}))
    assert (found.value, found.needed) == ("create", True)


@pytest.mark.parametrize(("quota", "value"), [(10, "5"), (1000, None)])
def test_a_small_quota_suggests_a_small_burst(quota: int, value: str | None) -> None:
    session = StubbedSession()
    session.answers("lambda", "get_account_settings", {"AccountLimit": {"ConcurrentExecutions": quota}})
    found = advice(session).suggest("ThrottleBurst", {})
    assert (found.value if found else None) == value


def test_what_may_not_be_looked_up_changes_no_answer() -> None:
    session = StubbedSession()
    session.refuses("lambda", "get_account_settings", "AccessDeniedException")
    assert advice(session).suggest("ThrottleBurst", {}) is None
    assert advice(session).suggest("AlertDetail", {}) is None


def left(session: StubbedSession, outputs: dict[str, str]) -> list[str]:
    session.answers(
        "dynamodb",
        "list_tables",
        {
            "TableNames": [
                "clinic-leads-Data-1-Table-2",
                "clinic-leads-Audit-1-Table-2",
                "clinic-leads-prod-Data-1",
                "other",
            ]
        },
    )
    for items in (12, 40):
        session.answers(
            "dynamodb",
            "describe_table",
            {"Table": {"ItemCount": items, "CreationDateTime": datetime(2026, 1, 2, tzinfo=UTC)}},
        )
    session.answers(
        "cognito-idp",
        "list_user_pools",
        {"UserPools": [{"Id": "us-east-1_Old", "Name": "clinic-leads-staff"}, {"Id": "other", "Name": "another"}]},
    )
    return list(account_of(session).left_behind("clinic-leads", outputs))


def test_what_an_earlier_stack_kept_is_named_with_its_data() -> None:
    assert left(StubbedSession(), {}) == [
        "table clinic-leads-Data-1-Table-2 with 12 items (requests of visitors), created 2026-01-02",
        "table clinic-leads-Audit-1-Table-2 with 40 items (entries of the audit), created 2026-01-02",
        "user pool us-east-1_Old with the staff accounts",
    ]


def test_what_the_stack_uses_is_not_left_behind() -> None:
    outputs = {
        "TableName": "clinic-leads-Data-1-Table-2",
        "AuditTable": "clinic-leads-Audit-1-Table-2",
        "UserPoolId": "us-east-1_Old",
    }
    assert left(StubbedSession(), outputs) == []


def test_an_older_version_that_names_no_audit_keeps_its_audit() -> None:
    found = left(StubbedSession(), {"TableName": "clinic-leads-Data-1-Table-2"})
    assert found == ["user pool us-east-1_Old with the staff accounts"]


def answers(**changes: str) -> dict[str, str]:
    return {"SenderAddress": SENDER, "CreateSenderIdentity": "yes", "OpsEmail": "ops@example.com", **changes}


def quiet(session: StubbedSession, *, verified: bool, production: bool, quota: int) -> StubbedSession:
    for _ in range(1 if verified else 2):
        session.answers("sesv2", "get_email_identity", {"VerifiedForSendingStatus": verified})
    session.answers("sesv2", "get_account", {"ProductionAccessEnabled": production})
    session.answers("lambda", "get_account_settings", {"AccountLimit": {"ConcurrentExecutions": quota}})
    return session


def test_the_steps_of_a_new_account_name_each_link_and_its_hours() -> None:
    session = quiet(StubbedSession(), verified=False, production=False, quota=10)
    told = list(steps(account_of(session), answers(Webhook="yes"), alarms=False, make="make", stack="clinic-leads"))
    assert [line.partition(".")[0].split(":")[0] for line in told] == [
        f"Within 24 hours, click the link that SES emailed to {SENDER.partition('.')[0]}",
        "Within 48 hours, confirm the alarm emails",
        "Leave the SES sandbox",
        "Raise the concurrency of Lambda, which is 10",
        "Set the webhook's address",
        "Paste the form into your page, send a request with it, and wait for the alert",
        "Create an account for each person at the desk",
    ]
    assert "do not click the link that AWS emailed to ops@example.com, but follow docs/operations/alarm" in told[1]


def test_the_steps_of_an_account_in_use_are_short() -> None:
    session = quiet(StubbedSession(), verified=True, production=True, quota=1000)
    told = list(steps(account_of(session), answers(), alarms=True, make="make", stack="clinic-leads"))
    assert len(told) == 2
    assert told[1].endswith(":\nmake staff-add EMAIL=nurse@example.com ROLE=staff STACK=clinic-leads")


def test_a_sender_that_the_stack_does_not_create_is_verified_by_hand() -> None:
    session = quiet(StubbedSession(), verified=False, production=True, quota=1000)
    told = list(
        steps(account_of(session), answers(CreateSenderIdentity="no"), alarms=None, make="make", stack="clinic-leads")
    )
    assert told[0].startswith(f"Verify {SENDER} or its domain")


@pytest.mark.parametrize(
    ("arn", "confirmed"),
    [("arn:aws:sns:us-east-1:123456789012:topic:1", True), ("PendingConfirmation", False), ("Deleted", False)],
)
def test_alarms_reach_an_address_once_it_is_confirmed(arn: str, *, confirmed: bool) -> None:
    session = StubbedSession()
    session.answers(
        "cloudformation",
        "describe_stack_resource",
        {
            "StackResourceDetail": {
                "LogicalResourceId": "AlarmsTopic",
                "ResourceType": "AWS::SNS::Topic",
                "PhysicalResourceId": "arn:aws:sns:us-east-1:123456789012:topic",
                "LastUpdatedTimestamp": datetime(2026, 1, 2, tzinfo=UTC),
                "ResourceStatus": "CREATE_COMPLETE",
            }
        },
    )
    session.answers(
        "sns",
        "list_subscriptions_by_topic",
        {"Subscriptions": [{"Endpoint": "ops@example.com", "SubscriptionArn": arn}]},
    )
    anything: Any = session
    assert alarms_confirmed(anything, "clinic-leads", "ops@example.com") is confirmed


def test_a_canary_that_cannot_be_started_is_told() -> None:
    session = StubbedSession()
    session.refuses("lambda", "invoke", "ResourceNotFoundException", "Function not found")
    anything: Any = session
    assert "Function not found" in (canary(anything, "clinic-leads") or "")
