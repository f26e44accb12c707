"""Lambda entry point: the public API."""

from submit import start

# isort: split
from typing import TYPE_CHECKING, Any

from shared.leads.clinic import Help
from shared.leads.identity import LeadIds
from shared.runtime.files import clinic
from shared.runtime.settings import read_settings
from shared.runtime.telemetry import entry_point, logger
from shared.web.http import is_request
from submit.http import http_request
from submit.routes import Submit
from submit.settings import SubmitSettings
from submit.store import intake

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

_settings = read_settings(SubmitSettings)
_submit = Submit(
    store=intake(_settings),
    clinic=clinic(),
    ids=LeadIds(_settings.id_key.get_secret_value()),
    help=Help(clinic_phone=_settings.clinic_phone),
    allowed_origins=_settings.allowed_origins,
    thank_you_pages=_settings.thank_you_pages,
)


@entry_point
def handler(event: dict[str, Any], context: "LambdaContext") -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    """Answer one request. Any other event is ignored."""
    if not is_request(event, "resource"):
        logger.info("event ignored")
        return {}
    return _submit.answer(http_request(event)).to_proxy()


start.over()
