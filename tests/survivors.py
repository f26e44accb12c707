"""Code changes that unit tests once failed to catch. `make survivors` tries each again and shows whether a test catches
it now.

Each change removes one rule in a copy of the project, runs the tests beside it, and expects them to fail.
"""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]

_ALERT: Final = "shared/leads/alert.py"
_PLAN: Final = "shared/leads/plan.py"
_CLAIMS: Final = "shared/leads/claims.py"
_PROGRESS: Final = "shared/leads/progress.py"
_SEND: Final = "shared/messages/send.py"
_SUMMARY: Final = "follow_up/digest/summary.py"
_MAILER: Final = "shared/services/mailer.py"
_STORE: Final = "shared/store/leads.py"
_SWEEP: Final = "follow_up/sweep.py"
_BATCH: Final = "notify/batch.py"
_LIFE: Final = ("test_alert.py",)


@dataclass(frozen=True, slots=True)
class Survivor:
    """One change: what a user would lose, the file below functions/, its text, and the unit tests to run."""

    number: int
    loss: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]


SURVIVORS: Final = (
    Survivor(
        1,
        "no alarm if SES's response is lost and the email then bounces",
        _PROGRESS,
        "for state in (_S.PENDING, *_SENT)},\n    (_S.ACCEPTED, _E.DELIVERED)",
        "for state in _SENT},\n    (_S.ACCEPTED, _E.DELIVERED)",
        _LIFE,
    ),
    Survivor(
        2,
        "the digest's subject wrongly says that every request is claimed",
        _SUMMARY,
        "return self.undeliverable.count + self.waiting.count",
        "return self.waiting.count",
        ("test_digest.py",),
    ),
    Survivor(
        3,
        "one failing mailbox uses up the attempts of the other",
        _SEND,
        "untried[(progress.tries - 1) % len(untried)]",
        "untried[0]",
        ("test_send.py",),
    ),
    Survivor(
        4,
        "the escalation is late: the clock restarts",
        _PLAN,
        "        told_at = progress.told_at or now\n",
        "        told_at = now\n",
        _LIFE,
    ),
    Survivor(
        4,
        "the escalation is late: an attempt restarts the clock",
        _ALERT,
        "told_at=progress.told_at or (now if accepted else None),",
        "told_at=now if accepted else progress.told_at,",
        _LIFE,
    ),
    Survivor(
        4,
        "the escalation is late: a report restarts the clock",
        _ALERT,
        "told_at=progress.told_at or now,\n",
        "told_at=now,\n",
        _LIFE,
    ),
    Survivor(
        5,
        "staff are not alerted if SES refuses the fallback",
        _PLAN,
        "_audience(progress, notice, team, failing)",
        "_audience(progress, notice, team, _gone(progress))",
        _LIFE,
    ),
    Survivor(
        6,
        "a full quota looks like a bad address",
        _MAILER,
        '"LimitExceededException": Outcome.THROTTLED',
        '"LimitExceededException": Outcome.REFUSED',
        ("test_mailer.py",),
    ),
    Survivor(
        6,
        "one bad address stops the others",
        _MAILER,
        '"BadRequestException": Outcome.REFUSED',
        '"BadRequestException": Outcome.BLOCKED',
        ("test_mailer.py",),
    ),
    Survivor(
        6,
        "a paused account raises no alarm",
        _MAILER,
        '"SendingPausedException": Outcome.BLOCKED',
        '"SendingPausedException": Outcome.THROTTLED',
        ("test_mailer.py",),
    ),
    Survivor(
        7,
        "a new bounce after a redrive is ignored",
        _ALERT,
        "email_of(copy) == report.email and report.attempt <= attempt_of(copy) for copy",
        "email_of(copy) == report.email for copy",
        _LIFE,
    ),
    Survivor(
        8,
        "after a bounce, the fallback recipients wait for the backoff",
        _ALERT,
        "return replace(after, due_at=now) if report.kind in _FAILURES else after",
        "return after",
        _LIFE,
    ),
    Survivor(
        9,
        "the fallback's first alert is ten minutes late",
        _SEND,
        "leased.progress.notice is Notice.ALERT and not leased.progress.told_at",
        "leased.progress.notice is Notice.ALERT",
        ("test_send.py",),
    ),
    Survivor(
        10,
        "the stream leaves a new lead to the sweep",
        "shared/leads/decisions.py",
        "if progress.due_at is None or progress.in_summary or (progress.due_at > now and not is_new):",
        "if progress.due_at is None or progress.in_summary or progress.due_at > now:",
        ("test_leads_store.py", "test_send.py"),
    ),
    Survivor(
        10,
        "a report is overwritten",
        _STORE,
        'unchanged = "version = :read" if self._read else',
        'unchanged = "version >= :read" if self._read else',
        ("test_leads_store.py",),
    ),
    Survivor(
        11,
        "emails outlive the lease",
        _SEND,
        "while progress.tries <= MOST_TRIES and self.now() - started <= EMAILS_UNTIL:",
        "while progress.tries <= MOST_TRIES:",
        ("test_send.py",),
    ),
    Survivor(
        11,
        "a confirmation outlives the lease",
        _SEND,
        "self._tells_the_visitor(leased, attempt) and self.now() - started <= EMAILS_UNTIL:",
        "self._tells_the_visitor(leased, attempt):",
        ("test_send.py",),
    ),
    Survivor(
        11,
        "a history outlives the lease",
        _SEND,
        "leased.progress.notice in INFORMATION or self.now() - started > EXTRAS_UNTIL:",
        "leased.progress.notice is Notice.CLAIMED:",
        ("test_send.py",),
    ),
    Survivor(
        12,
        "a digest that fails before lunch never comes",
        _SUMMARY,
        "hours.open_minutes(later, hours.next_opening(now)) > 0",
        "hours.open_after(later, 0) == later",
        ("test_digest_send.py",),
    ),
    Survivor(
        13,
        "a late report puts a quarantined request on the agenda",
        _ALERT,
        "after.state in {AlertState.SENDING, AlertState.QUARANTINED}:",
        "after.state is AlertState.SENDING:",
        ("test_alert.py", "test_leads_store.py"),
    ),
    Survivor(
        13,
        "a closed request never ends",
        _STORE,
        ' | {"expires_at": epoch_seconds(ends) if ends else None}',
        "",
        ("test_leads_store.py",),
    ),
    Survivor(
        14,
        "a released request is deleted",
        _ALERT,
        "        quarantined_at=None,\n        due_at=now,",
        "        due_at=now,",
        ("test_leads_store.py", "test_send.py"),
    ),
    Survivor(
        15,
        "staff get the canary's alert",
        "shared/store/canary_registry.py",
        'ProjectionExpression="pk", ConsistentRead=True',
        'ProjectionExpression="pk"',
        ("test_canary.py",),
    ),
    Survivor(
        15,
        "a decision is based on an outdated state",
        _STORE,
        "Key=key(lead_id), ConsistentRead=True)",
        "Key=key(lead_id))",
        ("test_leads_store.py",),
    ),
    Survivor(
        16,
        "TellOthers=no still emails",
        _PLAN,
        "return team.tell_others and progress.others_hear",
        "return progress.others_hear",
        _LIFE,
    ),
    Survivor(
        17,
        "staff are asked to call a person again after they reached them",
        _PLAN,
        "            return progress.notice is Notice.CLOSED\n",
        "            return progress.notice not in _ASK_TO_CLAIM\n",
        _LIFE,
    ),
    Survivor(
        18,
        "a complaint after a claim raises an alarm",
        _ALERT,
        "if unclaimed and not _anyone_has(after, Notice.ALERT) and not",
        "if not _anyone_has(after, Notice.ALERT) and not",
        _LIFE,
    ),
    Survivor(
        19,
        "emails stay reference-only after a redrive",
        _ALERT,
        "        plain_after=0,\n",
        "",
        _LIFE,
    ),
    Survivor(
        19,
        "one mailbox never gets the email to try again",
        _PLAN,
        "        refused=of(progress.refused, Notice.ALERT),\n",
        "",
        _LIFE,
    ),
    Survivor(
        20,
        "operators get an email for each repeated report",
        "shared/store/recipient_status.py",
        'ReturnValues="ALL_NEW"',
        'ReturnValues="UPDATED_NEW"',
        ("test_recipient_status.py",),
    ),
    Survivor(
        21,
        "the digest does not say that a list is incomplete",
        _SUMMARY,
        "Section.of(spam, exact=quarantined.complete and not doubtful, newest_first=True)",
        "Section.of(spam, exact=True, newest_first=True)",
        ("test_digest.py",),
    ),
    Survivor(
        21,
        "response times look better than they were",
        _SUMMARY,
        "for listing in (opened, undeliverable, closed) for",
        "for listing in (opened, closed) for",
        ("test_digest.py",),
    ),
    Survivor(
        22,
        "an email does not say why its recipient gets it",
        _SEND,
        "to_fallback=recipient in emails.rules.team.fallback,",
        "to_fallback=False,",
        ("test_send.py",),
    ),
    Survivor(
        22,
        "an escalation does not say when staff were told",
        "shared/messages/circumstances.py",
        "told_at=progress.told_at,",
        "told_at=None,",
        ("test_send.py",),
    ),
    Survivor(
        23,
        "one of two simultaneous reports is lost",
        "shared/store/timeline.py",
        'event.details.get("recipient", acted)',
        "acted",
        ("test_items.py",),
    ),
    Survivor(
        24,
        "every link in earlier emails stops working",
        "shared/leads/link.py",
        'salt="claim"',
        'salt="link"',
        ("test_link.py",),
    ),
    Survivor(
        24,
        "people who write again count as new",
        "shared/store/people.py",
        'f"email:{email.lower()}"',
        'f"address:{email.lower()}"',
        ("test_people.py",),
    ),
    Survivor(
        24,
        "a visitor gets a second confirmation on one day",
        "shared/store/confirmations.py",
        'f"confirmation:{mailbox(address)}"',
        'f"confirmed:{mailbox(address)}"',
        ("test_confirm.py",),
    ),
    Survivor(
        24,
        "each spelling of one Gmail address gets a confirmation",
        "shared/leads/confirmation.py",
        'local.replace(".", "") or local',
        "local",
        ("test_confirmation.py",),
    ),
    Survivor(
        24,
        "confirmations bounce until SES pauses the account",
        "shared/leads/confirmation.py",
        "if tally.paused:",
        "if False:",
        ("test_confirmation.py", "test_confirm.py"),
    ),
    Survivor(
        24,
        "a crash before the email lets more confirmations out than the day's cap",
        "shared/messages/confirm.py",
        "if self.tally.count(most, self.now()):",
        "if True:",
        ("test_confirm.py",),
    ),
    *(
        Survivor(25, meaning, "submit/clean.py", old, new, ("test_text.py",))
        for meaning, old, new in (
            ("a text can mislead its reader by invisible characters", '{"Cc", "Cs", "Cf"}', '{"Cc", "Cs"}'),
            ("a control character reaches staff", '{"Cc", "Cs", "Cf"}', '{"Cs", "Cf"}'),
            ("a new emoji vanishes", '{"Cc", "Cs", "Cf"}', '{"Cc", "Cs", "Cf", "Cn"}'),
            ("Persian words lose their joiners", '"\\u200c\\u200d"', '"\\u200d"'),
            ("a name of Hangul fillers counts as a name", "\\u3164", ""),
            ("a name of empty Braille counts as a name", "\\u2800", ""),
            ("a text is hidden in tags", "{3,6}", "{3,}"),
        )
    ),
    Survivor(
        25,
        "text that people typed is changed",
        "submit/clean.py",
        'unicodedata.normalize("NFC"',
        'unicodedata.normalize("NFKC"',
        ("test_text.py",),
    ),
    Survivor(
        26,
        "a browser tries again half an hour later",
        "submit/refusals.py",
        '_RETRY_AFTER = "20"',
        '_RETRY_AFTER = "2000"',
        ("test_routes.py",),
    ),
    Survivor(
        26,
        "after one lost response, each later failure is reported as doubtful",
        "shared/store/intake_sdk.py",
        "        self._tries.one_may_have_written = False\n",
        "",
        ("test_intake_sdk.py",),
    ),
    Survivor(
        27,
        "a deleted person comes back while an email is on its way",
        _SEND,
        "        history = self._history(leased, started)\n",
        "        self.record(leased)\n        history = self._history(leased, started)\n",
        ("test_deleted_meanwhile.py",),
    ),
    Survivor(
        27,
        "a timeline stays after its request has ended",
        _STORE,
        "read.ends != (epoch_seconds(ends) if ends else None)",
        "read.ends == 0",
        ("test_retention.py",),
    ),
    Survivor(
        27,
        "a request in quarantine counts as a person's earlier one",
        "shared/store/people.py",
        "for each in found if not each.spam",
        "for each in found",
        ("test_people.py",),
    ),
    Survivor(
        27,
        "a record outlives the lease",
        _SEND,
        " and self.now() - started <= RECORDS_UNTIL:",
        ":",
        ("test_send.py",),
    ),
    Survivor(
        28,
        "a nurse's second try on the same link is not counted",
        "claim/claim.py",
        "link.use(action, press.seen if press else None)",
        "link.use(action)",
        ("test_claim.py",),
    ),
    Survivor(
        28,
        "an owner without a place on the list loses the request when they use it",
        "claim/claim.py",
        "return None if link.recipient in self.rules.team.everybody else progress.owner_address",
        "return None",
        ("test_claim.py",),
    ),
    Survivor(
        28,
        "another person's request is closed too",
        "claim/others.py",
        "other.lead.id != lead.id and same_person(lead, other.lead) and",
        "other.lead.id != lead.id and",
        ("test_claim_others.py",),
    ),
    Survivor(
        28,
        "closing twice closes a request that was reopened meanwhile",
        "claim/claim.py",
        "if stored.progress.closed_as is not CLOSES[press.action]:\n            raise _refused",
        "if False:\n            raise _refused",
        ("test_claim_together.py",),
    ),
    Survivor(
        28,
        "the page promises the owner a reminder whose email bounces",
        "claim/outlook.py",
        "    ahead = planned(progress, quiet, now)\n",
        "    ahead = planned(replace(progress, bounced=frozenset()), quiet, now)\n",
        ("test_claim_outlook.py",),
    ),
    Survivor(
        29,
        "a request goes quiet after the last planned reminder",
        _PLAN,
        "if found is None and progress.response is not ResponseState.CLOSED and not progress.synthetic:",
        "if found is None and progress.response is ResponseState.CLOSED and not progress.synthetic:",
        ("test_follow_up.py",),
    ),
    Survivor(
        29,
        "only an owner who left the list is reminded",
        _PLAN,
        "known = progress.owner_address or progress.claimed_by in team.everybody",
        "known = True",
        ("test_follow_up.py",),
    ),
    Survivor(
        29,
        "the wait after each urgent call does not grow",
        _CLAIMS,
        "targets.urgent_no_answer_after << min(tried - 1, 10)",
        "targets.urgent_no_answer_after",
        ("test_follow_up.py",),
    ),
    Survivor(
        29,
        "a report on an earlier round hides the email of this one",
        _ALERT,
        "attempt <= progress.round_after",
        "attempt < progress.round_after",
        ("test_follow_up.py",),
    ),
    Survivor(
        29,
        "a person is called in their night",
        "shared/leads/hours.py",
        "or their_day.open_after(start, 0)",
        "or self.open_after(start, 0)",
        ("test_hours.py",),
    ),
    Survivor(
        29,
        "a doubtful delivery floods staff with reminders",
        _PLAN,
        "if notice not in INFORMATION and not progress.again_at:",
        "if notice not in INFORMATION:",
        ("test_follow_up.py",),
    ),
    Survivor(
        30,
        "a lead that waits for a summary is emailed alone too",
        "shared/leads/decisions.py",
        "progress.due_at is None or progress.in_summary or (",
        "progress.due_at is None or (",
        ("test_budget.py",),
    ),
    Survivor(
        30,
        "a budget that cannot be read stops emails",
        "shared/messages/budget.py",
        "str(sanitized(error))})\n            return True",
        "str(sanitized(error))})\n            return False",
        ("test_budget.py",),
    ),
    Survivor(
        30,
        "ten copies of an urgent request ring ten times",
        "shared/messages/budget.py",
        "if rank in _URGENT and not informs and not holds(is_alone):",
        "if not holds(is_alone) and False:",
        ("test_budget.py",),
    ),
    Survivor(
        30,
        "a lead counts as told although SES did not accept the summary",
        "follow_up/summary/send.py",
        "                if outcome.concerns_everybody:\n                    return told\n",
        "",
        ("test_summary.py",),
    ),
    Survivor(
        30,
        "a summary leaves out leads that do not fit",
        "follow_up/summary/send.py",
        "for each in own[:count]:",
        "for each in own:",
        ("test_summary.py",),
    ),
    Survivor(
        30,
        "a claim is undone by a summary that was sent meanwhile",
        "shared/leads/decisions.py",
        "if not progress.in_summary or progress.notice is not notice:",
        "if False:",
        ("test_summary.py",),
    ),
    Survivor(
        40,
        "urgent requests wait behind ordinary ones in a sweep",
        _SWEEP,
        "together(due.leads(Lane.URGENT), run.handle, in_time, at_once=at_once)",
        "together(due.leads(Lane.ORDINARY), run.handle, in_time, at_once=at_once)",
        ("test_many_due.py",),
    ),
    Survivor(
        40,
        "an urgent request gets into its lane only with its first lease",
        "shared/store/intake.py",
        '"agenda_shard": partition(lane, own_shard),',
        '"agenda_shard": own_shard,',
        ("test_agenda.py",),
    ),
    Survivor(
        40,
        "while SES throttles, a sweep uses up the tries of ordinary requests",
        _SWEEP,
        "return in_time() and not run.throttled",
        "return in_time()",
        ("test_many_due.py",),
    ),
    Survivor(
        40,
        "one throttled email ends a sweep",
        _SWEEP,
        "        run.throttled = False\n",
        "",
        ("test_many_due.py",),
    ),
    Survivor(
        40,
        "a sweep that gets nowhere has a heartbeat",
        _SWEEP,
        "if run.handled or run.failed or not due.found:",
        "if True:",
        ("test_sweep.py",),
    ),
    Survivor(
        40,
        "a partition that cannot be read is no reason for an alarm",
        _SWEEP,
        "            self.unread += 1\n",
        "",
        ("test_sweep.py",),
    ),
    Survivor(
        40,
        "a sweep reads a whole partition before it sends",
        _STORE,
        '            PaginationConfig={"PageSize": AGENDA_PAGE},\n',
        "",
        ("test_many_due.py",),
    ),
    Survivor(
        40,
        "the sweep sends one after the other",
        "shared/runtime/together.py",
        "if len(running) == at_once:",
        "if running:",
        ("test_together.py",),
    ),
    Survivor(
        40,
        "an error of a thread is lost",
        "shared/runtime/together.py",
        "        each.result()\n",
        "        each.done()\n",
        ("test_together.py",),
    ),
    Survivor(
        40,
        "a batch of the stream starts with ordinary requests",
        _BATCH,
        "if lanes.get(each) is not Lane.ORDINARY)",
        "if lanes.get(each) is None)",
        ("test_batch.py",),
    ),
    Survivor(
        40,
        "a flood keeps a batch of the stream busy for long",
        _BATCH,
        "is Lane.ORDINARY][:MOST_ORDINARY]",
        "is Lane.ORDINARY]",
        ("test_batch.py",),
    ),
    Survivor(
        40,
        "a slow SES keeps a batch of the stream busy for long",
        _BATCH,
        "in_time() and time_left() > ends and",
        "in_time() and",
        ("test_batch.py",),
    ),
    Survivor(
        40,
        "threads mix up the lines of the log and lose metrics",
        "shared/runtime/telemetry.py",
        "_printing = logger.registered_handler.lock or RLock()",
        '_printing = __import__("contextlib").nullcontext()',
        ("test_threads.py",),
    ),
    Survivor(
        40,
        "when a secret cannot be read, each thread waits for the same timeout",
        "shared/services/secret.py",
        "with self._one_at_a_time:",
        "if True:",
        ("test_threads.py",),
    ),
    Survivor(
        40,
        "a throttled urgent email waits for half a minute",
        _SEND,
        "retries = 0 if emails.stored.lead.priority is Priority.NORMAL else THROTTLED_RETRIES",
        "retries = 0",
        ("test_send.py",),
    ),
    Survivor(
        40,
        "the caller of the sender does not learn that SES throttles",
        _SEND,
        "return Result.THROTTLED if Outcome.THROTTLED in attempt.outcomes.values() else result",
        "return result",
        ("test_send.py", "test_many_due.py"),
    ),
    Survivor(
        40,
        "words of crisis are missed",
        "shared/leads/crisis.py",
        '"being here", "sel"',
        '"being here", "self"',
        ("test_crisis.py",),
    ),
    Survivor(
        41,
        "a copy with the trap filled in puts a person into quarantine",
        "shared/leads/identity.py",
        "(*named, signs.trap_filled, signs.rendered_at,",
        "(*named, signs.rendered_at,",
        ("test_identity.py", "test_poisoned_copies.py"),
    ),
    Survivor(
        42,
        "a copy with a made-up token puts a person into quarantine",
        "shared/leads/identity.py",
        "signs.rendered_at, signs.turnstile_token)",
        "signs.rendered_at)",
        ("test_identity.py", "test_poisoned_copies.py"),
    ),
    Survivor(
        43,
        "somebody finds a phone number from a reference",
        "shared/leads/identity.py",
        "hmac.digest(self._key, ",
        'hmac.digest(b"", ',
        ("test_identity.py",),
    ),
    Survivor(
        44,
        "copies that nobody was alerted about use up a person's count",
        "shared/messages/side_items.py",
        "if just_told and not lead.in_crisis:",
        "if not lead.in_crisis:",
        ("test_side_items.py", "test_poisoned_copies.py"),
    ),
    Survivor(
        45,
        "copies with the trap filled in use up a person's count",
        "shared/store/repeats.py",
        'f"{date}#trap" if lead.trap_filled else date',
        "date",
        ("test_repeats.py", "test_poisoned_copies.py"),
    ),
    Survivor(
        46,
        "a release frees a request that nobody looked at",
        "follow_up/rearm.py",
        "if len(found) > 1:",
        "if len(found) > 99:",
        ("test_rearm.py",),
    ),
    Survivor(
        47,
        "a name to ask for reads like an instruction to staff",
        "shared/messages/reaching.py",
        "(*ours, TYPED, *typed) if typed else ours",
        "(*ours, *typed)",
        ("test_compose_quotes.py",),
    ),
    Survivor(
        48,
        "a failed start prints the key",
        "shared/runtime/settings.py",
        "frozen=True, hide_input_in_errors=True",
        "frozen=True",
        ("test_settings.py",),
    ),
    Survivor(
        49,
        "a request under legal hold is deleted",
        "shared/leads/retention.py",
        "    if progress.held:\n        return None\n",
        "",
        ("test_retention.py",),
    ),
    Survivor(
        49,
        "a closed request vanishes while staff correct what came of it",
        "shared/leads/desk.py",
        "        kept_until=later_end(progress, now),\n        links_used",
        "        links_used",
        ("test_retention.py",),
    ),
    Survivor(
        50,
        "a consent counts after it was withdrawn",
        "shared/leads/lead.py",
        "return kind not in self.withdrawn and any(",
        "return any(",
        ("test_consent.py",),
    ),
    Survivor(
        51,
        "a request that was erased is shown and changed again",
        _STORE,
        "if not item or ERASED_AT in item:",
        "if not item:",
        ("test_leads_store.py",),
    ),
    Survivor(
        52,
        "an export leaves the desk without an entry that names its requests",
        "desk/app.py",
        "            self._write(visit, result.action, result.lead_ids)\n            return _file(result)\n",
        "            return _file(result)\n",
        ("test_desk_people.py",),
    ),
    Survivor(
        52,
        "a withdrawal counts for one of a person's requests only",
        "desk/actions.py",
        "others = _others(desk, visit, act) if act in OF_A_PERSON else ()",
        "others: tuple[StoredLead, ...] = ()",
        ("test_desk_consents.py",),
    ),
    Survivor(
        52,
        "a refused erasure checks again what a manager had left out",
        "desk/erase_page.py",
        "frozenset(chosen(visit, _FORM)) if why else ",
        "",
        ("test_desk_people.py",),
    ),
    Survivor(
        52,
        "an old link to an erased request shows its reference",
        "claim/claim.py",
        "            self._refuse_if_erased(error.link)\n",
        "",
        ("test_claim.py",),
    ),
    Survivor(
        53,
        "a redirect takes a message anywhere",
        "webhook/post.py",
        "if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:",
        "if HTTPStatus.OK <= status < HTTPStatus.BAD_REQUEST:",
        ("test_webhook_post.py",),
    ),
    Survivor(
        53,
        "the webhook can be pointed into our own network",
        "webhook/post.py",
        "if not places or not (local or all(is_public(each) for each in places)):",
        "if not places:",
        ("test_webhook_post.py",),
    ),
    Survivor(
        53,
        "a pager rings for a request that somebody claimed meanwhile",
        "webhook/told.py",
        "            return progress.response is ResponseState.OPEN and not wants_no_contact(progress)",
        "            return True",
        ("test_webhook_told.py",),
    ),
    Survivor(
        53,
        "two processes tell the same signal",
        "webhook/tell.py",
        "return leased(after, now) if signal else after",
        "return after",
        ("test_webhook.py",),
    ),
    Survivor(
        53,
        "a receiver that fails is asked again for each request of a batch",
        "webhook/line.py",
        "self._failed = not answer.taken",
        "self._failed = False",
        ("test_webhook.py",),
    ),
    Survivor(
        53,
        "a receiver that refuses one message gets no other",
        "webhook/line.py",
        "        if answer.refuses_message:\n            return Result.REFUSED\n",
        "",
        ("test_webhook.py",),
    ),
    Survivor(
        53,
        "a stuck claim holds up a ring",
        "webhook/told.py",
        "pending = tuple(sorted(waiting + new, key=lambda each: not each.rings))",
        "pending = waiting + new",
        ("test_webhook_told.py",),
    ),
    Survivor(
        53,
        "requests in quarantine are told",
        "webhook/told.py",
        "return progress.synthetic or progress.state is AlertState.QUARANTINED",
        "return progress.synthetic",
        ("test_webhook_told.py",),
    ),
    Survivor(
        54,
        "a yes to a question about suicide is an ordinary answer",
        "shared/leads/crisis.py",
        'return "crisis" in name.lower() or mentions_crisis(',
        'return "crisis" in name.lower() or bool(',
        ("test_crisis.py",),
    ),
    Survivor(
        54,
        "a mistyped phone number is that of somebody else",
        "shared/leads/phone_text.py",
        "if (corrected := _corrected(plain)) != plain:",
        "if (corrected := plain) != plain:",
        ("test_phone.py",),
    ),
)


