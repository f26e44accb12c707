"""What the page of a request says right after an action. Its address alone is not believed: anybody may write it."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from desk.route import Visit
from desk.words.actions import DONE, OWNER_TOLD_AGAIN, SENT_BEFORE, TOOK_OVER, Act
from shared.leads.consent import RESTORED, WITHDRAWN
from shared.leads.event import OPERATOR, SYSTEM
from shared.store.timeline import Entry

# A page that is opened again later does not say that something happens "now".
_JUST: Final = timedelta(minutes=10)
# The kinds of entries that each action makes.
_KINDS: Final = {
    Act.CLAIM: {"claimed"},
    Act.REACHED: {"reached"},
    Act.NO_ANSWER: {"no_answer"},
    Act.EMAILED: {"emailed"},
    Act.HAND_BACK: {"handed_back"},
    Act.HAND_OVER: {"handed_over"},
    TOOK_OVER: {"handed_over"},
    Act.FOLLOW_UP: {"follow_up_set"},
    Act.NOTE: {"note"},
    Act.OUTCOME: {"reached", "closed", "outcome_changed"},
    Act.SPAM: {"closed"},
    Act.RELEASE: {"released"},
    Act.NOT_WANTED: {"closed"},
    Act.TELL_AGAIN: {"redriven"},
    Act.REOPEN: {"reopened"},
    Act.WITHDRAW: {WITHDRAWN},
    Act.RESTORE: {RESTORED},
    Act.HOLD: {"held"},
    Act.UNHOLD: {"unheld"},
}
_REASONS: Final = {Act.SPAM: "spam", Act.NOT_WANTED: "not_wanted"}
if missing := set(DONE) - set(_KINDS) - {SENT_BEFORE}:
    raise TypeError(f"add the entries of {sorted(missing)} to functions/desk/just_done.py")


def just_done(visit: Visit, entries: Sequence[Entry], *, owned: bool) -> str:
    """Return what the reader just did, or "" if the newest entries (newest first) do not say the same.

    `owned` is whether somebody has the request.
    """
    key = visit.query.get("done", "")
    of_staff = [each for each in entries if each.actor not in {SYSTEM, OPERATOR} and visit.now - each.at < _JUST]
    if key == SENT_BEFORE:
        return DONE[key] if any(each.actor == visit.person.id for each in of_staff) else ""
    if not of_staff or of_staff[0].actor != visit.person.id or not _is_of(key, of_staff[0]):
        return ""
    return OWNER_TOLD_AGAIN if key == Act.TELL_AGAIN and owned else DONE[key]


def _is_of(key: str, entry: Entry) -> bool:
    """Whether an entry is of the action with this key."""
    details = entry.details
    if entry.kind not in _KINDS.get(key, ()):
        return False
    if entry.kind == "handed_over":
        return (details.get("to") == details.get("by")) is (key == TOOK_OVER)
    if key == Act.OUTCOME:
        return "outcome" in details
    return key not in _REASONS or details.get("reason") == _REASONS[Act(key)]
