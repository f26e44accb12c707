"""SES's account: whether it may send, to which addresses, and how much a day."""

import shlex
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from shared.leads.budget import SHARES, DayUse, Rank
from tools.operate.doctor.check import Check
from tools.operate.doctor.clients import Clients
from tools.operate.doctor.finding import Finding, green, red, yellow
from tools.operate.doctor.known import Known
from tools.operate.ses_identity import identities_of

if TYPE_CHECKING:
    from mypy_boto3_sesv2.type_defs import GetAccountResponseTypeDef

# Fewer requests a day than this are soon too few for a clinic that advertises.
_FEW_REQUESTS: Final = 50


def recipients(stack: Known) -> tuple[str, ...]:
    """Return the addresses of all people who get emails from the stack, each once."""
    found = [*stack.listed("AlertRecipients"), *stack.listed("FallbackRecipients"), *stack.listed("OwnerEmail")]
    return tuple(dict.fromkeys(found))


def account(ask: Clients, stack: Known) -> Iterator[Finding]:
    """Say whether the account may send, to which addresses, and how much."""
    found = ask.email.get_account()
    yield from _may_send(found, stack)
    yield from _quota(found, stack)
    if found.get("ProductionAccessEnabled"):
        yield green("The account is out of the SES sandbox, so any recipient can be reached.")
        return
    yield yellow(
        "The account is in the SES sandbox: SES sends only to verified addresses, and 200 emails a day at most."
        " Visitors get no confirmations.",
        "Request production access: SES console, Account dashboard. AWS usually asks what you send and who gets it."
        " Until then, verify each recipient's address.",
    )
    yield from _verified(_identities(ask), stack)


def _may_send(found: "GetAccountResponseTypeDef", stack: Known) -> Iterator[Finding]:
    status = found.get("EnforcementStatus", "HEALTHY")
    if not found.get("SendingEnabled") or status == "SHUTDOWN":
        yield red(
            "SES sends nothing for this account: sending is paused. Requests are stored, and nobody is alerted.",
            "If AWS paused it, open the case in the AWS Support Center that says why, mend that, and answer there. If"
            " somebody of your account paused it, turn it on again. Then resend what was missed:",
            "aws sesv2 put-account-sending-attributes --sending-enabled",
            stack.make("redrive"),
        )
    elif status == "PROBATION":
        yield yellow(
            "SES has this account under review, and may pause it. Then nobody is alerted.",
            "Open the case in the AWS Support Center, mend what it names, and answer there. See the rates below.",
        )
    else:
        yield green("SES may send for this account.")


def _quota(found: "GetAccountResponseTypeDef", stack: Known) -> Iterator[Finding]:
    limit = found.get("SendQuota", {})
    use = DayUse(limit.get("Max24HourSend", 0), limit.get("SentLast24Hours", 0))
    said = f"Emails of the last 24 hours: {use.sent:,.0f}"
    if use.most < 0:
        yield green(f"{said}, without a limit.")
        return
    said = f"{said} of {use.most:,.0f}, and {limit.get('MaxSendRate', 0):,.0f} a second at most"
    each = max(1, len(stack.listed("AlertRecipients")))
    requests = int(use.most * (SHARES[Rank.FIRST_ALERT].day or 1)) // each
    more = (
        "Request a higher sending quota: Service Quotas console, Amazon SES, Sending quota. In the sandbox, request"
        " production access instead."
    )
    find = "Find out what sends so many: other systems of the account count too."
    if not use.has_room(Rank.FIRST_ALERT):
        yield red(f"{said}. Only urgent requests are alerted now. Summaries list the others.", f"{more} {find}")
    elif not use.has_room(Rank.INFORMATION):
        yield yellow(f"{said}. Emails that only inform have stopped, and reminders stop at 70%.", f"{more} {find}")
    elif requests < _FEW_REQUESTS:
        yield yellow(f"{said}. With {each} alert recipients, this is enough for {requests} requests a day.", more)
    else:
        yield green(f"{said}. This is enough for {requests:,} requests a day.")


def _identities(ask: Clients) -> dict[str, bool]:
    """Return whether each address and domain that SES knows is verified, by its name in lower case."""
    found, token = dict[str, bool](), ""
    while True:
        page = ask.email.list_email_identities(NextToken=token) if token else ask.email.list_email_identities()
        found |= {
            each["IdentityName"].lower(): each.get("VerificationStatus") == "SUCCESS"
            for each in page.get("EmailIdentities", [])
        }
        token = page.get("NextToken", "")
        if not token:
            return found


def _verified(known: Mapping[str, bool], stack: Known) -> Iterator[Finding]:
    refused = [each for each in recipients(stack) if not any(known.get(name) for name in identities_of(each.lower()))]
    if not refused:
        yield green("All recipients are verified, so the sandbox does not stop alerts.")
        return
    yield red(
        f"In the sandbox, SES refuses emails to {', '.join(refused)}: not verified.",
        "Let SES send each of them an email with a link. The person has to click it within 24 hours. Then resend what"
        " was missed:",
        *(_link(each, again=each.lower() in known) for each in refused),
        stack.make("redrive"),
    )


def _link(address: str, *, again: bool) -> str:
    """Return what sends the link. SES refuses to register an address again whose link has expired."""
    if again:
        return f"aws ses verify-email-identity --email-address {shlex.quote(address)}"
    return f"aws sesv2 create-email-identity --email-identity {shlex.quote(address)}"


CHECKS: Final = (Check("SES account", account),)
