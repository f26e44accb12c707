"""What the page of the audit says."""

from collections.abc import Mapping
from typing import Final

from desk.words.actions import BUTTONS, Act

# What each action of the table of routes and of the accounts is called. An entry of an older version may have another.
# The entry of a form is written before anything changes. Whether it changed something is in the request's timeline.
ACTIONS: Final = {
    "sign_in": "Signed in",
    "sign_out": "Signed out",
    "refused_sign_in": "Tried to sign in without a role",
    "refused": "Was refused for the role",
    "read_list": "Opened a list",
    "read_request": "Opened the request",
    "read_audit": "Opened the audit",
    "search": "Searched",
    "read_person": "Opened everything about the person",
    "export": "Exported the person's data",
    "read_erase": "Opened the page that erases",
    "erase": "Ordered an erasure",
    "read_erasures": "Opened the erasures",
    "erasure_proven": "Proved an erasure",
    "restore_table": "Restored requests from a backup",
    "read_report": "Opened the report",
    "requests_csv": "Downloaded requests",
    **{act.replace("-", "_"): f"Pressed \u201c{BUTTONS[act]}\u201d" for act in Act},
}
ABOUT: Final = (
    "Every look at a request and every button that somebody pressed at the desk, newest first. Whether a button changed"
    " anything is in the request's timeline. Nobody can change or delete an entry here."
)
NOTHING: Final = "There are no such entries."
NOTHING_HERE: Final = "There are no such entries among those that we looked through. You can look further back."
NO_SUCH_REFERENCE: Final = "That is not a reference. References look like {prefix}-7Q2M-4XHD."
# The details of an entry, in the order in which they are said.
_DETAILS: Final = {
    "to": "for {}",
    "lead": "about {}",
    "person": "by {}",
    "before": "before number {}",
    "month": "of {}",
}


def described(name: str, details: Mapping[str, str]) -> str:
    """Return an action in words, with the details that a reader understands."""
    said = [words.format(details[detail]) for detail, words in _DETAILS.items() if detail in details]
    refused = [action(details["action"])] if name == "refused" and "action" in details else []
    return ": ".join([", ".join([action(name), *said]), *refused])


def action(name: str) -> str:
    """Return an action in words."""
    return ACTIONS.get(name) or name.replace("_", " ").capitalize()
