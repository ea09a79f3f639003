"""What training needs of an executor and its steps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from nngraph.ir import InputRole
from nngraph.train.evaluation import EvaluationStep
from nngraph.train.feed import Array, Slot


class TrainingStep(Protocol):
    """A bound training step."""

    @property
    def slots(self) -> Mapping[InputRole, Slot]:
        """By what they are fed with."""

    @property
    def loss(self) -> float:
        """Mean over the rows of the batch."""

    @property
    def outputs(self) -> Mapping[str, Array]:
        """Output node id -> [batch, *shape]."""

    def run(self, step: int = 0) -> Any:
        """Compute loss and gradients; `step` positions the random streams (dropout)."""


class Executor(Protocol):
    """What the loop needs of an executor."""

    step: int
    """Updates done so far."""

    def training(self, batch: int) -> TrainingStep:
        """The training step bound for a batch size."""

    def evaluation(self, batch: int) -> EvaluationStep:
        """The evaluation step bound for a batch size."""

    def update(self, learning_rate: float) -> None:
        """One optimiser step from the gradients of the last training step."""

    def gradients_are_finite(self) -> bool:
        """Whether all gradients of the last training step are finite numbers."""

    def gradients(self) -> dict[str, Array]:
        """Copies of the last training step's gradients by weight id."""

    def weights(self) -> dict[str, Array]:
        """Copies of all weights by id."""

    def set_weights(self, weights: Mapping[str, Array]) -> None:
        """Write all weights."""

    def state(self) -> dict[str, Array]:
        """Copies of the optimiser's state."""

    def set_state(self, state: Mapping[str, Array]) -> None:
        """Write the optimiser's state."""
