"""Forms on pages, as a browser reads them."""

from lxml import html as lxml_html
from lxml.html import FormElement, HtmlElement

from shared.leads.fields import FIELDS, SAID, Kind
from submit.request import WIRE_MODEL
from tests.unit import choices as known
from tests.unit.people import PLACES

_YES_OR_NO = {"yes": "Yes", "no": "No"}
_CHOICES = {
    **known.ALL,
    "location": PLACES,
    **{name: _YES_OR_NO for name, field in FIELDS.items() if field.kind is Kind.YES_NO and field.control == "radio"},
}
_TICKS = {name for name, field in FIELDS.items() if field.control == "checkbox"}


def page_of(html: str) -> HtmlElement:
    return lxml_html.document_fromstring(html)


def controls(form: HtmlElement, name: str) -> list[HtmlElement]:
    return [control for control in form.iter("input", "select", "textarea") if control.get("name") == name]


def choices(form: HtmlElement, name: str) -> dict[str, str]:
    """Return the choices: the value that is sent and the label."""
    found = {}
    for control in controls(form, name):
        for option in control.iter("option") if control.tag == "select" else [control]:
            words = option if control.tag == "select" else control.getparent()
            assert words is not None
            found[option.get("value", "")] = " ".join(words.text_content().split())
    return found


def sent_by(form: FormElement) -> dict[str, list[str]]:
    """Return what a browser would send for the unchanged form."""
    sent: dict[str, list[str]] = {}
    for control in form.iter("input", "select", "textarea"):
        name, values = control.get("name", ""), [control.get("value", "")]
        if control.get("type") in {"radio", "checkbox"} and control.get("checked") is None:
            continue
        if control.tag == "select":
            options = list(control.iter("option"))
            selected = [option for option in options if option.get("selected") is not None] or options[:1]
            values = [option.get("value", "") for option in selected]
        if control.tag == "textarea":
            values = [(control.text or "").removeprefix("\n")]  # HTML drops the first line end, lxml does not
        sent.setdefault(name, []).extend(values)
    return sent


def needed(form: HtmlElement) -> set[str]:
    """Return the fields that the page marks as needed, for people who see it and for people who hear it."""
    told = form.xpath(".//*[@aria-required='true']/ancestor-or-self::*[@data-field]/@data-field")
    starred = form.xpath(".//*[@class='needed']/ancestor::*[@data-field]/@data-field")
    assert set(told) == set(starred)
    return set(told)


def assert_well_tied(page: HtmlElement) -> None:
    """Check that every control has a label, every id is unique, and every reference exists."""
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    for control in page.xpath("//input[not(@type='hidden')] | //select | //textarea"):
        labels = page.xpath("//label[@for=$id]", id=control.get("id")) or control.xpath("ancestor::label")
        assert labels[0].text_content().strip(), control.get("name")
    for legend in page.xpath("//fieldset/legend | //details/summary"):
        assert legend.text_content().strip()
    references = {name for value in page.xpath("//@aria-describedby | //@aria-labelledby") for name in value.split()}
    references |= {link.removeprefix("#") for link in page.xpath("//a/@href") if link.startswith("#")}
    assert references <= set(ids)


def assert_asks_what_the_model_takes(form: FormElement) -> None:
    """Check that the page, submit.form and the wire model agree on names, limits, choices and required fields."""
    model = WIRE_MODEL.model_json_schema()
    visible = {control.get("name") for control in form.xpath(".//input[not(@type='hidden')] | .//select | .//textarea")}
    assert visible == (SAID - {"form"}) | {"leave_empty"}
    assert needed(form) == {field.wire_name for field in FIELDS.values() if field.required}
    assert not form.xpath(".//*[@required]"), "a browser without scripts must send what a person in crisis left empty"
    for name in SAID - {"form"}:
        field = model["properties"][name]
        limit = {part["maxLength"] for part in [field, *field.get("anyOf", ())] if "maxLength" in part}
        for control in controls(form, name):
            # A choice cannot be too long, and HTML has no limit for it.
            typed = control.tag == "textarea" or control.get("type") in {"text", "tel", "email"}
            assert {int(value) for value in control.xpath("@maxlength")} == (limit if typed else set())
        if name in _CHOICES:
            offered = choices(form, name)
            offered.pop("", None)
            assert offered == _CHOICES[name]
        elif name in _TICKS:
            boxes = [control for control in controls(form, name) if control.get("type") != "hidden"]
            assert [control.get("value") for control in boxes] == ["yes"]
