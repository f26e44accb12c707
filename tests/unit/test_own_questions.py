"""Any question of any clinic: its answer gets from the form to the item and the emails. Hostile words stay words."""

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from lxml import html as lxml_html

from shared.leads.clinic import Clinic
from shared.leads.fields import NAMES, Section
from shared.leads.lead import Answer, Lead
from shared.leads.localized import Localized
from shared.leads.notice import Notice
from shared.leads.questions import MAX_TEXT_LENGTH, Question, QuestionKind
from shared.messages import own
from shared.store.intake import new_lead_item
from shared.store.lead_item import lead_of
from shared.text import text
from submit.also_sent import names_only
from submit.decode import FORM, JSON, decode
from submit.new_lead import new_lead
from submit.request import parse_request
from submit.saying import folded
from tests.unit import web
from tests.unit.desk_pages import Office
from tests.unit.emails import everything, render_email, structure
from tests.unit.fakes import MemoryLeads
from tests.unit.people import CLINIC, IDS, MINIMAL, NOW

if TYPE_CHECKING:
    from shared.messages.settings import AlertDetail

HOSTILE: Final = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</legend></fieldset><h1>URGENT</h1>",
    "{{ 7*7 }} {% raw %}",
    "' onmouseover='x",
    "</title><base href=//evil.example.net>",
)
WORDS: Final = text("en")

_labels = st.one_of(st.sampled_from(HOSTILE), st.text("abcdefgh <>&\"'{}\u00e1\u0645", min_size=2, max_size=40)).map(
    lambda said: " ".join(said.split()) or "Question"
)
_ids = st.from_regex(r"[a-z][a-z0-9_]{0,15}", fullmatch=True).filter(
    lambda name: name not in NAMES and name not in NAMES.values() and not names_only(name, "")
)


@st.composite
def localized(draw: st.DrawFn) -> Localized:
    return Localized((("en", draw(_labels)), ("es", draw(_labels))))


@st.composite
def questions(draw: st.DrawFn) -> Question:
    kinds: tuple[QuestionKind, ...] = ("text", "yes_no", "choice", "several")
    kind = draw(st.sampled_from(kinds))
    choices: dict[str, Localized] = {}
    if kind in {"choice", "several"}:
        choices = draw(st.dictionaries(_ids, localized(), min_size=2, max_size=7))
        said = [folded(each) for name, label in choices.items() for each in {name, *label.all}]
        assume(len(said) == len(set(said)))  # the build refuses the others
    return Question(
        id=draw(_ids),
        kind=kind,
        label=draw(localized()),
        hint=draw(st.none() | localized()),
        group=draw(st.sampled_from(["who", "reach", "safely", "about", "prepare"])),
        health=draw(st.booleans()),
        staff_label=draw(_labels),
        choices=choices,
    )


def clinic_with(question: Question) -> Clinic:
    return replace(CLINIC, questions=(question,))


@st.composite
def answered(draw: st.DrawFn) -> tuple[Question, Any, Any]:
    """Return a question, what a form sends, and the answer that it means."""
    question = draw(questions())
    match question.kind:
        case "text":
            said = draw(_labels)
            return question, said, said
        case "yes_no":
            return question, *draw(st.sampled_from([("yes", True), ("no", False), ("on", True), ("1", True)]))
    names = list(question.choices)
    if question.kind == "choice":
        name = draw(st.sampled_from(names))
        label = draw(st.sampled_from([name, *question.choices[name].all]))
        return question, label, name
    some = draw(st.lists(st.sampled_from(names), min_size=1, unique=True))
    return question, some, tuple(name for name in names if name in some)


def lead_with(question: Question, sent: object) -> Lead:
    clinic = clinic_with(question)
    return new_lead(parse_request(MINIMAL | {question.id: sent}, clinic, WORDS), NOW, clinic, IDS)


@given(answered())
def test_an_answer_goes_from_a_form_to_the_item_and_back(given_: tuple[Question, Any, Any]) -> None:
    question, sent, meant = given_
    fields = MINIMAL | {question.id: sent}
    for body, kind in ((json.dumps(fields).encode(), JSON), (urlencode(fields, doseq=True).encode(), FORM)):
        request = parse_request(decode(kind, body), clinic_with(question), WORDS)
        assert request.own_answers == {question.id: meant}
        assert request.also_sent == ()
    lead = lead_with(question, sent)
    assert lead.own_answers == {question.id: meant}
    assert lead_of(new_lead_item(lead)) == lead


