"""Workers: every task done once, errors raised when all have ended, interruptions survived."""

from __future__ import annotations

import gc
import signal
import sys
import threading
import time

import numpy as np
import pytest

from nngraph.run.halves import ProductInHalves
from nngraph.run.workers import Workers


def test_each_task_is_done_in_a_thread_of_its_own():
    workers, seen = Workers(3), {}
    for _ in range(200):
        seen.clear()
        tasks = [lambda k=k: seen.setdefault(k, threading.get_ident()) for k in range(3)]
        workers.run(tasks)
        assert sorted(seen) == [0, 1, 2]
        assert seen[0] == threading.get_ident()
        assert len(set(seen.values())) == 3


def test_an_error_is_raised_when_the_others_have_ended():
    workers, ended = Workers(2), []

    def fails() -> None:
        raise ValueError("of the helper")

    def slow() -> None:
        time.sleep(0.02)
        ended.append(True)

    with pytest.raises(ValueError, match="of the helper"):
        workers.run([slow, fails])
    assert ended == [True]
    with pytest.raises(ValueError, match="of the helper"):
        workers.run([fails, slow])
    assert ended == [True, True]
    workers.run([slow, slow])  # and it can be used again
    assert len(ended) == 4


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="no signals to one thread here")
def test_an_interruption_waits_for_what_still_writes():
    class Stop(Exception):
        pass

    def stop(number: int, frame: object) -> None:
        raise Stop

    workers, ended, own_is_done = Workers(2), [], threading.Event()

    def slow() -> None:
        own_is_done.wait()
        time.sleep(0.03)  # by now the other thread waits for this one
        signal.pthread_kill(threading.main_thread().ident, signal.SIGALRM)
        time.sleep(0.1)
        ended.append(True)

    before = signal.signal(signal.SIGALRM, stop)
    try:
        with pytest.raises(Stop):
            workers.run([own_is_done.set, slow])
        assert ended == [True]
        for _ in range(50):
            workers.run([lambda: None, lambda: ended.append(True)])
        assert len(ended) == 51
    finally:
        signal.signal(signal.SIGALRM, before)


def test_word_of_an_end_that_comes_late_is_not_taken_for_the_next():
    workers, done = Workers(2), [0, 0]

    def count(k: int) -> None:
        done[k] += 1

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-7)  # threads change between any two instructions
    try:
        for _ in range(3000):
            workers.run([lambda: count(0), lambda: count(1)])
    finally:
        sys.setswitchinterval(before)
    assert done == [3000, 3000]


def test_threads_end_with_their_workers():
    before = set(threading.enumerate())  # those of other tests may end at any moment
    workers = Workers(2)
    workers.run([lambda: None, lambda: None])
    (helper,) = set(threading.enumerate()) - before
    del workers
    gc.collect()
    helper.join(timeout=10)
    assert not helper.is_alive()


@pytest.mark.parametrize("shape", [(300, 200, 400), (400, 200, 300), (33, 700, 1000)])
@pytest.mark.parametrize("order", ["C", "F"])
def test_halves_are_a_product_whoever_computes_them(shape, order):
    rows, inner, columns = shape
    rng = np.random.default_rng(0)
    a = rng.normal(size=(rows, inner)).astype("f")
    b = rng.normal(size=(inner, columns)).astype("f")
    found = []
    for count in (1, 2):
        out = np.full((rows, columns), np.nan, "f", order)
        ProductInHalves(Workers(count))(a, b, out=out)
        np.testing.assert_allclose(out, a.astype(float) @ b.astype(float), rtol=1e-3, atol=1e-3)
        found.append(out.tobytes())
    assert found[0] == found[1]
