"""Settings of the canary."""

from shared.runtime.settings import Key, Settings, Url


class CanarySettings(Settings):
    public_url: Url
    id_key: Key  # makes the ids of leads, so the canary knows its lead's before it posts
