"""The tables: whether their data is protected, encrypted, and ends when it should."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from tools.operate.doctor.check import Check
from tools.operate.doctor.clients import Clients
from tools.operate.doctor.finding import Finding, green, red, yellow
from tools.operate.doctor.known import Known

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TableDescriptionTypeDef

_TTL: Final = '\'{"Enabled": true, "AttributeName": "expires_at"}\''
_ON: Final = {"ENABLED", "ENABLING"}


def leads(ask: Clients, stack: Known) -> Iterator[Finding]:
    """Look at the table with the requests."""
    yield from _kept(ask, stack, stack.output("TableName"), "requests")


def audit(ask: Clients, stack: Known) -> Iterator[Finding]:
    """Look at the table with the audit."""
    yield from _kept(ask, stack, stack.output("AuditTable"), "audit")


def sessions(ask: Clients, stack: Known) -> Iterator[Finding]:
    """Look at the table with the sessions of the desk, which nobody needs to keep."""
    table = stack.resource("Sessions", "SignIn").id
    yield _ends(ask, table, "sessions")


def stream(ask: Clients, stack: Known) -> Iterator[Finding]:
    """Look at the stream and the indexes of the table with the requests."""
    table = stack.output("TableName")
    found = ask.tables.describe_table(TableName=table)["Table"]
    if found.get("StreamSpecification", {}).get("StreamEnabled"):
        yield green("The stream is on.")
    else:
        yield red(
            "The table's stream is off, so alerts wait for the sweep, which runs once a minute.",
            "Turn it on. It then has another ARN, which CloudFormation reads when the table changes: add a tag to Table"
            " in infra/data.yaml (Tags: [{ Key: stream, Value: again }]), and deploy:",
            f"aws dynamodb update-table --table-name {table} --stream-specification"
            ' \'{"StreamEnabled": true, "StreamViewType": "KEYS_ONLY"}\'',
            stack.make("deploy"),
        )
    # The local AWS tells no state.
    unready = [
        each["IndexName"]
        for each in found.get("GlobalSecondaryIndexes", [])
        if each.get("IndexStatus", "ACTIVE") != "ACTIVE"
    ]
    if unready:
        yield yellow(
            f"These indexes are being built: {', '.join(unready)}. Until then, lists lack requests.",
            "Wait, and run the doctor again. Do not deploy meanwhile.",
        )


def _kept(ask: Clients, stack: Known, table: str, what: str) -> Iterator[Finding]:
    found = ask.tables.describe_table(TableName=table)["Table"]
    yield _protected(found, table, what)
    yield _recoverable(ask, table, what)
    yield _ends(ask, table, what)
    yield _encrypted(found, stack, table, what)


def _protected(found: "TableDescriptionTypeDef", table: str, what: str) -> Finding:
    if found.get("DeletionProtectionEnabled"):
        return green(f"The table of the {what} is protected from deletion.")
    return red(
        f"One wrong command could delete the table of the {what}: its protection is off.",
        "Turn it on:",
        f"aws dynamodb update-table --table-name {table} --deletion-protection-enabled",
    )


def _recoverable(ask: Clients, table: str, what: str) -> Finding:
    found = ask.tables.describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"]
    if found.get("PointInTimeRecoveryDescription", {}).get("PointInTimeRecoveryStatus") == "ENABLED":
        return green(f"The table of the {what} can be restored to any second of up to 35 days.")
    return red(
        f"The table of the {what} has no backup: point-in-time recovery is off.",
        "Turn it on. It protects what is stored from then on:",
        f"aws dynamodb update-continuous-backups --table-name {table} --point-in-time-recovery-specification"
        " '{\"PointInTimeRecoveryEnabled\": true}'",
    )


def _ends(ask: Clients, table: str, what: str) -> Finding:
    found = ask.tables.describe_time_to_live(TableName=table).get("TimeToLiveDescription", {})
    if found.get("TimeToLiveStatus") in _ON and found.get("AttributeName") == "expires_at":
        return green(f"Expired items in the table of the {what} are deleted.")
    return red(
        f"Expired items in the table of the {what} stay forever, because its time to live is off. Data is kept longer"
        " than promised.",
        "Turn it on. If it was turned off within the last hour, AWS refuses that, so try again later:",
        f"aws dynamodb update-time-to-live --table-name {table} --time-to-live-specification {_TTL}",
    )


def _encrypted(found: "TableDescriptionTypeDef", stack: Known, table: str, what: str) -> Finding:
    key = stack.resource("Key", "Data").id
    encryption = found.get("SSEDescription", {})
    own = encryption.get("KMSMasterKeyArn", "").rpartition("/")[2] or encryption.get("KMSMasterKeyArn", "")
    if encryption.get("Status") in {"ENABLED", "UPDATING"} and own == key:
        return green(f"The table of the {what} is encrypted with the stack's own key.")
    return red(
        f"The table of the {what} is not encrypted with the stack's own key, so the clinic does not control who can"
        " decrypt it.",
        "Encrypt it with that key:",
        f"aws dynamodb update-table --table-name {table} --sse-specification"
        f' \'{{"Enabled": true, "SSEType": "KMS", "KMSMasterKeyId": "{key}"}}\'',
    )


CHECKS: Final = (
    Check("Requests", leads),
    Check("Stream and indexes", stream),
    Check("Audit", audit),
    Check("Sessions", sessions),
)
