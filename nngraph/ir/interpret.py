"""The interpreter: a program run by the plain definitions of its ops; slow, the reference."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from nngraph.ir.program import Program
from nngraph.ir.values import Array, Constant, Leaf, Value
from nngraph.records import dataclass


@dataclass(frozen=True)
class Results:
    """Outputs by name, the new contents of updated leaves, and every value of the run."""

    outputs: dict[str, Array]
    updates: dict[Leaf, Array]
    values: dict[Value, Array]


def interpret(program: Program, leaves: Mapping[Leaf, Array]) -> Results:
    """Run a program on arrays for its leaves (constants with data need none).

    Errors: KeyError for a leaf without an array.
    """
    env: dict[Value, Array] = {}
    for leaf in program.leaves:
        given = leaves.get(leaf)
        if given is None and isinstance(leaf, Constant):
            given = leaf.data
        if given is None:
            raise KeyError(f"no array for leaf {leaf.id!r}")
        env[leaf] = np.asarray(given)
    for instr in program.body:
        out = instr.op.evaluate(*(env[arg] for arg in instr.args))
        outs = out if isinstance(out, tuple) else (out,)
        env.update(zip(instr.outs, outs, strict=True))
    return Results(
        {str(role): env[value] for role, value in program.outputs},
        {leaf: env[value] for leaf, value in program.updates},
        env,
    )
