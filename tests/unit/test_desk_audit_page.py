"""The page of the audit: who saw and did what, by request and by person, in pages."""

from dataclasses import replace
from datetime import timedelta

import pytest
from lxml.html import HtmlElement

from desk.audit_page import _references
from desk.words.audit import ACTIONS
from shared.leads.identity import reference
from shared.leads.person import Person
from tests.unit.desk import BASE, MANAGER, NURSE, Browser, World
from tests.unit.forms import page_of
from tests.unit.people import CLINIC, a_lead

LEAD, OTHER = a_lead(), a_lead(1)
MINUTE = timedelta(minutes=1)


def wrote(world: World, minutes: int, email: str, action: str, *lead_ids: str) -> None:
    person = Person(email)
    world.audit.write(world.clock() + MINUTE * minutes, actor=person.id, email=email, action=action, lead_ids=lead_ids)


def numbers(page: HtmlElement) -> list[int]:
    return [int(each.get("value", "")) for each in page.iter("li") if each.get("value")]


def links(page: HtmlElement) -> dict[str, str]:
    return {" ".join(each.text_content().split()): each.get("href", "") for each in page.iter("a")}


def opened(browser: Browser, query: str = "") -> HtmlElement:
    page = browser.get(f"/audit{query}")
    assert page.status == 200
    return page_of(page.body)


@pytest.fixture
def world() -> World:
    world = World()
    wrote(world, -3, NURSE, "read_request", LEAD.id)
    wrote(world, -2, MANAGER, "read_list", LEAD.id, OTHER.id)
    wrote(world, -1, NURSE, "claim", OTHER.id)
    return world


def test_it_says_who_did_what_about_which_request_newest_first(world: World) -> None:
    page = opened(world.signed_in(MANAGER))
    assert numbers(page) == [4, 3, 2, 1]
    newest, claim, looked, _ = (" ".join(each.text_content().split()) for each in page.iter("li") if each.get("value"))
    assert newest == f"Signed in Mar 4, 2026, 10:30:00 AM EST {MANAGER}"
    assert claim == f"Pressed \u201cClaim this request\u201d Mar 4, 2026, 10:29:00 AM EST {NURSE} {reference(OTHER.id)}"
    assert looked.endswith(f"{MANAGER} {reference(LEAD.id)} {reference(OTHER.id)}")
    assert links(page)[reference(OTHER.id)] == f"{BASE}/requests/{OTHER.id}"


def test_it_says_the_state_of_the_chain(world: World) -> None:
    browser = world.signed_in(MANAGER)
    last = world.audit.last()
    assert f"make audit-verify LAST={last}" in opened(browser).text_content()
    assert world.entries[-1] == (MANAGER, "read_audit", ())


@pytest.mark.parametrize("typed", [reference(LEAD.id), f" {reference(LEAD.id).lower()} "])
def test_it_can_show_one_request(world: World, typed: str) -> None:
    page = opened(world.signed_in(MANAGER), f"?reference={typed}&person=")
    assert numbers(page) == [2, 1]
    assert opened(world.signed_in(MANAGER), f"?lead={LEAD.id}").text_content().count("Opened the request") == 1


def test_it_can_show_one_person_and_addresses_are_in_no_url(world: World) -> None:
    browser = world.signed_in(MANAGER)
    page = opened(browser, f"?person={Person(NURSE).id}")
    assert numbers(page) == [3, 1]
    for address in (*links(page).values(), *(each.get("value", "") for each in page.iter("option"))):
        assert "@" not in address
        assert "%40" not in address
    options = {each.text: each.get("value") for each in page.iter("option")}
    assert options == {"Everybody": "", MANAGER: Person(MANAGER).id, NURSE: Person(NURSE).id}
    assert links(page)[NURSE] == f"{BASE}/audit?person={Person(NURSE).id}"


def test_what_was_looked_for_is_in_the_entry_and_in_words(world: World) -> None:
    browser = world.signed_in(MANAGER)
    opened(browser, f"?lead={LEAD.id}&person={Person(NURSE).id}&before=9")
    assert world.details[-1] == {"lead": LEAD.id, "person": Person(NURSE).id, "before": "9"}
    opened(browser, f"?reference={OTHER.reference}")
    text = opened(browser).text_content()
    assert f"Opened the audit, about {LEAD.reference}, by {NURSE}, before number 9" in text


