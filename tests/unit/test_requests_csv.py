"""desk.requests_csv: the file of requests, as a spreadsheet reads it."""

import csv
import io
import re
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
from shared.leads.lead import CONSENT_KINDS, NEWS, TEXTS, Lead
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
    assert text.startswith(f'{BOM}"Reference",')
    assert text.count("\r\n") == text.count("\n") == 3
    first, second, third = cells(text)
    assert first == list(COLUMNS)
    assert dict(zip(COLUMNS, second, strict=True)) == {
        "Reference": closed.lead.reference,
        "Received": "2026-03-04 10:30",
        "Form": "consultation",
        "Name": "Robin Example",
        "Ask for": "Sam Sample",
        "Phone": "'+1 202-555-0147",
        "Email": "",
        "Preferred contact": "phone",
        "May text": "Yes",
        "May email news": "No",
        "Voicemail": "Yes",
        "Discreet": "Yes",
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


def line_of(lead: Lead, **progress: object) -> dict[str, str]:
    own = StoredLead(lead=lead, progress=Progress(withdrawn=lead.withdrawn, **progress))  # type: ignore[arg-type] # any
    return dict(zip(COLUMNS, cells(requests_csv([own], CLINIC))[1], strict=True))


def without_ways(line: dict[str, str]) -> bool:
    ways = [line[name] for name in ("Phone", "Email", "Preferred contact", "May text", "May email news")]
    return ways == ["", "", "", "No", "No"] and not any("555" in cell or "@" in cell for cell in line.values())


def test_a_person_who_wants_no_contact_has_no_way_to_reach_them_in_the_file() -> None:
    line = line_of(replace(a_full_lead(), withdrawn=CONSENT_KINDS))
    assert without_ways(line)
    assert line["Contact"] == "Do not contact"
    assert line["Name"] == "Robin Example"


@pytest.mark.parametrize(
    "progress",
    [
        {"state": AlertState.QUARANTINED, "quarantined_at": NOW},
        {"response": ResponseState.CLOSED, "action": ClaimAction.SPAM},
        {"response": ResponseState.CLOSED, "action": ClaimAction.WRONG_NUMBER, "outcome": Outcome.WRONG_NUMBER},
        {"response": ResponseState.CLOSED, "action": ClaimAction.WRONG_NUMBER},  # as before 0.7.0
    ],
)
def test_possible_spam_and_a_wrong_number_have_no_way_to_reach_anybody(progress: dict[str, object]) -> None:
    assert without_ways(line_of(a_full_lead(preferred_contact="email"), **progress))


@pytest.mark.parametrize(("preferred", "shown"), [("email", True), (None, True), ("phone", False), ("text", False)])
def test_the_file_has_an_address_only_if_the_person_may_be_emailed(preferred: str | None, shown: bool) -> None:  # noqa: FBT001 - a parameter
    line = line_of(a_full_lead(preferred_contact=preferred))
    assert line["Email"] == ("robin@example.com" if shown else "")
    assert line["May email news"] == ("Yes" if shown else "No")
    assert line["Phone"] == "'+1 202-555-0147"
    assert line["Preferred contact"] == (preferred or "")


def test_the_file_says_every_wish_of_a_person() -> None:
    line = line_of(a_full_lead(preferred_contact="email"))
    assert [line[name] for name in ("May text", "May email news", "Voicemail", "Discreet", "Ask for")] == [
        *("Yes", "Yes", "Yes", "Yes", "Sam Sample")
    ]
    line = line_of(a_full_lead(voicemail_ok=False, discreet=None, call_me=None))
    assert [line[name] for name in ("Voicemail", "Discreet", "Ask for")] == ["No", "", ""]


@pytest.mark.parametrize(("kind", "column"), [(TEXTS, "May text"), (NEWS, "May email news")])
def test_a_withdrawn_consent_changes_its_column_only(kind: str, column: str) -> None:
    lead = a_full_lead(preferred_contact="email")
    before, after = line_of(lead), line_of(replace(lead, withdrawn=frozenset({kind})))
    assert {name for name in COLUMNS if before[name] != after[name]} == {column}
    assert after[column] == "No"


def test_a_wish_for_texts_is_gone_with_the_consent_to_them() -> None:
    lead = a_full_lead(preferred_contact="text")
    assert line_of(lead)["Preferred contact"] == "text"
    assert line_of(replace(lead, withdrawn=frozenset({TEXTS})))["Preferred contact"] == ""


def test_the_file_has_no_message_and_no_answer_about_health() -> None:
    lead = a_full_lead(message="Nothing helps so far.", in_crisis=True)
    text = requests_csv([StoredLead(lead=lead, progress=Progress())], CLINIC)
    for words in ("Nothing helps", "depression", "low_mood", "two_or_more", "pregnant", "urgent"):
        assert words not in text


def test_a_request_in_quarantine_says_so() -> None:
    text = requests_csv([stored(state=AlertState.QUARANTINED, quarantined_at=NOW)], CLINIC)
    assert cells(text)[1][COLUMNS.index("State")] == "In quarantine"


SIGNS: Final = "=+-@\uff1d\uff0b\uff0d\uff20\u2212"
TYPED: Final = st.text(st.one_of(st.sampled_from(f"{SIGNS};,\t\r\n \"'\u2028"), st.characters()), max_size=20)


@given(st.one_of(st.sampled_from(FORMULAS), TYPED))
@example("-")
@example("Ann; =1")
@example("Ann;\t=1")
@example('Ann;"=1')
def test_no_part_of_a_cell_begins_like_a_formula(typed: str) -> None:
    cell = guarded(typed)
    assert cell[:1] not in {"\t", "\r", "\n"}
    for part in re.split("[;\t\r\n\v\f\x1c-\x1e\x85\u2028\u2029]", cell):
        assert not part.strip(' "\u200b\ufeff').startswith(tuple(SIGNS))
    assert cell.replace("'", "") == typed.replace("'", "")


@pytest.mark.parametrize("typed", FORMULAS)
def test_a_cell_that_begins_like_a_formula_gets_an_apostrophe(typed: str) -> None:
    assert guarded(typed).startswith("'")


@pytest.mark.parametrize("separator", [";", "\t", "\n", "\r"])
@pytest.mark.parametrize("sign", SIGNS)
def test_a_formula_behind_a_separator_gets_an_apostrophe(separator: str, sign: str) -> None:
    assert guarded(f"Ann{separator} {sign}40+2") == f"Ann{separator}' {sign}40+2"


@pytest.mark.parametrize(
    "typed", ["", "Robin Example", "2026-03-04 10:30", "robin@example.com", "Zoë = fine", "Ann; Bo-1"]
)
def test_other_cells_stay_as_they_are(typed: str) -> None:
    assert guarded(typed) == typed


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0"), max_size=30), max_size=5))
def test_what_visitors_typed_stays_in_its_cell(names: list[str]) -> None:
    every = [StoredLead(lead=but(a_lead(), name=name or "x"), progress=Progress()) for name in names]
    read = cells(requests_csv(every, CLINIC))
    assert all(len(line) == len(COLUMNS) for line in read)
    assert [line[COLUMNS.index("Name")] for line in read[1:]] == [guarded(name or "x") for name in names]


def converted(file: Path, to: str, *more: str) -> Path:
    """Return what LibreOffice makes of a file, in a folder of its own."""
    folder = file.parent / to[:4]
    profile = f"-env:UserInstallation={(file.parent / 'profile').as_uri()}"
    command = [str(OFFICE), profile, "--headless", *more, "--convert-to", to, "--outdir", str(folder), str(file)]
    subprocess.run(command, check=True, capture_output=True, timeout=240)
    return folder / f"{file.stem}.{to[:4].rstrip(':')}"


def opened(file: Path, separators: str) -> Path:
    """Return a file as LibreOffice opens it with some separators, by their codes."""
    # 34 is the quotation mark, 76 UTF-8. The last settings evaluate formulas, as a person might.
    return converted(file, "fods", f"--infilter=CSV:{separators},34,76,1,,0,false,true,false,false,false,0,true")


def with_formulas() -> list[StoredLead]:
    every = list(requests(5_000))
    places = [
        f"{before}{formula}" for formula in FORMULAS for before in ("", "Ann;", "Ann;;", "Ann\t", "Ann,", "Ann;'")
    ]
    every[: len(places)] = [
        replace(each, lead=but(each.lead, name=typed, call_me=typed, utm_source=typed, utm_campaign=typed))
        for each, typed in zip(every, places, strict=False)
    ]
    return every


NEEDS_OFFICE: Final = pytest.mark.skipif(
    OFFICE is None, reason="needs LibreOffice Calc (Debian: libreoffice-calc-nogui)"
)


@NEEDS_OFFICE
@pytest.mark.parametrize("separators", ["44", "59", "44/59/9"])  # comma; semicolon; both and the tab
def test_libreoffice_runs_no_formula_whatever_separates_cells(tmp_path: Path, separators: str) -> None:
    file = tmp_path / "requests.csv"
    file.write_text(requests_csv(with_formulas()[:200], CLINIC), encoding="utf-8", newline="")
    assert "table:formula" not in opened(file, separators).read_text("utf-8")


@NEEDS_OFFICE
@pytest.mark.parametrize("separators", ["59", "44/59/9"])
def test_libreoffice_would_run_a_formula_without_the_apostrophe(tmp_path: Path, separators: str) -> None:
    """Otherwise the test above proves nothing."""
    file = tmp_path / "requests.csv"
    file.write_text("Reference,Name\r\nKC-1,Ann;=40+2\r\n", encoding="utf-8", newline="")
    assert "table:formula" in opened(file, separators).read_text("utf-8")


@NEEDS_OFFICE
def test_libreoffice_opens_5000_requests_and_loses_nothing(tmp_path: Path) -> None:
    every = with_formulas()
    file = tmp_path / "requests.csv"
    file.write_text(requests_csv(every, CLINIC), encoding="utf-8", newline="")
    sheet = opened(file, "44")
    text = sheet.read_text("utf-8")
    assert "table:formula" not in text
    assert text.count("<table:table-row") >= 5_001
    back = cells(converted(sheet, "csv:Text - txt - csv (StarCalc):44,34,76").read_text("utf-8-sig"))
    assert back[0] == list(COLUMNS)
    assert len(back) == 5_001
    assert {len(line) for line in back} == {len(COLUMNS)}
    assert [line[0] for line in back[1:]] == [each.lead.reference for each in every]
