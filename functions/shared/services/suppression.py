"""SES's suppression list of the account: addresses that once bounced or complained."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from shared.runtime.telemetry import logger, sanitized

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client


class SuppressionList:
    """The list. Nothing else of SES keeps an address."""

    def __init__(self, client: "SESV2Client") -> None:
        self._client = client

    def forget(self, addresses: Iterable[str]) -> bool:
        """Remove addresses from the list, and return whether none of them is on it now. Never raises AWS's errors."""
        forgotten = [self._forget(address) for address in addresses]  # every one is tried
        return all(forgotten)

    def _forget(self, address: str) -> bool:
        try:
            self._client.delete_suppressed_destination(EmailAddress=address)
        except self._client.exceptions.NotFoundException:
            return True
        except (ClientError, BotoCoreError) as error:
            logger.error("suppression list out of reach", extra={"error": str(sanitized(error))})
            return False
        return True
