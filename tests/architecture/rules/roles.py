"""Least privilege, compared word for word, so any wider policy shows."""

from collections import Counter
from collections.abc import Iterator

from tests.architecture.rules.grants import ANY_ACCOUNT, GRANTS, MANAGED_POLICIES, WILDCARDS, Grant
from tests.architecture.templates import Templates, Tree, getatt, listed, statements, walk

_ROLE = "AWS::IAM::Role"
_POLICIES = ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy", "AWS::Serverless::Connector")


def each_function_has_its_own_role(templates: Templates) -> list[str]:
    """If two functions share a role, each gets the other's permissions."""
    uses = Counter(function.role for function in templates.functions())
    broken = [
        f"{function.id}: give it a role of its own (Role: !GetAtt ...Role.Arn, to an AWS::IAM::Role in this template)"
        for function in templates.functions()
        if uses[function.role] > 1 or templates.main["Resources"].get(function.role, {}).get("Type") != _ROLE
    ]
    # SAM's Policies would create a second role, or be ignored beside Role. This file compares neither.
    broken += [
        f"{function.id}: move Policies into statements of {function.role}"
        for function in templates.functions()
        if "Policies" in function.properties
    ]
    return broken


def functions_may_do_what_is_agreed(templates: Templates) -> list[str]:
    """Every action, resource and condition is listed in grants.py."""
    broken = []
    for function in templates.functions():
        role = templates.main["Resources"].get(function.role, {}).get("Properties", {})
        expected = GRANTS.get(function.id, {})
        found = list(_grants(role))
        for sid, granted in found:
            if granted != expected.get(sid):
                broken.append(
                    f"{function.role}: statement {sid} is {granted} and should be {expected.get(sid)}; narrow it, or"
                    " allow it in tests/architecture/rules/grants.py"
                )
        broken += [
            f"{function.role}: statement {sid} must occur once; correct it, or remove it from grants.py"
            for sid in expected
            if [name for name, _ in found].count(sid) != 1
        ]
    return broken


def _grants(role: Tree) -> Iterator[tuple[str, Grant | Tree]]:
    for policy in role.get("Policies", []):
        for configured, statement in statements(policy):
            if set(statement) - {"Sid", "Effect", "Action", "Resource", "Condition"} or statement["Effect"] != "Allow":
                yield statement.get("Sid", "(without a Sid)"), statement  # NotAction and the like are never allowed
                continue
            yield (
                statement.get("Sid", "(without a Sid)"),
                Grant(
                    frozenset(listed(statement["Action"])),
                    tuple(listed(statement["Resource"])),
                    statement.get("Condition", {}),
                    configured,
                ),
            )


def only_lambda_assumes_the_roles(templates: Templates) -> list[str]:
    """It matters who may assume a role, not only what the role allows."""
    return [
        f"{function.role}: let lambda.amazonaws.com assume it for this account, and nobody else"
        for function in templates.functions()
        if _trust(templates, function.role) != [_assumed_by("lambda", {"aws:SourceAccount": {"Ref": "AWS::AccountId"}})]
    ]


def schedules_start_their_function_and_nothing_else(templates: Templates) -> list[str]:
    """SAM's own role for a schedule lets the scheduler assume it for any account."""
    group = "arn:${AWS::Partition}:scheduler:${AWS::Region}:${AWS::AccountId}:schedule-group/default"
    source = {"aws:SourceAccount": {"Ref": "AWS::AccountId"}, "aws:SourceArn": {"Fn::Sub": group}}
    broken = []
    for function in templates.functions():
        for name, event in function.events.items():
            if not event["Type"].startswith("Schedule"):
                continue
            role = getatt(event["Properties"].get("RoleArn"), "Arn")
            found = templates.main["Resources"].get(role, {}).get("Properties", {})
            granted = [grant for _, grant in _grants(found)]
            target = Grant(frozenset({"lambda:InvokeFunction"}), ({"Fn::GetAtt": f"{function.id}.Arn"},))
            if _trust(templates, role) != [_assumed_by("scheduler", source)] or granted != [target]:
                broken.append(f"{function.id}: give {name} a role that the scheduler assumes, to start it and no more")
    return broken


def services_act_for_this_account_only(templates: Templates) -> list[str]:
    """Without aws:SourceAccount, a stranger could make a service use our resources (the "confused deputy")."""
    return [
        f"{place}: {statement['Principal']['Service']} needs the condition StringEquals aws:SourceAccount:"
        " !Ref AWS::AccountId; where the service does not send it, say so in grants.py"
        for place, resource in _all_resources(templates)
        if place not in ANY_ACCOUNT
        for statement in _statements(resource)
        if isinstance(statement.get("Principal"), dict)
        and "Service" in statement["Principal"]
        and statement.get("Condition", {}).get("StringEquals", {}).get("aws:SourceAccount") != {"Ref": "AWS::AccountId"}
    ]


