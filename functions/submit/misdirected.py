"""Forms that reached the API in a wrong way: posted to a wrong path, or sent as a link with method="get".

Nothing of them is stored. A page shows the form again with what was typed, and its button sends it to the right
address. This module is loaded only when it is needed.
"""

from collections.abc import Callable, Mapping
from urllib.parse import urlencode

from shared.leads.fields import CONTEXT, MACHINERY, NAMES
from shared.text import Text
from submit import refusals
from submit.also_sent import is_machine_name
from submit.decode import FORM, JSON, UndecodableError, decode
from submit.http import Request
from submit.outcome import Problem


def shown_again(
    request: Request, methods: tuple[str, ...] | None, words: Callable[[Mapping[str, object]], Text]
) -> Problem | None:
    """Return the answer with what was typed, or None if the request carries no form.

    `methods` are those of the request's path, None if there is no such path. `words` chooses the language of a form.
    """
    if request.method == "POST" and request.media_type != JSON:
        fields = _decoded(request.content_type, request.body)
        return refusals.misdirected(fields, methods, words(fields)) if fields else None
    if request.method in {"GET", "HEAD"} and request.path == "/consultations" and methods:
        fields = _decoded(FORM, urlencode(request.queries or request.query, doseq=True, errors="replace").encode())
        return refusals.not_posted(fields, methods, words(fields)) if any(map(_is_typed, fields)) else None
    return None


def _is_typed(name: str) -> bool:
    """Return whether a person may have typed a field. The address of a page often has the names of a campaign."""
    return NAMES.get(name, name) not in CONTEXT | MACHINERY and not is_machine_name(name)


def _decoded(content_type: str, body: bytes) -> Mapping[str, object]:
    try:
        return decode(content_type, body)
    except UndecodableError as error:
        return error.fields
