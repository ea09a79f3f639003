"""Several trainings begin in one folder at the same moment: one wins, and the folder is its own."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest
from training_runs import HEAD, start, story

from nngraph.app.resume import resume, spec_of_run
from nngraph.app.train import Listener, Training, prepare
from nngraph.errors import FileError
from nngraph.spec import parse_spec
from nngraph.train.data_files import HERE

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")

STARTERS = 12
ROUNDS = 3
SPEC = HEAD + "train: {epochs: 60, batch_size: 5, checkpoint: {every: 5}}\n"
Begin = Callable[[Path, Training], object]


def begin_anew(run: Path, training: Training) -> None:
    training.record(training.new_folder(run), Listener(lambda epoch: None, print))


def go_on_with(run: Path, training: Training) -> None:
    found = resume(training.learner, training.data, run)
    if found.finished is None:
        training.record(run, Listener(lambda epoch: None, print), found)


def one(begin: Begin, run: Path, training: Training, barrier: Barrier) -> None:
    """A process; it ends with 0 where it trained, with 8 where it was refused."""
    code = 9
    try:
        barrier.wait(30)
        begin(run, training)
        code = 0
    except FileError as error:
        code = error.exit_code
    finally:
        os._exit(code)


def all_at_once(begin: Begin, run: Path, training: Training) -> list[int]:
    context = multiprocessing.get_context("fork")
    barrier = context.Barrier(STARTERS)
    processes = [
        context.Process(target=one, args=(begin, run, training, barrier)) for _ in range(STARTERS)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    return sorted(process.exitcode or 0 for process in processes)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = tmp_path_factory.mktemp("alone") / "run"
    start(SPEC, run)
    return run


@pytest.mark.parametrize("number", range(ROUNDS))
def test_of_many_that_begin_in_one_folder_one_trains(
    number: int, whole: Path, tmp_path: Path
) -> None:
    training = prepare(parse_spec(SPEC), HERE)
    codes = all_at_once(begin_anew, tmp_path / "run", training)
    assert codes == [0] + [8] * (STARTERS - 1)
    assert story(tmp_path / "run") == story(whole)


@pytest.mark.parametrize("number", range(ROUNDS))
def test_of_many_that_go_on_with_one_run_none_spoils_it(
    number: int, whole: Path, tmp_path: Path
) -> None:
    start(SPEC, tmp_path / "run", 100)
    document, place = spec_of_run(tmp_path / "run")
    codes = all_at_once(go_on_with, tmp_path / "run", prepare(document, place))
    assert codes[0] == 0
    assert set(codes) <= {0, 8}
    assert story(tmp_path / "run") == story(whole)
