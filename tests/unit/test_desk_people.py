"""The pages about a person's data: what is there, its export, and the order to erase it."""

import json
from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final

import pytest

from desk import person_page
from desk.erase_page import MOST
from desk.route import Download, PageError, Role
from desk.words.kept import HELD, OPEN
from shared.leads.erasure import Erasure, ErasureState
from shared.leads.event import OPERATOR
from shared.leads.lead import Lead
from shared.leads.response import ClaimAction, Outcome, ResponseState
from tests.unit.desk import BASE, World
from tests.unit.desk import MANAGER as MANAGERS_ADDRESS
from tests.unit.desk import NURSE as NURSES_ADDRESS
from tests.unit.desk_pages import JORDAN, LATER, MANAGER, NURSE, QUARANTINED, Answer, Office, checked, facts
from tests.unit.forms import assert_well_tied
from tests.unit.people import NOW, a_lead
from tests.unit.whose import whose
from tests.unit.words import CANARY

CLOSED: Final[dict[str, Any]] = {
    "response": ResponseState.CLOSED,
    "action": ClaimAction.REACHED,
    "acted_by": NURSE.id,
    "acted_at": NOW,
    "closed_at": NOW,
    "due_at": None,
    "overdue_since": None,
}
BOOKED: Final = CLOSED | {"outcome": Outcome.BOOKED}
HELD_LEAD: Final[dict[str, Any]] = {"held_at": NOW, "held_by": MANAGER.id, "hold_reason": "A lawyer's letter."}


def somebody_else(number: int = 9) -> Lead:
    return a_lead(number, name="Casey Sample", email="casey.sample@example.com", phone="+12025550188")


def boxes(answer: Answer) -> list[str]:
    return [str(each).removeprefix("erase-") for each in answer.page.xpath("//input[@type='checkbox']/@name")]


def references(answer: Answer) -> list[str]:
    return [each.text_content() for each in answer.page.xpath("//li//*[contains(@class, 'reference')]")]


def erased(office: Office, lead: Lead) -> None:
    """Leave of a lead what its erasure leaves."""
    item = dict(office.table.leads[lead.id])
    kept = {name: value for name, value in item.items() if name in {"pk", "sk", "schema", "reference", "received_at"}}
    office.table.leads[lead.id] = kept | {"erased_at": {"S": "2026-03-04T15:40:00.000Z"}}


# ---- everything about one person


def test_the_page_lists_all_requests_of_the_person_and_nobody_elses() -> None:
    office = Office()
    open_, spam, closed = office.add(a_lead(0)), office.add(a_lead(1), **QUARANTINED), office.add(a_lead(2), **BOOKED)
    other = office.add(somebody_else())
    answer = office.manage(spam)
    assert sorted(references(answer)) == sorted(each.reference for each in (open_, spam, closed))
    assert set(answer.shown.lead_ids) == {open_.id, spam.id, closed.id}
    assert other.name not in answer.text
    links = [each.get("href") for each in answer.page.xpath("//ul[@class='requests']//a")]
    assert set(links) == {f"https://api.example.com/v1/desk/requests/{each.id}" for each in (open_, spam, closed)}


@pytest.mark.parametrize(
    ("progress", "words"),
    [
        ({}, OPEN),
        (BOOKED, "Until April 3, 2026"),
        (CLOSED, "Until March 4, 2027"),
        (dict(QUARANTINED), "Until April 3, 2026"),
        (BOOKED | {"kept_until": NOW + timedelta(days=60)}, "Until May 3, 2026"),
        (BOOKED | HELD_LEAD, HELD),
        (HELD_LEAD, HELD),
    ],
)
def test_it_says_until_when_each_request_is_kept(progress: dict[str, Any], words: str) -> None:
    office = Office()
    lead = office.add(**progress)
    assert facts(office.manage(lead))["Kept"] == words
    assert facts(office.open(lead))["Kept"] == words


