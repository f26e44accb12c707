"""Lambda entry point: the pages behind the links in mails to staff."""

from typing import TYPE_CHECKING, Any

from aws.clients import dynamodb
from aws.http import parse_request
from aws.keys import stack_keys
from aws.runtime.files import clinic
from aws.runtime.settings import read_settings
from aws.runtime.telemetry import entry_point
from aws.table import LeadTable
from claim.claim import Claim
from claim.settings import ClaimSettings

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

_settings = read_settings(ClaimSettings)
_claim = Claim(
    table=LeadTable(dynamodb(), _settings.table_name),
    keys=stack_keys(_settings.stack_secret_arn),
    clinic=clinic(),
    team=_settings.team,
)


@entry_point
def handler(event: dict[str, Any], context: "LambdaContext") -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    """Answer one request."""
    return _claim.answer(parse_request(event)).to_proxy()
