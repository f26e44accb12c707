"""A page from a template: no script, nothing fetched, kept by no cache."""

from collections.abc import Mapping
from http import HTTPStatus

from shared.runtime.files import templates
from shared.web.headers import PRIVATE
from shared.web.http import Response


def page(  # noqa: PLR0913 - what a page is made of
    folder: str,
    template: str,
    status: HTTPStatus,
    values: Mapping[str, object],
    *,
    form_action: str = "'self'",
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return the page that `template` in `folder` makes of `values`. `form_action` is where its form may lead (CSP)."""
    return Response(
        status=status.value,
        body=templates(folder, "shared/web/pages").get_template(template).render(values),
        headers={
            **PRIVATE,
            "Content-Security-Policy": (
                "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
                f"frame-ancestors 'none'; form-action {form_action}"
            ),
            "Content-Type": "text/html; charset=utf-8",
            **(headers or {}),
        },
    )
