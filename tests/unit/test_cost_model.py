"""The cost model: sums, shares and limits hold for any figures. Its constants match the template and the code."""

import re
from dataclasses import replace
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from follow_up.sweep import LONGEST_READ_SECONDS
from shared.leads.agenda import SHARDS, Lane
from shared.leads.notice import INFORMATION, Notice, email_name
from shared.leads.plan import remaining
from shared.leads.progress import Progress
from shared.leads.team import Team
from shared.messages.send import LONGEST_ALERT_SECONDS
from shared.runtime import together
from tests.architecture.templates import ROOT, load
from tests.unit.dynamodb import indexes
from tools.bench import cost, prices
from tools.bench.cost import Figures, bill, concurrency, limits, mail_share, standing, table, total

# Staff claim each request in time and reach each person with the first call.
ATTENDED: dict[str, Any] = dict.fromkeys(("reminded", "escalated", "called_again", "forgotten", "not_reached"), 0)

SHARE: Final = st.floats(0, 1)
FIGURES: Final = st.builds(
    Figures,
    mailboxes=st.integers(1, 20),
    fallbacks=st.integers(0, 5),
    tell_others=st.booleans(),
    confirmed=SHARE,
    reminded=SHARE,
    escalated=SHARE,
    reached=SHARE,
    called_again=SHARE,
    item_bytes=st.integers(300, 60_000),
    alert_seconds=st.floats(0.05, 10),
)
REQUESTS: Final = st.floats(1, 1e9)
TEMPLATE: Final = load((ROOT / "template.yaml").read_text("utf-8"))


# --- bills ------------------------------------------------------------------------------------------------------------


@given(figures=FIGURES, requests=REQUESTS)
def test_no_component_pays_back_and_the_dearest_comes_first(figures: Figures, requests: float) -> None:
    for rows in (bill(figures, requests), standing(figures)):
        dollars = [row.dollars for row in rows]
        assert min(dollars) >= 0
        assert dollars == sorted(dollars, reverse=True)
        assert len({row.component for row in rows}) == len(rows)


@given(figures=FIGURES, requests=REQUESTS, more=st.floats(1, 1000))
def test_more_requests_cost_more_and_each_of_them_no_more(figures: Figures, requests: float, more: float) -> None:
    few, many = total(bill(figures, requests)), total(bill(figures, requests * more))
    assert few <= many * (1 + 1e-9)
    assert many <= few * more * (1 + 1e-9)


@given(figures=FIGURES, requests=REQUESTS)
def test_the_rows_of_email_add_up_to_the_price_of_all_emails(figures: Figures, requests: float) -> None:
    rows = bill(figures, requests)
    mails = sum(row.dollars for row in rows if row.component.startswith("email"))
    assert mails == pytest.approx(0.0001 * requests * sum(figures.emails.values()))
    assert mail_share(rows) == pytest.approx(mails / total(rows))


@given(figures=FIGURES)
def test_twice_the_recipients_are_about_twice_the_emails(figures: Figures) -> None:
    figures = replace(figures, fallbacks=0, escalated=0, confirmed=0, forgotten=0)
    once = sum(figures.emails.values())
    twice = sum(replace(figures, mailboxes=2 * figures.mailboxes).emails.values())
    told = figures.tell_others * (figures.reached + 2 * figures.called_again)
    assert twice == pytest.approx(2 * once + told)  # the owner gets no email that only informs


@given(figures=FIGURES)
def test_disabled_options_cost_nothing(figures: Figures) -> None:
    off = replace(figures, tell_others=False, confirmed=0, **ATTENDED)
    assert {kind for kind, each in off.emails.items() if each} == {"alert"}
    assert off.sweeps == 0
    assert total(bill(off, 1e6)) <= total(bill(figures, 1e6))


@given(figures=FIGURES, other=FIGURES, requests=REQUESTS)
def test_the_more_is_asked_the_more_it_costs(figures: Figures, other: Figures, requests: float) -> None:
    # Fallback recipients are left out: with one, escalations no longer go to all alert recipients, so costs may fall.
    names = ("mailboxes", "tell_others", "confirmed", "reminded", "reached", "called_again", "item_bytes")
    highest = {name: max(getattr(figures, name), getattr(other, name)) for name in names}
    assert total(bill(figures, requests)) <= total(bill(replace(figures, **highest), requests)) * (1 + 1e-9)


