"""One signal asks politely, two do not."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import pytest

import nngraph
from nngraph.train.interrupt import Interrupt, Postponed
from nngraph.train.position import Epoch


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


SPEC = """
nngraph: 1
name: net
nodes: {x: {kind: input, shape: 2}, h: {units: 3, activation: tanh}, y: {activation: sigmoid}}
edges: [x -> h -> y]
loss: {kind: binary_cross_entropy, target: label}
data: {source: xor}
train: {epochs: 50, batch_size: full}
"""


def interrupt_after(number: int) -> Callable[[Epoch], None]:
    def hear(epoch: Epoch) -> None:
        if epoch.number == number:
            signal.raise_signal(signal.SIGINT)

    return hear


def test_ctrl_c_ends_a_loop_over_fits_and_keeps_what_was_learnt() -> None:
    model, whole, fits = nngraph.compile(SPEC), nngraph.compile(SPEC), []

    def fit_again_and_again() -> None:
        while True:
            model.fit(on_epoch=interrupt_after(7))
            fits.append(1)

    with pytest.raises(KeyboardInterrupt):
        fit_again_and_again()
    assert not fits
    assert len(model.history) == 7
    assert model.is_trained
    whole.fit(epochs=7)
    for id_, weights in whole.weights.items():
        assert (model.weights[id_] == weights).all()
    model.fit(epochs=3)  # and it can be trained on
    assert len(model.history) == 10


def test_fit_lets_a_handler_of_the_program_act_and_goes_on_where_it_returns() -> None:
    seen: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        seen.append(number)

    before = signal.signal(signal.SIGTERM, note)
    try:
        model = nngraph.compile(SPEC)

        def hear(epoch: Epoch) -> None:
            if epoch.number in (3, 9):
                signal.raise_signal(signal.SIGTERM)

        assert len(model.fit(on_epoch=hear)) == 50
        assert seen == [signal.SIGTERM] * 2
        assert signal.getsignal(signal.SIGTERM) == note
    finally:
        signal.signal(signal.SIGTERM, before)


def test_a_termination_that_nobody_listens_to_ends_the_process_in_fit(tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text(SPEC)
    code = (
        "import os, signal, nngraph\nmodel = nngraph.compile('net.yaml')\n"
        "model.fit(on_epoch=lambda epoch: os.kill(os.getpid(), signal.SIGTERM))\nprint('on')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True)
    assert done.returncode == -signal.SIGTERM
    assert done.stdout == b""


def test_train_run_saves_the_run_and_then_raises(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        nngraph.train_run(SPEC, run="run", on_epoch=interrupt_after(4))
    assert nngraph.load("run").is_trained
    assert len(nngraph.resume("run").history) == 50


def test_a_second_signal_in_fit_acts_at_once() -> None:
    def press_twice() -> None:
        with Postponed():
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)
            pytest.fail("the second was postponed too")

    with pytest.raises(KeyboardInterrupt):
        press_twice()


def test_many_signals_while_the_first_is_noted_break_nothing() -> None:
    code = (
        "import signal, threading, os\nfrom nngraph.train.interrupt import Interrupt\n"
        "signal.signal(signal.SIGINT, lambda *_: None)\n"
        "restore = signal.signal\n"
        "def slow(number, handler):\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "    return restore(number, handler)\n"
        "with Interrupt() as interrupt:\n"
        "    signal.signal = slow\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "    signal.signal = restore\n"
        "    assert interrupt.requested\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
