import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from shared.text import text as words_of
from shared.text.en.script import SCRIPT
from tests.browser.form_script import (
    ANY_FORM,
    CHECKED_FORM,
    HANG_UP,
    OUR_FORM,
    UNAVAILABLE,
    Api,
    Reply,
    Site,
    accepted,
    api_server,
    page_with,
    problem,
    rejected,
    script,
    site_server,
)
from tests.deployed import PATIENCE, eventually
from tools.local.chromium import program

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Locator, Page

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@pytest.fixture(scope="module")
def _api() -> Iterator[Api]:
    with api_server() as api:
        yield api


@pytest.fixture(scope="module")
def _site(_api: Api) -> Iterator[Site]:
    with site_server(_api) as site:
        yield site


@pytest.fixture
def api(_api: Api, _site: Site) -> Api:
    _api.posts.clear()
    _api.replies.clear()
    _api.origins = (_site.url,)
    return _api


@pytest.fixture
def site(_site: Site, api: Api) -> Site:
    _site.pages.clear()
    put(_site, api, "/", page_with(OUR_FORM))
    put(_site, api, "/checked", page_with(CHECKED_FORM))
    put(_site, api, "/any", page_with(ANY_FORM))
    put(_site, api, "/elsewhere", "<title>Elsewhere</title><a href='/?utm_source=news&utm_term=&gclid=7'>Ask</a>")
    return _site


def put(site: Site, api: Api, path: str, page: str) -> None:
    site.pages[path] = page.replace("{api}", api.url)


@pytest.fixture
def context(chromium: "Browser") -> Iterator["BrowserContext"]:
    context = chromium.new_context(timezone_id="America/New_York")
    context.set_default_timeout(PATIENCE * 1_000)
    yield context
    context.close()


@pytest.fixture
def page(context: "BrowserContext", site: Site, api: Api) -> Iterator["Page"]:
    """A page that fails the test on any script error, violation of the policy, or third-party request."""
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if "Content Security Policy" in said.text else None)
    ours = (site.url, api.url, "data:", "https://www.example.com/")
    page.on("request", lambda sent: None if sent.url.startswith(ours) else wrong.append(sent.url))
    page.route("https://www.example.com/**", lambda route: route.fulfill(body="<h1>A page of the clinic</h1>"))
    yield page
    assert wrong == []


def open_page(page: "Page", url: str) -> None:
    page.goto(url)  # the script has run when the page is loaded


def fill_in(page: "Page", name: str = "Bo Example") -> None:
    page.locator("[name=name]").fill(name)
    page.locator("[name=email]").fill("bo@example.com")
    page.locator("[name=consent_contact]:not([type=hidden])").check()


def send(page: "Page") -> None:
    page.locator("form button:not([type=button]), form [type=submit]").click()


def thanks(page: "Page") -> "Locator":
    return page.locator(".consultation-thanks")


def alert(page: "Page") -> "Locator":
    return page.get_by_role("alert")


def status(page: "Page") -> "Locator":
    return page.locator(".consultation-status")


def wait_for_posts(page: "Page", api: Api, count: int) -> None:
    for _ in range(PATIENCE * 100):
        if len(api.posts) >= count:
            return
        page.wait_for_timeout(10)
    pytest.fail(f"The API has received {len(api.posts)} requests and not {count}.")


def stored(page: "Page") -> Any:  # noqa: ANN401 - whatever JSON is there
    """The drafts in the browser's session storage. Asserts that nothing else is stored."""
    assert page.evaluate("localStorage.length") == 0
    assert page.context.cookies() == []
    return [json.loads(text) for text in page.evaluate("Object.values(sessionStorage)")]


# What is sent


def test_a_request_is_sent_with_its_context_and_the_person_is_thanked(page: "Page", site: Site, api: Api) -> None:
    page.goto(f"{site.url}/elsewhere?patient=7")
    page.get_by_text("Ask").click()
    fill_in(page)
    page.locator("[value=low_mood]").check()
    page.locator("[value=fatigue]").check()
    before = time.time() * 1000
    send(page)

    expect(thanks(page)).to_be_focused()
    expect(thanks(page)).to_have_attribute("role", "status")
    expect(thanks(page)).to_contain_text("Thank you")
    expect(thanks(page)).to_contain_text(SCRIPT["next"])
    expect(thanks(page).locator(".reference")).to_have_text("K-7Q2M-9X")
    assert links(thanks(page)) == ["tel:911", "tel:988", "sms:988", "tel:2025550100"]
    expect(page.locator("form")).to_be_hidden()

    [post] = api.posts
    assert post.headers["Content-Type"] == "application/x-www-form-urlencoded;charset=UTF-8"
    assert post.headers["Accept"] == "application/json"
    assert post.headers["Origin"] == site.url
    assert "Cookie" not in post.headers
    fields = post.fields
    assert _UUID.fullmatch(fields.pop("submission_id"))
    assert before - 20_000 < int(fields.pop("rendered_at")) <= before
    assert fields == {
        "name": "Bo Example",
        "email": "bo@example.com",
        "symptoms": ["low_mood", "fatigue"],
        "preferred_contact": "",
        "time_zone": "America/New_York",
        "lang": "en",
        "best_time": "any",
        "message": "",
        "consent_contact": ["no", "yes"],  # the hidden "no" before the box too, as the browser sends it
        "thank_you_page": "https://www.example.com/thanks",
        "leave_empty": "",
        "page": f"{site.url}/",
        "referrer": f"{site.url}/elsewhere",
        "utm_source": "news",
    }


def test_an_unticked_box_sends_the_hidden_no_before_it(page: "Page", site: Site, api: Api) -> None:
    open_page(page, site.url)
    send(page)
    expect(thanks(page)).to_be_visible()
    assert api.posts[0].fields["consent_contact"] == "no"


def test_one_tick_of_several_is_sent_as_it_is(page: "Page", site: Site, api: Api) -> None:
    open_page(page, site.url)
    page.locator("[value=insomnia]").check()
    send(page)
    expect(thanks(page)).to_be_visible()
    assert api.posts[0].fields["symptoms"] == "insomnia"


def test_an_empty_time_zone_is_filled_in_where_it_can_be(page: "Page", site: Site, api: Api) -> None:
    berlin = "<option>Europe/Berlin</option>"
    # What the visitor sees, and what is sent. A hidden field stays as it is: a saved page would have another zone.
    controls = {
        '<input type="hidden" name="time_zone">': ("", ["", "America/New_York"]),
        '<input name="time_zone">': ("America/New_York", "America/New_York"),
        '<input name="time_zone" value="Europe/Berlin">': ("Europe/Berlin", "Europe/Berlin"),
        f'<select name="time_zone"><option></option>{berlin}</select>': ("", ["", "America/New_York"]),
        f'<select name="time_zone">{berlin}<option>America/New_York</option></select>': ("Europe/Berlin",) * 2,
        "": (None, "America/New_York"),
    }
    for control, (shown, sent) in controls.items():
        put(site, api, "/zone", page_with(ANY_FORM.replace("</form>", f"{control}</form>")))
        open_page(page, f"{site.url}/zone")
        if shown is not None:
            assert page.locator("[name=time_zone]").input_value() == shown
        send(page)
        expect(thanks(page)).to_be_visible()
        assert api.posts[-1].fields["time_zone"] == sent


def test_without_random_uuid_a_request_still_has_an_id(page: "Page", site: Site, api: Api) -> None:
    page.add_init_script("delete Crypto.prototype.randomUUID")
    open_page(page, site.url)
    send(page)
    expect(thanks(page)).to_be_visible()
    assert re.fullmatch("[0-9a-f]{32}", api.ids[0])


def test_a_double_click_sends_once(page: "Page", site: Site, api: Api) -> None:
    go_on = threading.Event()
    api.will_answer(Reply(201, accepted().document, held=go_on))
    open_page(page, site.url)
    page.get_by_text("Send my request").dblclick()
    expect(status(page)).to_have_text("Sending…")
    assert page.locator("form").get_attribute("aria-busy") == "true"
    assert status(page).get_attribute("aria-live") == "polite"
    page.locator("[name=name]").press("Enter")
    go_on.set()
    expect(thanks(page)).to_be_visible()
    assert len(api.posts) == 1


