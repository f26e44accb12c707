"""A clinic.toml with a mistake in it stops the build, not the first mail."""

import json
import sys
import tomllib
from pathlib import Path


def check_clinic(functions: Path) -> str | None:
    """Return what is wrong with clinic.toml, in words, or None where it can be used."""
    sys.path.insert(0, str(functions))
    from tools.package.clinic_file import InvalidClinicError, parse_clinic  # noqa: PLC0415 - found through the line above

    try:
        parse_clinic((functions / "clinic.toml").read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        return "clinic.toml needs a change: it is not in UTF-8. Save it again with that encoding"
    except FileNotFoundError:
        return "functions/clinic.toml is missing: it says who the clinic is, and every page and mail needs that"
    except (InvalidClinicError, OSError) as error:
        return str(error)
    return None


def write_clinic(functions: Path, artifacts: Path) -> None:
    """Write the settings in clinic.toml as JSON, which a cold start reads in a small part of the time."""
    sections = tomllib.loads((functions / "clinic.toml").read_text(encoding="utf-8"))
    (artifacts / "clinic.json").write_text(json.dumps(sections, default=str), encoding="utf-8")
