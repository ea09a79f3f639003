"""Runs a compiled network: owns the flat vectors, binds stages to batch sizes, feeds and reads."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cached_property

import numpy as np
from threadpoolctl import ThreadpoolController

from nngraph import streams
from nngraph.codegen import Bound, Slot, Step, aligned_empty, bind
from nngraph.compiler import Compiled, program_flops
from nngraph.errors import ModelFileError, UsageError
from nngraph.ir import (
    LEARNING_RATE,
    SAMPLE_WEIGHT,
    STEP,
    Array,
    Gradient,
    Input,
    InputRole,
    Key,
    Leaf,
    Node,
    Row,
    State,
)
from nngraph.lower import Weight
from nngraph.pipeline import Stage

SHARD_FLOPS = 2.0e8  # of a step; below, two workers cost more than they bring
SHARD_ROWS = 16  # of dense layers alone, whose products are slow on fewer
SHARD_IMAGES = 4  # each of which is many rows
FORWARD_ROWS = 256  # samples that `forward` takes at a time


class Executor:
    """A network with its weights in memory.

    `weights` holds an array for every weight of the network by its id in files.
    Errors: ModelFileError where one is missing, unknown, or has another shape.
    """

    def __init__(
        self, compiled: Compiled, weights: Mapping[str, Array], *, seed: int = 0, workers: int = 2
    ) -> None:
        self.compiled = compiled
        self.step = 0
        self._seed = seed
        self._workers = workers
        arenas = compiled.arenas
        dtype = compiled.document.spec.dtype
        self._parameters = aligned_empty((arenas.parameters.size,), dtype)
        self._fixed = aligned_empty((arenas.fixed.size,), dtype)
        self._parameters.fill(0)
        self._fixed.fill(0)
        self.set_weights(weights)
        self._gradients: list[Array] = []
        self._state = self._new_state()
        self._steps: dict[tuple[str, int], Step] = {}
        self._stages: dict[tuple[str, ...], Stage] = {}
        self._update: Bound | None = None
        self._pool: ThreadPoolExecutor | None = None

    # ---- weights

    def _weight_array(self, weight: Weight) -> Array:
        found = self.compiled.arenas.find(weight.leaf.id)
        if found is None:
            raise ModelFileError(f"the network has no place for '{weight.id}'")
        arena, region = found
        flat = self._parameters if arena.role == "parameters" else self._fixed
        piece = flat[region.start : region.start + region.size]
        if weight.part is not None:
            piece = piece[weight.part.start : weight.part.start + weight.part.size]
        return piece.reshape(weight.shape)

    def weights(self) -> dict[str, Array]:
        """Copies of all weights by id."""
        return {w.id: self._weight_array(w).copy() for w in self.compiled.lowered.weights}

    def set_weights(self, weights: Mapping[str, Array]) -> None:
        """Write all weights. Errors: ModelFileError for one missing, unknown or misshapen."""
        known = {w.id: w for w in self.compiled.lowered.weights}
        if missing := [id_ for id_ in known if id_ not in weights]:
            raise ModelFileError(f"no weights for {_some(missing)}")
        if unknown := [id_ for id_ in weights if id_ not in known]:
            raise ModelFileError(f"weights for {_some(unknown)}, which the network does not have")
        for id_, weight in known.items():
            given = np.asarray(weights[id_])
            if given.shape != weight.shape:
                raise ModelFileError(
                    f"'{id_}' has shape {list(weight.shape)} in the network, "
                    f"{list(given.shape)} in the weights"
                )
            self._weight_array(weight)[...] = given

    @contextmanager
    def statistics_kept(self) -> Iterator[None]:
        """What a training step does to running statistics inside is undone: for who only asks."""
        states = [w for w in self.compiled.lowered.weights if isinstance(w.leaf, State)]
        before = [(self._weight_array(w), self._weight_array(w).copy()) for w in states]
        try:
            yield
        finally:
            for array, kept in before:
                array[...] = kept

    def gradients(self) -> dict[str, Array]:
        """Copies of the last training step's gradients by weight id; fixed weights have none."""
        result: dict[str, Array] = {}
        outputs = self._gradient_stage().program.outputs
        reached = {role.leaf.id for role, _ in outputs if isinstance(role, Gradient)}
        for weight in self.compiled.lowered.weights:
            region = self.compiled.arenas.parameters.regions.get(weight.leaf.id)
            if region is None or weight.leaf.id not in reached or not self._gradients:
                continue
            piece = self._gradients[0][region.start : region.start + region.size]
            if weight.part is not None:
                piece = piece[weight.part.start : weight.part.start + weight.part.size]
            result[weight.id] = piece.reshape(weight.shape).copy()
        return result

    def gradients_are_finite(self) -> bool:
        """Whether all gradients of the last training step are finite, at the cost of one pass."""
        flat = self._gradient_array(0)
        # squares that are too large may overflow where the gradients themselves did not
        return math.isfinite(np.dot(flat, flat)) or bool(np.isfinite(flat).all())

    # ---- optimiser

    def _new_state(self) -> dict[str, Array]:
        stage = self.compiled.update_stage
        leaves: tuple[Leaf, ...] = stage.program.leaves if stage is not None else ()
        size = {"P": self.compiled.arenas.parameters.size, "N": 1}
        return {
            leaf.id: _zeros(leaf.type.sizes(size), leaf.type.dtype)
            for leaf in leaves
            if isinstance(leaf, State)
        }

    def state(self) -> dict[str, Array]:
        """Copies of the optimiser's state by name, flat."""
        return {name: array.copy() for name, array in self._state.items()}

    def set_state(self, state: Mapping[str, Array]) -> None:
        """Write the optimiser's state. Errors: ModelFileError."""
        if set(state) != set(self._state):
            raise ModelFileError(f"optimiser state {_some(sorted(state))} does not fit the network")
        for name, array in self._state.items():
            if state[name].shape != array.shape:
                raise ModelFileError(f"optimiser state '{name}' has another size")
            array[...] = state[name]

    def update(self, learning_rate: float) -> None:
        """One step of the optimiser from the gradients of the last training step."""
        if self._update is None:
            self._update = self._bind_update()
        self.step += 1
        self._learning_rate[...] = learning_rate
        for array in self._step_input:
            array[...] = self.step
        self._update.run()

    def _bind_update(self) -> Bound:
        stage = self.compiled.update_stage
        if stage is None:
            raise UsageError("the spec has no 'train' section, so there is no optimiser")
        axes = {"N": 1, "P": self.compiled.arenas.parameters.size}
        bound = bind(
            stage.program, stage.plan, stage.source, axes, self._shared(self._gradient_array(0))
        )
        (self._learning_rate,) = bound.given(LEARNING_RATE)
        self._step_input = bound.given(STEP)
        return bound

    # ---- binding

    def _gradient_array(self, shard: int) -> Array:
        while len(self._gradients) <= shard:
            self._gradients.append(
                _zeros((self.compiled.arenas.parameters.size,), self._parameters.dtype.name)
            )
        return self._gradients[shard]

    def _shared(self, gradients: Array) -> dict[tuple[str, str], Array]:
        shared = {
            ("parameters", "parameters"): self._parameters,
            ("fixed", "fixed"): self._fixed,
            ("gradients", "gradients"): gradients,
        }
        return shared | {("state", name): array for name, array in self._state.items()}

    def _bind(self, stage: Stage, rows: tuple[int, ...], needs_gradients: bool) -> Step:
        size = self.compiled.arenas.parameters.size
        bounds, gradients = [], []
        for shard, count in enumerate(rows):
            gradient = (
                self._gradient_array(shard) if needs_gradients else _zeros((size,), "float32")
            )
            shared = self._shared(gradient)
            for leaf in stage.program.leaves:
                if isinstance(leaf, Key):
                    shared["key", leaf.id] = streams.key(self._seed, leaf.id, leaf.purpose)
            axes = {"N": count, "P": size}
            bounds.append(bind(stage.program, stage.plan, stage.source, axes, shared))
            for weights in bounds[-1].given(SAMPLE_WEIGHT):
                weights.fill(1.0)  # each sample counts 1 in the loss until weights are fed
            gradients.append(gradient)
        slots = self._slots(tuple(bounds), rows)
        pool = self._workers_for(len(rows))
        return Step(tuple(bounds), rows, tuple(gradients) if needs_gradients else (), slots, pool)

    def _slots(self, bounds: tuple[Bound, ...], rows: tuple[int, ...]) -> dict[InputRole, Slot]:
        plan = bounds[0].plan
        return {
            leaf.fed_with: Slot(leaf, plan.buffers[plan.places[leaf].buffer], bounds, rows)
            for leaf in bounds[0].program.leaves
            if isinstance(leaf, Input) and leaf.type.batched
        }

    def _workers_for(self, shards: int) -> ThreadPoolExecutor | None:
        if shards == 1 or self._workers == 1:
            return None
        if self._pool is None:
            self._pool = ThreadPoolExecutor(
                self._workers, initializer=lambda: np.seterr(all="ignore")
            )
        return self._pool

    def _gradient_stage(self) -> Stage:
        stage = self.compiled.gradient_stage
        if stage is None:
            raise UsageError("the spec has no 'loss', so it cannot be trained")
        return stage

    def training(self, batch: int) -> Step:
        """A training step on `batch` samples: loss, outputs and gradients."""
        key = ("training", batch)
        if key not in self._steps:
            self.compiled.check_memory(batch)
            stage = self._gradient_stage()
            self._steps[key] = self._bind(stage, shard_rows(stage, batch), True)
        return self._steps[key]

    def evaluation(self, batch: int) -> Step:
        """Outputs and loss on `batch` samples as the network predicts."""
        key = ("evaluation", batch)
        if key not in self._steps:
            self._steps[key] = self._bind(self.compiled.evaluation_stage, (batch,), False)
        return self._steps[key]

    def forward(
        self, inputs: Mapping[str, Array], nodes: Sequence[str] | None = None
    ) -> dict[str, Array]:
        """Values of nodes (the outputs by default) for raw arrays [n, *shape] by input node.

        Errors: UsageError for a missing or misshapen input.
        """
        wanted = tuple(nodes) if nodes is not None else self.compiled.output_nodes
        known = self.compiled.lowered.shapes
        if unknown := [n for n in wanted if n not in known]:
            raise UsageError(f"the network has no node {_some(unknown)}")
        if missing := [n for n in self.compiled.lowered.inputs if n not in inputs]:
            raise UsageError(f"no values for input {_some(missing)}")
        counts = {len(np.asarray(inputs[n])) for n in self.compiled.lowered.inputs}
        if len(counts) != 1:
            raise UsageError("the inputs have different numbers of rows")
        return self._forward(inputs, wanted, counts.pop())

    def _forward(
        self, inputs: Mapping[str, Array], wanted: tuple[str, ...], count: int
    ) -> dict[str, Array]:
        shapes, dtype = self.compiled.lowered.shapes, self._parameters.dtype
        results = {n: np.empty((count, *shapes[n]), dtype) for n in wanted}
        for start in range(0, count, FORWARD_ROWS):
            stop = min(start + FORWARD_ROWS, count)
            step = self._forward_step(wanted, stop - start)
            for name in self.compiled.lowered.inputs:
                step.slots[Row(name)].put(np.asarray(inputs[name])[start:stop])
            step.run()
            for name in wanted:
                results[name][start:stop] = step.bounds[0].output(Node(name))
        return results

    def _forward_step(self, wanted: tuple[str, ...], rows: int) -> Step:
        if wanted not in self._stages:
            program = self.compiled.predicted(tuple(map(Node, wanted)))
            self._stages[wanted] = self.compiled.stage(program)
        key = ("forward:" + ",".join(wanted), rows)
        if key not in self._steps:
            self._steps[key] = self._bind(self._stages[wanted], (rows,), False)
        return self._steps[key]

    @contextmanager
    def threads(self) -> Iterator[None]:
        """One BLAS thread, whatever the machine has: the bits of a product depend on it.

        Overflow is no warning here: what becomes non-finite is found where the loss is looked at.
        """
        with self._blas.limit(limits=1), np.errstate(all="ignore"):
            yield

    @cached_property
    def _blas(self) -> ThreadpoolController:
        """The BLAS libraries of the process; to find them takes longer than a small network."""
        return ThreadpoolController().select(user_api="blas")


def shard_rows(stage: Stage, batch: int) -> tuple[int, ...]:
    """How a batch is cut: a function of program and batch size alone, never of the workers."""
    fewest = SHARD_IMAGES if stage.plan.tiling.tiles else SHARD_ROWS
    if not stage.plan.shardable or batch < 2 * fewest:
        return (batch,)
    if program_flops(stage.program, batch) < SHARD_FLOPS:
        return (batch,)
    half = -(-batch // 2)
    return (half, batch - half)


def _zeros(shape: tuple[int, ...], dtype: str) -> Array:
    array = aligned_empty(shape, dtype)
    array.fill(0)
    return array


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(f"'{n}'" for n in names[:5])
    return shown + (f" and {len(names) - 5} more" if len(names) > 5 else "")