def test_the_script_twice_on_a_page_sends_once(page: "Page", site: Site, api: Api) -> None:
    put(site, api, "/twice", page_with(OUR_FORM, head='<script src="{api}/form.js" defer></script>'))
    open_page(page, f"{site.url}/twice")
    send(page)
    expect(thanks(page)).to_be_visible()
    assert len(api.posts) == 1


@pytest.mark.parametrize("where", ["async", ""], ids=["async", "before the form"])
def test_the_tag_may_be_written_otherwise(page: "Page", site: Site, api: Api, where: str) -> None:
    put(site, api, "/tag", page_with(OUR_FORM).replace(" defer", f" {where}"))
    open_page(page, f"{site.url}/tag")
    send(page)
    expect(thanks(page)).to_be_visible()


# Trying again


def test_a_lost_connection_is_tried_again_as_the_same_request(page: "Page", site: Site, api: Api) -> None:
    page.clock.install()
    api.will_answer(HANG_UP, HANG_UP)
    open_page(page, site.url)
    fill_in(page)
    send(page)
    expect(status(page)).to_have_text("Still trying (2 of 3)…")
    page.clock.fast_forward(1_000)
    expect(status(page)).to_have_text("Still trying (3 of 3)…")
    page.clock.fast_forward(4_000)
    expect(thanks(page)).to_be_visible()
    assert len(api.posts) == 3
    assert api.posts[0].fields == api.posts[1].fields == api.posts[2].fields


@pytest.mark.parametrize("codes", [(429, 500), (502, 504)])
def test_an_answer_that_will_pass_is_tried_again(page: "Page", site: Site, api: Api, codes: tuple[int, int]) -> None:
    api.will_answer(*(problem(code, Retry_After="0") for code in codes))
    open_page(page, site.url)
    send(page)
    expect(thanks(page)).to_be_visible()
    assert len(set(api.ids)) == 1
    assert len(api.posts) == 3


@pytest.mark.parametrize(("asked", "waits"), [("7", 7_000), ("20", 20_000)])
def test_the_api_says_when_to_try_again_within_a_persons_patience(
    page: "Page", site: Site, api: Api, asked: str, waits: int
) -> None:
    page.clock.install()
    api.will_answer(problem(503, Retry_After=asked))
    open_page(page, site.url)
    send(page)
    expect(status(page)).to_have_text("Still trying (2 of 3)…")
    page.clock.fast_forward(waits - 5_000)
    page.wait_for_timeout(50)
    assert len(api.posts) == 1
    page.clock.fast_forward(5_000)
    expect(thanks(page)).to_be_visible()


@pytest.mark.parametrize("code", [429, 503])
def test_a_longer_pause_is_left_to_the_person(page: "Page", site: Site, api: Api, code: int) -> None:
    page.clock.set_fixed_time("2026-03-04T15:30:00Z")
    open_page(page, site.url)
    fill_in(page)
    asked = {"25": "25 seconds", "3600": "60 minutes", "Wed, 04 Mar 2026 16:30:00 GMT": "60 minutes"}
    for count, (pause, words) in enumerate(asked.items(), start=1):
        api.will_answer(problem(code, f"Too many requests {count}", Retry_After=pause))
        send(page)
        expect(alert(page).get_by_role("heading")).to_have_text(f"Too many requests {count}")
        expect(alert(page)).to_contain_text(f"Please press the button again in {words}.")
        assert "tel:988" in links(alert(page))
        assert len(api.posts) == count
    send(page)
    expect(thanks(page)).to_be_visible()
    assert len(set(api.ids)) == 1


def test_a_busy_api_that_names_no_pause_is_not_hammered(page: "Page", site: Site, api: Api) -> None:
    page.clock.install()
    api.will_answer(problem(429))
    open_page(page, site.url)
    send(page)
    expect(status(page)).to_have_text("Still trying (2 of 3)…")
    page.clock.fast_forward(9_000)
    page.wait_for_timeout(50)
    assert len(api.posts) == 1
    page.clock.fast_forward(1_000)
    expect(thanks(page)).to_be_visible()


def test_a_person_waits_for_twenty_seconds_at_most(page: "Page", site: Site, api: Api) -> None:
    page.clock.install()
    api.will_answer(problem(503, Retry_After="20"), problem(503, Retry_After="20"))
    open_page(page, site.url)
    send(page)
    expect(status(page)).to_have_text("Still trying (2 of 3)…")
    page.clock.fast_forward(20_000)
    expect(alert(page)).to_be_focused()
    assert len(api.posts) == 2


def test_an_api_that_says_nothing_is_given_up_in_time(page: "Page", site: Site, api: Api) -> None:
    page.clock.install()
    go_on = threading.Event()
    api.will_answer(Reply(201, accepted().document, held=go_on))
    open_page(page, site.url)
    send(page)
    wait_for_posts(page, api, 1)
    page.clock.fast_forward(20_000)
    expect(status(page)).to_have_text("Sending…")
    page.clock.fast_forward(5_000)
    expect(status(page)).to_have_text("Still trying (2 of 3)…")
    page.clock.fast_forward(1_000)
    expect(thanks(page)).to_be_visible()
    go_on.set()
    assert len(set(api.ids)) == 1


def test_after_three_tries_the_person_is_told_and_may_send_again(page: "Page", site: Site, api: Api) -> None:
    api.will_answer(UNAVAILABLE, UNAVAILABLE, UNAVAILABLE)
    open_page(page, site.url)
    fill_in(page)
    send(page)
    expect(alert(page)).to_be_focused()
    expect(alert(page)).to_contain_text("We couldn't take your request")
    expect(alert(page)).to_contain_text(SCRIPT["nothing_lost"])
    expect(alert(page)).to_contain_text(SCRIPT["send_again"])
    assert links(alert(page)) == ["tel:911", "tel:988", "sms:988", "tel:2025550100"]
    expect(alert(page).get_by_role("button")).to_have_count(0)
    expect(status(page)).to_have_text("")
    expect(page.locator("[name=name]")).to_have_value("Bo Example")
    assert len(api.posts) == 3

    send(page)
    expect(thanks(page)).to_be_visible()
    expect(alert(page)).to_have_count(0)
    assert len(set(api.ids)) == 1


def test_without_any_answer_a_plain_form_is_another_way(page: "Page", site: Site, api: Api) -> None:
    page.clock.install()
    api.will_answer(HANG_UP, HANG_UP, HANG_UP)
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    open_page(page, site.url)
    fill_in(page)
    send(page)
    for number in (2, 3):
        expect(status(page)).to_have_text(f"Still trying ({number} of 3)…")
        page.clock.fast_forward(5_000)
    expect(alert(page)).to_be_focused()
    expect(alert(page)).to_contain_text("Your request may not have been sent")
    (hint,) = [text for text in told if "AllowedOrigins" in text]
    assert site.url in hint, "the console must name the cause for the site's developer"
    assert links(alert(page))[:3] == ["tel:911", "tel:988", "sms:988"]  # from the script's own line
    assert links(alert(page))[3] == "tel:2025550100"

    alert(page).get_by_role("button").click()
    expect(page.get_by_text("A page of the API")).to_be_visible()
    assert api.posts[3].headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert api.posts[3].fields["name"] == "Bo Example"
    assert len(set(api.ids)) == 1
    page.goto(site.url)
    assert [draft["fields"] for draft in stored(page)] == [{}], "the text must be gone and the id kept for another try"


def test_an_answers_help_counts_more_than_the_scripts(page: "Page", site: Site, api: Api) -> None:
    api.will_answer(Reply(400, {"title": "No", "help": {"clinic_phone": "+1 202-555-0199"}}))
    open_page(page, site.url)
    send(page)
    expect(alert(page)).to_be_focused()
    assert links(alert(page)) == ["tel:911", "tel:988", "sms:988", "tel:+12025550199"]


def test_an_id_in_use_is_renewed_once(page: "Page", site: Site, api: Api) -> None:
    api.will_answer(UNAVAILABLE, problem(409))
    open_page(page, site.url)
    fill_in(page)
    send(page)
    expect(thanks(page)).to_be_visible()
    first, second, third = api.ids
    assert first == second != third
    assert _UUID.fullmatch(third)


def test_a_second_conflict_is_told(page: "Page", site: Site, api: Api) -> None:
    api.will_answer(problem(409), problem(409, "Already used"))
    open_page(page, site.url)
    send(page)
    expect(alert(page)).to_contain_text("Already used")
    assert len(api.posts) == 2


