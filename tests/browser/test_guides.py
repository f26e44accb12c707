"""The guides of docs/form.md: their own code, on pages like those of site builders, on another port than the API."""

import html
import json
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Final

import pytest
from playwright.sync_api import expect

from tests.browser.guides import ICON, PLACEHOLDER, World, form_to_paste, guides, world
from tests.node_tools import needs_node, package_file

if TYPE_CHECKING:
    from playwright.sync_api import Browser, FrameLocator, Page

GUIDES: Final = guides()
_NAME: Final = "Robin Example"
_PHONE: Final = "(202) 555-0161"

# A theme that is as bold as themes are, a menu, a search form, and handlers that listen to everything on the page.
_WORDPRESS: Final = """<!doctype html><html lang="en-US"><head><meta charset="utf-8"><title>Contact</title>{icon}
<style>
  * {{ box-sizing: border-box }} form {{ display: grid; gap: 1rem }}
  label {{ display: block; text-transform: uppercase }}
  input, select, textarea {{ width: 100%; padding: 1rem; appearance: none; border: 3px solid #999 }}
  .entry-content > * {{ max-width: 650px; margin-inline: auto }} p:empty {{ margin: 0 }}
  button, [type=submit] {{ position: relative; z-index: 1; transition: all .3s }}
</style></head>
<body class="wp-singular page-template-default"><form role="search" action="/"><input name="s"></form>
<main><div class="entry-content wp-block-post-content">{content}</div></main>
<script>
  document.addEventListener("click", (event) => {{
    if (event.target.closest('a[href^="#"]')) event.preventDefault(); // smooth scrolling
  }});
  for (const form of document.forms) form.addEventListener("submit", () => form.classList.add("is-submitting"));
  document.addEventListener("keyup", (event) => event.stopPropagation());
  setInterval(() => document.body.classList.toggle("scrolled"), 50);
</script></body></html>"""

# What Contact Form 7 writes for the form of the guide. Its own page is includes/contact-form.php of the plugin.
_CONTACT_FORM_7: Final = f"""<div class="wpcf7 no-js" id="wpcf7-f7-p2-o1" lang="en-US" dir="ltr">
<div class="screen-reader-response"><p role="status" aria-live="polite" aria-atomic="true"></p> <ul></ul></div>
<form action="{PLACEHOLDER}/consultations" method="post" class="wpcf7-form init" aria-label="Contact form"
 novalidate="novalidate" data-status="init">
<div style="display: none;">
<input type="hidden" name="_wpcf7" value="7" /><input type="hidden" name="_wpcf7_version" value="5.9" />
<input type="hidden" name="_wpcf7_locale" value="en_US" />
<input type="hidden" name="_wpcf7_unit_tag" value="wpcf7-f7-p2-o1" />
<input type="hidden" name="_wpcf7_container_post" value="2" />
<input type="hidden" name="_wpcf7_posted_data_hash" value="" />
</div>
<p><label>Your name <span class="wpcf7-form-control-wrap" data-name="name"><input size="40" maxlength="400"
 class="wpcf7-form-control wpcf7-text" autocomplete="name" aria-invalid="false" value="" type="text"
 name="name" /></span></label><br />
<label>Phone <span class="wpcf7-form-control-wrap" data-name="phone"><input size="40"
 class="wpcf7-form-control wpcf7-tel"
 autocomplete="tel" aria-invalid="false" value="" type="tel" name="phone" /></span></label><br />
<label>Message <span class="wpcf7-form-control-wrap" data-name="message"><textarea cols="40" rows="10"
 class="wpcf7-form-control wpcf7-textarea" aria-invalid="false" name="message"></textarea></span></label></p>
<p><span class="wpcf7-form-control-wrap" data-name="patient_is_adult"><span class="wpcf7-form-control wpcf7-checkbox">
<span class="wpcf7-list-item first last"><input type="checkbox" name="patient_is_adult[]"
 value="The patient is 18 or older." />
<span class="wpcf7-list-item-label">The patient is 18 or older.</span></span></span></span></p>
<p><span class="wpcf7-form-control-wrap" data-name="consent_contact"><span class="wpcf7-form-control wpcf7-checkbox">
<span class="wpcf7-list-item first last"><input type="checkbox" name="consent_contact[]"
 value="You may contact me about this request." />
<span class="wpcf7-list-item-label">You may contact me about this request.</span></span></span></span></p>
<p><input class="wpcf7-form-control wpcf7-submit has-spinner" type="submit" value="Ask for a consultation" /></p>
<div class="wpcf7-response-output" aria-hidden="true"></div></form></div>"""

type APage = Callable[..., AbstractContextManager["Page"]]


@pytest.fixture(scope="module")
def _world() -> Iterator[World]:
    with world() as made:
        yield made


