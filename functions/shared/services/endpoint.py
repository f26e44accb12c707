"""What the first try to store a lead needs from the environment: DynamoDB's address, credentials, certificates.

This code understands only the settings that Lambda gives every function. If there are others, only the SDK can connect.
"""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from shared.services.signature import Signer

# Settings that change where or how the SDK connects.
# https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html
_SDK_DECIDES: Final = (
    *("AWS_CONFIG_FILE", "AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"),
    *("AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT"),
)
_PROXIES: Final = frozenset({"http_proxy", "https_proxy", "all_proxy"})
# Regions whose addresses do not end in amazonaws.com, by the start of their names: China, the isolated ones, and the
# European sovereign cloud.
_OTHER_DOMAINS: Final = ("cn-", "us-iso", "eu-iso", "eusc-")


def dynamodb_url(environment: Mapping[str, str]) -> str | None:
    """Return DynamoDB's address, such as https://dynamodb.us-east-1.amazonaws.com, or None if only the SDK can tell."""
    region = environment.get("AWS_REGION", "")
    if not region or region.startswith(_OTHER_DOMAINS) or any(environment.get(name) for name in _SDK_DECIDES):
        return None
    if any(value and name.lower() in _PROXIES for name, value in environment.items()):
        return None
    url = environment.get("AWS_ENDPOINT_URL_DYNAMODB") or environment.get("AWS_ENDPOINT_URL")
    if url is None:
        return f"https://dynamodb.{region}.amazonaws.com"
    parts = urlsplit(url)
    plain = parts.scheme in {"http", "https"} and parts.netloc and parts.path in {"", "/"}
    return url if plain else None


def signer(environment: Mapping[str, str]) -> Signer | None:
    """Return a signer with the function's credentials, or None if the environment has none."""
    key_id, secret = environment.get("AWS_ACCESS_KEY_ID"), environment.get("AWS_SECRET_ACCESS_KEY")
    if not (key_id and secret):
        return None
    token, region = environment.get("AWS_SESSION_TOKEN", ""), environment.get("AWS_REGION", "")
    return Signer(key_id=key_id, secret=secret, token=token, region=region)


def trusted_certificates(environment: Mapping[str, str], *, otherwise: str) -> str:
    """Return the path of a PEM file with certificate authorities: the one that AWS_CA_BUNDLE names, or `otherwise`."""
    return environment.get("AWS_CA_BUNDLE") or otherwise
