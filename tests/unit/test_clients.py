"""shared.services.clients: timeouts and the number of tries."""

from collections.abc import Callable
from typing import Any

import pytest

from follow_up.sweep import LONGEST_READ_SECONDS
from shared.leads.alert import LEASE
from shared.messages.confirm import PATIENCE
from shared.messages.send import EMAILS_UNTIL, EXTRAS_UNTIL, LONGEST_ALERT_SECONDS, RECORDS_UNTIL
from shared.runtime.together import AT_ONCE
from shared.services import clients, turnstile
from shared.services.intake_client import intake_client
from tests.architecture.templates import read_templates


def config_of(client: Any) -> Any:  # noqa: ANN401 - the stubs know no attribute of a Config
    return client.meta.config


def test_an_email_is_tried_once_because_ses_cannot_detect_repeats() -> None:
    assert config_of(clients.ses()).retries["total_max_attempts"] == 1


@pytest.mark.parametrize("client", [clients.secrets_manager, clients.cognito])
def test_a_secret_or_an_account_is_read_again_because_that_changes_nothing(client: Callable[[], Any]) -> None:
    assert config_of(client()).retries["total_max_attempts"] == 2


@pytest.mark.parametrize("client", [clients.dynamodb, clients.dynamodb_in_bulk, intake_client])
def test_a_write_is_tried_again_because_it_is_conditional(client: Callable[[], Any]) -> None:
    assert config_of(client()).retries["total_max_attempts"] == 3


def test_submit_has_the_time_limits_of_the_others() -> None:
    own, others = config_of(intake_client()), config_of(clients.dynamodb())
    for option in ("connect_timeout", "read_timeout", "retries", "tcp_keepalive", "parameter_validation"):
        assert getattr(own, option) == getattr(others, option)


@pytest.mark.parametrize(
    "client",
    [
        *(clients.cognito, clients.dynamodb, clients.dynamodb_in_bulk),
        *(clients.ses, clients.secrets_manager, clients.sns),
    ],
)
def test_a_process_makes_each_client_once(client: Callable[[], Any]) -> None:
    assert client() is client()


def slowest(client: Any) -> float:  # noqa: ANN401 - the stubs know no common client
    config = config_of(client)
    return float(config.retries["total_max_attempts"] * (config.connect_timeout + config.read_timeout))


def test_the_longest_alert_is_the_sum_of_its_calls_at_their_slowest() -> None:
    table, secret, mail = (slowest(make()) for make in (clients.dynamodb, clients.secrets_manager, clients.ses))
    screening = table + secret + turnstile.TRIES * (turnstile.CONNECT_SECONDS + turnstile.READ_SECONDS)
    history = secret + 2 * table + table  # the person's two items and their first lead
    # Up to four calls for each of the person's two items, and one for the count of repeats.
    record = RECORDS_UNTIL.total_seconds() + secret + 2 * 4 * table + table
    before_the_mails = max(table + screening, EXTRAS_UNTIL.total_seconds() + history)
    with_the_last_mail = EMAILS_UNTIL.total_seconds() + secret + mail
    outcome = 4 * table  # the budget given back, the outcome, and two timeline entries
    # After the tally: the lead is read and marked, the address is noted, the email is counted, sent, and noted with a
    # read, a write and a timeline entry. If the tally itself is slow, nothing of this follows.
    confirmation = EMAILS_UNTIL.total_seconds() + PATIENCE.total_seconds() + 2 * table + 2 * table + mail + 3 * table
    withheld = EMAILS_UNTIL.total_seconds() + 2 * table + 3 * table
    assert max(before_the_mails, with_the_last_mail) + outcome < LONGEST_ALERT_SECONDS
    assert max(confirmation, withheld) < LONGEST_ALERT_SECONDS
    assert record == LONGEST_ALERT_SECONDS


def test_the_longest_page_of_the_agenda_is_one_call() -> None:
    assert slowest(clients.dynamodb()) == LONGEST_READ_SECONDS


def test_each_lead_at_work_has_a_connection() -> None:
    assert all(config_of(make()).max_pool_connections > AT_ONCE for make in (clients.dynamodb, clients.ses))


@pytest.mark.parametrize("name", ["NotifyFunction", "FollowUpFunction"])
def test_the_longest_alert_fits_into_its_function_and_its_lease(name: str) -> None:
    (function,) = [function for function in read_templates().functions() if function.id == name]
    assert function.properties["Timeout"] - 20 > LONGEST_ALERT_SECONDS  # or it would never start a second alert
    assert LEASE.total_seconds() > LONGEST_ALERT_SECONDS
