"""The permissions of each role, tried by a function that runs under the role."""

import pytest

from tests.deployed import Deployed
from tests.integration.probe import Probe


def test_the_public_function_may_put_an_item_and_nothing_else(deployed: Deployed, probe: Probe) -> None:
    table = deployed.stack.table
    key = {"pk": {"S": "LEAD#PROBE"}, "sk": {"S": "LEAD"}}
    queue = deployed.failed_records_queue()

    outcomes = probe(
        "submit",
        [
            ("dynamodb", "put_item", {"TableName": table, "Item": key}),
            ("dynamodb", "get_item", {"TableName": table, "Key": key}),
            ("dynamodb", "batch_get_item", {"RequestItems": {table: {"Keys": [key]}}}),
            ("dynamodb", "scan", {"TableName": table}),
            (
                "dynamodb",
                "query",
                {
                    "TableName": table,
                    "KeyConditionExpression": "pk = :pk",
                    "ExpressionAttributeValues": {":pk": key["pk"]},
                },
            ),
            ("dynamodb", "update_item", {"TableName": table, "Key": key}),
            ("dynamodb", "delete_item", {"TableName": table, "Key": key}),
            ("dynamodb", "batch_write_item", {"RequestItems": {table: [{"DeleteRequest": {"Key": key}}]}}),
            ("dynamodb", "describe_table", {"TableName": table}),
            ("dynamodb", "delete_table", {"TableName": table}),
            ("dynamodb", "list_tables", {}),
            ("dynamodbstreams", "list_streams", {}),
            ("kms", "list_keys", {}),
            ("lambda", "list_functions", {}),
            ("logs", "describe_log_groups", {}),
            ("s3", "list_buckets", {}),
            ("secretsmanager", "list_secrets", {}),
            ("sesv2", "list_email_identities", {}),
            ("sesv2", "send_email", {"FromEmailAddress": "leads@clinic.example.com", "Content": {}}),
            ("sns", "list_topics", {}),
            ("sqs", "send_message", {"QueueUrl": queue, "MessageBody": "x"}),
            ("iam", "list_roles", {}),
        ],
    )

    assert outcomes.pop("put_item") == "allowed"
    assert set(outcomes.values()) == {"denied"}, outcomes
    deployed.dynamodb.delete_item(TableName=table, Key=key)


# The table operations that each function may call. The tests below try others too, and those are denied.
_MAY: dict[str, set[str]] = {
    "notify": {"get_item", "query"},
    "follow-up": {"get_item", "query"},
    "delivery": {"get_item", "query"},
    "claim": {"get_item", "query"},
    "canary": {"get_item", "delete_item", "query"},
    "desk": {"get_item", "query"},
    # The proof of an erasure reads the whole table. Only its schedules and an operator start this function.
    "erase": {"get_item", "query", "scan", "delete_item"},
    "webhook": {"get_item"},
}
_SENDERS = {"notify", "follow-up"}


@pytest.mark.parametrize("function", sorted(_MAY))
def test_no_function_may_read_the_table_at_large_or_look_around_in_the_account(
    deployed: Deployed, probe: Probe, function: str
) -> None:
    table = deployed.stack.table
    key = {"pk": {"S": "LEAD#PROBE"}, "sk": {"S": "LEAD"}}
    query: dict[str, object] = {"KeyConditionExpression": "pk = :pk", "ExpressionAttributeValues": {":pk": key["pk"]}}
    mail: dict[str, object] = {"FromEmailAddress": "leads@clinic.example.com", "Content": {}}

    outcomes = probe(
        function,
        [
            ("dynamodb", "get_item", {"TableName": table, "Key": key}),
            ("dynamodb", "query", {"TableName": table, **query}),
            ("dynamodb", "scan", {"TableName": table}),
            ("dynamodb", "delete_item", {"TableName": table, "Key": key}),
            ("dynamodb", "delete_table", {"TableName": table}),
            *([] if function in _SENDERS else [("sesv2", "send_email", mail)]),
            ("sesv2", "delete_email_identity", {"EmailIdentity": "leads@clinic.example.com"}),
            # Only functions that make or read links may read the stack's own secret. Turnstile is not configured here.
            ("secretsmanager", "get_secret_value", {"SecretId": "any"}),
            ("secretsmanager", "list_secrets", {}),
            ("sns", "list_topics", {}),
            ("lambda", "list_functions", {}),
            ("iam", "list_roles", {}),
        ],
    )

    assert {operation for operation, outcome in outcomes.items() if outcome != "denied"} == _MAY[function], outcomes
