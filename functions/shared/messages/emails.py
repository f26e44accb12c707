"""The emails. Each has one function here and one folder of templates.

The parameter AlertDetail decides how much of the visitor's request staff emails show. A subject contains the reference,
the urgency and the purpose of the email. What a visitor typed is marked as a quote and never becomes a link in an email
client. All links are our own, also those that call or email the visitor.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

from shared.leads.clinic import Clinic, Help
from shared.leads.lead import Lead
from shared.leads.link import LINK_LIFE
from shared.leads.notice import Notice
from shared.leads.numbers import counted, duration
from shared.leads.response import ClaimAction, ClosedAs
from shared.messages import sections
from shared.messages.circumstances import Circumstances, Envelope
from shared.messages.reaching import (
    about_form,
    for_later_emails,
    instead_of_a_reply,
    is_night,
    points_to_mind,
    without_contact,
)
from shared.messages.render import message
from shared.messages.wording import (
    CLOSED_AS,
    CONSULTATION,
    OUTCOMES,
    SUBJECT_PREFIX,
    agreement,
    do_first,
    kind_of,
)
from shared.services.mailer import Message
from shared.text.en import confirmation as confirmation_words
from shared.text.en import help as help_words
from shared.text.en import thanks as thanks_words

ABOUT_LINKS: Final = (
    "Each link opens a page with a button. Nothing changes until you press that button. The links are only for you and "
    f"work for {LINK_LIFE.days} days. Do not forward this email: anyone who has it can use the links in your name."
)
ABOUT_QUOTES: Final = "A mark on the left shows what the person typed. Everything else is from us."
NO_LINKS: Final = (
    "We couldn't create the links for this email. Please act on this request anyway and tell your colleagues that you "
    "are handling it. Use the links in the next email about it."
)


def email_for(notice: Notice, lead: Lead, around: Circumstances, envelope: Envelope) -> Message:
    """Return the email about `lead` for `notice`."""
    if notice in _INFORMATION:
        return _INFORMATION[notice](lead, around)
    return _REQUESTS[notice](lead, around, envelope)


def alert(lead: Lead, around: Circumstances, envelope: Envelope) -> Message:
    """Return the email about a new request."""
    return _request("alert", lead, around, envelope, why=_second_choice(envelope), is_first=True)


def reminder(lead: Lead, around: Circumstances, envelope: Envelope) -> Message:
    """Return the email that reminds staff of an unclaimed lead."""
    unclaimed = "This request has not been claimed yet."
    if around.action is ClaimAction.HAND_BACK:
        unclaimed = f"{around.actor} handed this request back, so nobody has it now."
    why = (unclaimed, _waited(lead, around), _second_choice(envelope))
    return _request("reminder", lead, around, envelope, why=_sentences(*why))


def escalation(lead: Lead, around: Circumstances, envelope: Envelope) -> Message:
    """Return the email that tells the fallback recipients about a lead that is still unclaimed."""
    told = f"Staff were first alerted on {around.clock(around.told_at)}." if around.told_at else None
    because = "You are getting this email because you are a fallback recipient." if envelope.to_fallback else None
    why = ("This request is still unclaimed.", _waited(lead, around), told, because)
    return _request("escalation", lead, around, envelope, why=_sentences(*why))


def call_again(lead: Lead, around: Circumstances, envelope: Envelope) -> Message:
    """Return the email that says it is time to try to reach a person again."""
    best = envelope.shows_contact and _at_their_best_time(lead, around)
    again = (
        "This is the best time to reach them. Please try again." if best else f"Please try again {_soon(lead, around)}."
    )
    why = (f"There was no answer when {around.claimer} tried.", again, _second_choice(envelope))
    return _request("call_again", lead, around, envelope, why=_sentences(*why))


def owner_reminder(lead: Lead, around: Circumstances, envelope: Envelope) -> Message:
    """Return the email that asks the owner how it went."""
    say = "Please say how it went: press Reached or No answer below."
    on, title = _on(around.acted_at, around), "Please say how it went"
    match around.action:
        case ClaimAction.EMAILED:
            waiting = "If you are still waiting for a reply, press More choices, and then Emailed and waiting."
            why = f"You emailed this person{on}. {say} {waiting}"
        case action if around.handed_over_at:
            title = "A colleague handed this request over to you"
            who = around.actor if action is ClaimAction.HAND_OVER else "a colleague"
            then = f"{_reach(lead, around)}, and then say how it went: press Reached or No answer below."
            if around.follow_up_at:
                then = f"follow up{_on(around.follow_up_at, around)}. You get a reminder then."
            why = f"This request was handed over to you by {who}{_on(around.handed_over_at, around)}. Please {then}"
        case ClaimAction.FOLLOW_UP:
            title = "Time to follow up"
            who = "you" if around.owner_acted else around.actor
            why = f"It is time to follow up on this request. This reminder was set by {who}{on}. {say}"
        case ClaimAction.HAND_OVER if around.follow_up_at:
            title = "Time to follow up"
            who = "You took over this request" if around.owner_acted else f"It was handed over to you by {around.actor}"
            why = f"It is time to follow up on this request. {who}{on}. {say}"
        case action:
            did = "took over" if action is ClaimAction.HAND_OVER else "claimed"
            why = f"You {did} this request{on}. {say} If you have not tried yet, please try {_soon(lead, around)}."
    return _request("owner_reminder", lead, around, envelope, why=why, title=title)


def not_reached(lead: Lead, around: Circumstances, envelope: Envelope) -> Message:
    """Return the email that tells everybody about a claimed lead whose person was not reached yet."""
    if around.claimed_by and around.claimed_by not in around.names:
        left = f"{around.claimer[0].upper()}{around.claimer[1:]} claimed this request and no longer gets these emails."
        unclaimed = (left, "Nobody has it now.", _waited(lead, around), _second_choice(envelope))
        return _request("escalation", lead, around, envelope, why=_sentences(*unclaimed))
    reach = _reach(lead, around)
    match around.action:
        case ClaimAction.NO_ANSWER:
            tries = f" {around.tried} times" if around.tried > 1 else ""
            last = "The last time was" if around.tried > 1 else "That was"
            at = f" {last}{_on(around.acted_at, around)}." if around.acted_at else ""
            had = f"Staff tried to reach this person{tries}, and nobody answered.{at}"
        case ClaimAction.EMAILED:
            had = f"This person was emailed by {around.claimer}{_on(around.acted_at, around)}, and was not reached yet."
        case ClaimAction.HAND_OVER:
            on = _on(around.acted_at, around)
            had = f"This request was handed over to {around.claimer}{on}, but nobody has reached the person yet."
        case ClaimAction.FOLLOW_UP if around.follow_up_at:
            on = _on(around.follow_up_at, around)
            had = f"A follow-up by {around.claimer} was due{on}, but nobody has reached the person yet."
        case _:
            had = (
                f"This request was claimed by {around.claimer}{_on(around.acted_at, around)}, but nobody has reached "
                "the person yet."
            )
    why = (
        had,
        f"If you can, {reach}, then press Reached or No answer below. You do not need to claim the request.",
        _second_choice(envelope),
    )
    return _request("not_reached", lead, around, envelope, why=_sentences(*why))


def claimed(lead: Lead, around: Circumstances) -> Message:
    """Return the email that tells the other recipients who claimed the lead."""
    on = _on(around.acted_at or around.claimed_at, around)
    if around.action is ClaimAction.HAND_OVER and not around.owner_acted:
        said = f"This request was handed over to {around.claimer} by {around.actor}{on}."
        return _information("claimed", lead, around, said)
    again = "was reopened" if around.action is ClaimAction.REOPEN else "was claimed"
    said = f"This request {again} by {around.claimer}{on}."
    return _information("claimed", lead, around, said)


def no_answer(lead: Lead, around: Circumstances) -> Message:
    """Return the email that tells the other recipients that nobody answered, and when the next try is due."""
    again = (
        f"Everyone on the alert list is asked to try again on {around.clock(around.call_again_at)}."
        if around.call_again_at and not lead.no_contact
        else None
    )
    tries = f" {around.tried} tries so far." if around.tried > 1 else ""
    said = f"{around.claimer} tried to reach the person, and nobody answered.{tries}"
    return _information("no_answer", lead, around, _sentences(said, f"{around.claimer} has this request now.", again))


def closed(lead: Lead, around: Circumstances) -> Message:
    """Return the email that tells the other recipients how the lead was closed."""
    how = CLOSED_AS.get(around.closed_as or "", "{who} closed it.")
    if around.outcome in OUTCOMES and around.closed_as == ClosedAs.REACHED:
        how = OUTCOMES[around.outcome]
    how = how.format(who=around.claimer)
    return _information("closed", lead, around, f"This request is closed: {how}")


def confirmation(
    reference: str,
    clinic: Clinic,
    help: Help,  # noqa: A002 - the field's own word
    next_steps: str = thanks_words.NEXT,
) -> Message:
    """Return the email that confirms a request to the visitor. It shows nothing that they typed."""
    text = {"confirmation": confirmation_words, "help": help_words, "thanks": thanks_words}
    values = {"reference": reference, "clinic": clinic, "help": help, "next_steps": next_steps, "text": text}
    return message("shared/messages/confirmation", values)


def _request(  # noqa: PLR0913 - two of them are the same in every email
    name: str,
    lead: Lead,
    around: Circumstances,
    envelope: Envelope,
    *,
    why: str | None,
    is_first: bool = False,
    title: str = "",
) -> Message:
    """Return an email that asks staff to act. These emails share request.txt and request.html.

    `title` is for emails that have several.

    Any of them may be the first email about the lead that its recipient sees, so each shows how to reach the person.
    Only the first one shows everything the person wrote.
    """
    shows_contact, clinic, no_contact = envelope.shows_contact, around.clinic, lead.no_contact
    # What the person wrote may have a number in it, and nobody prepares for a call.
    shows_all = envelope.shows_all and is_first and not no_contact
    mind = points_to_mind(lead, around) if shows_contact else without_contact(lead, around)
    who = (*about_form(lead), *sections.who(lead, clinic, shows_ways=not no_contact)) if shows_contact else ()
    if no_contact:
        mind = ()  # the first lines say it
        why = why if is_first else _nothing_to_do(around)
    if not is_first:
        mind, who = for_later_emails(mind), for_later_emails(who)
    kind = kind_of(lead)
    values = {
        "new": kind.heading if kind else CONSULTATION,
        "its_title": title,
        "prefix": SUBJECT_PREFIX[lead.priority],
        "reference": lead.reference,
        "clinic": clinic.name,
        "received": around.clock(lead.received_at),
        "priority": lead.priority,
        "no_contact": no_contact,
        "do_first": do_first(lead, shows_contact=shows_contact, night=is_night(lead, around)),
        "why": why,
        "before": sections.before(around, shows_names=shows_contact),
        "links": envelope.links,
        "desk": envelope.desk,
        "about_links": ABOUT_LINKS,
        "no_links": NO_LINKS,
        "shows_contact": shows_contact,
        "mind": mind,
        "who": who,
        "about_quotes": ABOUT_QUOTES,
        "no_reply": instead_of_a_reply(lead) if shows_contact else None,
        "agreement": agreement(lead),
        "news": shows_contact and lead.news_may_be_sent,
        "needs": sections.needs(lead, clinic) if shows_all else (),
        "messages": sections.messages(lead, clinic) if shows_all else (),
        "talking_points": sections.talking_points(lead, clinic) if shows_all else (),
        "came_from": sections.came_from(lead) if shows_all else (),
        "not_shown": None
        if shows_all
        else sections.not_shown(lead, in_first_email=envelope.shows_all and not no_contact),
        "flags": around.flags,
    }
    return message(f"shared/messages/{name}", values)


def _nothing_to_do(around: Circumstances) -> str:
    """Return why somebody gets an email about a person who does not want to be contacted."""
    who = around.actor if around.action is ClaimAction.HAND_OVER else "a colleague"
    handed_over = f"This request was handed over to you by {who}." if around.handed_over_at else None
    return _sentences(handed_over, "It is still open. If there is nothing left to do, please close it.")


def _information(name: str, lead: Lead, around: Circumstances, said: str) -> Message:
    """Return a short email that asks for nothing. These emails share information.txt and information.html."""
    return message(f"shared/messages/{name}", {"reference": lead.reference, "clinic": around.clinic.name, "said": said})


def _sentences(*sentences: str | None) -> str:
    return " ".join(sentence for sentence in sentences if sentence)


def _soon(lead: Lead, around: Circumstances) -> str:
    return "as soon as it is day where the person is" if is_night(lead, around) else "now"


def _reach(lead: Lead, around: Circumstances) -> str:
    reach = f"{'call' if lead.phone else 'write to'} the person"
    return f"{reach} when it is day there" if is_night(lead, around) else reach


def _on(moment: datetime | None, around: Circumstances) -> str:
    return f" on {around.clock(moment)}" if moment else ""


def _second_choice(envelope: Envelope) -> str | None:
    if not envelope.to_fallback:
        return None
    return "You are getting this email because you are a fallback recipient and an email to staff did not arrive."


def _waited(lead: Lead, around: Circumstances) -> str:
    time = around.now - lead.received_at
    if time < timedelta(hours=2):  # exact minutes matter at first
        minutes = int(time / timedelta(minutes=1))
        words = counted(minutes, "minute") if minutes > 0 else "less than a minute"
    else:
        words = str(duration(time))
    return f"It has been waiting for {words}."


def _at_their_best_time(lead: Lead, around: Circumstances) -> bool:
    """Whether the person's local time is in the part of the day they asked for."""
    return not lead.in_crisis and around.clinic.hours.is_wished(lead.best_time, lead.time_zone, around.now)


# The function of each email to staff.
_REQUESTS: Final[Mapping[Notice, Callable[[Lead, Circumstances, Envelope], Message]]] = {
    Notice.ALERT: alert,
    Notice.REMINDER: reminder,
    Notice.ESCALATION: escalation,
    Notice.OWNER_REMINDER: owner_reminder,
    Notice.CALL_AGAIN: call_again,
    Notice.NOT_REACHED: not_reached,
}
_INFORMATION: Final[Mapping[Notice, Callable[[Lead, Circumstances], Message]]] = {
    Notice.CLAIMED: claimed,
    Notice.NO_ANSWER: no_answer,
    Notice.CLOSED: closed,
}
if missing := set(Notice) - {*_REQUESTS, *_INFORMATION}:
    raise TypeError(f"add the emails {sorted(missing)} to functions/shared/messages/emails.py")
