"""Why something that a person sent changed nothing: who was faster, or what is wrong with what they typed."""

from typing import Final, NamedTuple

from desk.moments import Trouble
from desk.words.names import Names
from shared.leads.progress import Progress, StoredLead
from shared.leads.response import MOST_ACTIONS, TRIES_BEFORE_GIVING_UP, ClaimAction, Refusal, ResponseState
from shared.web.labels import closed_as_in_words
from shared.web.times import Times

NOTHING_CHANGED: Final = "Nothing was changed."
MOST_NOTE: Final = 5_000
MOST_REASON: Final = 500


class Why(NamedTuple):
    """The reason in words: a title, and what to do."""

    title: str
    text: tuple[str, ...]


# About what was typed. Each says what to do.
NOTE_EMPTY: Final = Why("The note is empty", ("Type the note, and add it again.",))
NOTE_TOO_LONG: Final = Why(
    "The note is too long", (f"A note has {MOST_NOTE:,} characters at most. Make it shorter, or add two notes.",)
)
REASON_TOO_LONG: Final = Why(
    "The reason is too long", (f"A reason has {MOST_REASON} characters at most. Put the rest into a note.",)
)
NO_HOLD_REASON: Final = Why("The reason is missing", ("Type why the request must be kept, and send it again.",))
HELD_NOW: Final = Why(
    "This request is under legal hold now",
    ("A manager put it there, for the reason that the page shows.", NOTHING_CHANGED),
)
HOLD_ENDED: Final = Why(
    "This request is not under legal hold now",
    ("A manager ended the hold. If it must be kept, put it under legal hold again.", NOTHING_CHANGED),
)
NO_CONSENT: Final = Why("No consent is chosen", ("Choose which consent was withdrawn, and how you know.",))
WITHDRAWN_BEFORE: Final = Why(
    "That consent is withdrawn already", (f"A colleague saved it, or the person never gave it. {NOTHING_CHANGED}",)
)
NOT_YOURS_TO_UNDO: Final = Why(
    "You can't undo that",
    (f"Only the colleague who saved that withdrawal can undo it, or a manager. {NOTHING_CHANGED}",),
)
NOT_ON_ALL: Final = Why(
    "That is not saved for all requests of this person",
    ("Somebody else is changing one of them. Send yours again. Sending it twice does no harm.",),
)
NO_OUTCOME: Final = Why("No outcome is chosen", ("Choose how it ended, and save it again.",))
NO_COLLEAGUE: Final = Why(
    "No colleague is chosen", ("Choose who gets the request. A colleague whose account was removed is not listed.",)
)
MOMENTS: Final = {
    Trouble.NO_DATE: Why("The date is missing", ("Choose a date, such as 2026-03-09.",)),
    Trouble.NO_TIME: Why("The time is missing", ("Choose a time, such as 15:30.",)),
    Trouble.SKIPPED: Why("There is no such time", ("The clocks go forward then. Choose a time an hour later.",)),
    Trouble.PAST: Why("That time is over", ("Choose a time that is still to come.",)),
    Trouble.TOO_FAR: Why("That is more than a year ahead", ("Choose an earlier date. Check the year.",)),
}
BUSY: Final = Why(
    "Somebody else is changing this request", (f"{NOTHING_CHANGED} Read what they did, and send yours again.",)
)
NOT_IN_QUARANTINE: Final = Why(
    "This request is not in quarantine", (f"A colleague released it, claimed it or closed it. {NOTHING_CHANGED}",)
)
NOT_UNDELIVERED: Final = Why(
    "This request is no longer undelivered", (f"A colleague claimed it, or an email arrived. {NOTHING_CHANGED}",)
)
_REFUSED: Final = {
    Refusal.YOURS: Why("You already have this request", ("After you call or email the person, say here how it went.",)),
    Refusal.USED: Why("That was already saved", ("Sending it twice does no harm.",)),
    Refusal.QUARANTINED: Why(
        "This request is in quarantine",
        (f"It looks like spam. {NOTHING_CHANGED}", "If it is not spam, release it or claim it first."),
    ),
    Refusal.NO_CONTACT: Why(
        "This person does not want to be contacted",
        (NOTHING_CHANGED, "If they have asked for contact since then, a manager can restore their consent."),
    ),
    Refusal.TOO_FAR: Why(
        "That is more than 24 hours ahead",
        (
            "This request is urgent, and nobody else is reminded before a follow-up. Choose an earlier time.",
            NOTHING_CHANGED,
        ),
    ),
}  # whatever happened before


