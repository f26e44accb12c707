"""Render an email from its templates."""

from collections.abc import Mapping

from shared.leads.look import Look
from shared.runtime.files import templates
from shared.services.mailer import Message


def message(folder: str, values: Mapping[str, object], look: Look) -> Message:
    """Return the email that the templates in `folder` render with `values`, in the clinic's colors."""
    values = {**values, "accent": look}
    files = templates(folder, "shared/messages")
    return Message(
        subject=files.get_template("subject.txt").render(values).strip(),
        text=files.get_template("body.txt").render(values),
        html=files.get_template("body.html").render(values),
    )
