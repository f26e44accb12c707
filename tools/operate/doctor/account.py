"""Checks of the AWS account: the credentials, the state of the stack, the concurrency and the version."""

from collections.abc import Iterator
from typing import Final

from tools.operate.doctor.check import Check
from tools.operate.doctor.clients import Clients
from tools.operate.doctor.finding import Finding, green, red, yellow
from tools.operate.doctor.known import Known

_FINE: Final = {"CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"}
# The last change was undone, so the stack runs as before.
_UNDONE: Final = {"UPDATE_ROLLBACK_COMPLETE", "IMPORT_ROLLBACK_COMPLETE"}
# The first deployment failed. `make deploy` deletes such a stack before it deploys.
_NEVER_USED: Final = {"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED"}
# Functions that run beside those for visitors: the sweep, the stream's readers, reports of SES, and the desk.
_OTHERS: Final = 5
_QUOTA: Final = "L-B99A9384"  # AWS's code for Lambda's "Concurrent executions"
_USUAL: Final = 1000


def credentials(ask: Clients, stack: Known) -> Iterator[Finding]:
    """Say whose credentials these are, and where the stack is."""
    caller = ask.identity.get_caller_identity()
    where = f" of the local AWS at {stack.endpoint}" if stack.endpoint else ""
    yield green(f"{caller['Arn']} looks at account {stack.account}{where}, region {stack.region}.")


def state(_: Clients, stack: Known) -> Iterator[Finding]:
    """Say whether the last deployment went well."""
    events = f"aws cloudformation describe-stack-events --stack-name {stack.name}"
    if stack.status in _FINE:
        yield green(f"The last deployment went well ({stack.status}).")
    elif stack.status in _UNDONE:
        yield yellow(
            f"The last deployment failed and was undone ({stack.status}). The version before it runs.",
            "Find the first event with FAILED, mend what its ResourceStatusReason says, and deploy again:",
            events,
            stack.make("deploy"),
        )
    elif stack.status == "REVIEW_IN_PROGRESS":
        yield red(
            "Nothing is deployed yet (REVIEW_IN_PROGRESS): somebody looked at what a first deployment would create.",
            "Deploy, and agree to the changes:",
            stack.make("deploy"),
        )
    elif stack.status.endswith("_IN_PROGRESS"):
        yield yellow(
            f"Somebody is deploying right now ({stack.status}).", "Wait until that ends, and run the doctor again."
        )
    elif stack.status in _NEVER_USED:
        yield red(
            f"The first deployment failed, and nothing of it runs ({stack.status}).",
            "Find the first event with CREATE_FAILED, mend what its ResourceStatusReason says, and deploy again. This"
            " deletes the failed stack first. docs/deploy.md, Remove it, says what stays behind:",
            events,
            stack.make("deploy"),
        )
    elif stack.status == "DELETE_FAILED":
        yield red(
            "Somebody deleted the stack, and the deletion did not finish (DELETE_FAILED).",
            "Find the first event with DELETE_FAILED, and mend what its ResourceStatusReason says. To remove the"
            " rest: docs/deploy.md, Remove it. To have the system back, deploy. This deletes the rest of it first:",
            events,
            stack.make("deploy"),
        )
    elif stack.status == "UPDATE_ROLLBACK_FAILED":
        yield red(
            "The last deployment failed and could not be undone (UPDATE_ROLLBACK_FAILED).",
            "Find the events with FAILED, mend what their ResourceStatusReason says, and let CloudFormation go on:",
            events,
            f"aws cloudformation continue-update-rollback --stack-name {stack.name}",
        )
    else:
        yield red(
            f"The stack is in the state {stack.status}.",
            "Find the first event with FAILED and mend what its ResourceStatusReason says:",
            events,
        )


def concurrency(ask: Clients, stack: Known) -> Iterator[Finding]:
    """Compare how many functions may run at once with what a burst of requests may start."""
    limit = ask.functions.get_account_settings()["AccountLimit"]
    free = limit["UnreservedConcurrentExecutions"]
    burst = int(float(stack.parameter("ThrottleBurst") or 0))
    if free >= burst + _OTHERS:
        yield green(f"{free} functions of the account may run at once. A burst of {burst} requests leaves room.")
        return
    reserved = limit["ConcurrentExecutions"] - free
    taken = f" ({reserved} more are reserved for single functions)" if reserved else ""
    fits = max(1, free - _OTHERS)
    yield yellow(
        f"Only {free} functions of the account may run at once{taken}. A burst of {burst} requests (ThrottleBurst) can"
        " take all of them. Some visitors then have to send their request again, and alerts come late.",
        f"Ask AWS for more, which often takes a day. Until then, deploy with ThrottleBurst={fits}:",
        f"aws service-quotas request-service-quota-increase --service-code lambda --quota-code {_QUOTA}"
        f" --desired-value {_USUAL}",
    )


CHECKS: Final = (
    Check("Credentials", credentials),
    Check("Stack", state),
    Check("Concurrency of Lambda", concurrency),
)
