"""When a running training is saved."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path

from nngraph.errors import NonFiniteError, diagnostic
from nngraph.files import make_folder
from nngraph.run import Executable
from nngraph.spec.model import Checkpoints
from nngraph.train.checkpoint import (
    Checkpoint,
    path_of,
    remove_checkpoints,
    remove_leftovers,
    write_checkpoint,
)
from nngraph.train.feed import Array
from nngraph.train.nonfinite import first_bad
from nngraph.train.origin import RunOrigin
from nngraph.train.position import Position
from nngraph.train.run_folder import CHECKPOINTS

MOST_TIME = 0.05  # the share of a training that saving may take where the spec says nothing
LONGEST_WAIT = 300.0  # seconds between two checkpoints where the spec says nothing


class Saver:
    """Writes the checkpoints of one run, into a folder that is locked.

    `sync` waits until all is on the disk that a run which goes on from a checkpoint counts on.
    """

    def __init__(
        self,
        run: Path,
        executable: Executable,
        position: Position,
        origin: RunOrigin,
        spec: Checkpoints,
        sync: Callable[[], None],
    ) -> None:
        self._run = run
        self._executable = executable
        self._position = position
        self._origin = origin
        self._spec = spec
        self._sync = sync
        self._started = self._ended = time.monotonic()
        self._spent = 0.0
        self._saved: tuple[int, int] | None = None
        make_folder(run / CHECKPOINTS)
        remove_leftovers(run / CHECKPOINTS)
        remove_leftovers(run)

    def save(self) -> None:
        """Save now, unless just this is saved; it is on the disk when this returns.

        Errors: NonFiniteError for weights that are not finite, which are never saved; FileError.
        """
        position, step = self._position, self._executable.step
        if self._saved == (step, position.epoch):
            return
        started = time.monotonic()
        weights = self._executable.weights()
        if first_bad(weights) is not None and position.explain is not None:
            raise position.explain()
        check_finite(weights, position.epoch)
        state = self._executable.state()
        checkpoint = Checkpoint(step, weights, state, position, self._origin)
        self._sync()
        write_checkpoint(path_of(self._run, step), checkpoint)
        remove_checkpoints(self._run, step, self._spec.keep)
        self._saved = step, position.epoch
        self._ended = time.monotonic()
        self._spent += self._ended - started

    def after_epoch(self) -> None:
        """Save if it is time to, an epoch being over."""
        done = self._position.epoch - 1
        if self._spec.every is not None:
            is_due = done % self._spec.every == 0
        else:
            is_due = self._spent <= MOST_TIME * (time.monotonic() - self._started)
        if is_due:
            self.save()

    def after_step(self) -> None:
        """Save in the middle of a very long epoch."""
        if self._spec.every is None and time.monotonic() - self._ended > LONGEST_WAIT:
            self.save()


def check_finite(weights: Mapping[str, Array], epoch: int) -> None:
    """Refuse weights that hold NaN or infinity. Errors: NonFiniteError that names the first."""
    if (id_ := first_bad(weights)) is not None:
        raise NonFiniteError(diagnostic("E700:weights", id=id_, epoch=epoch))