def test_it_says_what_was_agreed_to_and_withdrawn() -> None:
    office = Office()
    lead = office.add()
    office.send(lead, "withdraw", consent="consent_texts", how="phone")
    said = facts(office.manage(lead))["Consents"]
    assert "May be contacted" in said
    assert "May not get text messages. Withdrawn by phone today at 10:55 AM EST" in said


def test_only_managers_find_the_link_on_a_request() -> None:
    office = Office()
    lead = office.add()
    path = f"https://api.example.com/v1/desk/people/{lead.id}"
    as_manager = office.get(f"/requests/{lead.id}", MANAGER, Role.MANAGER)
    assert as_manager.page.xpath(f"//a[@href='{path}']")
    assert path not in office.open(lead).body


def test_a_hostile_name_is_text_on_each_page() -> None:
    office = Office()
    lead = office.add(a_lead(name="<script>alert(1)</script>"))
    for page in ("", "/erase"):
        answer = office.manage(lead, page)
        assert "<script>" not in answer.body
        assert "<script>alert(1)</script>" in answer.text
        assert not answer.page.xpath("//@style")


@pytest.mark.parametrize("page", ["", "/erase"])
@pytest.mark.parametrize("progress", [{}, HELD_LEAD])
def test_its_pages_are_well_tied(page: str, progress: dict[str, Any]) -> None:
    office = Office()
    lead = office.add(**progress)
    answer = office.manage(lead, page)
    assert_well_tied(answer.page)
    assert len(answer.page.xpath("//h1")) == 1
    for form in answer.page.xpath("//main//form"):
        assert form.get("method") == "post"
        assert len(form.xpath(".//input[@name='csrf']")) == 1


# ---- export


@pytest.mark.parametrize(("chosen", "begins"), [("json", "{"), ("html", "<!doctype html>")])
def test_an_export_is_a_file_with_all_requests_of_the_person(chosen: str, begins: str) -> None:
    office = Office()
    one, two = office.add(a_lead(0)), office.add(a_lead(1), **QUARANTINED)
    other = office.add(somebody_else())
    file = office.export(one, chosen).file
    assert file.name == f"person-{one.reference}-2026-03-04.{chosen}"
    assert file.body.lower().startswith(begins)
    assert set(file.lead_ids) == {one.id, two.id}
    for lead in (one, two):
        assert lead.reference in file.body
    for text in (other.reference, other.name, other.email, other.phone):
        assert str(text) not in file.body
    if chosen == "json":
        assert json.loads(file.body)


def test_an_export_in_an_unknown_format_is_refused() -> None:
    office = Office()
    lead = office.add()
    with pytest.raises(PageError) as caught:
        office.manage(lead, "/export", format="exe")
    assert caught.value.status is HTTPStatus.BAD_REQUEST


def test_an_export_that_is_too_large_says_who_can_make_it(monkeypatch: pytest.MonkeyPatch) -> None:
    office = Office()
    lead = office.add()
    monkeypatch.setattr(person_page, "_MOST_BYTES", 100)
    with pytest.raises(PageError) as caught:
        office.export(lead, "json")
    assert caught.value.status is HTTPStatus.CONTENT_TOO_LARGE
    assert "system administrator" in caught.value.text[0]


@pytest.mark.parametrize("name", ["a b.json", 'x".json', "x.json\r\nX: y", "../x.json", "x", ""])
def test_the_name_of_a_file_cannot_change_a_header(name: str) -> None:
    with pytest.raises(ValueError, match="not the name"):
        Download(name=name, content_type="text/html", body="", action="export", lead_ids=())


