"""`make requests-csv`: all requests of a month in one CSV file, also where the desk would need many files.

It reads some requests at a time, writes the audit's entry about them, and only then adds them to the file.
"""

import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import batched
from pathlib import Path
from typing import Final

from desk.report_page import CSV_ACTION
from desk.requests_csv import read_requests, requests_csv
from shared.leads.clinic import Clinic
from shared.leads.event import OPERATOR
from shared.leads.month import Month
from shared.leads.progress import StoredLead
from shared.store.audit import Audit, AuditError
from shared.store.leads import Leads
from shared.store.report_index import ReportIndex
from tools.operate.people import Say, writing
from tools.operate.stack import OperateError

AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """What the command reads, and the audit that it writes."""

    index: ReportIndex
    leads: Leads
    audit: Audit
    clinic: Clinic


@writing()
def write_requests(
    stores: Stores, month: str, folder: Path, say: Say, now: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> str:
    """Write the requests of a month into a file, and return where it is. Raises OperateError and botocore's errors.

    Nothing is left in the folder if it fails.
    """
    wanted = Month.parse(month)
    if wanted is None:
        raise OperateError("Name a month: make requests-csv MONTH=2026-11")
    listed = [each.lead_id for each in stores.index.listed(wanted, stores.clinic.hours.zone)]
    if not listed:
        raise OperateError(f"No request of {wanted.name} is stored.")
    path, done, written, unread = folder / f"requests-{wanted}.csv", 0, 0, 0
    handle, begun = tempfile.mkstemp(dir=folder, prefix=".requests-", suffix=".csv")  # only this user may read it
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(requests_csv((), stores.clinic))
            for some in batched(listed, AT_ONCE):  # noqa: B911 - the last ones may be fewer
                requests, failed = read_requests(stores.leads.read, some)
                _note(stores.audit, wanted, requests, now())
                file.write(requests_csv(requests, stores.clinic, heading=False))
                done, written, unread = done + len(some), written + len(requests), unread + failed
                say(f"{done:,} of {len(listed):,} requests")
        Path(begun).replace(path)
    finally:
        Path(begun).unlink(missing_ok=True)
    missing = f" {unread:,} could not be read: the lines above name them." if unread else ""
    return (
        f"Wrote {written:,} requests to {path}.{missing} Only your user may read it. It has names and contact details:"
        " keep it safe, and delete it afterwards."
    )


def _note(audit: Audit, month: Month, requests: Sequence[StoredLead], now: datetime) -> None:
    ids = [each.lead.id for each in requests]
    try:
        audit.write(now, actor=OPERATOR, email="", action=CSV_ACTION, lead_ids=ids, details={"month": str(month)})
    except AuditError as error:
        raise OperateError(
            f"The audit could not be written ({error.reason}), so nothing was exported. Try again."
        ) from None