def refused(refusal: Refusal, stored: StoredLead, names: Names, clock: Times) -> Why:
    """Return why an action changed nothing: what a colleague did meanwhile, and what is possible now."""
    progress = stored.progress
    if refusal in _REFUSED:
        return _REFUSED[refusal]
    match refusal:
        case Refusal.CLOSED:
            how = closed_as_in_words(progress) or ""
            return Why(
                "This request is closed",
                (
                    f"{last_done(stored, names, clock)} It is closed as: {how.lower()}. {NOTHING_CHANGED}".strip(),
                    _REOPEN,
                ),
            )
        case Refusal.CLAIMED:
            owner = names.owner(progress.claimed_by, progress.owner_address)
            return Why(
                f"{owner} has this request",
                (f"{last_done(stored, names, clock)} {NOTHING_CHANGED}", _ANYWAY),
            )
        case Refusal.TOO_MANY:
            return _too_many(progress)
    return Why(
        "That isn't possible now",
        (f"The request changed after this page was opened. {last_done(stored, names, clock)} {NOTHING_CHANGED}",),
    )


def _too_many(progress: Progress) -> Why:
    """Return why nothing more can be done about a request, and what still can."""
    closed = progress.response is ResponseState.CLOSED
    left = "It stays closed as it is." if closed else "You can still close it."
    return Why(
        "This request was changed too often",
        (f"More than {MOST_ACTIONS} actions are not possible. {NOTHING_CHANGED}", f"{left} You can also add a note."),
    )


def tries_missing(tried: int) -> str:
    """Return why a request cannot be closed as unreachable yet."""
    return f"\u201cCould not be reached\u201d needs {TRIES_BEFORE_GIVING_UP} tries without an answer. So far: {tried}."


def last_done(stored: StoredLead, names: Names, clock: Times) -> str:
    """Return a sentence about what staff did last, or "" if they did nothing yet."""
    progress = stored.progress
    if not (progress.action and progress.acted_by and progress.acted_at):
        return ""
    who = names.name(progress.acted_by, progress.acted_by_address)
    return f"{who} {_DID[progress.action]} {clock.on(progress.acted_at)}."


_REOPEN: Final = "If it was closed by mistake, reopen it first."
_ANYWAY: Final = "If you call the person anyway, say here how it went."
_DID: Final = {
    ClaimAction.CLAIM: "claimed it",
    ClaimAction.REACHED: "reached the person",
    ClaimAction.NO_ANSWER: "tried without an answer",
    ClaimAction.EMAILED: "emailed the person",
    ClaimAction.HAND_BACK: "handed it back",
    ClaimAction.UNREACHABLE: "gave up on reaching the person",
    ClaimAction.SPAM: "closed it as spam",
    ClaimAction.WRONG_NUMBER: "found a wrong number",
    ClaimAction.DUPLICATE: "found a duplicate",
    ClaimAction.NOT_WANTED: "learned that the person does not want to be contacted",
    ClaimAction.REOPEN: "reopened it",
    ClaimAction.HAND_OVER: "handed it over",
    ClaimAction.FOLLOW_UP: "set a follow-up",
}
if missing := set(ClaimAction) - set(_DID):
    raise TypeError(f"add the words for {sorted(missing)} to functions/desk/words/refused.py")
