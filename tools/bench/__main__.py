"""`make bench`: measures our submit path and its alternatives, checks the targets and writes docs/performance."""

import statistics
import subprocess
import sys
import time

from tools.bench import cost, desk, drain, flood, growth, growth_report, report
from tools.bench.cloud import Cloud
from tools.bench.contenders import OURS, contenders, our_package
from tools.bench.instructions import counter
from tools.bench.lambdas import FunctionError
from tools.bench.measure import Result, measure
from tools.bench.targets import verdicts
from tools.local.deployment import DeploymentError
from tools.local.emulator import ROOT, EmulatorError
from tools.local.progress import complain, say

_WORK = ROOT / ".local" / "bench"
_DOCS = ROOT / "docs" / "performance"

# Memory determines a function's share of a processor: https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
_WHOLE_PROCESSOR_MB = 1_769
_CONTENTS = (
    *("Targets", "How it was measured", "Growth", "Many due leads", "The desk", "Cost of requests", "Cost of a flood"),
    *("What gives way first", "Measured and assumed figures", "Prices"),
)
_WAIT_MS = 5  # for DynamoDB; AWS promises "single-digit millisecond"


def main() -> int:
    """Return 0 unless a target is missed by more than the noise of the run."""
    started = time.monotonic()
    machine = report.Machine.here()
    say("Measuring our submit function and its alternatives. This takes several minutes.")
    say("Other work on this machine adds noise to the times.")
    counts = counter(_WORK)
    with Cloud(_WORK) as cloud, contenders(cloud, _WORK) as everybody:
        results = measure(everybody, counts, _WORK)
        growing = growth.measure(
            cloud,
            submit=our_package("submit", _WORK),
            notify=our_package("notify", _WORK),
            follow_up=our_package("follow_up", _WORK),
            folder=_WORK,
        )
        at_the_desk = desk.measure(cloud, our_package("desk", _WORK), counts, _WORK)
    drained = drain.measure()
    judged = (*verdicts({result.contender.name: result for result in results}), *drained.verdicts)

    text = "\n".join(
        (
            "# Performance",
            "",
            f"Written by `make bench` on {report.today()}: {machine.described}.",
            report.noise(results, machine),
            "",
            *(f"- [{each}](#{each.lower().replace(' ', '-')})" for each in _CONTENTS),
            "",
            "![Cold start, warm request and size of each contender](contenders.png)",
            "",
            report.table(results),
            "## Targets",
            "",
            report.targets(judged),
            "## How it was measured",
            "",
            report.method(counts.name if counts else None),
            growth_report.tables(growing),
            drain.text(drained),
            desk.text(at_the_desk),
            cost.table(_figures(results), flood.section(cost.Figures())),
        )
    )
    _DOCS.mkdir(parents=True, exist_ok=True)
    (_DOCS / "README.md").write_text(text, encoding="utf-8")
    report.plot(results, _DOCS / "contenders.png")
    growth_report.plot(growing, _DOCS / "growth.png")

    say(f"\n{report.table(results)}\n{report.targets(judged)}\n{report.noise(results, machine)}")
    say(f"The results are in docs/performance. The run took {time.monotonic() - started:.0f} s.")
    for verdict in judged:
        if verdict.missed:
            complain(f"MISSED: {verdict.title}: {verdict.ratio.median:.2f}; the bar is {verdict.bar:.2f}")
    return 1 if any(verdict.missed for verdict in judged) else 0


def _figures(results: tuple[Result, ...]) -> cost.Figures:
    ours = next(result for result in results if result.contender.name == OURS)
    cold = statistics.median(each.cold_cpu_seconds for each in ours.rounds)
    warm = statistics.median(each.warm_cpu_seconds for each in ours.rounds)
    # Lambda's INIT phase gets a larger share of a processor than `slower` assumes. The wait for DynamoDB is billed too.
    slower = _WHOLE_PROCESSOR_MB / cost.MEMORY_MB
    return cost.Figures(
        submit=cost.Function(
            warm_ms=warm * slower * 1e3 + _WAIT_MS,
            cold_ms=cold * slower * 1e3 + _WAIT_MS,
            log_bytes=cost.Figures().submit.log_bytes,
        )
    )


def _in_words() -> int:
    """Run the benchmark. Expected errors are printed without a traceback."""
    try:
        return main()
    except (DeploymentError, EmulatorError, FunctionError, ValueError) as error:
        complain(f"\n{error}")
    except subprocess.CalledProcessError as error:
        complain(f"\nThis command failed: {' '.join(map(str, error.cmd))}")
        complain("It downloads from PyPI. Check your network connection and try again.")
    except KeyboardInterrupt:
        return 130
    return 1


sys.exit(_in_words())
