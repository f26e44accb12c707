"""The lists of requests: their names, and what an empty one means."""

from enum import StrEnum
from typing import Final, NamedTuple


class Tab(StrEnum):
    """A list as the desk offers it. The value is in its address."""

    OPEN = "open"
    MINE = "mine"
    URGENT = "urgent"
    SPAM = "spam"
    UNDELIVERED = "undelivered"
    CLOSED = "closed"


class TabWords(NamedTuple):
    """The words of a list: its label, its heading, what is on it, and what it means if it is empty.

    `{days}` in `about` is how long possible spam is kept.
    """

    label: str
    title: str
    about: str
    empty: str
    then: str  # what to do then


WORDS: Final = {
    Tab.OPEN: TabWords(
        "Open",
        "Open requests",
        "Nobody has reached these people yet. Urgent requests are first, then the oldest.",
        "No request is open.",
        "Everybody who asked was reached, or their request was closed. A new request appears here, and we email you.",
    ),
    Tab.MINE: TabWords(
        "Mine",
        "My requests",
        "You claimed these requests, or a colleague handed them to you.",
        "You have no requests.",
        "Open a request that nobody has, and claim it.",
    ),
    Tab.URGENT: TabWords(
        "Urgent",
        "Urgent requests",
        "These people say that they are in crisis, or use words that people in crisis use.",
        "No urgent request is open.",
        "You don't need to do anything here.",
    ),
    Tab.SPAM: TabWords(
        "Spam",
        "Requests that look like spam",
        "No alert was sent about these, and each is deleted after {days}. If one is from a person, release it.",
        "Nothing looks like spam.",
        "You don't need to do anything here.",
    ),
    Tab.UNDELIVERED: TabWords(
        "Undelivered",
        "Undelivered requests",
        "No email about these reached anybody. Claim them here, and tell your system administrator.",
        "Every email about a request reached somebody.",
        "You don't need to do anything here.",
    ),
    Tab.CLOSED: TabWords(
        "Closed",
        "Closed requests",
        "The newest are first. To work on a request again, open it and reopen it.",
        "No request is closed.",
        "A request appears here after somebody says how it went.",
    ),
}
NO_MORE: Final = TabWords("", "", "", "There are no more requests on this list.", "Go back to its first page.")
# The lists that are not really empty while there are undelivered requests, and what they say then.
_NOT_QUITE: Final = {
    Tab.OPEN: "Besides undelivered requests, no request is open.",
    Tab.URGENT: "No urgent request is on this list.",
    Tab.SPAM: WORDS[Tab.SPAM].empty,
}
_LOOK_FIRST: Final = "Look at the undelivered requests: staff got no email about them, and one may be urgent."


def empty_words(tab: Tab, undelivered: int) -> TabWords:
    """Return what an empty list means. It never says that all is well while there are undelivered requests."""
    words = WORDS[tab]
    return words._replace(empty=_NOT_QUITE[tab], then=_LOOK_FIRST) if undelivered and tab in _NOT_QUITE else words


def undelivered_words(count: int, number: str) -> str:
    """Return the hint to the undelivered requests, or "" if there are none. `number` is how many: "3", or "100+"."""
    return f"No email reached anybody about {number} request{'' if count == 1 else 's'}." if count else ""


def looked_at(most: int) -> str:
    """Return what the list of one's own requests says if it did not look at all claimed requests."""
    return (
        f"Very many requests are claimed. This list looked at {most} of them, the urgent ones and then the oldest. "
        "You may have more: find them by name."
    )
