"""The second look: the same again six hours later, and then the proof."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from erase.attempt import attempt
from erase.first_look import Look
from erase.prove import Scan, Search
from erase.steps import erased, proven, put_off, unproven
from shared.leads.erasure import Erasure
from shared.runtime.telemetry import logger, metrics
from shared.store.audit import Audit
from shared.store.erasures import Erasures


@dataclass(frozen=True, kw_only=True)
class SecondLook:
    """Looks again at orders, proves them together in one scan, and says so in the audit."""

    look: Look
    scan: Scan
    erasures: Erasures
    audit: Audit
    now: Callable[[], datetime]

    def at(self, due: Sequence[Erasure], goes_on: Callable[[], bool]) -> None:
        """Look again at orders that are due. An order that fails, or has no proof in time, is due again.

        Raises TimeoutError and botocore's errors if the table could not be searched.
        """
        again: list[tuple[Erasure, tuple[str, ...]]] = []
        for erasure in due:
            looked = attempt("second_look", erasure, partial(self._looked_at, erasure)) if goes_on() else None
            again += [looked] if looked else []
        if not again:
            return
        problems = {erasure.id: found for erasure, found in again}
        for search in self.scan.search([erasure for erasure, _ in again], goes_on):
            found = (*search.problems, *problems[search.erasure.id])
            attempt("proof", search.erasure, partial(self._judge, search, found))

    def _looked_at(self, erasure: Erasure) -> tuple[Erasure, tuple[str, ...]] | None:
        """Return an order that was looked at again, with the problems of that. None means that it has to wait."""
        looked = self.look.at(erasure)
        if looked.changed:
            self.erasures.write(put_off(erasure, self.now()))
            return None
        if looked.held != erasure.held:  # a hold ended meanwhile, so that lead was erased only now
            self.erasures.write(erased(erasure, looked.held, self.now()))
            return None
        return erasure, looked.problems

    def _judge(self, search: Search, problems: Sequence[str]) -> None:
        erasure = search.erasure
        if problems:
            metrics.add_metric("ErasuresUnproven", "Count", 1)
            logger.error("erasure not proven", extra={"erasure": erasure.id, "problems": sorted(set(problems))})
            self.erasures.write(unproven(erasure, problems, search.elsewhere, self.now()))
            return
        # The entry comes first: an erasure that counts as proven has one. A crash in between writes two.
        self.audit.write(
            self.now(),
            actor=erasure.ordered_by,
            email=erasure.by_email or "",
            action="erasure_proven",
            lead_ids=erasure.covered,
            details={"erasure": erasure.id},
        )
        self.erasures.write(proven(erasure, search.elsewhere, self.now()))
        metrics.add_metric("ErasuresProven", "Count", 1)
        logger.info("erasure proven", extra={"erasure": erasure.id, "lead_ids": list(erasure.covered)})
