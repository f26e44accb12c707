"""Costs of requests by component, and the limits that a growing clinic reaches. Pure: figures in, text out.

The work per request is counted from the code: its calls, and which of them write to an index. Two prices depend on the
time between requests: after a pause, Lambda has a cold start, and KMS and the secret are called again. So each bill is
for a month with a given number of requests.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from itertools import groupby
from math import ceil, exp, isinf
from typing import Final

from follow_up.digest.summary import MOST_LINES
from tools.bench import markdown, prices

MONTH_MINUTES: Final = 43_800  # of the average month
PLACES: Final = (1, 100, 10_000)  # requests a minute in the section about load

# Values from the template and the code. A test compares them.
MEMORY_MB: Final = 512
THROTTLE_RATE: Final = 10  # API calls a second, per method
FORM_CALLS: Final = 2  # API calls per form sent, both to one method: the browser's preflight and the request
INDEXES: Final = 5  # of the table; a lead has an entry in each
SHARDS: Final = 4  # of the agenda, and of each list
LANES: Final = 4  # of the agenda; each has its shards
SWEEP_SECONDS: Final = 32  # in which a sweep starts emails: follow_up's timeout minus the longest page and alert
AT_ONCE: Final = 5  # leads, in a sweep or in a batch
ALARMS: Final = 39
FIREWALL_RULES: Final = 2
STANDING_METRICS: Final = 12  # emitted by the sweep, the canary and the erasures even without requests
ERASURE_RUNS: Final = 12 * 730  # a month
CANARIES: Final = 2 * 730  # a month

# AWS's quotas. All but the first can be raised. Sources: the prices in docs/performance and AWS's quota pages.
INDEX_WRITES: Final = 1_000  # units a second for one partition
TABLE_WRITES: Final = 4_000  # units a second for a new on-demand table
CONCURRENCY: Final = 1_000  # Lambda's, per account; a new account starts with as few as 10
STREAM_SHARDS: Final = 4  # partitions of a new on-demand table
BATCHES_AT_ONCE: Final = 2  # for each of them
SES_RATE: Final = 14  # emails a second; usual outside the sandbox, AWS publishes no figure
SES_DAY: Final = 50_000  # emails a day; as above
SANDBOX_DAY: Final = 200

INFORMATION: Final = frozenset({"claimed", "no answer", "closed"})  # emails that ask for nothing

# The writes of one request with thirty fields (a two-kilobyte item) and two alert recipients, from its post until the
# person is reached, and the maximum write request units of each. A change to the key of an index entry costs two units,
# any other change costs one. Figures.units computes this for other figures; a test compares the two.
WRITES_OF_A_REQUEST: Final[Mapping[str, Mapping[str, int]]] = {
    "lead": {
        "posted": 2,
        "leased for its alert": 2,
        "alert accepted": 2,
        "two deliveries reported": 4,
        "claimed": 2,
        "leased for the email to colleagues": 2,
        "that email accepted": 2,
        "reached": 2,
    },
    "agenda": {
        "posted": 1,
        "leased for its alert": 2,
        "alert accepted": 2,
        "claimed": 2,
        "leased for the email to colleagues": 2,
        "that email accepted, and the owner's reminder due": 2,
        "reached, and nothing else due": 1,
    },
    "worklist": {"posted": 1, "first told": 1, "claimed": 1, "reached, on another list": 2},
    "reference": {"posted": 1},
    "desk": {"posted": 1, "first told": 1, "claimed, on another list": 2, "reached, on another list": 2},
    "report": {"posted": 1, "claimed": 1, "reached": 1, "reached, and its row kept in an item of its own": 2},
    "timeline": {
        "alert accepted": 1,
        "two deliveries reported": 2,
        "claimed": 1,
        "that email accepted": 1,
        "reached": 1,
        "reached, so the five entries before end too": 5,
    },
    "repeats and people": {
        "the same message today": 1,
        "the person's requests": 2,
        "reached, so they end with the request": 2,
    },
    "budget for email": {"alert counted": 1, "that email counted": 1},
}
UNITS_OF_A_REQUEST: Final = sum(units for writes in WRITES_OF_A_REQUEST.values() for units in writes.values())

# Minutes. Lambda keeps an idle environment for a few minutes; AWS publishes no figure. DynamoDB calls KMS again after
# five minutes without a request on a connection.
KEPT_WARM: Final = 10
KEY_KEPT: Final = 5
INDEX_OVERHEAD: Final = 100  # bytes that DynamoDB adds to an item, and to each entry of an index


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """Cost of one invocation of a function."""

    warm_ms: float  # billed in an existing environment
    cold_ms: float  # billed in a new environment, including INIT since August 2025
    log_bytes: float  # including Lambda's START, END and REPORT lines

    def gb_seconds(self, calls: float, colds: float) -> float:
        """Return the billed GB-seconds of `calls` invocations, `colds` of which are cold starts."""
        return MEMORY_MB / 1024 * (calls * self.warm_ms + colds * (self.cold_ms - self.warm_ms)) / 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Measured and assumed figures for one request. Times are at 512 MB. Replace those that you measure."""

    submit: Function = Function(warm_ms=15, cold_ms=700, log_bytes=1_300)
    notify: Function = Function(warm_ms=300, cold_ms=1_600, log_bytes=2_200)
    claim: Function = Function(warm_ms=25, cold_ms=900, log_bytes=1_200)
    delivery: Function = Function(warm_ms=40, cold_ms=900, log_bytes=1_500)
    sweep: Function = Function(warm_ms=60, cold_ms=1_600, log_bytes=1_300)
    canary: Function = Function(warm_ms=5_000, cold_ms=6_000, log_bytes=1_300)
    item_bytes: float = 2_000  # a lead of thirty fields with a message of a hundred words
    entry_bytes: float = 200  # a timeline entry, a count of repeats or a person
    index_bytes: float = 1_050  # the lead's entries in all indexes
    bytes_out: float = 30_000  # API responses and pages
    access_log_bytes: float = 330  # per API call
    public_calls: float = 1 + FORM_CALLS  # includes loading the script
    mailboxes: int = 2  # AlertRecipients
    fallbacks: int = 1  # FallbackRecipients
    tell_others: bool = True
    confirmed: float = 0  # share of requests with an email to the visitor; VisitorConfirmation is "no" by default
    reminded: float = 0.1  # share that nobody claims within 15 minutes
    escalated: float = 0.03  # share that nobody claims within 60 minutes
    reached: float = 1  # share that staff claim and then reach
    called_again: float = 0.2  # share of people who do not pick up the first call
    forgotten: float = 0.05  # share whose owner has to be reminded
    not_reached: float = 0.01  # share about which everyone has to be reminded
    months_kept: float = 12  # months of storage to count: a request that was reached is kept for a year
    alert_seconds: float = 0.3  # time to send the emails of one lead
    minutes_of_staff: float = 5  # time that one member of staff needs for one person

    @property
    def emails(self) -> dict[str, float]:
        """The emails of one request by kind."""
        others = self.tell_others * (self.mailboxes - 1 + self.escalated * self.fallbacks)
        return {
            "alert": self.mailboxes,
            "reminder": self.reminded * self.mailboxes,
            "escalation": self.escalated * (self.fallbacks or self.mailboxes),
            "claimed": self.reached * others,
            "no answer": self.called_again * others,
            "closed": self.called_again * others,  # only if the others were asked to try again
            "owner reminder": self.forgotten,
            "call again": self.called_again * self.mailboxes,
            "not reached": self.not_reached * (self.mailboxes + self.fallbacks),
            "confirmation": self.confirmed,
        }

    @property
    def informed(self) -> float:
        """Attempts that only inform the others."""
        return self.tell_others * (self.mailboxes > 1) * (self.reached + 2 * self.called_again)

    @property
    def reports(self) -> float:
        """Emails with delivery reports. The template filters out those of emails that only inform."""
        return sum(each for kind, each in self.emails.items() if kind not in INFORMATION)

    @property
    def sweeps(self) -> float:
        """Attempts by the sweep: one for each kind of email except the alert, to all its recipients at once."""
        return self.reminded + self.escalated + self.informed + self.called_again + self.forgotten + self.not_reached

    @property
    def links_used(self) -> float:
        """Links that staff use: claim, reached, and no answer. Each is a page and a button."""
        return 2 * self.reached + self.called_again

    @property
    def entries(self) -> float:
        """Entries in the timeline."""
        return 1 + self.sweeps + self.links_used + self.reports + self.confirmed

    @property
    def units(self) -> dict[str, float]:
        """Maximum write request units by purpose. In an index, a changed key costs two units, any other change one."""
        item, attempts, reports = ceil(self.item_bytes / 1024), 1 + self.sweeps, self.reports
        return {
            "lead": item * (1 + 2 * attempts + self.links_used + reports),
            "agenda": 1 + attempts * 4 + self.reached * 3 + self.called_again * 2,
            "worklist": 1 + 1 + self.links_used + self.reached,
            "reference": 1,
            # At most one for each press, and the row that is kept.
            "report": 1 + self.links_used + 2 * self.reached,
            "desk": 1 + 1 + 4 * self.reached + self.called_again,
            # Once the request is closed, each entry before gets an end.
            "timeline": self.entries + self.reached * (self.entries - 1),
            # A confirmation notes its address and counts itself.
            "repeats and people": 1 + 2 * (attempts - self.informed) + 2 * self.confirmed + 2 * self.reached,
            "budget for email": attempts,
        }

    @property
    def reads(self) -> float:
        """Read request units of a person's first request. Each change of a lead reads it first, and so does each page.

        Each attempt is two changes, and each confirmation too, which also reads the counts of two days.
        """
        item, attempts = ceil(self.item_bytes / 4096), 1 + self.sweeps
        of_leads = 2 * attempts + 2 * self.links_used + self.reports + 2 * self.confirmed
        # The same message today, the person's requests, and the timeline: when the person is first known, and when it
        # ends with the request.
        beside = 1 + 2 * (attempts - self.informed) + 1 + self.reached
        return item * of_leads + beside + 2 * self.confirmed + attempts / 2  # how many emails of the day are used up

    @property
    def invocations(self) -> tuple[tuple[Function, float, float], ...]:
        """Each function, its invocations, and how many of them may be cold starts. Calls close together count once."""
        return (
            (self.submit, self.public_calls, 1),
            (self.notify, 1, 1),
            (self.claim, 2 * self.links_used, self.links_used),
            (self.delivery, self.reports, self.reports),
        )


