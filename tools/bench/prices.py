"""AWS list prices of us-east-1 in dollars, first tier, without the free tier. Looked up on 2026-11-23."""

from dataclasses import dataclass
from typing import Final

_AWS: Final = "https://aws.amazon.com"


@dataclass(frozen=True, slots=True)
class Price:
    """A list price. `seen` is another page that confirms it, or None if we found none."""

    dollars: float
    per: float  # how many `unit`s
    unit: str
    page: str  # AWS's own price page
    seen: str | None = None

    def of(self, amount: float) -> float:
        """Return the cost of `amount` units."""
        return amount * self.dollars / self.per


_CLOUDWATCH_SEEN: Final = "https://signoz.io/guides/cloudwatch-pricing"
_LOGS_SEEN: Final = "https://www.factualminds.com/blog/amazon-cloudwatch-pricing-metrics-logs-alarms-dashboards/"
_API_SEEN: Final = "https://awsforengineers.com/blog/aws-api-gateway-pricing-explained"
_DYNAMODB_SEEN: Final = "https://airbyte.com/data-engineering-resources/dynamodb-pricing"
_EVENTS_SEEN: Final = "https://cloudburn.io/blog/amazon-eventbridge-pricing"
_KMS_SEEN: Final = "https://www.wring.co/blog/aws-kms-pricing-guide"
_LAMBDA_SEEN: Final = "https://cloudchipr.com/blog/aws-lambda-pricing"
_SECRETS_SEEN: Final = "https://hivebook.wiki/wiki/aws-secrets-manager-rotated-secrets-dynamic-db-credentials-kms"
_SNS_SEEN: Final = "https://www.factualminds.com/blog/amazon-sns-pricing-publishes-fanout-protocols/"
_WAF_SEEN: Final = "https://c3x.dev/blog/aws-waf-cost-explained/"
_SES_SEEN: Final = "https://www.acecloudinterviews.com/tutorials/aws/ses/"

MAIL: Final = Price(0.10, 1e3, "emails", f"{_AWS}/ses/pricing/", _SES_SEEN)
API_CALLS: Final = Price(3.50, 1e6, "REST API calls", f"{_AWS}/api-gateway/pricing/", _API_SEEN)
DATA_OUT: Final = Price(0.09, 1e9, "bytes to the internet", f"{_AWS}/ec2/pricing/on-demand/", _API_SEEN)
INVOCATIONS: Final = Price(0.20, 1e6, "Lambda requests", f"{_AWS}/lambda/pricing/", _LAMBDA_SEEN)
GB_SECONDS: Final = Price(0.0000133334, 1, "Lambda GB-seconds (arm64)", f"{_AWS}/lambda/pricing/", _LAMBDA_SEEN)
WRITES: Final = Price(0.625, 1e6, "write request units", f"{_AWS}/dynamodb/pricing/on-demand/", _DYNAMODB_SEEN)
READS: Final = Price(0.125, 1e6, "read request units", f"{_AWS}/dynamodb/pricing/on-demand/", _DYNAMODB_SEEN)
STORED: Final = Price(0.25, 1e9, "bytes stored for a month", f"{_AWS}/dynamodb/pricing/", f"{_AWS}/dynamodb/pricing/")
BACKED_UP: Final = Price(0.20, 1e9, "bytes restorable for a month", f"{_AWS}/dynamodb/pricing/on-demand/")
KEY: Final = Price(1.00, 1, "KMS key or rotation, a month", f"{_AWS}/kms/pricing/", f"{_AWS}/kms/pricing/")
KEY_CALLS: Final = Price(0.03, 1e4, "KMS requests", f"{_AWS}/kms/pricing/", _KMS_SEEN)
SECRET: Final = Price(0.40, 1, "secret, a month", f"{_AWS}/secrets-manager/pricing/", _SECRETS_SEEN)
SECRET_CALLS: Final = Price(0.05, 1e4, "reads of a secret", f"{_AWS}/secrets-manager/pricing/", _SECRETS_SEEN)
LOGGED: Final = Price(0.50, 1e9, "bytes of logs", f"{_AWS}/cloudwatch/pricing/", _LOGS_SEEN)
METRIC: Final = Price(0.30, 1, "metric, a month", f"{_AWS}/cloudwatch/pricing/", _CLOUDWATCH_SEEN)
ALARM: Final = Price(0.10, 1, "alarm, a month", f"{_AWS}/cloudwatch/pricing/")
DASHBOARD: Final = Price(3.00, 1, "dashboard, a month", f"{_AWS}/cloudwatch/pricing/", _LOGS_SEEN)
SCHEDULED: Final = Price(1.00, 1e6, "invocations of a schedule", f"{_AWS}/eventbridge/pricing/", _EVENTS_SEEN)
ALARM_MAILS: Final = Price(2.00, 1e5, "SNS emails", f"{_AWS}/sns/pricing/", _SNS_SEEN)
WEB_ACL: Final = Price(5.00, 1, "WAF web ACL, a month", f"{_AWS}/waf/pricing/", _WAF_SEEN)
WAF_RULE: Final = Price(1.00, 1, "WAF rule, a month", f"{_AWS}/waf/pricing/", _WAF_SEEN)
WAF_REQUESTS: Final = Price(0.60, 1e6, "requests inspected by WAF", f"{_AWS}/waf/pricing/", _WAF_SEEN)

ALL: Final = tuple(price for price in list(globals().values()) if isinstance(price, Price))
