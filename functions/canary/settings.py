"""Settings of the canary."""

from shared.runtime.settings import Settings, Url


class CanarySettings(Settings):
    public_url: Url
