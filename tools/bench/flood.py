"""Dollars a day of a flood of requests, before and after the limits on email and the firewall. Pure.

The flood is as fast as the API's throttle lets through. Lambda reads the table's stream for free, and at this rate KMS
and the secret are rarely asked, so neither is a row.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from typing import Final

from shared.leads.clinic import EmailLimits
from tools.bench import markdown, prices
from tools.bench.cost import (
    INDEX_OVERHEAD,
    INDEXES,
    SES_DAY,
    SWEEP_SECONDS,
    THROTTLE_RATE,
    WRITES_OF_A_REQUEST,
    Figures,
    Row,
    total,
)

SECONDS: Final = 86_400  # of a day
HOURS: Final = 24

# Values from infra/firewall.yaml. A test compares them.
WAF_LIMIT: Final = 100  # posts of one address in its window
WAF_REACTS: Final = 10  # seconds until WAF has noticed; AWS promises no figure

SUMMARY_MINUTES: Final = 5  # between two summaries to a mailbox
COUNTER_UNITS: Final = 1  # write units for counting an email in the budget


@dataclass(frozen=True, slots=True, kw_only=True)
class Flood:
    """A day of a flood: what arrives, what is stored, and what that sets off."""

    name: str
    arrived: float  # calls to the API
    stored: float  # requests
    retried: float = 0  # attempts by the sweep
    emails: float  # to staff
    counted: bool = True  # whether each request is counted in the budget of email
    firewall: bool = True


def floods(figures: Figures) -> tuple[Flood, ...]:
    """Return the same flood before and after."""
    arrived = float(THROTTLE_RATE * SECONDS)
    wanted = arrived * figures.mailboxes
    a_day = HOURS * (EmailLimits().max_alerts_per_hour + 60 / SUMMARY_MINUTES)
    let_through = float(WAF_LIMIT + WAF_REACTS * THROTTLE_RATE)
    # Before, the sweep tried what SES had refused, again and again, as fast as it could.
    retried = SWEEP_SECONDS / figures.alert_seconds * SECONDS / 60
    before = Flood(
        name="before",
        arrived=arrived,
        stored=arrived,
        retried=retried,
        emails=min(SES_DAY, wanted),
        counted=False,
        firewall=False,
    )
    return (
        before,
        Flood(
            name="before, without SES's quota",
            arrived=arrived,
            stored=arrived,
            emails=wanted,
            counted=False,
            firewall=False,
        ),
        Flood(
            name="now, from many addresses",
            arrived=arrived,
            stored=arrived,
            emails=min(wanted, figures.mailboxes * a_day),
        ),
        Flood(
            name="now, from one address",
            arrived=arrived,
            stored=let_through,
            emails=min(let_through * figures.mailboxes, figures.mailboxes * a_day),
        ),
    )


def day(figures: Figures, flood: Flood) -> tuple[Row, ...]:
    """Return what a flood costs in a day, by component."""
    attempts = flood.stored + flood.retried
    lambdas = ((figures.submit, flood.stored), (figures.notify, flood.stored), (figures.delivery, flood.emails))
    gb_seconds = sum(function.gb_seconds(calls, 0) for function, calls in lambdas)
    gb_seconds += flood.retried * figures.alert_seconds / 2  # in sweeps that run anyway, at 512 MB
    logged = sum(calls * function.log_bytes for function, calls in lambdas) + flood.arrived * figures.access_log_bytes
    units = flood.stored * (_units(_POSTED) + _units(_BESIDE) + COUNTER_UNITS * flood.counted)
    units += attempts * _units(_ATTEMPTED) + flood.emails * _units(_REPORTED) / 2
    reads = attempts * (2 * ceil(figures.item_bytes / 4096) + 3) + flood.emails * ceil(figures.item_bytes / 4096)
    kept = figures.item_bytes + figures.index_bytes + (1 + INDEXES) * INDEX_OVERHEAD
    kept += 4 * (figures.entry_bytes + INDEX_OVERHEAD)
    return (
        Row("Emails", prices.MAIL.of(flood.emails)),
        Row("Firewall", prices.WAF_REQUESTS.of(flood.arrived * flood.firewall)),
        Row("API Gateway", prices.API_CALLS.of(flood.arrived)),
        Row("Lambda", prices.INVOCATIONS.of(sum(calls for _, calls in lambdas)) + prices.GB_SECONDS.of(gb_seconds)),
        Row("DynamoDB writes", prices.WRITES.of(units)),
        Row("DynamoDB reads", prices.READS.of(reads)),
        Row(
            "DynamoDB storage and backups of these requests, a month",
            prices.STORED.of(flood.stored * kept) + prices.BACKED_UP.of(flood.stored * kept),
        ),
        Row("CloudWatch Logs", prices.LOGGED.of(logged)),
    )


_POSTED: Final = ("posted",)
_BESIDE: Final = ("the same message today", "the person's requests")
_ATTEMPTED: Final = ("leased for its alert", "alert accepted", "first told")
_REPORTED: Final = ("two deliveries reported",)


def _units(steps: tuple[str, ...]) -> int:
    """Return the write units of these steps, as WRITES_OF_A_REQUEST lists them."""
    return sum(units for writes in WRITES_OF_A_REQUEST.values() for step, units in writes.items() if step in steps)


def section(figures: Figures) -> str:
    """Return the section about a flood as Markdown."""
    found = floods(figures)
    bills = [day(figures, each) for each in found]
    rows = [[row.component, *(f"{bill[index].dollars:,.2f}" for bill in bills)] for index, row in enumerate(bills[0])]
    return f"{_introduction(figures)}\n\n" + markdown.table(
        ["dollars a day", *(each.name for each in found)],
        [
            *rows,
            ["**all**", *(f"**{total(bill):,.2f}**" for bill in bills)],
            _line("calls to the API", found, lambda each: each.arrived),
            _line("requests stored", found, lambda each: each.stored),
            _line("emails to staff", found, lambda each: each.emails),
        ],
    )


def _line(name: str, found: tuple[Flood, ...], value: Callable[[Flood], float]) -> list[str]:
    return [name, *(f"{value(each):,.0f}" for each in found)]


def _introduction(figures: Figures) -> str:
    return f"""\
## Cost of a flood

A flood of {THROTTLE_RATE} requests a second for a day, each from another made-up person, with {figures.mailboxes} alert
recipients. The throttle lets no more through. What is assumed:

- **Before:** each request sets off its alerts, until SES's {SES_DAY:,} emails a day are used up. Then the sweep retries
  what SES refused, as fast as it can. With a higher quota at SES, every alert goes out.
- **Now, from many addresses:** no address reaches the firewall's limit, so all requests are stored. A mailbox gets
  {EmailLimits().max_alerts_per_hour} alerts an hour (`max_alerts_per_hour`) and one summary every {SUMMARY_MINUTES}
  minutes. Counting that costs {COUNTER_UNITS} write unit a request.
- **Now, from one address:** the firewall lets {WAF_LIMIT} requests through, and those that arrive before it reacts
  ({WAF_REACTS} seconds). It blocks the rest. Blocked calls are priced as if API Gateway charged for them.

Nobody claims these requests, and reminders are left out."""
