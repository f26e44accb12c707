"""The key that encrypts the tables, and the secrets that ids, links and hashes are made with."""

from collections.abc import Iterator
from typing import Any, Final

from tools.operate.doctor.check import Check
from tools.operate.doctor.clients import Clients
from tools.operate.doctor.finding import Finding, green, red, unknown, yellow
from tools.operate.doctor.known import Known

# The secrets in infra/data.yaml, and what fails without them.
_SECRETS: Final = {
    "IdKey": "The next deployment fails. With another value, a retry of a stored request becomes a second request.",
    "PeopleSecret": "Nobody's earlier requests are found anymore: not for an alert, an export or an erasure.",
    "StackSecret": "Links in emails to staff stop working.",
}
# Another value of these breaks what is stored.
_NEVER_ROTATED: Final = {"IdKey", "PeopleSecret"}


def key(ask: Clients, stack: Known) -> Iterator[Finding]:
    """Look at the key. Without it, nobody can read or store a request."""
    name = stack.resource("Key", "Data").id
    found = ask.keys.describe_key(KeyId=name)["KeyMetadata"]
    match found["KeyState"]:
        case "Enabled":
            yield green("The key that encrypts the tables works.")
        case "PendingDeletion":
            yield red(
                f"The key {name} will be deleted on {found['DeletionDate']:%Y-%m-%d}. Nobody can store or read a"
                " request now. After that day, all stored requests are lost for good.",
                "Stop the deletion, and turn the key on again:",
                f"aws kms cancel-key-deletion --key-id {name}",
                f"aws kms enable-key --key-id {name}",
            )
            return
        case other:
            yield red(
                f"The key {name} is off ({other}), so nobody can store or read a request.",
                "If nobody cut off access on purpose, turn it on:",
                f"aws kms enable-key --key-id {name}",
            )
            return
    if ask.keys.get_key_rotation_status(KeyId=name)["KeyRotationEnabled"]:
        yield green("The key gets new material once a year.")
    else:
        yield yellow("The key's yearly rotation is off.", "Turn it on:", f"aws kms enable-key-rotation --key-id {name}")


def secrets(ask: Clients, stack: Known) -> Iterator[Finding]:
    """Look at the secrets, but not at their values."""
    bad = 0
    for name, lost in _SECRETS.items():
        secret = stack.resource(name, "Data").id
        found: dict[str, Any] = dict(ask.secrets.describe_secret(SecretId=secret))
        if "DeletedDate" in found:
            bad += 1
            yield red(
                f"The secret {name} is being deleted. {lost}",
                "Bring it back, within 30 days after it was deleted:",
                f"aws secretsmanager restore-secret --secret-id {secret}",
            )
        elif found.get("RotationEnabled") and name in _NEVER_ROTATED:
            bad += 1
            yield red(
                f"The secret {name} is rotated, which must never happen. {lost}",
                "Stop the rotation. If it has changed the value already, bring back the first one: the second line"
                " prints the ids of the versions. Put that of AWSPREVIOUS in place of OLD, and that of AWSCURRENT in"
                " place of NEW:",
                f"aws secretsmanager cancel-rotate-secret --secret-id {secret}",
                f"aws secretsmanager describe-secret --secret-id {secret} --query VersionIdsToStages",
                f"aws secretsmanager update-secret-version-stage --secret-id {secret} --version-stage AWSCURRENT"
                " --move-to-version-id OLD --remove-from-version-id NEW",
            )
    if not bad:
        yield green(f"The {len(_SECRETS)} secrets are there, and none is rotated that must not be.")


def webhook(ask: Clients, stack: Known) -> Iterator[Finding]:
    """Say whether somebody has set the webhook's address. A secret that was set has a version before this one."""
    if stack.parameter("Webhook") != "yes":
        yield green("The webhook is not part of this stack (Webhook=no).")
        return
    found: dict[str, Any] = dict(ask.secrets.describe_secret(SecretId=stack.resource("Address", "WebhookSecrets").id))
    if "DeletedDate" in found:
        yield red(
            "The secret with the webhook's address is being deleted, so the webhook tells nothing.",
            "Bring it back, and send a test:",
            f"aws secretsmanager restore-secret --secret-id {found['ARN']}",
            stack.make("webhook-test"),
        )
    elif "VersionIdsToStages" not in found:
        yield unknown(
            "AWS does not say whether the webhook's address was set.", "Send a test:", stack.make("webhook-test")
        )
    elif len(found["VersionIdsToStages"]) > 1:
        yield green(f"The webhook's address was set. To try it, send a test: {stack.make('webhook-test')}")
    else:
        yield yellow(
            "The webhook is on, but nobody has set its address, so it tells nothing.",
            "If you need none, deploy with Webhook=no. Otherwise set its address. This asks for it, then tests it:",
            stack.make("webhook-address"),
        )


CHECKS: Final = (Check("Key", key), Check("Secrets", secrets), Check("Webhook", webhook))
