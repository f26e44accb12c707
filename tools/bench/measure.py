"""The measurement itself: every contender in fresh processes, one after the other, round by round."""

import os
import random
import statistics
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tools.bench.contenders import Contender
from tools.bench.instructions import Counter
from tools.bench.lambdas import Answer, Function, FunctionError
from tools.bench.packages import Size, size
from tools.bench.submissions import event
from tools.local.progress import step

ROUNDS = 9
WARM_REQUESTS = 40  # of one process, after its first
_COUNTED_REQUESTS = 20
_CREATED = 201


@dataclass(frozen=True, slots=True)
class Round:
    """One process of a contender: its first request and the ones after it."""

    cold_seconds: float  # from the start of the process to its first answer, which says that a request is stored
    cold_cpu_seconds: float
    warm_seconds: tuple[float, ...]
    warm_cpu_seconds: float  # per request
    peak_memory: int  # bytes, at the end


@dataclass(frozen=True, slots=True)
class Instructions:
    """Instructions in user space."""

    cold: int  # from the start of the process until it has answered its first request
    warm: float  # per request after that


@dataclass(frozen=True, slots=True)
class Result:
    """All that was measured of a contender."""

    contender: Contender
    rounds: tuple[Round, ...]
    size: Size
    instructions: Instructions | None


def measure(contenders: Sequence[Contender], counter: Counter | None, folder: Path) -> tuple[Result, ...]:
    """Measure all contenders. Raises FunctionError where one does not store what it is sent, or leaves bytecode."""
    sizes = [size(contender.package.folders) for contender in contenders]
    with step("Each contender once, unmeasured, so that all of their files are in the machine's memory"):
        for contender in contenders:
            _run(contender, 1, folder)
    rounds: dict[str, list[Round]] = {contender.name: [] for contender in contenders}
    order = random.Random(20261123)  # noqa: S311 - another order each round, the same ones each run
    for number in range(1, ROUNDS + 1):
        with step(f"Round {number} of {ROUNDS}"):
            for contender in order.sample(contenders, len(contenders)):
                rounds[contender.name].append(_round(contender, folder))
    counted = _count(contenders, counter, folder) if counter else {}
    # What a process compiled and kept would make the next one's start a warm one.
    if [size(contender.package.folders) for contender in contenders] != sizes:
        raise FunctionError("A contender has written into its own package, so later processes had a head start.")
    return tuple(
        Result(contender, tuple(rounds[contender.name]), weight, counted.get(contender.name))
        for contender, weight in zip(contenders, sizes, strict=True)
    )


def _round(contender: Contender, folder: Path) -> Round:
    with Function(contender.package, contender.environment, log=_log(contender, folder)) as function:
        cold = _store(function, contender)
        started = function.usage()
        warm = [_store(function, contender).seconds for _ in range(WARM_REQUESTS)]
        ended = function.usage()
    return Round(
        cold_seconds=cold.seconds,
        cold_cpu_seconds=started.cpu_seconds,
        warm_seconds=tuple(warm),
        warm_cpu_seconds=(ended.cpu_seconds - started.cpu_seconds) / WARM_REQUESTS,
        peak_memory=ended.peak_memory,
    )


def _count(contenders: Sequence[Contender], counter: Counter, folder: Path) -> dict[str, Instructions]:
    """Count with and without further requests; the difference is theirs. Side by side: counts do not mind."""

    def count(contender: Contender, requests: int) -> int:
        file = folder / f"{contender.name}-{requests}.count"
        _run(contender, requests, folder, command=counter.command(file))
        return counter.read(file)

    with step(f"Counting instructions by {counter.name}"), ThreadPoolExecutor(os.cpu_count()) as pool:
        once = {each.name: pool.submit(count, each, 1) for each in reversed(contenders)}
        more = {each.name: pool.submit(count, each, 1 + _COUNTED_REQUESTS) for each in reversed(contenders)}
        return {
            name: Instructions(first.result(), (more[name].result() - first.result()) / _COUNTED_REQUESTS)
            for name, first in once.items()
        }


def _run(contender: Contender, requests: int, folder: Path, *, command: Sequence[str] = ()) -> None:
    # Without a seed, Python's dictionaries and sets take another path through each run.
    environment = {**contender.environment, "PYTHONHASHSEED": "0"}
    log = _log(contender, folder).with_suffix(f".{requests}.log")
    with Function(contender.package, environment, log=log, counter=command) as function:
        for _ in range(requests):
            _store(function, contender)


def _store(function: Function, contender: Contender) -> Answer:
    answer = function.invoke(event())
    if answer.body.get("statusCode") != _CREATED:
        raise FunctionError(f"{contender.name} did not store a request; it answered {answer.body}")
    return answer


def _log(contender: Contender, folder: Path) -> Path:
    return folder / "logs" / f"{contender.name}.log"


@dataclass(frozen=True, slots=True)
class Figure:
    """A median, and how far it may be off (half of a 95% interval)."""

    median: float
    noise: float


def figure(values: Sequence[float]) -> Figure:
    """Return the median of `values` and half of its 95% interval.

    That is 1.96 standard errors of a median, 1.253 / 1.349 IQR / sqrt(n) each where values are normally distributed.
    """
    if len(values) == 1:
        return Figure(values[0], 0.0)
    low, median, high = statistics.quantiles(values, n=4, method="inclusive")
    return Figure(median, 1.82 * (high - low) / len(values) ** 0.5)


def ratio(ours: Result, theirs: Result, measured: Callable[[Round], float]) -> Figure:
    """Return how many times `theirs` ours takes: the median over the rounds, in each of which both had their turn."""
    return figure([measured(a) / measured(b) for a, b in zip(ours.rounds, theirs.rounds, strict=True)])
