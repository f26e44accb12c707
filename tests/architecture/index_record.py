"""The indexes of the table, by the release that created each.

CloudFormation creates or deletes one index in an update of a table, and never changes what an index contains:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-table.html
Operators may deploy any two releases one after the other, so a release adds at most one index to the one before.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, kw_only=True)
class Index:
    """An index: its hash key and range key, and the attributes that it contains besides keys."""

    key: tuple[str, ...]
    projection: str
    attributes: frozenset[str] = frozenset()


# The release that creates a table may create any number of indexes with it.
FIRST: Final = "0.2.0"
RECORD: Final[Mapping[str, Mapping[str, Index]]] = {
    FIRST: {
        "agenda": Index(
            key=("agenda_shard", "agenda_at"), projection="INCLUDE", attributes=frozenset({"overdue_since"})
        ),
        "worklist": Index(
            key=("worklist", "received_at"),
            projection="INCLUDE",
            attributes=frozenset({"reference", "response", "claimed_by", "claimed_at", "told_at"}),
        ),
    },
    "0.6.1": {"reference": Index(key=("reference",), projection="KEYS_ONLY")},
    "0.7.0": {
        "desk": Index(
            key=("desk_list", "desk_at"),
            projection="INCLUDE",
            attributes=frozenset(
                {
                    *("reference", "received_at", "name", "phone", "email", "preferred_contact", "priority"),
                    *("response", "claimed_by", "owner_address", "outcome", "follow_up_at", "told_at"),
                    *("not_wanted_at", "expires_at"),
                }
            ),
        )
    },
    "0.10.0": {
        "report": Index(
            key=("report_month", "received_at"),
            projection="INCLUDE",
            attributes=frozenset({"report_row", "expires_at"}),
        )
    },
}
