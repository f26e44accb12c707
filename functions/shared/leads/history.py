"""A person's earlier requests."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """A person's requests so far. `number` includes the current one: 3 means the third since `since`."""

    number: int
    since: datetime  # aware, UTC; when the first came in
    latest: datetime  # aware, UTC; when the previous one came in
    first_reference: str
    first_claimed_by: str | None  # the owner of the first, or None
    first_owner_address: str | None = None  # the owner's own email address, if they are not a recipient
