"""The status of a request in words for the digest: unclaimed, claimed, tried, emailed or handed back."""

from collections.abc import Mapping

from follow_up.digest.summary import Request
from follow_up.digest.times import Times
from shared.leads.numbers import counted
from shared.leads.plan import owner_of, wants_no_contact
from shared.leads.progress import AlertState, Progress, names_of
from shared.leads.response import ClaimAction, ResponseState
from shared.leads.team import FORMER_RECIPIENT, Team


def status(request: Request, times: Times, names: Mapping[str, str], team: Team) -> str:
    """Return the status of `request`, with nothing that a visitor typed. `names` has recipients' addresses by id."""
    progress = request.progress
    said = _status(progress, times, names, team)
    return f"Does not want to be contacted. {said}".strip() if wants_no_contact(progress) else said


def _status(progress: Progress, times: Times, names: Mapping[str, str], team: Team) -> str:
    if progress.response is ResponseState.CLAIMED:
        return _claimed(progress, times, names, team)
    if progress.state is AlertState.QUARANTINED:
        return ""
    if progress.action is ClaimAction.HAND_BACK and progress.acted_at:
        by = names_of(progress, names).get(progress.acted_by or "", FORMER_RECIPIENT)
        tried = f" Tried {counted(progress.tried, 'time')} before." if progress.tried else ""
        return f"Handed back by {by} on {times.since(progress.acted_at)}. Unclaimed since then.{tried}"
    return "Not claimed yet." if progress.told_at else "Unclaimed. No email about it has been sent yet."


def _claimed(progress: Progress, times: Times, names: Mapping[str, str], team: Team) -> str:
    owner = owner_of(progress, team)
    said, when = f"Unclaimed: it was claimed by {FORMER_RECIPIENT}", "on"
    if owner:
        said, when = f"Claimed by {names_of(progress, names).get(owner, FORMER_RECIPIENT)}", "since"
    at, tried = progress.acted_at, counted(progress.tried, "time")
    if progress.action is ClaimAction.NO_ANSWER and at:
        again = f" Next try: {times.on(progress.call_again_at)}." if progress.call_again_at else ""
        return f"{said}. Tried {tried} without an answer, last on {times.since(at)}.{again}"
    before = f" Tried {tried} before." if progress.tried else ""
    if progress.action is ClaimAction.EMAILED and at:
        return f"{said}. Emailed the person on {times.since(at)}, and waiting for an answer.{before}"
    if progress.follow_up_at:
        return f"{said}. Follow up on {times.on(progress.follow_up_at)}.{before}"
    since = at or progress.claimed_at
    return f"{said}{f' {when} {times.since(since)}' if since else ''}.{before}"
