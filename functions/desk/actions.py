"""What happens when a person sends a form of a request's page: one decision, and then the page again."""

import re
import unicodedata
from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Final

from desk.choices import chosen
from desk.desk import Desk
from desk.holds import is_in_force
from desk.moments import BadMomentError, moment_of
from desk.names import PERSON_ID, names_for
from desk.person import requests_of
from desk.request_page import NotDone, missing, read, request_page
from desk.route import Moved, Role, Shown, Visit
from desk.withdrawals import (
    ALSO,
    NotOnAllError,
    change_all,
    others_to_restore,
    others_to_withdraw,
    recorded_by,
    withdrawals,
)
from desk.words import refused as words
from desk.words.actions import OF_A_PERSON, OF_MANAGERS, PRESSES, SENT_BEFORE, TOOK_OVER, Act
from shared.leads import desk as decisions
from shared.leads.consent import How, give_back, withdraw
from shared.leads.decisions import Decide, MovedOnError
from shared.leads.hold import hold, unhold
from shared.leads.lead import CONSENT_KINDS
from shared.leads.person import Person
from shared.leads.progress import StoredLead
from shared.leads.response import ClaimRefusedError, Outcome, Refusal
from shared.store.leads import BusyLeadError
from shared.web.times import Times

# The fields of each form, which the page shows again if nothing was changed.
_FIELDS: Final = {
    Act.NOTE: ("text",),
    Act.OUTCOME: ("outcome", "reason"),
    Act.FOLLOW_UP: ("day", "time"),
    Act.HAND_OVER: ("to",),
    Act.WITHDRAW: ("consent", "how"),
    Act.HOLD: ("why",),
}
_OF_CONSENTS: Final = {Act.WITHDRAW: words.WITHDRAWN_BEFORE, Act.RESTORE: words.NOT_YOURS_TO_UNDO}
_SEEN: Final = re.compile(r"[0-9]{1,6}", re.ASCII)
_LINE_ENDS: Final = str.maketrans({"\x85": "\n", "\u2028": "\n", "\u2029": "\n"})


class _WrongInputError(Exception):
    """The page cannot save what was typed."""

    def __init__(self, why: words.Why) -> None:
        super().__init__(why.title)
        self.why = why


def action(act: Act) -> Callable[[Desk, Visit], Moved | Shown]:
    """Return the answer to the form of an action."""

    def answer(desk: Desk, visit: Visit) -> Moved | Shown:
        return _answer(desk, visit, act)

    return answer


def _answer(desk: Desk, visit: Visit, act: Act) -> Moved | Shown:
    try:
        done = _changed(desk, visit, act)
    except _WrongInputError as error:
        return _not_done(desk, visit, act, error.why, HTTPStatus.BAD_REQUEST)
    except ClaimRefusedError as error:
        return _refused(desk, visit, act, error.refusal)
    except MovedOnError:
        why = words.NOT_IN_QUARANTINE if act is Act.RELEASE else words.NOT_UNDELIVERED
        return _not_done(desk, visit, act, why, HTTPStatus.CONFLICT)
    except (BusyLeadError, NotOnAllError) as error:
        why = words.NOT_ON_ALL if isinstance(error, NotOnAllError) else words.BUSY
        return _not_done(desk, visit, act, why, HTTPStatus.CONFLICT)
    if done is None:
        raise missing(desk, visit)
    return _done(visit, _key(visit, act), done)


def _refused(desk: Desk, visit: Visit, act: Act, refusal: Refusal) -> Moved | Shown:
    """Return why a decision was refused, or the page again if the same form was sent twice."""
    stored = read(desk, visit)
    if act in OF_MANAGERS and not is_in_force(desk, visit.lead_id, visit.press):
        why = words.HELD_NOW if stored.progress.held else words.HOLD_ENDED
        return _not_done(desk, visit, act, why, HTTPStatus.CONFLICT)
    if refusal is Refusal.USED:
        return _done(visit, _key(visit, act) if _is_last(act, stored) else SENT_BEFORE)
    why = _OF_CONSENTS.get(act) or words.refused(
        refusal, stored, names_for(desk, visit), Times(desk.rules.clinic, visit.now)
    )
    return _not_done(desk, visit, act, why, HTTPStatus.CONFLICT)