@pytest.mark.parametrize(
    ("changes", "why_not"),
    [
        ({}, ""),
        ({"name": "ROBIN Éxample", "email": "other@example.com"}, ""),
        ({"name": "Casey Sample", "email": "ROBIN@example.com"}, ""),
        ({"name": "Casey Sample", "in_crisis": True}, ""),
        ({"name": "Casey Sample", "email": "casey@example.com"}, "Has the same number, but another name."),
        ({"name": "Casey Sample", "email": None}, "Has the same number, but another name."),
    ],
)
def test_only_requests_with_the_same_name_or_address_are_checked(changes: dict[str, Any], why_not: str) -> None:
    office = Office()
    one = office.add(a_lead(0, email="robin@example.com"))
    two = office.add(a_lead(1, **({"email": "robin@example.com"} | changes)))
    answer = office.manage(one)
    assert set(checked(answer, "export")) == {f"export-{one.id}", *([f"export-{two.id}"] if not why_not else [])}
    assert why_not in answer.text
    assert ("Has the same number" in answer.text) is bool(why_not)
    assert (two.reference in office.export(one, "json").file.body) is (not why_not)


def test_a_request_without_a_name_is_like_no_other() -> None:
    office = Office()
    one, two = office.add(a_lead(0, name="", email=None)), office.add(a_lead(1, name="", email=None))
    assert list(checked(office.manage(one), "export")) == [f"export-{one.id}"]
    assert list(checked(office.manage(two), "export")) == [f"export-{two.id}"]


def test_an_export_has_nothing_of_a_request_that_nobody_chose() -> None:
    office = Office()
    one = office.add(a_lead(0))
    two = office.add(a_lead(1, name="Casey Sample", email="casey@example.com", message="Something else."))
    both = office.manage(one, "/export", format="json", **{f"export-{each.id}": "on" for each in (one, two)}).file
    assert set(both.lead_ids) == {one.id, two.id}
    file = office.manage(one, "/export", format="json", **{f"export-{two.id}": "on"}).file
    assert file.lead_ids == (two.id,)
    assert file.name.startswith(f"person-{two.reference}-")
    for text in (one.id, one.reference, one.name, str(one.email)):
        assert text not in file.body


def test_without_a_choice_nothing_is_exported() -> None:
    office = Office()
    lead, other = office.add(), office.add(somebody_else())
    for form in ({}, {f"export-{other.id}": "on"}, {f"export-{CANARY}": "on"}):
        answer = office.manage(lead, "/export", format="json", **form)
        assert answer.shown.status is HTTPStatus.BAD_REQUEST
        assert "No request is chosen" in answer.text
        assert CANARY not in answer.body
        assert_well_tied(answer.page)


def test_an_export_that_takes_too_long_says_who_can_make_it(monkeypatch: pytest.MonkeyPatch) -> None:
    office = Office()
    lead = office.add()
    office.desk.audit.write(office.now, actor=NURSE.id, email=NURSE.email, action="read_list")
    assert office.export(lead, "json").file
    monkeypatch.setattr(person_page, "_MOST_SECONDS", -1.0)
    with pytest.raises(PageError) as caught:
        office.export(lead, "json")
    assert caught.value.status is HTTPStatus.CONTENT_TOO_LARGE
    assert "export it with a command" in caught.value.text[0]


# ---- erase


def test_a_request_with_the_same_number_and_another_name_is_not_proposed_for_erasure() -> None:
    office = Office()
    one, two = office.add(a_lead(0)), office.add(a_lead(1, name="Sam Other", email="sam@example.com"), **BOOKED)
    answer = office.manage(one, "/erase")
    assert sorted(boxes(answer)) == sorted([one.id, two.id])
    assert answer.page.xpath("//input[@type='checkbox'][@checked]/@name") == [f"erase-{one.id}"]
    assert "another name" in answer.text


