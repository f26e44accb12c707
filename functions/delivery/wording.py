"""What operators are told of a recipient that gives trouble: which one by its position, never by its address."""

from shared.store.recipient_status import Trouble

_WHAT = {
    Trouble.BOUNCED: (
        "Mail to {which} comes back",
        "The {which} bounced: mail does not arrive there{why}.",
    ),
    Trouble.COMPLAINED: (
        "Mail to {which} is taken for spam",
        "The {which} complained: somebody there, or their mail provider, marked our mail as spam.",
    ),
}
_WHY = {
    "NoEmail": ", because there is no such address",
    "MailboxFull": ", because the recipient is full",
    "ContentRejected": ", because its mail provider refuses what is in our mail; it goes out with the reference only",
    "Suppressed": ", because it bounced before and SES keeps it on its suppression list",
    "OnAccountSuppressionList": ", because it bounced or complained before and is on your account's suppression list",
}
_TO_DO = """
Staff there may not hear of new requests. Whoever else is on the lists is told instead; a request of which nobody could
be told is in the digest, and raises an alarm of its own.

What to do:
1. Look up {which} in the stack's parameters. If it is wrong, deploy again with the right one.
2. If it is right, ask its owner to look: is the recipient there, is it full, does a filter keep out our mail?
3. SES may write to it no more. Once all is well, take it off the suppression list:
   aws sesv2 delete-suppressed-destination --email-address ADDRESS
   "NotFoundException" means that it is not on the list.

You hear of this at most once a day for each address.
"""


def trouble_message(position: str, trouble: Trouble, bounce_subtype: str | None) -> tuple[str, str]:
    """Return the subject and the text of the message about one recipient, found at `position`."""
    which = f"the {position}"
    subject, first = _WHAT[trouble]
    why = _WHY.get(bounce_subtype or "", "")
    sentence = first.format(which=which.removeprefix("the "), why=why)
    return subject.format(which=which), f"{sentence}\n{_TO_DO.format(which=which)}"
