"""What follows a deployment: a synthetic request, the doctor, the form to paste, and what only a person can do."""

import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tools.deploy.account import SMALL_QUOTA, Account
from tools.deploy.template import ROOT
from tools.local.docs import form, form_files

# The canary waits up to 100 seconds for its alert, and may run twice as long.
_PATIENT: Final = Config(connect_timeout=10, read_timeout=300, retries={"total_max_attempts": 1})


def canary(session: boto3.Session, stack: str) -> str | None:
    """Send a synthetic request through the public API, and wait until SES accepts its alert.

    Return None if it arrived, or what went wrong.
    """
    client = session.client("lambda", config=_PATIENT)
    try:
        answer = client.invoke(FunctionName=f"{stack}-canary", Payload=b"{}", LogType="Tail")
        result = json.loads(answer["Payload"].read() or b"null")
    except (ClientError, BotoCoreError) as error:
        return f"The canary could not be started: {error}"
    if isinstance(result, dict) and result.get("accepted") is True:
        return None
    log = base64.b64decode(answer.get("LogResult", "")).decode(errors="replace")
    return f"The canary's request failed at {_reason(log)}. CanaryFunction tries again every half hour."


def _reason(log: str) -> str:
    for line in reversed(log.splitlines()):
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, dict) and entry.get("message") == "canary failed":
            return f"the step {entry.get('outcome')} ({entry.get('reason')})"
    return "a step that its log names"


def operate(command: str, stack: str, region: str) -> int:
    """Run an operator's command that only reads, such as the doctor. It prints its findings. Return its exit code."""
    print(flush=True)
    return subprocess.run(
        [sys.executable, "-m", "tools.operate", command, "--stack", stack],
        cwd=ROOT,
        env=os.environ | {"AWS_DEFAULT_REGION": region},
        check=False,
    ).returncode


def forms(folder: Path, api: str, phone: str) -> Mapping[Path, str]:
    """Write the forms to paste, with the API's address and the clinic's phone number in them. Return them by path."""
    folder.mkdir(parents=True, exist_ok=True)
    written = {
        folder / file: form(name, language, api=api, phone=phone) for file, (name, language) in form_files().items()
    }
    for path, text in written.items():
        path.write_text(text, encoding="utf-8")
    return written


def steps(account: Account, answers: Mapping[str, str], *, alarms: bool | None, make: str, stack: str) -> Iterator[str]:
    """Yield what only a person can do now, in order. `make` is the command, with a region if it needs one."""
    sender = answers["SenderAddress"]
    verified = account.can_send_from(sender)
    if not verified and answers["CreateSenderIdentity"] == "yes":
        yield (
            f"Within 24 hours, click the link that SES emailed to {sender}. Until then, no email is sent; requests are"
            " stored and wait."
        )
    elif not verified:
        yield f"Verify {sender} or its domain in the SES console. Until then, no email is sent."
    if alarms is False:
        yield (
            "Within 48 hours, confirm the alarm emails: do not click the link that AWS emailed to"
            f" {answers['OpsEmail']}, but follow docs/operations/alarm-emails.md. Until then, no alarm arrives."
        )
    if account.sandboxed:
        yield (
            "Leave the SES sandbox: request production access in the SES console. Until then, SES sends to verified"
            " addresses only. See docs/deploy.md, The SES sandbox."
        )
    if account.concurrency is not None and account.concurrency <= SMALL_QUOTA:
        yield (
            f"Raise the concurrency of Lambda, which is {account.concurrency}: docs/deploy.md, Concurrency. Until then,"
            " a burst of visitors can delay alerts."
        )
    if answers.get("Webhook") == "yes":
        yield f"Set the webhook's address:\n{make} webhook-address STACK={stack}"
    yield "Paste the form into your page, send a request with it, and wait for the alert."
    yield (
        "Create an account for each person at the desk:"
        f"\n{make} staff-add EMAIL=nurse@example.com ROLE=staff STACK={stack}"
    )


def alarms_confirmed(session: boto3.Session, stack: str, address: str) -> bool | None:
    """Return whether alarms reach their address, or None if AWS does not say."""
    try:
        cloudformation: Any = session.client("cloudformation")
        topic = cloudformation.describe_stack_resource(StackName=stack, LogicalResourceId="AlarmsTopic")
        arn = topic["StackResourceDetail"]["PhysicalResourceId"]
        pages = session.client("sns").get_paginator("list_subscriptions_by_topic").paginate(TopicArn=arn)
        found = [each for page in pages for each in page["Subscriptions"] if each.get("Endpoint") == address]
    except (ClientError, BotoCoreError):
        return None
    return bool(found) and found[0]["SubscriptionArn"].startswith("arn:")