def test_alerts_to_two_recipients_cost_two_hundred_dollars_a_million() -> None:
    rows = {row.component: row.dollars for row in bill(Figures(), 1e6)}
    assert rows["email: alert"] == pytest.approx(200)
    assert rows["email: confirmation"] == 0


def test_a_pause_is_certain_where_nothing_comes_and_never_where_much_does() -> None:
    assert cost.after_pause(0, 10) == 1
    assert cost.after_pause(100, 10) == pytest.approx(0)


def test_init_is_billed_only_after_a_pause() -> None:
    assert Figures().submit.gb_seconds(1, 1) == pytest.approx(Figures().submit.cold_ms / 2000)
    assert Figures().submit.gb_seconds(1, 0) == pytest.approx(Figures().submit.warm_ms / 2000)


# --- the emails are those that the system sends --------------------------------------------------------------------


def test_each_kind_of_email_is_priced() -> None:
    kinds = {notice.value.replace("_", " ") for notice in Notice}
    assert set(Figures().emails) == kinds | {"confirmation"} == set(cost.FEWER)


def ids(name: str, count: int) -> tuple[str, ...]:
    return tuple(f"{name}-{position}" for position in range(1, count + 1))


@pytest.mark.parametrize("fallbacks", [0, 1, 2])
@pytest.mark.parametrize("mailboxes", [1, 2, 5])
def test_each_email_is_priced_for_as_many_recipients_as_it_has(mailboxes: int, fallbacks: int) -> None:
    team = Team(staff=ids("staff", mailboxes), fallback=ids("fallback", fallbacks), tell_others=True)
    told = frozenset(email_name(Notice.ALERT, box) for box in team.staff)
    progress = Progress(accepted=told, claimed_by=team.staff[0], others_hear=True)
    always = Figures(mailboxes=mailboxes, fallbacks=fallbacks, reminded=1, escalated=1, reached=1, called_again=1)
    assert {notice.replace("_", " ") for notice in INFORMATION} == cost.INFORMATION
    for notice in (Notice.ALERT, Notice.REMINDER, Notice.ESCALATION, Notice.CALL_AGAIN):
        before = Progress() if notice is Notice.ALERT else progress
        assert always.emails[notice.value.replace("_", " ")] == len(remaining(before, notice, team))
    assert replace(always, escalated=0).emails["claimed"] == len(remaining(progress, Notice.CLAIMED, team))


# --- writes -----------------------------------------------------------------------------------------------------------


def test_the_writes_that_are_listed_are_those_that_are_priced() -> None:
    straight = Figures(mailboxes=2, reached=1, confirmed=0, **ATTENDED)
    listed = {kind: sum(writes.values()) for kind, writes in cost.WRITES_OF_A_REQUEST.items()}
    assert straight.units == listed, "correct WRITES_OF_A_REQUEST or Figures.units in tools/bench/cost.py"
    assert cost.UNITS_OF_A_REQUEST == sum(straight.units.values()) <= 65


@given(figures=FIGURES)
def test_only_deliveries_of_claimed_emails_are_not_reported(figures: Figures) -> None:
    assert replace(figures, tell_others=False).reports == pytest.approx(figures.reports)


# --- limits -----------------------------------------------------------------------------------------------------------


@given(figures=FIGURES, rate=st.floats(0.001, 1e6))
def test_limits_come_in_the_order_in_which_they_give_way(figures: Figures, rate: float) -> None:
    found = [limit.bears for limit in limits(figures)]
    assert found == sorted(found)
    assert found[0] > 0
    assert concurrency(figures, rate) >= concurrency(figures, 0) > 0


@given(figures=FIGURES)
def test_more_recipients_bring_ses_to_its_limit_sooner(figures: Figures) -> None:
    more = replace(figures, mailboxes=figures.mailboxes + 1)
    before, after = ({limit.what: limit.bears for limit in limits(each)} for each in (figures, more))
    for name in before.keys() & after.keys():
        if name.startswith("SES"):
            assert after[name] < before[name]


