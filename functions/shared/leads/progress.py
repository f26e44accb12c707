"""The follow-up state of a lead: what is stored about it, and the transitions between its alert states."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from shared.leads.clinic import Clinic
from shared.leads.event import Event
from shared.leads.lead import CONSENT_KINDS, CONTACT, Lead, Priority
from shared.leads.notice import Notice
from shared.leads.response import CLOSES, ClaimAction, ClosedAs, Outcome, ResponseState
from shared.leads.spam import Reason
from shared.leads.team import Team


class AlertState(StrEnum):
    """The state of the emails to staff. Each state shows up in the digest, in an alarm or on the agenda."""

    PENDING = "pending"
    SENDING = "sending"
    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    BOUNCED = "bounced"  # a recipient does not exist or is suppressed; the fallback recipients are next
    COMPLAINED = "complained"  # a recipient reported spam; the fallback recipients are next
    REJECTED = "rejected"  # SES rejected the content; the email is sent again with the reference only
    UNDELIVERABLE = "undeliverable"  # no one could be told; operators get an alarm and run `make redrive`
    QUARANTINED = "quarantined"  # looks like spam; no alert until an operator releases it


class AlertEvent(StrEnum):
    """What can happen to the emails to staff."""

    LEASED = "leased"  # a sender got the lease
    ACCEPTED = "accepted"  # SES accepted it for everyone who must get it
    DEFERRED = "deferred"  # someone still has to get it
    EXHAUSTED = "exhausted"  # no one has it, and no recipient is left to try
    QUARANTINED = "quarantined"  # the spam screen (shared/leads/spam.py) quarantined the lead
    DELIVERED = "delivered"  # SES's reports
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    REJECTED = "rejected"
    CLAIMED = "claimed"  # a recipient used a link
    REARMED = "rearmed"  # an operator resent or released it


_S, _E = AlertState, AlertEvent
# States in which a sender may lease a lead that is due. After the alert, reminders and escalations become due.
LEASABLE = (_S.PENDING, _S.SENDING, _S.ACCEPTED, _S.DELIVERED, _S.BOUNCED, _S.COMPLAINED, _S.REJECTED)
_SENT = (_S.ACCEPTED, _S.DELIVERED, _S.BOUNCED, _S.COMPLAINED, _S.REJECTED)
TRANSITIONS: dict[tuple[AlertState, AlertEvent], AlertState] = {
    # From SENDING: the lease expired because its sender crashed. SES may have accepted its emails, so staff may get
    # them twice.
    **{(state, _E.LEASED): _S.SENDING for state in LEASABLE},
    (_S.SENDING, _E.ACCEPTED): _S.ACCEPTED,
    (_S.SENDING, _E.DEFERRED): _S.PENDING,
    (_S.SENDING, _E.EXHAUSTED): _S.UNDELIVERABLE,
    (_S.SENDING, _E.QUARANTINED): _S.QUARANTINED,
    # Reports may be late, repeated or out of order. One that is not in this table does not change the state.
    **{(state, _E.BOUNCED): _S.BOUNCED for state in _SENT},
    **{(state, _E.COMPLAINED): _S.COMPLAINED for state in _SENT},
    **{(state, _E.REJECTED): _S.REJECTED for state in _SENT},
    **{(state, _E.EXHAUSTED): _S.UNDELIVERABLE for state in (_S.PENDING, *_SENT)},
    (_S.ACCEPTED, _E.DELIVERED): _S.DELIVERED,
    (_S.UNDELIVERABLE, _E.DELIVERED): _S.DELIVERED,
    # SES accepted the email although its response was lost.
    (_S.PENDING, _E.ACCEPTED): _S.ACCEPTED,
    # A recipient who uses a link has the email, whatever SES reported.
    **{(state, _E.CLAIMED): _S.DELIVERED for state in (_S.PENDING, *_SENT, _S.UNDELIVERABLE)},
    (_S.UNDELIVERABLE, _E.REARMED): _S.PENDING,
    (_S.QUARANTINED, _E.REARMED): _S.PENDING,
    # Staff found the lead in the digest, and it is no spam.
    (_S.QUARANTINED, _E.CLAIMED): _S.DELIVERED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Follow-up state of a lead. Sets contain email names (notice.py), so the order of reports does not matter."""

    state: AlertState = AlertState.PENDING
    notice: Notice = Notice.ALERT  # the email that is due next or being sent
    attempts: int = 0  # attempts started in total
    tries: int = 0  # attempts started for `notice`
    refusals: int = 0  # refusals by SES in total
    accepted: frozenset[str] = frozenset()  # emails that SES accepted
    told: frozenset[str] = frozenset()  # recipients of emails that SES accepted in earlier rounds
    delivered: frozenset[str] = frozenset()  # copies (notice.py) that were delivered, and not rejected later
    refused: frozenset[str] = frozenset()  # emails that SES refused for their recipient
    bounced: frozenset[str] = frozenset()  # emails that bounced or whose recipient complained
    doubted: frozenset[str] = frozenset()  # copies that came back, perhaps after they arrived: SES does not know
    rejected: frozenset[str] = frozenset()  # copies whose content was rejected, by SES or by the recipient's server
    plain_after: int = 0  # attempts after this number must not show visitor text; 0 means no limit
    redriven: int = 0  # number of attempts at the last redrive or release
    # The last copy of each email that failed before a redrive or release, or before its recipient used a link. Later
    # reports on those attempts are ignored.
    forgiven: frozenset[str] = frozenset()
    told_at: datetime | None = None  # when SES first accepted an email; starts the first-response clock
    response: ResponseState = ResponseState.OPEN
    claimed_by: str | None = None  # the owner: who claimed it, tried the person or closed it last, or was given it
    owner_address: str | None = None  # the owner's own email address, if they are not a recipient
    claimed_at: datetime | None = None  # when it was first claimed
    handed_over_at: datetime | None = None  # when a colleague gave it to the owner, who has done nothing about it since
    owner_told: bool = False  # whether the owner got an email about that in an earlier round
    action: ClaimAction | None = None  # what staff did last, when, and who did it
    acted_at: datetime | None = None
    acted_by: str | None = None
    acted_by_address: str | None = None  # their own email address, if they are not a recipient
    # Colleagues who lost the lead to somebody else, or had it when somebody else closed it, and have to hear of that:
    # each id with the address, after a space, if they are not a recipient.
    former_owners: frozenset[str] = frozenset()
    others_hear: bool = False  # whether the other recipients are told about that action
    tried: int = 0  # how often staff tried to reach the person without an answer
    tried_at: datetime | None = None  # when they last tried
    call_again_at: datetime | None = None
    follow_up_at: datetime | None = None  # when the owner is reminded, if somebody at the desk chose a time
    outcome: Outcome | None = None  # what came of a closed lead, if it is known
    outcome_reason: str | None = None  # what staff wrote about that; never in an email or a log
    closed_at: datetime | None = None  # leads that were closed before version 0.7.0 may lack it
    not_wanted_at: datetime | None = None  # when the person asked for no contact; no later action ends that
    withdrawn: frozenset[str] = frozenset()  # kinds of consents that the person withdrew (consent.py)
    withdrawn_at: datetime | None = None  # when somebody at the desk recorded the last of them, and who did
    withdrawn_by: str | None = None
    held_at: datetime | None = None  # since when a legal hold keeps the lead, and who put it there
    held_by: str | None = None
    hold_reason: str | None = None  # what staff wrote about that; never in an email or a log
    kept_until: datetime | None = None  # the lead does not end before this, because staff just worked on it
    person_keys: frozenset[str] = frozenset()  # digests of the person's address and number (shared/store/people.py)
    rounds: int = 0  # how often everyone was reminded again since staff did something
    round_after: int = 0  # the number of attempts when this round began; later emails belong to it
    again_at: datetime | None = None  # when this round is due
    links_used: frozenset[str] = frozenset()  # the presses that counted, of links and at the desk
    noted: str | None = None  # the press and the digest of the last note, so pressing twice writes one
    noted_at: datetime | None = None  # when that was
    synthetic: bool = False  # the canary's; its one email goes to a simulator, and no one claims it
    due_at: datetime | None = None  # when to look again; None once nothing is due
    overdue_since: datetime | None = None  # when `notice` first became due, before any retries
    in_summary: bool = False  # whether the due email is over the budget, so the next summary lists the lead
    lease: str | None = None  # the token of the sender that has the lease
    reasons: tuple[Reason, ...] | None = None  # results of the spam screen; None until it has run
    score: int | None = None
    quarantined_at: datetime | None = None  # None again after release
    confirmed_at: datetime | None = None  # when the visitor's confirmation was started
    version: int = 0  # number of writes, for optimistic locking
    # What just happened, for consequences.py. It is not stored, and not compared.
    event: Event | None = field(default=None, compare=False)

    @property
    def shows_reference_only(self) -> bool:
        """Whether emails must leave out everything the visitor wrote, because SES rejected it."""
        return self.plain_after > 0

    @property
    def presses(self) -> int:
        """The number of presses that counted. A page sends how many it knew of."""
        return len(self.links_used)

    @property
    def no_contact_since(self) -> datetime | None:
        """When the person asked for no contact. Versions before 0.7.0 only stored the action."""
        return self.not_wanted_at or (self.acted_at if self.action is ClaimAction.NOT_WANTED else None)

    @property
    def held(self) -> bool:
        """Whether a legal hold keeps the lead."""
        return self.held_at is not None

    @property
    def all_withdrawn(self) -> frozenset[str]:
        """The kinds of consents that do not count anymore. Somebody who wants no contact withdrew all of them."""
        return CONSENT_KINDS if self.no_contact_since or CONTACT in self.withdrawn else self.withdrawn

    @property
    def in_quarantine(self) -> bool:
        """Whether the lead waits in quarantine. A closed one does not, even if nobody released it."""
        return self.state is AlertState.QUARANTINED and self.response is not ResponseState.CLOSED

    @property
    def closed_as(self) -> ClosedAs | None:
        """Why the lead is closed, or None if it is not."""
        if self.response is not ResponseState.CLOSED:
            return None
        return CLOSES.get(self.action, ClosedAs.REACHED) if self.action else ClosedAs.REACHED


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredLead:
    """A lead as stored: the request and its follow-up state. The lead knows which consents were withdrawn."""

    lead: Lead
    progress: Progress

    def __post_init__(self) -> None:
        if self.lead.withdrawn != self.progress.all_withdrawn:
            object.__setattr__(self, "lead", replace(self.lead, withdrawn=self.progress.all_withdrawn))


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A lead and the rules for its follow-up."""

    lead: Lead
    clinic: Clinic
    team: Team

    @property
    def urgent(self) -> bool:
        """Whether deadlines ignore opening hours."""
        return self.lead.priority is not Priority.NORMAL

    def later(self, moment: datetime, minutes: float, urgent_minutes: float) -> datetime:
        """Return when the minutes have passed since `moment`. Only opening hours count, except for an urgent lead."""
        if self.urgent:
            return moment + timedelta(minutes=urgent_minutes)
        return self.clinic.hours.open_after(moment, minutes)


def names_of(progress: Progress, recipients: Mapping[str, str]) -> Mapping[str, str]:
    """Return the addresses of `recipients`, the owner of a lead and the person who acted on it last, by their ids."""
    own = ((progress.claimed_by, progress.owner_address), (progress.acted_by, progress.acted_by_address))
    return {**{id_: address for id_, address in own if id_ and address}, **recipients}


def former_owner(id_: str, address: str | None) -> str:
    """Return one of `Progress.former_owners`."""
    return f"{id_} {address}" if address else id_


def former_owners(progress: Progress) -> Mapping[str, str | None]:
    """Return the former owners who have to hear of the last action: each id with their own address, if any."""
    parts = (each.partition(" ") for each in sorted(progress.former_owners))
    return {id_: address or None for id_, _, address in parts}


def moved(progress: Progress, event: AlertEvent) -> Progress:
    """Return `progress` in the state after `event`, or in the same state if TRANSITIONS has no entry for it."""
    return replace(progress, state=TRANSITIONS.get((progress.state, event), progress.state))
