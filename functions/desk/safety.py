"""What staff must know before they reach out: the rules of the emails, as a page says them."""

from dataclasses import dataclass
from typing import Final

from desk.desk import Desk
from desk.route import Visit
from desk.words.kept import HELD
from shared.leads.clinic import Clinic
from shared.leads.lead import Priority
from shared.leads.numbers import counted
from shared.leads.progress import AlertState, StoredLead
from shared.leads.response import ClosedAs
from shared.leads.spam import words as spam_words
from shared.messages.circumstances import Circumstances
from shared.messages.reaching import Point, is_night, points_to_mind
from shared.messages.wording import do_first
from shared.web.labels import CLOSED_AS

NOT_WANTED: Final = CLOSED_AS[ClosedAs.NOT_WANTED]
_QUARANTINED: Final = "This request looks like spam, so no alert was sent. {}."
_MAYBE_SPAM: Final = "This request may be from a bot. Act on it anyway."


@dataclass(frozen=True, slots=True, kw_only=True)
class Safety:
    """The box at the top of a request. `first` is a headline and its sentences, if the request is urgent.

    `not_wanted` says in which requests the person does not want to be contacted. `spam` has the signs of spam.
    """

    not_wanted: tuple[str, ...]
    first: tuple[str, ...]
    mind: tuple[Point, ...]
    spam_title: str
    spam: tuple[str, ...]


def safety(desk: Desk, visit: Visit, stored: StoredLead, others: tuple[StoredLead, ...]) -> Safety:
    """Return what staff must know. `others` are the person's other requests."""
    lead, progress, clinic = stored.lead, stored.progress, desk.rules.clinic
    around = Circumstances(clinic=clinic, now=visit.now, on_a_page=True)
    return Safety(
        not_wanted=tuple(each.lead.reference for each in (stored, *others) if each.progress.no_contact_since),
        first=do_first(lead, shows_contact=True, night=is_night(lead, around)),
        mind=points_to_mind(lead, around),
        spam_title=_spam_title(stored, clinic),
        spam=spam_words(progress.reasons or ()),
    )


def _spam_title(stored: StoredLead, clinic: Clinic) -> str:
    if stored.progress.state is AlertState.QUARANTINED:
        end = HELD if stored.progress.held else f"It is deleted after {counted(clinic.retention.spam, 'day')}"
        return _QUARANTINED.format(end)
    return _MAYBE_SPAM if stored.lead.priority is Priority.URGENT else "Possible spam"
