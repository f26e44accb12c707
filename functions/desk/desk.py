"""What the answers of the desk work with. handler.py makes it once per process; tests make it with fakes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from shared.leads.decisions import Rules
from shared.leads.person import Person
from shared.records.finding import Records
from shared.services.keys import Keys
from shared.store.audit import Audit
from shared.store.desk_index import DeskIndex
from shared.store.erasures import Erasures
from shared.store.leads import Leads
from shared.store.people import People
from shared.store.report_index import ReportIndex
from shared.store.timeline import Timeline


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The stores and the rules. `colleagues` returns everybody who may sign in, oneself included.

    `addresses` are those of the recipients, by id.
    """

    rules: Rules
    leads: Leads
    index: DeskIndex
    timeline: Timeline
    people: People
    keys: Keys
    audit: Audit
    records: Records
    erasures: Erasures
    report: ReportIndex
    addresses: Mapping[str, str]
    colleagues: Callable[[], tuple[Person, ...]]
