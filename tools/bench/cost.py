"""What requests cost, by component, and what gives way first as there are more of them. Pure: figures in, text out.

What one request causes is counted from the code: which calls it makes, which of them write an index. Two prices depend
on how close together requests come: Lambda starts anew after a pause, and KMS and the secret are asked again then. So
each bill is one of a month with so many requests.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from itertools import groupby
from math import ceil, exp, isinf
from typing import Final

from tools.bench import markdown, prices

MONTH_MINUTES: Final = 43_800  # of the average month
PLACES: Final = (1, 100, 10_000)  # requests a minute that the load part looks at

# What the template and the code say; a test holds these to them.
MEMORY_MB: Final = 512
THROTTLE_RATE: Final = 10  # API calls a second, of each method
FORM_CALLS: Final = 2  # to the form's one method: the browser's preflight and the request itself
SHARDS: Final = 4  # of each index
SWEEP_SECONDS: Final = 21  # in which one sweep begins mails: follow_up's timeout less the longest alert
ALARMS: Final = 22
STANDING_METRICS: Final = 9  # that the sweep and the canary emit even when nothing happens
CANARIES: Final = 2 * 730  # a month

# What AWS gives; each can be raised but the first. Sources: docs/performance's list of prices and AWS's quota pages.
INDEX_WRITES: Final = 1_000  # units a second of one partition
TABLE_WRITES: Final = 4_000  # units a second of a new on-demand table
CONCURRENCY: Final = 1_000  # Lambda's, of one account; a new account begins with as few as 10
STREAM_SHARDS: Final = 4  # a new on-demand table's partitions; one batch at a time of each
SES_RATE: Final = 14  # mails a second; usual once out of the sandbox, AWS names no figure
SES_DAY: Final = 50_000  # mails a day; likewise
SANDBOX_DAY: Final = 200

# The writes of one request of thirty fields (an item of two kilobytes) with two alert recipients, from its post until
# the person is reached, and the write request units of each, at most. An index entry whose key changes costs two units,
# any other change of it one. Figures.units says the same for other figures; a test holds both together.
WRITES_OF_A_REQUEST: Final[Mapping[str, Mapping[str, int]]] = {
    "lead": {
        "posted": 2,
        "leased for its alert": 2,
        "alert accepted": 2,
        "two deliveries reported": 4,
        "claimed": 2,
        "leased for the email that says so": 2,
        "that email accepted": 2,
        "reached": 2,
    },
    "agenda": {
        "posted": 1,
        "leased for its alert": 2,
        "alert accepted": 2,
        "claimed": 2,
        "leased for the email that says so": 2,
        "that email accepted, and nothing due any more": 1,
    },
    "worklist": {"posted": 1, "first told": 1, "claimed": 1, "reached, on another list": 2},
    "timeline": {
        "alert accepted": 1,
        "two deliveries reported": 2,
        "claimed": 1,
        "that email accepted": 1,
        "reached": 1,
    },
    "repeats and people": {"the same message today": 1, "the person's requests": 2},
}
UNITS_OF_A_REQUEST: Final = sum(units for writes in WRITES_OF_A_REQUEST.values() for units in writes.values())

# Lambda keeps an environment for some minutes without a request: AWS names no figure. DynamoDB asks KMS again after
# five minutes without one on a connection.
KEPT_WARM: Final = 10
KEY_KEPT: Final = 5
INDEX_OVERHEAD: Final = 100  # bytes that DynamoDB adds to an item, and to each entry of an index


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """What one invocation of a function takes."""

    warm_ms: float  # billed where the environment is there
    cold_ms: float  # billed where it is not: INIT counts, since August 2025
    log_bytes: float  # with Lambda's own START, END and REPORT

    def gb_seconds(self, calls: float, colds: float) -> float:
        """Return what is billed of `calls` invocations, `colds` of which start anew."""
        return MEMORY_MB / 1024 * (calls * self.warm_ms + colds * (self.cold_ms - self.warm_ms)) / 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What was measured and what is assumed, all of one request. Times are at 512 MB; replace what you measured."""

    submit: Function = Function(warm_ms=15, cold_ms=700, log_bytes=1_300)
    notify: Function = Function(warm_ms=300, cold_ms=1_600, log_bytes=2_200)
    claim: Function = Function(warm_ms=25, cold_ms=900, log_bytes=1_200)
    delivery: Function = Function(warm_ms=40, cold_ms=900, log_bytes=1_500)
    sweep: Function = Function(warm_ms=60, cold_ms=1_600, log_bytes=1_300)
    canary: Function = Function(warm_ms=5_000, cold_ms=6_000, log_bytes=1_300)
    item_bytes: float = 2_000  # a lead of thirty fields with a message of a hundred words
    entry_bytes: float = 200  # of its timeline, or a count of repeats, or a person
    index_bytes: float = 300  # its entries in both indexes
    bytes_out: float = 30_000  # answers and pages
    access_log_bytes: float = 330  # of each API call
    public_calls: float = 1 + FORM_CALLS  # the script as well
    mailboxes: int = 2  # AlertRecipients
    fallbacks: int = 1  # FallbackRecipients
    tell_others: bool = True
    confirmed: float = 0  # share of requests that VisitorConfirmation confirms; "no" is the default
    reminded: float = 0.1  # share that nobody takes within 15 minutes
    escalated: float = 0.03  # share that nobody takes within 60
    answered: float = 1  # share that somebody takes and then reaches
    called_again: float = 0.2  # share where nobody picked up the phone the first time
    months_kept: float = 12  # of storage that is counted; leads stay until somebody deletes them
    alert_seconds: float = 0.3  # that a sender takes for one lead
    minutes_to_answer: float = 5  # that one member of staff takes for one person

    @property
    def mails(self) -> dict[str, float]:
        """The mails of one request by kind."""
        return {
            "alert": self.mailboxes,
            "reminder": self.reminded * self.mailboxes,
            "escalation": self.escalated * (self.fallbacks or self.mailboxes),
            "claimed": self.tell_others * self.answered * (self.mailboxes - 1 + self.escalated * self.fallbacks),
            "call again": self.called_again * self.mailboxes,
            "confirmation": self.confirmed,
        }

    @property
    def reports(self) -> float:
        """Emails whose arrival SES reports to us. Nothing follows from that of "somebody has it", so it is filtered."""
        return sum(self.mails.values()) - self.mails["claimed"]

    @property
    def sweeps(self) -> float:
        """Attempts that the sweep makes, each for all mailboxes at once: all but the alert."""
        told = self.tell_others * self.answered * (self.mailboxes > 1)
        return self.reminded + self.escalated + told + self.called_again

    @property
    def answers(self) -> float:
        """Answers by a link: taken, reached, and nobody there. Each is a page and a button."""
        return 2 * self.answered + self.called_again

    @property
    def units(self) -> dict[str, float]:
        """Write request units by what they are for, at most. In an index, a changed key costs two, all else one."""
        item, attempts, reports = ceil(self.item_bytes / 1024), 1 + self.sweeps, self.reports
        told = self.tell_others * self.answered * (self.mailboxes > 1)
        return {
            "lead": item * (1 + 2 * attempts + self.answers + reports),
            "agenda": 1 + attempts * 4 - told + self.answered * 2 + self.called_again,
            "worklist": 1 + 1 + self.answers + self.answered,
            "timeline": attempts + self.answers + reports + self.confirmed,
            "repeats and people": 1 + 2 * (attempts - told) + self.confirmed,
        }

    @property
    def invocations(self) -> tuple[tuple[Function, float, float], ...]:
        """Each function with its invocations and how many of them wake it: those close together count once."""
        return (
            (self.submit, self.public_calls, 1),
            (self.notify, 1, 1),
            (self.claim, 2 * self.answers, self.answers),
            (self.delivery, self.reports, self.reports),
        )


