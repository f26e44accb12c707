"""Regions that can have a stack: those with all services that the template uses."""

import re
from functools import cache
from typing import Final

import botocore.session

from tools.deploy.assertions import REGION, broken

# CloudFormation has no AWS::SES types there, so the nested stack of infra/email.yaml cannot be created.
WITHOUT_SES: Final = frozenset(
    {"ap-east-1", "ap-east-2", "ap-southeast-4", "ap-southeast-6", "ap-southeast-7", "eu-south-2", "mx-central-1"}
)
_CHINA: Final = "cn-"
_REGION: Final = re.compile(r"[a-z]{2,3}(-[a-z]+)+-[0-9]{1,2}")


@cache
def known() -> frozenset[str]:
    """Return the regions that the AWS SDK knows, in all partitions."""
    session = botocore.session.get_session()
    return frozenset(
        region
        for partition in session.get_available_partitions()
        for region in session.get_available_regions("lambda", partition)
    )


def refused(region: str) -> str | None:
    """Return why a stack cannot be in this region, and what to enter instead; or None if it can."""
    if region in WITHOUT_SES or region.startswith(_CHINA):
        return (
            f"AWS cannot set up email (SES) by CloudFormation in {region}, so the stack could not be created there."
            " Choose a region that has it, such as us-east-1, us-west-2 or eu-central-1."
        )
    if not _REGION.fullmatch(region):
        return f"{region[:80]!a} is not the name of a region. Example: us-east-1"
    if region not in known():
        return f"AWS has no region {region}, or it is newer than this version. Example: us-east-1"
    if told := broken({REGION: region}):
        return told[0]
    return None
