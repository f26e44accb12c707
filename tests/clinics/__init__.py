"""Clinics that are different from the one in functions/clinic.toml. All of them are made up."""

from dataclasses import replace
from pathlib import Path
from typing import Final

from shared.leads.clinic import Clinic
from shared.leads.look import Logo
from tools.package.clinic_file import parse_clinic

PHOENIX_FOLDER: Final = Path(__file__).parent / "phoenix"


def phoenix() -> Clinic:
    """Return a clinic in Phoenix that is Spanish first and has its own questions, choices, color and logo."""
    clinic = parse_clinic((PHOENIX_FOLDER / "clinic.toml").read_text(encoding="utf-8"), PHOENIX_FOLDER)
    # Its logo is here, and not with the functions.
    return replace(clinic, look=clinic.look._replace(logo=Logo(str(PHOENIX_FOLDER / "logo.svg"))))