def caught(survivor: Survivor, copy: Path) -> bool:
    """Make the change in a copy of the project and return whether its tests fail."""
    path = copy / "functions" / survivor.file
    before = path.read_text(encoding="utf-8")
    path.write_text(before.replace(survivor.old, survivor.new), encoding="utf-8")
    try:
        return not passes(survivor.tests, copy)
    finally:
        path.write_text(before, encoding="utf-8")


def passes(tests: Iterable[str], copy: Path) -> bool:
    """Run files of unit tests in a copy of the project. Return whether they all pass."""
    options = ["-x", "-q", "-n", "0", "-p", "no:cacheprovider"]
    files = [f"tests/unit/{name}" for name in tests]
    # -B: two changes of the same size within a second would share a compiled file.
    run = subprocess.run(
        [sys.executable, "-B", "-m", "pytest", *options, *files], cwd=copy, capture_output=True, check=False
    )
    if run.returncode not in {0, 1, 2}:  # 2: the tests cannot even be collected
        raise RuntimeError(run.stdout.decode())
    return run.returncode == 0


def main(numbers: set[int]) -> int:
    """Try the survivors with these numbers, or all of them. Print a table. Return 1 if one survives."""
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode()
    survived = 0
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for name in filter(None, tracked.split("\0")):
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name)
        tried = [survivor for survivor in SURVIVORS if not numbers or survivor.number in numbers]
        if not passes({name for survivor in tried for name in survivor.tests}, copy):
            sys.exit("The tests fail even without a change, so nothing can be tried. Run make unit first.")
        for survivor in tried:
            noticed = caught(survivor, copy)
            survived += not noticed
            verdict = "caught" if noticed else "SURVIVED"
            sys.stdout.write(f"{survivor.number:3}  {verdict:8}  {survivor.file}: {survivor.loss}\n")
            sys.stdout.flush()
    return 1 if survived else 0


if __name__ == "__main__":
    sys.exit(main({int(each) for each in sys.argv[1:]}))
