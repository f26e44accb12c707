"""The tutorial's handler with a live trace.

Lambda gives each invocation a trace id, and its runtime client passes it on to the X-Ray SDK. The emulator gives none,
and without one the SDK would record nothing.
"""

import os
import time
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from handler import handler as tutorial


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Set a trace id and call the handler. X-Ray's default rule records the first request of each second."""
    root = f"1-{int(time.time()):08x}-{os.urandom(12).hex()}"
    os.environ["_X_AMZN_TRACE_ID"] = f"Root={root};Parent={os.urandom(8).hex()};Sampled=1"
    return tutorial(event, context)
