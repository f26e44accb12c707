"""Answers to the clinic's own questions, in words for staff."""

from shared.leads.clinic import Clinic
from shared.leads.fields import Section
from shared.leads.lead import Answer, Lead
from shared.messages.quote import Words
from shared.messages.wording import in_words


def answers(lead: Lead, clinic: Clinic, section: Section) -> tuple[tuple[str, Words], ...]:
    """Return the (label, answer) of each question that a section of emails and of the desk shows.

    An answer to a question that clinic.toml no longer has is shown under the question's id. It may be about health.
    """
    given = lead.own_answers
    if not given:
        return ()
    asked = tuple(question for question in clinic.questions if question.id in given)
    known = tuple(
        (question.staff_label, in_words(question.field, question.shown, given[question.id], clinic))
        for question in asked
        if question.section is section
    )
    if section is not Section.TALKING_POINTS:
        return known
    removed = given.keys() - {question.id for question in asked}
    return (*known, *((name, _as_stored(answer)) for name, answer in given.items() if name in removed))


def _as_stored(answer: Answer) -> Words:
    match answer:
        case bool():
            return Words("Yes" if answer else "No")
        case str():
            return Words(answer, typed=True)
    return Words(", ".join(answer), typed=True)
