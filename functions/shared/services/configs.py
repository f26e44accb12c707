"""Time limits and retries of each AWS client. Nothing here loads boto3, so the public function can use it too."""

from typing import Final

from botocore.config import Config

# A write is conditional, so the SDK may repeat it. Three tries of 1 + 2 seconds stay below the functions' timeouts.
TABLE: Final = Config(
    parameter_validation=False,  # DynamoDB checks what it gets, and botocore's errors would quote a visitor
    user_agent="clinic-leads",  # botocore builds its own from 18 parts at each request
    connect_timeout=1,
    read_timeout=2,
    retries={"total_max_attempts": 3, "mode": "standard"},
    tcp_keepalive=True,
)
# SES has no idempotency token and botocore repeats a send whose answer it did not get, so an email is tried once. The
# agenda tries again later.
EMAIL: Final = Config(
    connect_timeout=2, read_timeout=8, retries={"total_max_attempts": 1, "mode": "standard"}, tcp_keepalive=True
)
# Reading a secret changes nothing, so it may be repeated once. An alert waits for it.
SECRETS: Final = Config(
    connect_timeout=1, read_timeout=2, retries={"total_max_attempts": 2, "mode": "standard"}, tcp_keepalive=True
)
# A topic may repeat a message: better twice than not at all.
TOPIC: Final = Config(
    connect_timeout=1, read_timeout=4, retries={"total_max_attempts": 3, "mode": "standard"}, tcp_keepalive=True
)