@dataclass(frozen=True, slots=True)
class Row:
    """One component of a bill, in dollars."""

    component: str
    dollars: float


@dataclass(frozen=True, slots=True)
class Limit:
    """Something that ends somewhere: how many requests a minute it bears, and what to do beyond."""

    what: str
    bears: float
    remedy: str


def after_pause(a_minute: float, minutes: float) -> float:
    """Return which share of what comes `a_minute` times a minute, by chance, comes after so long a pause."""
    return exp(-a_minute * minutes)


def bill(figures: Figures, requests: float) -> tuple[Row, ...]:
    """Return what a month's `requests` cost beyond what the month costs anyway, the dearest first."""
    a_minute = requests / MONTH_MINUTES
    calls = gb_seconds = logged = asked = woken = 0.0
    for function, each, wakes in figures.invocations:
        colds = requests * wakes * after_pause(a_minute * wakes, KEPT_WARM)
        calls += requests * each
        gb_seconds += function.gb_seconds(requests * each, colds)
        logged += requests * each * function.log_bytes
        asked += requests * wakes * after_pause(a_minute * wakes, KEY_KEPT)
        woken += colds if function is not figures.submit else 0  # the public function has no secret
    gb_seconds += MEMORY_MB / 1024 * figures.alert_seconds * figures.sweeps * requests  # in sweeps that run anyway
    api_calls = requests * (figures.public_calls + 2 * figures.answers)
    mails, units = figures.mails, figures.units
    entries = units["timeline"] + 2  # two for the person
    stored = figures.item_bytes + figures.index_bytes + 3 * INDEX_OVERHEAD
    stored += entries * (figures.entry_bytes + INDEX_OVERHEAD)
    stored *= requests * figures.months_kept
    rows = (
        *(Row(f"mail: {kind}", prices.MAIL.of(requests * each)) for kind, each in mails.items()),
        Row("API Gateway", prices.API_CALLS.of(api_calls) + prices.DATA_OUT.of(requests * figures.bytes_out)),
        Row("Lambda", prices.INVOCATIONS.of(calls) + prices.GB_SECONDS.of(gb_seconds)),
        Row("DynamoDB writes, both indexes included", prices.WRITES.of(requests * sum(units.values()))),
        Row("DynamoDB reads", prices.READS.of(requests * (2 * figures.answers + figures.reports))),
        Row("DynamoDB storage and backups, as long as counted", prices.STORED.of(stored) + prices.BACKED_UP.of(stored)),
        Row("KMS and Secrets Manager", prices.KEY_CALLS.of(asked) + prices.SECRET_CALLS.of(woken)),
        Row("CloudWatch Logs", prices.LOGGED.of(logged + api_calls * figures.access_log_bytes)),
    )
    return tuple(sorted(rows, key=lambda row: -row.dollars))


