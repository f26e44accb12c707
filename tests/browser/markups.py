"""Forms as sites write them, each with what a visitor does in it. form.js must send each as the browser alone does.

tests/browser/test_markups.py sends each form with and without form.js. docs/markups.md lists them:

    uv run python -m tests.browser.markups

writes it. `OLD_FAILS` are the markups that the form.js of version 0.5.0 sent otherwise. To measure them again:

    git show v0.5.0:functions/submit/form.js > /tmp/form-0.5.0.js
    FORM_JS=/tmp/form-0.5.0.js uv run pytest tests/browser/test_markups.py
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from playwright.sync_api import Page

type Step = Callable[["Page"], object]

DOCUMENT: Final = Path("docs/markups.md")


@dataclass(frozen=True, slots=True)
class Markup:
    """One form. `html` is the body of the page; `{api}` in it is the API's address. `steps` are what the visitor does.

    `sends` is False if the page itself keeps the form from being sent. `visitors` come one after the other. If `saved`
    is set, they get the page as it was saved after its scripts ran.
    """

    name: str
    html: str
    steps: tuple[Step, ...]
    sends: bool = True
    visitors: int = 1
    saved: bool = False
    charset: str = "utf-8"  # of the page


# What a visitor does.


def click(selector: str) -> Step:
    return lambda page: page.locator(selector).click()


def fill(selector: str, text: str) -> Step:
    return lambda page: page.locator(selector).fill(text)


def choose(selector: str, *values: str) -> Step:
    return lambda page: page.locator(selector).select_option(list(values))


def key(selector: str, name: str) -> Step:
    return lambda page: page.locator(selector).press(name)


def run(script: str) -> Step:
    """Return a step of the page's own script."""
    return lambda page: page.evaluate(script)


SEND: Final = click("#send")

# What every form here has, filled in already.
_BASE: Final = """
  <label>Name <input name="name" value="Robin Example"></label>
  <label>Phone <input name="phone" type="tel" value="202-555-0142"></label>
  <label><input type="checkbox" name="patient_is_adult" value="yes" checked> 18 or older</label>
  <label><input type="checkbox" name="consent_contact" value="yes" checked> You may contact me</label>"""
_BUTTON: Final = '<button id="send">Send</button>'


def form(inside: str = "", attributes: str = "", button: str = _BUTTON) -> str:
    start = f'<form id="f" data-consultation-form method="post" action="{{api}}/consultations" {attributes}>'
    return f"{start}{_BASE}\n  {inside}\n  {button}\n</form>"


def page_script(code: str) -> str:
    return f"<script>{code}</script>"


def _sent(name: str, inside: str, *steps: Step, attributes: str = "", button: str = _BUTTON, after: str = "") -> Markup:
    return Markup(name, form(inside, attributes, button) + after, (*steps, SEND))


def _inputs(*names: str) -> str:
    return "".join(f'<input name="{name}" value="typed into {name}">' for name in names)


PRESETS: Final = (
    _sent(
        'a hidden "no" before the box, ticked',
        '<input type="hidden" name="discreet" value="no"><input type="checkbox" name="discreet" value="yes">',
        click("[type=checkbox][name=discreet]"),
    ),
    _sent(
        'a hidden "no" before the box, not ticked',
        '<input type="hidden" name="discreet" value="no"><input type="checkbox" name="discreet" value="yes">',
    ),
    _sent(
        'a hidden "no" after the box, ticked',
        '<input type="checkbox" name="in_crisis" value="true"><input type="hidden" name="in_crisis" value="false">',
        click("[type=checkbox][name=in_crisis]"),
    ),
    _sent(
        'a hidden "no" after the box, not ticked',
        '<input type="checkbox" name="in_crisis" value="true"><input type="hidden" name="in_crisis" value="false">',
    ),
    _sent(
        'a hidden "no" that is disabled',
        '<input type="hidden" name="discreet" value="no" disabled><input type="checkbox" name="discreet" value="yes">',
        click("[type=checkbox][name=discreet]"),
    ),
    _sent(
        "a hidden empty value before a group of boxes",
        '<input type="hidden" name="symptoms"><input type="checkbox" name="symptoms" value="insomnia">',
        click("[value=insomnia]"),
    ),
    _sent(
        "a hidden preset before radio buttons",
        '<input type="hidden" name="voicemail_ok" value="no"><input type="radio" name="voicemail_ok" value="yes">',
        click("[type=radio]"),
    ),
    _sent(
        "hidden choices that count, before the boxes of the same question",
        '<input type="hidden" name="symptoms" value="fatigue"><input type="checkbox" name="symptoms" value="insomnia">'
        '<input type="checkbox" name="symptoms" value="low_mood">',
        click("[value=insomnia]"),
        click("[value=low_mood]"),
    ),
    _sent("only a hidden value", '<input type="hidden" name="interest" value="anxiety">'),
)

