"""Renders pages. They run no script, fetch nothing and are never cached."""

from collections.abc import Mapping
from http import HTTPStatus

from shared.runtime.files import templates
from shared.text.en import LANGUAGE
from shared.web.headers import PRIVATE, STAFF, UNFRAMED
from shared.web.http import Response


def page(  # noqa: PLR0913 - the parts of a page
    folder: str,
    template: str,
    status: HTTPStatus,
    values: Mapping[str, object],
    *,
    form_action: str = "'self'",
    framed: bool = False,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return the page of `template` in `folder`, filled in with `values`.

    `form_action` is the part of the Content-Security-Policy that says where the page's form may post and redirect.
    `framed` lets any site show the page in a frame.
    """
    return Response(
        status=status.value,
        body=templates(folder, "shared/web/pages").get_template(template).render(values, language=LANGUAGE),
        headers={
            **(PRIVATE if framed else STAFF),
            "Content-Security-Policy": (
                "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
                f"{'' if framed else UNFRAMED}form-action {form_action}"
            ),
            "Content-Type": "text/html; charset=utf-8",
            **(headers or {}),
        },
    )