@dataclass(frozen=True, slots=True)
class Row:
    """One component of a bill, in dollars."""

    component: str
    dollars: float


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit: the requests a minute that it allows, and what to do beyond them."""

    what: str
    bears: float
    remedy: str


def after_pause(a_minute: float, minutes: float) -> float:
    """Return the share of random events, `a_minute` on average, that follow a pause of at least `minutes`."""
    return exp(-a_minute * minutes)


def bill(figures: Figures, requests: float) -> tuple[Row, ...]:
    """Return the cost of `requests` in a month without its fixed costs, highest first."""
    a_minute = requests / MONTH_MINUTES
    calls = gb_seconds = logged = asked = woken = 0.0
    for function, each, wakes in figures.invocations:
        colds = requests * wakes * after_pause(a_minute * wakes, KEPT_WARM)
        calls += requests * each
        gb_seconds += function.gb_seconds(requests * each, colds)
        logged += requests * each * function.log_bytes
        asked += requests * wakes * after_pause(a_minute * wakes, KEY_KEPT)
        woken += colds if function is not figures.submit else 0  # submit reads no secret
    gb_seconds += MEMORY_MB / 1024 * figures.alert_seconds * figures.sweeps * requests  # in sweeps that run anyway
    api_calls = requests * (figures.public_calls + 2 * figures.links_used)
    mails, units = figures.emails, figures.units
    entries = figures.entries + 2  # plus two for the person
    stored = figures.item_bytes + figures.index_bytes + (1 + INDEXES) * INDEX_OVERHEAD
    stored += entries * (figures.entry_bytes + INDEX_OVERHEAD)
    stored *= requests * figures.months_kept
    rows = (
        *(Row(f"email: {kind}", prices.MAIL.of(requests * each)) for kind, each in mails.items()),
        Row("API Gateway", prices.API_CALLS.of(api_calls) + prices.DATA_OUT.of(requests * figures.bytes_out)),
        Row("Firewall", prices.WAF_REQUESTS.of(api_calls)),
        Row("Lambda", prices.INVOCATIONS.of(calls) + prices.GB_SECONDS.of(gb_seconds)),
        Row("DynamoDB writes, including all indexes", prices.WRITES.of(requests * sum(units.values()))),
        Row("DynamoDB reads", prices.READS.of(requests * figures.reads)),
        Row(
            f"DynamoDB storage and backups for {figures.months_kept:g} months",
            prices.STORED.of(stored) + prices.BACKED_UP.of(stored),
        ),
        Row("KMS and Secrets Manager", prices.KEY_CALLS.of(asked) + prices.SECRET_CALLS.of(woken)),
        Row("CloudWatch Logs", prices.LOGGED.of(logged + api_calls * figures.access_log_bytes)),
    )
    return tuple(sorted(rows, key=lambda row: -row.dollars))


def standing(figures: Figures) -> tuple[Row, ...]:
    """Return the fixed costs of a month: the sweep, the canary, the erasures, the digest and the monitoring."""
    runs = MONTH_MINUTES + ERASURE_RUNS + CANARIES * 4  # each canary invokes canary, submit, notify and delivery
    # A run that finds nothing to erase makes one query, so it takes no longer than a sweep.
    gb_seconds = figures.sweep.gb_seconds(MONTH_MINUTES + ERASURE_RUNS, 0) + figures.canary.gb_seconds(
        CANARIES, CANARIES
    )
    for function in (figures.submit, figures.notify, figures.delivery):
        gb_seconds += function.gb_seconds(CANARIES, CANARIES)
    logged = (MONTH_MINUTES + ERASURE_RUNS) * figures.sweep.log_bytes + CANARIES * 4 * figures.notify.log_bytes
    rows = (
        Row(
            f"Firewall: a web ACL and {FIREWALL_RULES} rules, unless `Firewall` is no",
            prices.WEB_ACL.of(1) + prices.WAF_RULE.of(FIREWALL_RULES),
        ),
        Row("Dashboard", prices.DASHBOARD.of(1)),
        Row(f"{ALARMS} alarms", prices.ALARM.of(ALARMS)),
        Row(
            f"{STANDING_METRICS} metrics of the sweep, the canary and the erasures", prices.METRIC.of(STANDING_METRICS)
        ),
        Row("KMS key (a dollar more after each of its first two yearly rotations)", prices.KEY.of(1)),
        Row("Three secrets", prices.SECRET.of(3)),
        Row("Emails of the canary, to the SES mailbox simulator", prices.MAIL.of(CANARIES)),
        Row("Lambda", prices.INVOCATIONS.of(runs) + prices.GB_SECONDS.of(gb_seconds)),
        Row("Schedules", prices.SCHEDULED.of(MONTH_MINUTES + ERASURE_RUNS + CANARIES)),
        Row("CloudWatch Logs", prices.LOGGED.of(logged)),
        Row(
            "KMS and Secrets Manager, for the canary",
            prices.KEY_CALLS.of(4 * CANARIES) + prices.SECRET_CALLS.of(CANARIES),
        ),
        Row(
            "DynamoDB, for the sweep and the canary",
            # Each sweep queries each partition of the agenda for due leads (those of the urgent summary twice) and of
            # the worklist for undeliverable ones. It notes how many emails of the day are used up.
            prices.READS.of((LANES + 2) * SHARDS * MONTH_MINUTES / 2 + ERASURE_RUNS)
            + prices.WRITES.of(MONTH_MINUTES + CANARIES * 30),
        ),
        Row("Digests, 22 a month", prices.MAIL.of(22 * figures.mailboxes)),
        Row("Alarm emails by SNS, ten a month", prices.ALARM_MAILS.of(10)),
        Row("API Gateway", prices.API_CALLS.of(CANARIES)),
    )
    return tuple(sorted(rows, key=lambda row: -row.dollars))


def concurrency(figures: Figures, a_minute: float) -> float:
    """Return the average number of busy environments by Little's law (rate times duration), including the sweep."""
    busy = sum(each * function.warm_ms for function, each, _ in figures.invocations) / 1000
    return a_minute / 60 * busy + SWEEP_SECONDS / 60


