"""shared.runtime.together: begun in order, so many at once and no more, and stopped in time."""

from collections.abc import Iterator
from itertools import count
from threading import Barrier, Lock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.runtime.together import AT_ONCE, together


def always() -> bool:
    return True


class Crowd:
    """Counts how many are at work at the same time."""

    def __init__(self) -> None:
        self.most = self.now = 0
        self.done: list[int] = []
        self._lock = Lock()

    def work(self, item: int) -> None:
        with self._lock:
            self.now += 1
            self.most = max(self.most, self.now)
        self.done.append(item)
        with self._lock:
            self.now -= 1


@given(number=st.integers(0, 30), at_once=st.integers(1, 8))
def test_each_item_is_done_once_and_never_more_than_so_many_at_a_time(number: int, at_once: int) -> None:
    crowd = Crowd()
    assert together(range(number), crowd.work, always, at_once=at_once) == number
    assert sorted(crowd.done) == list(range(number))
    assert crowd.most <= at_once


def test_as_many_as_allowed_are_at_work_together() -> None:
    everybody = Barrier(AT_ONCE)
    assert together(range(2 * AT_ONCE), lambda _: everybody.wait(10), always) == 2 * AT_ONCE


def test_one_at_a_time_is_done_in_order_and_in_this_thread() -> None:
    done: list[int] = []

    def work(item: int) -> None:
        done.append(item)
        assert len(done) == item + 1

    together(range(5), work, always, at_once=1)
    assert done == list(range(5))


@pytest.mark.parametrize("at_once", [1, 3])
def test_what_is_not_begun_is_not_taken_and_is_there_for_the_next_call(at_once: int) -> None:
    items, left, crowd = iter(range(9)), count(4, -1), Crowd()
    assert together(items, crowd.work, lambda: next(left) > 0, at_once=at_once) == 4
    assert next(items) == 4
    assert sorted(crowd.done) == list(range(4))


@pytest.mark.parametrize("at_once", [1, 3])
def test_what_was_begun_ends_and_an_error_is_raised(at_once: int) -> None:
    crowd = Crowd()

    def work(item: int) -> None:
        if item == 2:
            raise LookupError
        crowd.work(item)

    with pytest.raises(LookupError):
        together(range(100), work, always, at_once=at_once)
    assert crowd.now == 0
    assert {0, 1} <= set(crowd.done)
    assert len(crowd.done) <= 3 * at_once + 2


@pytest.mark.parametrize("at_once", [1, 3])
def test_items_may_come_from_elsewhere_while_others_are_at_work(at_once: int) -> None:
    crowd = Crowd()

    def some() -> Iterator[int]:
        yield from (1, 2, 3)

    assert together(some(), crowd.work, always, at_once=at_once) == 3
    assert together(iter(()), crowd.work, always, at_once=at_once) == 0
