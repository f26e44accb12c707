"""Command line: `python -m tools.operate COMMAND --stack NAME`, with credentials as the AWS CLI finds them."""

import argparse
import getpass
import os
import sys
from collections.abc import Callable
from pathlib import Path

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from shared.runtime.files import clinic
from shared.store.audit import Audit
from shared.store.desk_index import DeskIndex
from shared.store.leads import Leads
from shared.store.report_index import ReportIndex
from tools.operate import invoke
from tools.operate.accounts import LEFT, Accounts, checked, table
from tools.operate.backfill import invoking
from tools.operate.doctor.command import doctor
from tools.operate.errors import explained
from tools.operate.invoke import CONFIG, FunctionFailedError, Run
from tools.operate.links import withdraw_links
from tools.operate.people import erase_person, erasures, export_person, replay
from tools.operate.requests import hand_back
from tools.operate.requests_csv import Stores, write_requests
from tools.operate.restore.command import RETRIES, Stack, Typed, restore
from tools.operate.stack import OperateError, output
from tools.operate.upgrade_check.command import upgrade_check
from tools.operate.webhook import webhook

# What a command prints, with an exit code if it is not 0.
type _Command = Callable[[boto3.Session, argparse.Namespace], str | tuple[str, int]]


def _accounts(session: boto3.Session, stack: str) -> Accounts:
    return Accounts(session.client("cognito-idp"), output(session, stack, "UserPoolId"))


def _staff_add(session: boto3.Session, options: argparse.Namespace) -> str:
    accounts = _accounts(session, options.stack)
    done = accounts.add(options.email, options.role)
    return f"{done}\nThe desk: {accounts.desk_url(output(session, options.stack, 'DeskClientId'))}"


def _staff_remove(session: boto3.Session, options: argparse.Namespace) -> str:
    print(_accounts(session, options.stack).remove(options.email))
    index = DeskIndex(session.client("dynamodb"), output(session, options.stack, "TableName"))
    try:
        done = hand_back(index, invoking(options.stack), checked(options.email), print)
    except FunctionFailedError:
        raise OperateError(
            "The account is closed, but a request could not be handed back. Read the log of FollowUpFunction, and run"
            " this again."
        ) from None
    return f"{done}\n{LEFT}"


def _staff_reset(session: boto3.Session, options: argparse.Namespace) -> str:
    return _accounts(session, options.stack).reset(options.email)


def _staff_password(session: boto3.Session, options: argparse.Namespace) -> str:
    return _accounts(session, options.stack).new_password(options.email)


def _staff_list(session: boto3.Session, options: argparse.Namespace) -> str:
    return table(list(_accounts(session, options.stack).listed()))


def _erasing(session: boto3.Session, stack: str) -> Run:
    output(session, stack, "TableName")  # says what is wrong if there is no such stack
    return invoke.invoking(session.client("lambda", config=CONFIG), f"{stack}-erase")


def _from_make(name: str) -> str:
    """Return a variable of `make`. It comes by the environment, because a shell could misread what somebody typed."""
    return os.environ.get(name, "")


def _ask() -> Callable[[str], str] | None:
    """Return what asks a question at the terminal, or None without one."""
    return input if sys.stdin.isatty() else None


def _export_person(session: boto3.Session, options: argparse.Namespace) -> str:
    run = _erasing(session, options.stack)
    return export_person(run, _from_make("PERSON"), _from_make("ONLY"), Path.cwd(), print, ask=_ask())


def _erase_person(session: boto3.Session, options: argparse.Namespace) -> str:
    run = _erasing(session, options.stack)
    yes = _from_make("YES") == "1"
    return erase_person(run, _from_make("PERSON"), _from_make("ONLY"), print, ask=_ask(), yes=yes)


def _erasures(session: boto3.Session, options: argparse.Namespace) -> str:
    return erasures(_erasing(session, options.stack))


def _replay_erasures(session: boto3.Session, options: argparse.Namespace) -> str:
    return replay(_erasing(session, options.stack))


