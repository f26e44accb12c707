"""Rules for every unit test: no network, no AWS account, no metrics from the test before."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings
from pytest_socket import disable_socket, enable_socket

# Powertools reads these when shared.runtime.telemetry is imported, which is before any fixture.
os.environ.setdefault("POWERTOOLS_SERVICE_NAME", "unit-tests")
os.environ.setdefault("POWERTOOLS_METRICS_NAMESPACE", "unit-tests")

settings.register_profile("dev", deadline=None, max_examples=50, print_blob=True)
settings.register_profile("ci", settings.get_profile("dev"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "dev")


@pytest.fixture(autouse=True)
def _no_sockets(request: pytest.FixtureRequest) -> Iterator[None]:
    if request.node.get_closest_marker("enable_socket"):
        yield
        return
    disable_socket(allow_unix_socket=True)
    yield
    enable_socket()


@pytest.fixture(autouse=True)
def _made_up_account(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "made-up")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "made-up")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture(autouse=True)
def _fresh_telemetry() -> Iterator[None]:
    from shared.runtime.telemetry import alert_metrics, logger, metrics  # noqa: PLC0415 - a test here may not need it

    for each in (metrics, alert_metrics):
        each.clear_metrics()
    yield
    for each in (metrics, alert_metrics):
        each.clear_metrics()
    logger.remove_keys(
        ["lead_id", "reference", "recipient", "action", "attempt"]
    )  # as the entry point does at each invocation
