"""The audit only grows, and the desk that writes it can neither cover its tracks nor take leads out of the system."""

from collections.abc import Iterator

from tests.architecture.rules.grants import AUDIT, DESK_LISTS, REFERENCES, SESSIONS
from tests.architecture.templates import Templates, Tree, listed, statements

_READS = {"dynamodb:Query"}
# What a role may do with the audit.
_ADDS = {"dynamodb:PutItem"} | _READS
_MAY: dict[str, set[str]] = {"DeskRole": _ADDS, "EraseRole": _ADDS, "FollowUpRole": _READS}
_DESK = "DeskRole"
# What the desk may do in DynamoDB: neither a scan nor a batch nor a statement of PartiQL.
_DESK_MAY = {"dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"}
_DESK_SERVICES = {"cognito-idp", "dynamodb", "logs", "secretsmanager"}


def no_role_rewrites_the_audit(templates: Templates) -> list[str]:
    """No role may change, delete or scan an entry. The desk adds entries, and the function that erases its proofs."""
    return [
        f"{role}: {statement.get('Sid')} may do {sorted(actions - _MAY.get(role, set()))} with the audit; remove that"
        for role, statement in _statements(templates)
        if AUDIT in listed(statement.get("Resource"))
        for actions in [set(listed(statement.get("Action")))]
        if actions - _MAY.get(role, set())
    ]


def the_desk_cannot_scan_delete_or_send(templates: Templates) -> list[str]:
    """Somebody who takes over the desk's function cannot copy or remove the leads at one go, or email anybody."""
    broken = []
    for role, statement in _statements(templates):
        if role != _DESK:
            continue
        actions = {str(action) for action in listed(statement.get("Action"))}
        wrong = {action for action in actions if action.partition(":")[0] not in _DESK_SERVICES}
        wrong |= {action for action in actions if action.startswith("dynamodb:")} - _DESK_MAY
        if listed(statement.get("Resource")) != [SESSIONS]:
            wrong |= actions & {"dynamodb:DeleteItem"}
        if wrong or "Action" not in statement:
            broken.append(f"{role}: remove {sorted(wrong) or 'NotAction'} from {statement.get('Sid')}")
    return broken


def only_the_desk_reads_lists_with_names(templates: Templates) -> list[str]:
    """The desk's index has names and phone numbers. The indexes of the other functions have none.

    The index of references has only keys. Operators find a person by it too.
    """
    return [
        f"{role}: remove the desk's indexes from {statement.get('Sid')}"
        for role, statement in _statements(templates)
        if (role != _DESK and DESK_LISTS in listed(statement.get("Resource")))
        or (role not in {_DESK, "EraseRole"} and REFERENCES in listed(statement.get("Resource")))
    ]


def _statements(templates: Templates) -> Iterator[tuple[str, Tree]]:
    """Yield each statement of each role in the main template with the role's name."""
    for place, role in templates.of_type("AWS::IAM::Role"):
        for policy in role["Properties"].get("Policies", []):
            for _, statement in statements(policy):
                yield place.split(": ")[1], statement
