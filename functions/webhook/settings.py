"""Settings of the webhook."""

from typing import Annotated

from pydantic import Field

from shared.runtime.settings import Settings, Url

type _Arn = Annotated[str, Field(min_length=1)]


class WebhookSettings(Settings):
    """The secrets' ARNs are useless without the function's role: nobody reads an address or a key in its settings."""

    public_url: Url
    webhook_address_arn: _Arn
    webhook_key_arn: _Arn
