"""Several threads share a process's logger, metrics and secret: no line is damaged, no value lost, nothing mixed up."""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Lock
from time import sleep
from typing import TYPE_CHECKING, Any, cast

import pytest
from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError

from follow_up.sweep import sweep
from notify.batch import alert_each
from shared.runtime.telemetry import alert_metrics, logger, metrics
from shared.services.secret import Secret, SecretUnavailableError
from shared.store.intake import STREAM_GRACE
from shared.store.keys import key
from tests.unit.output import everything_printed
from tests.unit.senders import NO_DIGEST, Rehearsal

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.parameters.base import BaseProvider

THREADS, TIMES = 12, 400


@pytest.fixture(autouse=True)
def _impatient() -> Iterator[None]:
    """Let threads interrupt each other much more often than usual."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def side_by_side(work: Any) -> None:  # noqa: ANN401 - takes the number of its thread
    """Run `work` in many threads at the same time."""
    together = Barrier(THREADS)

    def one(number: int) -> None:
        together.wait(10)
        work(number)

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(one, range(THREADS)))


def lines_of(printed: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in printed.splitlines()]


def test_no_metric_is_lost_and_no_line_is_damaged() -> None:
    def work(number: int) -> None:
        for time in range(TIMES):
            (metrics if time % 2 else alert_metrics).add_metric("MadeUp", "Count", 1)
            logger.info("made up", extra={"attempt": str(number)})

    with everything_printed() as output:
        side_by_side(work)
    lines = lines_of(output.getvalue())
    emitted: Counter[str] = Counter()
    for line in lines:
        emitted[line["service"]] += len(line.get("MadeUp", ()))
    assert emitted == {metrics.service: THREADS * TIMES / 2, "alerts": THREADS * TIMES / 2}
    assert sum("message" in line for line in lines) == THREADS * TIMES


def test_the_lines_of_a_thread_have_its_own_keys() -> None:
    def work(number: int) -> None:
        for time in range(TIMES):
            logger.thread_safe_append_keys(lead_id=f"{number}/{time}")
            logger.info("made up", extra={"reference": f"{number}/{time}"})
            logger.thread_safe_remove_keys(["lead_id"])
            logger.info("made up, without")

    with everything_printed() as output:
        side_by_side(work)
    lines = lines_of(output.getvalue())
    assert len(lines) == 2 * THREADS * TIMES
    assert all(line.get("lead_id") == line.get("reference") for line in lines)


@pytest.mark.parametrize("function", ["follow_up", "notify"])
def test_each_line_about_a_lead_names_that_lead_and_no_line_after_them_does(function: str) -> None:
    desk = Rehearsal()
    ids = [desk.store(number) for number in range(20)]
    for broken in ids[::5]:
        desk.poison(broken, "made-up words")
    desk.clock.time += STREAM_GRACE
    with everything_printed() as output:
        if function == "follow_up":
            sweep(desk.sender(), NO_DIGEST, lambda: 60.0)
        else:
            records = [{"dynamodb": {"Keys": key(each), "SequenceNumber": each}} for each in ids]
            alert_each(records, desk.sender(), lambda: 60.0)
        logger.info("after them")
    lines = [line for line in lines_of(output.getvalue()) if "message" in line]
    about = Counter(line["lead_id"] for line in lines if line["message"] == "lead changed")
    assert about == dict.fromkeys(set(ids) - set(ids[::5]), 1)
    assert all(line["reference"].split("-")[1] == line["lead_id"][:4] for line in lines if "reference" in line)
    assert all(line["sequence"] == line["lead_id"] for line in lines if "sequence" in line and "lead_id" in line)
    failed = "due lead failed" if function == "follow_up" else "stream record failed"
    assert {line["lead_id"] for line in lines if line["message"] == failed} == set(ids[::5])
    assert "lead_id" not in lines[-1]


class SlowProvider:
    """Secrets Manager. It counts how many ask at the same time."""

    def __init__(self, *, works: bool) -> None:
        self.asked = self.now = self.most = 0
        self._works = works
        self._lock = Lock()

    def get(self, _name: str, **_: object) -> str:
        with self._lock:
            self.asked += 1
            self.now += 1
            self.most = max(self.most, self.now)
        sleep(0.01)  # lets the other threads in
        with self._lock:
            self.now -= 1
        if self._works:
            return "made-up secret"
        raise GetParameterError


def test_threads_that_need_a_secret_get_it() -> None:
    provider = SlowProvider(works=True)
    secret = Secret(cast("BaseProvider", provider), "made-up", max_age=60)
    found: list[str] = []
    side_by_side(lambda _: found.append(secret.read()))
    assert found == ["made-up secret"] * THREADS
    assert provider.most == 1


def test_when_a_secret_cannot_be_read_one_thread_waits_and_the_others_learn_it() -> None:
    provider = SlowProvider(works=False)
    secret = Secret(cast("BaseProvider", provider), "made-up", max_age=60)
    reasons: list[str] = []

    def work(_: int) -> None:
        with pytest.raises(SecretUnavailableError) as raised:
            secret.read()
        reasons.append(raised.value.reason)

    side_by_side(work)
    assert provider.asked == 1
    assert len(set(reasons)) == 1
    assert "" not in reasons