def limits(figures: Figures) -> tuple[Limit, ...]:
    """Return the limits, lowest first."""
    mails, units = sum(figures.emails.values()), figures.units
    busy = concurrency(figures, 1) - concurrency(figures, 0)
    hottest = max(units["agenda"], units["worklist"]) / SHARDS
    found = (
        Limit(
            f"Staff: {figures.mailboxes} people, {figures.minutes_of_staff:g} minutes for each request",
            figures.mailboxes / figures.minutes_of_staff,
            f"add staff; the digest counts all waiting requests and lists {MOST_LINES}: urgent ones first, then those "
            "that have waited longest",
        ),
        Limit(f"SES sandbox: {SANDBOX_DAY} emails a day", SANDBOX_DAY / mails / 1440, "request production access"),
        Limit(
            f"SES: {SES_DAY:,} emails a day, the usual first quota",
            SES_DAY / mails / 1440,
            "request a higher quota; send fewer emails, as above",
        ),
        Limit(
            f"SES: {SES_RATE} emails a second, the usual first quota",
            SES_RATE * 60 / mails,
            "request a higher quota; emails that SES refuses go out later",
        ),
        Limit(
            f"Sweep: {SWEEP_SECONDS} s a minute for all emails except alerts, {AT_ONCE} leads at once",
            AT_ONCE * SWEEP_SECONDS / figures.alert_seconds / figures.sweeps if figures.sweeps else float("inf"),
            "set `TellOthers` to no; raise the Timeout of follow_up and the lease; then run several sweeps at once",
        ),
        Limit(
            f"API: `ThrottleRate` {THROTTLE_RATE} a second",
            THROTTLE_RATE * 60 / FORM_CALLS,
            f"raise `ThrottleRate` (to {ceil(PLACES[-1] / 60 * FORM_CALLS)} for {PLACES[-1]:,}) and `ThrottleBurst`",
        ),
        Limit(
            f"Notify: {STREAM_SHARDS * BATCHES_AT_ONCE} batches at once, each {AT_ONCE} leads at once",
            STREAM_SHARDS * BATCHES_AT_ONCE * AT_ONCE * 60 / figures.alert_seconds,
            "raise `ParallelizationFactor` to up to 10; the sweep sends alerts that wait on the stream for an hour",
        ),
        Limit(
            f"DynamoDB: {TABLE_WRITES:,} units a second for a new table",
            TABLE_WRITES * 60 / sum(units.values()),
            "the table grows automatically to twice its peak in half an hour; warm it before a campaign",
        ),
        Limit(
            f"DynamoDB: {INDEX_WRITES:,} units a second for one partition of an index",
            INDEX_WRITES * 60 / hottest,
            "more `SHARDS` in `shared/leads/agenda.py`; each adds one query to a sweep",
        ),
        Limit(f"Lambda: {CONCURRENCY:,} at once", (CONCURRENCY - SWEEP_SECONDS / 60) / busy, "request a higher quota"),
    )
    return tuple(sorted(found, key=lambda limit: limit.bears))


