"""What went wrong with a command, in words."""

from typing import Final

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
)

from tools.operate.stack import OperateError

_NO_CREDENTIALS: Final = (
    "Found no AWS credentials. Sign in as for the AWS CLI (`aws sso login`, or AWS_PROFILE=...), and try again."
)
# AWS's codes for credentials that were right once.
_OLD_CREDENTIALS: Final = {
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidClientTokenId",
    "UnrecognizedClientException",
}
_DENIED: Final = {"AccessDenied", "AccessDeniedException", "NotAuthorizedException"}
_BUSY: Final = {"Throttling", "ThrottlingException", "TooManyRequestsException"}


def explained(error: OperateError | ClientError | BotoCoreError) -> str:  # noqa: PLR0911 - one return for each kind of error
    """Return what went wrong and what to do next."""
    match error:
        case OperateError():
            return str(error)
        case NoCredentialsError() | PartialCredentialsError():
            return _NO_CREDENTIALS
        case ProfileNotFound():
            return f"{error}. Name another one with AWS_PROFILE=... Yours are: aws configure list-profiles"
        case NoRegionError():
            return "Found no AWS region. Name the stack's region: AWS_DEFAULT_REGION=us-east-1 make ..."
        case EndpointConnectionError():
            return f"{error}. Check your network, and AWS_ENDPOINT_URL if it is set."
        case ClientError():
            return _refused(error)
    return f"{type(error).__name__}: {error}"


def _refused(error: ClientError) -> str:
    code, message = error.response["Error"]["Code"], error.response["Error"].get("Message", "")
    if code in _OLD_CREDENTIALS:
        return f"AWS does not accept your credentials ({code}). Sign in again, and try again."
    if code in _DENIED:
        return (
            f"Your AWS credentials do not allow {error.operation_name} ({code}). Use those of somebody who may manage"
            f" the stack. AWS says: {message}"
        )
    if code in _BUSY:
        return f"AWS is busy ({code}). Try again in a minute: it is safe to repeat the command."
    return f"AWS refused {error.operation_name} ({code}): {message}"
