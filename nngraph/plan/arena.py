"""Lays all weights of a network into two flat vectors, each bias right behind its matrix."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import numpy as np

from nngraph.ir import FLAT, Array, Constant, DType, Leaf, Param, Part, Program, State
from nngraph.ops import StackBias
from nngraph.plan.model import Arena, Arenas, Region

ALIGNMENT = 16  # elements: a group starts on a cache line


def lay_out(programs: Iterable[Program], dtype: DType) -> Arenas:
    """The arenas for the leaves of several programs, in order of first mention.

    A matrix and a bias that some program stacks (`StackBias`) become neighbours, so that the
    stack is a view of the arena, and so is its gradient.
    """
    leaves: dict[str, Leaf] = {}
    bias_of: dict[str, str] = {}
    for program in programs:
        stacked = _stacked_pairs(program)
        bias_of |= stacked
        paired = set(stacked) | set(stacked.values())
        for leaf in program.leaves:
            if isinstance(leaf, Param) or _is_weight(leaf, paired):
                leaves.setdefault(leaf.id, leaf)
    trained = {k: v for k, v in leaves.items() if isinstance(v, Param)}
    fixed = {k: v for k, v in leaves.items() if isinstance(v, Constant | State)}
    return Arenas(
        _arena("parameters", trained, bias_of, dtype), _arena("fixed", fixed, bias_of, dtype)
    )


def _is_weight(leaf: Leaf, paired: set[str]) -> bool:
    if isinstance(leaf, State):  # running statistics lie beside fixed weights
        return leaf.type.shape != (FLAT,)
    return isinstance(leaf, Constant) and (leaf.data is None or leaf.id in paired)


def _stacked_pairs(program: Program) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for instr in program.body:
        if isinstance(instr.op, StackBias):
            matrix, bias = instr.args
            if isinstance(matrix, Leaf) and isinstance(bias, Leaf):
                pairs[matrix.id] = bias.id
    return pairs


def _arena(
    role: Literal["parameters", "fixed"],
    leaves: Mapping[str, Leaf],
    bias_of: Mapping[str, str],
    dtype: DType,
) -> Arena:
    regions: dict[str, Region] = {}
    biases = set(bias_of.values())
    at = 0
    for id_ in leaves:
        if id_ in biases:
            continue
        at = -(-at // ALIGNMENT) * ALIGNMENT
        for member in (id_, bias_of.get(id_)):
            if member is not None and member in leaves:
                region = Region(at, leaves[member].type.sample_shape)
                regions[member] = region
                at += region.size
    return Arena(role, dtype, regions, at)


def spread(arena: Arena, numbers: Sequence[tuple[str, Part | None, float]]) -> Array | None:
    """A flat vector of ones but for the leaves, or parts of them, that are named; None for none.

    Types: float64[P].
    """
    if not numbers:
        return None
    flat = np.ones(arena.size)
    for id_, part, number in numbers:
        region = arena.regions[id_]
        start, size = region.start, region.size
        if part is not None:
            start, size = start + part.start, part.size
        flat[start : start + size] = number
    return flat
