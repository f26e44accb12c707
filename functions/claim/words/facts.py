"""The list of facts about a lead at the top of a page."""

from collections.abc import Iterator
from typing import Final

from claim.view import View
from claim.words.people import People
from shared.leads.progress import Progress
from shared.web.labels import closed_as_in_words
from shared.web.times import Times, times

NOBODY: Final = "Nobody has claimed it"


def facts(view: View, people: People, clock: Times) -> tuple[tuple[str, str], ...]:
    """Return the labels and values to show."""
    return tuple(_facts(view, people, clock))


def claimed_by(owner: str | None, progress: Progress, people: People) -> str:
    """Return who has a lead, in words. A lead whose owner left the list counts as unclaimed."""
    if name := people.owner(owner, progress):
        return name
    return f"{NOBODY} since a former recipient left" if progress.claimed_by else NOBODY


def _facts(view: View, people: People, clock: Times) -> Iterator[tuple[str, str]]:
    progress = view.progress
    yield "Reference", view.lead.reference
    yield "Received", clock.at(view.lead.received_at)
    closed_as = closed_as_in_words(progress)
    if closed_as is None:
        yield "Waiting", clock.since(view.lead.received_at)
        yield "Claimed by", claimed_by(view.owner, progress, people)
    if progress.claimed_at and (view.owner or closed_as):
        yield "First claimed", clock.at(progress.claimed_at)
    if progress.tried:
        last = f", last {clock.on(progress.tried_at)}" if progress.tried_at else ""
        yield "Tried", f"{times(progress.tried)} without an answer{last}"
    if progress.follow_up_at and closed_as is None:
        yield "Follow up", clock.at(progress.follow_up_at)
    if closed_as:
        yield "Closed as", closed_as
        if closed_at := progress.closed_at or progress.acted_at:
            yield "Closed", clock.at(closed_at)
        if progress.acted_by:
            yield "Closed by", people.name(progress.acted_by, progress)
    elif view.reminders:
        soon = clock.soon(view.reminders[0].at).removeprefix("on ")
        yield "Next reminder", soon[0].upper() + soon[1:]
