"""An erasure: the order to erase requests of one person, and its progress."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from shared.leads.audit_chain import KEPT as AUDIT_KEPT
from shared.leads.identity import IN_REFERENCE, id_prefix
from shared.leads.lead import Lead

# SES's last reports and a sender that was at work may still write about the person. Lambda retries an event for up to
# six hours, so what they wrote is there by then.
SECOND_LOOK: Final = timedelta(hours=6)
# As long as the audit, which says who ordered it.
KEPT: Final = AUDIT_KEPT
# A shorter text, or a single word, is in many other requests too. Finding it proves nothing.
_FEWEST_CHARACTERS: Final = 12
_FEWEST_WORDS: Final = 2
# Characters of a text that identify it. A later copy of it may be cut off.
_BEGINNING: Final = 120
# DynamoDB takes items of 400 KB. The ids and digests of an order need the rest.
_MOST_BYTES: Final = 250_000


class HeldError(Exception):
    """Some of the requests are under legal hold, so nothing was ordered."""

    def __init__(self, references: Sequence[str]) -> None:
        super().__init__()
        self.references = tuple(references)


class ErasureState(StrEnum):
    """The progress of an erasure."""

    ORDERED = "ordered"
    LOOKING_AGAIN = "looking_again"  # erased; the second look and the proof come later
    PROVEN = "proven"
    LEFT_ALONE = "left_alone"  # every lead was under legal hold, so nothing was erased: ordered in vain


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """The order to erase some leads of a person. All times are aware, in UTC.

    `traces` is personal data, which the proof needs: it is removed with `person_keys` once the order has ended.
    """

    id: str  # sorts by time; digits, letters and hyphens
    ordered_at: datetime
    ordered_by: str  # a person's id or "operator"
    by_email: str | None = None
    lead_ids: tuple[str, ...]
    references: tuple[str, ...]
    state: ErasureState = ErasureState.ORDERED
    due_at: datetime | None  # None once it has ended: it is proven, or left everything alone
    traces: tuple[str, ...] = ()  # addresses, numbers, names and messages to look for
    person_keys: frozenset[str] = frozenset()  # the digests of the person in the table
    erased_at: datetime | None = None
    proven_at: datetime | None = None
    held: tuple[str, ...] = ()  # leads that were left alone, because of a legal hold
    problems: tuple[str, ...] = ()  # what was still found, in words without personal data
    found_elsewhere: int = 0  # items of other requests with the same data, which this order does not cover

    @property
    def covered(self) -> tuple[str, ...]:
        """The leads that it erases: all but those under legal hold."""
        return tuple(lead_id for lead_id in self.lead_ids if lead_id not in self.held)

    @property
    def covered_references(self) -> tuple[str, ...]:
        """The references of the leads that it erases. Staff delete the emails about these."""
        covered = {lead_id[:IN_REFERENCE] for lead_id in self.covered}
        stay = {lead_id[:IN_REFERENCE] for lead_id in self.held} - covered
        return tuple(each for each in self.references if id_prefix(each) not in stay)


def traces_of(leads: Sequence[Lead]) -> tuple[str, ...]:
    """Return the texts by which a full scan recognizes the person: their contact details, names and longer texts.

    Of a long text, its beginning is enough. Of very many requests, the texts of the last ones are left out, so that the
    order fits into one item.
    """
    details = [text for lead in leads for text in (lead.email, lead.phone) if text]
    written = [
        text[:_BEGINNING]
        for lead in leads
        for text in (lead.name, lead.call_me, lead.message, *(value for _, value in lead.also_sent), *_own(lead))
        if text and _is_telling(text)
    ]
    found, size = dict[str, None](), 0
    for text in (*details, *written):
        size += len(text.encode())
        if size > _MOST_BYTES:
            break
        found[text] = None
    return tuple(found)


def _own(lead: Lead) -> Iterator[str]:
    return (answer for answer in lead.own_answers.values() if isinstance(answer, str))


def _is_telling(text: str) -> bool:
    return len(text) >= _FEWEST_CHARACTERS and len(text.split()) >= _FEWEST_WORDS
