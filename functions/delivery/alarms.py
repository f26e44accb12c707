"""The topic that reaches who looks after the system. It hears of mailboxes and machinery, never of people."""

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient


class Alarms(Protocol):
    """Something that reaches who looks after the system."""

    def tell(self, subject: str, text: str) -> None:
        """Tell them. Raises what went wrong."""


class AlarmsTopic:
    """An SNS topic."""

    def __init__(self, client: "SNSClient", topic_arn: str) -> None:
        self._client = client
        self._topic_arn = topic_arn

    def tell(self, subject: str, text: str) -> None:
        """Publish to the topic; see `Alarms`. A subject is ASCII, of at most 100 characters.

        https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
        """
        self._client.publish(TopicArn=self._topic_arn, Subject=subject, Message=text)
