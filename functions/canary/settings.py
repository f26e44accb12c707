"""Settings of the canary."""

from aws.runtime.settings import Settings, Url


class CanarySettings(Settings):
    public_url: Url
