"""Operators find the facts of the first two days where they look for them."""

from pathlib import Path

import pytest

from tests.architecture.templates import read_templates

ROOT = Path(__file__).parents[2]
OPERATIONS = ROOT / "docs" / "operations"


def test_the_parameter_says_how_long_the_alarm_link_works() -> None:
    asked = read_templates().main["Parameters"]["OpsEmail"]["Description"]
    assert "48 hours" in asked
    assert "no alarm" in asked


@pytest.mark.parametrize("page", [OPERATIONS / "alarm-emails.md", ROOT / "docs" / "deploy.md"])
def test_the_page_says_how_long_the_alarm_link_works(page: Path) -> None:
    assert "48 hours" in page.read_text("utf-8")


def test_the_confirmation_is_one_that_an_unsubscribe_link_cannot_undo() -> None:
    page = (OPERATIONS / "alarm-emails.md").read_text("utf-8")
    assert "--authenticate-on-unsubscribe true" in page


def test_operators_look_for_alarms_that_rang_before_anybody_listened() -> None:
    page = (OPERATIONS / "alarm-emails.md").read_text("utf-8")
    assert "describe-alarms --state-value ALARM" in page


def test_a_sender_that_exists_is_used_and_forwards_no_bounces() -> None:
    page = (OPERATIONS / "sender-identity.md").read_text("utf-8")
    assert "CreateSenderIdentity=no" in page
    assert "--no-email-forwarding-enabled" in page
