"""Lambda entry point: one sweep of the agenda each minute, or a job that an operator starts."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from follow_up.digest.send import digester
from follow_up.rearm import Rearmer
from follow_up.sweep import report_undeliverable, sweep
from shared.messages.send import seconds_to_spare
from shared.messages.settings import AlertSettings
from shared.messages.wiring import alert_sender
from shared.runtime.settings import read_settings
from shared.runtime.telemetry import entry_point, logger
from shared.runtime.trigger import starts_a_run
from shared.services.clients import dynamodb
from shared.store.worklist import WorkIndex

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

_settings = read_settings(AlertSettings)
_sender = alert_sender(_settings)
_digester = digester(_settings, _sender)
_worklists = WorkIndex(dynamodb(), _settings.table_name)
_rearmer = Rearmer(leads=_sender.leads, listed=_worklists.listed, now=lambda: datetime.now(UTC))


@entry_point
def handler(event: dict[str, Any], context: "LambdaContext") -> dict[str, object]:
    """Handle what is due, and return the number of entries handled. `make redrive` and `make release` send a job.

    A release names one request, by its reference or its id.
    """
    match event:
        case {"job": "redrive"}:
            return {"rearmed": _rearmer.redrive()}
        case {"job": "release", "reference": str(reference)}:
            return _rearmer.release(reference).for_operator()
    if not starts_a_run(event):
        logger.info("event ignored")
        return {}
    _digester.ensure()
    looked_at = sweep(_sender, _digester, seconds_to_spare(context.get_remaining_time_in_millis))
    report_undeliverable(_worklists.count)
    return {"looked_at": looked_at}
