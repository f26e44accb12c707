"""Files packaged with the code: the clinic's settings and the templates of emails and pages."""

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from shared.leads.clinic import Clinic, clinic_of

if TYPE_CHECKING:
    from jinja2 import Environment

_ROOT = Path(__file__).parents[2]


@cache
def clinic() -> Clinic:
    """Return the clinic's settings. The build has checked them and written them as JSON."""
    built = _ROOT / "clinic.json"
    if built.exists():
        return clinic_of(json.loads(built.read_text(encoding="utf-8")))
    # A checkout has no clinic.json. Imported here because reading TOML takes 40 M instructions of a cold start.
    import tomllib  # noqa: PLC0415

    return clinic_of(tomllib.loads(packaged("clinic.toml").removeprefix("\ufeff")))  # which Windows's Notepad writes


@cache
def packaged(path: str) -> str:
    """Return the text of a packaged file."""
    return (_ROOT / path).read_text(encoding="utf-8")


@cache
def data_uri(path: str, media_type: str) -> str:
    """Return a packaged file as an address that has its content (RFC 2397)."""
    # Imported here, because storing a lead does not need it.
    import base64  # noqa: PLC0415

    return f"data:{media_type};base64,{base64.b64encode((_ROOT / path).read_bytes()).decode()}"


@cache
def templates(folder: str, *shared: str) -> "Environment":
    """Return the templates in `folder`. Missing ones come from the parent folder or from `shared`.

    Values are escaped in HTML. A variable without a value is an error. The filter `unbroken` is for HTML only.
    """
    # Imported here, because storing a lead does not need Jinja, and a cold start should not load it.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape  # noqa: PLC0415

    from shared.runtime.unbroken import unbroken  # noqa: PLC0415

    environment = Environment(
        loader=FileSystemLoader((_ROOT / folder, (_ROOT / folder).parent, *(_ROOT / each for each in shared))),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )
    environment.filters["unbroken"] = unbroken
    return environment