def erased(new_id: object = "a-new-id-from-the-api") -> Reply:
    refused = problem(410, "We erased this request", "Please send it again as a new request.")
    assert isinstance(refused.document, dict)
    return Reply(410, refused.document | {"new_submission_id": new_id})


def test_an_erased_request_is_sent_as_a_new_one_when_the_person_presses(page: "Page", site: Site, api: Api) -> None:
    api.will_answer(UNAVAILABLE, erased())
    open_page(page, site.url)
    fill_in(page)
    send(page)
    expect(alert(page)).to_be_focused()
    expect(alert(page)).to_contain_text("We erased this request")
    expect(alert(page)).to_contain_text("Please send it again as a new request.")
    expect(page.locator("[name=name]")).to_have_value("Bo Example")
    assert len(api.posts) == 2, "only the person decides to send it again"

    send(page)
    expect(thanks(page)).to_be_visible()
    assert api.ids[2] == "a-new-id-from-the-api" != api.ids[1]


def test_a_lost_answer_before_a_tombstone_leaves_no_doubt(page: "Page", site: Site, api: Api) -> None:
    page.clock.install()
    api.will_answer(HANG_UP, erased())
    open_page(page, site.url)
    send(page)
    expect(status(page)).to_have_text("Still trying (2 of 3)…")
    page.clock.fast_forward(5_000)
    expect(alert(page)).to_contain_text("We erased this request")


@pytest.mark.parametrize("new_id", [None, "short", 7])
def test_an_erased_request_without_a_usable_new_id_gets_one(page: "Page", site: Site, api: Api, new_id: object) -> None:
    api.will_answer(erased(new_id))
    open_page(page, site.url)
    send(page)
    expect(alert(page)).to_contain_text("We erased this request")
    send(page)
    expect(thanks(page)).to_be_visible()
    first, second = api.ids
    assert _UUID.fullmatch(second)
    assert first != second


def test_a_forms_own_id_is_replaced_after_it_was_erased(page: "Page", site: Site, api: Api) -> None:
    api.will_answer(erased())
    open_page(page, site.url)
    page.locator("form").evaluate(
        """form => form.insertAdjacentHTML(
            "beforeend", '<input type="hidden" name="submission_id" value="an-id-of-the-site-01">')"""
    )
    send(page)
    expect(alert(page)).to_contain_text("We erased this request")
    send(page)
    expect(thanks(page)).to_be_visible()
    assert api.ids == ["an-id-of-the-site-01", "a-new-id-from-the-api"]


# What the person is told


def test_each_field_to_change_is_marked_and_linked(page: "Page", site: Site, api: Api) -> None:
    api.will_answer(
        rejected(
            name="Tell us your name.",
            email="Give an email address.",
            symptoms="Choose one.",
            preferred_contact="Choose a way.",
            consent_contact="Tick the box.",
            phone="Give a phone number.",
        )
    )
    open_page(page, site.url)
    send(page)
    box = alert(page)
    expect(box).to_be_focused()
    assert page.locator("form > :first-child").get_attribute("class") == "consultation-problem"
    expect(box.get_by_role("heading")).to_have_text("Please check your request")
    expect(box).to_contain_text("We haven't saved it yet.")
    assert box.locator("li").all_inner_texts() == [
        "Your name: Tell us your name.",
        "Email address: Give an email address.",
        "What are you living with? Choose one.",
        "How should we reach you? Choose a way.",
        "I agree to be contacted: Tick the box.",
        "Phone: Give a phone number.",
    ]
    assert box.locator("li a").count() == 5

    def described(selector: str) -> str | None:
        return page.locator(selector).get_attribute("aria-describedby")

    assert described("#name") == "name-error name-hint"
    assert described("#email") == "email-error"
    assert described("fieldset[data-field=symptoms]") == "symptoms-error"
    assert described("[role=radiogroup]") == "preferred_contact-error preferred-hint"
    assert described("[type=checkbox][name=consent_contact]") == "consent_contact-error"
    assert page.locator("[aria-invalid=true]").count() == 1 + 1 + 3 + 2 + 1
    # After the label, legend or hint and before the control.
    expect(page.locator("#name-hint + #name-error.error + #name")).to_be_visible()
    expect(page.locator("#name-error")).to_have_text("Tell us your name.")
    expect(page.locator("label[for=email] + #email-error + #email")).to_be_visible()
    expect(page.locator("#symptoms-hint + #symptoms-error + .choices")).to_be_visible()
    expect(page.locator("#preferred-hint + #preferred_contact-error + .choices")).to_be_visible()
    expect(page.locator("#consent_contact-error + label")).to_be_visible()

    for text, field in [
        ("Your name", "name"),
        ("What are you living with?", "symptoms"),
        ("I agree", "consent_contact"),
    ]:
        box.get_by_role("link", name=text).click()
        expect(page.locator(f"[name={field}]:not([type=hidden])").first).to_be_focused()
    box.get_by_role("link", name="How should we reach you?").click()
    expect(page.locator("[name=preferred_contact]:checked")).to_be_focused()
    assert page.url == f"{site.url}/"

    page.locator("#name").press("B")  # a changed field is no longer marked as wrong
    expect(page.locator("#name-error")).to_have_count(0)
    assert described("#name") == "name-hint"
    assert page.locator("#name").get_attribute("aria-invalid") is None
    page.locator("[value=low_mood]").check()
    expect(page.locator("#symptoms-error")).to_have_count(0)
    assert described("fieldset[data-field=symptoms]") is None
    assert page.locator("[name=symptoms][aria-invalid]").count() == 0
    expect(page.locator("#email-error")).to_be_visible()

    api.will_answer(rejected(email="Still no address."))
    send(page)
    expect(page.locator("#email-error")).to_have_text("Still no address.")
    assert page.locator(".error").count() == 1
    assert page.locator("[aria-invalid]").count() == 1
    assert described("[role=radiogroup]") == "preferred-hint"
    assert alert(page).count() == 1
    assert len(set(api.ids)) == 1

    send(page)
    expect(thanks(page)).to_be_visible()
    assert page.locator(".error, [aria-invalid], [role=alert]").count() == 0


def test_any_markup_is_marked_and_linked(page: "Page", site: Site, api: Api) -> None:
    api.will_answer(
        rejected(
            name="A.", email="B.", preferred_contact="C.", in_crisis="D.", consent_contact="E.", submission_id="F."
        )
    )
    open_page(page, f"{site.url}/any")
    send(page)
    expect(alert(page)).to_be_focused()
    assert alert(page).locator("li").all_inner_texts() == [
        "Your name: A.",
        "Email address: B.",
        "How should we reach you? C.",
        "In crisis: D.",
        "I agree to be contacted: E.",
        "Submission id: F.",
    ]
    expect(page.locator("#name-error + label > [name=name]")).to_have_attribute("aria-describedby", "name-error")
    expect(page.locator("#email-error + #address")).to_have_attribute("aria-describedby", "email-error address-hint")
    group = page.locator("fieldset fieldset")
    expect(group).to_have_attribute("aria-describedby", "preferred_contact-error")
    expect(group.locator("legend + #preferred_contact-error + label")).to_be_visible()
    for button in page.locator("[name=in_crisis]").all():
        expect(button).to_have_attribute("aria-describedby", "in_crisis-error")
    expect(page.locator("#in_crisis-error + [name=in_crisis]")).to_be_visible()
    expect(page.locator("#consent_contact-error + label")).to_be_visible()
    assert page.locator("label .error").count() == 0
    alert(page).get_by_role("link", name="Your name").press("Enter")
    expect(page.locator("[name=name]")).to_be_focused()


def test_two_forms_on_a_page_keep_out_of_each_others_way(page: "Page", site: Site, api: Api) -> None:
    put(site, api, "/two", page_with(ANY_FORM + ANY_FORM))
    open_page(page, f"{site.url}/two")
    one, two = page.locator("form").all()
    for form in (one, two):
        api.will_answer(rejected(name="Tell us your name."))
        form.locator("[type=submit]").click()
        expect(form.locator(".error")).to_be_visible()
    assert one.locator("[name=name]").get_attribute("aria-describedby") == "name-error"
    assert two.locator("[name=name]").get_attribute("aria-describedby") == "name-error-2"
    assert api.ids[0] != api.ids[1]
    two.locator("[name=name]").fill("Cy Example")
    expect(one.locator(".error")).to_be_visible()
    expect(two.locator(".error")).to_have_count(0)
    two.locator("[type=submit]").click()
    expect(thanks(page)).to_be_visible()
    expect(one).to_be_visible()
    expect(two).to_be_hidden()


