"""desk.requests_csv: the file of requests, as a spreadsheet reads it."""

import csv
import io
import shutil
import subprocess
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from desk.requests_csv import BOM, COLUMNS, guarded, requests_csv
from shared.leads.lead import CONSENT_KINDS
from shared.leads.progress import AlertState, Progress, StoredLead
from shared.leads.response import ClaimAction, Outcome, ResponseState
from tests.unit.people import CLINIC, NOW, a_full_lead, a_lead, but
from tests.unit.report_rows import requests

FORMULAS: Final = (
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(1)",
    "\t=1+1",
    "\r=1+1",
    " =1+1",
    '"=1+1',
    "'=1+1",
    "\uff1d1+1",
    "\uff0b1",
    "\uff0d1",
    "\uff20SUM(1)",
    "\u200b=1+1",
    '=HYPERLINK("https://spam.example";"Open")',
    "=cmd|' /C calc'!A0",
)
OFFICE: Final = shutil.which("soffice") or shutil.which("libreoffice")


def cells(text: str) -> list[list[str]]:
    """Return the lines of a file as a program reads them."""
    return list(csv.reader(io.StringIO(text.removeprefix(BOM), newline="")))


def stored(**progress: object) -> StoredLead:
    return StoredLead(lead=a_lead(), progress=Progress(**progress))  # type: ignore[arg-type] # any attribute


def test_the_file_has_a_line_for_each_request_below_the_columns() -> None:
    closed = stored(
        response=ResponseState.CLOSED,
        action=ClaimAction.REACHED,
        outcome=Outcome.BOOKED,
        claimed_at=NOW + timedelta(minutes=3),
        closed_at=NOW + timedelta(hours=1),
    )
    text = requests_csv([closed, stored()], CLINIC)
    assert text.startswith(f"{BOM}Reference,")
    assert text.count("\r\n") == text.count("\n") == 3
    first, second, third = cells(text)
    assert first == list(COLUMNS)
    assert dict(zip(COLUMNS, second, strict=True)) == {
        "Reference": closed.lead.reference,
        "Received": "2026-03-04 10:30",
        "Urgency": "normal",
        "Form": "consultation",
        "Name": "Robin Example",
        "Phone": "'+1 202-555-0147",
        "Email": "robin@example.com",
        "Preferred contact": "phone",
        "Contact": "",
        "Location": "Downtown, 12 Example Street",
        "Language": "",
        "Campaign source": "newsletter",
        "Medium": "email",
        "Campaign": "spring",
        "State": "Booked a consultation",
        "First claimed": "2026-03-04 10:33",
        "Closed": "2026-03-04 11:30",
    }
    assert third[COLUMNS.index("State")] == "Open"


def test_a_person_who_wants_no_contact_has_no_way_to_reach_them_in_the_file() -> None:
    lead = replace(a_lead(), withdrawn=CONSENT_KINDS)
    text = requests_csv([StoredLead(lead=lead, progress=Progress(withdrawn=CONSENT_KINDS))], CLINIC)
    line = dict(zip(COLUMNS, cells(text)[1], strict=True))
    assert (line["Phone"], line["Email"], line["Preferred contact"]) == ("", "", "")
    assert line["Contact"] == "Do not contact"
    assert line["Name"] == "Robin Example"
    assert "555" not in text


def test_the_file_has_no_message_and_no_answer_about_health() -> None:
    lead = a_full_lead(message="Nothing helps so far.")
    text = requests_csv([StoredLead(lead=lead, progress=Progress())], CLINIC)
    for words in ("Nothing helps", "depression", "low_mood", "two_or_more", "pregnant", "Sam Sample"):
        assert words not in text


def test_a_request_in_quarantine_says_so() -> None:
    text = requests_csv([stored(state=AlertState.QUARANTINED, quarantined_at=NOW)], CLINIC)
    assert cells(text)[1][COLUMNS.index("State")] == "In quarantine"


@given(st.one_of(st.sampled_from(FORMULAS), st.text(max_size=20)))
@example("-")
def test_no_cell_begins_like_a_formula(typed: str) -> None:
    cell = guarded(typed)
    assert cell in {typed, f"'{typed}"}
    visible = cell.strip(' "\u200b\ufeff')
    assert visible[:1] not in {"=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20"}


@pytest.mark.parametrize("typed", FORMULAS)
def test_a_cell_that_begins_like_a_formula_gets_an_apostrophe(typed: str) -> None:
    assert guarded(typed) == f"'{typed}"


@pytest.mark.parametrize("typed", ["", "Robin Example", "2026-03-04 10:30", "robin@example.com", "Zoë = fine"])
def test_other_cells_stay_as_they_are(typed: str) -> None:
    assert guarded(typed) == typed


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0"), max_size=30), max_size=5))
def test_what_visitors_typed_stays_in_its_cell(names: list[str]) -> None:
    every = [StoredLead(lead=but(a_lead(), name=name or "x"), progress=Progress()) for name in names]
    read = cells(requests_csv(every, CLINIC))
    assert all(len(line) == len(COLUMNS) for line in read)
    assert [line[COLUMNS.index("Name")].removeprefix("'") for line in read[1:]] == [
        (name or "x").removeprefix("'") for name in names
    ]


@pytest.mark.skipif(OFFICE is None, reason="needs LibreOffice Calc (Debian: libreoffice-calc-nogui)")
def test_libreoffice_opens_5000_requests_and_runs_no_formula(tmp_path: Path) -> None:
    every = list(requests(5_000))
    every[: len(FORMULAS)] = [
        replace(each, lead=but(each.lead, name=formula, utm_source=formula, utm_campaign=formula))
        for each, formula in zip(every, FORMULAS, strict=False)
    ]
    file = tmp_path / "requests.csv"
    file.write_text(requests_csv(every, CLINIC), encoding="utf-8", newline="")
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    # 44 is the comma, 34 the quotation mark, 76 UTF-8. The last settings evaluate formulas, as a person might.
    read = "--infilter=CSV:44,34,76,1,,0,false,true,false,false,false,0,true"
    command = [str(OFFICE), profile, "--headless", read, "--convert-to", "fods", "--outdir", str(tmp_path), str(file)]
    subprocess.run(command, check=True, capture_output=True, timeout=240)
    sheet = (tmp_path / "requests.fods").read_text("utf-8")
    assert "table:formula" not in sheet
    assert sheet.count("<table:table-row") >= 5_001
    again = [str(OFFICE), profile, "--headless", "--convert-to", "csv:Text - txt - csv (StarCalc):44,34,76", "--outdir"]
    (tmp_path / "back").mkdir()
    subprocess.run(
        [*again, str(tmp_path / "back"), str(tmp_path / "requests.fods")], check=True, capture_output=True, timeout=240
    )
    back = cells((tmp_path / "back" / "requests.csv").read_text("utf-8-sig"))
    assert back[0] == list(COLUMNS)
    assert len(back) == 5_001
    assert {len(line) for line in back} == {len(COLUMNS)}
    assert [line[0] for line in back[1:]] == [each.lead.reference for each in every]
