"""Stops the build if clinic.toml has a mistake. Otherwise, the first email would fail."""

import json
import shutil
import sys
import tomllib
from pathlib import Path


def clinic_text(functions: Path) -> str:
    """Return the text of clinic.toml, without the mark that Windows's Notepad may put at its beginning."""
    return (functions / "clinic.toml").read_text(encoding="utf-8-sig")


def check_clinic(functions: Path) -> str | None:
    """Return a message about what is wrong with clinic.toml, or None if it is valid."""
    sys.path.insert(0, str(functions))
    from tools.package.clinic_file import parse_clinic  # noqa: PLC0415 - importable because of the line above
    from tools.package.invalid import InvalidClinicError  # noqa: PLC0415 - as above

    try:
        parse_clinic(clinic_text(functions), functions)
    except UnicodeDecodeError:
        return "clinic.toml needs a change: it is not in UTF-8. Save it again with that encoding."
    except FileNotFoundError:
        return "functions/clinic.toml is missing, and every page and email needs it. Restore it from the repository."
    except (InvalidClinicError, OSError) as error:
        return str(error)
    return None


def write_clinic(functions: Path, artifacts: Path) -> None:
    """Write the settings in clinic.toml as JSON, which a cold start reads in a fraction of the time; and the logo."""
    sections = tomllib.loads(clinic_text(functions))
    (artifacts / "clinic.json").write_text(json.dumps(sections, default=str), encoding="utf-8")
    if logo := sections.get("look", {}).get("logo"):
        shutil.copyfile(functions / logo, artifacts / logo)
