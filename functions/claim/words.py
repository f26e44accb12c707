"""What the pages behind the links say. Of a person they say nothing but the reference and when what happened.

Nor do they name a colleague: whoever came by the mail must not learn from it who works here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final

from shared.leads.alert import Progress
from shared.leads.clinic import Clinic
from shared.leads.hours import PARTS_OF_THE_DAY, Hours, known_zone
from shared.leads.lead import Lead
from shared.leads.link import LINK_LIFE, Link
from shared.leads.response import ClaimAction, Refusal

# What the links are called in the mails.
_LABELS: Final = {
    ClaimAction.CLAIM: "I\u2019ll take it",
    ClaimAction.REACHED: "Reached them",
    ClaimAction.NO_ANSWER: "No answer, try again later",
}
_OTHER_LINKS: Final = (
    f"Once you have talked to them, use \u201c{_LABELS[ClaimAction.REACHED]}\u201d in the same mail. "
    "If nobody answers, use "
    f"\u201c{_LABELS[ClaimAction.NO_ANSWER]}\u201d: then a reminder comes at a better time."
)
_NOTHING_CHANGED: Final = "Nothing was changed."


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A page: a title, perhaps what is known of the request, what there is to say, perhaps a button."""

    status: HTTPStatus = HTTPStatus.OK
    title: str
    facts: tuple[tuple[str, str], ...] = ()
    text: tuple[str, ...]
    button: str | None = None  # posts to the page's own address
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Words:
    """What is said at the moment `now`, by the clock on the clinic's wall."""

    clinic: Clinic
    now: datetime

    def question(self, link: Link, lead: Lead, before: Progress, after: Progress) -> Said:
        """Ask whether to note what the link says. `after` is what would be."""
        facts = (*self._facts(lead, before), ("Your answer", _LABELS[link.action]))
        match link.action:
            case ClaimAction.CLAIM:
                text = "You get back to this person, and the reminders stop."
                return Said(title="Take this request?", facts=facts, text=(text,), button="Yes, I\u2019ll take it")
            case ClaimAction.REACHED:
                text = "Then the request is closed: no more reminders, and its links stop working."
                return Said(title="Have you reached them?", facts=facts, text=(text,), button="Yes, I reached them")
            case ClaimAction.NO_ANSWER:
                text = f"Then the request stays open. {self._reminder(lead, after)}".strip()
                return Said(title="Did nobody answer?", facts=facts, text=(text,), button="Yes, nobody answered")

    def noted(self, link: Link, lead: Lead, progress: Progress, *, told: bool) -> Said:
        """Say what was noted and what happens next. `told` is whether colleagues get a mail about it."""
        facts = self._facts(lead, progress)
        match link.action:
            case ClaimAction.CLAIM:
                others = ("Your colleagues get a short mail that it is taken.",) if told else ()
                text = ("The reminders stop.", *others, _OTHER_LINKS)
                return Said(title="You have it.", facts=facts, text=text)
            case ClaimAction.REACHED:
                text = ("You have reached them, so this request is done. No more reminders come. Thank you.",)
                return Said(title="Closed.", facts=facts, text=text)
            case ClaimAction.NO_ANSWER:
                text = (self._reminder(lead, progress), "That mail has links of its own.")
                return Said(title="Noted: no answer.", facts=facts, text=text)

    @staticmethod
    def noted_in_short() -> Said:
        """Say that an answer was noted, where nothing more can be shown."""
        return Said(
            title="Your answer is noted.",
            text=(
                "We could not show the rest of this page.",
                "Your answer counts once, so you do not need to press again.",
            ),
        )

    def refused(self, link: Link, lead: Lead, progress: Progress, refusal: Refusal) -> Said:
        """Say why an answer does not count, and what does."""
        used = ("This link was used already, and it counts once.",) if link.id in progress.links_used else ()
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
                        "Somebody has reached the person. There is nothing left to do, and its links no longer count.",
                    ),
                )
            case Refusal.USED:
                return Said(
                    status=HTTPStatus.GONE,
                    title="That is noted already",
                    facts=facts,
                    text=(
                        f"{used[0] if used else ''} It said: \u201c{_LABELS[link.action]}\u201d.".strip(),
                        self._reminder(lead, progress) or "Use the links in the newest mail about this request.",
                    ),
                )
            case Refusal.YOURS:
                return Said(
                    status=HTTPStatus.CONFLICT,
                    title="You have it already",
                    facts=facts,
                    text=(
                        *used,
                        f"It is noted for your recipient and was first taken {claimed}. The reminders have stopped.",
                        _OTHER_LINKS,
                    ),
                )
            case Refusal.CLAIMED:
                return Said(
                    status=HTTPStatus.CONFLICT,
                    title="A colleague has it",
                    facts=facts,
                    text=(
                        *used,
                        f"It was first taken {claimed}. {_NOTHING_CHANGED}",
                        "If you call all the same, please note in your mail how it went: its other links still count.",
                    ),
                )

    def expired(self, link: Link) -> Said:
        """Say that a link is too old."""
        return Said(
            status=HTTPStatus.GONE,
            title="This link is too old",
            facts=(("Reference", link.reference),),
            text=(
                f"Links count for {LINK_LIFE.days} days after their mail. {_NOTHING_CHANGED}",
                "Look for a newer mail about this request: its links may still count.",
            ),
        )

    def former_recipient(self, link: Link) -> Said:
        """Say that a link belonged to somebody who is no longer told of requests."""
        return Said(
            status=HTTPStatus.GONE,
            title="This link no longer works",
            facts=(("Reference", link.reference),),
            text=(
                f"The address it was sent to is no longer on the clinic's list. {_NOTHING_CHANGED}",
                "Ask a colleague who gets these emails to look after this request.",
            ),
        )

    def deleted(self, link: Link) -> Said:
        """Say that there is no such lead any more."""
        return Said(
            status=HTTPStatus.NOT_FOUND,
            title="This request is no longer here",
            facts=(("Reference", link.reference),),
            text=("It was deleted, and no more mails about it come. There is nothing left to note.",),
        )

    @staticmethod
    def bad_link() -> Said:
        """Say that a token is none of ours. It may be anything, so nothing of it is shown."""
        return Said(
            status=HTTPStatus.BAD_REQUEST,
            title="This link is not complete",
            text=(
                f"Its address was cut off or changed on the way. {_NOTHING_CHANGED}",
                "Open the mail again and tap the link there, or copy the whole address, to its very end.",
                "If that does not help, use another mail about the same request.",
            ),
        )

    @staticmethod
    def not_allowed() -> Said:
        """Say that there is nothing but reading and answering here."""
        return Said(
            status=HTTPStatus.METHOD_NOT_ALLOWED,
            title="That is not possible here",
            text=(f"This page can be opened, and its button pressed. {_NOTHING_CHANGED}", "Open the link in the mail."),
            headers={"Allow": "GET, HEAD, POST"},
        )

    @staticmethod
    def out_of_reach(*, acts: bool) -> Said:
        """Say that something of ours does not answer. Whether it noted something is not always known."""
        return Said(
            status=HTTPStatus.SERVICE_UNAVAILABLE,
            title="We could not look that up" if not acts else "We could not note that",
            text=(
                "Something of ours does not answer at the moment. Please try again in a minute: pressing twice does no "
                "harm, and until an answer is noted, the reminders go on."
                if acts
                else "Something of ours does not answer at the moment. Please open the link again in a minute.",
                "If you are about to call the person, do not wait for this page.",
            ),
            button="Try again" if acts else None,
            headers={"Retry-After": "60"},
        )

    def _facts(self, lead: Lead, progress: Progress) -> tuple[tuple[str, str], ...]:
        claimed = (("First taken", self._at(progress.claimed_at)),) if progress.claimed_at else ()
        return (("Reference", lead.reference), ("Came in", self._at(lead.received_at)), *claimed)

    def _reminder(self, lead: Lead, progress: Progress) -> str:
        """Return when the next reminder comes, in a sentence; nothing where none is planned any more."""
        moment = progress.call_again_at
        if moment is None or moment <= self.now:
            return ""
        wished = ", a time they asked for" if self._is_wished(lead, moment) else ""
        return f"The next reminder comes {self._on(moment)}{wished}."

    def _is_wished(self, lead: Lead, moment: datetime) -> bool:
        # The reminder may come at another time: where the clinic is never open in the part of the day they named.
        part = PARTS_OF_THE_DAY.get(lead.best_time or "any")
        if part is None or lead.best_time in {None, "any"}:
            return False
        return Hours(known_zone(lead.time_zone) or self.clinic.hours.zone, week=((part,),) * 7).is_open(moment)

    def _at(self, moment: datetime) -> str:
        """Return a moment as an entry of a list: "Today at 10:30 AM EST"."""
        words = self._on(moment).removeprefix("on ")
        return words[0].upper() + words[1:]

    def _on(self, moment: datetime) -> str:
        """Return a moment within a sentence: "today at 10:30 AM EST", "on Tuesday, 10 March at 6 PM EDT"."""
        local, today = (each.astimezone(self.clinic.hours.zone) for each in (moment, self.now))
        near = {timedelta(-1): "yesterday", timedelta(): "today", timedelta(1): "tomorrow"}
        year = "" if local.year == today.year else f" {local.year}"
        day = near.get(local.date() - today.date(), f"on {local:%A, %-d %B}{year}")
        return f"{day} at {local:%-I}{f':{local:%M}' if local.minute else ''} {local:%p %Z}"
