"""The outbox of the local SES: the emails it accepted, kept between runs."""

import json
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from itertools import chain
from pathlib import Path
from typing import TypedDict
from urllib.parse import urlsplit

from pydantic import ConfigDict, TypeAdapter, with_config

_AWS_TIMEOUT_SECONDS = 5


@with_config(ConfigDict(extra="allow"))  # messages.json has every field of the emulator
class Mail(TypedDict):
    MessageId: str
    Source: str
    To: list[str]
    CC: list[str]
    BCC: list[str]
    Subject: str
    BodyText: str
    BodyHtml: str
    Timestamp: float


_OUTBOX = TypeAdapter(dict[str, dict[str, list[Mail]]])


class NoMailError(Exception):
    """The local AWS cannot list its emails. The text says why and what to do."""


_KEPT = TypeAdapter(list[Mail])


class Outbox:
    """Emails sent through the local AWS at `aws_url`, and those of earlier runs in the file `kept`."""

    def __init__(self, aws_url: str, kept: Path | None = None) -> None:
        self._aws_url = aws_url
        self._kept = kept

    def sent(self) -> list[Mail]:
        """Return the emails, newest first. Raises NoMailError."""
        earlier = _KEPT.validate_json(self._kept.read_bytes()) if self._kept and self._kept.exists() else []
        with closing(HTTPConnection(urlsplit(self._aws_url).netloc, timeout=_AWS_TIMEOUT_SECONDS)) as connection:
            try:
                connection.request("GET", "/_ministack/ses/messages")
                outbox = _OUTBOX.validate_json(connection.getresponse().read())
                mails = chain(earlier, *outbox["messages"].values())
            except (OSError, HTTPException) as error:
                raise NoMailError(
                    f"The local AWS at {self._aws_url} cannot be reached. Check that `make run` is still running."
                ) from error
            except (ValueError, KeyError) as error:
                raise NoMailError(
                    f"The server at {self._aws_url} is not the local AWS, or a version we do not support."
                ) from error
        return sorted(mails, key=lambda mail: mail["Timestamp"], reverse=True)

    def keep(self) -> None:
        """Save the emails before the local AWS stops. It keeps its tables between runs but not its emails."""
        if self._kept:
            self._kept.write_text(json.dumps(self.sent()), encoding="utf-8")
