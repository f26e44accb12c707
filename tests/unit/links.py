"""Made-up links in emails to staff."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from shared.leads.link import Link
from shared.leads.response import OF_LINKS, ClaimAction
from tests.unit.people import NOW, a_lead

KEY = b"made-up key, thirty-two bytes of"
LINK = Link(
    lead_id=a_lead().id, recipient="staff-1", action=ClaimAction.CLAIM, attempt=1, expires_at=NOW.replace(microsecond=0)
)
BEFORE = NOW - timedelta(seconds=1)

any_link = st.builds(
    Link,
    lead_id=st.text("0123456789ABCDEFGHJKMNPQRSTVWXYZ", min_size=26, max_size=26),
    recipient=st.builds("{}-{}".format, st.sampled_from(["staff", "fallback"]), st.integers(1, 50)),
    action=st.sampled_from([None, *OF_LINKS]),
    attempt=st.integers(1, 10_000),
    expires_at=st.datetimes(datetime(2026, 1, 1), datetime(2100, 1, 1)).map(  # noqa: DTZ001 - in UTC below
        lambda moment: moment.replace(microsecond=0, tzinfo=UTC)
    ),
)
