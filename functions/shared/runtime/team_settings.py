"""Settings of the functions that need the recipients."""

from typing import Annotated

from pydantic import Field

from shared.leads.team import Recipient, Team
from shared.runtime.settings import Settings, Texts, YesOrNo


class TeamSettings(Settings):
    alert_recipients: Annotated[Texts, Field(min_length=1)]
    fallback_recipients: Texts  # may be empty
    tell_others: YesOrNo  # whether the others are told who claimed a lead

    @property
    def team(self) -> Team:
        """The recipients, by id."""
        return Team(
            staff=tuple(Recipient(address).id for address in self.alert_recipients),
            fallback=tuple(Recipient(address).id for address in self.fallback_recipients),
            tell_others=self.tell_others,
        )

    @property
    def addresses(self) -> dict[str, str]:
        """The address of each recipient, by id."""
        return {Recipient(address).id: address for address in self.alert_recipients + self.fallback_recipients}