@pytest.fixture
def there(_world: World) -> World:
    """The site and the API, with nothing stored."""
    _world.start()
    return _world


@pytest.fixture
def a_visit(a_page: APage) -> Iterator["Page"]:
    """A page of a browser with scripts."""
    with a_page(viewport={"width": 800, "height": 900}) as page:
        yield page


def with_icon(markup: str) -> str:
    return markup.replace("<title>", f"{ICON}<title>", 1)


def fill_in(place: "Page | FrameLocator") -> None:
    form = place.locator("form:has([name=phone])")
    form.locator("[name=name]").fill(_NAME)
    form.locator("[name=phone]").fill(_PHONE)
    form.locator("[name=message]").fill("Hello")
    for name in ("patient_is_adult", "consent_contact"):
        form.locator(f"[type=checkbox][name^={name}], [type=radio][name={name}][value=yes]").first.check(force=True)


def send(place: "Page | FrameLocator") -> None:
    place.locator("form:has([name=phone]) :is(button:not([type=button]), [type=submit])").click()


def is_thanked(place: "Page | FrameLocator") -> None:
    place.get_by_role("heading", name=re.compile("We.have your request")).wait_for()


def is_stored_once(there: World, *, by_script: bool) -> None:
    (lead,) = there.stored()
    assert (lead.name, lead.phone, lead.message) == (_NAME, "+12025550161", "Hello")
    assert {consent.kind for consent in lead.consents} >= {"consent_contact"}
    assert there.by_script[-1] is by_script


def auto_paragraphs(markup: str) -> str:
    """Do to HTML what WordPress's wpautop does to text: paragraphs at empty lines, and breaks at the ends of lines."""
    paragraphs = (f"<p>{part}</p>" for part in re.split(r"\n\s*\n", markup.strip()))
    return re.sub(
        r"(</label>|</span>|>)\n(\s*<(?:label|input|span|select|button))", r"\1<br />\n\2", "\n".join(paragraphs)
    )


# --- Plain HTML -------------------------------------------------------------------------------------------------------


def test_a_page_of_plain_html_sends_its_first_request(a_visit: "Page", there: World) -> None:
    a_visit.goto(there.put(with_icon(GUIDES["plain-html"])))
    send(a_visit)
    expect(a_visit.locator(".consultation-problem")).to_be_focused()
    fill_in(a_visit)
    send(a_visit)
    is_thanked(a_visit)
    assert a_visit.url.startswith(there.site)
    is_stored_once(there, by_script=True)


def test_a_page_of_plain_html_works_without_scripts(a_page: APage, there: World) -> None:
    with a_page(java_script_enabled=False) as page:
        page.goto(there.put(with_icon(GUIDES["plain-html"])))
        fill_in(page)
        send(page)
        is_thanked(page)
        assert page.url.startswith(there.api)
    is_stored_once(there, by_script=False)


# --- WordPress --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("paragraphs", ["as pasted", "with paragraphs"])
def test_the_form_to_paste_works_on_a_page_like_wordpress(a_visit: "Page", there: World, paragraphs: str) -> None:
    pasted = form_to_paste()
    content = pasted if paragraphs == "as pasted" else auto_paragraphs(pasted)
    a_visit.goto(there.put(_WORDPRESS.format(icon=ICON, content=content)))
    send(a_visit)
    expect(a_visit.locator(".consultation-problem")).to_be_focused()
    fill_in(a_visit)
    send(a_visit)
    is_thanked(a_visit)
    is_stored_once(there, by_script=True)


@pytest.mark.parametrize("script", [GUIDES["contact-form-7-script"], ""], ids=["with form.js", "without"])
def test_a_form_of_contact_form_7_works(a_visit: "Page", there: World, script: str) -> None:
    a_visit.goto(
        there.put(_WORDPRESS.format(icon=ICON, content=_CONTACT_FORM_7).replace("</body>", f"{script}</body>"))
    )
    fill_in(a_visit)
    send(a_visit)
    is_thanked(a_visit)
    is_stored_once(there, by_script=bool(script))
    (lead,) = there.stored()
    assert lead.also_sent == (), "the fields that the plugin adds are for programs"


# --- Squarespace: a form that is added later --------------------------------------------------------------------------


def test_a_form_that_a_page_loads_in_the_background_works(a_visit: "Page", there: World) -> None:
    tag = f'<script src="{PLACEHOLDER}/form.js" defer></script>'
    a_visit.goto(there.put(f"<!doctype html><html lang=en><title>Home</title>{ICON}<main></main>{tag}"))
    pasted = re.sub(r"<script.*?</script>", "", form_to_paste()).replace(PLACEHOLDER, there.api)
    a_visit.evaluate("(markup) => { document.querySelector('main').innerHTML = markup; }", pasted)
    fill_in(a_visit)
    send(a_visit)
    is_thanked(a_visit)
    is_stored_once(there, by_script=True)


