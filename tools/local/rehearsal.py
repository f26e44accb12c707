"""Actions for the screenshots on a running local system: people write, staff respond, time passes."""

import json
import re
import time
import urllib.request
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.conditions import Attr
from botocore.exceptions import ClientError

from tools.local.deployment import session
from tools.local.local import Endpoints
from tools.local.outbox import Mail
from tools.local.parameters import RECIPIENTS

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

_PATIENCE_SECONDS = 60
# The format of functions/shared/store.
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


class NothingCameError(Exception):
    """An expected email or state did not appear in time. The text says which."""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A deployed system on this machine, with its visitors, its staff and its clock."""

    endpoints: Endpoints

    def write(self, **fields: object) -> str:
        """Send a request the way a form's script does. Return its reference after the first attempt to alert staff."""
        form = {"patient_is_adult": "yes", "consent_contact": "yes", "submission_id": str(uuid.uuid4())} | fields
        request = urllib.request.Request(  # noqa: S310 - our own loopback
            f"{self.endpoints.api}/consultations",
            data=json.dumps(form).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - our own loopback
            reference = str(json.load(answer)["reference"])
        self._wait(f"the first attempt for {reference}", lambda: self._settled(reference))
        return reference

    def mail(self, reference: str, heading: str, to: str = RECIPIENTS[0]) -> Mail:
        """Wait for an email to `to` with both texts in its subject, and return the newest."""

        def found() -> Mail | None:
            wanted = (each for each in self._mails() if reference in each["Subject"] and heading in each["Subject"])
            return next((each for each in wanted if each["To"] == [to]), None)

        return self._wait(f'the email "{reference} {heading}"', found)

    def summary(self) -> Mail:
        """Run a sweep, wait for a summary to the first recipient, and return it."""
        self.sweep()

        def found() -> Mail | None:
            wanted = (each for each in self._mails() if "in one email" in each["Subject"])
            return next((each for each in wanted if each["To"] == [RECIPIENTS[0]]), None)

        return self._wait("a summary", found)

    def link(self, mail: Mail, label: str) -> str:
        """Return the address below `label` in the text of an email."""
        address = re.search(rf"^{re.escape(label)}:\n(\S+)$", mail["BodyText"], re.MULTILINE)
        if address is None:
            raise NothingCameError(f'The email "{mail["Subject"]}" has no link "{label}".')
        return address[1]

    def answer(self, mail: Mail, label: str) -> None:
        """Press the button on the page behind a link in an email."""
        request = urllib.request.Request(self.link(mail, label), data=b"", method="POST")  # noqa: S310 - loopback
        with urllib.request.urlopen(request, timeout=30):  # noqa: S310 - our own loopback
            return

    def let_pass(self, reference: str, time_passed: timedelta, *, due: bool = False) -> None:
        """Move all times of a lead into the past by `time_passed`. With `due`, its next email is due now.

        The functions use this machine's clock, so we change the table instead. A run takes a minute, not a day.
        """
        for _ in range(20):
            before = self._lead(reference)
            after = {name: _earlier(value, time_passed) for name, value in before.items()}
            if due:
                after["agenda_at"] = _text(datetime.now(UTC) - timedelta(seconds=1))
            idle = Attr("version").eq(before["version"]) & Attr("alert_state").ne("sending")
            try:
                self._table.put_item(Item=after, ConditionExpression=idle)
                break
            except ClientError as error:
                if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                    raise
                time.sleep(0.5)  # a scheduled sweep is processing it
        else:
            raise NothingCameError(f"{reference} is still being processed after 20 attempts.")
        lead_id = str(before["pk"]).removeprefix("LEAD#")
        for person in self._items("PERSON#"):
            if person["lead_id"] == lead_id:
                self._table.put_item(Item=person | {"sk": _earlier(person["sk"], time_passed)})
                self._table.delete_item(Key={"pk": person["pk"], "sk": person["sk"]})

    def digest(self) -> Mail:
        """Make the digest due now, and return it."""
        for item in self._items("DIGEST"):
            self._table.put_item(Item=item | {"agenda_at": _text(datetime.now(UTC) - timedelta(seconds=1))})
        self.sweep()

        def found() -> Mail | None:
            return next((each for each in self._mails() if "Consultation requests" in each["Subject"]), None)

        return self._wait("the digest", found)

    def sweep(self) -> None:
        """Run a sweep now instead of waiting for the next minute."""
        lambdas = session().client("lambda", endpoint_url=self.endpoints.aws)
        answer = lambdas.invoke(FunctionName=f"{self.endpoints.stack}-follow-up", Payload=b"{}")
        if answer.get("FunctionError"):
            raise NothingCameError(f"The sweep failed: {answer['Payload'].read().decode()[:500]}")

    def _settled(self, reference: str) -> bool:
        lead = self._lead(reference)
        return bool(lead.get("alert_attempts")) and lead["alert_state"] != "sending"

    def _mails(self) -> list[Mail]:
        """Return all emails, newest first."""
        with urllib.request.urlopen(f"{self.endpoints.mailbox}/messages.json", timeout=10) as answer:  # noqa: S310
            mails: list[Mail] = json.load(answer)
        return mails

    def _lead(self, reference: str) -> dict[str, Any]:
        (lead,) = (item for item in self._items("LEAD#") if item.get("reference") == reference)
        return lead

    def _items(self, prefix: str) -> list[dict[str, Any]]:
        items = self._table.scan(ConsistentRead=True)["Items"]  # few items, so one page
        return [item for item in items if str(item["pk"]).startswith(prefix)]

    @property
    def _table(self) -> "Table":
        return session().resource("dynamodb", endpoint_url=self.endpoints.aws).Table(self.endpoints.table)

    @staticmethod
    def _wait[T](what: str, check: Callable[[], T | None]) -> T:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < deadline:
            if found := check():
                return found
            time.sleep(0.25)
        raise NothingCameError(
            f"Waited {_PATIENCE_SECONDS} seconds for {what}. Look for the reason in the local AWS's log, aws.log."
        )


def _earlier(value: Any, time_passed: timedelta) -> Any:  # noqa: ANN401 - whatever the table has
    """Return `value`. If it starts with a time, that time is moved into the past."""
    if not isinstance(value, str) or not (moment := _MOMENT.match(value)):
        return value
    return _text(datetime.fromisoformat(moment[0]) - time_passed) + value[moment.end() :]


def _text(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"