def _key(visit: Visit, act: Act) -> str:
    """Return the key of what the page says after an action."""
    return TOOK_OVER if act is Act.HAND_OVER and visit.form.get("to") == visit.person.id else act


def _changed(desk: Desk, visit: Visit, act: Act) -> tuple[str, ...] | None:
    """Change the request. Return the ids of the other requests that changed with it, or None if it does not exist.

    Raises _WrongInputError, NotOnAllError, and what a decision raises.
    """
    if act is Act.NOTE and _is_noted(desk, visit):
        return ()
    decision = _decision(desk, visit, act)
    others = _others(desk, visit, act) if act in OF_A_PERSON else ()
    exists = change_all(desk, visit.lead_id, others, decision)
    return tuple(each.lead.id for each in others) if exists else None


def _others(desk: Desk, visit: Visit, act: Act) -> tuple[StoredLead, ...]:
    """Return the other requests that somebody chose for a withdrawal too, or that its undoing is about."""
    stored, kind = read(desk, visit), _consent(visit)
    others = tuple(each for each in requests_of(desk, visit) if each.lead.id != stored.lead.id)
    if act is Act.WITHDRAW:
        return others_to_withdraw(kind, chosen(visit, ALSO), others)
    return others_to_restore(desk, kind, stored, others)


def _is_noted(desk: Desk, visit: Visit) -> bool:
    """Whether a note is in the timeline already. Somebody may send an old page again, after other notes."""
    sent = (visit.press, _note(visit))
    notes = (each.details for each in desk.timeline.entries(visit.lead_id) if each.kind == "note")
    return any((each.get("press"), each.get("text")) == sent for each in notes)


def _done(visit: Visit, key: str, others: tuple[str, ...] = ()) -> Moved:
    """Return the way to the page again. The audit names the other requests that changed too."""
    lead_ids = (visit.lead_id, *others) if others else ()
    return Moved(path=f"/requests/{visit.lead_id}?done={key}", lead_ids=lead_ids)


def _is_last(act: Act, stored: StoredLead) -> bool:
    """Whether an action is still the last one. Somebody may send an old page again, after other actions."""
    return act not in PRESSES or stored.progress.action is PRESSES[act]


def _not_done(desk: Desk, visit: Visit, act: Act, why: words.Why, status: HTTPStatus) -> Shown:
    typed = {name: visit.form.get(name, "") for name in _FIELDS.get(act, ())}
    typed |= dict.fromkeys((f"{ALSO}-{each}" for each in chosen(visit, ALSO)), "on") if act is Act.WITHDRAW else {}
    return request_page(desk, visit, read(desk, visit), NotDone(act=act, why=why, status=status, typed=typed))


def _decision(desk: Desk, visit: Visit, act: Act) -> Decide:  # noqa: PLR0911 - one for each action
    """Return the decision that a form asks for. Raises _WrongInputError."""
    rules, now, by, press, seen = desk.rules, visit.now, visit.person, visit.press, _seen(visit)
    match act:
        case Act.NOTE:
            return decisions.note(_note(visit), now, by=by, press=press)
        case Act.OUTCOME:
            return decisions.settle(_outcome(visit), _reason(visit), rules, now, by=by, press=press, seen=seen)
        case Act.FOLLOW_UP:
            return decisions.follow_up(rules, now, by=by, at=_moment(desk, visit), press=press, seen=seen)
        case Act.HAND_OVER:
            return decisions.hand_over(rules, now, by=by, to=_colleague(desk, visit), press=press, seen=seen)
        case Act.RELEASE:
            return decisions.release(now, by=by, press=press)
        case Act.TELL_AGAIN:
            return decisions.tell_again(now, by=by, press=press)
        case Act.WITHDRAW | Act.RESTORE:
            return _about_consent(desk, visit, act)
        case Act.HOLD | Act.UNHOLD:
            return hold(_why(visit), now, by=by, press=press) if act is Act.HOLD else unhold(now, by=by, press=press)
    return decisions.act(PRESSES[act], rules, now, by=by, press=press, seen=seen)