REPEATED: Final = (
    _sent(
        "two menus with one name",
        '<select name="best_time"><option>morning<option>evening</select>'
        '<select name="best_time"><option>morning<option>evening</select>',
        lambda page: page.locator("select").last.select_option("evening"),
    ),
    _sent(
        'radio buttons and a text for "other", left empty',
        '<input type="radio" name="interest" value="anxiety"><input type="radio" name="interest" value="other">'
        '<input name="interest">',
        click("[value=anxiety]"),
    ),
    _sent(
        'radio buttons and a text for "other", filled in',
        '<input type="radio" name="interest" value="other"><input type="text" name="interest">',
        click("[value=other]"),
        fill("[type=text][name=interest]", "Grief"),
    ),
    _sent(
        "two texts with one name",
        '<textarea name="message">First.</textarea><textarea name="message">Second.</textarea>',
    ),
    _sent(
        "boxes with one name, two ticked",
        "".join(f'<input type="checkbox" name="symptoms" value="{name}">' for name in ("insomnia", "fatigue")),
        click("[value=insomnia]"),
        click("[value=fatigue]"),
    ),
    _sent(
        "one of several boxes ticked",
        "".join(f'<input type="checkbox" name="symptoms" value="{name}">' for name in ("insomnia", "fatigue")),
        click("[value=fatigue]"),
    ),
    _sent("first and last name with one name", '<input name="name" value="Sam"><input name="name" value="Sample">'),
    _sent("fields with one name, apart", f"{_inputs('a', 'b', 'a')}"),
)

BRACKETS: Final = (
    _sent(
        "symptoms[]",
        "".join(
            f'<input type="checkbox" name="symptoms[]" value="{name}" checked>' for name in ("insomnia", "fatigue")
        ),
    ),
    _sent("symptoms[0] and symptoms[1]", '<input name="symptoms[0]" value="insomnia"><input name="symptoms[1]">'),
    _sent("contact[email]", '<input name="contact[email]" value="robin@example.com">'),
    _sent(
        "in_crisis[] with a hidden value",
        '<input type="hidden" name="in_crisis[]" value="0"><input type="checkbox" name="in_crisis[]" value="1">',
        click("[type=checkbox][name^=in_crisis]"),
    ),
    _sent("names with dots and dashes", _inputs("contact.city", "your-message", "field_1-2")),
)