def standing(figures: Figures) -> tuple[Row, ...]:
    """Return what a month costs in which nothing happens: the sweep, the canary, the digest and what watches them."""
    runs = MONTH_MINUTES + CANARIES * 4  # the canary's own, and submit, notify and delivery for it
    gb_seconds = figures.sweep.gb_seconds(MONTH_MINUTES, 0) + figures.canary.gb_seconds(CANARIES, CANARIES)
    for function in (figures.submit, figures.notify, figures.delivery):
        gb_seconds += function.gb_seconds(CANARIES, CANARIES)
    logged = MONTH_MINUTES * figures.sweep.log_bytes + CANARIES * 4 * figures.notify.log_bytes
    rows = (
        Row("Dashboard", prices.DASHBOARD.of(1)),
        Row(f"{ALARMS} alarms", prices.ALARM.of(ALARMS)),
        Row(f"{STANDING_METRICS} metrics of the sweep and the canary", prices.METRIC.of(STANDING_METRICS)),
        Row("KMS key (a dollar more after each of its first two yearly rotations)", prices.KEY.of(1)),
        Row("Secret", prices.SECRET.of(1)),
        Row("Mails of the canary, to AWS's simulator", prices.MAIL.of(CANARIES)),
        Row("Lambda", prices.INVOCATIONS.of(runs) + prices.GB_SECONDS.of(gb_seconds)),
        Row("Schedules", prices.SCHEDULED.of(MONTH_MINUTES + CANARIES)),
        Row("CloudWatch Logs", prices.LOGGED.of(logged)),
        Row(
            "KMS and Secrets Manager, asked for the canary",
            prices.KEY_CALLS.of(4 * CANARIES) + prices.SECRET_CALLS.of(CANARIES),
        ),
        Row(
            "DynamoDB, for the sweep and the canary",
            # Each sweep asks every partition of the agenda what is due, and of the worklist how much is undeliverable.
            prices.READS.of(2 * SHARDS * MONTH_MINUTES / 2) + prices.WRITES.of(CANARIES * 30),
        ),
        Row("Digest, 22 a month", prices.MAIL.of(22 * figures.mailboxes)),
        Row("Mails to ops by SNS, ten a month", prices.ALARM_MAILS.of(10)),
        Row("API Gateway", prices.API_CALLS.of(CANARIES)),
    )
    return tuple(sorted(rows, key=lambda row: -row.dollars))


def concurrency(figures: Figures, a_minute: float) -> float:
    """Return how many environments are busy on average: rate times time, by Little's law. The sweep is one more."""
    busy = sum(each * function.warm_ms for function, each, _ in figures.invocations) / 1000
    return a_minute / 60 * busy + SWEEP_SECONDS / 60