def _about_consent(desk: Desk, visit: Visit, act: Act) -> Decide:
    rules, now, by, press, kind = desk.rules, visit.now, visit.person, visit.press, _consent(visit)
    if act is Act.WITHDRAW:
        return withdraw(kind, _how(visit), rules, now, by=by, press=press)
    manages, recorded = visit.role is Role.MANAGER, recorded_by(withdrawals(desk, read(desk, visit)))
    return give_back(kind, rules, now, by=by, press=press, manages=manages, recorded_by=recorded)


def _seen(visit: Visit) -> int:
    """Return how many presses the form's page knew of. A form without a number knew of none."""
    text = visit.form.get("seen", "")
    return int(text) if _SEEN.fullmatch(text) else 0


def _note(visit: Visit) -> str:
    text = clean(visit.form.get("text", ""))
    if not text:
        raise _WrongInputError(words.NOTE_EMPTY)
    if len(text) > words.MOST_NOTE:
        raise _WrongInputError(words.NOTE_TOO_LONG)
    return text


def _reason(visit: Visit) -> str | None:
    reason = clean(visit.form.get("reason", ""))
    if len(reason) > words.MOST_REASON:
        raise _WrongInputError(words.REASON_TOO_LONG)
    return reason or None


def _why(visit: Visit) -> str:
    why = clean(visit.form.get("why", ""))
    if not why:
        raise _WrongInputError(words.NO_HOLD_REASON)
    if len(why) > words.MOST_REASON:
        raise _WrongInputError(words.REASON_TOO_LONG)
    return why


def _consent(visit: Visit) -> str:
    if (chosen := visit.form.get("consent", "")) not in CONSENT_KINDS:
        raise _WrongInputError(words.NO_CONSENT)
    return chosen


def _how(visit: Visit) -> How:
    if (chosen := visit.form.get("how", "")) not in set(How):
        raise _WrongInputError(words.NO_CONSENT)
    return How(chosen)


def _outcome(visit: Visit) -> Outcome:
    if (chosen := visit.form.get("outcome", "")) not in set(Outcome):
        raise _WrongInputError(words.NO_OUTCOME)
    return Outcome(chosen)


def _moment(desk: Desk, visit: Visit) -> datetime:
    try:
        day, clock = (visit.form.get(name, "").strip() for name in _FIELDS[Act.FOLLOW_UP])
        return moment_of(day, clock, desk.rules.clinic.hours.zone, visit.now)
    except BadMomentError as error:
        raise _WrongInputError(words.MOMENTS[error.trouble]) from None


def _colleague(desk: Desk, visit: Visit) -> Person:
    """Return the person that was chosen. Only somebody with an account can get a request."""
    chosen = visit.form.get("to", "")
    for each in desk.colleagues():
        if each.id == chosen:
            return each
    raise _WrongInputError(words.NO_COLLEAGUE)


def handed_to(visit: Visit) -> dict[str, str]:
    """Return the new owner that a form names, for the audit. Anything but a person's id is left out."""
    chosen = visit.form.get("to", "")
    return {"to": chosen} if PERSON_ID.fullmatch(chosen) else {}


def consent_in(visit: Visit) -> dict[str, str]:
    """Return the consent that a form names and how it was withdrawn, for the audit. Anything else is left out."""
    known = {"consent": CONSENT_KINDS, "how": set(How)}
    return {name: visit.form[name] for name, values in known.items() if visit.form.get(name, "") in values}


def clean(text: str) -> str:
    """Return a text with plain line ends, and without characters that control something and show nothing."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n").translate(_LINE_ENDS)
    return "".join(each for each in plain if each in "\n\t" or unicodedata.category(each) not in {"Cc", "Cs"}).strip()