def test_the_erase_page_lists_all_requests_and_says_what_happens() -> None:
    office = Office()
    one, two = office.add(a_lead(0)), office.add(a_lead(1), **BOOKED)
    answer = office.manage(one, "/erase")
    assert sorted(boxes(answer)) == sorted([one.id, two.id])
    assert len(answer.page.xpath("//input[@type='checkbox'][@checked]")) == 2
    for words in ("This cannot be undone.", "tombstone", "35 more days", f"search for {two.reference}", one.reference):
        assert words in answer.text or words.replace(two.reference, one.reference) in answer.text
    (button,) = answer.page.xpath("//main//button")
    assert button.text_content() == "Erase the chosen requests"


def test_erase_orders_the_chosen_requests() -> None:
    office = Office()
    one, two = office.add(a_lead(0)), office.add(a_lead(1), **BOOKED)
    assert office.manage(one, "/erase", **{f"erase-{two.id}": "on"}).path == "/erasures"
    (order,) = office.desk.erasures.all()
    assert (order.lead_ids, order.references, order.state) == ((two.id,), (two.reference,), ErasureState.ORDERED)
    assert (order.ordered_by, order.by_email) == (MANAGER.id, MANAGER.email)
    assert "An erasure is ordered" in office.manage(one).text


def test_the_same_form_sent_twice_orders_once() -> None:
    office = Office()
    lead = office.add()
    for _ in range(2):
        office.manage(lead, "/erase", **{f"erase-{lead.id}": "on"})
    assert len(list(office.desk.erasures.all())) == 1


def test_without_a_choice_nothing_is_ordered() -> None:
    office = Office()
    lead, other = office.add(), office.add(somebody_else())
    for form in ({"csrf": "x"}, {f"erase-{other.id}": "on"}, {f"erase-{CANARY}": "on"}):
        answer = office.manage(lead, "/erase", **form)
        assert answer.shown.status is HTTPStatus.BAD_REQUEST
        assert "No request is chosen" in answer.text
        assert CANARY not in answer.body
        assert not answer.page.xpath("//input[@type='checkbox'][@checked]")
    assert not list(office.desk.erasures.all())


def test_a_request_under_legal_hold_cannot_be_chosen_or_erased() -> None:
    office = Office()
    free, held = office.add(a_lead(0)), office.add(a_lead(1), **HELD_LEAD)
    asked = office.manage(free, "/erase")
    assert boxes(asked) == [free.id]
    assert "Under legal hold: it stays." in asked.text
    answer = office.manage(free, "/erase", **{f"erase-{free.id}": "on", f"erase-{held.id}": "on"})
    assert answer.shown.status is HTTPStatus.CONFLICT
    assert f"{held.reference} cannot be erased until a manager ends the hold." in answer.text
    assert answer.page.xpath("//input[@type='checkbox'][@checked]/@name") == [f"erase-{free.id}"]
    assert not list(office.desk.erasures.all())


def test_if_all_requests_are_held_there_is_no_button() -> None:
    office = Office()
    answer = office.manage(office.add(**HELD_LEAD), "/erase")
    assert not answer.page.xpath("//main//button")
    assert "All requests are under legal hold" in answer.text


@pytest.mark.parametrize("page", ["/requests/{}", "/people/{}", "/people/{}/erase"])
def test_an_erased_request_is_a_page_in_words(page: str) -> None:
    office = Office()
    lead = office.add()
    erased(office, lead)
    with pytest.raises(PageError) as caught:
        office.get(page.format(lead.id), MANAGER, Role.MANAGER)
    assert (caught.value.status, caught.value.title) == (HTTPStatus.GONE, "This request was erased")


@pytest.mark.parametrize("act", ["note", "claim", "withdraw", "hold"])
def test_a_form_about_an_erased_request_changes_nothing(act: str) -> None:
    office = Office()
    lead = office.add()
    erased(office, lead)
    before = dict(office.table.leads[lead.id])
    form = {"text": "x", "consent": "consent_texts", "how": "phone", "why": "x"}
    with pytest.raises(PageError) as caught:
        office.send_old_form(lead, act, form)
    assert caught.value.status is HTTPStatus.GONE
    assert office.table.leads[lead.id] == before


