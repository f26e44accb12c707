"""The permissions of each function, word for word. Anyone who widens a policy in the template must justify it here."""

from dataclasses import dataclass, field
from typing import Any

type Reference = dict[str, str] | str

TABLE: Reference = {"Fn::GetAtt": "Data.Outputs.TableArn"}
STREAM: Reference = {"Fn::GetAtt": "Data.Outputs.StreamArn"}
AGENDA: Reference = {"Fn::Sub": "${Data.Outputs.TableArn}/index/agenda"}
WORKLIST: Reference = {"Fn::Sub": "${Data.Outputs.TableArn}/index/worklist"}
DESK_LISTS: Reference = {"Fn::Sub": "${Data.Outputs.TableArn}/index/desk"}
REPORT: Reference = {"Fn::Sub": "${Data.Outputs.TableArn}/index/report"}
REFERENCES: Reference = {"Fn::Sub": "${Data.Outputs.TableArn}/index/reference"}
SESSIONS: Reference = {"Fn::GetAtt": "SignIn.Outputs.SessionsArn"}
USER_POOL: Reference = {"Fn::GetAtt": "SignIn.Outputs.UserPoolArn"}
AUDIT: Reference = {"Fn::GetAtt": "Audit.Outputs.TableArn"}
PEOPLE_SECRET: Reference = {"Fn::GetAtt": "Data.Outputs.PeopleSecretArn"}
STACK_SECRET: Reference = {"Fn::GetAtt": "Data.Outputs.StackSecretArn"}
ALARMS_TOPIC: Reference = {"Ref": "AlarmsTopic"}
FAILED_RECORDS: Reference = {"Fn::GetAtt": "FailedRecordsQueue.Arn"}
CONFIGURATION_SET: Reference = {"Fn::GetAtt": "Email.Outputs.ConfigurationSetArn"}
WEBHOOK_ADDRESS: Reference = {"Fn::GetAtt": "WebhookSecrets.Outputs.AddressArn"}
WEBHOOK_KEY: Reference = {"Fn::GetAtt": "WebhookSecrets.Outputs.KeyArn"}
TURNSTILE_SECRET: Reference = {"Ref": "TurnstileSecretArn"}
IDENTITIES: Reference = {"Fn::Sub": "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:identity/*"}


@dataclass(frozen=True)
class Grant:
    """One statement: these actions on these resources, under this condition, if the stack is configured so."""

    actions: frozenset[str]
    resources: tuple[Reference, ...]
    condition: dict[str, Any] = field(default_factory=dict)
    configured: str | None = None  # the template's condition; None means always


def grant(
    *actions: str,
    on: tuple[Reference, ...],
    only_if: dict[str, Any] | None = None,
    configured: str | None = None,
) -> Grant:
    """Return a grant. The call reads as a sentence."""
    return Grant(frozenset(actions), on, only_if or {}, configured)


def _own_log(log_group: str) -> Grant:
    return grant("logs:CreateLogStream", "logs:PutLogEvents", on=({"Fn::GetAtt": f"{log_group}.Arn"},))


_READ_STREAM = grant(
    "dynamodb:DescribeStream",
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
    "dynamodb:ListStreams",
    on=(STREAM,),
)
_REPORT_FAILED_RECORDS = grant("sqs:SendMessage", on=(FAILED_RECORDS,))
_READ_ITEMS = grant("dynamodb:GetItem", on=(TABLE,))
_WRITE_PROGRESS = grant("dynamodb:UpdateItem", "dynamodb:PutItem", on=(TABLE,))
# A timeline ends with its lead, and a person's requests are items of their own. A query needs the lead's own id, or a
# digest of the person.
_FIND_BELONGINGS = grant("dynamodb:Query", on=(TABLE,))
_SEND_MAIL = grant(
    "ses:SendEmail",
    on=(IDENTITIES, CONFIGURATION_SET),
    only_if={"StringEqualsIgnoreCase": {"ses:FromAddress": {"Ref": "SenderAddress"}}},
)
_COUNT_REQUESTS = grant("dynamodb:Query", on=(REPORT,))
_READ_STACK_SECRET = grant("secretsmanager:GetSecretValue", on=(STACK_SECRET,))
_READ_PEOPLE_SECRET = grant("secretsmanager:GetSecretValue", on=(PEOPLE_SECRET,))
_READ_TURNSTILE_SECRET = grant("secretsmanager:GetSecretValue", on=(TURNSTILE_SECRET,), configured="UsesTurnstile")

