"""A network leaves as an ONNX model, which is then run beside the network itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from nngraph.data import Normalizer
from nngraph.data.normalizers import UNSCALED
from nngraph.files import write_atomically
from nngraph.interop.onnx.comparison import Comparison, compared
from nngraph.interop.onnx.model import USUAL, Leaving, Output, onnx_model
from nngraph.ir import Array, Input, Node, Origin, Program, Value
from nngraph.pipeline import EXPORT, Facts, drive
from nngraph.spec.arrows import End, end_named
from nngraph.train.arrays import Predictor
from nngraph.train.learner import Learner

ROWS_COMPARED = 100
EXTREMES = (0.0, 1.0, -1.0, 10.0, -10.0)
"""Rows of one number each, in the scale of the network, beside the drawn ones."""


def export_onnx(
    learner: Learner, path: Path, *, opset: int = USUAL, first: bool = False, scaled: bool = True
) -> Comparison:
    """Write the model, and say what a runtime makes of it.

    Errors: UsageError for what ONNX cannot say; FileError.
    """
    leaving = leaving_of(learner)
    model = onnx_model(leaving, opset=opset, first=first, scaled=scaled)
    write_atomically(path, model.SerializeToString())
    rows = _rows(learner, leaving.inputs)
    names = [value.name for value in (*model.graph.input, *model.graph.output)]
    ways = names[: len(rows)], names[len(rows) :]
    given = rows if scaled else _scaled(learner, rows)
    answers = [
        _turned(ways[1], _answers(learner, each, scaled), first)
        for each in (given, _rounded_on(given))
    ]
    return compared(model, _turned(ways[0], given, first), *answers)


def leaving_of(learner: Learner) -> Leaving:
    """All that an exported network consists of."""
    network, executable = learner.network, learner.executable
    wanted = tuple(map(Node, network.output_nodes))
    program = drive(network.lowered.program, EXPORT, Facts(wanted, arenas=network.arenas))
    own = [leaf for leaf in program.leaves if not isinstance(leaf, Input)]
    inputs = {id_: leaf for id_, leaf in network.lowered.inputs.items() if leaf in program.leaves}
    return Leaving(
        learner.document.name,
        program,
        inputs,
        [_output(learner, program, name) for name in learner.output_names],
        {leaf: executable.contents(leaf) for leaf in own},
        _names(learner),
        learner.normalizers,
        {id_: Origin(id_, entry.span) for id_, entry in learner.document.nodes.items()},
        f"{learner.document.name}: written by nngraph",
    )


def _names(learner: Learner) -> dict[Value, str]:
    """The names of weights that have a leaf of their own."""
    return {w.leaf: w.id for w in learner.network.lowered.weights.alone if w.part is None}


def _output(learner: Learner, program: Program, name: str) -> Output:
    end = end_named(name)
    value = program.output(Node(end.node))
    learnt = Predictor.of(learner).learnt.get(end.node)
    labels = learner.labels_of(name) or ()
    scale = None if learnt is None else _for_all_units(*learnt, value.type.sample_shape)
    return Output(name, value, end, scale, labels)


def _for_all_units(scale: Normalizer, units: slice, shape: tuple[int, ...]) -> Normalizer:
    """The scale of some units among all of a node, the others as they are."""
    if units == End("").units:
        return scale
    factors, terms = np.ones(shape[-1]), np.zeros(shape[-1])
    factors[units], terms[units] = scale.scale, scale.shift
    return Normalizer(scale.kind, tuple(terms.tolist()), tuple(factors.tolist()))


def _rows(learner: Learner, inputs: Mapping[str, Input]) -> dict[str, Array]:
    """Drawn rows and extreme ones for each input, in the scale of the data."""
    drawn, rows = np.random.default_rng(0), {}
    for name, leaf in inputs.items():
        shape = leaf.type.sample_shape
        ends = [np.full(shape, each) for each in EXTREMES]
        scaled = np.concatenate([drawn.standard_normal((ROWS_COMPARED, *shape)), ends])
        scale = learner.normalizers.inputs.get(name, UNSCALED)
        rows[name] = scale.invert(scaled).astype(leaf.type.dtype)
    return rows


def _scaled(learner: Learner, rows: Mapping[str, Array]) -> dict[str, Array]:
    scales = learner.normalizers.inputs
    return {n: scales.get(n, UNSCALED).apply(x).astype(x.dtype) for n, x in rows.items()}


def _rounded_on(rows: Mapping[str, Array]) -> dict[str, Array]:
    """The same rows with the next larger number in each place."""
    return {name: np.nextafter(x, np.array(np.inf, x.dtype)) for name, x in rows.items()}


def _answers(learner: Learner, rows: Mapping[str, Array], scaled: bool) -> list[Array]:
    """What the network says to rows of the data, or to rows in its own scale."""
    names = learner.output_names
    found = Predictor.of(learner).values(rows) if scaled else learner.outputs(rows, names)
    return [found[name] for name in names]


def _turned(
    names: Sequence[str], rows: Mapping[str, Array] | Sequence[Array], first: bool
) -> dict[str, Array]:
    """Rows by their names in the graph, images as they lie there."""
    arrays = rows.values() if isinstance(rows, Mapping) else rows
    return {
        name: np.ascontiguousarray(np.moveaxis(x, -1, 1)) if first and x.ndim > 2 else x
        for name, x in zip(names, arrays, strict=True)
    }