BUTTONS: Final = (
    _sent(
        "a button with a value", "", button='<button id="send" name="in_crisis" value="yes">I need help now</button>'
    ),
    _sent("a submit input with a value", "", button='<input type="submit" id="send" name="best_time" value="evening">'),
    _sent(
        "an image as the button",
        "",
        button='<input type="image" id="send" name="go" alt="Send" width="40" height="20" src="data:,">',
    ),
    _sent(
        "an image as the button, without a name", "", button='<input type="image" id="send" alt="Send" src="data:,">'
    ),
    _sent(
        "two buttons, the second pressed",
        "",
        button='<button name="best_time" value="morning">AM</button>'
        '<button id="send" name="best_time" value="afternoon">PM</button>',
    ),
    _sent(
        "a button outside the form",
        "",
        button="",
        after='<button id="send" form="f" name="best_time" value="evening">Send</button>',
    ),
    _sent(
        "a button that skips the checks (formnovalidate)",
        '<input name="must" required>',
        button='<button id="send" formnovalidate>Send</button>',
    ),
    _sent(
        "a button with the form's own address (formaction)",
        "",
        button='<button id="send" formaction="{api}/consultations" name="best_time" value="evening">Send</button>',
    ),
    _sent("a button with a value and no name", "", button='<button id="send" value="yes">Send</button>'),
    _sent("a button without a value", "", button='<button id="send" name="go">Send</button>'),
    _sent(
        "words inside the button pressed",
        "",
        button='<button name="best_time" value="evening"><b id="send">Send</b></button>',
    ),
    Markup(
        "the Enter key in a text, with a button that has a value",
        form(
            '<input type="reset" value="Clear">',
            "",
            '<button name="in_crisis" value="yes">Send</button><button name="go">No</button>',
        ),
        (key("[name=name]", "Enter"),),
    ),
    Markup(
        "the Enter key in a form without a button",
        f'<form data-consultation-form method="post" action="{{api}}/consultations"><input name="name">{_BASE}</form>'
        + page_script('for (const each of document.querySelectorAll("[type=tel]")) each.type = "hidden";')
        + page_script('document.querySelectorAll("[name=name]")[1].type = "hidden";'),
        (fill("[name=name] >> nth=0", "Sam"), key("[name=name] >> nth=0", "Enter")),
    ),
    Markup("the page's script presses a button", form(), (run('document.getElementById("send").click()'),)),
    Markup(
        "requestSubmit() with a button",
        form("", "", '<button id="send" name="best_time" value="evening">Send</button>'),
        (run('document.getElementById("f").requestSubmit(document.getElementById("send"))'),),
    ),
    Markup("requestSubmit() without a button", form(), (run('document.getElementById("f").requestSubmit()'),)),
    Markup("the page's script calls submit()", form(), (run('document.getElementById("f").submit()'),)),
    _sent(
        "a button that the page disables when it is pressed",
        "",
        button='<button id="send" name="go" value="1">Send</button>',
        after=page_script('f.addEventListener("submit", () => { document.getElementById("send").disabled = true; });'),
    ),
)

DISABLED: Final = (
    _sent("a disabled field", '<input name="interest" value="anxiety" disabled>'),
    _sent("a read-only field", '<input name="call_me" value="Pat" readonly>'),
    _sent(
        "a disabled group, except in its legend",
        '<fieldset disabled><legend><input name="call_me" value="Pat"></legend>'
        '<input name="message" value="No"></fieldset>',
    ),
    _sent(
        "a menu whose chosen option is disabled", '<select name="interest"><option disabled selected>anxiety</select>'
    ),
    _sent(
        "a field that the page enables when the form is sent",
        '<input name="call_me" value="Pat" disabled>',
        after=page_script(
            'f.addEventListener("submit", () => { document.querySelector("[disabled]").disabled = false; });'
        ),
    ),
    _sent(
        "a field that the page fills in when the form is sent",
        '<input type="hidden" name="call_me">',
        after=page_script(
            'document.addEventListener("submit", () => { document.querySelector("[name=call_me]").value = "Pat"; });'
        ),
    ),
)

