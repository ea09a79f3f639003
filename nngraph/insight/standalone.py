"""A network leaves nngraph: one module of plain NumPy, and its weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from numpy.typing import NDArray

from nngraph.codegen.readable import ModuleWeight, standalone_module
from nngraph.compiler import Compiled
from nngraph.lower import Weight
from nngraph.spec import EdgeEntry

Array = NDArray[Any]


def standalone(compiled: Compiled, weights: Mapping[str, Array]) -> tuple[str, dict[str, Array]]:
    """The text of the module, and the arrays of the file that belongs beside it."""
    lowered = compiled.lowered
    made = standalone_module(
        compiled.read(),
        inputs=lowered.inputs,
        targets={t.name: t.leaf for t in lowered.targets if t.leaf is not None},
        weights=[_module_weight(weight) for weight in lowered.weights],
        outputs=compiled.output_nodes,
    )
    return made.text, {**weights, **made.constants}


def _module_weight(weight: Weight) -> ModuleWeight:
    entry = weight.entry
    letter: Literal["W", "b", "alpha"]
    if isinstance(entry, EdgeEntry):
        node, letter = entry.target.node, "W"
    else:
        node, letter = entry.id, "alpha" if weight.id.endswith(".alpha") else "b"
    return ModuleWeight(weight.id, weight.leaf, weight.shape, node, letter, weight.part)
