"""The flat vectors of a network: weights lie in them, and so do gradients and optimiser state.

The optimiser's step is bound to them here, by two workers where they are long.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from typing import Any

import numpy as np

from nngraph.errors import ModelFileError, diagnostic
from nngraph.ir import (
    FLAT,
    ITEM_BYTES,
    LARGEST,
    LEARNING_RATE,
    OVERFLOW,
    STEP,
    Array,
    Constant,
    Instr,
    Leaf,
    Program,
    State,
    Value,
)
from nngraph.lower import Lowered, Weight
from nngraph.lower.lowered import Many
from nngraph.pipeline import Stage
from nngraph.plan import branches, waiting_before
from nngraph.run.binding import Bound, aligned_zeros, bind
from nngraph.run.workers import Workers

Shared = Mapping[tuple[str, str], Array]
"""Arrays that outlive a binding, by (role, name)."""


class Vectors:
    """What is trained and what is fixed, each in one vector, zero at first; views by weight."""

    def __init__(self, lowered: Lowered) -> None:
        self.lowered = lowered
        self.arenas = lowered.arenas
        self.dtype = self.arenas.parameters.dtype
        self.parameters = aligned_zeros((self.arenas.parameters.size,), self.dtype)
        self.fixed = aligned_zeros((self.arenas.fixed.size,), self.dtype)
        self._gradients: dict[tuple[int, int], Array] = {}

    @property
    def shared(self) -> Shared:
        """As bindings ask for them."""
        return {("parameters", "parameters"): self.parameters, ("fixed", "fixed"): self.fixed}

    # ---- weights

    def view(self, weight: Weight) -> Array:
        """The array of a weight, where it lies. Errors: ModelFileError for one without a place."""
        found = self.arenas.find(weight.leaf.id)
        if found is None:
            raise ModelFileError(diagnostic("E500:no-place", id=weight.id))
        arena, _ = found
        return self.piece(weight, self.parameters if arena.role == "parameters" else self.fixed)

    def piece(self, weight: Weight, flat: Array) -> Array:
        """A weight's piece of a vector that is laid out as its arena."""
        found = self.arenas.find(weight.leaf.id)
        assert found is not None
        _, region = found
        piece = flat[region.start : region.stop]
        if weight.part is not None:
            piece = piece[weight.part.start : weight.part.start + weight.part.size]
        return piece.reshape(weight.shape)

    def flat(self, leaf: Leaf) -> Array:
        """What lies in a leaf, as one row."""
        found = self.arenas.find(leaf.id)
        assert found is not None
        arena, region = found
        vector = self.parameters if arena.role == "parameters" else self.fixed
        return vector[region.start : region.stop]

    def weights(self) -> dict[str, Array]:
        """Copies of all weights by id."""
        return {id_: view.copy() for id_, view in self.views().items()}

    def set_weights(self, weights: Mapping[str, Array]) -> None:
        """Write all weights.

        Errors: ModelFileError for one missing, unknown, misshapen or beyond the network's type.
        """
        known = self.views()
        if missing := [id_ for id_ in known if id_ not in weights]:
            raise ModelFileError(diagnostic("E500:missing", ids=some(missing)))
        if unknown := [id_ for id_ in weights if id_ not in known]:
            raise ModelFileError(diagnostic("E500:unknown", ids=some(unknown)))
        for id_, view in known.items():
            given = np.asarray(weights[id_])
            if given.shape != view.shape:
                shapes = list(view.shape), list(given.shape)
                raise ModelFileError(
                    diagnostic("E500:shape", id=id_, network=shapes[0], weights=shapes[1])
                )
            if given.dtype.itemsize > ITEM_BYTES[self.dtype]:
                self._check_holds(id_, given)
        for id_, view in known.items():
            view[...] = weights[id_]

    def views(self) -> dict[str, Array]:
        """All weights by id, where they lie."""
        views: dict[str, Array] = {}
        for run in self.lowered.weights.runs:
            if isinstance(run, tuple):
                views |= {weight.id: self._views[weight.id] for weight in run}
            else:
                views |= _by_id(run, self.flat(run.leaf))
        return views

    @cached_property
    def _views(self) -> dict[str, Array]:
        """Those of weights that are records; each of a million others is made when asked for."""
        return {weight.id: self.view(weight) for weight in self.lowered.weights.alone}

    def _check_holds(self, id_: str, given: Array) -> None:
        dtype = self.dtype
        beyond = np.abs(given) >= OVERFLOW[dtype]
        if beyond.any():
            number, largest = f"{float(given[beyond][0]):.8g}", f"{LARGEST[dtype]:.8g}"
            told = diagnostic("E500:beyond", id=id_, number=number, dtype=dtype, largest=largest)
            raise ModelFileError(told)

    def statistics(self) -> dict[str, Array]:
        """The running statistics among the weights, where they lie."""
        alone = self.lowered.weights.alone
        return {w.id: self.view(w) for w in alone if isinstance(w.leaf, State)}

    # ---- gradients

    def gradient(self, worker: int = 0, depth: int = 0) -> Array:
        """A flat gradient: that of one worker at one depth of the tree of sums; the total is at
        (0, 0)."""
        if (worker, depth) not in self._gradients:
            size = (self.arenas.parameters.size,)
            self._gradients[worker, depth] = aligned_zeros(size, self.dtype)
        return self._gradients[worker, depth]

    def gradients_by_id(self, leaves: Container[str]) -> dict[str, Array]:
        """Copies of the total gradients of the weights in these leaves, by the weights' ids."""
        flat = self.gradient().copy()
        found: dict[str, Array] = {}
        for run in self.lowered.weights.runs:
            if isinstance(run, tuple):
                found |= {w.id: self.piece(w, flat).copy() for w in run if w.leaf.id in leaves}
            elif run.leaf.id in leaves:
                region = self.arenas.parameters.regions[run.leaf.id]
                found |= _by_id(run, flat[region.start : region.stop])
        return found

    @property
    def has_gradients(self) -> bool:
        """Whether any were asked for."""
        return bool(self._gradients)

    def gradients_of(self, shards: int, workers: int) -> list[list[Array]]:
        """For each worker's branch of the tree, the vector of each of its shards."""
        return [
            [self.gradient(worker, waiting_before(k)) for k in range(len(branch))]
            for worker, branch in enumerate(branches(shards, workers))
        ]


