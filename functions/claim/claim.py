"""From a request to its page. Looking changes nothing, because mail scanners open links; the button on the page acts.

The button needs no token against forged requests: the address holds a secret of its own, that of the mail, and nobody
who does not have the mail can name the address to post to. There is no cookie and no login that a forger could use.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from claim.words import Said, Words
from shared.leads.alert import Case, Progress, after_answer
from shared.leads.clinic import Clinic
from shared.leads.lead import Lead
from shared.leads.link import BadLinkError, ExpiredLinkError, Link, read_link
from shared.leads.response import Answer, AnswerRefusedError, Refusal
from shared.leads.team import Team
from shared.runtime.telemetry import logger, metrics, sanitised
from shared.services.keys import Keys, KeysUnavailableError
from shared.store.table import LeadTable
from shared.web.http import Request, Response
from shared.web.page import page

# What an answer is called on the lead's timeline.
_KINDS = {Answer.CLAIM: "claimed", Answer.REACHED: "reached", Answer.NO_ANSWER: "no_answer"}


class _OnlyAskedError(Exception):
    """Nobody has pressed the button: what would be written if somebody did."""

    def __init__(self, lead: Lead, before: Progress, after: Progress) -> None:
        super().__init__()
        self.lead, self.before, self.after = lead, before, after


class _RefusedError(Exception):
    """The answer does not count."""

    def __init__(self, lead: Lead, progress: Progress, refusal: Refusal) -> None:
        super().__init__()
        self.lead, self.progress, self.refusal = lead, progress, refusal


@dataclass(frozen=True, kw_only=True)
class Claim:
    """The links of one clinic. `now` is the clock, so that tests can hold it."""

    table: LeadTable
    keys: Keys
    clinic: Clinic
    team: Team
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def answer(self, request: Request) -> Response:
        """Return the page for any request. It says nothing of a person but the reference and times."""
        now = self.now()
        words = Words(self.clinic, now)
        acts = request.method == "POST"
        try:
            said = self._answer(request, words, now, acts=acts)
        except KeysUnavailableError as error:
            logger.error("links without keys", extra={"reason": error.reason})
            said = words.out_of_reach(acts=acts)
        except Exception as error:  # noqa: BLE001 - whatever it is, staff are told what to do
            logger.error("answer failed", extra={"error": str(sanitised(error))})
            said = words.out_of_reach(acts=acts)
        values = {"clinic": self.clinic, "said": said}
        return page("claim/pages", "claim.html", said.status, values, headers=said.headers)

    def _answer(  # noqa: PLR0911 - one for each thing to say
        self, request: Request, words: Words, now: datetime, *, acts: bool
    ) -> Said:
        if request.method not in {"GET", "HEAD", "POST"}:
            return words.not_allowed()
        try:
            link = read_link(request.parameters.get("token", ""), self.keys.for_links(), now)
        except BadLinkError:
            _count_refused("bad")
            return words.bad_link()
        except ExpiredLinkError as error:
            _count_refused("expired", error.link)
            return words.expired(error.link)
        if link.recipient not in self.team.everybody:
            _count_refused("former_recipient", link)
            return words.former_recipient(link)
        try:
            return self._noted(link, words, now, acts=acts)
        except _OnlyAskedError as asked:
            return words.question(link, asked.lead, asked.before, asked.after)
        except _RefusedError as refused:
            _count_refused(refused.refusal, link)
            return words.refused(link, refused.lead, refused.progress, refused.refusal)

    def _noted(self, link: Link, words: Words, now: datetime, *, acts: bool) -> Said:
        def decide(lead: Lead, progress: Progress) -> Progress:
            case = Case(lead=lead, clinic=self.clinic, team=self.team)
            try:
                after = after_answer(progress, case, link.answer, by=link.recipient, link=link.id, now=now)
            except AnswerRefusedError as error:
                raise _RefusedError(lead, progress, error.refusal) from None
            if not acts:
                raise _OnlyAskedError(lead, progress, after)
            return after

        changed = self.table.change(link.lead_id, decide, now, _KINDS[link.answer], recipient=link.recipient)
        if changed is None:
            _count_refused("unknown", link)
            return words.deleted(link)
        _count(link)
        return words.noted(link, *changed, told=self.team.tell_others)


def _count(link: Link) -> None:
    match link.answer:
        case Answer.CLAIM:
            metrics.add_metric("RequestsClaimed", "Count", 1)
        case Answer.REACHED:
            metrics.add_metric("RequestsReached", "Count", 1)
        case Answer.NO_ANSWER:
            metrics.add_metric("CallsUnanswered", "Count", 1)
    _log("noted", link)


def _count_refused(outcome: str, link: Link | None = None) -> None:
    metrics.add_metric("LinksRefused", "Count", 1)
    _log(outcome, link)


def _log(outcome: str, link: Link | None) -> None:
    # Never the token: whoever has it can answer.
    if link is None:
        logger.info("link used", extra={"outcome": outcome})
        return
    logger.info(
        "link used",
        extra={
            "lead_id": link.lead_id,
            "reference": link.reference,
            "recipient": link.recipient,
            "answer": link.answer,
            "outcome": outcome,
        },
    )
