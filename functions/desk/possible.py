"""Which actions are possible for a request now, and why an important one is not."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from desk.words.actions import BUTTONS, PRESSES, Act, gets_email_again
from desk.words.names import NOBODY, Names
from desk.words.refused import tries_missing
from shared.leads.claims import refusal_of
from shared.leads.decisions import Rules
from shared.leads.person import Person
from shared.leads.plan import owner_of
from shared.leads.progress import AlertState, Progress, StoredLead
from shared.leads.response import TRIES_BEFORE_GIVING_UP, ClaimAction, ClosedAs, Outcome, ResponseState
from shared.web.labels import OUTCOMES

# The buttons in the order of the page. The first one that is possible is the main one.
_ORDER: Final = (
    Act.RELEASE,
    Act.TELL_AGAIN,
    Act.CLAIM,
    Act.REACHED,
    Act.NO_ANSWER,
    Act.EMAILED,
    Act.HAND_BACK,
    Act.REOPEN,
)
_ENDINGS: Final = (Act.SPAM, Act.NOT_WANTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """A button with a form of its own."""

    act: Act
    label: str
    main: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Possible:
    """What is possible now. `takers` are the ids and names of those who can get the request."""

    buttons: tuple[Button, ...]
    endings: tuple[Button, ...]
    takers: tuple[tuple[str, str], ...]
    follow_up: bool
    outcomes: tuple[tuple[str, str], ...]
    why_not: tuple[str, ...]


def possible(stored: StoredLead, rules: Rules, names: Names, colleagues: tuple[Person, ...]) -> Possible:
    """Return what the reader can do about a request now."""
    progress, reader = stored.progress, names.reader
    case = rules.case(stored)

    def may(action: ClaimAction) -> bool:
        return refusal_of(progress, case, action, by=reader.id, link="") is None

    quarantined, closed = progress.in_quarantine, progress.response is ResponseState.CLOSED
    acts = {act for act, action in PRESSES.items() if may(action)}
    if quarantined:
        acts &= {Act.CLAIM, Act.SPAM}
        acts.add(Act.RELEASE)
    elif progress.state is AlertState.UNDELIVERABLE and not closed:
        acts.add(Act.TELL_AGAIN)
    owner = owner_of(progress, rules.team)
    shown = [act for act in _ORDER if act in acts]
    main = None if closed or (owner not in {None, reader.id}) else next(iter(shown), None)
    takers = tuple((each.id, names.name(each.id, each.email)) for each in colleagues if each.id != owner)
    hands_over = not quarantined and may(ClaimAction.HAND_OVER)
    return Possible(
        buttons=tuple(Button(act=act, label=BUTTONS[act], main=act is main) for act in shown),
        endings=tuple(Button(act=act, label=BUTTONS[act]) for act in _ENDINGS if act in acts),
        takers=takers if hands_over else (),
        follow_up=not quarantined and may(ClaimAction.FOLLOW_UP),
        outcomes=() if quarantined or progress.closed_as is ClosedAs.SPAM else tuple(_outcomes(progress)),
        why_not=tuple(_why_not(stored, names, owner=owner, takers=bool(takers))),
    )


def _outcomes(progress: Progress) -> Iterator[tuple[str, str]]:
    for outcome, words in OUTCOMES.items():
        if outcome is not Outcome.UNREACHABLE or progress.tried >= TRIES_BEFORE_GIVING_UP:
            yield str(outcome), words


def _why_not(stored: StoredLead, names: Names, *, owner: str | None, takers: bool) -> Iterator[str]:
    lead, progress = stored.lead, stored.progress
    if progress.response is ResponseState.CLOSED:
        yield "The request is closed. To claim it or to say how it went, reopen it first."
        return
    if progress.in_quarantine:
        yield "To work on it, release it or claim it first. Both say that it is not spam."
        return
    if progress.state is AlertState.UNDELIVERABLE:
        yield gets_email_again(names.in_sentence(owner, progress.owner_address) if owner else None)
    if owner and owner != names.reader.id:
        who = names.owner(owner, progress.owner_address)
        yield f"{who} has it, so you can't claim it. To take it over, hand it over to yourself."
    if lead.no_contact:
        yield "The person does not want to be contacted, so you can only close the request or hand it over."
    elif not lead.email_may_be_used:
        why = "they asked for another way" if lead.email else "they gave no address"
        yield f"You can't email this person: {why}."
    if progress.tried < TRIES_BEFORE_GIVING_UP:
        yield tries_missing(progress.tried)
    if not takers:
        yield f"{NOBODY} else has an account, so you can't hand it over."
