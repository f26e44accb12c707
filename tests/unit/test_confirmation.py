"""shared.leads.confirmation: spellings of one mailbox, the day's cap, and the pause when too many bounce."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.leads.confirmation import FEWEST_BOUNCES, HIGHEST_RATE, Tally, Withheld, mailbox, withheld

LOCALS = st.from_regex(r"[a-z0-9](\.?[a-z0-9_-]){0,12}", fullmatch=True)
TAGS = st.from_regex(r"(\+[a-z0-9.+]{0,8})?", fullmatch=True)
DOMAINS = st.sampled_from(["gmail.com", "googlemail.com", "example.com", "gmail.com.example", "mail.gmail.com"])
COUNTS = st.integers(0, 500)


def spelled(address: str, upper: list[bool]) -> str:
    return (
        "".join(sign.upper() if big else sign for sign, big in zip(address, upper, strict=False))
        + address[len(upper) :]
    )


@given(LOCALS, TAGS, DOMAINS, st.lists(st.booleans(), max_size=12))
def test_case_and_tags_never_matter_and_folding_twice_changes_nothing(
    local: str, tag: str, domain: str, upper: list[bool]
) -> None:
    plain = mailbox(f"{local}@{domain}")
    assert mailbox(spelled(f"{local}{tag}@{domain}", upper)) == plain
    assert mailbox(plain) == plain


@given(st.lists(LOCALS.map(lambda each: each.replace(".", "")), min_size=1, max_size=4), TAGS)
def test_all_spellings_of_a_gmail_address_are_one_mailbox(parts: list[str], tag: str) -> None:
    dotted, joined = ".".join(parts), "".join(parts)
    same = {
        mailbox(f"{each}@{domain}")
        for each in (dotted, joined, dotted + tag)
        for domain in ("gmail.com", "GoogleMail.com")
    }
    assert same == {f"{joined}@gmail.com"}


@given(LOCALS, st.sampled_from(["example.com", "gmail.com.example", "notgmail.com", "mail.gmail.com"]))
def test_dots_matter_everywhere_else(local: str, domain: str) -> None:
    assert mailbox(f"{local}@{domain}") == f"{local}@{domain}"


@pytest.mark.parametrize("local", ["+tag", "."])
@pytest.mark.parametrize("domain", ["example.com", "gmail.com"])
def test_a_strange_address_keeps_a_local_part(local: str, domain: str) -> None:
    assert mailbox(f"{local}@{domain}") == f"{local}@{domain}"


@given(COUNTS, COUNTS, COUNTS, st.integers(1, 500))
def test_a_confirmation_is_sent_below_the_cap_and_below_the_bounce_rate_only(
    today: int, yesterday: int, bounced: int, most: int
) -> None:
    tally = Tally(sent_today=today, sent_yesterday=yesterday, bounced=bounced)
    too_many = bounced >= FEWEST_BOUNCES and bounced >= HIGHEST_RATE * (today + yesterday)
    assert (withheld(tally, most) is Withheld.PAUSED) == tally.paused == too_many
    assert (withheld(tally, most) is None) == (not too_many and today < most)


@given(COUNTS, COUNTS, st.integers(0, 500))
def test_more_bounces_never_end_a_pause_and_more_deliveries_never_begin_one(sent: int, more: int, bounced: int) -> None:
    before = Tally(sent_today=sent, bounced=bounced).paused
    assert Tally(sent_today=sent, bounced=bounced + more).paused >= before
    assert Tally(sent_today=sent + more, bounced=bounced).paused <= before


@pytest.mark.parametrize(
    ("sent", "bounced", "paused"),
    [(2, 2, False), (3, 3, True), (60, 3, True), (61, 3, False), (200, 9, False), (200, 10, True)],
)
def test_a_few_typing_errors_stop_nothing_and_five_percent_do(sent: int, bounced: int, paused: bool) -> None:  # noqa: FBT001
    assert Tally(sent_yesterday=sent, bounced=bounced).paused is paused
