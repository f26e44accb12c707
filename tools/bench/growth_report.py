"""Writes the results of growth.py as text, tables and a plot."""

from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from matplotlib.figure import Figure as Picture

from notify.batch import MOST_ORDINARY
from tests.architecture.templates import load
from tools.bench import markdown
from tools.bench.growth import Batch, Cost, Growth, Sweep
from tools.bench.measure import Figure, figure
from tools.local.emulator import ROOT
from tools.local.parameters import RECIPIENTS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_METHOD = """\
We measured our own functions, built by `sam build`. They were warm. Each size had its own table and process, and the
sizes took turns. Figures are medians ± half of a 95% interval. CPU time is that of the function's process. Wall time is
that of its caller and includes the local AWS, so it says little about AWS. The stored leads are closed, as nearly all
leads are after a while, and not on the agenda. The local AWS sorts a whole index partition for each query. AWS does
not, so leads on the agenda would distort the figures.
"""


def tables(growth: Growth) -> str:
    """Return the section about growth as Markdown, with a heading of the second level."""
    few, many = growth.sizes[0], growth.sizes[-1]
    idle, busy = many.sweeps[0], many.sweeps[-1]
    alone, largest = growth.batches[0], growth.batches[-1]
    from_to = f"From {few.stored:,} to {many.stored:,} stored leads,"
    change = _change(few.submit, many.submit)
    request = f"{from_to} the CPU time of a request changes by {change}. A request is one write by key."
    sweep = (
        f"{from_to} the CPU time of a sweep without due leads changes by {_change(few.sweeps[0].cost, idle.cost)}. "
        f"With {busy.due} due leads among {many.stored:,}, DynamoDB reads {busy.read} items to find them. Each due "
        f"lead adds {_slope(_ladder(growth)):.0f} ms: the function leases it, screens it, looks for earlier requests, "
        f"sends {len(RECIPIENTS)} emails and stores the outcome."
    )
    batch = (
        f"A single lead takes {_per_lead(alone):.1f} ms of CPU time. In a batch of {largest.leads}, each lead takes "
        f"{_per_lead(largest):.1f} ms. The stream sends at most {_most_in_a_batch()} leads at once, and a batch starts "
        f"at most {MOST_ORDINARY} ordinary ones."
    )
    return "\n".join(
        (
            *("## Growth", "", _METHOD),
            *("![CPU time of a request, a sweep and a batch as a clinic grows](growth.png)", ""),
            *("### A request by stored leads", "", request, ""),
            *_rows(
                ("stored leads", "CPU ms", "wall ms"),
                ((f"{size.stored:,}", _ms(size.submit.cpu), _ms(size.submit.wall)) for size in growth.sizes),
            ),
            *("### A sweep by stored and due leads", "", sweep, ""),
            *_rows(
                ("stored leads", "due leads", "items read", "CPU ms", "wall ms"),
                (
                    (f"{size.stored:,}", str(each.due), str(each.read), _ms(each.cost.cpu), _ms(each.cost.wall))
                    for size in growth.sizes
                    for each in size.sweeps
                ),
            ),
            *("### Alerts by leads in a stream batch", "", batch, ""),
            *_rows(
                ("leads in the batch", "CPU ms", "wall ms", "CPU ms per lead", "leads a second"),
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
    """Plot a request and a sweep by stored leads, a sweep by due leads, and a batch by its size."""
    picture = Picture(figsize=(14, 4), layout="constrained")
    by_size, by_due, by_batch = picture.subplots(1, 3)

    stored = [size.stored for size in growth.sizes]
    _line(by_size, stored, [size.submit.cpu for size in growth.sizes], "a request")
    _line(by_size, stored, [size.sweeps[0].cost.cpu for size in growth.sizes], "a sweep without due leads", "#9aa5b1")
    _name(by_size, "With more stored leads", "stored leads")
    by_size.legend(frameon=False, loc="lower left")
    by_size.set_xscale("symlog", linthresh=stored[1])  # logarithmic, but with a place for zero
    by_size.set_xticks(stored, [f"{each:,}" for each in stored])
    by_size.minorticks_off()

    ladder = _ladder(growth)
    _line(by_due, [each.due for each in ladder], [each.cost.cpu for each in ladder], "a sweep")
    _name(by_due, "With more due leads", "due leads")

    _line(by_batch, [each.leads for each in growth.batches], [each.cost.cpu for each in growth.batches], "a batch")
    _name(by_batch, "With more leads at once", "leads in a stream batch")

    picture.savefig(file, dpi=110, metadata={"Software": f"matplotlib {version('matplotlib')}"})


def _line(
    axes: "Axes", positions: Sequence[int], seconds: Sequence[Figure], label: str, color: str = "#0b6e4f"
) -> None:
    medians, noise = [each.median * 1e3 for each in seconds], [each.noise * 1e3 for each in seconds]
    axes.errorbar(positions, medians, yerr=noise, label=label, color=color, marker="o", markersize=4, capsize=3)


def _name(axes: "Axes", title: str, across: str) -> None:
    axes.set_title(title, fontsize=11)
    axes.set_xlabel(across)
    axes.set_ylabel("CPU, ms")
    axes.set_ylim(bottom=0)
    axes.spines[["top", "right"]].set_visible(False)


def _rows(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return [markdown.table(columns, rows, numbers=range(len(columns))), ""]


def _ms(seconds: Figure) -> str:
    digits = 1 if seconds.median < 0.1 else 0  # noqa: PLR2004 - three digits are enough
    return f"{seconds.median * 1e3:,.{digits}f} ± {seconds.noise * 1e3:,.{digits}f}"


def _change(before: Cost, after: Cost) -> str:
    """Return the relative change of CPU time, from pairs of invocations in direct succession."""
    ratio = figure([late / early for early, late in zip(before.cpus, after.cpus, strict=True)])
    return f"{ratio.median - 1:+.0%} ± {ratio.noise:.0%}"


def _ladder(growth: Growth) -> tuple[Sweep, ...]:
    """Return the sweeps of the table with the most measurements."""
    return max((size.sweeps for size in growth.sizes), key=len)


def _slope(sweeps: Sequence[Sweep]) -> float:
    """Return the milliseconds of CPU time that each due lead adds."""
    least, most = sweeps[0], sweeps[-1]
    return (most.cost.cpu.median - least.cost.cpu.median) / (most.due - least.due) * 1e3


def _per_lead(batch: Batch) -> float:
    return batch.cost.cpu.median / batch.leads * 1e3


def _most_in_a_batch() -> int:
    resources = load((ROOT / "template.yaml").read_text(encoding="utf-8"))["Resources"]
    return int(resources["NotifyFunction"]["Properties"]["Events"]["NewLeads"]["Properties"]["BatchSize"])
