"""Makes the items that say whose request it is, as the store of the leads does."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from shared.leads.lead import Lead
from shared.leads.progress import Progress, StoredLead
from shared.leads.retention import LONGEST
from shared.store.belongings import Belongings
from shared.store.people import digests
from tests.unit.dynamodb import NAME
from tests.unit.people import NOW

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


def whose(
    client: "DynamoDBClient",
    lead: Lead,
    key: bytes,
    ends: datetime = NOW + LONGEST,
    **progress: Any,  # noqa: ANN401 - any attribute of a progress
) -> None:
    """Record a request as one of its person's."""
    stored = StoredLead(lead=lead, progress=Progress(person_keys=digests(lead, key), **progress))
    Belongings(client, NAME).end(stored, ends)
