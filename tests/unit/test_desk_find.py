"""Finding requests: by a reference in an address, and by anything that a form sends."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.rows import row_of_lead
from desk.words.find import LOOKED, NO_REFERENCE, NOTHING_FOUND, ONLY_REFERENCES, TOO_SHORT
from shared.leads.progress import Progress, StoredLead
from shared.leads.response import ResponseState
from shared.store.progress_item import progress_attributes
from tests.unit.desk_pages import Answer, Office
from tests.unit.forms import assert_well_tied
from tests.unit.people import NOW, a_lead
from tests.unit.words import any_text


@pytest.fixture(scope="module")
def office() -> Office:
    made = Office()
    made.add(a_lead(1, name="Zo\u00eb O'Brien-Smith", phone="+12025550111", email="zoe@example.com"))
    made.add(a_lead(2, name="\u00c9mile N\u00fa\u00f1ez", phone=None, email="Emile.Nunez@example.com"))
    made.add(
        a_lead(3, name="Zo\u00eb Sample", phone="+12025550111", email=None, received_at=NOW + timedelta(minutes=1))
    )
    made.add(a_lead(4, name="Canary Zo\u00eb"), synthetic=True)
    return made


def names(answer: Answer) -> list[str]:
    return [each.text_content() for each in answer.page.xpath("//ol[@class='rows']//h2")]


@pytest.mark.parametrize("typed", ["{}", "  {} ", "kc {} "])
def test_one_exact_reference_goes_straight_to_the_request(office: Office, typed: str) -> None:
    lead = a_lead(1)
    reference = lead.reference if "kc" not in typed else lead.reference.removeprefix("KC-").lower()
    assert office.find(typed.format(reference)).path == f"/requests/{lead.id}"
    assert office.get("/find", q=typed.format(reference)).path == f"/requests/{lead.id}"


@pytest.mark.parametrize(
    ("lead_id", "typed", "found_before"),
    [
        ("ABCDEFGH" + "0" * 18, "abcd-efgh", []),
        ("BRENTSEN" + "0" * 18, "Brentsen", ["Brentsen"]),
        ("55501470" + "0" * 18, "5550-1470", []),
        ("KC12KC34" + "0" * 18, "kc12kc34", []),
    ],
)
def test_a_reference_that_could_be_a_name_or_a_number_leads_to_its_request(
    lead_id: str, typed: str, found_before: list[str]
) -> None:
    office = Office()
    office.add(a_lead(1, name="Brentsen", phone="+12025550147"))
    assert names(office.find(typed)) == found_before
    lead = office.add(a_lead(2, id=lead_id))
    assert office.find(typed).path == f"/requests/{lead.id}"


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("zoe", {"Zo\u00eb O'Brien-Smith", "Zo\u00eb Sample"}),
        ("SMITH zoe", {"Zo\u00eb O'Brien-Smith"}),
        ("nunez emile", {"\u00c9mile N\u00fa\u00f1ez"}),
        ("(202) 555-0111", {"Zo\u00eb O'Brien-Smith", "Zo\u00eb Sample"}),
        ("0111", {"Zo\u00eb O'Brien-Smith", "Zo\u00eb Sample"}),
        ("emile.nunez@EXAMPLE.com", {"\u00c9mile N\u00fa\u00f1ez"}),
        ("nunez@", {"\u00c9mile N\u00fa\u00f1ez"}),
    ],
)
def test_people_are_found(office: Office, typed: str, expected: set[str]) -> None:
    answer = office.find(typed)
    assert set(names(answer)) == expected
    assert len(names(answer)) == len(expected) == len(answer.shown.lead_ids)
    assert LOOKED in answer.text
    assert_well_tied(answer.page)


def test_an_exact_number_finds_a_request_that_is_not_among_the_newest(monkeypatch: pytest.MonkeyPatch) -> None:
    office = Office()
    office.add(a_lead(1, name="Robin", phone="+12025550111"))
    monkeypatch.setattr("desk.find.NEWEST", 0)
    assert names(office.find("202-555-0111")) == ["Robin"]
    assert names(office.find("robin@example.com")) == ["Robin"]
    assert names(office.find("Robin")) == []


@pytest.mark.parametrize("typed", ["Nobody Known", "(202) 555-0199", "nobody@example.com"])
def test_an_empty_result_says_what_was_searched_and_what_to_try(office: Office, typed: str) -> None:
    answer = office.find(typed)
    assert "No request found" in answer.text
    assert LOOKED in answer.text
    assert NOTHING_FOUND in answer.text
    assert answer.page.xpath("//input[@id='look']/@value") == [typed]


def test_a_reference_of_no_request_says_so(office: Office) -> None:
    hint = NO_REFERENCE.format(reference="KC-0000-0000")
    assert hint in office.find("KC-0000-0000").text
    assert hint in office.get("/find", q="KC-0000-0000").text


def test_eight_letters_and_digits_may_be_a_name_too() -> None:
    office = Office()
    office.add(a_lead(name="Robin123"))
    assert names(office.find("robin123")) == ["Robin123"]


@pytest.mark.parametrize("typed", ["", " ", "12", "-"])
def test_too_little_to_look_for_has_a_hint(office: Office, typed: str) -> None:
    answer = office.find(typed)
    assert TOO_SHORT in answer.text
    assert answer.shown.lead_ids == ()


@pytest.mark.parametrize("typed", ["zoe", "zoe@example.com", "(202) 555-0111"])
def test_nothing_personal_is_looked_for_in_an_address(office: Office, typed: str) -> None:
    answer = office.get("/find", q=typed)
    assert ONLY_REFERENCES.format(prefix="KC") in answer.text
    assert answer.shown.lead_ids == ()
    assert typed not in answer.body


def test_the_form_is_there_without_a_word(office: Office) -> None:
    answer = office.get("/find")
    assert not answer.page.xpath("//*[@role='status']")
    assert [form.get("method") for form in answer.page.forms] == ["post"] * len(answer.page.forms)


def test_no_more_than_50_results_are_shown() -> None:
    office = Office()
    for number in range(52):
        office.add(a_lead(number, name="Robin", phone=f"+1202555{100 + number:04}", email=None))
    answer = office.find("robin")
    assert len(names(answer)) == len(answer.shown.lead_ids) == 50
    assert "More than 50 requests found." in answer.text


@given(any_text)
def test_any_text_has_a_page(typed: str) -> None:
    answer = Office().find(typed)
    assert not answer.page.xpath("//script | //@style")
    Office().get("/find", q=typed).page.xpath("//h1")


@given(st.permutations(["anna", "maria", "o'brien", "\u00e5s"]))
def test_the_order_of_names_does_not_matter(words: list[str]) -> None:
    office = Office()
    lead = office.add(a_lead(name="Anna-Maria O\u2019Brien \u00c5s"))
    assert office.find(" ".join(words)).shown.lead_ids == (lead.id,)


@pytest.mark.parametrize("closed_at", [NOW, None], ids=["closed now", "closed before 0.7.0"])
def test_a_row_that_was_found_without_the_index_has_the_same_place(closed_at: datetime | None) -> None:
    progress = Progress(response=ResponseState.CLOSED, acted_at=NOW + timedelta(hours=1), closed_at=closed_at)
    for stored in (StoredLead(lead=a_lead(), progress=each) for each in (Progress(), progress)):
        assert row_of_lead(stored).at == progress_attributes(stored)["desk_at"]