def _by_id(many: Many, flat: Array) -> dict[str, Array]:
    """Each of many single numbers by its weight's id, as a view of the row in which they lie."""
    return {id_: flat[at : at + 1].reshape(shape) for at, (id_, shape) in enumerate(many.named)}


def some(names: Iterable[str]) -> str:
    """The first names of many."""
    listed: Sequence[str] = list(names)
    shown = ", ".join(f"'{n}'" for n in listed[:5])
    return shown + (f" and {len(listed) - 5} more" if len(listed) > 5 else "")


# ---- the step of the optimiser


HALF_SIZE = 200_000  # numbers; a step over fewer is done before another thread has begun
LINE = 16  # numbers; each half starts on a line of the cache

FLUSH_EVERY = 128
"""Steps between two flushes: three passes over a state are nothing beside 128 steps."""

USUAL_DECAY = 0.9  # of velocities and first moments, which shrink fastest

BLOCK = 1 << 16  # elements; what is compared lies in cache, and large states need no second array


class BoundUpdate:
    """One step of an optimiser over `parameters` and `gradients`, and its state, zero at first.

    Each number moves by itself in most optimisers; two workers then take half of the vectors each,
    which changes no bit. Clipping by the norm, for one, needs them whole.
    """

    def __init__(self, stage: Stage, parameters: Array, gradients: Array, workers: Workers) -> None:
        size = parameters.size
        self.state = {
            leaf.id: aligned_zeros(leaf.type.sizes({FLAT: size}), leaf.type.dtype)
            for leaf in stage.program.leaves
            if isinstance(leaf, State)
        }
        vectors = {("parameters", "parameters"): parameters, ("gradients", "gradients"): gradients}
        vectors |= {("state", name): array for name, array in self.state.items()}
        vectors |= {("constant", name): data for name, data in _scales(stage.program)}
        is_cut = workers.count > 1 and size >= HALF_SIZE and _moves_each_alone(stage.program)
        middle = size // (2 * LINE) * LINE if is_cut else size
        halves = [slice(0, middle), slice(middle, size)] if is_cut else [slice(0, size)]
        bounds = [_bound(stage, vectors, half) for half in halves]
        runs = [bound.run for bound in bounds]
        self._run = runs[0] if len(runs) == 1 else partial(workers.run, runs)
        self._rates = [array for bound in bounds for array in bound.given(LEARNING_RATE)]
        self._steps = [array for bound in bounds for array in bound.given(STEP)]
        self._rate: float | None = None  # as it was fed last

    def run(self, learning_rate: float, step: int) -> None:
        """Step number `step`, from 1."""
        if learning_rate != self._rate:
            self._rate = learning_rate
            for array in self._rates:
                array[...] = learning_rate
        for array in self._steps:
            array[...] = step
        self._run()
        if step % FLUSH_EVERY == 0:
            for array in self.state.values():
                flush_denormals(array)


def _scales(program: Program) -> Iterator[tuple[str, Array]]:
    """What each weight's decay or step is multiplied with, where that differs."""
    for leaf in program.leaves:
        if isinstance(leaf, Constant) and leaf.data is not None and _is_vector(leaf):
            yield leaf.id, leaf.data


def _bound(stage: Stage, vectors: Shared, half: slice) -> Bound:
    axes = {"N": 1, FLAT: half.stop - half.start}
    pieces = {name: vector[half] for name, vector in vectors.items()}
    return bind(stage.program, stage.plan, stage.source, axes, pieces)


def _moves_each_alone(program: Program) -> bool:
    """Whether what becomes of a number depends on those at its place in the vectors alone."""
    return all(map(_keeps_places, program.body))


def _keeps_places(instr: Instr) -> bool:
    """No vector becomes a scalar, and vectors are neither moved nor cut."""
    if not any(map(_is_vector, instr.args)):
        return True
    return all(map(_is_vector, instr.outs)) and instr.op.elementwise


def _is_vector(value: Value) -> bool:
    return FLAT in value.type.shape


def flush_denormals(array: Array) -> None:
    """Set to 0, in a flat array, what would become denormal by decay alone before the next flush.

    A moment m <- 0.9 m of a weight without gradient never reaches 0: rounding holds it at the
    smallest denormal numbers for ever, and each step of the optimiser then pays for them, on some
    processors with a hundred times the time of a normal number.

    When they are flushed is a function of the step's number alone, so that bits do not depend on
    where a run was stopped and resumed.

    The bound is tiny / 0.9^128, 8.4e-33 in float32 and 1.6e-302 in float64. The root of it is 9e-17
    in float32, below any epsilon that is added to the root of a second moment with effect.
    """
    bound = flush_bound(array.dtype)
    for start in range(0, array.size, BLOCK):
        block = array[start : start + BLOCK]
        np.multiply(block, np.abs(block) >= bound, out=block)


def flush_bound(dtype: np.dtype[Any]) -> float:
    """Below which a number of a state is set to 0."""
    return float(np.finfo(dtype).tiny) / USUAL_DECAY**FLUSH_EVERY