def limits(figures: Figures) -> tuple[Limit, ...]:
    """Return what gives way, the first of all first."""
    mails, units = sum(figures.mails.values()), figures.units
    busy = concurrency(figures, 1) - concurrency(figures, 0)
    hottest = max(units["agenda"], units["worklist"]) / SHARDS
    found = (
        Limit(
            f"Staff: {figures.mailboxes}, each {figures.minutes_to_answer:g} minutes for a person",
            figures.mailboxes / figures.minutes_to_answer,
            "more people; the digest counts all who wait and names the fifty longest",
        ),
        Limit(
            f"SES in its sandbox: {SANDBOX_DAY} mails a day", SANDBOX_DAY / mails / 1440, "ask for production access"
        ),
        Limit(
            f"SES: {SES_DAY:,} mails a day, usual at first",
            SES_DAY / mails / 1440,
            "ask SES for more; fewer mails, as above",
        ),
        Limit(
            f"SES: {SES_RATE} mails a second, usual at first",
            SES_RATE * 60 / mails,
            "ask SES for more; what it refuses waits",
        ),
        Limit(
            f"Sweep: {SWEEP_SECONDS} s a minute for all mails but alerts",
            SWEEP_SECONDS / figures.alert_seconds / figures.sweeps if figures.sweeps else float("inf"),
            "`TellOthers` no; a longer Timeout of follow_up, with the lease; then several sweeps at once",
        ),
        Limit(
            f"API: `ThrottleRate` {THROTTLE_RATE} a second",
            THROTTLE_RATE * 60 / FORM_CALLS,
            f"raise `ThrottleRate`, to {ceil(PLACES[-1] / 60 * FORM_CALLS)} for {PLACES[-1]:,}, and `ThrottleBurst`",
        ),
        Limit(
            f"Notify: {STREAM_SHARDS} batches at once",
            STREAM_SHARDS * 60 / figures.alert_seconds,
            "`ParallelizationFactor` of up to 10; what the stream holds for an hour is left to the sweep",
        ),
        Limit(
            f"DynamoDB: {TABLE_WRITES:,} units a second of a new table",
            TABLE_WRITES * 60 / sum(units.values()),
            "it grows by itself to twice its peak in half an hour; warm it before a campaign",
        ),
        Limit(
            f"DynamoDB: {INDEX_WRITES:,} units a second of an index's partition",
            INDEX_WRITES * 60 / hottest,
            "more `SHARDS` in `shared/leads/agenda.py`: each costs a sweep one query more",
        ),
        Limit(f"Lambda: {CONCURRENCY:,} at once", (CONCURRENCY - SWEEP_SECONDS / 60) / busy, "ask Lambda for more"),
    )
    return tuple(sorted(found, key=lambda limit: limit.bears))


def total(rows: tuple[Row, ...]) -> float:
    """Return the sum of a bill."""
    return sum(row.dollars for row in rows)


# How to have fewer mails of a kind, and what then no longer holds.
FEWER: Final = {
    "alert": "One shared mailbox in `AlertRecipients` instead of one each: then nobody knows who took it. One mail to "
    "all would cost the same, SES counts recipients. Cannot be switched off: it is the promise",
    "reminder": "None for what is taken in time; fewer with more minutes in `remind_after`. Not to be switched off: "
    "that nobody is forgotten rests on it",
    "escalation": "Likewise, with `escalate_after`. Without `FallbackRecipients` it goes to the alert recipients again",
    "claimed": "`TellOthers` no: nothing is lost but a call made twice. None with one mailbox",
    "call again": "One to each alert recipient for each call that nobody answers. Fewer if only who took it got one, "
    "but then nobody else calls; without any, the person is forgotten",
    "confirmation": "`VisitorConfirmation` no, the default; at most one a day for each address",
}


_MORE_METRICS: Final = """\
Each further metric is 0.30 a month at most, by the hours in which it is counted: about ten on a clinic's usual days, so
up to 3 dollars."""
_FREE_TIER: Final = """\
The free tier takes off, each month and for good: 10 alarms, 10 metrics, 3 dashboards and 5 GB of logs, 1,000,000
Lambda requests and 400,000 GB-seconds, 20,000 KMS requests, 14,000,000 scheduled invocations, 25 GB of DynamoDB
storage, 100 GB of data out; for an account's first year, as AWS has long had it, 1,000,000 API calls and 3,000 mails a
month."""
_LEFT_OVER: Final = """\
What SES, the notify function or the sweep cannot take stays on the agenda and goes out later: after about three days of
tries it is undeliverable, for `make redrive`. What the throttle refuses was never stored; its visitor is told so, and
whom to call."""


def table(figures: Figures) -> str:
    """Return all of it as Markdown."""
    return "\n\n".join(
        (_costs(figures), _mails(figures), _standing(figures), _load(figures), _assumed(figures), _sources())
    )


def mail_share(rows: tuple[Row, ...]) -> float:
    """Return which share of a bill is mail."""
    return sum(row.dollars for row in rows if row.component.startswith("mail")) / total(rows)


