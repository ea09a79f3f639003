"""Runs a compiled network: arrays and steps, bound to batch sizes on demand."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np

from nngraph import streams
from nngraph.errors import ModelFileError, UsageError, diagnostic
from nngraph.ir import (
    FLAT,
    SAMPLE_WEIGHT,
    Array,
    Constant,
    Gradient,
    Input,
    InputRole,
    Key,
    Leaf,
    Node,
)
from nngraph.lower import first_weights
from nngraph.network import WORKERS, Network
from nngraph.pipeline import Stage
from nngraph.run.binding import Bound, bind
from nngraph.run.step import BoundStep, Slot
from nngraph.run.vectors import BoundUpdate, Shared, Vectors, some
from nngraph.run.workers import OneThread, Workers
from nngraph.targets import COMPILED

if TYPE_CHECKING:
    from nngraph.run.descent import Descent
    from nngraph.run.whole_epochs import WholeEpochs

FORWARD_ROWS = 256  # samples that `forward` takes at a time


class Executable:
    """A network with its weights in memory.

    `weights` holds an array for every weight of the network by its id in files. A `watcher` is
    called between steps, after each update: it may read values and set weights.
    Errors: ModelFileError where a weight is missing, unknown, or has another shape.
    """

    def __init__(
        self,
        network: Network,
        weights: Mapping[str, Array] | None = None,
        *,
        seed: int = 0,
        workers: int = WORKERS,
    ) -> None:
        self.network = network
        self.step = 0
        self.watcher: Callable[[Executable], None] | None = None
        self._seed = seed
        self._workers = Workers(workers)
        self._vectors = Vectors(network.lowered)
        if weights is not None:
            self.set_weights(weights)
        self._steps: dict[tuple[object, int], BoundStep] = {}
        self._stages: dict[tuple[str, ...], Stage] = {}
        self._epochs: tuple[object, WholeEpochs] | None = None

    @classmethod
    def start(cls, network: Network, seed: int) -> Executable:
        """A network with its first weights: those given, the others drawn from the seed.

        They are drawn straight into place, so nothing is in memory twice.
        """
        executable = cls(network, seed=seed)
        vectors = executable._vectors
        with np.errstate(over="ignore"):  # a spread may reach beyond the network's type
            for weight in network.lowered.weights.alone:
                first_weights(weight, seed, vectors.view(weight))
            for many in network.lowered.weights.many:
                given, flat = many.given, vectors.flat(many.leaf)
                flat[...] = given
                for at in np.flatnonzero(np.isnan(given)).tolist():
                    first_weights(many[at], seed, flat[at : at + 1])
        return executable

    def __reduce__(self) -> tuple[Any, ...]:
        """For `pickle` and `copy`: weights, the optimiser's state, the number of steps; what is
        bound to them is made anew, and nobody watches."""
        state = self.state() if "_update" in vars(self) else None
        kept = self.network, self.weights(), state, self.step, self._seed, self._workers.count
        return _restored, kept

    # ---- weights

    def weights(self) -> dict[str, Array]:
        """Copies of all weights by id."""
        return self._vectors.weights()

    def contents(self, leaf: Leaf) -> Array:
        """A copy of the numbers that lie in a leaf of the network's programs.

        Errors: KeyError for an input, which has none of its own.
        """
        if isinstance(leaf, Constant) and leaf.data is not None:
            return np.array(leaf.data)
        if self.network.arenas.find(leaf.id) is None:
            raise KeyError(leaf.id)
        return self._vectors.flat(leaf).reshape(leaf.type.sample_shape).copy()

    def flat_weights(self) -> tuple[Array, Array]:
        """Copies of the vectors in which all weights lie, however many there are."""
        return self._vectors.parameters.copy(), self._vectors.fixed.copy()

    def set_flat_weights(self, flat: tuple[Array, Array]) -> None:
        """Write what `flat_weights` of this network gave."""
        self._vectors.parameters[...], self._vectors.fixed[...] = flat

    def weights_are_finite(self) -> bool:
        """Whether all weights are finite, at the cost of one pass."""
        vectors = self._vectors.parameters, self._vectors.fixed
        return all(bool(np.isfinite(vector).all()) for vector in vectors)

    def lying_weights(self) -> dict[str, Array]:
        """All weights by id where they lie: the next step takes what is written there."""
        return self._vectors.views()

    def set_weights(self, weights: Mapping[str, Array]) -> None:
        """Write all weights. Errors: ModelFileError for one missing, unknown or misshapen."""
        self._vectors.set_weights(weights)

    @contextmanager
    def statistics_kept(self) -> Iterator[None]:
        """What a training step does to running statistics inside is undone: for who only asks."""
        statistics = self._vectors.statistics()
        before = {id_: array.copy() for id_, array in statistics.items()}
        try:
            yield
        finally:
            for id_, array in statistics.items():
                array[...] = before[id_]

    def gradients(self) -> dict[str, Array]:
        """Copies of the last training step's gradients by weight id; fixed weights have none."""
        if not self._vectors.has_gradients:
            return {}
        roles = (role for role, _ in self._gradient_stage().program.outputs)
        reached = {role.leaf.id for role in roles if isinstance(role, Gradient)}
        return self._vectors.gradients_by_id(reached)

    def gradients_are_finite(self) -> bool:
        """Whether all gradients of the last training step are finite, at the cost of one pass."""
        flat = self._vectors.gradient()
        # squares that are too large may overflow where the gradients themselves did not
        return math.isfinite(np.dot(flat, flat)) or bool(np.isfinite(flat).all())

    # ---- optimiser

    @cached_property
    def _update(self) -> BoundUpdate | Descent | None:
        vectors, stage = self._vectors, self.network.update_stage
        if stage is None:
            from nngraph.run.descent import descent_of  # few networks are trained with one

            return descent_of(self.network, vectors.parameters, vectors.gradient())
        return BoundUpdate(stage, vectors.parameters, vectors.gradient(), self._workers)

    @property
    def _state(self) -> dict[str, Array]:
        return {} if self._update is None else self._update.state

    def state(self) -> dict[str, Array]:
        """Copies of the optimiser's state by name, flat."""
        return {name: array.copy() for name, array in self._state.items()}

    def set_state(self, state: Mapping[str, Array]) -> None:
        """Write the optimiser's state. Errors: ModelFileError."""
        if set(state) != set(self._state):
            raise ModelFileError(diagnostic("E500:state", names=some(sorted(state))))
        for name, array in self._state.items():
            if state[name].shape != array.shape:
                raise ModelFileError(diagnostic("E500:state-size", name=name))
            array[...] = state[name]

    def update(self, learning_rate: float, step: BoundStep | None = None) -> None:
        """One step of the optimiser from the gradients of the training step that was run last; one
        that searches along a line is given that `step`, and runs it again."""
        update = self._update
        if update is None:
            raise UsageError(diagnostic("E002:no-train"))
        self.step += 1
        if isinstance(update, BoundUpdate):
            update.run(learning_rate, self.step)
        else:
            assert step is not None
            update.run(learning_rate, step.loss, partial(self._loss_again, step))
        if self.watcher is not None:
            self.watcher(self)

    def _loss_again(self, step: BoundStep) -> float:
        """The loss, and the gradients, of the rows of a step with the weights as they lie now."""
        with self.statistics_kept():
            step.run(self.step)
        return step.loss

    # ---- binding

    def _axes(self, rows: int) -> dict[str, int]:
        return {"N": rows, FLAT: self.network.arenas.parameters.size}

    def _gradient(self, flat: Array) -> Shared:
        return {("gradients", "gradients"): flat}

    def _bound(self, stage: Stage, rows: int, more: Shared) -> Bound:
        keys = {
            ("key", leaf.id): streams.key(self._seed, leaf.id, leaf.purpose)
            for leaf in stage.program.leaves
            if isinstance(leaf, Key)
        }
        shared = {**self._vectors.shared, **keys, **more}
        axes = self._axes(rows)
        bound = bind(
            stage.program, stage.plan, stage.source, axes, shared, self._workers, stage.loss
        )
        for weights in bound.given(SAMPLE_WEIGHT):
            weights.fill(1.0)  # each sample counts 1 in the loss until weights are fed
        return bound

    def _without_gradients(self, stage: Stage, batch: int) -> BoundStep:
        bounds, rows = (self._bound(stage, batch, {}),), (batch,)
        return BoundStep(bounds, rows, (), _slots(bounds, rows), self._workers)

    def _with_gradients(self, stage: Stage, batch: int) -> BoundStep:
        rows = stage.plan.shards.rows(batch)
        gradients = self._vectors.gradients_of(len(rows), self._workers.count)
        vectors = (vector for branch in gradients for vector in branch)
        bounds = tuple(
            self._bound(stage, count, self._gradient(vector))
            for count, vector in zip(rows, vectors, strict=True)
        )
        return BoundStep(bounds, rows, gradients, _slots(bounds, rows), self._workers)

    def _gradient_stage(self) -> Stage:
        stage = self.network.gradient_stage
        if stage is None:
            raise UsageError(diagnostic("E002:untrainable"))
        return stage

    def training(self, batch: int) -> BoundStep:
        """A training step on `batch` samples: loss, outputs and gradients."""
        key = ("training", batch)
        if key not in self._steps:
            self.network.check_memory(batch)
            self._steps[key] = self._with_gradients(self._gradient_stage(), batch)
        return self._steps[key]

    def evaluation(self, batch: int) -> BoundStep:
        """Outputs and loss on `batch` samples as the network predicts."""
        key = ("evaluation", batch)
        if key not in self._steps:
            self._steps[key] = self._without_gradients(self.network.evaluation_stage, batch)
        return self._steps[key]

    def whole_epochs(self, rows: Mapping[InputRole, Array], size: int) -> WholeEpochs | None:
        """Steps on batches of `size` of these rows, many at a time; None where each is taken by
        itself: where the network is too large or calls what the loop does not know, or where
        somebody watches between steps."""
        programs = self.network.loop_programs
        if programs is None or self.watcher is not None:
            return None
        if not self.network.takes_whole_epochs(size):
            return None
        from nngraph.run.whole_epochs import WholeEpochs

        key = size, tuple((role, array.shape) for role, array in rows.items())
        if self._epochs is None or self._epochs[0] != key:
            vectors = {**self._vectors.shared, ("gradients", "gradients"): self._vectors.gradient()}
            vectors |= {("state", name): array for name, array in self._state.items()}
            self._epochs = key, WholeEpochs(programs, vectors, rows, size)
        steps = self._epochs[1]
        steps.put(rows)
        return steps

    def of_stage(self, stage: Stage, batch: int) -> BoundStep:
        """A new step of a stage made from one of this network's, on `batch` samples."""
        has_gradients = any(isinstance(role, Gradient) for role, _ in stage.program.outputs)
        make = self._with_gradients if has_gradients else self._without_gradients
        return make(stage, batch)

    # ---- asking

    def forward(
        self, inputs: Mapping[str, Array], nodes: Sequence[str] | None = None
    ) -> dict[str, Array]:
        """Values of nodes (the outputs by default) for raw arrays [n, *shape] by input node.

        Errors: UsageError for a missing or misshapen input.
        """
        wanted = tuple(nodes) if nodes is not None else self.network.output_nodes
        known = self.network.lowered.shapes
        if unknown := [n for n in wanted if n not in known]:
            raise UsageError(
                diagnostic("E002:unknown-nodes", nodes=some(unknown), known=some(list(known)))
            )
        if missing := [n for n in self.network.lowered.inputs if n not in inputs]:
            raise UsageError(diagnostic("E002:missing-inputs", inputs=some(missing)))
        counts = {len(np.asarray(inputs[n])) for n in self.network.lowered.inputs}
        if len(counts) != 1:
            raise UsageError(diagnostic("E002:rows-differ"))
        return self._forward(inputs, wanted, counts.pop())

    def _forward(
        self, inputs: Mapping[str, Array], wanted: tuple[str, ...], count: int
    ) -> dict[str, Array]:
        shapes, dtype = self.network.lowered.shapes, self._vectors.dtype
        results = {n: np.empty((count, *shapes[n]), dtype) for n in wanted}
        for start in range(0, count, FORWARD_ROWS):
            stop = min(start + FORWARD_ROWS, count)
            step = self.prediction(wanted, stop - start)
            for name in self.network.lowered.inputs:
                step.inputs[name].put(np.asarray(inputs[name])[start:stop])
            step.run()
            outputs = step.outputs
            for name in wanted:
                results[name][start:stop] = outputs[name]
        return results

    def prediction(self, wanted: tuple[str, ...], rows: int) -> BoundStep:
        """A step that gives the values of these nodes on so many samples."""
        if wanted not in self._stages:
            program = self.network.predicted(tuple(map(Node, wanted)))
            self._stages[wanted] = self.network.stage(program)
        key = (wanted, rows)
        if key not in self._steps:
            self._steps[key] = self._without_gradients(self._stages[wanted], rows)
        return self._steps[key]

    # ---- threads

    @property
    def workers(self) -> int:
        """How many threads compute a step at most."""
        return self._workers.count

    @property
    def has_kernels(self) -> bool:
        """Whether training calls compiled kernels."""
        return self.network.target is COMPILED

    def threads(self) -> OneThread:
        """A context for computing: one BLAS thread, no warnings."""
        return self._one_thread

    @cached_property
    def _one_thread(self) -> OneThread:
        return OneThread()


def _restored(
    network: Network,
    weights: Mapping[str, Array],
    state: Mapping[str, Array] | None,
    step: int,
    seed: int,
    workers: int,
) -> Executable:
    executable = Executable(network, weights, seed=seed, workers=workers)
    if state is not None:
        executable.set_state(state)
    executable.step = step
    return executable


def _slots(bounds: tuple[Bound, ...], rows: tuple[int, ...]) -> dict[InputRole, Slot]:
    """Where each input and target of a step is fed, in all shards."""
    plan = bounds[0].plan
    return {
        leaf.fed_with: Slot(leaf, plan.buffers[plan.places[leaf].buffer], bounds, rows)
        for leaf in bounds[0].program.leaves
        if isinstance(leaf, Input) and leaf.type.batched
    }
