"""Puts the function together."""

from dataclasses import dataclass
from datetime import UTC, datetime

from erase.check import Check
from erase.first_look import Look
from erase.jobs import Jobs
from erase.lead_items import LeadItems
from erase.prove import Scan
from erase.remains import Remains
from erase.replay import Replay
from erase.run import Eraser
from erase.second_look import SecondLook
from erase.settings import EraseSettings
from erase.suppression import SuppressionList
from erase.tombstones import Tombstones
from shared.services.clients import dynamodb, ses
from shared.services.keys import people_keys
from shared.store.audit import Audit
from shared.store.erasures import Erasures
from shared.store.leads import Leads


@dataclass(frozen=True, kw_only=True)
class Wired:
    """The parts that the handler calls."""

    eraser: Eraser
    jobs: Jobs


def wired(settings: EraseSettings) -> Wired:
    """Return the function's parts."""
    client, table, key = dynamodb(), settings.table_name, people_keys(settings.people_secret_arn).for_people
    items, remains, erasures = LeadItems(client, table), Remains(client, table), Erasures(client, table)
    tombstones, audit = Tombstones(client, settings.audit_table), Audit(client, settings.audit_table)
    scan = Scan(client=client, table=table, remains=remains)
    look = Look(items=items, remains=remains, tombstones=tombstones, suppression=SuppressionList(ses()), now=_now)
    second_look = SecondLook(look=look, scan=scan, erasures=erasures, audit=audit, now=_now)
    return Wired(
        eraser=Eraser(erasures=erasures, look=look, second_look=second_look, now=_now),
        jobs=Jobs(
            leads=Leads(client, table),
            erasures=erasures,
            replay=Replay(tombstones=tombstones, items=items, erasures=erasures, people_key=key),
            check=Check(scan=scan, now=_now),
            audit=audit,
            people_key=key,
            now=_now,
        ),
    )


def _now() -> datetime:
    return datetime.now(UTC)