CONTROLS: Final = (
    _sent(
        "date, time and number fields",
        '<input type="date" name="day" value="2026-03-04"><input type="time" name="hour" value="15:30">'
        '<input type="number" name="count" value="1.50"><input type="range" name="pain" value="7">'
        '<input type="color" name="color" value="#AABBCC"><input type="month" name="month" value="2026-03">'
        '<input type="week" name="week" value="2026-W10">'
        '<input type="datetime-local" name="at" value="2026-03-04T15:30">',
    ),
    _sent("search, address and email fields", '<input type="search" name="q" value=" a "><input type="url" name="u">'),
    _sent("a number that is no number", '<input type="number" name="count" value="many">'),
    _sent(
        "options without values",
        '<select name="interest"><option>Select...<option>  Chronic \n pain</select>',
        choose("select", "Chronic pain"),
    ),
    _sent(
        "options in groups", '<select name="interest"><optgroup label="A"><option value="ptsd">P</optgroup></select>'
    ),
    _sent(
        "a menu that takes several",
        '<select name="symptoms" multiple><option>insomnia<option>fatigue<option>low_mood</select>',
        choose("select", "insomnia", "low_mood"),
    ),
    _sent("a menu that takes several, none chosen", '<select name="symptoms" multiple><option>insomnia</select>'),
    _sent("a menu that begins with nothing", '<select name="interest"><option value="">Choose<option>anxiety</select>'),
    _sent(
        "a menu in which nothing is chosen",
        '<select name="interest"><option>anxiety</select>',
        run("f.interest.selectedIndex = -1"),
    ),
    _sent(
        "a text with a list of proposals", '<input name="city" list="l" value="x"><datalist id="l"><option>y</datalist>'
    ),
    _sent("an output and a meter", '<output name="sum">7</output><meter value="1"></meter><object name="o"></object>'),
    _sent("a box without a value", '<input type="checkbox" name="discreet">', click("[name=discreet]")),
    _sent("radio buttons, none chosen", '<input type="radio" name="voicemail_ok" value="yes">'),
    _sent("empty fields", '<input name="email"><textarea name="message"></textarea><input name="nothing">'),
    _sent("an empty file field", '<input type="file" name="photo"><input type="file" name="photos" multiple>'),
    _sent("a password field", '<input type="password" name="pin" value="1234">'),
    _sent("fields without a name", '<input value="a"><input name="" value="b"><select><option>c</select>'),
    _sent("several lines", '<textarea name="message"></textarea>', fill("textarea", "One\nTwo\n\nThree\n")),
    _sent(
        "lines that the browser breaks (wrap=hard)",
        '<textarea name="message" wrap="hard" cols="20"></textarea>',
        fill("textarea", "one two three four five six seven eight nine ten eleven"),
    ),
    _sent(
        "all kinds of line ends in a hidden field",
        '<input type="hidden" name="message">',
        run(r'document.querySelector("[name=message]").value = "a\rb\nc\r\nd\n\re"'),
    ),
    _sent("the direction of a text (dirname)", '<input name="call_me" dirname="call_me.dir" value="פת" dir="auto">'),
    _sent("the name of the encoding (_charset_)", '<input type="hidden" name="_charset_">'),
    _sent("accept-charset", '<input name="call_me" value="Zoë">', attributes='accept-charset="utf-8"'),
    Markup(
        "a page in windows-1251",
        form('<input type="hidden" name="_charset_"><input name="call_me" value="Павел">'),
        (SEND,),
        charset="windows-1251",
    ),
    _sent(
        "a form of parts (multipart)",
        '<textarea name="message">a\nb</textarea>',
        attributes='enctype="multipart/form-data"',
    ),
    _sent(
        "letters of all the world, and emoji",
        '<textarea name="message"></textarea>',
        fill("textarea", "Ünï 你好 مرحبا 👩‍⚕️ a+b=c & d%20 \u200b\u00a0."),
    ),
    _sent("a long text", f'<textarea name="message">{"A long story. " * 300}</textarea>'),
    _sent(
        "names with spaces, quotes and letters of all kinds",
        "<input name='your \"own\" name' value='a'>" + _inputs("prénom", "a&b=c", "名前", " x ", "50%+1"),
    ),
)


def _named(name: str, inside: str, attributes: str = "") -> Markup:
    # Playwright's own click does not work in some of these forms.
    return Markup(name, form(inside, attributes), (run("send.click()"),))


