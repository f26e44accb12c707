"""Measures every contender in fresh processes, one after the other, in several rounds."""

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
WARM_REQUESTS = 40  # per process, after its first request
_COUNTED_REQUESTS = 20
_CREATED = 201


@dataclass(frozen=True, slots=True)
class Round:
    """One process of a contender: its first request and the ones after it."""

    cold_seconds: float  # from the start of the process to its first response, which confirms a stored request
    cold_cpu_seconds: float
    warm_seconds: tuple[float, ...]
    warm_cpu_seconds: float  # per request
    peak_memory: int  # bytes, at the end


@dataclass(frozen=True, slots=True)
class Instructions:
    """Instructions in user space."""

    cold: int  # from the start of the process to its first response
    warm: float  # per request after that


@dataclass(frozen=True, slots=True)
class Result:
    """All measurements of a contender."""

    contender: Contender
    rounds: tuple[Round, ...]
    size: Size
    instructions: Instructions | None


def measure(contenders: Sequence[Contender], counter: Counter | None, folder: Path) -> tuple[Result, ...]:
    """Measure all contenders. Raises FunctionError if one does not store its requests or writes to its own package."""
    sizes = [size(contender.package.folders) for contender in contenders]
    with step("Running each contender once, so the machine has all files in memory"):
        for contender in contenders:
            _run(contender, 1, folder)
    rounds: dict[str, list[Round]] = {contender.name: [] for contender in contenders}
    order = random.Random(20261123)  # noqa: S311 - a different order in each round, but the same in every run
    for number in range(1, ROUNDS + 1):
        with step(f"Round {number} of {ROUNDS}"):
            for contender in order.sample(contenders, len(contenders)):
                rounds[contender.name].append(_round(contender, folder))
    counted = _count(contenders, counter, folder) if counter else {}
    # Bytecode that a process saved would speed up the start of the next one.
    if [size(contender.package.folders) for contender in contenders] != sizes:
        raise FunctionError("A contender wrote into its own package, so later processes started faster.")
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
    """Count with and without further requests; the difference is their cost. Parallel runs do not change counts."""

    def count(contender: Contender, requests: int) -> int:
        file = folder / f"{contender.name}-{requests}.count"
        _run(contender, requests, folder, command=counter.command(file))
        return counter.read(file)

    with step(f"Counting instructions with {counter.name}"), ThreadPoolExecutor(os.cpu_count()) as pool:
        once = {each.name: pool.submit(count, each, 1) for each in reversed(contenders)}
        more = {each.name: pool.submit(count, each, 1 + _COUNTED_REQUESTS) for each in reversed(contenders)}
        return {
            name: Instructions(first.result(), (more[name].result() - first.result()) / _COUNTED_REQUESTS)
            for name, first in once.items()
        }


def _run(contender: Contender, requests: int, folder: Path, *, command: Sequence[str] = ()) -> None:
    # Without a fixed seed, Python orders sets differently in each process.
    environment = {**contender.environment, "PYTHONHASHSEED": "0"}
    log = _log(contender, folder).with_suffix(f".{requests}.log")
    with Function(contender.package, environment, log=log, counter=command) as function:
        for _ in range(requests):
            _store(function, contender)


def _store(function: Function, contender: Contender) -> Answer:
    answer = function.invoke(event())
    if answer.body.get("statusCode") != _CREATED:
        raise FunctionError(f"{contender.name} did not store a request. Its response: {answer.body}")
    return answer


def _log(contender: Contender, folder: Path) -> Path:
    return folder / "logs" / f"{contender.name}.log"


@dataclass(frozen=True, slots=True)
class Figure:
    """A median and its uncertainty (half of a 95% interval)."""

    median: float
    noise: float


def figure(values: Sequence[float]) -> Figure:
    """Return the median of `values` and half of its 95% interval.

    That is 1.96 standard errors of a median. For normally distributed values, each is 1.253 / 1.349 IQR / sqrt(n).
    """
    if len(values) == 1:
        return Figure(values[0], 0.0)
    low, median, high = statistics.quantiles(values, n=4, method="inclusive")
    return Figure(median, 1.82 * (high - low) / len(values) ** 0.5)


def ratio(ours: Result, theirs: Result, measured: Callable[[Round], float]) -> Figure:
    """Return the ratio of `ours` to `theirs`: the median over the rounds, each of which measures both."""
    return figure([measured(a) / measured(b) for a, b in zip(ours.rounds, theirs.rounds, strict=True)])
