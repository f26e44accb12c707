"""Settings of the functions that have to know who is told."""

from typing import Annotated

from pydantic import Field

from shared.leads.alert import Team
from shared.runtime.settings import Settings, Texts, YesOrNo


class TeamSettings(Settings):
    alert_recipients: Annotated[Texts, Field(min_length=1)]
    fallback_recipients: Texts  # may be empty
    tell_others: YesOrNo  # whether the others hear who took a lead

    @property
    def team(self) -> Team:
        """How many there are."""
        return Team(
            staff=len(self.alert_recipients),
            fallback=len(self.fallback_recipients),
            tell_others=self.tell_others,
        )