def total(rows: tuple[Row, ...]) -> float:
    """Return the sum of a bill."""
    return sum(row.dollars for row in rows)


# How to send fewer emails of a kind, and the price of doing so.
FEWER: Final = {
    "alert": "Use one shared mailbox in `AlertRecipients`; then you cannot tell who claimed a request. One email to "
    "all recipients would cost the same, because SES counts recipients. You cannot turn alerts off",
    "reminder": "Claim requests in time, or raise `remind_after`. You cannot turn reminders off: "
    "they make sure that no request is forgotten",
    "escalation": "Claim requests in time, or raise `escalate_after`. Without `FallbackRecipients`, escalations go to "
    "the alert recipients again",
    "claimed": "Set `TellOthers` to no; the only risk is a second call to the same person. With one recipient, none "
    "is sent",
    "no answer": "Set `TellOthers` to no; the only risk is that a colleague does not know of the try",
    "closed": "Set `TellOthers` to no; the only risk is a call to a person who was reached already",
    "owner reminder": "Say how it went with the buttons in the emails, or raise `claimed_after`. You cannot turn these "
    "reminders off: they make sure that no claimed request is forgotten",
    "not reached": "As with the owner's reminders",
    "call again": "You cannot send fewer. Each alert recipient gets one for each call that nobody answered. If only "
    "the owner got it, nobody else would call. Without these emails, the person would be forgotten",
    "confirmation": "None is sent by default (`VisitorConfirmation` is no). An address gets at most one a day",
}