def _costs(figures: Figures) -> str:
    few, many = bill(figures, 1e3), bill(figures, 1e6)
    of_few = {row.component: row.dollars for row in few}
    lines = [
        [row.component, _money(of_few[row.component]), _money(row.dollars), f"{row.dollars / total(many):.1%}"]
        for row in many
        if row.dollars
    ]
    return (
        "## What requests cost\n\nDollars at list prices of us-east-1, without the free tier, of a thousand requests "
        f"in a month and of a million.\nMail is {mail_share(few):.0%} of the former and {mail_share(many):.0%} of the "
        "latter: where requests are far apart, each starts functions anew and asks for keys again.\n\n"
        + markdown.table(
            ["component", "1,000", "1,000,000", "share of the million"],
            [*lines, ["**all**", _money(total(few)), _money(total(many)), "100%"]],
        )
    )


def _mails(figures: Figures) -> str:
    lines = [
        [kind, f"{each:.2f}", _money(prices.MAIL.of(each * 1e6)), FEWER[kind]] for kind, each in figures.mails.items()
    ]
    return "### The mails, each at 0.0001 dollars\n\n" + markdown.table(
        ["mail", "each request", "a million requests", "fewer of them"], lines
    )


def _standing(figures: Figures) -> str:
    rows = standing(figures)
    lines = [[row.component, _money(row.dollars)] for row in rows]
    return (
        "### What a month costs in which nothing happens\n\n"
        + markdown.table(["component", "a month"], [*lines, ["**all**", _money(total(rows))]])
        + f"\n\n{_MORE_METRICS}\n\n{_FREE_TIER}"
    )


def _load(figures: Figures) -> str:
    ends = limits(figures)
    months = [total(bill(figures, rate * MONTH_MINUTES)) + total(standing(figures)) for rate in PLACES]
    units, throttled = figures.units, THROTTLE_RATE * 60 / FORM_CALLS
    facts = [
        ["dollars a month", *(f"{month:,.0f}" for month in months)],
        ["mails a second", *(_number(rate / 60 * sum(figures.mails.values())) for rate in PLACES)],
        ["Lambda environments busy", *(_number(concurrency(figures, rate)) for rate in PLACES)],
        ["DynamoDB write units a second", *(_number(rate / 60 * sum(units.values())) for rate in PLACES)],
        ["of these, one agenda partition", *(_number(rate / 60 * units["agenda"] / SHARDS) for rate in PLACES)],
        ["refused by the throttle", *(f"{max(0.0, 1 - throttled / rate):.0%}" for rate in PLACES)],
    ]
    lines = [
        [end.what, _number(end.bears), *("yes" if end.bears >= rate else "**no**" for rate in PLACES), end.remedy]
        for end in ends
    ]
    return (
        "### At 1, 100 and 10,000 requests a minute\n\nAll month long, with the shares of reminders and answers below: "
        "where nobody can answer so many, there are more reminders and escalations.\n\n"
        + markdown.table(["requests a minute", *(f"{rate:,}" for rate in PLACES)], facts)
        + "\n\nWhat bears how many requests a minute, the first to give way first:\n\n"
        + markdown.table(["limit", "bears", *(f"at {rate:,}" for rate in PLACES), "beyond it"], lines)
        + f"\n\n{_LEFT_OVER}"
    )


def _assumed(figures: Figures) -> str:
    lines = [[field.name.replace("_", " "), _described(getattr(figures, field.name))] for field in fields(figures)]
    return "### What was measured or assumed\n\n" + markdown.table(["of one request", "figure"], lines)


def _sources() -> str:
    lines = []
    for page, of_page in groupby(sorted(prices.ALL, key=lambda price: price.page), key=lambda price: price.page):
        for price in of_page:
            amount = "" if price.per == 1 else f"{price.per:,.0f} "
            seen = f"[page]({price.seen})" if price.seen else "not found in print"
            lines.append([f"{amount}{price.unit}", f"{price.dollars:g}", page, seen])
    return "### Prices\n\n" + markdown.table(["for", "dollars", "AWS's page", "confirmed by"], lines)


def _described(value: object) -> str:
    match value:
        case Function():
            return f"{value.warm_ms:g} ms warm, {value.cold_ms:g} ms cold, {value.log_bytes:g} bytes of log"
        case bool():
            return "yes" if value else "no"
        case float():
            return _number(value)
    return str(value)


def _money(dollars: float) -> str:
    return f"{dollars:,.2f}" if dollars >= 0.1 else f"{dollars:.4f}"  # noqa: PLR2004 - cents are too coarse below


def _number(value: float) -> str:
    if isinf(value):
        return "any"
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"  # noqa: PLR2004 - where decimals say nothing
