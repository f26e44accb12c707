"""What growth.py measured, in words, tables and a picture."""

from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from matplotlib.figure import Figure as Picture

from tests.architecture.templates import load
from tools.bench import markdown
from tools.bench.growth import Batch, Cost, Growth, Sweep
from tools.bench.measure import Figure, figure
from tools.local.emulator import ROOT
from tools.local.parameters import RECIPIENTS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_METHOD = """\
Our functions as `sam build` makes them, warm, a table and a process for each size, all of them in turn. Medians, ± half
of a 95% interval. CPU is the function's own process. Wall is what its caller waited, with all that the local AWS took
over each call, so it says little of AWS. The leads stored are done with, as nearly all are after a while, and on no
agenda: the local AWS sorts a whole partition of an index for each query. AWS does not, so it must not get in here.
"""


def tables(growth: Growth) -> str:
    """Return the figures and what they mean as Markdown, to stand below a heading of the first level."""
    few, many = growth.sizes[0], growth.sizes[-1]
    idle, busy = many.sweeps[0], many.sweeps[-1]
    alone, largest = growth.batches[0], growth.batches[-1]
    from_to = f"From {few.stored:,} to {many.stored:,} leads"
    request = f"{from_to} a request's CPU changes by {_change(few.submit, many.submit)}. It is one write by key."
    sweep = (
        f"{from_to} the CPU of a sweep with nothing due changes by {_change(few.sweeps[0].cost, idle.cost)}. "
        f"Of {many.stored:,} leads with {busy.due} due, DynamoDB looks at {busy.read} to find them. Each due lead adds "
        f"{_slope(_ladder(growth)):.0f} ms: to lease it, screen it, look for earlier requests, send {len(RECIPIENTS)} "
        "mails and write down what came of them."
    )
    batch = (
        f"A lead on its own takes {_per_lead(alone):.1f} ms of CPU, and one of {largest.leads} takes "
        f"{_per_lead(largest):.1f} ms. The stream brings {_most_in_a_batch()} at the most."
    )
    return "\n".join(
        (
            *("## Growth", "", _METHOD),
            *("![CPU of a request, a sweep and a batch as a clinic grows](growth.png)", ""),
            *("### A request, by the leads stored", "", request, ""),
            *_rows(
                ("leads stored", "CPU ms", "wall ms"),
                ((f"{size.stored:,}", _ms(size.submit.cpu), _ms(size.submit.wall)) for size in growth.sizes),
            ),
            *("### A sweep, by the leads stored and the leads due", "", sweep, ""),
            *_rows(
                ("leads stored", "due", "items looked at", "CPU ms", "wall ms"),
                (
                    (f"{size.stored:,}", str(each.due), str(each.read), _ms(each.cost.cpu), _ms(each.cost.wall))
                    for size in growth.sizes
                    for each in size.sweeps
                ),
            ),
            *("### Alerts at once, by the leads in a batch of the stream", "", batch, ""),
            *_rows(
                ("leads in the batch", "CPU ms", "wall ms", "CPU ms a lead", "leads a second"),
                (
                    (
                        *(str(each.leads), _ms(each.cost.cpu), _ms(each.cost.wall)),
                        *(f"{_per_lead(each):.1f}", f"{each.leads / each.cost.wall.median:.0f}"),
                    )
                    for each in growth.batches
                ),
            ),
        )
    )


def plot(growth: Growth, file: Path) -> None:
    """Draw a request and a sweep by the leads stored, a sweep by the leads due, and a batch by its size."""
    picture = Picture(figsize=(14, 4), layout="constrained")
    by_size, by_due, by_batch = picture.subplots(1, 3)

    stored = [size.stored for size in growth.sizes]
    _line(by_size, stored, [size.submit.cpu for size in growth.sizes], "a request")
    _line(by_size, stored, [size.sweeps[0].cost.cpu for size in growth.sizes], "a sweep with nothing due", "#9aa5b1")
    _name(by_size, "With more leads stored", "leads stored")
    by_size.legend(frameon=False, loc="lower left")
    by_size.set_xscale("symlog", linthresh=stored[1])  # decades, and a place for none
    by_size.set_xticks(stored, [f"{each:,}" for each in stored])
    by_size.minorticks_off()

    ladder = _ladder(growth)
    _line(by_due, [each.due for each in ladder], [each.cost.cpu for each in ladder], "a sweep")
    _name(by_due, "With more leads due", "leads due")

    _line(by_batch, [each.leads for each in growth.batches], [each.cost.cpu for each in growth.batches], "a batch")
    _name(by_batch, "With more leads at once", "leads in a batch of the stream")

    picture.savefig(file, dpi=110, metadata={"Software": f"matplotlib {version('matplotlib')}"})


def _line(
    axes: "Axes", positions: Sequence[int], seconds: Sequence[Figure], label: str, colour: str = "#0b6e4f"
) -> None:
    medians, noise = [each.median * 1e3 for each in seconds], [each.noise * 1e3 for each in seconds]
    axes.errorbar(positions, medians, yerr=noise, label=label, color=colour, marker="o", markersize=4, capsize=3)


def _name(axes: "Axes", title: str, across: str) -> None:
    axes.set_title(title, fontsize=11)
    axes.set_xlabel(across)
    axes.set_ylabel("CPU, ms")
    axes.set_ylim(bottom=0)
    axes.spines[["top", "right"]].set_visible(False)


def _rows(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return [markdown.table(columns, rows, numbers=range(len(columns))), ""]


def _ms(seconds: Figure) -> str:
    digits = 1 if seconds.median < 0.1 else 0  # noqa: PLR2004 - three digits say enough
    return f"{seconds.median * 1e3:,.{digits}f} ± {seconds.noise * 1e3:,.{digits}f}"


def _change(before: Cost, after: Cost) -> str:
    """Return by how much the CPU differs, from pairs of invocations right after each other."""
    ratio = figure([late / early for early, late in zip(before.cpus, after.cpus, strict=True)])
    return f"{ratio.median - 1:+.0%} ± {ratio.noise:.0%}"


def _ladder(growth: Growth) -> tuple[Sweep, ...]:
    """Return the sweeps at the size with the most of them."""
    return max((size.sweeps for size in growth.sizes), key=len)


def _slope(sweeps: Sequence[Sweep]) -> float:
    """Return the milliseconds of CPU that each due lead adds."""
    least, most = sweeps[0], sweeps[-1]
    return (most.cost.cpu.median - least.cost.cpu.median) / (most.due - least.due) * 1e3


def _per_lead(batch: Batch) -> float:
    return batch.cost.cpu.median / batch.leads * 1e3


def _most_in_a_batch() -> int:
    resources = load((ROOT / "template.yaml").read_text(encoding="utf-8"))["Resources"]
    return int(resources["NotifyFunction"]["Properties"]["Events"]["NewLeads"]["Properties"]["BatchSize"])