def test_another_problem_is_told_in_the_apis_words(page: "Page", site: Site, api: Api) -> None:
    open_page(page, site.url)
    fill_in(page)
    for count, code in enumerate((400, 403, 404, 405, 413, 415, 422), start=1):
        api.will_answer(problem(code, f"Title {code}", f"What to do about {code}."))
        send(page)
        expect(alert(page).get_by_role("heading")).to_have_text(f"Title {code}")
        expect(alert(page)).to_be_focused()
        expect(alert(page)).to_contain_text(f"What to do about {code}.")
        assert "tel:988" in links(alert(page))
        expect(page.locator("[name=name]")).to_have_value("Bo Example")
        assert len(api.posts) == count


def test_a_foreign_answer_gets_a_message_of_the_script(page: "Page", site: Site, api: Api) -> None:
    open_page(page, site.url)
    for reply, heading in (
        (Reply(403, "<h1>Forbidden</h1>"), "Your request was not sent"),
        (Reply(200, "<h1>Welcome to this hotel's network</h1>"), "Your request may not have been sent"),
        (Reply(404, "null"), "Your request was not sent"),
        (Reply(502, "<h1>Bad gateway</h1>", {"Retry-After": "0"}), "Your request may not have been sent"),
    ):
        api.will_answer(*[reply] * (3 if reply.status == 502 else 1))
        send(page)
        expect(alert(page).get_by_role("heading")).to_have_text(heading)
        assert links(alert(page))[0] == "tel:911"


def test_words_are_shown_as_text_only(page: "Page", site: Site, api: Api) -> None:
    markup = '<img src="https://www.example.com/x" onerror="document.title = 1">'
    api.will_answer(problem(400, markup, markup), rejected(name=markup, other=markup))
    open_page(page, site.url)
    send(page)
    expect(alert(page)).to_contain_text(markup)
    send(page)
    expect(page.locator("#name-error")).to_have_text(markup)
    assert page.locator("img").count() == 0


def test_a_person_in_crisis_reads_first_where_help_is(page: "Page", site: Site, api: Api) -> None:
    api.will_answer(
        problem(400), rejected(name="Tell us your name."), accepted(thank_you_page="https://www.example.com/")
    )
    open_page(page, site.url)
    page.locator("[name=in_crisis][value=yes]").check()
    for place in (alert(page).filter(has_text="A title"), alert(page).filter(has_text="check"), thanks(page)):
        send(page)
        expect(place).to_be_focused()
        first = place.locator("> :first-child")
        expect(first).to_have_class("consultation-crisis")
        expect(first).to_contain_text(SCRIPT["in_crisis"])
        assert links(first)[:3] == ["tel:911", "tel:988", "sms:988"]
        assert links(place) == links(first) + ([] if place.locator("li").count() == 0 else ["#name"])
    assert page.url == f"{site.url}/"  # the help stays on the screen


def test_a_person_in_crisis_need_not_wait_for_a_response(page: "Page", site: Site, api: Api) -> None:
    held = threading.Event()
    api.will_answer(Reply(201, accepted().document, held=held))
    open_page(page, site.url)
    fill_in(page)
    page.locator("[name=in_crisis][value=yes]").check()
    send(page)
    expect(status(page)).to_have_text("Sending…")
    expect(alert(page).last).to_contain_text(SCRIPT["in_crisis"])  # beside the button, too
    assert links(alert(page).last)[:3] == ["tel:911", "tel:988", "sms:988"]
    held.set()
    expect(thanks(page)).to_be_visible()
    expect(thanks(page)).not_to_contain_text(SCRIPT["next"])
    assert alert(page).count() == 0


def test_nothing_can_be_typed_that_would_not_be_sent(page: "Page", site: Site, api: Api) -> None:
    held = threading.Event()
    api.will_answer(Reply(422, rejected(name="Tell us your name.").document, held=held))
    open_page(page, site.url)
    fill_in(page)
    send(page)
    expect(status(page)).to_have_text("Sending…")
    page.locator("[name=message]").evaluate("control => control.focus()")
    page.keyboard.type("please do not call my home")
    expect(page.locator("[name=message]")).to_have_value("")
    held.set()
    expect(alert(page)).to_be_focused()
    page.locator("[name=message]").fill("please do not call my home")
    send(page)
    expect(thanks(page)).to_be_visible()
    assert api.posts[-1].fields["message"] == "please do not call my home"


def test_a_person_not_in_crisis_reads_the_thanks_first(page: "Page", site: Site) -> None:
    open_page(page, site.url)
    page.locator("[name=in_crisis][value=no]").check()
    send(page)
    expect(thanks(page).locator("> :first-child")).to_have_text(SCRIPT["thanks"])
    assert page.locator(".consultation-crisis").count() == 0


def test_a_file_is_refused_beside_its_field_and_nothing_is_sent(page: "Page", site: Site, api: Api) -> None:
    open_page(page, f"{site.url}/any")
    fill_in(page)
    page.locator("[name=attachment]").set_input_files({"name": "a.txt", "mimeType": "text/plain", "buffer": b"a"})
    send(page)
    expect(page.locator("#attachment-error")).to_contain_text(SCRIPT["no_files_field"])
    expect(alert(page)).to_be_focused()
    expect(alert(page).get_by_role("link", name="A file")).to_be_visible()
    assert api.posts == []
    page.locator("[name=attachment]").set_input_files([])
    expect(page.locator("#attachment-error")).to_have_count(0)
    send(page)
    expect(thanks(page)).to_be_visible()
    assert api.posts[0].fields["attachment"] == ""  # as the browser sends an empty file field


# The clinic's own thank-you page, and coming back


def test_the_clinics_own_page_says_thank_you_and_back_shows_nothing_to_send(page: "Page", site: Site, api: Api) -> None:
    api.will_answer(accepted(thank_you_page="https://www.example.com/thanks"))
    open_page(page, site.url)
    fill_in(page)
    send(page)
    expect(page.get_by_text("A page of the clinic")).to_be_visible()
    assert page.url == "https://www.example.com/thanks"
    page.go_back()
    expect(page.locator("[name=name]")).to_have_value("")
    expect(page.locator("[type=checkbox][name=consent_contact]")).not_to_be_checked()
    assert stored(page) == []
    send(page)
    expect(thanks(page)).to_be_visible()
    assert api.ids[0] != api.ids[1]


@pytest.mark.parametrize("address", ["javascript:document.title='ran'", 7])
def test_an_invalid_web_address_is_no_page_to_go_to(page: "Page", site: Site, api: Api, address: object) -> None:
    api.will_answer(accepted(thank_you_page=address))
    open_page(page, site.url)
    send(page)
    expect(thanks(page)).to_be_focused()
    assert page.title() == "Ask for a consultation"
    assert page.url == f"{site.url}/"


def test_back_to_a_page_that_the_browser_kept_shows_the_thanks(chromium: "Browser", site: Site, api: Api) -> None:
    keeping = chromium.browser_type.launch(
        executable_path=program(whole=True),
        args=["--disable-background-networking", "--disable-gpu", "--no-sandbox"],
        ignore_default_args=["--disable-back-forward-cache"],
    )
    try:
        page = keeping.new_page()
        put(site, api, "/thanks", "<title>Thanks</title><h1>A page of the clinic</h1>")
        api.will_answer(accepted(thank_you_page=f"{site.url}/thanks"))
        open_page(page, site.url)
        fill_in(page)
        page.evaluate("window.kept = true")
        send(page)
        expect(page.get_by_text("A page of the clinic")).to_be_visible()
        page.evaluate("history.back()")
        expect(thanks(page)).to_be_visible()
        assert page.evaluate("window.kept")
        expect(page.locator("form")).to_be_hidden()
        expect(page.locator("[name=name]")).to_have_value("")
        assert len(api.posts) == 1
    finally:
        keeping.close()


# The draft


