"""What a run says: a table, the targets and a picture."""

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

# Where half of the rounds lie further apart than this, other work on the machine got into the wall times.
_NOISY = 0.15

_OURS, _THEIRS = "#0b6e4f", "#9aa5b1"


@dataclass(frozen=True, slots=True)
class Machine:
    """Where and on what a run was made."""

    described: str
    load: float  # processes that wanted to run when it began

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
    """Return the targets and how they were met as a Markdown table."""
    rows = []
    for each in verdicts:
        noise = f" ± {each.ratio.noise:.2f}" if each.ratio.noise >= 0.005 else ""  # noqa: PLR2004 - what would be seen
        rows.append((each.title, f"{each.ratio.median:.2f}{noise}", f"{each.bar:.2f}", each.words))
    return markdown.table(("ours / ...", "ratio", "bar", ""), rows, numbers=(1, 2)) + "\n"


def noise(results: Sequence[Result], machine: Machine) -> str:
    """Say whether other work got into the figures."""
    spread = statistics.median(
        (high - low) / median
        for low, median, high in (
            statistics.quantiles([each.cold_seconds for each in result.rounds], n=4, method="inclusive")
            for result in results
        )
    )
    if spread <= _NOISY:
        return f"The machine was quiet: half of a contender's cold starts lie within {spread:.0%} of each other."
    return (
        f"**The machine was noisy**: half of a contender's cold starts lie {spread:.0%} apart, and {machine.load:.1f} "
        "processes wanted to run when it began. Read the instructions and the ratios, not the milliseconds."
    )


def method(counted_by: str | None) -> str:
    """Say how it was measured."""
    instructions = f"counted by {counted_by} in user space" if counted_by else "not counted: neither perf nor valgrind"
    return (
        f"{ROUNDS} rounds; in each, every contender has its turn in a fresh process, in another order each time: the "
        f"first request (cold: from the start of the process to the answer that a request is stored), then "
        f"{WARM_REQUESTS} more. Lambda is AWS's Runtime Interface Emulator with AWS's own Python client; DynamoDB is "
        "the local one, over TLS, the same for all. Medians, ± half of a 95% interval. Files are in the machine's "
        f"memory for everybody before the first round; no process may keep bytecode. Instructions: {instructions}; "
        "the kernel's work, such as writing logs, is in the CPU time only. Who packages boto3, as `sam build` does "
        "when requirements name it, starts slower by what the two naive rows differ by. The tutorial's every request "
        "is traced; X-Ray samples the first in each second and 5% of the others.\n"
    )


def plot(results: Sequence[Result], file: Path) -> None:
    """Draw cold start, warm request, memory and size of every contender side by side."""
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
    colours = [_OURS if name == OURS else _THEIRS for name in names]
    for axis, (title, values) in zip(axes, panels.items(), strict=True):
        bars = axis.barh(names, values, color=colours)
        axis.bar_label(bars, [f"{value:,.0f}" if value >= 10 else f"{value:.1f}" for value in values], padding=3)  # noqa: PLR2004 - two digits
        axis.set_title(title, fontsize=11)
        axis.margins(x=0.2)
        axis.xaxis.set_visible(False)
        axis.spines[["top", "right", "bottom"]].set_visible(False)
    axes[0].invert_yaxis()
    picture.savefig(file, dpi=110, metadata={"Software": f"matplotlib {version('matplotlib')}"})


def today() -> str:
    """Return the date of a run."""
    return datetime.now(UTC).date().isoformat()


def _spread(value: Figure) -> str:
    return f"{value.median:,.0f} ± {value.noise:,.0f}"
