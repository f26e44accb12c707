"""The handler with a live trace. Lambda names the trace of each invocation and its runtime client passes that on to the
X-Ray SDK; the emulator names none, and the SDK would record nothing.
"""  # noqa: D205 - two sentences, one thought

import os
import time
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from handler import handler as tutorial


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Name a trace as Lambda does, and hand over. X-Ray's default rule records the first request of each second."""
    root = f"1-{int(time.time()):08x}-{os.urandom(12).hex()}"
    os.environ["_X_AMZN_TRACE_ID"] = f"Root={root};Parent={os.urandom(8).hex()};Sampled=1"
    return tutorial(event, context)