def test_a_reload_loses_nothing_and_is_the_same_request(page: "Page", site: Site, api: Api) -> None:
    api.will_answer(UNAVAILABLE, UNAVAILABLE, UNAVAILABLE)
    open_page(page, site.url)
    fill_in(page)
    page.locator("[name=message]").fill("A line\nand another")
    page.locator("[value=insomnia]").check()
    page.locator("[value=fatigue]").check()
    page.locator("[name=preferred_contact][value=email]").check()
    page.locator("[name=best_time]").select_option("evening")
    send(page)
    expect(alert(page)).to_be_visible()

    open_page(page, f"{site.url}/?again")  # as after a crash: the browser restores nothing on a new load
    expect(page.locator("[name=name]")).to_have_value("Bo Example")
    expect(page.locator("[name=message]")).to_have_value("A line\nand another")
    send(page)
    expect(thanks(page)).to_be_visible()
    first, last = api.posts[0].fields, api.posts[-1].fields
    assert first == last
    assert len(set(api.ids)) == 1

    assert stored(page) == []
    page.reload()
    expect(page.locator("[name=name]")).to_have_value("")
    expect(page.locator("[value=insomnia]")).not_to_be_checked()
    expect(page.locator("[name=preferred_contact]").first).to_be_checked()
    send(page)
    expect(thanks(page)).to_be_visible()
    assert api.ids[-1] != first["submission_id"]


def test_a_draft_keeps_what_was_typed_and_nothing_else(page: "Page", site: Site, api: Api) -> None:
    more = '<input type="password" name="secret"><input name="outside" form="f">'
    form = OUR_FORM.replace("<form ", '<form id="f" ').replace("</form>", f"</form>{more}")
    put(site, api, "/more", page_with(form.replace("</form>", '<input type="password" name="pin"></form>', 1)))
    open_page(page, f"{site.url}/more")
    assert stored(page) == []
    page.locator("[name=name]").fill("Bo Example")
    page.locator("[name=pin]").fill("secret")
    page.locator("[name=outside]").fill("outside")
    page.locator("[name=leave_empty]").evaluate("input => { input.value = 'https://www.example.com/'; }")
    page.locator("[value=low_mood]").check()
    [draft] = stored(page)
    assert set(draft) == {"submission_id", "rendered_at", "kept_at", "fields"}
    assert _UUID.fullmatch(draft["submission_id"])
    assert draft["fields"] == {
        "name": ["Bo Example"],
        "email": [""],
        "symptoms": ["low_mood"],
        "preferred_contact": [""],
        "time_zone": ["America/New_York"],
        "best_time": ["any"],
        "message": [""],
        "in_crisis": [],
        "consent_contact": [],
        "outside": ["outside"],
    }
    [key] = page.evaluate("Object.keys(sessionStorage)")
    assert "/more" in key
    assert f"{api.url}/consultations" in key
    open_page(page, site.url)  # a form on another page has another draft
    expect(page.locator("[name=name]")).to_have_value("")


def test_a_draft_is_gone_after_an_hour(page: "Page", site: Site) -> None:
    open_page(page, site.url)
    fill_in(page)
    page.evaluate(
        """() => { for (const [key, text] of Object.entries(sessionStorage)) {
            const draft = JSON.parse(text);
            draft.kept_at -= 60 * 60 * 1000;
            sessionStorage[key] = JSON.stringify(draft);
        } }"""
    )
    open_page(page, site.url)
    expect(page.locator("[name=name]")).to_have_value("")
    assert stored(page) == []


def test_a_draft_leaves_alone_what_is_filled_in_already(page: "Page", site: Site) -> None:
    open_page(page, site.url)
    fill_in(page)
    page.locator("[value=low_mood]").check()
    page.locator("[name=best_time]").select_option("evening")
    # Fill in some fields before the script runs, like a browser that restores the form.
    page.add_init_script("""
        document.addEventListener("readystatechange", () => {
            document.querySelector("[name=name]").value = "Cy Example";
            document.querySelector("[value=fatigue]").checked = true;
        }, { once: true });
    """)
    page.reload()
    expect(page.locator("[name=name]")).to_have_value("Cy Example")
    expect(page.locator("[name=email]")).to_have_value("bo@example.com")
    expect(page.locator("[name=best_time]")).to_have_value("evening")
    expect(page.locator("[value=fatigue]")).to_be_checked()
    expect(page.locator("[value=low_mood]")).not_to_be_checked()


def test_the_pages_own_scripts_hear_of_what_was_restored(page: "Page", site: Site) -> None:
    open_page(page, site.url)
    fill_in(page)
    page.add_init_script("""
        window.heard = [];
        document.addEventListener("change", ({ target }) => window.heard.push(target.name));
    """)
    open_page(page, f"{site.url}/?again")
    assert page.evaluate("heard") == ["name", "email", "time_zone", "consent_contact"]


def test_a_draft_that_makes_no_sense_is_passed_over(page: "Page", site: Site, api: Api) -> None:
    open_page(page, site.url)
    page.locator("[name=name]").fill("Bo Example")
    for text in ("not JSON", "7", '{"fields": 7}', '{"submission_id": "1", "fields": {"name": 1}}'):
        page.evaluate("text => { for (const key in sessionStorage) sessionStorage[key] = text; }", text)
        open_page(page, f"{site.url}/?again")
        expect(page.locator("[name=name]")).to_have_value("")
    fill_in(page)
    send(page)
    expect(thanks(page)).to_be_visible()
    assert _UUID.fullmatch(api.ids[0])


def test_without_storage_all_else_works(page: "Page", site: Site, api: Api) -> None:
    page.add_init_script("""
        Object.defineProperty(window, "sessionStorage", { get() { throw new DOMException("No", "SecurityError"); } });
    """)
    api.will_answer(rejected(name="Tell us your name."))
    open_page(page, site.url)
    fill_in(page)
    send(page)
    expect(page.locator("#name-error")).to_be_visible()
    send(page)
    expect(thanks(page)).to_be_visible()


# Where the script cannot work, or must leave the form alone


def test_without_scripts_the_form_is_a_plain_one(chromium: "Browser", site: Site, api: Api) -> None:
    page = chromium.new_page(java_script_enabled=False)
    page.goto(f"{site.url}/checked")
    page.get_by_text("Send my request").click()
    assert api.posts == []  # the browser's own validation
    fill_in(page)
    page.get_by_text("Send my request").click()
    expect(page.get_by_text("A page of the API")).to_be_visible()
    assert api.posts[0].fields["name"] == "Bo Example"
    assert "submission_id" not in api.posts[0].fields
    page.context.close()


_BROKEN = {
    "no fetch": "delete window.fetch",
    "set-up fails": """
        const add = EventTarget.prototype.addEventListener;
        EventTarget.prototype.addEventListener = function (type, ...rest) {
            if (type === "input") throw new Error("no listeners today");
            return add.call(this, type, ...rest);
        };""",
}


@pytest.mark.parametrize("broken", list(_BROKEN.values()), ids=list(_BROKEN))
def test_a_script_that_cannot_work_leaves_a_plain_form(page: "Page", site: Site, api: Api, broken: str) -> None:
    page.add_init_script(broken)
    page.goto(f"{site.url}/checked")
    send(page)
    assert api.posts == []  # the browser's own validation
    fill_in(page)
    assert page.locator("[role=status]").count() == 0
    send(page)
    expect(page.get_by_text("A page of the API")).to_be_visible()
    assert api.posts[0].fields["name"] == "Bo Example"
    assert "submission_id" not in api.posts[0].fields


@pytest.mark.parametrize(
    ("broken", "tries"),
    [
        ("window.FormData = function () { throw new Error('not today'); }", 1),
        ("Element.prototype.prepend = function () { throw new Error('not today'); }", 2),
    ],
    ids=["before sending", "after an answer"],
)
def test_what_fails_later_sends_the_form_plainly_as_the_same_request(
    page: "Page", site: Site, api: Api, broken: str, tries: int
) -> None:
    api.will_answer(rejected(name="Tell us your name."))
    page.add_init_script(broken)
    open_page(page, site.url)
    fill_in(page)
    send(page)
    expect(page.get_by_text("A page of the API")).to_be_visible()
    assert len(api.posts) == tries
    assert len(set(api.ids)) == 1
    assert api.posts[-1].fields["name"] == "Bo Example"


def test_other_forms_are_left_alone(page: "Page", site: Site, api: Api) -> None:
    put(site, api, "/other", page_with(OUR_FORM.replace(" data-consultation-form", "")))
    page.goto(f"{site.url}/other")
    fill_in(page)
    send(page)
    expect(page.get_by_text("A page of the API")).to_be_visible()
    assert "submission_id" not in api.posts[0].fields