# Fields, ids and images with the names of what scripts use.
NAMES: Final = (
    _named("a field named children", _inputs("children")),
    _named("fields named action, method, submit and reset", _inputs("action", "method", "submit", "reset", "enctype")),
    _named("fields named elements, length and item", _inputs("elements", "length", "item", "namedItem")),
    _named("fields named style, hidden and className", _inputs("style", "hidden", "className", "id", "inert", "title")),
    _named("fields named append, prepend, before and after", _inputs("append", "prepend", "before", "after", "remove")),
    _named(
        "fields named querySelector and matches", _inputs("querySelector", "querySelectorAll", "matches", "closest")
    ),
    _named("fields named addEventListener and dispatchEvent", _inputs("addEventListener", "dispatchEvent", "onsubmit")),
    _named(
        "fields named getAttribute and attributes", _inputs("getAttribute", "setAttribute", "attributes", "dataset")
    ),
    _named(
        "fields named nodeType, parentNode and contains", _inputs("nodeType", "parentNode", "contains", "isConnected")
    ),
    _named(
        "fields named noValidate and checkValidity", _inputs("noValidate", "checkValidity", "requestSubmit", "target")
    ),
    _named("fields named getRootNode, baseURI and ownerDocument", _inputs("getRootNode", "baseURI", "ownerDocument")),
    _named(
        "fields named constructor, toString and __proto__", _inputs("constructor", "toString", "__proto__", "valueOf")
    ),
    _named(
        "fields with such ids",
        "".join(
            f'<input id="{name}" name="x-{name}" value="1">' for name in ("children", "action", "elements", "append")
        ),
    ),
    _named(
        "images with the names of the document's properties",
        "".join(f'<img name="{name}" alt="" src="data:,">' for name in ("body", "querySelectorAll", "getElementById"))
        + "".join(f'<img name="{name}" alt="" src="data:,">' for name in ("createElement", "baseURI", "referrer")),
    ),
    _named(
        "elements with the names of global functions",
        "".join(f'<i id="{name}"></i>' for name in ("fetch", "FormData", "crypto", "location", "turnstile", "form")),
    ),
    _named("a form named like a property of the document", "", 'name="readyState"'),
)

_BOX: Final = '<label><input type="checkbox" id="terms" name="terms" {more}> I read the terms</label>'
_STOPS: Final = "if (!document.getElementById('terms').checked) event.preventDefault();"

CHECKS: Final = (
    Markup(
        "a check of the page stops the form (bound at DOMContentLoaded)",
        form(_BOX)
        + page_script(
            f"addEventListener('DOMContentLoaded', () => f.addEventListener('submit', (event) => {{ {_STOPS} }}));"
        ),
        (SEND,),
        sends=False,
    ),
    Markup(
        "a check of the page lets the form pass",
        form(_BOX)
        + page_script(
            f"addEventListener('DOMContentLoaded', () => f.addEventListener('submit', (event) => {{ {_STOPS} }}));"
        ),
        (click("#terms"), SEND),
    ),
    Markup(
        "a check on the document, bound when the page is complete",
        form(_BOX)
        + page_script(
            f"addEventListener('load', () => document.addEventListener('submit', (event) => {{ {_STOPS} }}));"
        ),
        (SEND,),
        sends=False,
    ),
    Markup(
        "a check in onsubmit",
        form(_BOX, "onsubmit=\"return document.getElementById('terms').checked\""),
        (SEND,),
        sends=False,
    ),
    Markup("a required box of the page, not ticked", form(_BOX.replace("{more}", "required")), (SEND,), sends=False),
    Markup("a required box of the page, ticked", form(_BOX.replace("{more}", "required")), (click("#terms"), SEND)),
    Markup(
        "a message of the page on a field (setCustomValidity)",
        form(_BOX) + page_script("document.getElementById('terms').setCustomValidity('Please tick this.');"),
        (SEND,),
        sends=False,
    ),
    Markup(
        "a text that does not match its pattern",
        form('<input name="zip" pattern="[0-9]{5}" value="ABC">'),
        (SEND,),
        sends=False,
    ),
    Markup("an address that is none", form('<input name="email" type="email" value="robin">'), (SEND,), sends=False),
    Markup(
        "a form that is not checked (novalidate)",
        form('<input name="zip" required>', "novalidate"),
        (SEND,),
    ),
    Markup(
        "a page that sends the form itself",
        form() + page_script("f.addEventListener('submit', (event) => event.preventDefault());"),
        (SEND,),
        sends=False,
    ),
    Markup(
        "a page that keeps the event to itself (stopPropagation)",
        form() + page_script("f.addEventListener('submit', (event) => event.stopPropagation());"),
        (SEND,),
    ),
    Markup(
        "an event that the page made up",
        form(),
        (run("f.dispatchEvent(new Event('submit', {bubbles: true, cancelable: true}))"),),
        sends=False,
    ),
)

