"""The report at the desk: its numbers, its plot, and the files of requests with their entries in the audit."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk import report_page
from desk.plot import HEIGHT, plot
from desk.route import PageError, Role, Route
from shared.leads.lead import CONSENT_KINDS
from shared.leads.month import Month
from shared.leads.response import ClaimAction, Outcome, ResponseState
from tests.unit.desk_pages import MANAGER, Answer, Office
from tests.unit.people import NOW, a_lead

CAME: dict[str, Any] = {
    "response": ResponseState.CLOSED,
    "action": ClaimAction.REACHED,
    "outcome": Outcome.CAME,
    "claimed_at": NOW + timedelta(minutes=4),
    "closed_at": NOW + timedelta(minutes=5),
}


def opened(office: Office, **query: str) -> Answer:
    return office.get("/report", MANAGER, Role.MANAGER, **query)


def forms(answer: Answer) -> list[dict[str, str]]:
    """Return what the buttons of the files send."""
    every = answer.page.xpath("//ul[@class='files']//form")
    return [{each.get("name"): each.get("value") for each in form.xpath(".//input")} for form in every]


def references(answer: Answer) -> list[str]:
    lines = csv.reader(io.StringIO(answer.file.body.removeprefix("\ufeff"), newline=""))
    return [line[0] for line in lines][1:]


def test_the_page_says_how_many_came_in_and_what_came_of_them() -> None:
    office = Office()
    office.add(a_lead(1), **CAME)
    office.add(a_lead(2))
    office.add(a_lead(3), **CAME | {"action": ClaimAction.SPAM, "outcome": None})
    answer = opened(office)
    assert answer.page.findtext(".//h1") == "2 requests in March 2026"
    for words in (
        "Came to the consultation 1 50%",
        "Not in these numbers: 0 waiting in quarantine, 1 closed as spam, 0 closed as a duplicate.",
        "Normal requests, in opening hours: 2 came in, and 1 was claimed, within 4 minutes.",
        "No-shows: 0 of 1 (0%).",
        "All other sources 2 100%",
        "Downtown, 12 Example Street 2 100%",
        "There are too few requests from different campaigns",
    ):
        assert words in answer.text
    assert answer.shown.details == {"month": "2026-03"}
    assert answer.shown.lead_ids == ()


def test_the_page_shows_nothing_of_a_person() -> None:
    office = Office()
    lead = office.add(a_lead(1), **CAME)
    body = opened(office).body
    for words in (lead.name, "robin", "555-01", lead.reference, lead.id, "newsletter", "spring"):
        assert words not in body


def test_the_plot_has_a_bar_for_each_day_with_requests_and_a_table_beside_it() -> None:
    office = Office()
    office.add(a_lead(1))
    office.add(a_lead(2, received_at=NOW - timedelta(days=1)))
    page = opened(office).page
    assert len(page.xpath("//svg/rect")) == 2
    (picture,) = page.xpath("//svg")
    assert picture.get("role") == "img"
    assert picture.get("aria-label").startswith("Requests by day. The most, 1, came in on Tuesday, March 3.")
    rows = page.xpath("//details//tbody/tr")
    assert len(rows) == 31
    assert [row.text_content().split()[-1] for row in rows[2:4]] == ["1", "1"]
    assert not page.xpath("//@style | //script")


@given(st.integers(2020, 2090), st.integers(1, 12), st.data())
def test_every_bar_is_in_the_picture_and_as_high_as_its_number(year: int, number: int, data: st.DataObject) -> None:
    days = Month(year, number).days()
    counts = data.draw(st.lists(st.integers(0, 100_000), min_size=len(days), max_size=len(days)))
    drawn = plot(list(zip(days, counts, strict=True)))
    assert len(drawn.bars) == len(days)
    for bar, count in zip(drawn.bars, counts, strict=True):
        assert bar.y + bar.height == HEIGHT
        assert 0 <= bar.x < bar.x + bar.width <= drawn.width
        assert (bar.height > 0) == (count > 0)
        assert bar.height <= max(2, HEIGHT * count / drawn.most + 1) if count else True


def test_an_empty_month_has_a_page() -> None:
    answer = opened(Office(), month="2026-02")
    assert "No request of this month is stored." in answer.text
    assert "0 requests in February 2026" in answer.text


def test_the_desk_has_the_reports_of_13_months() -> None:
    office = Office()
    values = opened(office).page.xpath("//select/option/@value")
    assert (values[0], values[-1], len(values)) == ("2026-03", "2025-03", 13)
    for month in ("2025-02", "2026-04", "2026", "x"):
        with pytest.raises(PageError, match="There is no report of this month"):
            opened(office, month=month)


@pytest.fixture
def three_in_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report_page, "IN_A_FILE", 3)


@pytest.mark.usefixtures("three_in_a_file")
def test_the_files_together_have_each_request_once_and_say_how_far_they_are() -> None:
    office = Office()
    leads = [office.add(a_lead(n, received_at=NOW - timedelta(hours=n))) for n in range(8)]
    answer = opened(office)
    labels = [" ".join(each.text_content().split()) for each in answer.page.xpath("//ul[@class='files']//button")]
    assert labels == ["Requests 1 to 3 of 8", "Requests 4 to 6 of 8", "Requests 7 to 8 of 8"]
    files = [office.download(form) for form in forms(answer)]
    assert [reference for file in files for reference in references(file)] == [
        lead.reference for lead in reversed(leads)
    ]
    assert [file.file.name for file in files] == [
        "requests-2026-03-from-1-to-3.csv",
        "requests-2026-03-from-4-to-6.csv",
        "requests-2026-03-from-7-to-8.csv",
    ]
    assert files[0].file.lead_ids == tuple(lead.id for lead in leads[:4:-1])
    assert files[0].file.action == "requests_csv"
    assert files[0].file.content_type == "text/csv; charset=utf-8"


@pytest.mark.usefixtures("three_in_a_file")
def test_requests_of_the_same_millisecond_are_in_one_file() -> None:
    office = Office()
    leads = [office.add(a_lead(n)) for n in range(5)]
    (form,) = forms(opened(office))
    assert sorted(references(office.download(form))) == sorted(lead.reference for lead in leads)


@pytest.mark.usefixtures("three_in_a_file")
def test_a_request_that_was_deleted_meanwhile_moves_no_other_one_out_of_its_file() -> None:
    office = Office()
    leads = [office.add(a_lead(n, received_at=NOW + timedelta(minutes=n))) for n in range(5)]
    first, second = forms(opened(office))
    del office.table.dynamodb.items[f"LEAD#{leads[0].id}", "LEAD"]
    assert references(office.download(first)) == [lead.reference for lead in leads[1:3]]
    assert references(office.download(second)) == [lead.reference for lead in leads[3:]]


def test_the_canarys_request_is_in_no_file() -> None:
    office = Office()
    office.add(a_lead(1))
    office.add(a_lead(2), synthetic=True)
    (form,) = forms(opened(office))
    assert len(references(office.download(form))) == 1


def test_a_person_who_wants_no_contact_has_no_address_in_the_file() -> None:
    office = Office()
    office.add(a_lead(1), not_wanted_at=NOW, withdrawn=CONSENT_KINDS)
    (form,) = forms(opened(office))
    body = office.download(form).file.body
    assert "Do not contact" in body
    assert "robin@" not in body
    assert "555" not in body


@pytest.mark.parametrize(
    "change",
    [
        {"until": ""},
        {"until": "x"},
        {"after": "9"},
        {"first": "0"},
        {"first": "1; rm"},
        {"after": "2026-03-31T00:00:00.000Z"},
    ],
)
def test_a_form_that_no_page_has_gets_no_file(change: dict[str, str]) -> None:
    office = Office()
    office.add(a_lead(1))
    (form,) = forms(opened(office))
    with pytest.raises(PageError, match="This file has no requests"):
        office.download(form | change)


def of(path: str) -> Route:
    (route,) = (each for each in Office().routes if each.path == path)
    return route


def test_the_report_and_its_files_are_for_managers() -> None:
    assert {of(path).role for path in ("/report", "/report/requests-csv")} == {Role.MANAGER}
    assert of("/report/requests-csv").method == "POST"


def test_the_entry_of_a_download_is_written_before_anything_is_read() -> None:
    office = Office()
    office.add(a_lead(1))
    answer = opened(office)
    (form,) = forms(answer)
    sent = office.download(form)
    assert of("/report/requests-csv").details(sent.visit) == {"month": "2026-03"}
    assert of("/report/requests-csv").details(office.download(form | {"month": "2026-03"}).visit)
