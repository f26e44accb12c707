"""The deployment, step by step."""

import os
import shlex
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import boto3
from botocore.config import Config

from tools.deploy import afterwards, changes, emulated, sam
from tools.deploy.account import Account, Advice
from tools.deploy.answers import Answers, Saved
from tools.deploy.assertions import REGION as REGION_NAME
from tools.deploy.assertions import broken
from tools.deploy.errors import DeployError, StoppedError
from tools.deploy.questions import ask, keep
from tools.deploy.rules import AnswerError, Check, checked_region, checked_stack
from tools.deploy.stacks import NEVER_USED, NEW, Stack
from tools.deploy.template import longest_stack_name, parameters
from tools.deploy.terminal import Terminal
from tools.local.progress import step
from tools.operate.doctor.finding import Color
from tools.operate.doctor.report import CODES
from tools.operate.upgrade_check.finding import Weight

STACK: Final = "clinic-leads"
REGION: Final = "us-east-1"
_RETRIES: Final = Config(retries={"total_max_attempts": 8, "mode": "standard"})
_AGAIN: Final = "Nothing is lost, and your answers are saved. Mend it, and run the same command again."
_KEYS: Final = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
_WELL: Final = {CODES[Color.GREEN], CODES[Color.YELLOW]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What was given on the command line. `built` is a build to deploy as it is, instead of a new one."""

    stack: str | None = None
    yes: bool = False
    built: Path | None = None
    work: Path = sam.WORK


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a deployment goes."""

    stack: str
    region: str
    session: boto3.Session
    account: Account
    aws: str | None  # the URL of the local AWS, if it goes there
    profile: str | None  # None if AWS's own rules decide whose credentials are used
    make: str  # how a person calls make so that it goes there too


def deploy(options: Options, answers: Answers, terminal: Terminal) -> int:
    """Ask, build, show the changes, deploy and check. Return the exit code.

    Raises DeployError, StoppedError, and botocore's errors.
    """
    answers.shared()  # if it cannot be read, nobody answers all questions before they hear of it
    aws = emulated.endpoint()
    if aws:
        emulated.use_its_credentials()
    saved = answers.of(options.stack)
    target, saved = _target(options, answers, saved, aws, terminal)
    stack = Stack(target.session.client("cloudformation", config=_RETRIES), target.stack)
    make_ready(stack, target, options, terminal)
    given = _answers(options, answers, saved, target, stack, terminal)
    built = options.built
    if built is None:
        with step("Building (the first time, this downloads the SAM CLI)"):
            sam.build(given["Architecture"], options.work / "sam-build.log")
        built = sam.BUILT
    first = stack.status() in NEW
    with step("Uploading, and asking AWS what will change"):
        change_set = sam.change_set(
            built,
            answers.path,
            answers.of(target.stack).environment,
            options.work / "sam-deploy.log",
            profile=target.profile,
        )
    if change_set is None:
        terminal.say("Nothing to deploy: the stack is up to date.")
    else:
        _carry_out(change_set, stack, target, options, terminal, first=first)
    return _finish(stack, target, given, options, terminal, first=first)


def _target(
    options: Options, answers: Answers, saved: Saved, aws: str | None, terminal: Terminal
) -> tuple[Target, Saved]:
    """Ask where to deploy to, once it is clear in which account."""
    profile = _profile(saved)
    near = _introduced(profile, saved, aws, terminal)
    if not aws and not options.yes:
        terminal.say("If this is the wrong account, press Ctrl-C and choose another: AWS_PROFILE=name make deploy")
    if options.stack:
        name = _given(options.stack, checked_stack)
    else:
        name = saved.stack or STACK
        if not options.yes:
            terminal.heading("Where")
            terminal.note(
                f"The stack's name: letters, digits and hyphens, at most {longest_stack_name()}. One account can have"
                " several stacks, each with a name of its own."
            )
            name = terminal.ask(f"  Stack name [{name}]: ", _or(name, checked_stack))
    if name != saved.stack:
        saved = answers.of(name)
        if _profile(saved) != profile:
            profile = _profile(saved)
            near = _introduced(profile, saved, aws, terminal)
    region = saved.region or near
    if options.yes:
        region = _given(region, checked_region)
    else:
        terminal.note("The AWS region, near your visitors. A stack cannot move to another region later.")
        region = terminal.ask(f"  Region [{region}]: ", _or(region, checked_region))
    session = boto3.Session(profile_name=profile, region_name=region)
    make = _make(profile, region)
    # Later commands, such as those of the SAM CLI, go to the same place.
    os.environ |= {"AWS_DEFAULT_REGION": region, "AWS_REGION": region}
    if profile:
        os.environ["AWS_PROFILE"] = profile
        for variable in _KEYS:
            os.environ.pop(variable, None)  # they would go before the profile
    return Target(
        stack=name, region=region, session=session, account=Account(session), aws=aws, profile=profile, make=make
    ), saved


def _profile(saved: Saved) -> str | None:
    """Return the profile in the file of answers, or the one in the environment, which goes before it."""
    return saved.profile and (os.environ.get("AWS_PROFILE") or saved.profile)


def _introduced(profile: str | None, saved: Saved, aws: str | None, terminal: Terminal) -> str:
    """Say which account and identity will be used. Return a region that is probably right."""
    started = boto3.Session(profile_name=profile, region_name=saved.region)
    near = started.region_name or os.environ.get("AWS_REGION") or REGION
    identity = Account(boto3.Session(profile_name=profile, region_name=near)).identity()
    where = f"the local AWS at {aws}" if aws else f"AWS account {identity.account}"
    terminal.say(f"Deploying to {where}, as {identity.arn}.")
    return near


def _make(profile: str | None, region: str) -> str:
    variables = {}
    if profile and profile != os.environ.get("AWS_PROFILE"):
        variables["AWS_PROFILE"] = profile
    if boto3.Session(profile_name=profile).region_name != region:
        variables["AWS_DEFAULT_REGION"] = region
    return " ".join([*(f"{name}={shlex.quote(value)}" for name, value in variables.items()), "make"])


def _or(kept: str, check: Check) -> Check:
    return lambda typed: check(typed.strip() or kept)


def _given(value: str, check: Check) -> str:
    try:
        return check(value)
    except AnswerError as error:
        raise DeployError(str(error)) from None


def make_ready(stack: Stack, target: Target, options: Options, terminal: Terminal) -> None:
    """Say what an earlier deployment left, and remove a stack that nothing can be deployed to."""
    status = stack.status()
    if status in NEVER_USED or status == "DELETE_FAILED":
        why = "Its deletion did not finish" if status == "DELETE_FAILED" else "Its first deployment failed"
        terminal.say(f"\nThe stack {target.stack} is in the status {status}. {why}, so it must be deleted first.")
        if status == "DELETE_FAILED" and options.yes:
            raise DeployError("Run this without YES=1 to delete it.")
        if not options.yes and not terminal.agrees("Delete the stack and go on? Its tables and accounts are kept."):
            raise StoppedError("Nothing was changed.")
        terminal.say("Deleting the stack:")
        stack.delete(terminal.say)
    elif status == "UPDATE_ROLLBACK_FAILED":
        raise DeployError(
            f"The stack {target.stack} is in the status UPDATE_ROLLBACK_FAILED. In the CloudFormation console, choose"
            " Continue update rollback, then run this again."
        )
    elif status and status.endswith("_IN_PROGRESS") and status not in NEW:
        raise DeployError(
            f"The stack {target.stack} is in the status {status}: another deployment is running. Wait until it ends,"
            " and run this again."
        )
    if left := list(target.account.left_behind(target.stack, stack.outputs())):
        terminal.heading("Kept from an earlier stack of this name")
        for each in left:
            terminal.note(each, hang="- ")
        terminal.note("The stack does not use them. To look at them or to delete them: docs/deploy.md, Remove it.")


def _answers(  # noqa: PLR0913, PLR0917 - the steps before have found these
    options: Options, answers: Answers, saved: Saved, target: Target, stack: Stack, terminal: Terminal
) -> dict[str, str]:
    deployed = stack.parameters()
    names = {parameter.name for parameter in parameters()}
    unknown = [
        f"{name} in {answers.path}: no parameter has this name. Correct it, or remove the line."
        for name in saved.values
        if name not in names
    ]
    if unknown and options.yes:
        raise DeployError("\n".join(unknown))
    for words in unknown:
        terminal.note(words, "! ")
    known = {name: value for name, value in {**deployed, **saved.values}.items() if name in names}
    advice = Advice(account=target.account, deployed=deployed, emulated=emulated.needed() if target.aws else {}).suggest
    given: dict[str, str] = {}
    if options.yes:
        try:
            given = keep(known, advice, terminal)
            refuse_to_wait(given, deployed)
        except AnswerError as error:
            raise DeployError(
                f"YES=1 uses the answers in {answers.path}, and these are missing or wrong:\n{error}\n"
                "Run make deploy without YES=1 to be asked."
            ) from None
    else:
        terminal.say("\nPress Enter to keep the value in brackets. Ctrl-C stops; what you answered is kept.")
        try:
            ask(terminal, known, advice, given)
        except (StoppedError, KeyboardInterrupt):
            if given:
                answers.save(saved.environment, stack=target.stack, region=target.region, values={**known, **given})
                terminal.say(f"\nYour answers so far are in {answers.path}.")
            raise
    answers.save(saved.environment, stack=target.stack, region=target.region, values=given)
    if problems := broken({**given, REGION_NAME: target.region}):
        raise DeployError("\n".join(problems) + "\nYour answers are saved. Run make deploy again to change them.")
    terminal.say(f"\nSaved your answers in {answers.path}.")
    return given


def refuse_to_wait(given: Mapping[str, str], deployed: Mapping[str, str]) -> None:
    """Refuse a certificate of the stack, for which a person has to create a DNS record. Raises AnswerError."""
    domain = ("DomainName", "CertificateArn", "HostedZoneId")
    changed = any(given[name] != deployed.get(name, "") for name in domain)
    if changed and [bool(given[name]) for name in domain] == [True, False, False]:
        raise AnswerError(
            "DomainName: The deployment would wait until somebody creates a DNS record. Enter a CertificateArn or a"
            " HostedZoneId, too: docs/operations/custom-domain.md."
        )


def _carry_out(  # noqa: PLR0913
    change_set: str, stack: Stack, target: Target, options: Options, terminal: Terminal, *, first: bool
) -> None:
    client = target.session.client("cloudformation", config=_RETRIES)
    planned = changes.read(client, change_set)
    nested = (
        None if first else changes.read_nested(client, change_set, partial(sam.upload, target.session, target.stack))
    )
    planned = nested or planned
    terminal.heading("What will change")
    for line in changes.in_words(planned, first=first):
        terminal.note(line)
    try:
        if not first:
            if nested is None:
                terminal.note(
                    "AWS does not say what changes inside the nested stacks, which have the tables and accounts."
                )
            verdict = afterwards.operate("upgrade-check", target.stack, target.region)
            if options.yes:
                let_pass(verdict, seen=nested is not None)
        agree(planned, options, terminal)
    except (DeployError, StoppedError, KeyboardInterrupt):
        stack.discard(change_set)
        raise
    terminal.say("\nDeploying. This takes a few minutes:")
    try:
        stack.execute(change_set, terminal.say)
    except KeyboardInterrupt:
        raise StoppedError("The deployment goes on in AWS. Run the same command again to see how it ended.") from None
    except DeployError as error:
        kept = (
            "CloudFormation removes what it created, except the tables, their key and the user pool, which are empty."
            if first
            else "CloudFormation goes back to the version before, which keeps running."
        )
        raise DeployError(f"The deployment failed. {error}\n{kept} {_AGAIN}") from None


def let_pass(verdict: int, *, seen: bool) -> None:
    """Stop a pipeline at what upgrade-check found. `seen` is whether AWS told what changes in the nested stacks.

    Raises DeployError.
    """
    if verdict == Weight.STOP:
        raise DeployError("YES=1 does not deploy what is marked STOP above. Do what it says, and run this again.")
    if not seen and verdict not in {Weight.KNOW, Weight.CARE}:
        raise DeployError(
            "YES=1 does not deploy what nobody has seen: neither AWS nor make upgrade-check could tell what changes"
            " inside the nested stacks. Mend what make upgrade-check says, or run make deploy without YES=1."
        )


def agree(planned: list[changes.Change], options: Options, terminal: Terminal) -> None:
    """Let the person agree to the changes. Raises DeployError, StoppedError."""
    if any(change.loses for change in planned):
        if options.yes:
            raise DeployError("YES=1 does not agree to this. Run make deploy without it, and read what it says.")
        terminal.note(
            "Data will be out of reach. Read the CHANGELOG first, and ask for help if it does not say so.", "! "
        )
        if terminal.ask('Type "replace" to go on anyway, or Enter to stop: ', str.strip) != "replace":
            raise StoppedError("Nothing was deployed.")
    elif not options.yes and not terminal.agrees("\nDeploy these changes?"):
        raise StoppedError("Nothing was deployed. Your answers are saved.")


def _may_send(target: Target, sender: str, options: Options, terminal: Terminal) -> bool:
    """Return whether SES sends from the address. The person may click the link that verifies it now."""
    if target.account.can_send_from(sender):
        return True
    if options.yes:
        return False
    terminal.note(
        f"SES sends nothing until {sender} is verified. If SES just emailed a link there, click it now, then press"
        " Enter to send a test request. To do it later, type later."
    )
    with suppress(StoppedError):
        if terminal.ask("Enter or later: ", str.strip) != "later":
            return target.account.can_send_from(sender)
    return False


def _finish(  # noqa: PLR0913
    stack: Stack, target: Target, answers: Mapping[str, str], options: Options, terminal: Terminal, *, first: bool
) -> int:
    """Check that a request arrives, and print what comes next. Return the exit code."""
    outputs = stack.outputs()
    api, desk = answers["PublicUrl"] or outputs["ApiUrl"], outputs["DeskUrl"]
    if target.aws:
        api = emulated.adapt(target.session, target.aws, target.stack)
        desk = f"{api}/desk"
    problem = None
    if _may_send(target, answers["SenderAddress"], options, terminal):
        with step("Sending a test request, and waiting for its alert"):
            problem = afterwards.canary(target.session, target.stack)
        terminal.say(f"! {problem}" if problem else "  The request arrived, and SES accepted its alert.")
    else:
        terminal.say("No test request: the sender is not verified yet. The canary sends one every half hour.")
    health = afterwards.operate("doctor", target.stack, target.region)
    written = afterwards.forms(options.work / target.stack, api, answers["ClinicPhone"])
    form = next(iter(written))
    terminal.heading("The form to paste into your page")
    terminal.say(f"Also in {form}, with the other forms beside it.\n")
    terminal.say(written[form])
    terminal.say(f"API:   {api}")
    terminal.say(f"Desk:  {desk}")
    terminal.heading("What only a person can do now")
    alarms = afterwards.alarms_confirmed(target.session, target.stack, answers["OpsEmail"])
    todo = afterwards.steps(target.account, answers, alarms=alarms, make=target.make, stack=target.stack)
    for number, line in enumerate(todo, start=1):
        terminal.note(line, hang=f"{number}. ")
    terminal.say("\nTo deploy again, after an update or to change an answer: make deploy")
    return 1 if fails(health, options, terminal, first=first) or problem else 0


def fails(health: int, options: Options, terminal: Terminal, *, first: bool) -> bool:
    """Return whether a pipeline must stop because of the doctor's exit code. A person reads its page instead."""
    if not options.yes or health in _WELL:
        return False
    if first:
        terminal.say("The doctor's findings do not fail a first deployment: most of them wait for the steps above.")
        return False
    terminal.say(
        "! The doctor found something red, or could not look, so this ends with an error. Read its page above."
    )
    return True