_CELL: Final = """class extends HTMLElement {
  static formAssociated = true;
  connectedCallback() { this.attachInternals().setFormValue("from a custom element"); }
}"""
_COPY: Final = (
    "const copy = f.cloneNode(true); f.replaceWith(copy); copy.querySelector('[name=call_me]').value = 'Pat';"
)

PAGES: Final = (
    _sent(
        "a listener that adds a field (formdata)",
        "",
        after=page_script("f.addEventListener('formdata', (event) => event.formData.append('call_me', 'Pat'));"),
    ),
    _sent(
        "a listener that takes a field away (formdata)",
        '<input name="call_me" value="Pat">',
        after=page_script("f.addEventListener('formdata', (event) => event.formData.delete('call_me'));"),
    ),
    _sent(
        "an editable text that is copied into a hidden field",
        '<div id="text" contenteditable>Please call.</div><input type="hidden" name="message">',
        after=page_script(
            "f.addEventListener('submit', () => {"
            " document.querySelector('[name=message]').value = document.getElementById('text').innerText; });"
        ),
    ),
    _sent(
        "a custom element with a value",
        '<my-field name="call_me"></my-field>',
        after=page_script(f"customElements.define('my-field', {_CELL});"),
    ),
    _sent(
        "a page that the browser translated",
        '<select name="interest"><option>Ansiedad</select><label><font><font>Mensaje</font></font>'
        '<textarea name="message">Hola</textarea></label>',
        run(
            "for (const each of document.querySelectorAll('label, option'))"
            " if (each.firstChild.data) each.firstChild.replaceWith(Object.assign("
            "document.createElement('font'), {textContent: each.firstChild.data}))"
        ),
    ),
    _sent("a form that a framework replaced", '<input name="call_me">', run(_COPY)),
    _sent(
        "a form whose fields a framework replaced",
        '<input name="call_me">',
        fill("[name=call_me]", "Old"),
        run('f.innerHTML = f.innerHTML.replace(\'name="call_me"\', \'name="call_me" value="Pat"\')'),
    ),
    _sent(
        "fields that the page adds while somebody types",
        '<input name="call_me">',
        fill("[name=call_me]", "Pat"),
        after=page_script(
            "f.addEventListener('input', () => f.insertAdjacentHTML('beforeend', '<input name=more value=1>'));"
        ),
    ),
    Markup(
        "two forms, the second one sent",
        form().replace('id="f"', "").replace('id="send"', "") + form('<input name="call_me">'),
        (fill("[name=call_me]", "Pat"), SEND),
    ),
    Markup("a page that was saved after its scripts ran", form(), (SEND,), visitors=2, saved=True),
    Markup("two visitors of one page", form(), (SEND,), visitors=2),
    Markup(
        "a form that is added later",
        "<div id='place'></div>",
        (run(f"document.getElementById('place').innerHTML = `{form()}`"), fill("[name=name]", "Sam"), SEND),
    ),
    Markup(
        "a form that is added later, in a dialog",
        "<dialog id='place'></dialog>",
        (
            run(f"place.innerHTML = `{form('<input name=call_me>')}`; place.showModal()"),
            fill("[name=call_me]", "Pat"),
            SEND,
        ),
    ),
    Markup(
        "a form in an open shadow root",
        "<div id='place'></div>" + page_script(f"place.attachShadow({{mode: 'open'}}).innerHTML = `{form()}`;"),
        (fill("[name=name]", "Sam"), SEND),
    ),
    Markup(
        "a form in a closed shadow root, with the documented call",
        "<div id='place'></div>"
        + page_script(f"const root = place.attachShadow({{mode: 'closed'}}); root.innerHTML = `{form()}`;")
        + page_script(
            "addEventListener('load', () => document.dispatchEvent("
            "new CustomEvent('consultation-form', {bubbles: true, detail: root.querySelector('form')})));"
            "window.press = () => root.querySelector('button').click();"
        ),
        (run("press()"),),
    ),
    Markup(
        "fields outside the form (the form attribute)",
        form() + '<input form="f" name="call_me" value="Pat"><textarea form="f" name="message">Hi</textarea>',
        (SEND,),
    ),
    _sent("a field in the form that belongs to another one", '<input name="call_me" value="Pat" form="other">'),
    _sent("a folded part", '<details><summary>More</summary><input name="call_me" value="Pat"></details>'),
    Markup(
        "a form between the rows of a table",
        f"<table>{form('<tr><td><input name=call_me value=Pat></td></tr>')}</table>",
        (SEND,),
    ),
    Markup("a page with another base address", '<base href="https://www.example.com/">' + form(), (SEND,)),
    _sent(
        "a form that was cleared and filled in again",
        '<input name="call_me" value="Pat"><input type="reset" id="clear">',
        fill("[name=call_me]", "Sam"),
        click("#clear"),
    ),
    _sent(
        "a form with its own id, time and page", '<input type="hidden" name="page" value="https://www.example.com/a">'
    ),
)

