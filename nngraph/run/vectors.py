"""The flat vectors of a network: weights lie in them, and so do gradients and optimiser state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from nngraph.errors import ModelFileError, diagnostic
from nngraph.ir import ITEM_BYTES, LARGEST, OVERFLOW, Array, State
from nngraph.lower import Lowered, Weight
from nngraph.plan import branches, waiting_before
from nngraph.run.binding import aligned_zeros

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

    def weights(self) -> dict[str, Array]:
        """Copies of all weights by id."""
        return {w.id: self.view(w).copy() for w in self.lowered.weights}

    def set_weights(self, weights: Mapping[str, Array]) -> None:
        """Write all weights.

        Errors: ModelFileError for one missing, unknown, misshapen or beyond the network's type.
        """
        known = {w.id: w for w in self.lowered.weights}
        if missing := [id_ for id_ in known if id_ not in weights]:
            raise ModelFileError(diagnostic("E500:missing", ids=some(missing)))
        if unknown := [id_ for id_ in weights if id_ not in known]:
            raise ModelFileError(diagnostic("E500:unknown", ids=some(unknown)))
        for id_, weight in known.items():
            given = np.asarray(weights[id_])
            if given.shape != weight.shape:
                shapes = list(weight.shape), list(given.shape)
                raise ModelFileError(
                    diagnostic("E500:shape", id=id_, network=shapes[0], weights=shapes[1])
                )
            if given.dtype.itemsize > ITEM_BYTES[self.dtype]:
                self._check_holds(id_, given)
        for id_, weight in known.items():
            self.view(weight)[...] = weights[id_]

    def _check_holds(self, id_: str, given: Array) -> None:
        dtype = self.dtype
        beyond = np.abs(given) >= OVERFLOW[dtype]
        if beyond.any():
            number, largest = f"{float(given[beyond][0]):.8g}", f"{LARGEST[dtype]:.8g}"
            told = diagnostic("E500:beyond", id=id_, number=number, dtype=dtype, largest=largest)
            raise ModelFileError(told)

    def statistics(self) -> dict[str, Array]:
        """The running statistics among the weights, where they lie."""
        return {w.id: self.view(w) for w in self.lowered.weights if isinstance(w.leaf, State)}

    # ---- gradients

    def gradient(self, worker: int = 0, depth: int = 0) -> Array:
        """A flat gradient: that of one worker at one depth of the tree of sums; the total is at
        (0, 0)."""
        if (worker, depth) not in self._gradients:
            size = (self.arenas.parameters.size,)
            self._gradients[worker, depth] = aligned_zeros(size, self.dtype)
        return self._gradients[worker, depth]

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


def some(names: Iterable[str]) -> str:
    """The first names of many."""
    listed: Sequence[str] = list(names)
    shown = ", ".join(f"'{n}'" for n in listed[:5])
    return shown + (f" and {len(listed) - 5} more" if len(listed) > 5 else "")