_MORE_METRICS: Final = """\
Each further metric costs at most 0.30 a month, in proportion to the hours in which it is counted. On a clinic's usual
days, there are about ten of them: up to 3 dollars."""
_FREE_TIER: Final = """\
Every month, the permanent free tier covers 10 alarms, 10 metrics, 3 dashboards, 5 GB of logs, 1,000,000 Lambda
requests, 400,000 GB-seconds, 20,000 KMS requests, 14,000,000 scheduled invocations, 25 GB of DynamoDB storage and
100 GB of data out. AWS has usually also covered 1,000,000 API calls and 3,000 emails a month in an
account's first year."""
_FIRST: Final = """\
The limits in requests a minute, lowest first. **no**: the limit is below the rate at the top of the column."""
_CALLS: Final = f"""\
The throttle counts calls, not requests. With `form.js`, one request takes {FORM_CALLS} calls to the API: the browser
first asks whether your page may send it (a preflight), then sends it. So {THROTTLE_RATE} calls a second are
{THROTTLE_RATE / FORM_CALLS:g} requests a second, or {THROTTLE_RATE / FORM_CALLS * 60:g} a minute. A form without
JavaScript takes one call."""
_RATES: Final = """\
These figures assume this rate all month, the shares listed below, and that every limit above was raised for it. With
the limits as they are, the throttle refuses the share in the last row. If staff cannot keep up with so many requests,
there are more reminders and escalations."""
_LEFT_OVER: Final = """\
Emails that SES, the notify function or the sweep cannot handle stay on the agenda and go out later. After about three
days of attempts they are undeliverable, and `make redrive` sends them again. A request that the throttle refuses is
never stored. The error page tells the visitor so and shows numbers to call."""