def test_a_system_for_alerts_only_needs_no_sweep() -> None:
    quiet = Figures(tell_others=False, **ATTENDED)
    assert next(limit for limit in limits(quiet) if limit.what.startswith("Sweep")).bears == float("inf")
    assert "| any |" in table(quiet)


def test_the_lambdas_that_are_busy_follow_from_rate_and_time() -> None:
    slow = replace(Figures(), submit=replace(Figures().submit, warm_ms=1015))
    assert concurrency(slow, 60) - concurrency(Figures(), 60) == pytest.approx(Figures().public_calls)


# --- constants --------------------------------------------------------------------------------------------------------


def test_the_template_says_the_same() -> None:
    functions = TEMPLATE["Globals"]["Function"]
    follow_up = TEMPLATE["Resources"]["FollowUpFunction"]["Properties"]
    stream = TEMPLATE["Resources"]["NotifyFunction"]["Properties"]["Events"]["NewLeads"]
    monitoring = (ROOT / "infra" / "monitoring.yaml").read_text("utf-8")
    deployed = {
        "MEMORY_MB": functions["MemorySize"],
        "THROTTLE_RATE": TEMPLATE["Parameters"]["ThrottleRate"]["Default"],
        "SWEEP_SECONDS": follow_up["Timeout"] - LONGEST_ALERT_SECONDS - LONGEST_READ_SECONDS,
        "AT_ONCE": together.AT_ONCE,
        "BATCHES_AT_ONCE": stream["Properties"]["ParallelizationFactor"],
        "LANES": len(Lane) - 2,  # no sweep reads the webhook's two
        "INDEXES": len(indexes()),
        "SHARDS": len(SHARDS),
        # Without those of the webhook, which is optional.
        "ALARMS": len(re.findall(r"Type: AWS::CloudWatch::Alarm\n    Properties", monitoring)),
    }
    outdated = {name: value for name, value in deployed.items() if getattr(cost, name) != value}
    assert not outdated, f"tools/bench/cost.py is out of date; set {outdated}, run `make bench` and commit the result"
    assumed = "tools/bench/cost.py assumes otherwise; correct its formulas"
    assert TEMPLATE["Parameters"]["Architecture"]["Default"] == "arm64", assumed
    assert follow_up["Events"]["EveryMinute"]["Properties"]["ScheduleExpression"] == "rate(1 minute)", assumed


def test_each_price_names_its_page_at_aws() -> None:
    for price in prices.ALL:
        assert price.page.startswith("https://aws.amazon.com/")
        assert price.dollars > 0
        assert price.of(price.per) == pytest.approx(price.dollars)


# --- the text ---------------------------------------------------------------------------------------------------------


@given(figures=FIGURES)
def test_each_table_has_as_many_cells_in_each_row(figures: Figures) -> None:
    widths: list[int] = []
    for line in [*table(figures).splitlines(), ""]:
        if line.startswith("|"):
            widths.append(line.count("|"))
        elif widths:
            assert len(set(widths)) == 1
            widths = []


def test_the_shares_that_are_shown_add_up_and_no_component_is_missing() -> None:
    text = table(Figures())
    assert text.startswith("## ")
    shares = [float(share) for share in re.findall(r" ([0-9.]+)% \|$", text, re.MULTILINE)]
    assert sum(shares[: shares.index(100)]) == pytest.approx(100, abs=0.5)
    for row in (*bill(Figures(), 1e6), *standing(Figures())):
        assert not row.dollars or row.component in text


def test_requests_that_the_throttle_refuses_are_counted() -> None:
    refused = next(line for line in table(Figures()).splitlines() if "refused by the throttle" in line)
    assert refused.split("|")[2:5] == [" 0% ", " 0% ", " 97% "]


def test_what_gives_way_depends_on_the_figures() -> None:
    few, many = (table(Figures(mailboxes=count)).count("**no**") for count in (1, 20))
    assert few < many
