"""Builds the store where `submit` puts leads, from the settings and the environment."""

from functools import cache
from typing import TYPE_CHECKING

from shared.runtime.settings import environment
from shared.services import endpoint
from shared.store.first_try import FirstTry
from shared.store.intake import Intake
from submit.settings import SubmitSettings

if TYPE_CHECKING:
    from shared.store.intake_sdk import SdkIntake


def intake(settings: SubmitSettings) -> Intake:
    """Return the store for new leads. Nothing is connected or loaded yet."""

    @cache
    def sdk() -> "SdkIntake":
        # Imported here because almost no process ever needs the SDK.
        from shared.services.intake_client import intake_client  # noqa: PLC0415
        from shared.store.intake_sdk import SdkIntake  # noqa: PLC0415

        return SdkIntake(intake_client(), settings.table_name)

    url, signs = endpoint.dynamodb_url(environment()), endpoint.signer(environment())
    trusted = endpoint.trusted_certificates(environment(), otherwise=settings.amazon_roots)
    first_try = (
        FirstTry(url, signs, table_name=settings.table_name, trusted_certificates=trusted) if url and signs else None
    )
    return Intake(first_try, sdk)
