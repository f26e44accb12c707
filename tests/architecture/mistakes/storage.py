"""Careless edits of the table, its key and the queue."""

from collections.abc import Iterator

from tests.architecture.mutations import Mutation, change_statement, put, remove
from tests.architecture.rules import storage
from tests.architecture.templates import Templates

_FILE = "infra/data.yaml"
_AUDIT = "infra/audit.yaml"
_SIGN_IN = "infra/sign-in.yaml"
_TABLE = "Table/Properties"


def mistakes(_: Templates) -> Iterator[Mutation]:
    """Yield each edit with the rule that must notice it."""
    for resource in ("Table", "Key"):
        for policy in ("DeletionPolicy", "UpdateReplacePolicy"):
            place, outlive = f"{resource}/{policy}", storage.leads_outlive_the_stack
            yield Mutation(outlive, f"{resource} without {policy}", remove(place, _FILE))
            yield Mutation(outlive, f"{resource} deleted by {policy}", put(place, "Delete", _FILE))

    for policy in ("DeletionPolicy", "UpdateReplacePolicy"):
        gone = put(f"Table/{policy}", "Delete", _AUDIT)
        yield Mutation(storage.leads_outlive_the_stack, f"the audit is deleted by {policy}", gone)

    resist = storage.tables_resist_accidents
    for place in ("DeletionProtectionEnabled", "PointInTimeRecoverySpecification"):
        yield Mutation(resist, f"an audit without {place}", remove(f"{_TABLE}/{place}", _AUDIT))
    yield Mutation(resist, "no deletion protection", remove(f"{_TABLE}/DeletionProtectionEnabled", _FILE))
    off = put(f"{_TABLE}/DeletionProtectionEnabled", value=False, file=_FILE)
    yield Mutation(resist, "deletion protection off", off)
    yield Mutation(resist, "no recovery", remove(f"{_TABLE}/PointInTimeRecoverySpecification", _FILE))

    encrypted = storage.tables_are_encrypted_with_our_key
    yield Mutation(encrypted, "no encryption with our own key", remove(f"{_TABLE}/SSESpecification", _FILE))
    yield Mutation(encrypted, "AWS's key", remove(f"{_TABLE}/SSESpecification/KMSMasterKeyId", _FILE))
    yield Mutation(encrypted, "a key that never rotates", remove("Key/Properties/EnableKeyRotation", _FILE))

    yield Mutation(encrypted, "sessions with AWS's key", remove("Sessions/Properties/SSESpecification", _SIGN_IN))
    yield Mutation(encrypted, "an audit with AWS's key", remove(f"{_TABLE}/SSESpecification/KMSMasterKeyId", _AUDIT))
    no_key = put("Audit/Properties/Parameters/KeyArn", {"Fn::GetAtt": "Data.Outputs.TableArn"})
    yield Mutation(encrypted, "something else is passed as the key", no_key)
    yield Mutation(encrypted, "another key", put("/Outputs/KeyArn/Value", "arn:aws:kms:us-east-1::key/x", _FILE))

    view = put(f"{_TABLE}/StreamSpecification/StreamViewType", "NEW_IMAGE", _FILE)
    yield Mutation(storage.streams_carry_keys_only, "whole items on the stream", view)

    narrow = storage.indexes_carry_no_words_of_a_visitor
    for position, index in enumerate(("agenda", "worklist")):
        projection = f"{_TABLE}/GlobalSecondaryIndexes/{position}/Projection"
        yield Mutation(narrow, f"whole items in {index}", put(projection, {"ProjectionType": "ALL"}, _FILE))
        yield Mutation(narrow, f"names in {index}", put(f"{projection}/NonKeyAttributes", ["name"], _FILE))
    whole = put(f"{_TABLE}/GlobalSecondaryIndexes/3/Projection", {"ProjectionType": "ALL"}, _FILE)
    yield Mutation(narrow, "whole items in desk", whole)
    mine = storage.only_the_desk_reads_its_index
    for other in ("desk", "*"):
        wider = {"Fn::Sub": f"${{Data.Outputs.TableArn}}/index/{other}"}
        edit = change_statement("FollowUpRole", "ReadTheWorklist", Resource=wider)
        yield Mutation(mine, f"another role queries {other}", edit)
    recorded, indexes = storage.one_index_change_per_release, f"{_TABLE}/GlobalSecondaryIndexes"
    yield Mutation(recorded, "one index is missing", remove(f"{indexes}/1", _FILE))
    yield Mutation(recorded, "another name", put(f"{indexes}/1/IndexName", "lists", _FILE))
    yield Mutation(recorded, "another key", put(f"{indexes}/1/KeySchema/1/AttributeName", "agenda_at", _FILE))
    more = put(f"{indexes}/1/Projection/NonKeyAttributes", ["reference", "overdue_since"], _FILE)
    yield Mutation(recorded, "other attributes", more)
    yield Mutation(recorded, "only the keys", put(f"{indexes}/1/Projection", {"ProjectionType": "KEYS_ONLY"}, _FILE))

    for file, table in ((_FILE, "Table"), (_AUDIT, "Table"), (_SIGN_IN, "Sessions")):
        no_end = remove(f"{table}/Properties/TimeToLiveSpecification", file)
        yield Mutation(storage.retention_is_possible, f"{file}: no time to live", no_end)
    plain = remove("FailedRecordsQueue/Properties/SqsManagedSseEnabled")
    yield Mutation(storage.queues_are_encrypted, "an unencrypted queue", plain)
