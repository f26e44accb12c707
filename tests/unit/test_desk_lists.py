"""The lists of requests: which request is where, in which order, in pages, and in words."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from desk import lists
from desk.route import PageError, Role
from desk.words.lists import WORDS, Tab
from shared.leads.clinic import Retention
from shared.leads.lead import Lead
from shared.leads.response import ClaimAction, ResponseState
from tests.architecture.templates import ROOT
from tests.unit.desk_pages import BASE, CASEY, JORDAN, LATER, NURSE, QUARANTINED, UNDELIVERED, Answer, Office
from tests.unit.forms import assert_well_tied
from tests.unit.people import CLINIC, NOW, a_lead

CLOSED: dict[str, Any] = {
    "response": ResponseState.CLOSED,
    "action": ClaimAction.REACHED,
    "claimed_by": NURSE.id,
    "due_at": None,
    "overdue_since": None,
}


def names(answer: Answer) -> list[str]:
    return [each.text_content() for each in answer.page.xpath("//ol[@class='rows']//h2")]


def row(answer: Answer, name: str) -> dict[str, str]:
    (found,) = answer.page.xpath("//ol[@class='rows']/li[.//h2//bdi[.=$name]]", name=name)
    return {each.findtext("dt"): " ".join(each.find("dd").text_content().split()) for each in found.xpath(".//dl/div")}


def tabs(answer: Answer) -> dict[str, str]:
    found = (" ".join(each.text_content().split()) for each in answer.page.xpath("//nav[@class='tabs']//a"))
    return dict(each.rsplit(" ", 1) for each in found)


def some(number: int, name: str, **changes: Any) -> Lead:  # noqa: ANN401 - any attribute of a lead
    return a_lead(number, name=name, phone=f"+1202555{100 + number:04}", email=None, **changes)


@pytest.fixture
def office() -> Office:
    made = Office()
    made.add(some(1, "Old", received_at=NOW - timedelta(hours=1)))
    made.add(some(2, "New"))
    made.add(some(3, "Urgent", in_crisis=True))
    claimed = made.add(some(4, "Claimed", received_at=NOW - timedelta(hours=2)))
    made.send(claimed, "claim", JORDAN)
    own = made.add(some(5, "Own urgent", message="I want to end it all"))
    made.send(own, "claim", NURSE)
    made.add(some(6, "Spam"), **QUARANTINED)
    made.add(some(7, "Undelivered"), **UNDELIVERED)
    made.add(some(8, "Closed earlier"), **CLOSED, closed_at=NOW)
    made.add(some(9, "Closed later"), **CLOSED, closed_at=NOW + timedelta(minutes=3))
    made.add(some(10, "Canary"), synthetic=True)
    return made


@pytest.mark.parametrize(
    ("tab", "expected"),
    [
        ("open", ["Urgent", "Own urgent", "Claimed", "Old", "New"]),
        ("mine", ["Own urgent"]),
        ("urgent", ["Urgent", "Own urgent"]),
        ("spam", ["Spam"]),
        ("undelivered", ["Undelivered"]),
        ("closed", ["Closed later", "Closed earlier"]),
    ],
)
def test_each_list_has_its_requests_in_order(office: Office, tab: str, expected: list[str]) -> None:
    answer = office.get(list=tab)
    assert sorted(names(answer)) == sorted(expected)
    if tab == "closed":
        assert names(answer) == expected
    assert len(answer.shown.lead_ids) == len(expected)
    assert_well_tied(answer.page)


def test_urgent_requests_are_first_and_then_the_oldest(office: Office) -> None:
    found = names(office.get())
    assert set(found[:2]) == {"Urgent", "Own urgent"}
    assert found[2:] == ["Claimed", "Old", "New"]


def test_each_tab_has_its_count_and_the_current_one_is_marked(office: Office) -> None:
    answer = office.get(list="spam")
    assert tabs(answer) == {"Open": "5", "Mine": "1", "Urgent": "2", "Spam": "1", "Undelivered": "1", "Closed": "2"}
    (current,) = answer.page.xpath("//nav[@class='tabs']//a[@aria-current='page']")
    assert current.get("href") == f"{BASE}?list=spam"


@pytest.mark.parametrize("tab", sorted(set(Tab) - {Tab.UNDELIVERED}))
def test_undelivered_requests_are_announced_on_every_other_list(office: Office, tab: Tab) -> None:
    answer = office.get(list=str(tab))
    assert "No email reached anybody about 1 request." in answer.text
    assert answer.page.xpath("//p[@class='notice']/a/@href") == [f"{BASE}?list=undelivered"]
    assert "No email reached anybody about" not in Office().get(list=str(tab)).text


@pytest.mark.parametrize("tab", Tab)
def test_no_list_says_that_all_is_well_while_a_request_is_undelivered(tab: Tab) -> None:
    office = Office()
    office.add(a_lead(), **UNDELIVERED)
    text = office.get(list=str(tab)).text
    for untrue in ("You don't need to do anything", "No urgent request is open.", "Everybody who asked was reached"):
        assert untrue not in text


def test_the_hint_stops_counting_at_a_hundred() -> None:
    office = Office()
    for number in range(101):
        office.add(some(number, "Robin"), **UNDELIVERED)
    assert "No email reached anybody about 100+ requests." in office.get(list="urgent").text


@pytest.mark.parametrize("tab", ["open", "urgent", "undelivered"])
def test_an_urgent_request_that_reached_nobody_is_among_the_urgent_ones(tab: str) -> None:
    made = Office()
    lead = made.add(a_lead(in_crisis=True), **UNDELIVERED)
    assert made.get("", list=tab).shown.lead_ids == (lead.id,)


def test_a_row_says_that_the_person_wants_no_contact_and_links_to_no_call() -> None:
    made = Office()
    lead = made.add(a_lead())
    made.send(lead, "not-wanted")
    made.send(lead, "reopen", CASEY)
    answer = made.get()
    assert "Does not want to be contacted" in answer.text
    assert not answer.page.xpath("//a[starts-with(@href, 'tel:')]")


def test_a_row_says_what_to_do_first(office: Office) -> None:
    answer = office.get()
    assert row(answer, "Old") == {
        "Reach": "+1 202-555-0101",
        "Wait": "Waiting 1 hour, target 15 min: late",
        "Owner": "Nobody",
    }
    assert row(answer, "Claimed") == {
        "Reach": "+1 202-555-0104",
        "Wait": "Came in 2 hours ago",
        "Owner": "jordan@example.com",
    }
    assert row(answer, "Own urgent")["Owner"] == "You"
    assert answer.page.xpath("//a/@href[starts-with(., 'tel:')]")
    flags = [each.text_content() for each in answer.page.xpath("//strong[@class='flag']")]
    assert sorted(flags) == ["Urgent: in crisis", "Urgent: words of a crisis"]


def test_a_follow_up_is_in_the_row(office: Office) -> None:
    lead = office.add(some(20, "Later"))
    office.send(lead, "follow-up", CASEY, day="2026-03-09", time="15:30")
    assert row(office.get(), "Later") == {
        "Reach": "+1 202-555-0120",
        "Wait": "Came in 25 minutes ago",
        "Owner": "casey@example.com",
        "Follow-up": "Monday, March 9 at 3:30 PM EDT",
    }


def test_a_closed_row_says_how_it_ended(office: Office) -> None:
    lead = office.add(some(20, "Booked"))
    office.send(lead, "outcome", outcome="booked")
    assert row(office.get(list="closed"), "Booked")["Outcome"] == "Closed today at 10:55 AM EST: booked a consultation"


@pytest.mark.parametrize("then", ["", "declined", "not_suitable"])
def test_a_closed_row_of_a_person_who_wants_no_contact_says_only_that(then: str) -> None:
    office = Office()
    lead = office.add(some(20, "Robin"))
    office.send(lead, "not-wanted")
    if then:
        office.send(lead, "outcome", outcome=then)
    found = row(office.get(list="closed"), "Robin")
    assert found["Outcome"] == "Closed today at 10:55 AM EST: does not want to be contacted"
    assert found["Reach"].endswith("Does not want to be contacted")


@pytest.mark.parametrize(
    ("changes", "reach", "link"),
    [
        ({"phone": "+12025550147", "email": None}, "+1 202-555-0147", "tel:+12025550147"),
        ({"phone": None, "email": "robin@example.com"}, "robin@example.com", "mailto:robin@example.com"),
        ({"preferred_contact": "email"}, "robin@example.com", "mailto:robin@example.com"),
        ({"preferred_contact": "text"}, "+1 202-555-0147 text preferred", "tel:+12025550147"),
        ({"phone": "not a number", "email": None}, "not a number", None),
        ({"phone": "+19005550147", "email": None}, "Premium-rate number", None),
        ({"phone": None, "email": None}, "No phone, no email", None),
        ({"phone": None, "email": "x@example.com?subject=<b>"}, "x@example.com?subject=<b>", None),
    ],
)
def test_only_a_checked_way_that_may_be_used_is_a_link(changes: dict[str, Any], reach: str, link: str | None) -> None:
    office = Office()
    lead = office.add(a_lead(**changes))
    answer = office.get()
    assert reach in row(answer, lead.name)["Reach"]
    links = answer.page.xpath("//ol[@class='rows']//dd//a/@href")
    expected = f"{link}?subject={lead.reference}" if link and link.startswith("mailto:") else link
    assert links == ([expected] if expected else [])


def test_a_closed_request_has_no_way_to_call_with_one_tap(office: Office) -> None:
    answer = office.get(list="closed")
    assert row(answer, "Closed later")["Reach"] == "+1 202-555-0109"
    assert not answer.page.xpath("//ol[@class='rows']//dd//a")


@pytest.mark.parametrize(
    "changes", [{"phone": "\u202e5550147", "email": None}, {"phone": None, "email": "\u202ea@example.com"}, {}]
)
def test_what_a_visitor_typed_cannot_turn_the_text_around_it(changes: dict[str, Any]) -> None:
    office = Office()
    office.add(a_lead(**changes))
    (reach,) = office.get().page.xpath("//ol[@class='rows']//dd[../dt='Reach']")
    (typed,) = reach.xpath(".//bdi")
    assert typed.text_content() == (changes.get("phone") or changes.get("email") or "+1 202-555-0147")


def test_a_name_is_text() -> None:
    office = Office()
    office.add(a_lead(name="<script>alert(1)</script>"))
    assert not office.get().page.xpath("//script")
    assert names(office.get()) == ["<script>alert(1)</script>"]


# --- pages ------------------------------------------------------------------------------------------------------------


def walk(office: Office, tab: str) -> list[list[str]]:
    """Return the names on each page of a list."""
    pages, query = [], {"list": tab}
    while True:
        answer = office.get(**query)
        pages.append(names(answer))
        links = answer.page.xpath("//nav[@class='pages']/a[.='Next page']/@href")
        if not links:
            return pages
        query = dict(each.split("=") for each in links[0].partition("?")[2].split("&"))
        query["after"] = query["after"].replace("%23", "#").replace("%3A", ":")


@pytest.mark.parametrize(("urgent", "others"), [(0, 60), (3, 50), (25, 0), (25, 1), (30, 30), (50, 25)])
def test_pages_of_25_have_each_request_once_and_urgent_ones_first(urgent: int, others: int) -> None:
    office = Office()
    for number in range(urgent):
        office.add(some(number, f"Urgent {number}", in_crisis=True, received_at=NOW + timedelta(seconds=number)))
    for number in range(others):
        office.add(some(1000 + number, f"Other {number}", received_at=NOW + timedelta(seconds=number)))
    pages = walk(office, "open")
    assert [name for page in pages for name in page] == [
        *(f"Urgent {number}" for number in range(urgent)),
        *(f"Other {number}" for number in range(others)),
    ]
    assert all(len(page) == 25 for page in pages[:-1])
    assert pages[-1]


def test_ones_own_requests_have_pages_too() -> None:
    office = Office()
    for number in range(60):
        claimed = {"response": ResponseState.CLAIMED, "claimed_by": (NURSE if number % 2 else JORDAN).id}
        office.add(some(number, f"Person {number}", received_at=NOW + timedelta(seconds=number)), **claimed)
    assert [len(page) for page in walk(office, "mine")] == [25, 5]
    assert [name for page in walk(office, "mine") for name in page] == [f"Person {each}" for each in range(1, 60, 2)]


def claimed_by_nurse(office: Office, count: int, **changes: Any) -> list[Lead]:  # noqa: ANN401 - any attribute of a lead
    claimed = {"response": ResponseState.CLAIMED, "claimed_by": NURSE.id}
    return [
        office.add(some(each, f"Person {each}", received_at=NOW + timedelta(seconds=each), **changes), **claimed)
        for each in range(count)
    ]


@pytest.mark.parametrize("urgent", [True, False])
def test_a_later_page_of_ones_own_goes_on_after_a_request_that_left_the_list(urgent: bool) -> None:  # noqa: FBT001
    office = Office()
    claimed_by_nurse(office, 30, in_crisis=urgent)
    first = office.get(list="mine")
    (link,) = first.page.xpath("//a[.='Next page']/@href")
    (last,) = (lead for lead in map(office.table.read, first.shown.lead_ids[-1:]) if lead)
    office.send(last.lead, "reached")
    second = office.get(**dict(parse_qsl(urlsplit(link).query)))
    assert names(second) == [f"Person {each}" for each in range(25, 30)]


def test_the_pages_of_ones_own_go_from_urgent_requests_to_others() -> None:
    office = Office()
    claimed = {"response": ResponseState.CLAIMED, "claimed_by": NURSE.id}
    for number in range(30):
        office.add(some(number, f"Other {number}", received_at=NOW + timedelta(seconds=number)), **claimed)
    for number in range(30, 60):
        late = some(number, f"Urgent {number}", in_crisis=True, received_at=NOW + timedelta(seconds=number))
        office.add(late, **claimed)
    found = [name for page in walk(office, "mine") for name in page]
    assert found == [*(f"Urgent {each}" for each in range(30, 60)), *(f"Other {each}" for each in range(30))]


@pytest.mark.parametrize(("urgent", "others", "more"), [(3, 3, False), (2, 3, False), (4, 3, True), (6, 1, True)])
def test_ones_own_list_says_if_it_did_not_look_at_all_claimed_requests(
    monkeypatch: pytest.MonkeyPatch,
    urgent: int,
    others: int,
    more: bool,  # noqa: FBT001
) -> None:
    monkeypatch.setattr(lists, "MOST_CLAIMED", 6)
    office = Office()
    claimed = {"response": ResponseState.CLAIMED, "claimed_by": NURSE.id}
    for number in range(urgent + others):
        office.add(some(number, f"Person {number}", in_crisis=number < urgent), **claimed)
    answer = office.get(list="mine")
    assert ("This list looked at 6 of them" in answer.text) is more
    assert tabs(answer)["Mine"] == ("6+" if more else str(urgent + others))
    assert "This list looked at" not in office.get(list="open").text


def test_the_documentation_says_how_many_claimed_requests_are_looked_at() -> None:
    assert f'"Mine" looks at {lists.MOST_CLAIMED} claimed requests' in (ROOT / "docs/limits.md").read_text("utf-8")


def test_a_count_stops_at_a_hundred() -> None:
    office = Office()
    for number in range(101):
        office.add(some(number, "Robin"))
    assert tabs(office.get())["Open"] == "100+"
    assert tabs(office.get())["Urgent"] == "0"


def test_a_later_page_has_a_way_to_the_first() -> None:
    office = Office()
    for number in range(26):
        office.add(some(number, "Robin"))
    first = office.get()
    assert not first.page.xpath("//a[.='First page']")
    (link,) = first.page.xpath("//a[.='Next page']/@href")
    after = link.partition("after=")[2].replace("%23", "#").replace("%3A", ":")
    assert office.get(list="open", after=after).page.xpath("//a[.='First page']/@href") == [f"{BASE}?list=open"]


@pytest.mark.parametrize("after", ["", "x", "0.", "9.2026-03-04T15:30:00.000Z#" + "0" * 26, "0.' OR 1=1", "1.\n"])
def test_a_place_that_does_not_exist_is_a_page_too(office: Office, after: str) -> None:
    assert names(office.get(after=after))


# --- empty and unknown ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tab", Tab)
def test_an_empty_list_says_what_that_means_and_what_to_do(tab: Tab) -> None:
    answer = Office().get(list=str(tab))
    assert WORDS[tab].empty in answer.text
    assert WORDS[tab].then in answer.text
    assert answer.shown.lead_ids == ()


@pytest.mark.parametrize(("days", "words"), [(30, "deleted after 30 days"), (1, "deleted after 1 day.")])
def test_the_clinics_setting_says_how_long_spam_is_kept(days: int, words: str) -> None:
    office = Office()
    rules = replace(office.desk.rules, clinic=replace(CLINIC, retention=Retention(spam=days)))
    office.desk = replace(office.desk, rules=rules)
    assert words in office.get(list="spam").text


def test_there_is_no_other_list() -> None:
    with pytest.raises(PageError, match="There is no such list"):
        Office().get(list="<script>")


def test_only_a_manager_has_a_link_to_the_audit() -> None:
    def links(role: Role) -> list[str]:
        return [str(each) for each in Office().get("", NURSE, role).page.xpath("//header//a/@href")]

    assert f"{BASE}/audit" not in links(Role.STAFF)
    assert f"{BASE}/audit" in links(Role.MANAGER)


def test_the_clock_of_a_list_is_the_visits() -> None:
    office = Office(now=LATER + timedelta(minutes=5))
    lead = office.add()
    assert row(office.get(), lead.name)["Wait"] == "Waiting 30 min, target 15 min: late"
