"""shared.leads.report: the numbers of a month are those that counting one request after another gives."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.leads.lead import Priority
from shared.leads.month import Month, noon
from shared.leads.progress import Progress, StoredLead
from shared.leads.report import OTHERS, UNKNOWN, Dated, Report, report
from shared.leads.report_facts import ReportRow, unpacked, without_health
from shared.leads.report_result import row_of
from shared.leads.report_row import KEPT, MONTHS_SHOWN, new_row
from shared.leads.response import ClaimAction, Outcome, ResponseState
from shared.leads.small_cells import FEWEST
from shared.store.report_index import ReportIndex
from shared.web.report_words import headline, parts
from tests.unit.dynamodb import NAME, MemoryDynamoDB
from tests.unit.people import CLINIC, NOW, a_full_lead, a_lead, but
from tests.unit.report_rows import a_request, item_of, requests

MARCH = Month(2026, 3)
ZONE = CLINIC.hours.zone
LATER = NOW + timedelta(days=40)


def report_of(*every: StoredLead, month: Month = MARCH, now: datetime = LATER) -> Report:
    rows = [Dated(each.lead.received_at, unpacked(row)) for each in every if (row := row_of(each))]
    return report(rows, month, CLINIC, now)


def asked(number: int = 0, progress: Progress | None = None, **answers: Any) -> StoredLead:  # noqa: ANN401 - any answer
    return StoredLead(lead=a_request(number, **answers), progress=progress or Progress())


def test_the_report_is_what_counting_5000_requests_by_hand_gives() -> None:
    every = list(requests(5_000))
    table = MemoryDynamoDB(strict=False)
    for each in every:
        table.put(item_of(each))
    found = report(ReportIndex(table.client, NAME, lambda: LATER).rows(MARCH, ZONE), MARCH, CLINIC, LATER)

    local = [(each, each.lead.received_at.astimezone(ZONE)) for each in every]
    of_march = [each for each, at in local if (at.year, at.month) == (2026, 3)]
    quarantined = [each for each in of_march if each.progress.in_quarantine]
    spam = [each for each in of_march if each.progress.action is ClaimAction.SPAM]
    duplicates = [each for each in of_march if each.progress.outcome is Outcome.DUPLICATE]
    counted = [each for each in of_march if each not in [*quarantined, *spam, *duplicates]]
    assert (found.in_quarantine, found.spam, found.duplicates) == (len(quarantined), len(spam), len(duplicates))
    assert found.requests == len(counted) > 1_000

    def by(name: str) -> Counter[Any]:
        return Counter(each.lead.answers.get(name) or UNKNOWN for each in counted)

    days = Counter(each.lead.received_at.astimezone(ZONE).date() for each in counted)
    assert dict(found.days) == {day: days[day] for day in MARCH.days()}
    forms = Counter(each.lead.form or "consultation" for each in counted)
    assert dict(found.forms) == forms
    for name, counts in (
        ("location", found.locations),
        ("locale", found.locales),
        ("interest", found.interests),
    ):
        assert dict(counts) == by(name), name
    sources = by("utm_source")
    rare = {name for name, count in sources.items() if count < FEWEST and name}
    assert dict(found.sources) == {
        **{name: count for name, count in sources.items() if name not in rare},
        **({OTHERS: sum(sources[name] for name in rare)} if rare else {}),
    }
    outcomes = Counter(each.progress.outcome for each in counted if each.progress.outcome)
    assert {name: found.results[name] for name in outcomes if name is not Outcome.DECLINED} == {
        name: count for name, count in outcomes.items() if name is not Outcome.DECLINED
    }
    not_wanted = sum(each.progress.action is ClaimAction.NOT_WANTED and not each.progress.outcome for each in counted)
    assert found.results[Outcome.DECLINED] == outcomes[Outcome.DECLINED] + not_wanted
    assert sum(found.results.values()) == found.requests
    assert (found.came, found.no_shows) == (outcomes[Outcome.CAME], outcomes[Outcome.NO_SHOW])
    assert found.urgent == sum(each.lead.priority is not Priority.NORMAL for each in counted)
    assert found.no_contact == sum(each.lead.no_contact for each in counted)

    for speed, urgent, minutes, target in (
        (found.normal_speed, False, CLINIC.hours.open_minutes, CLINIC.targets.escalate_after),
        (found.urgent_speed, True, lambda a, b: (b - a) / timedelta(minutes=1), CLINIC.targets.urgent_escalate_after),
    ):
        own = [each for each in counted if (each.lead.priority is not Priority.NORMAL) is urgent]
        waits = [minutes(each.lead.received_at, at) for each in own if (at := each.progress.claimed_at)]
        late = [each for each in own if not each.progress.claimed_at and minutes(each.lead.received_at, LATER) > target]
        assert (speed.received, speed.claimed, speed.median_minutes) == (len(own), len(waits), median(waits))
        assert (speed.in_time, speed.judged) == (sum(each <= target for each in waits), len(waits) + len(late))

    assert found.campaigns is not None
    by_campaign = Counter(str(each.lead.answers.get("utm_campaign") or "").replace("|", " ") for each in counted)
    assert {row.name: row.total for row in found.campaigns if row.name != OTHERS} == {
        name: count for name, count in by_campaign.items() if name in {row.name for row in found.campaigns}
    }
    assert sum(row.total for row in found.campaigns) == found.requests
    assert all(count >= FEWEST for row in found.campaigns for count in row.cells.values())


def test_a_request_belongs_to_the_month_of_the_clinic() -> None:
    # In New York, March ends four hours after it ends in UTC.
    last = datetime(2026, 4, 1, 3, 59, 59, 999000, tzinfo=UTC)
    first = datetime(2026, 3, 1, 5, 0, tzinfo=UTC)
    every = [
        asked(1, received_at=last),
        asked(2, received_at=last + timedelta(milliseconds=1)),
        asked(3, received_at=first),
        asked(4, received_at=first - timedelta(milliseconds=1)),
    ]
    table = MemoryDynamoDB()
    for each in every:
        table.put(item_of(each))
    index = ReportIndex(table.client, NAME, lambda: LATER)
    of_march = report(index.rows(MARCH, ZONE), MARCH, CLINIC, LATER)
    assert [count for _, count in of_march.days if count] == [1, 1]
    assert (of_march.days[0][1], of_march.days[-1][1]) == (1, 1)
    listed = {each.lead_id for each in index.listed(MARCH, ZONE)}
    assert {every[0].lead.id, every[2].lead.id} <= listed
    for month in (MARCH.before(), MARCH.before(-1)):
        assert report(index.rows(month, ZONE), month, CLINIC, LATER).requests == 1


def test_an_empty_month_has_a_report() -> None:
    found = report_of()
    assert (found.requests, found.campaigns, found.normal_speed.received) == (0, None, 0)
    assert headline(found) == "0 requests in March 2026"
    assert {part.title for part in parts(found, CLINIC)} >= {"Requests", "First response"}


def test_spam_and_duplicates_are_counted_apart_and_nowhere_else() -> None:
    closed: dict[str, Any] = {"response": ResponseState.CLOSED, "claimed_at": NOW}
    found = report_of(
        asked(1, Progress(action=ClaimAction.SPAM, **closed)),
        asked(2, Progress(action=ClaimAction.DUPLICATE, outcome=Outcome.DUPLICATE, **closed)),
        asked(3, Progress(action=ClaimAction.REACHED, outcome=Outcome.CAME, **closed)),
    )
    assert (found.requests, found.spam, found.duplicates) == (1, 1, 1)
    assert found.results == {Outcome.CAME: 1}
    assert found.normal_speed.received == 1
    (requested, *_) = parts(found, CLINIC)
    assert requested.sentences == (
        "Not in these numbers: 0 waiting in quarantine, 1 closed as spam, 1 closed as a duplicate.",
    )


def test_the_canarys_requests_are_in_no_number() -> None:
    assert row_of(asked(progress=Progress(synthetic=True))) is None


@given(st.lists(st.sampled_from(["robin@example.com", "newsletter", "spring", "x"]), max_size=40))
def test_a_value_of_a_link_is_shown_only_if_several_requests_have_it(values: list[str]) -> None:
    every = [asked(n, utm_source=value, utm_campaign=value) for n, value in enumerate(values)]
    found = report_of(*every)
    shown = {name for name, _ in found.sources} | {row.name for row in found.campaigns or ()}
    assert all(Counter(values)[name] >= FEWEST for name in shown - {OTHERS, UNKNOWN})


@settings(max_examples=30)
@given(st.integers(1, 60), st.integers(0, 1000))
def test_every_number_that_is_shown_of_campaigns_is_large(count: int, seed: int) -> None:
    found = report_of(*requests(count, seed, days=20))
    for row in found.campaigns or ():
        assert row.total >= FEWEST
        assert all(number >= FEWEST for number in row.cells.values())
        assert row.others == 0 or row.others >= FEWEST


def test_a_row_has_nothing_of_the_person() -> None:
    lead = a_full_lead()
    shown = {"utm_source", "utm_campaign", "location", "locale", "interest", "form"}
    row = new_row(lead, urgent=False)
    assert row == row_of(StoredLead(lead=lead, progress=Progress()))
    for name, answer in lead.answers.items():
        if name not in shown and isinstance(answer, str) and len(answer) > 3:
            assert answer not in row, name
    assert lead.reference not in row


@pytest.mark.parametrize("text", ["", "a|b", "|" * 30])
def test_a_row_of_another_version_is_read_all_the_same(text: str) -> None:
    assert isinstance(unpacked(text), ReportRow)


def test_a_sign_that_separates_facts_cannot_move_them() -> None:
    lead = but(a_lead(), utm_source="a|b|c", utm_campaign="|", location="downtown")
    facts = unpacked(new_row(lead, urgent=True))
    assert (facts.source, facts.campaign, facts.location, facts.urgent) == ("a b c", " ", "downtown", "y")


def test_the_rows_of_all_months_that_the_desk_shows_are_kept() -> None:
    this = Month.of(NOW, ZONE)
    for number in range(24):
        now = this.before(-number).ends(ZONE)
        oldest = Month.of(now - timedelta(seconds=1), ZONE).before(MONTHS_SHOWN - 1).starts(ZONE)
        assert now - oldest < KEPT


def kept(stored: StoredLead) -> Dated:
    row = row_of(stored)
    assert row is not None
    return Dated(noon(stored.lead.received_at, ZONE), unpacked(without_health(row)), kept=True)


def test_deleted_requests_count_everywhere_but_in_what_their_rows_do_not_say() -> None:
    every = [each for each in requests(300, days=20) if row_of(each)]
    stored = [Dated(each.lead.received_at, unpacked(row)) for each in every[:200] if (row := row_of(each))]
    some, deleted = report(stored, MARCH, CLINIC, LATER), [kept(each) for each in every[200:]]
    found, whole = report([*stored, *deleted], MARCH, CLINIC, LATER), report_of(*every)
    for name in ("requests", "spam", "days", "results", "sources", "locations", "locales", "forms", "no_contact"):
        assert getattr(found, name) == getattr(whole, name), name
    for name in ("stored", "urgent", "interests", "normal_speed", "urgent_speed"):
        assert getattr(found, name) == getattr(some, name), name
    told = {part.title: part.sentences for part in parts(found, CLINIC)}
    for title in ("Requests", "First response", "What they would like help with"):
        assert (
            f"counts only the requests that are still stored: {some.requests} of {found.requests}." in told[title][-1]
        )
    assert "still stored" not in str([told[title] for title in ("Language", "Form", "Location")])


def test_a_report_of_stored_requests_says_nothing_about_deleted_ones() -> None:
    assert "still stored" not in str(parts(report_of(*requests(50, days=20)), CLINIC))


def test_rows_that_cannot_be_read_are_told_and_in_no_number() -> None:
    found = report([None, None], MARCH, CLINIC, LATER)
    assert (found.requests, found.unreadable) == (0, 2)
    assert "Not read, and in no number: 2 requests." in parts(found, CLINIC)[0].sentences
