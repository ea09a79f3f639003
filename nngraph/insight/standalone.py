"""A network leaves nngraph: one module of plain NumPy, and its weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from numpy.typing import NDArray

from nngraph.codegen.readable import ModuleWeight, standalone_module
from nngraph.compiler import Compiled
from nngraph.ir import Param, Program, verify
from nngraph.lower import Weight, differentiate
from nngraph.passes import READABLE_FORWARD_PIPELINE, READABLE_PIPELINE, run
from nngraph.spec import EdgeEntry

Array = NDArray[Any]


def standalone(compiled: Compiled, weights: Mapping[str, Array]) -> tuple[str, dict[str, Array]]:
    """The text of the module, and the arrays of the file that belongs beside it."""
    lowered = compiled.lowered
    made = standalone_module(
        readable_program(compiled),
        inputs=lowered.inputs,
        targets={t.name: t.leaf for t in lowered.targets if t.leaf is not None},
        weights=[_module_weight(weight) for weight in lowered.weights],
        outputs=compiled.output_nodes,
    )
    return made.text, {**weights, **made.constants}


def readable_program(compiled: Compiled) -> Program:
    """Every node, loss and gradients of a network as it predicts, in the words of a person."""
    program = run(compiled.lowered.program, READABLE_FORWARD_PIPELINE)
    names = list(compiled.graph.order)
    if compiled.document.spec.loss:
        trained = [leaf for leaf in program.leaves if isinstance(leaf, Param)]
        program = verify(differentiate(program, trained), "the reverse sweep")
        names += ["loss", *(f"gradient:{leaf.id}" for leaf in trained)]
    kept = tuple((name, value) for name, value in program.outputs if name in names)
    return run(Program(program.leaves, program.body, kept), READABLE_PIPELINE)


def _module_weight(weight: Weight) -> ModuleWeight:
    entry = weight.entry
    letter: Literal["W", "b", "alpha"]
    if isinstance(entry, EdgeEntry):
        node, letter = entry.target.node, "W"
    else:
        node, letter = entry.id, "alpha" if weight.id.endswith(".alpha") else "b"
    return ModuleWeight(weight.id, weight.leaf, weight.shape, node, letter, weight.part)
