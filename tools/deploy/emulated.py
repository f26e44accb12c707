"""The local AWS: how to recognize it, which parameters it needs, and what must be added after a deployment to it."""

import json
import os
import urllib.request
from collections.abc import Mapping
from typing import Final

import boto3

from tools.local.deployment import ARCHITECTURE, CREDENTIALS, made_usable
from tools.local.parameters import parameters

_NEEDED: Final = ("Firewall", "SignInBranding")


def endpoint() -> str | None:
    """Return the address of the local AWS that AWS_ENDPOINT_URL names, or None if it names none or another program."""
    url = os.environ.get("AWS_ENDPOINT_URL", "").rstrip("/")
    if not url.startswith("http://"):
        return None
    try:
        with urllib.request.urlopen(f"{url}/_ministack/health", timeout=5) as answer:  # noqa: S310 - http only
            json.load(answer)
    except (OSError, ValueError):
        return None
    return url


def use_its_credentials() -> None:
    """Sign in to the local AWS, which accepts any credentials, so that nobody needs some and real ones stay unused."""
    for name in [name for name in os.environ if name.startswith("AWS_") and name != "AWS_ENDPOINT_URL"]:
        if name not in {"AWS_DEFAULT_REGION", "AWS_REGION"}:
            del os.environ[name]
    os.environ |= {**CREDENTIALS, "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}


def needed() -> Mapping[str, str]:
    """Return the parameters that a stack on the local AWS needs."""
    return {name: parameters()[name] for name in _NEEDED} | {"Architecture": ARCHITECTURE}


def adapt(session: boto3.Session, aws: str, stack: str) -> str:
    """Add what the local AWS leaves out of a deployment. Return the API's address there."""
    return made_usable(session, aws, stack).api
