"""Puts the function together."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

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
from erase.strays import Strays
from erase.tombstones import Tombstones
from shared.records.finding import Records
from shared.services.clients import dynamodb, ses
from shared.services.keys import Keys
from shared.services.secret import stored_secret
from shared.services.suppression import SuppressionList
from shared.store.audit import Audit
from shared.store.desk_index import DeskIndex
from shared.store.erasures import Erasures
from shared.store.leads import Leads
from shared.store.people import People
from shared.store.timeline import Timeline

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sesv2 import SESV2Client

# The secret never changes.
_MAX_AGE: Final = 86_400


@dataclass(frozen=True, kw_only=True)
class Aws:
    """The clients that the function uses, and the names of its tables. Tests replace them."""

    leads: "DynamoDBClient"
    audit: "DynamoDBClient"
    ses: "SESV2Client"
    table: str
    audit_table: str


@dataclass(frozen=True, kw_only=True)
class Wired:
    """The parts that the handler calls."""

    eraser: Eraser
    jobs: Jobs


def wired(settings: EraseSettings) -> Wired:
    """Return the function's parts."""
    aws = Aws(
        leads=dynamodb(),
        audit=dynamodb(),
        ses=ses(),
        table=settings.table_name,
        audit_table=settings.audit_table,
    )
    # The function needs no other key, so it cannot read the secret of the links.
    keys = Keys(stored_secret(settings.people_secret_arn, max_age=_MAX_AGE).read)
    return put_together(aws, keys.for_people, lambda: datetime.now(UTC))


def put_together(aws: Aws, people_key: Callable[[], bytes], now: Callable[[], datetime]) -> Wired:
    """Return the function's parts on these clients."""
    items, remains = LeadItems(aws.leads, aws.table), Remains(aws.leads, aws.table)
    erasures = Erasures(aws.leads, aws.table, now)
    tombstones, audit = Tombstones(aws.audit, aws.audit_table), Audit(aws.audit, aws.audit_table)
    scan = Scan(client=aws.leads, table=aws.table, remains=remains)
    suppression = SuppressionList(aws.ses)
    leads, people = Leads(aws.leads, aws.table, now), People(aws.leads, aws.table, now)
    records = Records(
        client=aws.leads,
        table_name=aws.table,
        leads=leads,
        people=people,
        timeline=Timeline(aws.leads, aws.table, now),
        audit=audit,
        people_key=people_key,
        by_reference=DeskIndex(aws.leads, aws.table).by_reference,
    )
    look = Look(
        items=items,
        remains=remains,
        tombstones=tombstones,
        suppression=suppression,
        of_address=lambda address: people.by_contact(address, people_key()),
        now=now,
    )
    second_look = SecondLook(look=look, scan=scan, erasures=erasures, audit=audit, now=now)
    return Wired(
        eraser=Eraser(erasures=erasures, look=look, second_look=second_look, now=now),
        jobs=Jobs(
            leads=leads,
            records=records,
            erasures=erasures,
            replay=Replay(
                tombstones=tombstones, items=items, erasures=erasures, audit=audit, people_key=people_key, now=now
            ),
            check=Check(scan=scan, leads=leads, strays=Strays(items=items, remains=remains), now=now),
            audit=audit,
            people_key=people_key,
            now=now,
        ),
    )
