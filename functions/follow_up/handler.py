"""Lambda entry point: one sweep of the agenda each minute, or a job that an operator starts."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from follow_up.backfill import Backfill, UpToDate
from follow_up.day_use import day_use_note
from follow_up.digest.send import digester
from follow_up.hand_back import HandBack
from follow_up.owner_report.send import owner_reports
from follow_up.rearm import Rearmer
from follow_up.run import run
from follow_up.settings import FollowUpSettings
from follow_up.summary.send import summaries
from follow_up.sweep import report_undeliverable
from shared.messages.send import seconds_to_spare
from shared.messages.wiring import alert_sender
from shared.runtime.settings import read_settings
from shared.runtime.telemetry import entry_point, logger
from shared.runtime.trigger import starts_a_run
from shared.services.clients import dynamodb
from shared.services.keys import stack_keys
from shared.store.worklist import WorkIndex

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

_settings = read_settings(FollowUpSettings)
_sender = alert_sender(_settings)
_digester = digester(_settings, _sender)
_summaries = summaries(_settings, _sender)
_day_use = day_use_note(_settings)
_owner_reports = owner_reports(_settings)
_worklists = WorkIndex(dynamodb(), _settings.table_name)
_rearmer = Rearmer(leads=_sender.leads, listed=_worklists.listed, now=lambda: datetime.now(UTC))
_hand_back = HandBack(leads=_sender.leads, rules=_sender.rules, now=lambda: datetime.now(UTC))
_backfill = Backfill(
    leads=_sender.leads,
    index=_worklists,
    is_up_to_date=UpToDate(dynamodb(), _settings.table_name),
    key=stack_keys(_settings.stack_secret_arn, _settings.people_secret_arn).for_people,
)


@entry_point
def handler(event: dict[str, Any], context: "LambdaContext") -> dict[str, object]:
    """Handle what is due, and return the number of entries handled. An operator's command sends a job instead.

    A release names one request, by its reference or its id. A hand-back names one and its owner. A backfill says where
    the one before it stopped.
    """
    match event:
        case {"job": "redrive"}:
            return {"rearmed": _rearmer.redrive()}
        case {"job": "release", "reference": str(reference)}:
            return _rearmer.release(reference).for_operator()
        case {"job": "hand_back", "lead_id": str(lead_id), "address": str(address)}:
            return {"handed_back": _hand_back.run(lead_id, address)}
        case {"job": "backfill"}:
            return _backfill.run(
                event.get("after"), lambda: context.get_remaining_time_in_millis() / 1000
            ).for_operator()
    if not starts_a_run(event):
        logger.info("event ignored")
        return {}
    time_left = seconds_to_spare(context.get_remaining_time_in_millis)
    looked_at = run(_sender, _digester, _summaries, _day_use, time_left)
    report_undeliverable(_worklists.count)
    if time_left() > 0:
        _owner_reports.try_to_send()
    return {"looked_at": looked_at}
