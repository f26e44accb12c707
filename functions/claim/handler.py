"""Lambda entry point: the pages behind the links in emails to staff."""

from typing import TYPE_CHECKING, Any

from claim.claim import Claim
from claim.routes import routes
from claim.settings import ClaimSettings
from claim.together import Together
from shared.leads.decisions import Rules
from shared.runtime.files import clinic
from shared.runtime.settings import read_settings
from shared.runtime.telemetry import entry_point, logger
from shared.services.clients import dynamodb
from shared.services.keys import stack_keys
from shared.store.leads import Leads
from shared.store.people import People
from shared.web.http import is_request

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

_settings = read_settings(ClaimSettings)
_leads = Leads(dynamodb(), _settings.table_name)
_app = routes(
    Claim(
        leads=_leads,
        keys=stack_keys(_settings.stack_secret_arn, _settings.people_secret_arn),
        rules=Rules(clinic=clinic(), team=_settings.team),
        together=Together(leads=_leads, people=People(dynamodb(), _settings.table_name)),
    ),
    _settings.addresses,
)


@entry_point
def handler(event: dict[str, Any], context: "LambdaContext") -> dict[str, Any]:
    """Handle one HTTP request. Any other event is ignored."""
    if not is_request(event, "path"):
        logger.info("event ignored")
        return {}
    return _app.resolve(event, context)
