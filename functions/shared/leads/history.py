"""What came before: a person's earlier requests."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """A person's requests up to now. `number` counts this one too: 3 is the third since `since`."""

    number: int
    since: datetime  # aware, UTC: when the first came in
    latest: datetime  # aware, UTC: when the one before this came in
    first_reference: str
    first_claimed_by: str | None  # the recipient of who took the first, None where nobody did
