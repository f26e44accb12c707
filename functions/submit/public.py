"""What is the same for everybody: the script for a site's form, and the description of the API."""

import json
from dataclasses import asdict

from shared.leads.clinic import Clinic, Help
from shared.runtime.files import packaged
from shared.web.headers import PUBLIC
from shared.web.http import Response

_HELP = '/*HELP*/{"clinic_phone": "", "crisis_line": "988", "emergency_number": "911"}/*HELP*/'


def script(help_: Help) -> Response:
    """Return form.js, with the ways to be helped written into it: it needs them most when we are out of reach."""
    source = packaged("submit/form.js").replace(_HELP, json.dumps(asdict(help_)))
    return Response(
        status=200,
        body=source,
        headers={**PUBLIC, "Content-Type": "text/javascript; charset=utf-8"},
    )


def openapi_document(clinic: Clinic) -> Response:
    """Return the API's description (OpenAPI 3.1)."""
    # Imported where it is used: storing a lead must not wait for it.
    from submit.openapi import document  # noqa: PLC0415

    return Response(
        status=200,
        body=json.dumps(document(clinic), ensure_ascii=False),
        headers={**PUBLIC, "Content-Type": "application/json"},
    )