def table(figures: Figures, *more: str) -> str:
    """Return all sections about costs and limits as Markdown, with `more` sections after the fixed costs."""
    costs = (_costs(figures), _mails(figures), _standing(figures), *more)
    return "\n\n".join((*costs, _load(figures), _assumed(figures), _sources()))


def mail_share(rows: tuple[Row, ...]) -> float:
    """Return the share of email in a bill."""
    return sum(row.dollars for row in rows if row.component.startswith("email")) / total(rows)


def _costs(figures: Figures) -> str:
    few, many = bill(figures, 1e3), bill(figures, 1e6)
    of_few = {row.component: row.dollars for row in few}
    lines = [
        [row.component, _money(of_few[row.component]), _money(row.dollars), f"{row.dollars / total(many):.1%}"]
        for row in many
        if row.dollars
    ]
    return (
        "## Cost of requests\n\nDollars at us-east-1 list prices, without the free tier, for a thousand requests in a "
        f"month and for a million.\nEmail is {mail_share(few):.0%} of the cost of a thousand and {mail_share(many):.0%}"
        " of the cost of a million: when requests are far apart, each one causes cold starts, calls to KMS and reads"
        " of the secret.\n\n"
        + markdown.table(
            ["component", "1,000", "1,000,000", "share of 1,000,000"],
            [*lines, ["**all**", _money(total(few)), _money(total(many)), "100%"]],
        )
    )


