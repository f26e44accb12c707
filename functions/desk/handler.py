"""Lambda entry point: the staff desk."""

from typing import TYPE_CHECKING, Any

import urllib3

from desk.accounts import Accounts
from desk.app import App
from desk.attempts import Attempts
from desk.desk import Desk
from desk.door import Door
from desk.routes import routes
from desk.sessions import Sessions
from desk.settings import DeskSettings
from desk.sign_in import SignIn
from desk.tokens import Tokens
from shared.leads.decisions import Rules
from shared.records.finding import Records
from shared.runtime.files import clinic
from shared.runtime.settings import read_settings
from shared.runtime.telemetry import entry_point, logger
from shared.services.clients import cognito, dynamodb, dynamodb_in_bulk
from shared.services.keys import stack_keys
from shared.services.user_pool import UserPool
from shared.store.audit import Audit
from shared.store.desk_index import DeskIndex
from shared.store.erasures import Erasures
from shared.store.leads import Leads
from shared.store.people import People
from shared.store.report_index import ReportIndex
from shared.store.timeline import Timeline
from shared.web.http import is_request

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

_settings = read_settings(DeskSettings)
_http = urllib3.PoolManager()
_pool = UserPool(cognito(), _settings.user_pool_id)
_keys = stack_keys(_settings.stack_secret_arn, _settings.people_secret_arn)
_audit = Audit(dynamodb(), _settings.audit_table)
_leads = Leads(dynamodb(), _settings.table_name)
_index = DeskIndex(dynamodb(), _settings.table_name)
_timeline = Timeline(dynamodb(), _settings.table_name)
_people = People(dynamodb(), _settings.table_name)
_app = App(
    routes=routes(
        Desk(
            rules=Rules(clinic=clinic(), team=_settings.team),
            leads=_leads,
            index=_index,
            timeline=_timeline,
            people=_people,
            keys=_keys,
            audit=_audit,
            records=Records(
                client=dynamodb(),
                table_name=_settings.table_name,
                leads=_leads,
                people=_people,
                timeline=_timeline,
                audit=_audit,
                people_key=_keys.for_people,
                by_reference=_index.by_reference,
            ),
            erasures=Erasures(dynamodb(), _settings.table_name),
            report=ReportIndex(dynamodb_in_bulk, _settings.table_name),
            addresses=_settings.addresses,
            colleagues=_pool.colleagues,
        )
    ),
    accounts=Accounts(
        door=Door(Sessions(dynamodb(), _settings.sessions_table), _pool),
        sign_in=SignIn(
            url=_settings.sign_in_url,
            client=_pool.desk,
            tokens=Tokens(issuer=_pool.issuer, keys_url=_pool.keys_url, http=_http),
            http=_http,
        ),
        attempts=Attempts(_keys.for_sign_ins),
        audit=_audit,
    ),
    audit=_audit,
    clinic=clinic(),
    public_url=_settings.public_url,
).resolver()


@entry_point
def handler(event: dict[str, Any], context: "LambdaContext") -> dict[str, Any]:
    """Handle one HTTP request. Any other event is ignored."""
    if not is_request(event, "path"):
        logger.info("event ignored")
        return {}
    return _app.resolve(event, context)
