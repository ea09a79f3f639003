"""From YAML text to lowered programs and their results, for the tests of lowering."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from nngraph.errors import Diagnostic, SpecError
from nngraph.graph import build_graph
from nngraph.ir import Array, Key, Program, Results, interpret, verify_program
from nngraph.lower import Lowered, initial_weights, lower, pack_weights
from nngraph.spec import parse_spec
from nngraph.streams import key


def lowered(text: str, *, training: bool = False, folder=None) -> Lowered:
    """The forward program of a spec in float64, whose first line need not be written."""
    head = "" if text.lstrip().startswith("nngraph") else "nngraph: 1\ndtype: float64\n"
    return lower(build_graph(parse_spec(head + text, folder=folder)), training=training)


def leaves_of(
    low: Lowered,
    program: Program,
    arrays: Mapping[str, Array],
    weights: Mapping[str, Array] | None = None,
) -> dict:
    """Arrays for all leaves: inputs by node, targets by name, weights drawn where not given."""
    drawn = {**initial_weights(low, 0), **(weights or {})}
    known = dict(pack_weights(low, drawn))
    known |= {leaf.id: np.asarray(arrays[node]) for node, leaf in low.inputs.items()}
    rows = len(next(known[leaf.id] for leaf in low.inputs.values()))
    known |= {"per_sample": np.array(1.0 / rows), "step": np.array(0), "first_row": np.array(0)}
    for target in low.targets:
        if target.leaf is not None and target.name in arrays:
            known[target.leaf.id] = np.asarray(arrays[target.name])
        elif target.leaf is not None and f"target:{target.name}" in arrays:
            known[target.leaf.id] = np.asarray(arrays[f"target:{target.name}"])
    leaves = {}
    for leaf in program.leaves:
        if isinstance(leaf, Key):
            leaves[leaf] = key(0, leaf.id, leaf.purpose)
        elif leaf.id in known:
            leaves[leaf] = np.asarray(known[leaf.id], leaf.type.dtype)
    return leaves


def run(
    low: Lowered,
    arrays: Mapping[str, Array],
    weights: Mapping[str, Array] | None = None,
    program: Program | None = None,
) -> Results:
    """The outputs of a lowered network by the interpreter."""
    program = verify_program(program or low.program)
    return interpret(program, leaves_of(low, program, arrays, weights))


def outputs(text: str, arrays: Mapping[str, Array], weights=None, **more) -> dict[str, Array]:
    """Every node's z, and the loss."""
    return run(lowered(text, **more), arrays, weights).outputs


def mistakes(text: str, folder=None) -> list[Diagnostic]:
    """What lowering says about a spec with mistakes."""
    graph = build_graph(parse_spec("nngraph: 1\n" + text, folder=folder))
    with pytest.raises(SpecError) as told:
        lower(graph, training=True)
    return list(told.value.diagnostics)


def place(diagnostic: Diagnostic) -> tuple[str, int, int]:
    """Code, line and column; lines as in the text given to `mistakes`."""
    assert diagnostic.span is not None
    return diagnostic.code, diagnostic.span.line - 1, diagnostic.span.column