def test_a_form_that_the_pages_own_script_stops_is_not_sent(page: "Page", site: Site, api: Api) -> None:
    page.add_init_script('document.addEventListener("submit", (event) => event.preventDefault(), { capture: true });')
    open_page(page, site.url)
    send(page)
    page.wait_for_timeout(50)
    assert api.posts == []
    expect(status(page)).to_have_count(0)


def test_fields_named_like_a_forms_own_properties_do_no_harm(page: "Page", site: Site, api: Api) -> None:
    names = ["action", "method", "submit", "reset", "hidden", "constructor", "__proto__"]
    inputs = "".join(f'<input name="{name}" value="{name}">' for name in names)
    put(site, api, "/names", page_with(OUR_FORM.replace("</form>", f"{inputs}</form>")))
    open_page(page, f"{site.url}/names")
    fill_in(page)
    send(page)
    expect(thanks(page)).to_be_visible()
    assert api.posts[0].headers["Accept"] == "application/json"
    assert {name: api.posts[0].fields[name] for name in names} == {name: name for name in names}
    expect(page.locator("[name=name]")).to_have_value("")


def test_a_turnstile_widget_gets_a_new_token_for_the_next_try(page: "Page", site: Site, api: Api) -> None:
    page.add_init_script("window.resets = []; window.turnstile = { reset: (widget) => resets.push(widget.className) };")
    put(site, api, "/widget", page_with(OUR_FORM.replace("</form>", '<div class="cf-turnstile"></div></form>')))
    api.will_answer(rejected(name="Tell us your name."))
    open_page(page, f"{site.url}/widget")
    send(page)
    expect(alert(page)).to_be_visible()
    assert page.evaluate("resets") == ["cf-turnstile"]
    send(page)
    expect(thanks(page)).to_be_visible()
    assert page.evaluate("resets") == ["cf-turnstile"]


def test_a_turnstile_token_stays_while_the_request_may_be_stored(page: "Page", site: Site, api: Api) -> None:
    # With another token, the next try would be another request.
    page.add_init_script("window.resets = []; window.turnstile = { reset: (widget) => resets.push(widget.className) };")
    token = '<div class="cf-turnstile"><input type="hidden" name="cf-turnstile-response" value="made-up"></div></form>'
    put(site, api, "/widget", page_with(OUR_FORM.replace("</form>", token)))
    api.will_answer(*[UNAVAILABLE] * 3)
    open_page(page, f"{site.url}/widget")
    fill_in(page)
    send(page)
    expect(alert(page)).to_be_visible()
    assert page.evaluate("resets") == []
    send(page)
    expect(thanks(page)).to_be_visible()
    assert len({(post.fields["submission_id"], post.fields["cf-turnstile-response"]) for post in api.posts}) == 1


def test_the_script_defines_no_globals(page: "Page", site: Site, api: Api) -> None:
    names = "() => Object.getOwnPropertyNames(window).filter((name) => !/^\\d+$/.test(name))"
    put(site, api, "/none", page_with(OUR_FORM).replace("/form.js", "/none.js"))
    page.goto(f"{site.url}/none")
    before = page.evaluate(names)
    open_page(page, site.url)
    assert page.evaluate(names) == before


def links(place: "Locator") -> list[str]:
    return [link.get_attribute("href") or "" for link in place.locator("a").all()]


# Crisis


def test_help_is_there_as_soon_as_somebody_says_that_they_are_in_crisis(page: "Page", site: Site, api: Api) -> None:
    controls: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
        '<label><input type="checkbox" name="in_crisis" value="yes"> I am in crisis</label>': (
            lambda: page.locator("[name=in_crisis]").check(),
            lambda: page.locator("[name=in_crisis]").uncheck(),
        ),
        '<label><input type="checkbox" name="in_crisis[]"> I am in crisis</label>': (
            lambda: page.get_by_text("I am in crisis").click(),
            lambda: page.get_by_text("I am in crisis").click(),
        ),
        '<select name="in_crisis"><option>No<option>Yes</select>': (
            lambda: page.locator("select[name=in_crisis]").select_option("Yes"),
            lambda: page.locator("select[name=in_crisis]").select_option("No"),
        ),
        '<label><input type="radio" name="in_crisis" value="true">Yes</label><input type="radio" name="in_crisis">': (
            lambda: page.get_by_label("Yes").check(),
            lambda: page.locator("form").evaluate("form => form.reset()"),
        ),
    }
    for control, (say, take_back) in controls.items():
        form = f'<form data-consultation-form method="post" action="{{api}}/consultations">{control}<p>More</p></form>'
        put(site, api, "/crisis", page_with(form))
        open_page(page, f"{site.url}/crisis")
        page.context.set_offline(True)
        expect(alert(page)).to_have_count(0)
        say()
        expect(alert(page)).to_contain_text(SCRIPT["in_crisis"])
        expect(alert(page)).to_contain_text(SCRIPT["crisis_next"])
        assert links(alert(page)) == ["tel:911", "tel:988", "sms:988", "tel:2025550100"]
        assert alert(page).evaluate("help => help.nextElementSibling.textContent") == "More", "beside its control"
        take_back()
        expect(alert(page)).to_have_count(0)
        page.context.set_offline(False)
    assert api.posts == []


def test_a_field_that_is_missing_does_not_keep_a_person_in_crisis_from_being_heard(
    page: "Page", site: Site, api: Api
) -> None:
    open_page(page, f"{site.url}/checked")
    send(page)
    page.locator("[name=in_crisis][value=yes]").check()
    page.locator("[name=in_crisis][value=no]").check()
    send(page)
    assert api.posts == []  # the browser's own validation
    page.locator("[name=in_crisis][value=yes]").check()
    send(page)
    expect(thanks(page)).to_be_visible()
    assert not page.locator("form").evaluate("form => form.noValidate"), "as it was before"


def test_a_button_for_a_crisis_sends_the_form_as_it_is(page: "Page", site: Site, api: Api) -> None:
    button = '<button name="in_crisis" value="yes"><b>I am in crisis</b></button></form>'
    put(site, api, "/button", page_with(CHECKED_FORM.replace("</form>", button)))
    api.will_answer(problem(400))
    open_page(page, f"{site.url}/button")
    page.get_by_text("I am in crisis").click()
    expect(alert(page)).to_contain_text("A title")
    expect(alert(page).locator("> :first-child")).to_contain_text(SCRIPT["in_crisis"])
    page.get_by_text("Send my request").click()
    assert len(api.posts) == 1, "the browser checks the form again"
    assert page.locator("[formnovalidate]").count() == 0
    page.get_by_role("button", name="I am in crisis").press("Enter")
    expect(thanks(page)).to_contain_text(SCRIPT["in_crisis"])
    assert [post.fields["in_crisis"] for post in api.posts] == ["yes", "yes"]


# The page's own checks


def test_the_browsers_checks_count(page: "Page", site: Site, api: Api) -> None:
    open_page(page, f"{site.url}/checked")
    send(page)
    assert page.locator("[name=name]").evaluate("control => control === document.activeElement")
    page.locator("[name=name]").fill("Bo Example")
    send(page)
    assert page.evaluate("document.activeElement.name") == "consent_contact"
    assert api.posts == []
    page.locator("[type=checkbox][name=consent_contact]").check()
    send(page)
    expect(thanks(page)).to_be_visible()


@pytest.mark.parametrize("place", ["document", "window", "document.querySelector('form')"])
def test_a_check_that_the_page_binds_later_counts(page: "Page", site: Site, api: Api, place: str) -> None:
    open_page(page, site.url)
    page.evaluate(f"{place}.addEventListener('submit', (event) => event.preventDefault())")
    send(page)
    page.wait_for_timeout(50)
    assert api.posts == []


def test_an_event_that_a_script_made_up_sends_nothing(page: "Page", site: Site, api: Api) -> None:
    open_page(page, site.url)
    page.locator("form").evaluate("form => form.dispatchEvent(new SubmitEvent('submit', {bubbles: true}))")
    page.wait_for_timeout(50)
    assert api.posts == []
    page.locator("form").evaluate("form => form.requestSubmit()")
    expect(thanks(page)).to_be_visible()


def test_a_button_with_its_own_address_or_method_is_left_to_the_browser(page: "Page", site: Site, api: Api) -> None:
    buttons = '<button formaction="{api}/elsewhere">Save</button><button formmethod="get">Look</button></form>'
    put(site, api, "/buttons", page_with(OUR_FORM.replace("</form>", buttons)))
    open_page(page, f"{site.url}/buttons")
    page.get_by_text("Save").click()
    expect(page.get_by_text("A page of the API")).to_be_visible()
    assert [(post.path, "submission_id" in post.fields) for post in api.posts] == [("/elsewhere", False)]


