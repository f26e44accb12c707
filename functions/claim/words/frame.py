"""The frame of every page about a lead: its facts, its text, and the buttons that are possible now."""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from claim.view import View
from claim.words.buttons import FOLDED_TITLE, buttons, folded
from claim.words.facts import facts
from claim.words.people import People
from claim.words.said import Offer, Said
from shared.leads.clinic import Clinic
from shared.leads.response import ClaimAction
from shared.leads.team import Team
from shared.web.times import Times


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What all pages need: the clinic, its recipients and their addresses, and the time now."""

    clinic: Clinic
    team: Team
    people: People
    now: datetime

    @property
    def clock(self) -> Times:
        """The words for times."""
        return Times(self.clinic, self.now)

    def page(  # noqa: PLR0913 - the parts of a page
        self,
        view: View,
        title: str,
        *text: str,
        status: HTTPStatus = HTTPStatus.OK,
        first: ClaimAction | None = None,
        offer: Offer | None = None,
        undo: bool = False,
        asks: bool = False,
    ) -> Said:
        """Return a page about a lead. `first` is the link's own choice; `undo` is whether this follows a press."""
        return Said(
            status=status,
            title=title,
            facts=facts(view, self.people, self.clock),
            text=tuple(filter(None, text)),
            offer=offer,
            buttons=buttons(view, first=first, undo=undo),
            folded_title=FOLDED_TITLE,
            folded=folded(view),
            asks=asks,
        )