GRANTS: dict[str, dict[str, Grant]] = {
    # Open to the world, so it may put one item. It may not read, and may not send email.
    "SubmitFunction": {
        "StoreALead": grant("dynamodb:PutItem", on=(TABLE,)),
        "WriteItsLog": _own_log("SubmitLog"),
    },
    "NotifyFunction": {
        "ReadTheStream": _READ_STREAM,
        "ReportFailedRecords": _REPORT_FAILED_RECORDS,
        "ReadItems": _READ_ITEMS,
        "LeaseAndWriteTheOutcome": _WRITE_PROGRESS,
        "FindWhatBelongsToALead": _FIND_BELONGINGS,
        "SendMail": _SEND_MAIL,
        "ReadTheStackSecret": _READ_STACK_SECRET,
        "ReadThePeopleSecret": _READ_PEOPLE_SECRET,
        "ReadTheTurnstileSecret": _READ_TURNSTILE_SECRET,
        "WriteItsLog": _own_log("NotifyLog"),
    },
    "FollowUpFunction": {
        "ReadTheAgenda": grant("dynamodb:Query", on=(AGENDA,)),
        "ReadTheWorklist": grant("dynamodb:Query", on=(WORKLIST,)),
        "CountRequests": _COUNT_REQUESTS,
        "ReadItems": _READ_ITEMS,
        "LeaseAndWriteTheOutcome": _WRITE_PROGRESS,
        "FindWhatBelongsToALead": _FIND_BELONGINGS,
        "SendMail": _SEND_MAIL,
        "ReadTheStackSecret": _READ_STACK_SECRET,
        "ReadThePeopleSecret": _READ_PEOPLE_SECRET,
        "ReadTheTurnstileSecret": _READ_TURNSTILE_SECRET,
        "ReadTheAudit": grant("dynamodb:Query", on=(AUDIT,)),
        "AskHowManyEmailsAreLeftToday": grant("ses:GetAccount", on=("*",)),
        "WriteItsLog": _own_log("FollowUpLog"),
    },
    # It records SES's reports. It sends no email: it puts follow-up emails on the agenda.
    "DeliveryFunction": {
        "ReadItems": _READ_ITEMS,
        "LeaseAndWriteTheOutcome": _WRITE_PROGRESS,
        "FindWhatBelongsToALead": _FIND_BELONGINGS,
        "TellOps": grant("sns:Publish", on=(ALARMS_TOPIC,)),
        "WriteItsLog": _own_log("DeliveryLog"),
    },
    # Open to anyone with a link: one lead, the other leads of its person, and no index to find more.
    "ClaimFunction": {
        "ReadItems": _READ_ITEMS,
        "LeaseAndWriteTheOutcome": _WRITE_PROGRESS,
        "FindWhatBelongsToALead": _FIND_BELONGINGS,
        "ReadTheStackSecret": _READ_STACK_SECRET,
        "ReadThePeopleSecret": _READ_PEOPLE_SECRET,
        "WriteItsLog": _own_log("ClaimLog"),
    },
    # Open to staff who signed in. It cannot scan, delete a lead, or send anything, and it can only add to the audit.
    "DeskFunction": {
        "ReadRequestsAndTheirTimelines": grant("dynamodb:GetItem", "dynamodb:Query", on=(TABLE,)),
        "ReadTheLists": grant("dynamodb:Query", on=(DESK_LISTS,)),
        "FindByReference": grant("dynamodb:Query", on=(REFERENCES,)),
        "CountRequests": _COUNT_REQUESTS,
        "LeaseAndWriteTheOutcome": _WRITE_PROGRESS,
        "KeepSessions": grant("dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:DeleteItem", on=(SESSIONS,)),
        "AddToTheAudit": grant("dynamodb:PutItem", "dynamodb:Query", on=(AUDIT,)),
        "FindItsClient": grant(
            "cognito-idp:ListUserPoolClients", "cognito-idp:DescribeUserPoolClient", on=(USER_POOL,)
        ),
        "AskWhoMayBeHere": grant(
            "cognito-idp:AdminGetUser",
            "cognito-idp:AdminListGroupsForUser",
            "cognito-idp:ListUsersInGroup",
            on=(USER_POOL,),
        ),
        "ReadTheStackSecret": _READ_STACK_SECRET,
        "ReadThePeopleSecret": _READ_PEOPLE_SECRET,
        "WriteItsLog": _own_log("DeskLog"),
    },
    # It may do anything with an item, because it removes what belongs to a person from all of them, and reads the whole
    # table to prove that. So nothing but its schedules and an operator's command starts it, and it has no link to the
    # outside: it sends no email. It scrubs a lead and leaves a tombstone. It can only add to the audit.
    "EraseFunction": {
        "FindAPersonAndProveTheErasure": grant("dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan", on=(TABLE,)),
        "ScrubAndRemove": grant("dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", on=(TABLE,)),
        "FindByReference": grant("dynamodb:Query", on=(REFERENCES,)),
        "AddToTheAudit": grant("dynamodb:PutItem", "dynamodb:Query", on=(AUDIT,)),
        "ForgetAddresses": grant("ses:DeleteSuppressedDestination", on=("*",)),
        "ReadThePeopleSecret": _READ_PEOPLE_SECRET,
        "WriteItsLog": _own_log("EraseLog"),
    },
    # Besides EraseFunction, the only function that may delete an item of a lead. It cannot change one.
    "CanaryFunction": {
        "RegisterFollowAndRemoveItsOwn": grant(
            "dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:DeleteItem", on=(TABLE,)
        ),
        "WriteItsLog": _own_log("CanaryLog"),
    },
    # It alone connects to a place that a clinic chose. It sends no email, and reads no secret but its own. IAM cannot
    # forbid that a put overwrites a lead: it knows no sort keys. The code puts items beside leads, each if it is new or
    # unchanged.
    "WebhookFunction": {
        "ReadTheStream": _READ_STREAM,
        "ReportFailedRecords": _REPORT_FAILED_RECORDS,
        "ReadTheAgenda": grant("dynamodb:Query", on=(AGENDA,)),
        "ReadItems": _READ_ITEMS,
        "NoteWhatItTold": grant(
            "dynamodb:PutItem",
            on=(TABLE,),
            only_if={"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["LEAD#*", "WEBHOOK"]}},
        ),
        "ReadItsAddressAndKey": grant("secretsmanager:GetSecretValue", on=(WEBHOOK_ADDRESS, WEBHOOK_KEY)),
        "WriteItsLog": _own_log("WebhookLog"),
    },
}

_ANY_IDENTITY = (
    "SES chooses the identity to check, in the sandbox also the recipients'; the condition allows our sender"
)

# Each `*` that a policy may have: where, and why nothing narrower works.
WILDCARDS: dict[tuple[str, str], str] = {
    ("template.yaml: NotifyRole", "SendMail"): _ANY_IDENTITY,
    ("template.yaml: FollowUpRole", "SendMail"): _ANY_IDENTITY,
    ("template.yaml: FollowUpRole", "AskHowManyEmailsAreLeftToday"): (
        "GetAccount is about the account and has no resource; it reads quotas, and no email"
    ),
    ("template.yaml: EraseRole", "ForgetAddresses"): (
        "the suppression list belongs to the account and has no resource; it removes an address, and reads none"
    ),
    (
        "infra/data.yaml: Key",
        "TheAccountManagesTheKey",
    ): "AWS's default key policy; without it nobody could manage the key",
    ("infra/data.yaml: Key", "DynamoDBUsesTheKeyForWhoeverMayUseTheTable"): (
        "everyone that the table's own permissions allow, through DynamoDB in this account only"
    ),
    ("infra/data.yaml: Key", "DynamoDBMakesGrantsForTheTable"): (
        "anyone who may create or restore the table, and only for AWS's own use of the key"
    ),
}

# A service must act for this account, or a stranger could make it use our resources. Exceptions, and why.
ANY_ACCOUNT: dict[str, str] = {
    "template.yaml: ApiGatewayCloudWatchRole": "AWS documents no aws:SourceAccount for the role of access logs",
}

# AWS's managed policies that a role may have. AWS can change them, so functions have none.
MANAGED_POLICIES: dict[str, str] = {
    "template.yaml: ApiGatewayCloudWatchRole": "access logs of the whole account, with the policy AWS names for them",
}