def _restore(session: boto3.Session, options: argparse.Namespace) -> str:
    table, audit_table = (output(session, options.stack, name) for name in ("TableName", "AuditTable"))
    client = session.client("dynamodb", config=RETRIES)
    stack = Stack(
        name=options.stack,
        table=table,
        audit_table=audit_table,
        leads=client,
        copies=client,
        audit=client,
        erase=_erasing(session, options.stack),
        follow_up=invoke.invoking(session.client("lambda", config=CONFIG), f"{options.stack}-follow-up"),
    )
    typed = Typed(time=_from_make("TIME"), references=_from_make("REFERENCES"), yes=_from_make("YES") == "1")
    return restore(stack, typed, lambda line: print(line, flush=True), ask=_ask())


def _requests_csv(session: boto3.Session, options: argparse.Namespace) -> str:
    table = output(session, options.stack, "TableName")
    client = session.client("dynamodb")
    stores = Stores(
        index=ReportIndex(lambda: client, table),
        leads=Leads(client, table),
        audit=Audit(client, output(session, options.stack, "AuditTable")),
        clinic=clinic(),
    )
    return write_requests(stores, _from_make("MONTH"), Path.cwd(), print)


def _withdraw_links(session: boto3.Session, options: argparse.Namespace) -> str:
    return withdraw_links(session, options.stack, print)


def _webhook_address(session: boto3.Session, options: argparse.Namespace) -> str:
    there = webhook(session, options.stack)
    # Not as an argument: those are in the shell's history, and other users of the machine can see them.
    text = getpass.getpass("Address of the receiver (hidden): ") if sys.stdin.isatty() else sys.stdin.readline()
    return there.set_address(text, local="AWS_ENDPOINT_URL" in os.environ)


def _webhook_test(session: boto3.Session, options: argparse.Namespace) -> str:
    return webhook(session, options.stack).test()


def _webhook_key(session: boto3.Session, options: argparse.Namespace) -> str:
    return webhook(session, options.stack).key(change=_from_make("CHANGE") == "1")


def _upgrade_check(session: boto3.Session, options: argparse.Namespace) -> tuple[str, int]:
    return upgrade_check(session, options.stack, colors=sys.stdout.isatty())


COMMANDS: dict[str, tuple[_Command, tuple[str, ...]]] = {
    "staff-add": (_staff_add, ("email", "role")),
    "staff-remove": (_staff_remove, ("email",)),
    "staff-reset": (_staff_reset, ("email",)),
    "staff-password": (_staff_password, ("email",)),
    "staff-list": (_staff_list, ()),
    "export-person": (_export_person, ()),
    "erase-person": (_erase_person, ()),
    "erasures": (_erasures, ()),
    "requests-csv": (_requests_csv, ()),
    "replay-erasures": (_replay_erasures, ()),
    "restore": (_restore, ()),
    "withdraw-links": (_withdraw_links, ()),
    "webhook-address": (_webhook_address, ()),
    "webhook-test": (_webhook_test, ()),
    "webhook-key": (_webhook_key, ()),
    "upgrade-check": (_upgrade_check, ()),
}


def main(arguments: list[str]) -> int:
    """Run one command. Expected errors are printed without a traceback."""
    parser = argparse.ArgumentParser(prog="tools.operate", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, (_, needed) in COMMANDS.items():
        command = commands.add_parser(name)
        command.add_argument("--stack", required=True)
        for option in needed:
            command.add_argument(f"--{option}", required=True)
    examine = commands.add_parser("doctor")
    examine.add_argument("--stack", required=True)
    examine.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    if options.command == "doctor":
        return doctor(boto3.Session, options.stack, page=_from_make("PAGE"), machine=options.json)
    try:
        done = COMMANDS[options.command][0](boto3.Session(), options)
    except (OperateError, ClientError, BotoCoreError) as error:
        print(explained(error), file=sys.stderr)
        return 1
    text, code = (done, 0) if isinstance(done, str) else done
    print(text)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
