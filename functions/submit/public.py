"""Answers that are the same for everyone: the script for a site's form, and the API's description."""

import json
from dataclasses import asdict

from shared.leads.clinic import Clinic, Help
from shared.runtime.files import packaged
from shared.web.headers import PUBLIC
from shared.web.http import Response

# Placeholders in form.js. With them, the file is valid JavaScript too.
_HELP = '/*HELP*/{"clinic_phone": "", "crisis_line": "988", "emergency_number": "911"}/*HELP*/'
_WORDS = "/*WORDS*/{}/*WORDS*/"


def script(help_: Help) -> Response:
    """Return form.js with the numbers to call and its words filled in. It needs both when the API is down."""
    # Imported here because storing a lead does not need it.
    from shared.text.en.script import SCRIPT  # noqa: PLC0415

    source = packaged("submit/form.js")
    source = source.replace(_HELP, json.dumps(asdict(help_))).replace(_WORDS, json.dumps(SCRIPT, indent=2))
    return Response(
        status=200,
        body=source,
        headers={**PUBLIC, "Content-Type": "text/javascript; charset=utf-8"},
    )


def openapi_document(clinic: Clinic) -> Response:
    """Return the API's description (OpenAPI 3.1)."""
    # Imported here because storing a lead does not need it.
    from submit.openapi import document  # noqa: PLC0415

    return Response(
        status=200,
        body=json.dumps(document(clinic), ensure_ascii=False),
        headers={**PUBLIC, "Content-Type": "application/json"},
    )
