"""The text of the pages behind the links in emails.

A page shows nothing about a person except the reference and times. A page never names a colleague, because anyone who
gets hold of an email could open its links.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final

from shared.leads.clinic import Clinic
from shared.leads.hours import PARTS_OF_THE_DAY, Hours, known_zone
from shared.leads.lead import Lead
from shared.leads.link import LINK_LIFE, Link
from shared.leads.progress import Progress
from shared.leads.response import ClaimAction, Refusal

# The labels of the links in the emails.
_LABELS: Final = {
    ClaimAction.CLAIM: "Claim this request",
    ClaimAction.REACHED: "Reached",
    ClaimAction.NO_ANSWER: "No answer",
}
_OTHER_LINKS: Final = (
    f"After you talk to the person, use \u201c{_LABELS[ClaimAction.REACHED]}\u201d in the same email. If there is no "
    f"answer, use \u201c{_LABELS[ClaimAction.NO_ANSWER]}\u201d, and we will remind you at a better time."
)
_NOTHING_CHANGED: Final = "Nothing was changed."


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """The content of a page. `facts` are labels and values; the button posts to the page's own address."""

    status: HTTPStatus = HTTPStatus.OK
    title: str
    facts: tuple[tuple[str, str], ...] = ()
    text: tuple[str, ...]
    button: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Words:
    """The text of each page at the moment `now`. Times are shown in the clinic's time zone."""

    clinic: Clinic
    now: datetime

    def question(self, link: Link, lead: Lead, before: Progress, after: Progress) -> Said:
        """Return the page that asks for confirmation. `after` is the progress if the button is pressed."""
        facts = (*self._facts(lead, before), ("Your choice", _LABELS[link.action]))
        match link.action:
            case ClaimAction.CLAIM:
                text = "You will get back to this person. The reminders will stop."
                return Said(title="Claim this request?", facts=facts, text=(text,), button="Claim this request")
            case ClaimAction.REACHED:
                text = (
                    "This closes the request. The reminders will stop, and the links in its emails will stop working."
                )
                return Said(title="Did you reach them?", facts=facts, text=(text,), button="Yes, I reached them")
            case ClaimAction.NO_ANSWER:
                text = f"The request stays open. {self._reminder(lead, after)}".strip()
                return Said(title="No answer?", facts=facts, text=(text,), button="Yes, there was no answer")

    def noted(self, link: Link, lead: Lead, progress: Progress, *, told: bool) -> Said:
        """Return the page that confirms what was saved. `told` is whether colleagues get an email about it."""
        facts = self._facts(lead, progress)
        match link.action:
            case ClaimAction.CLAIM:
                others = ("Your colleagues will get a short email saying that it is claimed.",) if told else ()
                text = ("The reminders have stopped.", *others, _OTHER_LINKS)
                return Said(title="You claimed this request.", facts=facts, text=text)
            case ClaimAction.REACHED:
                text = ("Thank you for reaching this person. You will get no more reminders.",)
                return Said(title="Request closed.", facts=facts, text=text)
            case ClaimAction.NO_ANSWER:
                text = (self._reminder(lead, progress), "The reminder email has its own links.")
                return Said(title="Noted: no answer.", facts=facts, text=text)

    @staticmethod
    def noted_in_short() -> Said:
        """Return the confirmation to show when the full page fails."""
        return Said(
            title="Your choice was saved.",
            text=("We couldn't show the rest of this page.", "You don't need to press the button again."),
        )

    def refused(self, link: Link, lead: Lead, progress: Progress, refusal: Refusal) -> Said:
        """Return the page that explains why a link changed nothing, and what to do instead."""
        used = ("This link was already used. Each link works once.",) if link.id in progress.links_used else ()
        claimed = self._on(progress.claimed_at) if progress.claimed_at else "earlier"
        facts = self._facts(lead, progress)
        match refusal:
            case Refusal.CLOSED:
                return Said(
                    status=HTTPStatus.GONE,
                    title="This request is closed",
                    facts=facts,
                    text=(
                        *used,
                        "Someone has already reached the person, so you don't need to do anything.",
                        "The links for this request no longer work.",
                    ),
                )
            case Refusal.USED:
                return Said(
                    status=HTTPStatus.GONE,
                    title="Your choice was already saved",
                    facts=facts,
                    text=(
                        f"{used[0] if used else ''} Your choice was \u201c{_LABELS[link.action]}\u201d.".strip(),
                        self._reminder(lead, progress) or "Use the links in the newest email about this request.",
                    ),
                )
            case Refusal.YOURS:
                return Said(
                    status=HTTPStatus.CONFLICT,
                    title="You already claimed this request",
                    facts=facts,
                    text=(
                        *used,
                        f"You are its owner. It was first claimed {claimed}. The reminders have stopped.",
                        _OTHER_LINKS,
                    ),
                )
            case Refusal.CLAIMED:
                return Said(
                    status=HTTPStatus.CONFLICT,
                    title="A colleague claimed this request",
                    facts=facts,
                    text=(
                        *used,
                        f"It was first claimed {claimed}. {_NOTHING_CHANGED}",
                        "If you call the person anyway, use the other links in your email to say how it went.",
                    ),
                )

    def expired(self, link: Link) -> Said:
        """Return the page for a link that is too old."""
        return Said(
            status=HTTPStatus.GONE,
            title="This link has expired",
            facts=(("Reference", link.reference),),
            text=(
                f"Links work for {LINK_LIFE.days} days after their email is sent. {_NOTHING_CHANGED}",
                "Look for a newer email about this request. Its links may still work.",
            ),
        )

    def former_recipient(self, link: Link) -> Said:
        """Return the page for the link of a recipient who left the clinic's list."""
        return Said(
            status=HTTPStatus.GONE,
            title="This link no longer works",
            facts=(("Reference", link.reference),),
            text=(
                f"The email went to an address that is no longer on the clinic's list. {_NOTHING_CHANGED}",
                "Ask a colleague who gets these emails to look after this request.",
            ),
        )

    def deleted(self, link: Link) -> Said:
        """Return the page for a lead that no longer exists."""
        return Said(
            status=HTTPStatus.NOT_FOUND,
            title="This request no longer exists",
            facts=(("Reference", link.reference),),
            text=("It was deleted. We will send no more emails about it, and you don't need to do anything.",),
        )

    @staticmethod
    def bad_link() -> Said:
        """Return the page for an invalid token. It shows nothing of the token, which may be any text."""
        return Said(
            status=HTTPStatus.BAD_REQUEST,
            title="This link is incomplete",
            text=(
                f"Its address was cut off or changed. {_NOTHING_CHANGED}",
                "Open the email again and use the link there, or copy the whole address of the link.",
                "If that doesn't help, use another email about the same request.",
            ),
        )

    @staticmethod
    def not_allowed() -> Said:
        """Return the page for an HTTP method other than GET, HEAD and POST."""
        return Said(
            status=HTTPStatus.METHOD_NOT_ALLOWED,
            title="That isn't possible here",
            text=(f"You can open this page and press its button. {_NOTHING_CHANGED}", "Open the link in the email."),
            headers={"Allow": "GET, HEAD, POST"},
        )

    @staticmethod
    def out_of_reach(*, acts: bool) -> Said:
        """Return the page for a failure of a service we need. `acts` is whether a button was pressed.

        We do not always know whether the choice was saved, so the page does not say that it was lost.
        """
        return Said(
            status=HTTPStatus.SERVICE_UNAVAILABLE,
            title="We couldn't look up this request" if not acts else "Your choice may not have been saved",
            text=(
                "We're having a technical problem. Please try again in a minute. Pressing twice does no harm, and the "
                "reminders continue until your choice is saved."
                if acts
                else "We're having a technical problem. Please open the link again in a minute.",
                "If you are about to call the person, don't wait for this page.",
            ),
            button="Try again" if acts else None,
            headers={"Retry-After": "60"},
        )

    def _facts(self, lead: Lead, progress: Progress) -> tuple[tuple[str, str], ...]:
        claimed = (("First claimed", self._at(progress.claimed_at)),) if progress.claimed_at else ()
        return (("Reference", lead.reference), ("Received", self._at(lead.received_at)), *claimed)

    def _reminder(self, lead: Lead, progress: Progress) -> str:
        """Return a sentence that says when the next reminder comes, or "" if none is planned."""
        moment = progress.call_again_at
        if moment is None or moment <= self.now:
            return ""
        wished = ", a time they asked for" if self._is_wished(lead, moment) else ""
        return f"The next reminder comes {self._on(moment)}{wished}."

    def _is_wished(self, lead: Lead, moment: datetime) -> bool:
        # The clinic may never be open in the part of the day they asked for. Then the reminder comes at another time.
        part = PARTS_OF_THE_DAY.get(lead.best_time or "any")
        if part is None or lead.best_time in {None, "any"}:
            return False
        return Hours(known_zone(lead.time_zone) or self.clinic.hours.zone, week=((part,),) * 7).is_open(moment)

    def _at(self, moment: datetime) -> str:
        """Return a moment for a list: "Today at 10:30 AM EST"."""
        words = self._on(moment).removeprefix("on ")
        return words[0].upper() + words[1:]

    def _on(self, moment: datetime) -> str:
        """Return a moment for a sentence: "today at 10:30 AM EST", "on Tuesday, March 10 at 6 PM EDT"."""
        local, today = (each.astimezone(self.clinic.hours.zone) for each in (moment, self.now))
        near = {timedelta(-1): "yesterday", timedelta(): "today", timedelta(1): "tomorrow"}
        year = "" if local.year == today.year else f", {local.year}"
        day = near.get(local.date() - today.date(), f"on {local:%A, %B %-d}{year}")
        return f"{day} at {local:%-I}{f':{local:%M}' if local.minute else ''} {local:%p %Z}"
