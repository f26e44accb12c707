"""The clinic's owner, in the tests of the deployed stack."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Final

from follow_up.owner_report.item import OWNER as KEY
from shared.leads.month import Month
from shared.runtime.files import clinic
from tests.deployed import Deployed

OWNER: Final = "owner@clinic.example.com"


@contextmanager
def an_owner(deployed: Deployed) -> Iterator[None]:
    """Do what a deployment with OwnerEmail does."""
    name = f"{deployed.stack.name}-follow-up"
    before = deployed.lambdas.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    changed = before | {"OWNER_EMAIL": OWNER}
    deployed.lambdas.update_function_configuration(FunctionName=name, Environment={"Variables": changed})
    try:
        yield
    finally:
        deployed.lambdas.update_function_configuration(FunctionName=name, Environment={"Variables": before})


def last_month() -> Month:
    """Return the month whose report is due."""
    return Month.of(datetime.now(UTC), clinic().hours.zone).before()


def is_due(deployed: Deployed) -> None:
    """Let the report of last month be due, whatever happened before."""
    handled = {"S": str(last_month().before())}
    item = {"pk": {"S": KEY}, "sk": {"S": KEY}, "schema": {"N": "1"}, "handled": handled}
    deployed.dynamodb.put_item(TableName=deployed.stack.table, Item=item)


def is_unknown(deployed: Deployed) -> None:
    """Forget that any report was due."""
    deployed.dynamodb.delete_item(TableName=deployed.stack.table, Key={"pk": {"S": KEY}, "sk": {"S": KEY}})
