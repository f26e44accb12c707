"""The desk of the deployed system: sign in without a browser, and let time pass for a session."""

from datetime import timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

from shared.store.keys import moment, timestamp
from tests.deployed import Deployed
from tools.local.desk_client import DeskClient, OpenPage
from tools.local.parameters import ACCOUNTS, Account

NURSE, MANAGER = ACCOUNTS


def a_client(deployed: Deployed, account: Account = NURSE) -> DeskClient:
    """Return a browser in which the owner of an account is signed in."""
    client = DeskClient(deployed.stack.desk.url)
    page = client.sign_in(account.email, account.password)
    assert page.status == 200, page.text
    return client


def made_up_sign_in(deployed: Deployed) -> OpenPage:
    """Begin to sign in, and come back with a code that Cognito did not issue."""
    client = DeskClient(deployed.stack.desk.url)
    began = urlsplit(client.once("GET", client.desk).headers["location"])
    query = urlencode({"code": "made-up", "state": parse_qs(began.query)["state"][0]})
    return client.once("GET", f"{client.desk}/signed-in?{query}")


def request_page(client: DeskClient, lead_id: str) -> OpenPage:
    """Open the page of a request."""
    return client.open(f"{client.desk}/requests/{lead_id}")


def sessions_table(deployed: Deployed) -> str:
    """Return the name of the table of sessions."""
    configuration = deployed.lambdas.get_function_configuration(FunctionName=f"{deployed.stack.name}-desk")
    return configuration["Environment"]["Variables"]["SESSIONS_TABLE"]


def later(deployed: Deployed, by: timedelta, *moments: str) -> None:
    """Move these times of every session into the past: "seen_at", "signed_in_at" or "checked_at"."""
    table = sessions_table(deployed)
    for item in deployed.dynamodb.scan(TableName=table)["Items"]:
        if not str(item["pk"]["S"]).startswith("SESSION#"):
            continue
        deployed.dynamodb.update_item(
            TableName=table,
            Key={"pk": item["pk"]},
            UpdateExpression="SET " + ", ".join(f"{name} = :{name}" for name in moments),
            ExpressionAttributeValues={
                f":{name}": {"S": timestamp(moment(str(item[name]["S"])) - by)} for name in moments
            },
        )