def test_an_expired_request_does_not_exist() -> None:
    office = Office()
    lead = office.add(**BOOKED)
    office.now = NOW + timedelta(days=31)
    with pytest.raises(PageError) as caught:
        office.manage(lead)
    assert caught.value.status is HTTPStatus.NOT_FOUND


# ---- the erasures


def an_erasure(**changes: Any) -> Erasure:  # noqa: ANN401 - any attribute of an erasure
    lead = a_lead()
    values: dict[str, Any] = {
        "id": "20260304T153000000Z-0000000000000001",
        "ordered_at": NOW,
        "ordered_by": JORDAN.id,
        "by_email": JORDAN.email,
        "lead_ids": (lead.id,),
        "references": (lead.reference,),
        "due_at": NOW,
    }
    return Erasure(**(values | changes))


def listed(**changes: Any) -> Answer:  # noqa: ANN401 - as above
    office = Office()
    office.desk.erasures.write(an_erasure(**changes))
    return office.get("/erasures", MANAGER, Role.MANAGER)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, ["Ordered. It begins within a few minutes", "Today at 10:30 AM EST, by jordan@example.com"]),
        ({"ordered_by": OPERATOR, "by_email": None}, ["by your system administrator"]),
        (
            {"state": ErasureState.LOOKING_AGAIN, "erased_at": NOW, "due_at": NOW + timedelta(hours=6)},
            ["Erased. The second look, which proves it, comes today at 4:30 PM EST", "ends on April 8, 2026"],
        ),
        (
            {"state": ErasureState.PROVEN, "erased_at": NOW, "proven_at": LATER, "due_at": None},
            [
                "Proven today at 10:55 AM EST",
                "A full scan of everything that is stored",
            ],
        ),
        ({"problems": ("An item of the timeline",)}, ["Still found", "An item of the timeline"]),
        ({"found_elsewhere": 2}, ["2 items of other requests with the same data"]),
        ({"held": (a_lead(1).id,)}, [f"{a_lead(1).reference} under legal hold"]),
        ({}, [f"Delete these emails in your mailboxes: search for {a_lead().reference}."]),
    ],
)
def test_the_page_says_the_state_of_each_erasure(changes: dict[str, Any], words: list[str]) -> None:
    text = listed(**changes).text
    for each in words:
        assert each in text


def test_an_erasure_that_erased_nothing_asks_to_delete_no_emails() -> None:
    lead = a_lead()
    text = listed(state=ErasureState.LEFT_ALONE, due_at=None, held=(lead.id,)).text
    assert "Nothing was erased: every request is under legal hold" in text
    assert f"{lead.reference} under legal hold" in text
    assert text.count(lead.reference) == 1
    assert "Delete these emails" not in text


def test_the_emails_of_a_request_under_hold_stay() -> None:
    lead, held = a_lead(), a_lead(1)
    text = listed(lead_ids=(lead.id, held.id), references=(lead.reference, held.reference), held=(held.id,)).text
    assert f"Delete these emails in your mailboxes: search for {lead.reference}." in text


def test_a_request_that_was_left_alone_waits_for_no_erasure() -> None:
    office = Office()
    lead = office.add(**HELD_LEAD)
    erasure = an_erasure(state=ErasureState.LEFT_ALONE, due_at=None, held=(lead.id,), lead_ids=(lead.id,))
    office.desk.erasures.write(erasure)
    assert "An erasure is ordered" not in office.manage(lead).text


def test_the_erasures_show_nothing_of_the_person() -> None:
    lead = a_lead()
    answer = listed(traces=(lead.name, str(lead.email), str(lead.phone)), person_keys=frozenset({"a" * 64}))
    for text in (lead.name, str(lead.email), str(lead.phone), "a" * 64):
        assert text not in answer.body
    assert answer.shown.lead_ids == (lead.id,)