GROUPS: Final = {
    "Presets": PRESETS,
    "Repeated names": REPEATED,
    "Brackets": BRACKETS,
    "Buttons": BUTTONS,
    "Disabled and read-only": DISABLED,
    "Kinds of fields": CONTROLS,
    "Names that scripts use": NAMES,
    "Checks of the page": CHECKS,
    "What pages do": PAGES,
}
MARKUPS: Final = tuple(markup for group in GROUPS.values() for markup in group)

# Measured; see above.
OLD_FAILS: Final[frozenset[str]] = frozenset(
    {
        'a hidden "no" before the box, ticked',
        'a hidden "no" after the box, ticked',
        "a hidden empty value before a group of boxes",
        "a hidden preset before radio buttons",
        "hidden choices that count, before the boxes of the same question",
        "two menus with one name",
        'radio buttons and a text for "other", left empty',
        "two texts with one name",
        "first and last name with one name",
        "fields with one name, apart",
        "in_crisis[] with a hidden value",
        "a button with a value",
        "a submit input with a value",
        "an image as the button",
        "an image as the button, without a name",
        "two buttons, the second pressed",
        "a button outside the form",
        "a button with the form's own address (formaction)",
        "a button without a value",
        "words inside the button pressed",
        "the Enter key in a text, with a button that has a value",
        "the Enter key in a form without a button",
        "requestSubmit() with a button",
        "a field that the page fills in when the form is sent",
        "an empty file field",
        "several lines",
        "lines that the browser breaks (wrap=hard)",
        "all kinds of line ends in a hidden field",
        "a form of parts (multipart)",
        "a field named children",
        "fields named append, prepend, before and after",
        "a check of the page stops the form (bound at DOMContentLoaded)",
        "a check on the document, bound when the page is complete",
        "a required box of the page, not ticked",
        "a message of the page on a field (setCustomValidity)",
        "a text that does not match its pattern",
        "an address that is none",
        "an event that the page made up",
        "a page that was saved after its scripts ran",
    }
)


def table() -> str:
    """Return docs/markups.md."""
    lines = [
        "# Forms that were tried",
        "",
        "Written by `uv run python -m tests.browser.markups` from [`markups.py`](../tests/browser/markups.py).",
        "",
        f"`form.js` sends each of these {len(MARKUPS)} forms as the browser alone does.",
        "[`test_markups.py`](../tests/browser/test_markups.py) sends each in Chromium with and without the script, to",
        "the API's own code, and compares what arrives and what is stored.",
        "",
        f"The last column says which forms the script of version 0.5.0 sent otherwise: {len(OLD_FAILS)} of",
        f"{len(MARKUPS)}. `markups.py` says how to measure that.",
        "",
        *(f"- [{heading}](#{heading.lower().replace(' ', '-')})" for heading in GROUPS),
    ]
    for heading, markups in GROUPS.items():
        lines += ["", f"## {heading}", "", "| form | sent | 0.5.0 |", "| --- | --- | --- |"]
        for markup in markups:
            sent = "yes" if markup.sends else "no, the page stops it"
            name = markup.name.replace("_", "\\_")
            lines.append(f"| {name} | {sent} | {'otherwise' if markup.name in OLD_FAILS else 'the same'} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    DOCUMENT.write_text(table(), encoding="utf-8")
