"""Requests to the public API, and ways to read its responses."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from lxml import html as lxml_html

from shared.leads.clinic import Clinic, Help
from shared.web.http import Response
from submit.decode import FORM, JSON
from submit.http import Request
from submit.routes import Submit
from tests.unit.fakes import MemoryLeads
from tests.unit.people import CLINIC, HELP_PHONE, IDS, NOW

SITE = "https://www.example.com"
THANKS = f"{SITE}/thank-you"


def api(table: MemoryLeads | None = None, clinic: Clinic = CLINIC) -> Submit:
    """Return the public API of a clinic with this `table`."""
    return Submit(
        store=MemoryLeads() if table is None else table,
        clinic=clinic,
        ids=IDS,
        help=Help(clinic_phone=HELP_PHONE),
        allowed_origins=(SITE, "https://booking.example.com"),
        thank_you_pages=(THANKS,),
        now=lambda: NOW,
    )


def request(
    method: str = "POST",
    path: str = "/consultations",
    *,
    headers: Mapping[str, str] | None = None,
    query: Mapping[str, str] | None = None,
    body: bytes = b"",
) -> Request:
    return Request(method=method, path=path, headers=headers or {}, query=query or {}, body=body)


def post_json(fields: Mapping[str, object] | bytes, **headers: str) -> Request:
    """Return a script's request."""
    body = fields if isinstance(fields, bytes) else json.dumps(fields).encode()
    return request(headers={"content-type": JSON, **headers}, body=body)


def post_form(fields: Mapping[str, object] | bytes, **headers: str) -> Request:
    """Return a browser's request for a form without a script."""
    body = fields if isinstance(fields, bytes) else urlencode(fields, doseq=True).encode()
    return request(headers={"content-type": FORM, "accept": "text/html,*/*", **headers}, body=body)


def document(response: Response) -> dict[str, Any]:
    """Return a response's JSON."""
    parsed = json.loads(response.body)
    assert isinstance(parsed, dict)
    return parsed


def page_text(response: Response) -> str:
    """Return a page's text with single spaces."""
    return " ".join(str(lxml_html.document_fromstring(response.body).xpath("string()")).split())
