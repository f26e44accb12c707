"""shared.leads.fields: one declaration is enough, and an incomplete one says which file to edit."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

import pytest

from shared.leads.clinic import Clinic
from shared.leads.fields import ANSWERS, CONSENTS, FIELDS, GROUPS, Field, Group, Kind, Nowhere, Section, Shown, Stored
from shared.leads.lead import Lead
from shared.leads.notice import Notice
from shared.leads.progress import StoredLead
from shared.runtime.files import packaged
from shared.store.intake import new_lead_item
from shared.store.progress_item import progress_attributes, progress_of
from shared.text.en import fields as english
from shared.text.words import FieldWords
from submit import request
from tests.unit.emails import everything, render_email
from tests.unit.field_rules import CONTROLS, REACHING, TABLE, WORDS, Form, gaps
from tests.unit.people import a_full_lead, but

MADE_UP = Field(
    name="made_up",
    kind=Kind.TEXT,
    max_length=100,
    control="text",
    stored=Stored.ANSWER,
    shown=Shown(Section.WHO, "Made up"),
)


# --- the table as it is -----------------------------------------------------------------------------------------------


def test_nothing_is_left_out() -> None:
    assert gaps(Form()) == []


@pytest.mark.parametrize("kind", Kind)
def test_each_kind_has_a_check_and_a_control(kind: Kind) -> None:
    assert kind in request.TYPES, f"add {kind} to TYPES in functions/submit/request.py"
    assert kind in CONTROLS, f"add {kind} to CONTROLS in tests/unit/field_rules.py"


def test_every_attribute_that_rules_read_is_an_answer_of_the_table() -> None:
    read = {name for name, value in vars(Lead).items() if type(value).__name__ == "_Answer"}
    assert len(read) > 10
    assert read <= {field.name for field in ANSWERS}, f"correct functions/shared/leads/lead.py or {TABLE}"


def test_each_consent_has_a_text_of_the_clinic() -> None:
    assert {field.name for field in CONSENTS} <= set(Clinic.__dataclass_fields__), (
        "add the text to functions/shared/leads/clinic.py and functions/clinic.toml"
    )


def test_no_answer_has_the_name_of_another_attribute() -> None:
    lead = Lead(id="MADEUP", received_at=a_full_lead().received_at, fingerprint="", answers={})
    bare = new_lead_item(lead)
    taken = bare.keys() | progress_attributes(StoredLead(lead=lead, progress=progress_of(bare))).keys()
    taken |= {"seconds_to_fill", "spam_reasons", "lease_token", "expires_at"}
    assert not [field.name for field in ANSWERS if field.name in taken], f"choose another name in {TABLE}"


def test_the_script_sends_the_campaign_that_the_table_has() -> None:
    (names,) = re.findall(r"const CAMPAIGN = \[(.*)\];", packaged("submit/form.js"))
    campaign = [name for name, field in FIELDS.items() if field.kind is Kind.CAMPAIGN]
    assert re.findall(r'"(\w+)"', names) == campaign, f"functions/submit/form.js has other names than {TABLE}"


# Not consent to be contacted: every lead has it.
@pytest.mark.parametrize("name", [field.name for field in FIELDS.values() if field.stored is Stored.ANSWER])
def test_an_email_changes_with_each_answer_that_the_table_shows(name: str) -> None:
    shown = FIELDS[name].shown
    given: dict[str, Any] = {"in_crisis": True, "form": "reply"}  # others than in the lead of a full form
    lead = a_full_lead(**{name: given[name]} if name in given else {})
    # A preference shows only if nothing overrides it. This lead prefers a phone call and has a number.
    without = but(lead, **{name: "gone" if FIELDS[name].required else None})
    changed = everything(render_email(Notice.ALERT, lead, "full")) != everything(
        render_email(Notice.ALERT, without, "full")
    )
    assert changed is isinstance(shown, Shown), f"{name} is declared as {shown} in {TABLE}"


# --- what was left out ------------------------------------------------------------------------------------------------


def with_one_more(**changes: Any) -> Form:  # noqa: ANN401 - any part of a form
    """Return the form with one more field, complete but for `changes`."""
    whole: dict[str, Any] = {
        "fields": FIELDS | {"made_up": MADE_UP},
        "groups": with_group("who", "made_up"),
        "words": english.FIELDS | {"made_up": FieldWords("Made up")},
    }
    return Form(**whole | changes)


def with_group(name: str, field: str) -> tuple[Group, ...]:
    """Return the groups of the page, with one more field in one of them."""
    return tuple(group._replace(fields=(*group.fields, field)) if group.name == name else group for group in GROUPS)


def another(**changes: Any) -> dict[str, Mapping[str, Field]]:  # noqa: ANN401 - any part of a field
    return {"fields": FIELDS | {"made_up": replace(MADE_UP, **changes)}}


def test_a_field_that_is_complete_has_no_gap() -> None:
    assert gaps(with_one_more()) == []


@pytest.mark.parametrize(
    ("changes", "words", "file"),
    [
        ({"words": english.FIELDS}, "has no words for visitors", WORDS),
        ({"groups": GROUPS}, "is in 0 groups of the page", TABLE),
        ({"groups": (*GROUPS, Group("more", ("made_up",)))}, "the group more has no words", WORDS),
        ({"groups": with_group("now", "page")}, "has no control there", TABLE),
        (another(shown=Nowhere("")), "is shown in no email, and nothing says why", TABLE),
        (another(stored=Nowhere("")), "is not stored, and nothing says why", TABLE),
        (another(stored=Nowhere("Only for now.")), "is not stored, so no email can show it", TABLE),
        (another(stored=Stored.CONSENT), "is stored as", TABLE),
        (another(shown=Shown(Section.WHO)), "without a label", TABLE),
        (another(shown=Shown(Section.MIND)), "without a label", REACHING),
        (another(shown=Shown(Section.WAYS, "Made up")), "whose code does not know it", TABLE),
        (another(shown=Shown(Section.MESSAGE, "Made up")), "long texts, and only these", TABLE),
        (
            another(shown=Shown(Section.WHO, "Made up", {"a": "A"})),
            "words for staff for choices that it does not have",
            TABLE,
        ),
        (another(control="dial"), "has the control 'dial'", TABLE),
        (another(control="carried"), "takes one of ['text']", TABLE),
        (another(max_length=None), "has no limit", TABLE),
        (another(choices=("a", "b")), "takes no choices", TABLE),
        (another(kind=Kind.CHOICE, control="radio"), "needs choices", TABLE),
        (another(kind=Kind.CHOICE, control="radio", choices=("a", "b")), "has other choices in", WORDS),
        (another(kind=Kind.CHOICE, control="select", choices=("a", "b")), "would send its first choice", WORDS),
        (another(alone="none"), "has no such choice", TABLE),
        (another(required=True), "is required and says nothing where it is left out", WORDS),
        ({"words": english.FIELDS | {"x": FieldWords("X")}}, "has words but is not a field", WORDS),
    ],
)
def test_an_incomplete_field_is_reported_with_the_file_to_edit(changes: dict[str, Any], words: str, file: str) -> None:
    found = gaps(with_one_more(**changes))
    assert any(words in gap and file in gap for gap in found), found


@pytest.mark.parametrize(
    ("field", "words"),
    [
        (MADE_UP, "made_up has no words: add them to functions/shared/text/en/fields.py"),
        (replace(FIELDS["interest"], choices=("other", "sleep")), "interest has other choices in functions/shared"),
        (replace(FIELDS["call_me"], required=True), "call_me is required: add `missing` to its words"),
    ],
)
def test_the_wire_model_cannot_be_made_without_words(field: Field, words: str) -> None:
    with pytest.raises(LookupError, match=re.escape(words)):
        request.wire_field(field)


@pytest.mark.parametrize("place", ["control", "stored", "shown"])
def test_a_declaration_without_a_place_is_no_declaration(place: str) -> None:
    places = {"control": "text", "stored": Stored.ANSWER, "shown": Nowhere("Only for now.")}
    with pytest.raises(TypeError, match=place):
        Field(name="x", kind=Kind.TEXT, **cast("dict[str, Any]", {k: v for k, v in places.items() if k != place}))
