"""The kinds of items in the table (infra/data.yaml lists them), and which of them come back from a copy."""

from enum import Enum, auto
from typing import TYPE_CHECKING, Final

from shared.store.canary_registry import REGISTRATION_SORT_KEY
from shared.store.keys import LEAD_SORT_KEY
from shared.store.report_item import REPORT
from shared.store.timeline import ENTRIES

if TYPE_CHECKING:
    from shared.store.keys import Item

_LEAD: Final = "LEAD#"


class Kind(Enum):
    """What a restore does with an item."""

    LEAD = auto()  # comes back if it is missing, unless it was erased or has expired
    BELONGING = auto()  # comes back if its lead is there
    ROW = auto()  # of the report, outlives its lead: comes back unless its lead was erased or it has expired
    RECORD = auto()  # comes back if it is missing
    PASSING = auto()  # stays away: an old one would be wrong today, and the system makes it again when it needs one
    UNKNOWN = auto()  # stays away, and the report says so


# By the name of the partition, up to its "#".
PARTITIONS: Final = {
    "PERSON#": Kind.BELONGING,
    # Without it, a visitor could get a second confirmation on the same day.
    "CONFIRMED#": Kind.BELONGING,
    # Without it, a bounced confirmation of the last days would not count.
    "CONFIRMATIONS": Kind.RECORD,
    "RECIPIENT#": Kind.RECORD,
    # An order to erase that was not carried out yet is carried out then. One that was is found done, and proven again.
    "ERASURES": Kind.RECORD,
    # Without it, the owner could get the report of a month twice.
    "OWNER": Kind.RECORD,
    "REPEATS#": Kind.PASSING,
    "EMAILS#": Kind.PASSING,
    "EMAILS": Kind.PASSING,
    "URGENT#": Kind.PASSING,
    "SUMMARY#": Kind.PASSING,
    "SUMMARY": Kind.PASSING,
    "DIGEST": Kind.PASSING,
    "WEBHOOK": Kind.PASSING,
}
# In a lead's partition, by the sort key, up to its "#".
IN_A_LEAD: Final = {
    LEAD_SORT_KEY: Kind.LEAD,
    ENTRIES: Kind.BELONGING,
    # Without it, the webhook would tell again what it told.
    "EVENTS#": Kind.BELONGING,
    REPORT: Kind.ROW,
    REGISTRATION_SORT_KEY: Kind.PASSING,  # the canary's
}


def kind_of(item: "Item") -> Kind:
    """Return the kind of an item."""
    pk, sk = str(item["pk"]["S"]), str(item["sk"]["S"])
    kind = IN_A_LEAD.get(_name(sk)) if pk.startswith(_LEAD) else PARTITIONS.get(_name(pk))
    if kind is Kind.BELONGING and not pk.startswith(_LEAD) and "lead_id" not in item:
        return Kind.PASSING  # versions before 0.8.0 had one item for each person. `make backfill` makes the new ones
    return kind or Kind.UNKNOWN


def owner_of(item: "Item") -> str:
    """Return the id of the lead that a lead's own item or a belonging is about."""
    pk = str(item["pk"]["S"])
    return pk.removeprefix(_LEAD) if pk.startswith(_LEAD) else str(item["lead_id"].get("S"))


def ends_with_its_lead(item: "Item") -> bool:
    """Whether an item is in a lead's timeline or links it to its person."""
    return kind_of(item) is Kind.BELONGING and str(item["pk"]["S"]).startswith((_LEAD, "PERSON#"))


def is_of_the_canary(item: "Item") -> bool:
    """Whether an item says that its lead is the canary's."""
    pk, sk = str(item["pk"]["S"]), str(item["sk"]["S"])
    return pk.startswith(_LEAD) and (sk == REGISTRATION_SORT_KEY or (sk == LEAD_SORT_KEY and "synthetic" in item))


def _name(key: str) -> str:
    beginning, mark, _ = key.partition("#")
    return beginning + mark
