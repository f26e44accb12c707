"""A metric belongs to one service, so one alarm and one line of the dashboard cover all of it."""

from itertools import combinations

import pytest

from tests.architecture.emitted_metrics import ALERTS, emitted_by, services
from tests.architecture.templates import FUNCTIONS


def test_no_function_has_the_name_under_which_alerts_are_counted() -> None:
    assert not (FUNCTIONS / ALERTS).exists()


@pytest.mark.parametrize(("one", "other"), [*combinations(sorted(services()), 2)])
def test_no_metric_is_of_two_services(one: str, other: str) -> None:
    both = emitted_by(one) & emitted_by(other)
    assert not both, (
        f"count {sorted(both)} of {one} and {other} with alert_metrics in functions/shared/runtime/telemetry.py"
    )


def test_outcomes_of_alerts_are_counted_under_alerts() -> None:
    outcomes = {f"Alerts{word}" for word in ("Accepted", "Deferred", "Undeliverable", "Waiting", "Refused", "Blocked")}
    others = {"RequestsQuarantined", "LeadsRearmed", "ConfirmationsSent", "ConfirmationsFailed", "UndeliverableLeads"}
    assert emitted_by(ALERTS) >= outcomes | others
