"""One signal asks politely, two do not."""

from __future__ import annotations

import signal
import threading

import pytest

from nngraph.train import Interrupt


def test_the_first_signal_is_noted_and_the_second_acts_as_ever() -> None:
    with Interrupt() as interrupt:
        assert not interrupt.requested
        assert interrupt.exit_code == 0
        signal.raise_signal(signal.SIGINT)
        assert interrupt.requested
        assert interrupt.exit_code == 130
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


def test_afterwards_everything_is_as_before() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with Interrupt():
        assert signal.getsignal(signal.SIGTERM) != before
    assert signal.getsignal(signal.SIGTERM) == before


def test_an_ignored_signal_stays_ignored() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with Interrupt() as interrupt:
            signal.raise_signal(signal.SIGINT)
            assert not interrupt.requested
    finally:
        signal.signal(signal.SIGINT, before)


def test_another_thread_changes_nothing() -> None:
    seen: list[bool] = []

    def work() -> None:
        before = signal.getsignal(signal.SIGINT)
        with Interrupt() as interrupt:
            seen.append(signal.getsignal(signal.SIGINT) == before and not interrupt.requested)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [True]
