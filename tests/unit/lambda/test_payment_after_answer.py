"""Work after the answer: not before it, off the request's thread, and given up for a while when it fails."""

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from payments.after_answer import PAUSE_SECONDS, AfterAnswer

Output = Callable[[], list[dict[str, Any]]]


class Work:
    """Notes what it was given, and fails as it is told."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.outcome: bool | Exception = True
        self.may_go_on = threading.Event()
        self.may_go_on.set()
        self.threads: set[int] = set()
        self.now = 1000.0

    def __call__(self, items: Sequence[int]) -> bool:
        self.batches.append(list(items))
        self.threads.add(threading.get_ident())
        assert self.may_go_on.wait(10)
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


@pytest.fixture
def work() -> Iterator[Work]:
    work = Work()
    yield work
    work.may_go_on.set()


@pytest.fixture
def after_answer(work: Work) -> AfterAnswer[int]:
    return AfterAnswer(work, clock=lambda: work.now)


def do(after_answer: AfterAnswer[int], *items: int) -> None:
    for item in items:
        after_answer.add(item)
    after_answer.begin()
    assert after_answer.wait(10)


def test_nothing_is_done_before_the_answer_is_on_its_way(after_answer: AfterAnswer[int], work: Work) -> None:
    after_answer.add(1)
    assert after_answer.wait(0.05)
    assert work.batches == []
    after_answer.begin()
    assert after_answer.wait(10)
    assert work.batches == [[1]]


def test_work_is_done_on_one_thread_that_is_not_the_requests(after_answer: AfterAnswer[int], work: Work) -> None:
    do(after_answer, 1)
    do(after_answer, 2)
    assert len(work.threads) == 1
    assert threading.get_ident() not in work.threads


def test_nothing_to_do_needs_no_thread(after_answer: AfterAnswer[int]) -> None:
    before = threading.active_count()
    do(after_answer)
    assert threading.active_count() == before


def test_items_are_given_ten_at_once(after_answer: AfterAnswer[int], work: Work) -> None:
    do(after_answer, *range(23))
    assert work.batches == [list(range(10)), list(range(10, 20)), [20, 21, 22]]


def test_answer_does_not_wait_for_the_work(after_answer: AfterAnswer[int], work: Work) -> None:
    work.may_go_on.clear()
    after_answer.add(1)
    after_answer.begin()
    assert not after_answer.wait(0.05)
    assert not after_answer.wait(-1)
    work.may_go_on.set()
    assert after_answer.wait(10)


def test_items_added_during_the_work_are_done_after_it(after_answer: AfterAnswer[int], work: Work) -> None:
    work.may_go_on.clear()
    after_answer.add(1)
    after_answer.begin()
    after_answer.add(2)
    after_answer.begin()
    work.may_go_on.set()
    assert after_answer.wait(10)
    assert [item for batch in work.batches for item in batch] == [1, 2]


@pytest.mark.parametrize("outcome", [False, ValueError("DE89370400440532013000")])
def test_failure_is_left_to_the_relay_and_pauses_the_work(
    after_answer: AfterAnswer[int], work: Work, outcome: bool | Exception
) -> None:
    work.outcome = outcome
    do(after_answer, *range(15))
    assert work.batches == [list(range(10))]
    work.outcome = True
    work.now += PAUSE_SECONDS - 0.1
    do(after_answer, 20)
    assert len(work.batches) == 1
    work.now += 0.2
    do(after_answer, 30)
    assert work.batches[1:] == [[30]]


def test_failure_is_logged_by_its_kind_alone(after_answer: AfterAnswer[int], work: Work, output: Output) -> None:
    work.outcome = ValueError("DE89370400440532013000")
    do(after_answer, 1)
    (logged,) = output()
    assert (logged["message"], logged["error"]) == ("work after the answer failed", "ValueError")
    assert "DE89370400440532013000" not in str(logged)


def test_failure_of_one_work_does_not_keep_back_another(work: Work) -> None:
    failing = Work()
    failing.outcome = False
    both: AfterAnswer[int] = AfterAnswer(failing, work, clock=lambda: work.now)
    do(both, 1)
    do(both, 2)
    assert (failing.batches, work.batches) == ([[1]], [[1], [2]])
