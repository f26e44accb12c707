"""The tables and their key survive mistakes: a deleted stack, a dropped table, a wrong write, a stolen disk."""

from tests.architecture.index_record import RECORD, Index
from tests.architecture.templates import MAIN, Templates, Tree, ref, statements, walk

_TABLES = ("AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable")
_LASTING = (*_TABLES, "AWS::KMS::Key")
# The attributes that an index may have beside keys: times, states, the reference and ids of recipients.
_PROJECTED = {
    *("overdue_since", "told_at", "claimed_at"),
    *("response", "reference", "claimed_by"),
}
_OF_THE_DESK = "desk"
# What the index of the report has besides: facts without words of a visitor, and when the item ends.
_OF_THE_REPORT = {"report_row", "expires_at"}

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
    """An index has the progress of a request, not its content. Only the desk's has more: its pages show it."""
    return [
        f"{place}: index {index['IndexName']} may project keys and {sorted(_PROJECTED)} only"
        for place, table in templates.of_type(*_TABLES)
        for index in table["Properties"].get("GlobalSecondaryIndexes", [])
        if index["Projection"]["ProjectionType"] == "ALL"
        or (index["IndexName"] != _OF_THE_DESK and set(_attributes(index)) - _PROJECTED - _also(index))
    ]


def _attributes(index: Tree) -> list[str]:
    attributes: list[str] = index["Projection"].get("NonKeyAttributes", [])
    return attributes


def _also(index: Tree) -> set[str]:
    return _OF_THE_REPORT if index["IndexName"] == "report" else set()


def only_the_desk_reads_its_index(templates: Templates) -> list[str]:
    """Names and contact details are in one index, and no other role may query it.

    A `*` after the table would allow it too.
    """
    index = f"/index/{_OF_THE_DESK}"
    return [
        f"{place}: {statement['Sid']} may reach the index of the desk; name another index"
        for place, role in templates.of_type("AWS::IAM::Role")
        if place != f"{MAIN}: DeskRole"
        for policy in role["Properties"].get("Policies", [])
        for _, statement in statements(policy)
        for resource in walk(statement.get("Resource"))
        if isinstance(resource, str) and (resource.endswith(index) or "/index/*" in resource)
    ]


def one_index_change_per_release(templates: Templates) -> list[str]:
    """The table has the indexes that the record gives to releases, with their keys and attributes.

    CloudFormation refuses an update that creates or deletes a second index, or changes what one contains. The local AWS
    accepts both.
    """
    there = {
        index["IndexName"]: _index(index)
        for _, table in templates.of_type(*_TABLES)
        for index in table["Properties"].get("GlobalSecondaryIndexes", [])
    }
    recorded = dict(each for release in RECORD.values() for each in release.items())
    fix = "AWS never changes an index: undo the edit in infra/data.yaml, or add an index with another name"
    new = "add it to RECORD in tests/architecture/index_record.py, alone under the release that creates it"
    return [
        *(f"infra/data.yaml: index {name} is gone; keep it" for name in recorded.keys() - there.keys()),
        *(f"infra/data.yaml: index {name} is new; {new}" for name in there.keys() - recorded.keys()),
        *(
            f"infra/data.yaml: index {name} differs from tests/architecture/index_record.py. {fix}"
            for name in there.keys() & recorded.keys()
            if there[name] != recorded[name]
        ),
    ]


def _index(declared: Tree) -> Index:
    projection = declared["Projection"]
    return Index(
        key=tuple(key["AttributeName"] for key in declared["KeySchema"]),
        projection=projection["ProjectionType"],
        attributes=frozenset(projection.get("NonKeyAttributes", [])),
    )


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