# --- Wix: a form in a frame -------------------------------------------------------------------------------------------

_WIX: Final = (
    '<!doctype html><title>Site</title>{icon}<iframe sandbox="{sandbox}" src="{src}" width=700 height=800></iframe>'
)


@pytest.mark.parametrize("listed", [True, False], ids=["with its origin listed", "not listed"])
def test_a_form_in_a_frame_of_another_origin_works(a_visit: "Page", there: World, listed: bool) -> None:  # noqa: FBT001
    frame = with_icon(GUIDES["wix"]).replace("<!-- form.html -->", form_to_paste())
    if not listed:
        there.origins = ("https://www.example.com",)
    told: list[str] = []
    a_visit.on("console", lambda message: told.append(message.text))
    with world() as builder:
        src = there.put(frame, "/frame")
        sandbox = "allow-scripts allow-forms allow-same-origin"
        a_visit.goto(builder.put(_WIX.format(icon=ICON, sandbox=sandbox, src=src)))
        inside = a_visit.frame_locator("iframe")
        fill_in(inside)
        send(inside)
        is_thanked(inside)
    assert any(f"Add {there.site} to the parameter AllowedOrigins" in each for each in told) is not listed
    is_stored_once(there, by_script=listed)


def test_a_form_in_a_frame_without_an_origin_is_sent_by_the_browser(a_visit: "Page", there: World) -> None:
    src = there.put(with_icon(GUIDES["wix"]).replace("<!-- form.html -->", form_to_paste()), "/frame")
    a_visit.goto(there.put(_WIX.format(icon=ICON, sandbox="allow-scripts allow-forms", src=html.escape(src))))
    inside = a_visit.frame_locator("iframe")
    fill_in(inside)
    send(inside)
    is_thanked(inside)
    is_stored_once(there, by_script=False)


# --- React ------------------------------------------------------------------------------------------------------------

_REACT: Final = """<!doctype html><html lang="en"><title>App</title>{icon}<main id="root"></main>
<script>{react}</script><script>{dom}</script><script>{babel}</script>
<script>
  const code = Babel.transform({guide}, {{ presets: [["env", {{ modules: "commonjs" }}], "react"] }}).code;
  const made = {{}};
  new Function("require", "exports", "React", code)(() => React, made, React);
  const element = React.createElement;
  function App() {{
    const [count, setCount] = React.useState(0);
    const [shown, setShown] = React.useState(true);
    return element(React.Fragment, null,
      element("button", {{ type: "button", id: "count", onClick: () => setCount(count + 1) }}, `Again ${{count}}`),
      element("button", {{ type: "button", id: "toggle", onClick: () => setShown(!shown) }}, "Elsewhere"),
      shown && element(made.ConsultationForm));
  }}
  ReactDOM.createRoot(document.getElementById("root")).render(
    element(React.StrictMode, null, element(App)));
</script></html>"""


def _react_page() -> str:
    return _REACT.format(
        icon=ICON,
        react=package_file("react/umd/react.development.js"),
        dom=package_file("react-dom/umd/react-dom.development.js").replace("</script", "<\\/script"),
        babel=package_file("@babel/standalone/babel.min.js").replace("</script", "<\\/script"),
        guide=json.dumps(GUIDES["react"]).replace("</", "<\\/"),
    )


@needs_node
def test_the_component_for_react_works_when_it_is_rendered_again(a_visit: "Page", there: World) -> None:
    a_visit.goto(there.put(_react_page()))
    send(a_visit)
    expect(a_visit.locator(".consultation-problem")).to_be_focused()
    a_visit.locator("#count").click()
    expect(a_visit.locator("#count")).to_have_text("Again 1")
    expect(a_visit.locator(".consultation-problem")).to_be_visible()
    fill_in(a_visit)
    a_visit.locator("#count").click()
    send(a_visit)
    is_thanked(a_visit)
    is_stored_once(there, by_script=True)
    a_visit.locator("#toggle").click()
    expect(a_visit.locator(".consultation-thanks")).to_have_count(0)


@needs_node
def test_the_component_for_react_works_when_it_is_added_again(a_visit: "Page", there: World) -> None:
    a_visit.goto(there.put(_react_page()))
    a_visit.locator("form [name=name]").fill("Somebody")
    a_visit.locator("#toggle").click()
    expect(a_visit.locator("form")).to_have_count(0)
    a_visit.locator("#toggle").click()
    expect(a_visit.locator("form [name=name]")).to_have_value("Somebody")
    fill_in(a_visit)
    send(a_visit)
    is_thanked(a_visit)
    is_stored_once(there, by_script=True)


def test_each_guide_of_the_docs_is_tried(chromium: "Browser") -> None:
    assert chromium.is_connected()
    assert set(GUIDES) == {"plain-html", "contact-form-7-script", "wix", "react"}
