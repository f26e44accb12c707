"""The tables and their key survive mistakes: a deleted stack, a dropped table, a wrong write, a stolen disk."""

from tests.architecture.templates import Templates, Tree, ref

_TABLES = ("AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable")
_LASTING = (*_TABLES, "AWS::KMS::Key")
_INDEXES = {"agenda": ("agenda_shard", "agenda_at"), "worklist": ("worklist", "received_at")}
# The attributes that an index may have beside keys: times, states, the reference and ids of recipients.
_PROJECTED = {
    *("overdue_since", "told_at", "claimed_at"),
    *("response", "reference", "claimed_by"),
}

_KEYS_ONLY = {"StreamViewType": "KEYS_ONLY"}
# Tables that may be lost, and why.
_PASSING = {
    "infra/sign-in.yaml: Sessions": "staff sign in again; an old session that came back would let somebody in",
}
# What a nested template with a parameter KeyArn must get: the key of infra/data.yaml.
_PASSED_KEY = {"Fn::GetAtt": "Data.Outputs.KeyArn"}
_KEY_ARN = {"Fn::Sub": "arn:${AWS::Partition}:kms:${AWS::Region}:${AWS::AccountId}:key/${Key}"}


def leads_outlive_the_stack(templates: Templates) -> list[str]:
    """The tables with leads and the audit, and the key that decrypts them, survive if the stack is deleted."""
    return [
        f"{place}: set {policy}: Retain"
        for place, resource in templates.of_type(*_LASTING)
        if place not in _PASSING
        for policy in ("DeletionPolicy", "UpdateReplacePolicy")
        if resource.get(policy) != "Retain"
    ]


def tables_resist_accidents(templates: Templates) -> list[str]:
    """Deletion protection against a wrong click, point-in-time recovery against a wrong write."""
    broken = []
    for place, table in templates.of_type(*_TABLES):
        if place in _PASSING:
            continue
        properties = table["Properties"]
        if properties.get("DeletionProtectionEnabled") is not True:
            broken.append(f"{place}: set DeletionProtectionEnabled: true")
        recovery = properties.get("PointInTimeRecoverySpecification", {})
        if recovery.get("PointInTimeRecoveryEnabled") is not True:
            broken.append(f"{place}: set PointInTimeRecoverySpecification: {{ PointInTimeRecoveryEnabled: true }}")
    return broken


def tables_are_encrypted_with_our_key(templates: Templates) -> list[str]:
    """The clinic has its own rotated key, so it can end all access to health data at once."""
    broken = [
        f"{place}: set SSESpecification to SSEType KMS with a !Ref to Key, or to a parameter KeyArn that gets it"
        for place, table in templates.of_type(*_TABLES)
        if not _has_our_key(templates, place, table["Properties"].get("SSESpecification", {}))
    ]
    broken += [
        f"{place}: set EnableKeyRotation: true"
        for place, key in templates.of_type("AWS::KMS::Key")
        if key["Properties"].get("EnableKeyRotation") is not True
    ]
    return broken


def _has_our_key(templates: Templates, place: str, sse: Tree) -> bool:
    if sse.get("SSEEnabled") is not True or sse.get("SSEType") != "KMS":
        return False
    path, key = place.split(": ", maxsplit=1)[0], ref(sse.get("KMSMasterKeyId"))
    if key != "KeyArn":
        return f"{path}: {key}" in {each for each, _ in templates.of_type("AWS::KMS::Key")}
    passed = [
        stack["Properties"].get("Parameters", {}).get("KeyArn")
        for _, stack in templates.of_type("AWS::CloudFormation::Stack")
        if stack["Properties"]["TemplateURL"] == path
    ]
    given = templates.files["infra/data.yaml"]["Outputs"].get("KeyArn", {}).get("Value")
    return passed == [_PASSED_KEY] and given == _KEY_ARN


def streams_carry_keys_only(templates: Templates) -> list[str]:
    """What a visitor wrote stays in the table."""
    return [
        f"{place}: set StreamSpecification: {{ StreamViewType: KEYS_ONLY }}"
        for place, table in templates.of_type(*_TABLES)
        if table["Properties"].get("StreamSpecification", _KEYS_ONLY) != _KEYS_ONLY
    ]


def indexes_carry_no_words_of_a_visitor(templates: Templates) -> list[str]:
    """An index has the progress of a request, not its content."""
    return [
        f"{place}: index {index['IndexName']} may project keys and {sorted(_PROJECTED)} only"
        for place, table in templates.of_type(*_TABLES)
        for index in table["Properties"].get("GlobalSecondaryIndexes", [])
        if index["Projection"]["ProjectionType"] == "ALL"
        or set(index["Projection"].get("NonKeyAttributes", [])) - _PROJECTED
    ]


def the_code_finds_its_indexes(templates: Templates) -> list[str]:
    """Each index that shared/store/leads.py queries exists with its name and key."""
    there = {
        index["IndexName"]: tuple(key["AttributeName"] for key in index["KeySchema"])
        for _, table in templates.of_type(*_TABLES)
        for index in table["Properties"].get("GlobalSecondaryIndexes", [])
    }
    return [
        f"infra/data.yaml: the table needs the index {name} with the key {key}"
        for name, key in _INDEXES.items()
        if there.get(name) != key
    ]


def retention_is_possible(templates: Templates) -> list[str]:
    """Without a time to live, nothing ever leaves the table."""
    return [
        f"{place}: set TimeToLiveSpecification with an AttributeName, enabled"
        for place, table in templates.of_type(*_TABLES)
        if table["Properties"].get("TimeToLiveSpecification", {}).get("Enabled") is not True
    ]


def queues_are_encrypted(templates: Templates) -> list[str]:
    """SQS encrypts at rest if the template asks for it."""
    return [
        f"{place}: set SqsManagedSseEnabled: true"
        for place, queue in templates.of_type("AWS::SQS::Queue")
        if queue["Properties"].get("SqsManagedSseEnabled") is not True and "KmsMasterKeyId" not in queue["Properties"]
    ]
