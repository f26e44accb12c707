"""What the page of the audit says."""

from typing import Final

# What each action of the table of routes and of the accounts is called. An entry of an older version may have another.
ACTIONS: Final = {
    "sign_in": "Signed in",
    "sign_out": "Signed out",
    "read_list": "Opened a list",
    "read_request": "Opened the request",
    "read_audit": "Opened the audit",
    "search": "Searched",
    "claim": "Claimed it",
    "reached": "Reached the person",
    "no_answer": "Noted that nobody answered",
    "emailed": "Noted an email to the person",
    "hand_back": "Handed it back",
    "hand_over": "Handed it over",
    "follow_up": "Set a follow-up",
    "note": "Wrote a note",
    "outcome": "Saved an outcome",
    "spam": "Closed it as spam",
    "release": "Released it from quarantine",
    "not_wanted": "Closed it: no contact wanted",
    "tell_again": "Had staff emailed again",
    "reopen": "Reopened it",
}
ABOUT: Final = (
    "Every look at a request and every change at the desk, newest first. Nobody can change or delete an entry here."
)
NOTHING: Final = "There are no such entries."
NOTHING_HERE: Final = "There are no such entries among those that we looked through. You can look further back."
NO_SUCH_REFERENCE: Final = "That is not a reference. References look like KC-7Q2M-4XHD."


def action(name: str) -> str:
    """Return an action in words."""
    return ACTIONS.get(name) or name.replace("_", " ").capitalize()
