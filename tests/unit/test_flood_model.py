"""tools.bench.flood: the limits make a flood cheaper, and its constants and the docs are current."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.leads.clinic import EmailLimits
from tests.architecture.templates import ROOT, read_templates
from tests.unit.test_cost_model import FIGURES
from tools.bench import flood
from tools.bench.cost import FIREWALL_RULES, THROTTLE_RATE, Figures, total
from tools.bench.flood import day, floods, section

DOCS = ROOT / "docs" / "performance" / "README.md"


def test_the_firewall_says_the_same() -> None:
    rules = read_templates().files["infra/firewall.yaml"]["Resources"]["Firewall"]["Properties"]["Rules"]
    assert rules[0]["Statement"]["RateBasedStatement"]["Limit"] == flood.WAF_LIMIT, "correct tools/bench/flood.py"
    assert len(rules) == FIREWALL_RULES, "correct tools/bench/cost.py"


@given(figures=FIGURES)
def test_the_limits_make_a_flood_cheaper_and_the_firewall_more_so(figures: Figures) -> None:
    before, unlimited, many, one = (total(day(figures, each)) for each in floods(figures))
    assert one < min(before, many)
    assert max(before, many) < unlimited


@given(figures=FIGURES)
def test_nothing_pays_back_and_all_bills_have_the_same_components(figures: Figures) -> None:
    bills = [day(figures, each) for each in floods(figures)]
    assert len({tuple(row.component for row in bill) for bill in bills}) == 1
    assert all(row.dollars >= 0 for bill in bills for row in bill)


@given(figures=FIGURES, more=st.integers(1, 5))
def test_staff_get_at_most_the_budget_and_the_summaries(figures: Figures, more: int) -> None:
    _, unlimited, many, one = floods(replace(figures, mailboxes=more))
    budget = more * 24 * (EmailLimits().max_alerts_per_hour + 60 / flood.SUMMARY_MINUTES)
    assert one.emails <= many.emails <= budget < unlimited.emails


def test_a_flood_before_is_what_the_throttle_lets_through_in_a_day() -> None:
    before, *_ = floods(Figures())
    assert before.stored == THROTTLE_RATE * 86_400
    assert before.emails == 50_000
    # Seven units for the post, eleven for an attempt and three beside it, at 0.625 dollars a million.
    rows = {row.component: row.dollars for row in day(Figures(), replace(before, retried=0, emails=0))}
    assert rows["DynamoDB writes"] == pytest.approx(864_000 * 21 * 0.625 / 1e6)


def test_the_docs_have_the_section_as_it_is_computed() -> None:
    assert section(Figures()) in DOCS.read_text("utf-8"), (
        "docs/performance/README.md is out of date: run `make bench` and commit the result"
    )