# A site that is not listed


def test_on_a_site_that_is_not_listed_the_browser_sends_the_form_at_once(page: "Page", site: Site, api: Api) -> None:
    api.origins = ("https://www.example.com",)
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    open_page(page, f"{site.url}/checked?utm_source=news")
    (hint,) = told
    assert f"Add {site.url} to the parameter AllowedOrigins" in hint
    send(page)
    assert api.posts == []
    fill_in(page)
    markup = page.content()
    send(page)
    expect(page.get_by_text("A page of the API")).to_be_visible()
    page.go_back()
    assert page.content() == markup
    fill_in(page)
    send(page)
    expect(page.get_by_text("A page of the API")).to_be_visible()
    assert len(api.posts) == 2
    assert len(set(api.ids)) == 1, "an earlier try may have arrived"
    fields = api.posts[0].fields
    assert fields["utm_source"] == "news"
    assert fields["page"] == f"{site.url}/checked"
    assert fields["consent_contact"] == ["no", "yes"]
    assert re.fullmatch("[0-9]{13}", fields["rendered_at"])


def test_what_was_typed_is_never_put_into_an_address(page: "Page", site: Site, api: Api) -> None:
    api.origins = ()
    put(site, api, "/get", page_with(OUR_FORM.replace(' method="post"', "")))
    open_page(page, f"{site.url}/get")
    fill_in(page)
    send(page)
    expect(page.get_by_text("A page of the API")).to_be_visible()
    assert len(api.posts) == 1
    assert page.url == f"{api.url}/consultations"


def test_a_site_on_the_apis_own_origin_can_always_read_answers(page: "Page", api: Api) -> None:
    api.origins = ()
    page.route(
        f"{api.url}/page",
        lambda route: route.fulfill(body=page_with(OUR_FORM).replace("{api}", api.url), content_type="text/html"),
    )
    open_page(page, f"{api.url}/page")
    send(page)
    expect(thanks(page)).to_be_visible()


# A restored draft


def test_a_restored_draft_says_so_and_can_be_cleared(page: "Page", site: Site, api: Api) -> None:
    api.will_answer(*[UNAVAILABLE] * 3)
    open_page(page, site.url)
    expect(page.locator(".consultation-restored")).to_have_count(0)
    fill_in(page)
    page.locator("[name=in_crisis][value=yes]").check()
    send(page)
    expect(alert(page).last).to_contain_text("We couldn't take your request")
    page.reload()
    notice = page.locator("form > .consultation-restored:first-child")
    expect(notice).to_have_attribute("role", "status")
    expect(notice).to_contain_text(SCRIPT["restored"])
    expect(alert(page)).to_contain_text(SCRIPT["in_crisis"])
    notice.get_by_role("button", name=SCRIPT["clear_button"]).press("Enter")
    expect(notice).to_have_count(0)
    expect(alert(page)).to_have_count(0)
    expect(page.locator("[name=name]")).to_have_value("")
    expect(page.locator("[name=name]")).to_be_focused()
    expect(page.locator("[name=time_zone]")).to_have_value("America/New_York")
    assert stored(page) == []
    page.reload()
    expect(page.locator("[name=name]")).to_have_value("")
    expect(notice).to_have_count(0)
    send(page)
    expect(thanks(page)).to_be_visible()
    assert api.ids[0] != api.ids[-1], "another person, another request"


def test_a_restored_draft_keeps_the_time_when_the_form_was_first_shown(page: "Page", site: Site, api: Api) -> None:
    page.clock.install(time="2026-03-04T15:30:00Z")
    open_page(page, site.url)
    page.locator("[name=name]").fill("Bo Example")
    page.clock.fast_forward(60_000)
    page.reload()
    send(page)
    expect(thanks(page)).to_be_visible()
    assert int(api.posts[0].fields["rendered_at"]) < 1_772_638_200_000 + 30_000


def test_a_reload_does_not_make_a_draft_live_longer(page: "Page", site: Site) -> None:
    page.clock.install(time="2026-03-04T15:30:00Z")
    open_page(page, site.url)
    page.locator("[name=name]").fill("Bo Example")
    page.clock.fast_forward("40:00")
    page.reload()
    expect(page.locator("[name=name]")).to_have_value("Bo Example")
    page.clock.fast_forward("40:00")
    page.reload()
    expect(page.locator("[name=name]")).to_have_value("")


@pytest.mark.parametrize("name", ["leave_empty", "homepage"])
def test_a_draft_never_has_the_trap(page: "Page", site: Site, api: Api, name: str) -> None:
    put(site, api, "/trap", page_with(OUR_FORM.replace('name="leave_empty"', f'name="{name}"')))
    open_page(page, f"{site.url}/trap")
    page.locator(f"[name={name}]").evaluate("control => { control.value = 'x'; }")
    page.locator("[name=name]").fill("Bo Example")
    (draft,) = stored(page)
    assert name not in draft["fields"]


# What the API's answer adds


def test_the_thanks_say_what_happens_next_in_the_apis_words(page: "Page", site: Site, api: Api) -> None:
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    api.will_answer(
        accepted(
            next="Someone will call on Monday.",
            check_email="Did you mean bo@example.com?",
            also_sent=["insurance", "gclid"],
            not_kept=["password"],
        )
    )
    open_page(page, site.url)
    fill_in(page)
    send(page)
    expect(thanks(page)).to_contain_text("Someone will call on Monday.")
    expect(thanks(page)).to_contain_text("Did you mean bo@example.com?")
    expect(thanks(page)).not_to_contain_text(SCRIPT["next"])
    assert [text.partition(": ")[2] for text in told[::2]] == ["insurance, gclid", "password"]
    assert told[1::2] == [
        SCRIPT["also_sent_advice"].format(url=f"{api.url}/openapi.json"),
        SCRIPT["not_kept_advice"],
    ], "on the machine of a developer"


@pytest.fixture
def elsewhere(page: "Page", site: Site, api: Api) -> None:  # noqa: ARG001 - the script is for this site
    """The script does not take this machine's address for that of a developer."""
    local = r"|127\.0\.0\.1"
    served = script(*api.origins)
    assert served.count(local) == 1
    page.route(
        "**/form.js", lambda route: route.fulfill(body=served.replace(local, ""), content_type="text/javascript")
    )


@pytest.mark.parametrize(("tag", "lines"), [("defer", 2), ("defer data-debug", 4)])
@pytest.mark.usefixtures("elsewhere")
def test_on_a_live_site_the_console_has_advice_only_if_the_tag_asks(
    tag: str, lines: int, page: "Page", site: Site, api: Api
) -> None:
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    put(site, api, "/live", page_with(OUR_FORM).replace("defer>", f"{tag}>"))
    api.will_answer(accepted(also_sent=["insurance"], not_kept=["password"]))
    open_page(page, f"{site.url}/live")
    fill_in(page)
    send(page)
    expect(thanks(page)).to_be_visible()
    assert len(told) == lines


def test_the_console_names_what_the_form_lacks_and_the_apis_advice(page: "Page", site: Site, api: Api) -> None:
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text) if message.type == "info" else None)
    refused = rejected(name="Please enter a name.", patient_is_adult="Please confirm this.")
    assert isinstance(refused.document, dict)
    api.will_answer(Reply(422, {**refused.document, "for_developers": "Send patient_is_adult=yes."}))
    open_page(page, site.url)
    send(page)
    expect(alert(page)).to_be_focused()
    assert told == [SCRIPT["not_in_form"].format(names="patient_is_adult"), "Send patient_is_adult=yes."]


def test_the_console_says_that_a_page_has_no_form_yet(page: "Page", site: Site, api: Api) -> None:
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    put(site, api, "/none", page_with(OUR_FORM.replace(" data-consultation-form", "")))
    page.goto(f"{site.url}/none")
    page.wait_for_timeout(50)
    assert told == [SCRIPT["no_form"]]


# Forms that the page points out

_POINTED_OUT = {
    "the form": "document.dispatchEvent(new CustomEvent('consultation-form', {detail: form}))",
    "as before": "document.dispatchEvent(new CustomEvent('consultation-form', {bubbles: true, detail: form}))",
    "by the form": "form.dispatchEvent(new Event('consultation-form'))",
}


