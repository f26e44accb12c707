"""Nobody changes what happens to another person's request: an attacker posts that person's exact answers first."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.leads.alert import SHORTLY
from shared.leads.progress import AlertState
from shared.leads.spam import REPEATED_OFTEN, SIGNALS, Evidence, Reason, Verdict, screen
from submit.new_lead import new_lead
from submit.receive import SubmissionIdInUseError, receive
from submit.request import parse_request
from tests.unit.fakes import MemoryLeads
from tests.unit.people import CLINIC, ENGLISH, IDS, NOW, form, forms
from tests.unit.world import World

TOKEN: Final = "cf-turnstile-response"
KNOWN_ID: Final = "made-up-submission-0001"  # also to the attacker
JUST_NOW: Final = str(int(NOW.timestamp() * 1000))

# Everything that the spam screen reads outside the content, with a value that an attacker sends.
POISON: Final[dict[str, dict[str, object]]] = {
    "the trap": {"leave_empty": "x"},
    "too fast": {"rendered_at": JUST_NOW},
    "the trap and too fast": {"leave_empty": "x", "rendered_at": JUST_NOW},
    "a made-up token": {TOKEN: "made-up"},
    "no token": {TOKEN: None},
}
PERSON: Final[dict[str, object]] = form(**{TOKEN: "the-persons-own-token"})


class PoisonedWorld(World):
    """A world in which each request is alerted, or not, before the next one arrives."""

    def post(self, fields: dict[str, object]) -> str:
        """Let somebody post a form and its sender run. Return the lead's id. It may be an earlier one's."""
        self.run(self.submit({name: value for name, value in fields.items() if value is not None}))
        assert not self.mistakes
        lead = new_lead(parse_request(fields, CLINIC, ENGLISH), self.clock(), CLINIC, IDS)
        self.run(self.notify([lead.id]))
        return lead.id

    def is_alerted(self, lead_id: str) -> bool:
        """Whether all of staff have an email about the lead once a second request has waited its ten minutes.

        If another one before it was alerted meanwhile, it waits again, but never longer than that.
        """
        latest = self.clock() + SHORTLY
        while (due_at := self.progress_of(lead_id).due_at) and self.progress_of(lead_id).told_at is None:
            assert due_at <= latest
            self.wait(due_at - self.clock())
            self.run(self.follow_up())
        told = {mail.to for mail in self.cloud.emails if mail.lead_id == lead_id}
        return self.progress_of(lead_id).state is AlertState.ACCEPTED and len(told) == len(self.team.staff)


@contextmanager
def a_world() -> Iterator[PoisonedWorld]:
    world = PoisonedWorld()
    try:
        yield world
    finally:
        world.close()


def but(fields: dict[str, object], **changes: object) -> dict[str, object]:
    return {name: value for name, value in (fields | changes).items() if value is not None}


# ---- one copy


@pytest.mark.parametrize("submission_id", [None, KNOWN_ID])
@pytest.mark.parametrize("poison", POISON.values(), ids=POISON)
def test_a_persons_request_never_joins_a_poisoned_copy(poison: dict[str, object], submission_id: str | None) -> None:
    table = MemoryLeads()
    own = but(PERSON, submission_id=submission_id)
    copy = receive(but(own, **poison), table, CLINIC, IDS, NOW, text=ENGLISH)
    mine = receive(own, table, CLINIC, IDS, NOW + timedelta(minutes=1), text=ENGLISH)
    assert mine.reference != copy.reference
    assert len(table.leads) == 2
    # A retry, a double click or a reload still finds its own item.
    assert receive(own, table, CLINIC, IDS, NOW + timedelta(minutes=2), text=ENGLISH) == mine
    assert len(table.leads) == 2


def test_another_content_under_a_known_submission_id_is_a_conflict_and_not_a_repeat() -> None:
    table = MemoryLeads()
    receive(but(PERSON, message="Something else."), table, CLINIC, IDS, NOW, text=ENGLISH)
    with pytest.raises(SubmissionIdInUseError):  # form.js then sends it again with a new id
        receive(PERSON, table, CLINIC, IDS, NOW, text=ENGLISH)


@pytest.mark.parametrize("submission_id", [None, KNOWN_ID])
def test_a_person_is_alerted_although_a_copy_of_their_answers_is_in_quarantine(submission_id: str | None) -> None:
    with a_world() as world:
        own = but(PERSON, submission_id=submission_id)
        copy = world.post(but(own, **POISON["the trap and too fast"]))
        assert world.progress_of(copy).state is AlertState.QUARANTINED
        mine = world.post(own)
        assert world.progress_of(mine).state is AlertState.ACCEPTED  # at once
        assert world.is_alerted(mine)
        assert world.progress_of(copy).state is AlertState.QUARANTINED


def test_a_copy_that_comes_later_changes_nothing() -> None:
    with a_world() as world:
        mine = world.post(PERSON)
        before = dict(world.leads[mine])
        world.post(but(PERSON, **POISON["the trap and too fast"]))
        world.post(PERSON)
        assert world.leads[mine] == before


_poison = st.fixed_dictionaries(
    {},
    optional={
        "leave_empty": st.sampled_from(["x", "https://spam.example"]),
        "rendered_at": st.one_of(st.none(), st.integers(10**12, 10**13 - 1).map(str)),
        TOKEN: st.one_of(st.none(), st.from_regex(r"[A-Za-z0-9._-]{1,20}", fullmatch=True)),
    },
)


@given(fields=forms, poison=_poison, keeps_id=st.booleans(), later=st.timedeltas(timedelta(), timedelta(hours=8)))
def test_only_copies_that_the_screen_weighs_the_same_share_an_id(
    fields: dict[str, object],
    poison: dict[str, object],
    keeps_id: bool,  # noqa: FBT001 - hypothesis
    later: timedelta,
) -> None:
    own = parse_request(fields, CLINIC, ENGLISH)
    sent = but(fields, **poison) if keeps_id else but(fields, submission_id=None, **poison)
    copied = parse_request(sent, CLINIC, ENGLISH)
    mine, copy = (new_lead(request, NOW, CLINIC, IDS) for request in (own, copied))
    same = (own.leave_empty, own.rendered_at, own.turnstile_token) == (
        *(copied.leave_empty, copied.rendered_at, copied.turnstile_token),
    )
    assert copy.fingerprint == mine.fingerprint
    assert (copy.id == mine.id) is (same and own.submission_id == copied.submission_id)
    if copy.id == mine.id:
        verdicts = [screen(Evidence(lead=each, repeats=0, turnstile=Verdict.NOT_ASKED)) for each in (mine, copy)]
        assert verdicts[0] == verdicts[1]
    again = new_lead(parse_request(dict(fields), CLINIC, ENGLISH), NOW + later, CLINIC, IDS)  # still the same UTC day
    assert (again.id, again.fingerprint) == (mine.id, mine.fingerprint)


def test_every_sign_of_spam_is_in_the_content_in_the_id_or_in_the_count_of_repeats() -> None:
    in_the_content = {
        *(Reason.MOSTLY_LINKS, Reason.MANY_LINKS, Reason.LINK_IN_NAME),
        *(Reason.DISPOSABLE_ADDRESS, Reason.UNDELIVERABLE_ADDRESS),
    }
    in_the_id = {
        *(Reason.TRAP_FILLED, Reason.TOO_FAST),
        *(Reason.TURNSTILE_FAILED, Reason.TURNSTILE_MISSING, Reason.TURNSTILE_UNVERIFIED),
    }
    counted = {Reason.REPEATED, Reason.REPEATED_OFTEN}
    found = {signal.reason for signal in SIGNALS}
    assert found == in_the_content | in_the_id | counted, (
        "Anybody can send a person's content first. Make a new sign part of `Signs` in "
        "functions/shared/leads/identity.py if it is not in the content, then add it here."
    )


# ---- many copies


@pytest.mark.parametrize("poison", [POISON["the trap"], POISON["the trap and too fast"]], ids=["trap", "trap, fast"])
@pytest.mark.parametrize("pause", [timedelta(), timedelta(minutes=11)], ids=["at once", "all day"])
def test_a_person_is_alerted_after_eleven_copies_with_the_trap_filled_in(
    poison: dict[str, object], pause: timedelta
) -> None:
    with a_world() as world:
        copies = []
        for number in range(REPEATED_OFTEN + 1):
            copies.append(world.post(but(PERSON, submission_id=f"attacker-{number:012}", **poison)))
            world.wait(pause)
            world.run(world.follow_up())
        mine = world.post(PERSON)
        assert mine not in copies
        assert world.is_alerted(mine)
        assert "spam" not in next(mail.text for mail in world.cloud.emails if mail.lead_id == mine).lower()


def test_copies_that_staff_were_not_alerted_about_do_not_count() -> None:
    with a_world() as world:
        world.cloud.refusing = {"": "TooManyRequestsException"}  # SES accepts nothing
        for number in range(REPEATED_OFTEN + 1):
            world.post(but(PERSON, submission_id=f"attacker-{number:012}"))
        assert not [key for key in world.cloud.items if key[0].startswith("REPEATS#")]
        world.cloud.refusing = {}
        mine = world.post(PERSON)
        assert world.progress_of(mine).state is not AlertState.QUARANTINED
        assert world.is_alerted(mine)


def test_a_person_is_alerted_after_eleven_alerted_copies_and_staff_see_how_many_came() -> None:
    with a_world() as world:
        for number in range(REPEATED_OFTEN + 1):
            assert world.is_alerted(world.post(but(PERSON, submission_id=f"attacker-{number:012}")))
            world.wait(SHORTLY)
        mine = world.post(PERSON)
        assert world.is_alerted(mine)
        assert "many times today" in next(mail.text for mail in world.cloud.emails if mail.lead_id == mine)


_attacks = st.lists(
    st.tuples(
        st.sampled_from([KNOWN_ID, None, "attacker-0000000001", "attacker-0000000002"]),
        st.sampled_from([POISON["the trap"], POISON["the trap and too fast"], {"leave_empty": "x", TOKEN: "made-up"}]),
        st.sampled_from([timedelta(), timedelta(minutes=4), timedelta(minutes=11)]),
    ),
    max_size=6,
)


@given(before=_attacks, after=_attacks, submission_id=st.sampled_from([KNOWN_ID, None]))
@settings(max_examples=20)
def test_a_person_is_alerted_whatever_comes_before_and_after_with_the_trap(
    before: list[Any], after: list[Any], submission_id: str | None
) -> None:
    with a_world() as world:
        own = but(PERSON, submission_id=submission_id)

        def attack(posts: list[Any]) -> None:
            for with_id, poison, pause in posts:
                world.post(but(PERSON, submission_id=with_id, **poison))
                world.wait(pause)
                world.run(world.follow_up())

        attack(before)
        mine = world.post(own)
        posted_at = world.clock()
        attack(after)
        assert world.is_alerted(mine)
        told_at = world.progress_of(mine).told_at
        assert told_at
        # Where the attacker lets more time pass, only our own steps of time delay it.
        assert told_at - posted_at <= SHORTLY + timedelta(minutes=11)


def test_the_trap_alone_is_alerted_and_says_so() -> None:
    with a_world() as world:
        mine = world.post(but(PERSON, leave_empty="filled in by a program", rendered_at=None))
        assert world.is_alerted(mine)
        assert "POSSIBLE SPAM\n- A field that people cannot see was filled in" in world.cloud.emails[0].text
