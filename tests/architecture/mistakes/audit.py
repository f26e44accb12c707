"""Careless edits of what roles may do with the audit, and of what the desk may do."""

from collections.abc import Iterator

from tests.architecture.mutations import Mutation, add_statement, change_statement
from tests.architecture.rules import audit
from tests.architecture.rules.grants import AUDIT, DESK_LISTS, REFERENCES, TABLE
from tests.architecture.templates import Templates


def mistakes(templates: Templates) -> Iterator[Mutation]:
    """Yield each edit with the rule that must notice it."""
    grows = audit.no_role_rewrites_the_audit
    for function in templates.functions():
        role = str(function.role)
        for action in ("UpdateItem", "DeleteItem", "Scan", "BatchWriteItem", "PartiQLDelete"):
            more = add_statement(role, Sid="Tidy", Action=f"dynamodb:{action}", Resource=AUDIT)
            yield Mutation(grows, f"{role} may {action} in the audit", more)
        if role not in {"DeskRole", "EraseRole"}:
            adds = add_statement(role, Sid="Note", Action="dynamodb:PutItem", Resource=[TABLE, AUDIT])
            yield Mutation(grows, f"{role} writes the audit too", adds)
        if role != "DeskRole":
            for index in (DESK_LISTS,) if role == "EraseRole" else (DESK_LISTS, REFERENCES):
                names = add_statement(role, Sid="Look", Action="dynamodb:Query", Resource=index)
                yield Mutation(audit.only_the_desk_reads_lists_with_names, f"{role} reads {index}", names)

    desk = audit.the_desk_cannot_scan_delete_or_send
    for action in (
        *("dynamodb:Scan", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem", "dynamodb:PartiQLSelect"),
        *("dynamodb:*", "*", "ses:SendEmail", "sns:Publish", "lambda:InvokeFunction"),
    ):
        more = add_statement("DeskRole", Sid="Tidy", Action=action, Resource=TABLE)
        yield Mutation(desk, f"the desk may {action}", more)
    other = change_statement("DeskRole", "KeepSessions", Resource=TABLE)
    yield Mutation(desk, "the desk deletes in the table of leads", other)
    but_one = change_statement("DeskRole", "KeepSessions", Action=None, NotAction="iam:CreateUser")
    yield Mutation(desk, "the desk may do all but one thing", but_one)
