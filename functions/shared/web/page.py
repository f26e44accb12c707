"""Renders pages. They run no script, fetch nothing and are never cached."""

import base64
import hashlib
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from shared.runtime.files import templates
from shared.text import DEFAULT
from shared.web.headers import PRIVATE, STAFF, UNFRAMED
from shared.web.http import Response

_STYLE: Final = re.compile(r"<style>(.*?)</style>", re.DOTALL)


def page(  # noqa: PLR0913 - the parts of a page
    folder: str,
    template: str,
    status: HTTPStatus,
    values: Mapping[str, object],
    *,
    form_action: str = "'self'",
    framed: bool = False,
    only_own_style: bool = False,
    language: str = DEFAULT,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return the page of `template` in `folder`, filled in with `values`.

    `form_action` is the part of the Content-Security-Policy that says where the page's form may post and redirect.
    `framed` lets any site show the page in a frame. `only_own_style` names the page's style sheet in the policy, so
    that a browser ignores any other style, such as a `style` attribute that somebody smuggled in. `language` is for the
    `lang` attribute: pages for staff are in English.
    """
    body = templates(folder, "shared/web/pages").get_template(template).render(values, language=language)
    return Response(
        status=status.value,
        body=body,
        headers={
            **(PRIVATE if framed else STAFF),
            "Content-Security-Policy": (
                f"default-src 'none'; style-src {_hash_of_style(body) if only_own_style else "'unsafe-inline'"}; "
                "img-src data:; base-uri 'none'; "
                f"{'' if framed else UNFRAMED}form-action {form_action}"
            ),
            "Content-Type": "text/html; charset=utf-8",
            **(headers or {}),
        },
    )


def _hash_of_style(body: str) -> str:
    """Return the page's style sheet as a source of the policy. What a page shows is escaped, so it holds no tag."""
    if (style := _STYLE.search(body)) is None:
        return "'none'"
    return f"'sha256-{base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()}'"