@pytest.mark.parametrize("way", _POINTED_OUT)
def test_one_call_points_out_a_form_without_the_attribute(way: str, page: "Page", site: Site, api: Api) -> None:
    put(site, api, "/other", page_with(OUR_FORM.replace(" data-consultation-form", "")))
    page.goto(f"{site.url}/other")
    page.evaluate(f"() => {{ const form = document.querySelector('form'); {_POINTED_OUT[way]}; }}")
    fill_in(page)
    send(page)
    expect(thanks(page)).to_be_visible()
    assert len(api.posts) == 1


def test_one_call_may_come_before_the_page_is_read(page: "Page", site: Site, api: Api) -> None:
    calls = "document.dispatchEvent(new CustomEvent('consultation-form', {detail: document.querySelector('form')}));"
    form = OUR_FORM.replace(" data-consultation-form", "")
    scripts = '<script src="{api}/form.js"></script><script src="{api}/calls.js"></script>'
    page.route("**/calls.js", lambda route: route.fulfill(body=calls, content_type="text/javascript"))
    put(site, api, "/early", page_with(form + scripts))
    page.goto(f"{site.url}/early")
    fill_in(page)
    send(page)
    expect(thanks(page)).to_be_visible()
    assert len(api.posts) == 1


@pytest.mark.parametrize("mode", ["open", "closed"])
@pytest.mark.parametrize("given", ["root", "root.querySelector('form')"])
def test_one_call_points_out_a_form_in_a_shadow_root(mode: str, given: str, page: "Page", site: Site, api: Api) -> None:
    put(site, api, "/shadow", page_with("<div id=host></div>"))
    page.goto(f"{site.url}/shadow")
    page.evaluate(
        f"""(html) => {{
            const root = document.getElementById('host').attachShadow({{mode: '{mode}'}});
            root.innerHTML = html;
            document.dispatchEvent(new CustomEvent('consultation-form', {{detail: {given}}}));
            root.querySelector('[name=name]').value = 'Bo Example';
            window.press = () => root.querySelector('button').click();
            window.thanked = () => Boolean(root.querySelector('.consultation-thanks'));
        }}""",
        OUR_FORM.replace("{api}", api.url),
    )
    page.evaluate("press()")
    # `wait_for_function` would ask by the page's own clock, where the page's policy forbids it to run text.
    assert eventually(lambda: page.evaluate("thanked()"), within=10)
    assert api.posts[0].fields["name"] == "Bo Example"


@pytest.mark.parametrize("detail", ["'form'", "7", "{}", "document.createTextNode('form')", "window", "document"])
def test_a_call_about_something_else_does_no_harm(detail: str, page: "Page", site: Site, api: Api) -> None:
    open_page(page, site.url)
    page.evaluate(f"document.dispatchEvent(new CustomEvent('consultation-form', {{detail: {detail}}}))")
    page.evaluate("document.dispatchEvent(new Event('consultation-form'))")
    fill_in(page)
    send(page)
    expect(thanks(page)).to_be_visible()
    assert len(api.posts) == 1


def suggests(suggestion: str) -> Reply:
    entry = {"field": "email", "detail": f"Did you mean {suggestion}?", "suggestion": suggestion}
    return Reply(422, {"title": "Please check your request", "detail": "Not saved yet.", "errors": [entry]})


def test_a_suggested_address_is_taken_with_one_button(page: "Page", site: Site, api: Api) -> None:
    api.will_answer(suggests("bo@example.com"))
    open_page(page, site.url)
    page.locator("[name=email]").fill("bo@example.net")
    send(page)
    expect(page.locator("#email-error")).to_have_text("Did you mean bo@example.com?")
    page.get_by_role("button", name="Use bo@example.com").click()
    expect(page.locator("[name=email]")).to_have_value("bo@example.com")
    expect(page.locator("[name=email]")).to_be_focused()
    expect(page.get_by_role("button", name="Use")).to_have_count(0)
    expect(page.locator("#email-error")).to_have_count(0)
    send(page)
    expect(thanks(page)).to_be_visible()
    assert [post.fields.get("email_as_typed") for post in api.posts] == [None, None]


def test_a_visitor_who_leaves_the_address_as_it_is_insists_on_it(page: "Page", site: Site, api: Api) -> None:
    api.will_answer(suggests("bo@example.com"))
    open_page(page, site.url)
    page.locator("[name=email]").fill("bo@example.net")
    send(page)
    expect(page.locator("#email-error")).to_be_visible()
    send(page)
    expect(thanks(page)).to_be_visible()
    assert [post.fields.get("email_as_typed") for post in api.posts] == [None, "bo@example.net"]


# --- languages --------------------------------------------------------------------------------------------------------


def in_language(page: str, language: str | None, form: str = "") -> str:
    """Return a page whose `lang` attribute says a language, and whose form has the attributes `form`."""
    said = f' lang="{language}"' if language is not None else ""
    return page.replace('<html lang="en">', f"<html{said}>").replace("<form ", f"<form {form} ", 1)


@pytest.mark.parametrize(
    ("page_in", "form", "spoken"),
    [
        ("es", "", "es"),
        ("es-MX", "", "es"),
        ("ES", "", "es"),
        ("en", 'lang="es"', "es"),
        ("es", 'lang="en"', "en"),
        ("es", 'lang=""', "es"),
        ("fr", "", "en"),
        (None, "", "en"),  # the browser's
    ],
)
def test_the_script_speaks_and_sends_the_language_around_the_form(  # noqa: PLR0913, PLR0917 - a row of the table
    page: "Page", site: Site, api: Api, page_in: str | None, form: str, spoken: str
) -> None:
    put(site, api, "/spoken", in_language(page_with(OUR_FORM), page_in, form))
    api.will_answer(Reply(None), Reply(None), Reply(None))
    page.clock.install()
    page.goto(f"{site.url}/spoken")
    fill_in(page)
    send(page)
    words = words_of(spoken).script.SCRIPT
    expect(status(page)).to_have_text(words["retrying"].format(number=2, tries=3))
    page.clock.run_for(60_000)
    expect(alert(page)).to_contain_text(words["maybe_not_sent"])
    # The browser's language is for the script's words only: it does not say which text the form shows.
    sent = spoken if form == 'lang="es"' or page_in not in {"fr", None} else None
    assert {post.fields.get("lang") for post in api.posts} == {sent}


def test_a_form_that_names_its_language_keeps_it(page: "Page", site: Site, api: Api) -> None:
    hidden = OUR_FORM.replace("</form>", '<input type="hidden" name="lang" value="Espa\u00f1ol"></form>')
    put(site, api, "/spoken", page_with(hidden))
    page.goto(f"{site.url}/spoken")
    fill_in(page)
    send(page)
    expect(thanks(page)).to_be_focused()
    assert [post.fields["lang"] for post in api.posts] == ["Espa\u00f1ol"]


def test_what_the_script_adds_says_its_language_only_if_the_page_is_in_another(
    page: "Page", site: Site, api: Api
) -> None:
    for path, language, said in (("/other", "fr", "en"), ("/same", "es-US", None)):
        put(site, api, path, in_language(page_with(OUR_FORM), language))
        page.goto(f"{site.url}{path}")
        fill_in(page)
        send(page)
        expect(thanks(page)).to_be_focused()
        assert thanks(page).get_attribute("lang") == said


def test_a_page_may_change_its_language(page: "Page", site: Site, api: Api) -> None:
    page.goto(site.url)
    fill_in(page)
    page.evaluate("document.documentElement.lang = 'es'")
    send(page)
    expect(thanks(page)).to_contain_text(words_of("es").script.SCRIPT["next"])
    assert [post.fields["lang"] for post in api.posts] == ["es"]


def test_an_answer_of_api_gateway_is_read_in_the_language_of_the_form(page: "Page", site: Site, api: Api) -> None:
    put(site, api, "/spoken", in_language(page_with(OUR_FORM), "es"))
    answer = {"title": "Too long", "detail": "Shorten it.", "es": {"title": "Muy largo", "detail": "Ac\u00f3rtelo."}}
    api.will_answer(Reply(413, answer))
    page.goto(f"{site.url}/spoken")
    fill_in(page)
    send(page)
    expect(alert(page)).to_contain_text("Muy largo")
    expect(alert(page)).to_contain_text("Ac\u00f3rtelo.")
    expect(alert(page)).not_to_contain_text("Too long")
