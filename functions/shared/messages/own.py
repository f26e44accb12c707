"""Answers to the clinic's own questions, in words for staff."""

from typing import TYPE_CHECKING

from shared.leads.clinic import Clinic
from shared.leads.fields import Section
from shared.leads.lead import Answer, Lead
from shared.messages.quote import Words
from shared.messages.wording import in_words

if TYPE_CHECKING:
    from shared.leads.questions import Question


def answers(lead: Lead, clinic: Clinic, section: Section) -> tuple[tuple[str, Words], ...]:
    """Return the (label, answer) of each question that a section of emails and of the desk shows.

    An answer to a question that clinic.toml no longer has is shown as stored, under the question's id. So is one that
    is no answer to the question as it is now, under its label. Both may be about health.
    """
    given = lead.own_answers
    if not given:
        return ()
    asked = tuple(
        question for question in clinic.questions if question.id in given and _fits(given[question.id], question)
    )
    known = tuple(
        (question.staff_label, in_words(question.field, question.shown, given[question.id], clinic))
        for question in asked
        if question.section is section
    )
    if section is not Section.TALKING_POINTS:
        return known
    removed = given.keys() - {question.id for question in asked}
    labels = {question.id: question.staff_label for question in clinic.questions}
    return (
        *known,
        *((labels.get(name, name), _as_stored(answer)) for name, answer in given.items() if name in removed),
    )


def _fits(answer: Answer, question: "Question") -> bool:
    """Whether an answer can be one to the question as it is now. Words must not move into emails without them."""
    match question.kind:
        case "text":
            return isinstance(answer, str)
        case "yes_no":
            return isinstance(answer, bool)
        case "choice":
            return isinstance(answer, str) and answer in question.choices
        case "several":
            return isinstance(answer, tuple) and all(each in question.choices for each in answer)


def _as_stored(answer: Answer) -> Words:
    match answer:
        case bool():
            return Words("Yes" if answer else "No")
        case str():
            return Words(answer, typed=True)
    return Words(", ".join(answer), typed=True)