def test_a_hand_over_and_a_refusal_are_said_with_what_they_were_about(world: World) -> None:
    nurse = world.signed_in()
    nurse.post(f"/requests/{LEAD.id}/hand-over", {"to": Person(MANAGER).id, "press": "p" * 16})
    nurse.get("/audit")
    text = opened(world.signed_in(MANAGER)).text_content()
    assert f"Pressed \u201cHand it over\u201d, for {MANAGER}" in text
    assert "Was refused for the role: Opened the audit" in text


def test_somebody_who_left_can_be_chosen_by_an_entry(world: World) -> None:
    wrote(world, 0, "former@example.com", "read_request", LEAD.id)
    page = opened(world.signed_in(MANAGER))
    assert "former@example.com" in [each.text for each in page.iter("option")]


def test_a_long_audit_is_read_in_pages(world: World) -> None:
    for number in range(60):
        wrote(world, number, NURSE, "read_request", LEAD.id)
    browser = world.signed_in(MANAGER)
    first = opened(browser)
    assert len(numbers(first)) == 50
    second = opened(browser, links(first)["Older entries"].removeprefix(f"{BASE}/audit"))
    assert numbers(second)[0] == numbers(first)[-1] - 1
    assert "Older entries" not in links(second)
    assert links(second)["Newest entries"] == f"{BASE}/audit"


def test_the_entries_of_a_request_end_where_it_came_in(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.store.audit._MOST_LOOKED_AT", 3)
    browser = world.signed_in(MANAGER)
    wrote(world, 5, NURSE, "read_request", LEAD.id)
    query = f"?reference={reference(LEAD.id)}"
    assert "Older entries" in links(opened(browser, query))
    world.leads.put(LEAD)  # it came in when the manager signed in
    monkeypatch.setattr("shared.store.audit._MOST_LOOKED_AT", 4)
    page = opened(browser, query)
    assert len(numbers(page)) == 1
    assert "Older entries" not in links(page)


def test_a_look_through_many_entries_goes_on_by_hand(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.store.audit._MOST_LOOKED_AT", 2)
    browser = world.signed_in(MANAGER)
    page = opened(browser, f"?person={'r-' + '0' * 12}")
    assert "You can look further back" in page.text_content()
    assert "before=3" in links(page)["Look further back"]


@pytest.mark.parametrize(
    "query",
    ["?person=<script>", "?person=nurse@example.com", "?before=-1", "?before=1e9", "?before=0", "?lead=x", "?other=1"],
)
def test_what_our_own_pages_never_send_is_ignored(world: World, query: str) -> None:
    assert numbers(opened(world.signed_in(MANAGER), query)) == [4, 3, 2, 1]


@pytest.mark.parametrize("typed", ["KC-1", "Robin", "%3Cscript%3E", "KC-IIII-OOOO"])
def test_what_is_no_reference_is_said_in_words(world: World, typed: str) -> None:
    page = opened(world.signed_in(MANAGER), f"?reference={typed}")
    assert "That is not a reference" in page.text_content()
    assert numbers(page) == []
    assert not list(page.iter("script"))


def test_without_entries_it_says_so() -> None:
    world = World()
    browser = world.signed_in(MANAGER)
    world.audited.items.clear()
    text = opened(browser).text_content()
    assert "There are no such entries." in text
    assert "There are no entries yet." in text


def test_every_action_of_the_table_has_words() -> None:
    unknown = {route.action for route in World().routes} - set(ACTIONS)
    assert not unknown, f"add the words for {sorted(unknown)} to functions/desk/words/audit.py"


def test_a_request_has_its_own_reference_after_the_clinic_chose_other_letters(world: World) -> None:
    world.leads.put(LEAD)
    changed = replace(world.desk(), rules=replace(world.desk().rules, clinic=replace(CLINIC, reference_prefix="DR")))
    reference_of = _references(changed)
    assert reference_of(LEAD.id) == LEAD.reference
    assert reference_of(OTHER.id) == reference(OTHER.id, "DR")  # it is not stored any more