def test_emails_about_a_request_under_legal_hold_need_not_be_deleted() -> None:
    held, gone = a_lead(1), a_lead(0)
    text = listed(references=(gone.reference, held.reference), held=(held.id,)).text
    assert f"search for {gone.reference}." in text


def test_a_long_list_of_erasures_says_that_it_is_cut() -> None:
    office = Office()
    for number in range(MOST + 1):
        office.desk.erasures.write(an_erasure(id=f"20260304T153000000Z-{number:016}"))
    answer = office.get("/erasures", MANAGER, Role.MANAGER)
    assert f"These are the newest {MOST}." in answer.text
    assert len(answer.page.xpath("//ol/li")) == MOST


def test_without_an_erasure_the_page_says_so() -> None:
    assert "Nothing was erased yet." in Office().get("/erasures", MANAGER, Role.MANAGER).text


# ---- the audit


def test_an_export_is_audited_with_all_its_requests_before_it_is_sent() -> None:
    there = World()
    one, two = a_lead(0), a_lead(1)
    for lead in (one, two):
        there.leads.put(lead)
        whose(there.leads.client, lead, there.desk().keys.for_people())
    browser = there.signed_in(MANAGERS_ADDRESS)
    page = browser.post(
        f"/people/{one.id}/export", {"format": "html", f"export-{one.id}": "on", f"export-{two.id}": "on"}
    )
    assert page.status == 200
    assert page.headers["Content-Disposition"] == [f'attachment; filename="person-{one.reference}-2026-03-04.html"']
    assert page.headers["Cache-Control"] == ["no-store"]
    assert page.headers["X-Content-Type-Options"] == ["nosniff"]
    first, last = there.entries[-2:]
    assert first == (MANAGERS_ADDRESS, "export", (one.id,))
    assert (last[1], set(last[2])) == ("export", {one.id, two.id})
    assert there.details[-2:] == [{"format": "html"}, {}]


def test_without_the_audit_no_export_is_sent() -> None:
    there = World()
    lead = a_lead()
    there.leads.put(lead)
    browser = there.signed_in(MANAGERS_ADDRESS)
    original, written = there.audit.write, []

    def fails_the_second_time(*args: Any, **more: Any) -> int:  # noqa: ANN401 - those of `write`
        written.append(more["action"])
        if len(written) > 1:
            there.audited.broken["PutItem"] = "AccessDeniedException"
        return original(*args, **more)

    object.__setattr__(there.audit, "write", fails_the_second_time)
    page = browser.post(f"/people/{lead.id}/export", {"format": "json", f"export-{lead.id}": "on"})
    assert (page.status, written) == (503, ["export", "export"])
    assert lead.name not in page.body
    assert "Content-Disposition" not in page.headers


def test_the_entry_of_an_erasure_names_the_chosen_requests_and_quotes_nobody() -> None:
    there = World()
    lead = a_lead()
    there.leads.put(lead)
    browser = there.signed_in(MANAGERS_ADDRESS)
    browser.post(f"/people/{lead.id}/erase", {f"erase-{lead.id}": "on", f"erase-{CANARY}": "on", CANARY: CANARY})
    assert browser.last.location == f"{BASE}/erasures"
    assert there.entries[-1] == (MANAGERS_ADDRESS, "erase", (lead.id,))
    assert CANARY not in str(there.entries) + str(there.details)
    assert len(list(there.desk().erasures.all())) == 1


def test_a_nurse_can_neither_export_nor_erase() -> None:
    there = World()
    lead = a_lead()
    there.leads.put(lead)
    browser = there.signed_in(NURSES_ADDRESS)
    for path, form in (("export", {"format": "json"}), ("erase", {f"erase-{lead.id}": "on"})):
        page = browser.post(f"/people/{lead.id}/{path}", form)
        assert page.status == 403
        assert lead.name not in page.body
    assert not list(there.desk().erasures.all())
