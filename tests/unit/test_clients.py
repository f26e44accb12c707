"""aws.clients: how long we wait and how often the SDK may try."""

from typing import Any

from aws import clients
from leads.alert import LEASE


def config_of(client: Any) -> Any:  # noqa: ANN401 - the stubs know no attribute of a Config
    return client.meta.config


def test_a_mail_is_tried_once_because_ses_cannot_tell_a_repeat() -> None:
    assert config_of(clients.ses()).retries["total_max_attempts"] == 1


def test_a_write_is_tried_again_because_it_is_conditional() -> None:
    assert config_of(clients.dynamodb()).retries["total_max_attempts"] == 3


def test_one_attempt_at_an_alert_ends_before_its_lease() -> None:
    table, mail = config_of(clients.dynamodb()), config_of(clients.ses())
    calls = 2 * 3 * (table.connect_timeout + table.read_timeout) + mail.connect_timeout + mail.read_timeout
    assert calls < LEASE.total_seconds() / 2
