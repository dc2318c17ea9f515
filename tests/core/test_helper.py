"""A second process for long work: the same answers, whoever gave them."""

import os
import signal
import time

import pytest

from app.core import helper
from app.core.helper import Helper


def squared(piece: list[int]) -> list[tuple[int, int]]:
    """Return each number's square and who made it."""
    return [(number * number, os.getpid()) for number in piece]


def answers(count: int, work: Helper[list[int], list[tuple[int, int]]]) -> list[int]:
    with work:
        for number in range(count):
            work.give([number])
        return [square for [(square, _)] in work.finish()]


def test_answers_come_in_the_order_of_the_pieces() -> None:
    assert answers(50, Helper(squared)) == [number * number for number in range(50)]


def test_no_pieces_no_answers() -> None:
    assert answers(0, Helper(squared)) == []


def test_another_process_does_some_of_it() -> None:
    with Helper(squared) as work:
        work.give([1])
        time.sleep(0.5)  # it has nothing else to do
        [[(_, pid)]] = work.finish()

    assert pid != os.getpid()


def test_what_a_helper_that_dies_leaves_undone_is_done_here() -> None:
    here = os.getpid()

    def deadly(piece: list[int]) -> list[tuple[int, int]]:
        if os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)
        return squared(piece)

    assert answers(20, Helper(deadly)) == [number * number for number in range(20)]


def test_a_helper_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(helper, "PATIENCE", 0.2)
    here = os.getpid()

    def slow(piece: list[int]) -> list[tuple[int, int]]:
        if os.getpid() != here:
            time.sleep(60)
        return squared(piece)

    assert answers(20, Helper(slow)) == [number * number for number in range(20)]


def test_a_mistake_in_the_work_is_raised_here() -> None:
    with Helper[int, float](lambda piece: 1 / piece) as work:
        work.give(0)
        with pytest.raises(ZeroDivisionError):
            work.finish()


def test_nothing_is_left_running_when_the_work_is_given_up() -> None:
    with Helper(squared) as work:
        work.give([1])
        pid = work._pid

    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
