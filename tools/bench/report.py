"""The report of a run: a table, the targets and a plot."""

import os
import platform
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from matplotlib.figure import Figure as Picture

from tools.bench import markdown
from tools.bench.contenders import OURS
from tools.bench.measure import ROUNDS, WARM_REQUESTS, Figure, Result, figure
from tools.bench.packages import locked
from tools.bench.targets import Verdict

# If half of the rounds differ by more than this, other work on the machine affected the wall times.
_NOISY = 0.15

_OURS, _THEIRS = "#0b6e4f", "#9aa5b1"


@dataclass(frozen=True, slots=True)
class Machine:
    """The machine of a run."""

    described: str
    load: float  # processes waiting to run at the start

    @classmethod
    def here(cls) -> "Machine":
        """Describe this machine."""
        cpu = next(
            (
                line.partition(":")[2].strip()
                for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
                if line.startswith("model name")
            ),
            platform.machine(),
        )
        packages = ("boto3", "pydantic", "aws-lambda-powertools")
        return cls(
            f"{os.cpu_count()} x {cpu}, {platform.system()} {platform.release().partition('-')[0]}, Python "
            f"{platform.python_version()}, " + ", ".join(f"{name} {locked(name)}" for name in packages),
            os.getloadavg()[0],
        )


def table(results: Sequence[Result]) -> str:
    """Return every contender's figures as a Markdown table."""
    columns = (
        *("contender", "cold, M instr.", "warm, M instr.", "cold ms", "cold CPU ms", "warm ms, p50", "p99"),
        *("warm CPU ms", "peak MB", "zipped MB", "unzipped MB"),
    )
    rows = []
    for result in results:
        counted = result.instructions
        warm = sorted(seconds for each in result.rounds for seconds in each.warm_seconds)
        cells = (
            result.contender.title,
            f"{counted.cold / 1e6:,.0f}" if counted else "-",
            f"{counted.warm / 1e6:.1f}" if counted else "-",
            _spread(figure([each.cold_seconds * 1e3 for each in result.rounds])),
            _spread(figure([each.cold_cpu_seconds * 1e3 for each in result.rounds])),
            f"{statistics.median(warm) * 1e3:.1f}",
            f"{statistics.quantiles(warm, n=100)[98] * 1e3:.1f}",
            f"{statistics.median(each.warm_cpu_seconds for each in result.rounds) * 1e3:.1f}",
            f"{statistics.median(each.peak_memory for each in result.rounds) / 1e6:.0f}",
            f"{result.size.zipped / 1e6:.1f}",
            f"{result.size.unzipped / 1e6:.1f}",
        )
        rows.append(cells)
    return markdown.table(columns, rows, numbers=range(1, len(columns))) + "\n"


def targets(verdicts: Sequence[Verdict]) -> str:
    """Return the targets and results as a Markdown table."""
    rows = []
    for each in verdicts:
        noise = f" ± {each.ratio.noise:.2f}" if each.ratio.noise >= 0.005 else ""  # noqa: PLR2004 - less shows as 0.00
        rows.append((each.title, f"{each.ratio.median:.2f}{noise}", f"{each.bar:.2f}", each.words))
    return markdown.table(("ours / ...", "ratio", "bar", ""), rows, numbers=(1, 2)) + "\n"


def noise(results: Sequence[Result], machine: Machine) -> str:
    """Return a sentence about how much other work affected the figures."""
    spread = statistics.median(
        (high - low) / median
        for low, median, high in (
            statistics.quantiles([each.cold_seconds for each in result.rounds], n=4, method="inclusive")
            for result in results
        )
    )
    if spread <= _NOISY:
        return f"The machine was quiet: half of a contender's cold starts are within {spread:.0%} of each other."
    return (
        f"**The machine was noisy**: even the middle half of a contender's cold starts differ by up to {spread:.0%}, "
        f"and {machine.load:.1f} processes were waiting to run at the start. Rely on the instructions and the ratios, "
        "not on the milliseconds."
    )


def method(counted_by: str | None) -> str:
    """Return a paragraph about the method."""
    instructions = (
        f"{counted_by} counts the instructions in user space; CPU time also includes the kernel's work, such as writing"
        " logs"
        if counted_by
        else "Instructions are not counted, because neither perf nor valgrind works on this machine"
    )
    return (
        f"There are {ROUNDS} rounds. In each round, every contender runs in a fresh process, in a different order. It "
        "handles a first request (cold: from the start of the process to the response that a request is stored) and "
        f"then {WARM_REQUESTS} more. AWS's Runtime Interface Emulator with AWS's own Python client takes the place of "
        "Lambda. All contenders use the same local DynamoDB over TLS. Figures are medians ± half of a 95% interval. "
        "Before the first round, the machine loads all files into memory. Processes cannot save bytecode. "
        f"{instructions}. Packaging boto3, as `sam build` does when it is in the requirements, makes a start slower: "
        "compare the two naive rows. Every request of the tutorial is traced; X-Ray by default samples the first "
        "request in each second and 5% of the others.\n"
    )


def plot(results: Sequence[Result], file: Path) -> None:
    """Plot cold start, warm request and size of every contender side by side."""
    counted = all(result.instructions for result in results)
    panels: Mapping[str, list[float]] = {
        "cold start, ms": [statistics.median(each.cold_seconds for each in result.rounds) * 1e3 for result in results],
        "cold start, million instructions" if counted else "cold start, CPU ms": [
            result.instructions.cold / 1e6
            if result.instructions
            else statistics.median(each.cold_cpu_seconds for each in result.rounds) * 1e3
            for result in results
        ],
        "warm request, CPU ms": [
            statistics.median(each.warm_cpu_seconds for each in result.rounds) * 1e3 for result in results
        ],
        "zipped, MB": [result.size.zipped / 1e6 for result in results],
    }
    picture = Picture(figsize=(14, 4), layout="constrained")
    axes = picture.subplots(1, len(panels), sharey=True)
    names = [result.contender.name for result in results]
    colors = [_OURS if name == OURS else _THEIRS for name in names]
    for axis, (title, values) in zip(axes, panels.items(), strict=True):
        bars = axis.barh(names, values, color=colors)
        axis.bar_label(bars, [f"{value:,.0f}" if value >= 10 else f"{value:.1f}" for value in values], padding=3)  # noqa: PLR2004 - show two digits
        axis.set_title(title, fontsize=11)
        axis.margins(x=0.2)
        axis.xaxis.set_visible(False)
        axis.spines[["top", "right", "bottom"]].set_visible(False)
    axes[0].invert_yaxis()
    picture.savefig(file, dpi=110, metadata={"Software": f"matplotlib {version('matplotlib')}"})


def today() -> str:
    """Return today's date (UTC)."""
    return datetime.now(UTC).date().isoformat()


def _spread(value: Figure) -> str:
    return f"{value.median:,.0f} ± {value.noise:,.0f}"
