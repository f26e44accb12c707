"""Finds leads that the stream did not deliver, or that came before an operator set the receiver's address."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Final, Protocol

from shared.leads.agenda import Lane, partitions
from shared.store.leads import AgendaEntry
from webhook.problems import stopping_no_other
from webhook.tell import Teller

# The agenda of the alerts has each lead that waits for staff, with the next time at which somebody is emailed.
_LANES: Final = (Lane.URGENT, Lane.URGENT_SUMMARY, Lane.ORDINARY, Lane.SUMMARY)
_EVER: Final = datetime(9999, 12, 31, tzinfo=UTC)
# Entries of each partition that a run looks at, and leads that a process remembers.
_MOST_ENTRIES: Final = 1000
_MOST_KNOWN: Final = 20_000


class Agenda(Protocol):
    """The agenda."""

    def __call__(self, partition: str, until: datetime) -> Iterator[AgendaEntry]:
        """Yield what is due in a partition by a time, in order."""


class Missed:
    """Remembers which leads have an item, so that each process reads it once."""

    def __init__(self, agenda: Agenda, teller: Teller) -> None:
        self._agenda = agenda
        self._teller = teller
        self._known = set[str]()

    def note(self, has_time: Callable[[], bool]) -> None:
        """Note what has to be told about each lead that waits for staff and was never looked at, while there is time.

        A lead that raises an error does not stop the others. Raises botocore's errors.
        """
        if len(self._known) > _MOST_KNOWN:
            self._known.clear()
        for partition in (each for lane in _LANES for each in partitions(lane)):
            for entry in islice(self._agenda(partition, _EVER), _MOST_ENTRIES):
                if entry.lead_id in self._known:
                    continue
                if not has_time():
                    return
                with stopping_no_other(entry.lead_id):
                    if not self._teller.knows(entry.lead_id):
                        self._teller.look(entry.lead_id)
                    self._known.add(entry.lead_id)