@given(answered())
def test_an_answer_is_in_one_section_and_in_no_email_that_may_not_show_it(given_: tuple[Question, Any, Any]) -> None:
    question, sent, _ = given_
    lead, clinic = lead_with(question, sent), clinic_with(question)
    shown = [section for section in Section if own.answers(lead, clinic, section)]
    assert shown == [question.section]
    assert (question.section is Section.TALKING_POINTS) == question.health
    less: tuple[AlertDetail, ...] = ("contact", "reference")
    for detail in less:
        before = structure(render_email(Notice.ALERT, replace(lead, own_answers={}), detail, clinic=clinic))
        after = structure(render_email(Notice.ALERT, lead, detail, clinic=clinic))
        may_show = detail == "contact" and question.section is Section.WHO
        # A note says that something is left out, which adds an element at most.
        assert len(after) > len(before) if may_show else len(after) - len(before) <= 1


@settings(max_examples=40)
@given(questions(), st.sampled_from(HOSTILE))
def test_hostile_words_in_a_question_and_an_answer_stay_words(question: Question, typed: str) -> None:
    hostile = Localized((("en", typed), ("es", typed)))
    # The labels of choices stay as they are: `typed` may not name two of them.
    question = replace(question, label=hostile, hint=hostile, staff_label=typed)
    clinic = clinic_with(question)
    answers = (typed,) if question.kind == "several" else typed
    lead = replace(lead_with(question, None), own_answers={question.id: answers})
    message = render_email(Notice.ALERT, lead, "full", clinic=clinic)
    office = Office(clinic=clinic)
    pages = [message.html, office.open(office.add(lead)).body]
    wrong = MINIMAL | {"name": "", question.id: typed}
    pages.append(web.api(clinic=clinic).answer(web.post_form(wrong)).body)
    for page in pages:
        tree = lxml_html.document_fromstring(page)
        assert not tree.xpath("//script | //img | //base | //h1[text()='URGENT'] | //*[@onmouseover or @onerror]")
    assert "7*7" in everything(message) or "7*7" not in typed
    assert "49" not in message.subject


@given(questions(), st.text(max_size=600) | st.integers() | st.booleans() | st.none() | st.lists(st.text(max_size=20)))
def test_anything_that_a_form_sends_is_taken(question: Question, sent: Any) -> None:  # noqa: ANN401 - anything
    table = MemoryLeads()
    response = web.api(table, clinic_with(question)).answer(web.post_json(MINIMAL | {question.id: sent}))
    assert response.status == 201, "an optional answer never costs the request"
    (item,) = table.leads.values()
    kept: dict[str, Any] = dict(lead_of(item).own_answers)
    assert set(kept) <= {question.id}
    for answer in kept.values():
        match question.kind:
            case "text":
                assert 0 < len(answer) <= MAX_TEXT_LENGTH
            case "yes_no":
                assert isinstance(answer, bool)
            case "choice":
                assert answer in question.choices
            case "several":
                assert answer
                assert set(answer) <= set(question.choices)


def changing(kind: QuestionKind) -> Question:
    choices = {name: Localized((("", name.title()),)) for name in ("often", "never")}
    return Question(
        id="note",
        kind=kind,
        label=Localized((("", "A note"),)),
        group="about",
        health=False,
        staff_label="Note",
        choices=choices if kind in {"choice", "several"} else {},
    )


@pytest.mark.parametrize(
    ("answer", "fits"),
    [
        ("I stopped taking lithium", {"text"}),
        ("often", {"text", "choice"}),
        (True, {"yes_no"}),
        (("often", "never"), {"several"}),
        (("often", "daily"), set()),
    ],
)
@pytest.mark.parametrize("kind", ["text", "yes_no", "choice", "several"])
def test_an_answer_from_before_a_question_changed_may_be_about_health(
    kind: QuestionKind, answer: Answer, fits: set[str]
) -> None:
    question = changing(kind)
    lead = replace(lead_with(question, None), own_answers={"note": answer})
    shown = [section for section in Section if own.answers(lead, clinic_with(question), section)]
    assert shown == [question.section if kind in fits else Section.TALKING_POINTS]
