"""Answers that are the same for everyone: the script for a site's form, and the API's description."""

import json

from shared.leads.clinic import Clinic, Help
from shared.runtime.files import packaged
from shared.text import text
from shared.web.headers import PUBLIC
from shared.web.http import Response
from submit.saying import SCRIPT_YES

# Placeholders in form.js. With them, the file is valid JavaScript too.
_HELP = '/*HELP*/{"clinic_phone": "", "crisis_line": "988", "emergency_number": "911"}/*HELP*/'
_WORDS = "/*WORDS*/{}/*WORDS*/"
_ORIGINS = "/*ORIGINS*/[]/*ORIGINS*/"
_YES = '/*YES*/["yes"]/*YES*/'


def script(help_: Help, allowed_origins: tuple[str, ...], languages: tuple[str, ...]) -> Response:
    """Return form.js with what it must know when the API is down or its answers cannot be read.

    These are the numbers to call, its words in each of the clinic's languages, the origins whose scripts can read our
    answers, and the ways to say yes.
    """
    words = {language: text(language).script.SCRIPT for language in languages}
    source = packaged("submit/form.js")
    for placeholder, value in (
        (_HELP, json.dumps(vars(help_))),
        (_WORDS, json.dumps(words, indent=2, ensure_ascii=False)),
        (_ORIGINS, json.dumps(allowed_origins)),
        (_YES, json.dumps(SCRIPT_YES)),
    ):
        source = source.replace(placeholder, value)
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
