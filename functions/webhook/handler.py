"""Lambda entry point: a batch of changed leads, the run of each minute, or an operator's trial."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from shared.runtime.files import clinic
from shared.runtime.settings import environment, read_settings
from shared.runtime.stream_records import records_of
from shared.runtime.telemetry import entry_point
from shared.runtime.trigger import starts_a_run
from shared.services.clients import dynamodb
from shared.services.secret import stored_secret
from shared.store.leads import Leads
from webhook.batch import look_at_each
from webhook.line import Receiver
from webhook.missed import Missed
from webhook.post import post
from webhook.run import run
from webhook.settings import WebhookSettings
from webhook.store import ReceiversHealth, Tellings
from webhook.tell import Teller
from webhook.trial import trial

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

# Seconds. After an operator sets another address or key, every process uses it within this time.
_MAX_AGE: Final = 300


def _now() -> datetime:
    return datetime.now(UTC)


def _renew() -> None:
    _address.renew()
    _key.renew()


_settings = read_settings(WebhookSettings)
_address = stored_secret(_settings.webhook_address_arn, max_age=_MAX_AGE)
_key = stored_secret(_settings.webhook_key_arn, max_age=_MAX_AGE)
_leads = Leads(dynamodb(), _settings.table_name)
_teller = Teller(leads=_leads, items=Tellings(dynamodb(), _settings.table_name), clinic=clinic(), now=_now)
_missed = Missed(_leads.agenda, _teller)
_receiver = Receiver(
    read_address=_address.read,
    read_key=_key.read,
    renew=_renew,
    public_url=_settings.public_url,
    local="AWS_ENDPOINT_URL" in environment(),
    post=post,
    item=ReceiversHealth(dynamodb(), _settings.table_name),
    now=_now,
)


@entry_point
def handler(event: dict[str, Any], context: "LambdaContext") -> dict[str, Any]:
    """Tell the receiver what happened. Return the records that Lambda must retry, or what a run or a trial did."""
    match event:
        case {"job": "test"}:
            return trial(_receiver)
    if starts_a_run(event):
        return {
            "looked_at": run(
                _leads.agenda,
                _teller,
                _missed,
                _receiver,
                lambda: context.get_remaining_time_in_millis() / 1000,
            )
        }
    return {**look_at_each(records_of(event), _teller, _receiver)}
