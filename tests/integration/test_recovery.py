"""Nothing is lost. With the stream off, the sweep alerts. While SES refuses, the lead waits."""

from collections.abc import Iterator

import pytest

from tests.deployed import Deployed, eventually, submission


@pytest.fixture
def no_stream(deployed: Deployed) -> Iterator[None]:
    """The stream's function is disabled, as an operator would do it, and enabled afterwards."""
    mappings = deployed.lambdas.list_event_source_mappings(FunctionName=f"{deployed.stack.name}-notify")
    (mapping,) = mappings["EventSourceMappings"]
    deployed.lambdas.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    yield
    deployed.lambdas.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)


@pytest.fixture
def sandbox(deployed: Deployed) -> Iterator[None]:
    """SES refuses every recipient until the test takes it out of the sandbox."""
    deployed.set_sandbox(on=True)
    yield
    deployed.set_sandbox(on=False)


@pytest.mark.usefixtures("no_stream")
def test_with_the_stream_off_the_scheduled_sweep_sends_the_alert(deployed: Deployed) -> None:
    reference = deployed.post_json(submission()).document["reference"]

    # Only the schedule runs the sweep: 60 seconds of grace, the next full minute, and two minutes on top.
    deployed.the_alert(reference, within=60 + 60 + 120)
    assert deployed.timeline(reference) == ["alert_accepted"]


@pytest.mark.usefixtures("sandbox")
def test_while_ses_refuses_a_lead_stays_on_the_agenda_and_is_alerted_later(deployed: Deployed) -> None:
    reference = deployed.post_json(submission()).document["reference"]
    refused = eventually(
        lambda: deployed.lead(reference), within=20, wanted=lambda lead: lead.get("alert_refusals") == {"N": "3"}
    )
    assert refused["alert_state"] == {"S": "pending"}
    assert "agenda_at" in refused

    deployed.make_due(reference)
    deployed.sweep()
    assert deployed.emails(reference) == []
    assert deployed.lead(reference)["alert_state"] == {"S": "pending"}

    deployed.set_sandbox(on=False)
    deployed.make_due(reference)
    deployed.sweep()

    deployed.the_alert(reference)
    assert deployed.lead(reference)["alert_state"] == {"S": "accepted"}
    assert deployed.timeline(reference) == ["alert_deferred", "alert_deferred", "alert_accepted"]
