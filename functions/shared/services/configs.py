"""Time limits and retries of each AWS client. Nothing here loads boto3, so the public function can use it too."""

from typing import Final

from botocore.config import Config

# Writes are conditional, so the SDK may repeat them. Three attempts of 1 + 2 seconds fit in the functions' timeouts.
TABLE: Final = Config(
    parameter_validation=False,  # DynamoDB validates requests anyway, and botocore's errors would quote a visitor
    user_agent="clinic-leads",  # botocore would build one from 18 parts for each request
    connect_timeout=1,
    read_timeout=2,
    retries={"total_max_attempts": 3, "mode": "standard"},
    tcp_keepalive=True,
)
# SES has no idempotency token, and botocore would repeat a send whose response was lost. So we try an email once, and
# the sweep retries it later.
EMAIL: Final = Config(
    connect_timeout=2, read_timeout=8, retries={"total_max_attempts": 1, "mode": "standard"}, tcp_keepalive=True
)
# Reading a secret changes nothing, so one retry is safe. The limits are short, because an alert waits for the secret.
SECRETS: Final = Config(
    connect_timeout=1, read_timeout=2, retries={"total_max_attempts": 2, "mode": "standard"}, tcp_keepalive=True
)
# The desk only reads accounts, so one retry is safe. A person waits for the answer.
ACCOUNTS: Final = Config(
    connect_timeout=1, read_timeout=3, retries={"total_max_attempts": 2, "mode": "standard"}, tcp_keepalive=True
)
# A repeated message is better than a lost one.
TOPIC: Final = Config(
    connect_timeout=1, read_timeout=4, retries={"total_max_attempts": 3, "mode": "standard"}, tcp_keepalive=True
)
