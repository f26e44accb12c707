"""The sender's identity in SES: whether it is verified, signs emails, and keeps bounces out of a mailbox."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from tools.operate.doctor.check import Check
from tools.operate.doctor.clients import Clients
from tools.operate.doctor.finding import Finding, green, red, yellow
from tools.operate.doctor.known import Known
from tools.operate.ses_identity import identities_of

if TYPE_CHECKING:
    from mypy_boto3_sesv2.type_defs import GetEmailIdentityResponseTypeDef

    # By their names, the address first, then its domain and the domains above.
    type _Identities = Mapping[str, GetEmailIdentityResponseTypeDef]


def sender(ask: Clients, stack: Known) -> Iterator[Finding]:
    """Say what SES knows about SenderAddress."""
    address = stack.parameter("SenderAddress")
    found = _identities(ask, address)
    if not found:
        yield red(
            f"SES knows neither {address} nor its domain in {stack.region}, so nothing is sent.",
            "Register the address. SES sends it an email: click the link within 24 hours. Or verify the domain in the"
            " SES console, which also keeps alerts out of spam folders.",
            f"aws sesv2 create-email-identity --email-identity {address}",
        )
        return
    verified = [name for name, identity in found.items() if identity.get("VerifiedForSendingStatus")]
    if verified:
        yield green(f"SES may send from {address} (verified: {', '.join(verified)}).")
    elif address in found:
        yield _unverified_address(address, found[address])
    else:
        yield _unverified_domain(address, *next(iter(found.items())))
    yield _signed(address, found)
    yield _forwarding(address, *next(iter(found.items())))


def _unverified_address(address: str, identity: "GetEmailIdentityResponseTypeDef") -> Finding:
    return red(
        f"Nobody has clicked the link in the email that SES sent to {address}, so nothing is sent (status:"
        f" {identity.get('VerificationStatus', 'not verified')}).",
        "Open that mailbox and click the link. It works for 24 hours. After that, or if the email is missing, let SES"
        " send another one:",
        f"aws ses verify-email-identity --email-address {address}",
    )


def _unverified_domain(address: str, domain: str, identity: "GetEmailIdentityResponseTypeDef") -> Finding:
    return red(
        f"The domain {domain} of {address} is not verified in SES, so nothing is sent (status:"
        f" {identity.get('VerificationStatus', 'not verified')}).",
        f"Add three CNAME records to the domain's DNS: {_records(domain)}. SES finds them within some hours. This"
        " prints the tokens:",
        f"aws sesv2 get-email-identity --email-identity {domain} --query DkimAttributes.Tokens",
    )


def _signed(address: str, found: "_Identities") -> Finding:
    domain = address.rpartition("@")[2]
    attributes = {name: identity.get("DkimAttributes", {}) for name, identity in found.items()}
    right = [name for name, each in attributes.items() if each.get("Status") == "SUCCESS"]
    if any(attributes[name].get("SigningEnabled") for name in right):
        return green(f"Emails are signed with DKIM for {domain}.")
    if right:
        return yellow(
            f"The DKIM records of {domain} are right, but signing is off. More alerts end in spam folders.",
            "Turn it on:",
            f"aws sesv2 put-email-identity-dkim-attributes --email-identity {right[-1]} --signing-enabled",
        )
    domains = [name for name in found if "@" not in name]
    if not domains:
        return yellow(
            f"Emails are not signed with DKIM, because SES knows only {address} and not its domain. More alerts end in"
            " spam folders.",
            f"Register the domain, and add three CNAME records to its DNS: {_records(domain)}. The second command"
            " prints the tokens. If somebody else manages your DNS, send them the records:",
            f"aws sesv2 create-email-identity --email-identity {domain}",
            f"aws sesv2 get-email-identity --email-identity {domain} --query DkimAttributes.Tokens",
        )
    return yellow(
        f"The DKIM records of {domains[0]} are missing or wrong (status:"
        f" {attributes[domains[0]].get('Status', 'unknown')}). More alerts end in spam folders.",
        f"Add three CNAME records to the domain's DNS: {_records(domains[0])}. SES finds them within some hours. This"
        " prints the tokens:",
        f"aws sesv2 get-email-identity --email-identity {domains[0]} --query DkimAttributes.Tokens",
    )


def _records(domain: str) -> str:
    return f"TOKEN._domainkey.{domain} with the value TOKEN.dkim.amazonses.com, for each of three tokens"


def _forwarding(address: str, name: str, identity: "GetEmailIdentityResponseTypeDef") -> Finding:
    if not identity.get("FeedbackForwardingStatus"):
        return green(f"Bounces are not forwarded to {address}.")
    return yellow(
        f"SES forwards bounces to {address}. Such an email can quote a visitor's address, and this system hears of"
        " bounces anyway.",
        "Turn it off:",
        f"aws sesv2 put-email-identity-feedback-attributes --email-identity {name} --no-email-forwarding-enabled",
    )


def _identities(ask: Clients, address: str) -> "_Identities":
    """Return what SES knows of an address, its domain and the domains above, in this order."""
    found = dict[str, "GetEmailIdentityResponseTypeDef"]()
    for name in identities_of(address):
        try:
            found[name] = ask.email.get_email_identity(EmailIdentity=name)
        except ClientError as error:
            if error.response["Error"]["Code"] != "NotFoundException":
                raise
    return found


CHECKS: Final = (Check("Sender", sender),)