def grants_are_made_for_aws_only(templates: Templates) -> list[str]:
    """Anyone who may create a grant on a key could give it to anybody. Only AWS's services need grants."""
    return [
        f"{place}: {statement.get('Sid')} needs the condition Bool kms:GrantIsForAWSResource: true"
        for place, resource in _all_resources(templates)
        for statement in _statements(resource)
        if "kms:CreateGrant" in listed(statement.get("Action"))
        and statement.get("Condition", {}).get("Bool") != {"kms:GrantIsForAWSResource": "true"}
    ]


def _assumed_by(service: str, source: Tree) -> Tree:
    return {
        "Effect": "Allow",
        "Principal": {"Service": f"{service}.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": source},
    }


def _trust(templates: Templates, role: str | None) -> object:
    properties = templates.main["Resources"].get(role, {}).get("Properties", {})
    return properties.get("AssumeRolePolicyDocument", {}).get("Statement")


def roles_write_their_own_log_only(templates: Templates) -> list[str]:
    """Otherwise one function could write log lines in another's name."""
    broken = []
    for function in templates.functions():
        role = templates.main["Resources"].get(function.role, {}).get("Properties", {})
        for statement in _statements(role):
            writes_logs = any(str(action).startswith(("logs:", "*")) for action in listed(statement.get("Action")))
            if writes_logs and listed(statement.get("Resource")) != [{"Fn::GetAtt": f"{function.log_group}.Arn"}]:
                broken.append(f"{function.role}: narrow {statement.get('Sid')} to !GetAtt {function.log_group}.Arn")
    return broken


def nothing_is_wild_without_a_reason(templates: Templates) -> list[str]:
    """Each `*` in an action, a resource or a principal is listed in grants.py with its reason."""
    found = {
        (place, str(statement.get("Sid", "(without a Sid)")))
        for place, resource in _all_resources(templates)
        for statement in _statements(resource)
        if _is_wild(statement)
    }
    broken = [
        f"{place}: {sid} has a *; name actions and resources, or write the reason into grants.py"
        for place, sid in found - set(WILDCARDS)
    ]
    broken += [
        f"grants.py: {place} {sid} no longer has a *; remove the exception" for place, sid in set(WILDCARDS) - found
    ]
    broken += [f"grants.py: {place} {sid} needs a reason" for (place, sid), reason in WILDCARDS.items() if not reason]
    return sorted(broken)


def whole_services_are_never_granted(templates: Templates) -> list[str]:
    """`dynamodb:*` and `*` are never allowed in a role. In a key's own policy they are AWS's default."""
    return [
        f"{place}: {statement.get('Sid')} grants {action}; name the actions"
        for place, resource in _all_resources(templates)
        if resource["Type"] != "AWS::KMS::Key"
        for statement in _statements(resource)
        for action in listed(statement.get("Action"))
        if "*" in str(action)
    ]


def strangers_are_let_in_by_condition_only(templates: Templates) -> list[str]:
    """A principal of `*` means the whole world. The condition must limit it to this account."""
    return [
        f"{place}: {statement.get('Sid')} needs the condition StringEquals kms:CallerAccount: !Ref AWS::AccountId"
        for place, resource in _all_resources(templates)
        for statement in _statements(resource)
        if statement.get("Principal") in ("*", {"AWS": "*"})
        and statement.get("Condition", {}).get("StringEquals", {}).get("kms:CallerAccount") != {"Ref": "AWS::AccountId"}
    ]


def no_policy_hides_elsewhere(templates: Templates) -> list[str]:
    """Policies are inside their role, where we compare them. Managed policies are listed one by one."""
    broken = [f"{place}: move its statements into the role" for place, _ in templates.of_type(*_POLICIES)]
    broken += [
        f"{place}: write the statements out instead of ManagedPolicyArns, or give the reason in grants.py"
        for place, role in templates.of_type(_ROLE)
        if "ManagedPolicyArns" in role["Properties"] and place not in MANAGED_POLICIES
    ]
    return broken


def _all_resources(templates: Templates) -> Iterator[tuple[str, Tree]]:
    for path, tree in templates.files.items():
        for name, resource in tree["Resources"].items():
            yield f"{path}: {name}", resource


def _statements(resource: Tree) -> Iterator[Tree]:
    for part in walk(resource):
        if isinstance(part, dict) and "Effect" in part:
            yield part


def _is_wild(statement: Tree) -> bool:
    parts = (statement.get(part) for part in ("Action", "NotAction", "Resource", "NotResource", "Principal"))
    return any(isinstance(value, str) and "*" in value for part in parts for value in walk(part))
