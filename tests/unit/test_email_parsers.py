"""Each email, composed as SES composes it, reads the same in two parsers: Python's and postal-mime."""

import base64
import re
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr

import pytest

from tests.node_tools import needs_node, run_node
from tests.unit.every_email import as_mime, every_email
from tests.unit.people import CLINIC

LONG_NAME = "Клиника Ривербенд " * 4 + "«Надежда»"
OURS = {"auto-submitted": "auto-generated", "x-auto-response-suppress": "All"}


def lines(text: str) -> str:
    return text.replace("\r\n", "\n").rstrip("\n")


def read_by_python(raw: bytes) -> dict[str, object]:
    message = message_from_bytes(raw, _class=EmailMessage, policy=SMTP)
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    shown, address = parseaddr(str(message_from_bytes(raw)["From"]))  # not the newer parser: it adds a space
    return {
        "subject": message["Subject"],
        "from": (str(make_header(decode_header(shown))), address),
        "text": lines(text.get_content()),
        "html": lines(html.get_content()),
        "headers": {name.lower(): str(message[name]) for name in OURS},
        "names": sorted(name.lower() for name in message.keys()),  # noqa: SIM118 - a message is no mapping
    }


@needs_node
@pytest.mark.parametrize("clinic", [CLINIC.name, LONG_NAME])
def test_two_parsers_read_the_same(clinic: str) -> None:
    sent = every_email()
    raw = {name: as_mime(message, clinic) for name, message in sent.items()}
    read = run_node("read_email.mjs", {name: base64.b64encode(each).decode() for name, each in raw.items()})
    for name, message in sent.items():
        ours, other = read_by_python(raw[name]), read[name]
        headers = {each["key"]: each["value"] for each in other["headers"]}
        theirs = {
            "subject": other["subject"],
            "from": (other["from"]["name"], other["from"]["address"]),
            "text": lines(other["text"]),
            "html": lines(other["html"]),
            "headers": {each: headers[each] for each in OURS},
            "names": sorted(each["key"] for each in other["headers"]),
        }
        assert theirs == ours, name
        assert (ours["subject"], ours["text"]) == (message.subject, lines(message.text)), name
        assert (ours["html"], ours["headers"]) == (lines(message.html), OURS), name
        assert ours["from"] == (clinic, "leads@example.com"), name
        assert "reply-to" not in headers, name


def test_no_header_is_too_long_or_needs_encoding_by_ses() -> None:
    for name, message in every_email().items():
        assert message.subject.isascii(), name  # SES would encode it in one word, however long
        assert len(message.subject) <= 78, name
        head = as_mime(message, LONG_NAME).partition(b"\r\n\r\n")[0].decode("ascii")
        assert all(len(word) <= 75 for word in re.findall(r"=\?\S+?\?=", head)), name


def test_gmail_shows_every_email_whole() -> None:
    assert max(len(message.html.encode()) for message in every_email().values()) < 102_000
