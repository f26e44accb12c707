"""Messages to operators about a recipient who may not get emails. They give the recipient's position but no address."""

from shared.store.recipient_status import Trouble

_WHAT = {
    Trouble.BOUNCED: (
        "Emails to {which} bounce",
        "An email to {which} bounced{why}.",
    ),
    Trouble.COMPLAINED: (
        "Emails to {which} are reported as spam",
        "Someone at {which}, or their email provider, marked our email as spam.",
    ),
    Trouble.SUPPRESSED: (
        "SES sends no email to {which}",
        "SES did not send our email to {which}, because an earlier email was marked as spam there.",
    ),
}
_WHY = {
    "NoEmail": ", because the address does not exist",
    "MailboxFull": ", because the mailbox is full",
    "ContentRejected": ", because the email provider rejected its content. We will resend it with the reference only",
    "CustomTimeoutExceeded": ", because it could not be delivered in time",
    "UnsubscribedRecipient": ", because the recipient unsubscribed",
    "Suppressed": ", because an earlier email bounced and SES keeps the address on its suppression list",
    "OnAccountSuppressionList": (
        ", because an earlier email bounced or was reported as spam, so the address is on your account's suppression "
        "list"
    ),
}
_TO_DO = """
This recipient may not get emails about new requests. The other recipients get them instead. If no one can be told about
a request, the digest lists it and a separate alarm goes off.

What to do:
1. Look up {which} in the stack's parameters. If it is wrong, deploy again with the right address.
2. If it is right, ask the person who uses it: Does the mailbox exist? Is it full? Does a filter block our emails?
3. SES may have stopped sending to this address. When the problem is solved, remove the address from the suppression
   list:
   aws sesv2 delete-suppressed-destination --email-address ADDRESS
   "NotFoundException" means that the address is not on the list.

You get this message at most {often} for each address.
"""

_OWNER_TO_DO = """
This was the report of last month, which is sent once. No alert is affected. Managers can read the report at the desk.

What to do:
1. Look up OwnerEmail in the stack's parameters. If it is wrong, deploy again with the right address.
2. If it is right, SES may have stopped sending to it: see "SES's reasons" in docs/operations/alarms.md.
"""


def trouble_message(position: str, trouble: Trouble, bounce_subtype: str | None) -> tuple[str, str]:
    """Return the subject and text of the message about the recipient at `position`."""
    which = f"the {position}"
    subject, first = _WHAT[trouble]
    often = "once a day" if trouble.quiet_days == 1 else f"once every {trouble.quiet_days} days"
    first, to_do = first.format(which=which, why=_why(bounce_subtype)), _TO_DO.format(which=which, often=often)
    return subject.format(which=which), f"{first}\n{to_do}"


def owner_message(trouble: Trouble) -> tuple[str, str]:
    """Return the subject and text of the message about the owner's email, the report of each month."""
    subject, first = _WHAT[trouble]
    which = "OwnerEmail"
    return subject.format(which=which), f"{first.format(which=which, why='')}\n{_OWNER_TO_DO}"


def _why(bounce_subtype: str | None) -> str:
    if bounce_subtype in {None, "General", "Undetermined"}:
        return ""
    return _WHY.get(bounce_subtype or "", f". SES names the reason {bounce_subtype}")
