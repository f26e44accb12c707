"""The performance targets of the project, each a ratio within one run."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tools.bench.contenders import NAIVE, NAIVE_PACKAGED, OURS, TUTORIAL
from tools.bench.measure import Figure, Instructions, Result, Round, ratio


@dataclass(frozen=True, slots=True)
class Verdict:
    """A target and its result."""

    title: str
    ratio: Figure
    bar: float

    @property
    def missed(self) -> bool:
        """Whether the ratio exceeds the bar by more than the noise of the run."""
        return self.ratio.median - self.ratio.noise > self.bar

    @property
    def words(self) -> str:
        """The result in a few words."""
        if self.missed:
            return "MISSED"
        return "met" if self.ratio.median <= self.bar else "met, within the noise"


def verdicts(results: Mapping[str, Result]) -> tuple[Verdict, ...]:
    """Return the verdicts on a run. CPU time replaces instructions if these could not be counted."""
    ours, naive, packaged, tutorial = (results[name] for name in (OURS, NAIVE, NAIVE_PACKAGED, TUTORIAL))
    return (
        _COLD.beside("the naive handler with the runtime's boto3", ours, naive, 0.65),
        _COLD.beside("the usual tutorial", ours, tutorial, 0.12),
        _WARM.beside("the naive handler", ours, naive, 0.55),
        Verdict(
            "cold start, wall time: the naive handler with boto3 packaged",
            ratio(ours, packaged, lambda each: each.cold_seconds),
            0.35,
        ),
        Verdict("peak memory: the naive handler", ratio(ours, naive, lambda each: each.peak_memory), 0.85),
        Verdict(
            "zipped size of all loaded code: the usual tutorial",
            Figure(ours.size.zipped / tutorial.size.zipped, 0.0),
            0.25,
        ),
    )


@dataclass(frozen=True, slots=True)
class _Work:
    """A kind of work, and how to read its instructions and its CPU time."""

    title: str
    instructions: Callable[[Instructions], float]
    cpu_seconds: Callable[[Round], float]

    def beside(self, title: str, ours: Result, theirs: Result, bar: float) -> Verdict:
        if ours.instructions and theirs.instructions:
            counted = self.instructions(ours.instructions) / self.instructions(theirs.instructions)
            return Verdict(f"{self.title}, instructions: {title}", Figure(counted, 0.0), bar)
        return Verdict(f"{self.title}, CPU time: {title}", ratio(ours, theirs, self.cpu_seconds), bar)


_COLD = _Work("cold start", lambda counted: counted.cold, lambda each: each.cold_cpu_seconds)
_WARM = _Work("warm request", lambda counted: counted.warm, lambda each: each.warm_cpu_seconds)
