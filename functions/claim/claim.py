"""From a request to its page. Looking changes nothing, because mail scanners open links; the button on the page acts.

The button needs no token against forged requests: the address holds a secret of its own, that of the mail, and nobody
who does not have the mail can name the address to post to. There is no cookie and no login that a forger could use.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from claim.words import Said, Words
from shared.leads.decisions import Rules, answer
from shared.leads.link import BadLinkError, ExpiredLinkError, Link, read_link
from shared.leads.response import AnswerRefusedError
from shared.runtime.telemetry import logger, metrics, sanitised
from shared.services.keys import Keys, KeysUnavailableError
from shared.store.leads import Leads
from shared.web.http import Request, Response
from shared.web.page import page


@dataclass(frozen=True, kw_only=True)
class Claim:
    """The links of one clinic. `now` is the clock, so that tests can hold it."""

    leads: Leads
    keys: Keys
    rules: Rules
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def answer(self, request: Request) -> Response:
        """Return the page for any request. It says nothing of a person but the reference and times."""
        now = self.now()
        words = Words(self.rules.clinic, now)
        acts = request.method == "POST"
        try:
            said = self._answer(request, words, now, acts=acts)
        except KeysUnavailableError as error:
            logger.error("links without keys", extra={"reason": error.reason})
            said = words.out_of_reach(acts=acts)
        except Exception as error:  # noqa: BLE001 - whatever it is, staff are told what to do
            logger.error("answer failed", extra={"error": str(sanitised(error))})
            said = words.out_of_reach(acts=acts)
        values = {"clinic": self.rules.clinic, "said": said}
        return page("claim/pages", "claim.html", said.status, values, headers=said.headers)

    def _answer(self, request: Request, words: Words, now: datetime, *, acts: bool) -> Said:
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
        if link.recipient not in self.rules.team.everybody:
            _count_refused("former_recipient", link)
            return words.former_recipient(link)
        return self._noted(link, words, now, acts=acts)

    def _noted(self, link: Link, words: Words, now: datetime, *, acts: bool) -> Said:
        decide = answer(link.answer, self.rules, now, by=link.recipient, link=link.id)
        try:
            if acts:
                changed = self.leads.change(link.lead_id, decide)
            elif before := self.leads.read(link.lead_id):
                changed = before, replace(before, progress=decide(before))
            else:
                changed = None
        except AnswerRefusedError as error:
            if (stored := self.leads.read(link.lead_id)) is None:
                return words.deleted(link)
            _count_refused(error.refusal, link)
            return words.refused(link, stored.lead, stored.progress, error.refusal)
        if changed is None:
            _count_refused("unknown", link)
            return words.deleted(link)
        before, after = changed
        if not acts:
            return words.question(link, before.lead, before.progress, after.progress)
        return words.noted(link, after.lead, after.progress, told=self.rules.team.tell_others)


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
