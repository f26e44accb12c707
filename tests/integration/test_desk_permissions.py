"""What the desk's role may do, and what no role may do with the audit, tried by functions that run under the roles."""

from typing import Any

import pytest

from tests.deployed import Deployed
from tests.integration.probe import Probe

FUNCTIONS = ("submit", "notify", "follow-up", "delivery", "claim", "canary", "desk", "erase", "webhook")
KEY = {"pk": {"S": "PROBE"}, "sk": {"S": "0"}}
QUERY: dict[str, object] = {
    "KeyConditionExpression": "pk = :pk",
    "ExpressionAttributeValues": {":pk": {"S": "PROBE"}},
}


def done(outcomes: dict[str, str]) -> set[str]:
    """Return the operations that were not denied."""
    return {operation for operation, outcome in outcomes.items() if outcome != "denied"}


def on_table(name: str, key: dict[str, Any]) -> list[tuple[str, str, dict[str, object]]]:
    """Return a call of each kind on a table."""
    return [
        ("dynamodb", "put_item", {"TableName": name, "Item": key}),
        ("dynamodb", "get_item", {"TableName": name, "Key": key}),
        ("dynamodb", "query", {"TableName": name, **QUERY}),
        ("dynamodb", "update_item", {"TableName": name, "Key": key}),
        ("dynamodb", "delete_item", {"TableName": name, "Key": key}),
        ("dynamodb", "scan", {"TableName": name}),
        ("dynamodb", "batch_get_item", {"RequestItems": {name: {"Keys": [key]}}}),
        ("dynamodb", "batch_write_item", {"RequestItems": {name: [{"DeleteRequest": {"Key": key}}]}}),
        ("dynamodb", "execute_statement", {"Statement": f'SELECT * FROM "{name}"'}),  # noqa: S608 - our own name
        ("dynamodb", "delete_table", {"TableName": name}),
    ]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_audit_only_grows(deployed: Deployed, probe: Probe, function: str) -> None:
    audit = deployed.stack.desk.audit
    outcomes = probe(function, on_table(audit, KEY))
    deployed.dynamodb.delete_item(TableName=audit, Key=KEY)
    adds, reads = {"put_item", "query"}, {"query"}
    assert done(outcomes) == {"desk": adds, "erase": adds, "follow-up": reads}.get(function, set()), outcomes


def test_the_desk_reads_and_changes_leads_and_cannot_scan_or_delete_them(deployed: Deployed, probe: Probe) -> None:
    outcomes = probe("desk", on_table(deployed.stack.table, KEY))
    deployed.dynamodb.delete_item(TableName=deployed.stack.table, Key=KEY)
    assert done(outcomes) == {"put_item", "get_item", "query", "update_item"}, outcomes


def test_the_desk_alone_has_the_sessions(deployed: Deployed, probe: Probe) -> None:
    configuration = deployed.lambdas.get_function_configuration(FunctionName=f"{deployed.stack.name}-desk")
    sessions = configuration["Environment"]["Variables"]["SESSIONS_TABLE"]
    key = {"pk": {"S": "PROBE"}}
    assert done(probe("desk", on_table(sessions, key))) == {"put_item", "get_item", "delete_item"}
    assert done(probe("claim", on_table(sessions, key))) == set()


def test_the_desk_reads_its_own_lists_only(deployed: Deployed, probe: Probe) -> None:
    for index, allowed in (
        ("desk", True),
        ("reference", True),
        ("report", True),
        ("agenda", False),
        ("worklist", False),
    ):
        asked = {"TableName": deployed.stack.table, "IndexName": index, **QUERY}
        assert (done(probe("desk", [("dynamodb", "query", asked)])) == {"query"}) is allowed, index


def test_the_desk_sends_nothing_and_starts_nothing(deployed: Deployed, probe: Probe) -> None:
    mail: dict[str, object] = {"FromEmailAddress": "leads@clinic.example.com", "Content": {}}
    (topic,) = [each["TopicArn"] for each in deployed.sns.list_topics()["Topics"] if "Alarms" in each["TopicArn"]]
    outcomes = probe(
        "desk",
        [
            ("sesv2", "send_email", mail),
            ("sns", "publish", {"TopicArn": topic, "Message": "x"}),
            ("sqs", "send_message", {"QueueUrl": deployed.failed_records_queue(), "MessageBody": "x"}),
            ("lambda", "invoke", {"FunctionName": f"{deployed.stack.name}-follow-up"}),
        ],
    )
    assert done(outcomes) == set(), outcomes


def test_the_desk_looks_at_accounts_and_changes_none(deployed: Deployed, probe: Probe) -> None:
    desk = deployed.stack.desk
    pool: dict[str, object] = {"UserPoolId": desk.user_pool}
    somebody = pool | {"Username": "nurse@clinic.example.com"}
    looks: dict[str, dict[str, object]] = {
        "admin_get_user": somebody,
        "admin_list_groups_for_user": somebody,
        "list_users_in_group": pool | {"GroupName": "staff"},
        "list_user_pool_clients": pool,
        "describe_user_pool_client": pool | {"ClientId": desk.client},
    }
    changes: dict[str, dict[str, object]] = {
        "admin_create_user": somebody,
        "admin_set_user_password": somebody | {"Password": "made-up-password"},
        "admin_add_user_to_group": somebody | {"GroupName": "manager"},
        "admin_disable_user": somebody,
        "list_users": pool,
        "update_user_pool": pool,
        "delete_user_pool": pool,
    }
    outcomes = probe("desk", [("cognito-idp", name, asked) for name, asked in (looks | changes).items()])
    assert {name for name, outcome in outcomes.items() if outcome == "allowed"} == set(looks), outcomes
    assert {name for name, outcome in outcomes.items() if outcome == "denied"} == set(changes), outcomes
