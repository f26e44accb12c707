"""The composition root of the functions that send emails about leads."""

from datetime import UTC, datetime

from shared.leads.clinic import Help
from shared.leads.decisions import Rules
from shared.leads.lead import Lead
from shared.leads.link import Links, links
from shared.messages.budget import Budget, remembered
from shared.messages.confirm import Confirmations
from shared.messages.screen import SpamScreen
from shared.messages.send import AlertSender
from shared.messages.settings import AlertSettings
from shared.messages.side_items import SideItems
from shared.runtime.files import clinic
from shared.runtime.telemetry import logger
from shared.services.clients import dynamodb, ses
from shared.services.keys import KeysUnavailableError, stack_keys
from shared.services.mailer import SesMailer
from shared.services.turnstile import turnstile
from shared.store.canary_registry import CanaryRegistry
from shared.store.confirmation_tally import ConfirmationTally
from shared.store.confirmations import ConfirmationBook
from shared.store.day_use import DayUses
from shared.store.email_counts import EmailCounts
from shared.store.leads import Leads
from shared.store.people import People
from shared.store.repeats import Repeats
from shared.store.urgent_senders import UrgentSenders


def mailer(settings: AlertSettings) -> SesMailer:
    """Return the mailer that `settings` describe."""
    return SesMailer(
        ses(),
        sender_name=clinic().name,
        sender_address=settings.sender_address,
        configuration_set=settings.configuration_set,
    )


def alert_sender(settings: AlertSettings) -> AlertSender:
    """Return the sender that `settings` describe.

    `SideItems` and the `except` blocks handle a stack secret that cannot be read. Emails to staff then go out without
    links and without a line about earlier requests. The visitor's confirmation is not sent.
    """
    client = dynamodb()
    leads = Leads(client, settings.table_name)
    repeats = Repeats(client, settings.table_name)
    keys = stack_keys(settings.stack_secret_arn, settings.people_secret_arn)
    side_items = SideItems(
        people=People(client, settings.table_name),
        repeats=repeats,
        key=keys.for_people,
    )
    ses_mailer = mailer(settings)
    confirmations = Confirmations(
        book=ConfirmationBook(client, settings.table_name, leads),
        tally=ConfirmationTally(client, settings.table_name),
        mailer=ses_mailer,
        clinic=clinic(),
        help=Help(clinic_phone=settings.clinic_phone),
        enabled=settings.visitor_confirmation,
    )
    turnstile_arn = settings.turnstile_secret_arn

    def links_for(lead_id: str, recipient: str, attempt: int) -> Links | None:
        try:
            return links(settings.public_url, lead_id, recipient, attempt, keys.for_links(), datetime.now(UTC))
        except KeysUnavailableError as error:
            logger.error("no links, key unavailable", extra={"lead_id": lead_id, "reason": error.reason})
            return None

    budget = Budget(
        limits=clinic().email,
        counts=EmailCounts(client, settings.table_name),
        urgent_senders=UrgentSenders(client, settings.table_name),
        day_use=remembered(DayUses(client, settings.table_name).read),
        key=keys.for_people,
    )

    def confirm(lead: Lead) -> None:
        if not budget.allows_confirmation(lead):
            logger.info("no confirmation, emails kept for staff", extra={"lead_id": lead.id})
            return
        try:
            confirmations.send(lead, keys.for_people())
        except KeysUnavailableError as error:
            logger.error("no confirmation, key unavailable", extra={"lead_id": lead.id, "reason": error.reason})

    return AlertSender(
        leads=leads,
        screen=SpamScreen(
            repeats=repeats,
            verifier=turnstile(turnstile_arn, settings.turnstile_verify_url) if turnstile_arn else None,
        ),
        mailer=ses_mailer,
        rules=Rules(clinic=clinic(), team=settings.team),
        addresses=settings.addresses,
        detail=settings.alert_detail,
        is_canary=CanaryRegistry(client, settings.table_name).is_registered,
        history=side_items.history,
        person_keys=side_items.person_keys,
        record=side_items.record,
        links=links_for,
        public_url=settings.public_url,
        confirm=confirm,
        budget=budget,
    )
