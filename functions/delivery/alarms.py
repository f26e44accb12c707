"""The topic for messages to operators. They are about recipients and the system, never about visitors."""

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient


class Alarms(Protocol):
    """A way to send a message to the operators."""

    def tell(self, subject: str, text: str) -> None:
        """Send a message. Raises whatever error occurs."""


class AlarmsTopic:
    """An SNS topic."""

    def __init__(self, client: "SNSClient", topic_arn: str) -> None:
        self._client = client
        self._topic_arn = topic_arn

    def tell(self, subject: str, text: str) -> None:
        """Publish to the topic. A subject must be ASCII and at most 100 characters long.

        https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
        """
        self._client.publish(TopicArn=self._topic_arn, Subject=subject, Message=text)
