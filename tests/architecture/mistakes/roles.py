"""Careless edits of permissions: every statement of every role made wider, and a few that are harder to spot."""

from collections.abc import Iterator

from tests.architecture.mutations import Mutation, add_statement, always, change_statement, put, remove
from tests.architecture.rules import roles
from tests.architecture.templates import Templates, Tree, listed, statements

_TABLE = {"Fn::GetAtt": "Data.Outputs.TableArn"}


def mistakes(templates: Templates) -> Iterator[Mutation]:
    """Yield each edit with the rule that must notice it."""
    for function in templates.functions():
        role = str(function.role)
        for configured, statement in statements(templates.main["Resources"][role]["Properties"]["Policies"][0]):
            yield from _wider(role, statement)
            if configured:
                agreed = roles.functions_may_do_what_is_agreed
                yield Mutation(agreed, f"{role} {statement['Sid']}: not only where {configured}", always(role))
        yield from _worse(role)
    yield from _public_function()
    yield from _own_role()
    yield from _services()
    yield from _elsewhere()


def _wider(role: str, statement: Tree) -> Iterator[Mutation]:
    sid, actions = statement["Sid"], listed(statement["Action"])
    service = actions[0].split(":")[0]

    def mistake(what: str, **changes: object) -> Mutation:
        return Mutation(
            roles.functions_may_do_what_is_agreed, f"{role} {sid}: {what}", change_statement(role, sid, **changes)
        )

    yield mistake("the whole service", Action=f"{service}:*")
    yield mistake("one more action", Action=[*actions, "dynamodb:ExportTableToPointInTime"])
    yield mistake("all actions but one", Action=None, NotAction="iam:CreateUser")
    if statement["Resource"] != "*":
        yield mistake("any resource", Resource="*")
    if "Condition" in statement:
        yield mistake("no condition", Condition=None)
    if sender := statement.get("Condition", {}).get("StringEqualsIgnoreCase"):
        yield mistake("a condition that holds without a sender", Condition={"StringEqualsIgnoreCaseIfExists": sender})
        yield mistake("nearly any sender", Condition={"StringLike": {"ses:FromAddress": "*@example.com"}})
    if "ForAllValues:StringLike" in statement.get("Condition", {}):
        anything = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["*"]}}
        yield mistake("items with any key", Condition=anything)


def _worse(role: str) -> Iterator[Mutation]:
    agreed = roles.functions_may_do_what_is_agreed
    tidy = add_statement(role, Sid="Tidy", Action="dynamodb:DeleteItem", Resource=_TABLE)
    yield Mutation(agreed, f"{role}: one more statement", tidy)
    whole = add_statement(role, Sid="Tidy", Action="dynamodb:*", Resource=_TABLE)
    yield Mutation(roles.whole_services_are_never_granted, f"{role}: a whole service", whole)
    yield Mutation(roles.nothing_is_wild_without_a_reason, f"{role}: a whole service", whole)
    anywhere = add_statement(role, Sid="Tidy", Action="dynamodb:PutItem", Resource="*")
    yield Mutation(roles.nothing_is_wild_without_a_reason, f"{role}: any resource", anywhere)
    any_log = change_statement(role, "WriteItsLog", Resource={"Fn::GetAtt": "ApiAccessLog.Arn"})
    yield Mutation(roles.roles_write_their_own_log_only, f"{role}: another log", any_log)
    stranger = put(f"{role}/Properties/AssumeRolePolicyDocument/Statement/0/Principal", {"AWS": "123456789012"})
    yield Mutation(roles.only_lambda_assumes_the_roles, f"{role}: another account", stranger)
    for_anybody = remove(f"{role}/Properties/AssumeRolePolicyDocument/Statement/0/Condition")
    yield Mutation(roles.services_act_for_this_account_only, f"{role}: for any account", for_anybody)
    managed = put(f"{role}/Properties/ManagedPolicyArns", ["arn:aws:iam::aws:policy/AdministratorAccess"])
    yield Mutation(roles.no_policy_hides_elsewhere, f"{role}: a managed policy", managed)


def _public_function() -> Iterator[Mutation]:
    agreed = roles.functions_may_do_what_is_agreed
    reads = change_statement("SubmitRole", "StoreALead", Action=["dynamodb:PutItem", "dynamodb:GetItem"])
    yield Mutation(agreed, "submit may read", reads)
    also_reads = add_statement("SubmitRole", Sid="ReadALead", Action="dynamodb:GetItem", Resource=_TABLE)
    yield Mutation(agreed, "submit may read, by a separate statement", also_reads)
    twice = add_statement("SubmitRole", Sid="StoreALead", Action="dynamodb:PutItem", Resource=_TABLE)
    yield Mutation(agreed, "a statement appears twice", twice)


def _own_role() -> Iterator[Mutation]:
    own = roles.each_function_has_its_own_role
    shared = put("FollowUpFunction/Properties/Role", {"Fn::GetAtt": "NotifyRole.Arn"})
    yield Mutation(own, "two functions, one role", shared)
    made_by_sam = remove("SubmitFunction/Properties/Role")
    yield Mutation(own, "a role that SAM creates", made_by_sam)
    policies = put("SubmitFunction/Properties/Policies", [{"DynamoDBWritePolicy": {"TableName": "leads"}}])
    yield Mutation(own, "SAM's policy templates", policies)


def _services() -> Iterator[Mutation]:
    this_account = roles.services_act_for_this_account_only
    publish = "AlarmsTopicPolicy/Properties/PolicyDocument/Statement/0/Condition"
    yield Mutation(this_account, "alarms of any account", remove(f"{publish}/StringEquals"))
    starts = roles.schedules_start_their_function_and_nothing_else
    for role, schedule in (
        ("FollowUpScheduleRole", "FollowUpFunction/Properties/Events/EveryMinute"),
        ("CanaryScheduleRole", "CanaryFunction/Properties/Events/TwiceAnHour"),
    ):
        yield Mutation(starts, f"{schedule}: a role that SAM creates", remove(f"{schedule}/Properties/RoleArn"))
        trust = f"{role}/Properties/AssumeRolePolicyDocument/Statement/0/Condition/StringEquals"
        yield Mutation(starts, f"{role}: any group of schedules", remove(f"{trust}/aws:SourceArn"))
        yield Mutation(this_account, f"{role}: schedules of any account", remove(f"{trust}/aws:SourceAccount"))
        resource = f"{role}/Properties/Policies/0/PolicyDocument/Statement/0/Resource"
        yield Mutation(starts, f"{role}: another function", put(resource, {"Fn::GetAtt": "ClaimFunction.Arn"}))
    anybody = remove("Key/Properties/KeyPolicy/Statement/2/Condition/Bool", "infra/data.yaml")
    yield Mutation(roles.grants_are_made_for_aws_only, "anybody may create grants", anybody)


def _elsewhere() -> Iterator[Mutation]:
    policy = {"Type": "AWS::IAM::Policy", "Properties": {"Roles": [{"Ref": "SubmitRole"}]}}
    yield Mutation(roles.no_policy_hides_elsewhere, "a separate policy", put("More", policy))
    everybody = remove("Key/Properties/KeyPolicy/Statement/1/Condition", "infra/data.yaml")
    yield Mutation(roles.strangers_are_let_in_by_condition_only, "everybody may use the key", everybody)
    sender = "arn:aws:ses:us-east-1:123456789012:identity/example.com"
    narrowed = change_statement("NotifyRole", "SendMail", Resource=sender)
    yield Mutation(roles.nothing_is_wild_without_a_reason, "an exception that is no longer needed", narrowed)