def _mails(figures: Figures) -> str:
    lines = [
        [kind, f"{each:.2f}", _money(prices.MAIL.of(each * 1e6)), FEWER[kind]] for kind, each in figures.emails.items()
    ]
    return "### Emails, 0.0001 dollars each\n\n" + markdown.table(
        ["email", "per request", "dollars per million requests", "how to send fewer"], lines
    )


def _standing(figures: Figures) -> str:
    rows = standing(figures)
    lines = [[row.component, _money(row.dollars)] for row in rows]
    return (
        "### Fixed costs\n\nThese are the costs of a month without any requests.\n\n"
        + markdown.table(["component", "dollars a month"], [*lines, ["**all**", _money(total(rows))]])
        + f"\n\n{_MORE_METRICS}\n\n{_FREE_TIER}"
    )


def _load(figures: Figures) -> str:
    ends = limits(figures)
    months = [total(bill(figures, rate * MONTH_MINUTES)) + total(standing(figures)) for rate in PLACES]
    units, throttled = figures.units, THROTTLE_RATE * 60 / FORM_CALLS
    facts = [
        ["dollars a month", *(f"{month:,.0f}" for month in months)],
        ["emails a second", *(_number(rate / 60 * sum(figures.emails.values())) for rate in PLACES)],
        ["busy Lambda environments", *(_number(concurrency(figures, rate)) for rate in PLACES)],
        ["DynamoDB write units a second", *(_number(rate / 60 * sum(units.values())) for rate in PLACES)],
        ["of these, in one agenda partition", *(_number(rate / 60 * units["agenda"] / SHARDS) for rate in PLACES)],
        ["refused by the throttle, unless it is raised", *(f"{max(0.0, 1 - throttled / rate):.0%}" for rate in PLACES)],
    ]
    lines = [
        [end.what, _number(end.bears), *("yes" if end.bears >= rate else "**no**" for rate in PLACES), end.remedy]
        for end in ends
    ]
    return (
        f"## What gives way first\n\n{_FIRST}\n\n"
        + markdown.table(["limit", "allows", *(f"at {rate:,}" for rate in PLACES), "what to do"], lines)
        + f"\n\n{_CALLS}\n\n{_LEFT_OVER}\n\n### At 1, 100 and 10,000 requests a minute\n\n{_RATES}\n\n"
        + markdown.table(["requests a minute", *(f"{rate:,}" for rate in PLACES)], facts)
    )


def _assumed(figures: Figures) -> str:
    lines = [[field.name.replace("_", " "), _described(getattr(figures, field.name))] for field in fields(figures)]
    return "## Measured and assumed figures\n\n" + markdown.table(["per request", "figure"], lines)


def _sources() -> str:
    lines = []
    for page, of_page in groupby(sorted(prices.ALL, key=lambda price: price.page), key=lambda price: price.page):
        for price in of_page:
            amount = "" if price.per == 1 else f"{price.per:,.0f} "
            seen = f"[page]({price.seen})" if price.seen else "no other page found"
            lines.append([f"{amount}{price.unit}", f"{price.dollars:g}", page, seen])
    return "## Prices\n\n" + markdown.table(["unit", "dollars", "AWS's page", "confirmed by"], lines)


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
    return f"{dollars:,.2f}" if dollars >= 0.1 else f"{dollars:.4f}"  # noqa: PLR2004 - smaller amounts need more digits


def _number(value: float) -> str:
    if isinf(value):
        return "any"
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"  # noqa: PLR2004 - decimals add nothing to larger numbers
