"""Lowering: a graph becomes a forward program; all errors of meaning are told."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain
from typing import Any

import numpy as np

from nngraph.errors import Span
from nngraph.graph import Graph
from nngraph.ir import LARGEST, OVERFLOW, Node, verify_program
from nngraph.lower.connections import check_units
from nngraph.lower.context import Lowering, Mistake, Unavailable
from nngraph.lower.fit import check_searchable, check_trainable
from nngraph.lower.initialise import Fans
from nngraph.lower.losses import (
    Losses,
    exact_nodes,
    lower_losses,
)
from nngraph.lower.lowered import Lowered, Weight, Weights, lay_out
from nngraph.lower.nodes import lower_node
from nngraph.lower.packing import PackedWeights
from nngraph.lower.singles import Block, Step, Stretch, schedule
from nngraph.lower.stretch import lower_block, lower_stretch
from nngraph.lower.weights import read_the_others
from nngraph.spec import Document, EdgeEntry, NodeEntry, tree
from nngraph.spec.activations import ACTIVATION_ROWS
from nngraph.spec.arrows import end_named
from nngraph.spec.document import Edges
from nngraph.spec.model import GivenExpect
from nngraph.spec.nodes import NeuronsNode
from nngraph.words.inits import InitOptions, PlainInit


def lower(graph: Graph, *, training: bool) -> Lowered:
    """The forward program of a network, and what its leaves mean.

    `training` decides whether dropout draws, or is the identity.

    Errors: SpecError with all mistakes of shapes and meaning; FileError and ModelFileError for
    files with weights.
    """
    lowering = Lowering(graph, training, exact=exact_nodes(graph))
    _check_names(lowering)
    _check_numbers(lowering)
    with np.errstate(over="ignore"):  # what would overflow is told
        for number, step in _numbered(_inputs_first(lowering, schedule(lowering))):
            _lower_step(lowering, step, number)
        _check_named_units(lowering)
        losses = lower_losses(lowering)
    if lowering.problems.errors:
        read_the_others(lowering)
    else:
        check_trainable(lowering, losses.supervised)
        check_searchable(lowering)
    lowering.problems.raise_if_any()
    return _finish(lowering, losses)


def _lower_node(lowering: Lowering, entry: NodeEntry) -> None:
    try:
        with lowering.problems.collecting():  # a file that cannot be read
            lowering.values[entry.id] = lower_node(lowering, entry)
    except Mistake as mistake:
        lowering.report(mistake)
    except Unavailable:
        return  # told above


def _inputs_first(lowering: Lowering, steps: list[Step]) -> list[Step]:
    """Inputs before constants, which have as many rows as they; other orders stay as they are."""
    graph, nodes = lowering.graph, lowering.document.written_nodes
    if not any(entry.node.kind == "constant" for entry in nodes.values()):
        return steps
    inputs = set(graph.inputs)
    return [*graph.inputs, *(step for step in steps if step not in inputs)]


def _numbered(steps: Iterable[Step]) -> Iterator[tuple[int, Step]]:
    """Steps, each with the number of those of its kind before it."""
    counts: Counter[type] = Counter()
    for step in steps:
        yield counts[type(step)], step
        counts[type(step)] += 1


def _lower_step(lowering: Lowering, step: Step, number: int) -> None:
    if isinstance(step, Stretch):
        lower_stretch(lowering, step, f"stretch:{number}")
    elif isinstance(step, Block):
        lower_block(lowering, step, f"block:{number}")
    else:
        _lower_node(lowering, lowering.entry(step))


def _check_named_units(lowering: Lowering) -> None:
    """Units that `outputs` and `expect` name must be there."""
    document = lowering.document
    named = [
        (end, document.span("outputs", index))
        for index, end in enumerate(document.spec.outputs or ())
    ]
    named += [
        (end_named(name), document.key_span("expect", index, "output", name))
        for index, expect in enumerate(document.spec.expect)
        if isinstance(expect, GivenExpect)
        for name in expect.output
    ]
    for end, span in named:
        try:
            check_units(lowering, end, span)
        except Mistake as mistake:
            lowering.report(mistake)
        except Unavailable:
            continue


def _check_names(lowering: Lowering) -> None:
    """The figures of the loss are named beside the nodes."""
    terms = range(len(lowering.document.spec.loss))
    taken = {"loss", *(f"loss_{number}" for number in terms)} if terms else set()
    for id, entry in lowering.document.nodes.items():
        if id in taken:
            lowering.report(Mistake("E250", entry.span, id=id))


def _finish(lowering: Lowering, losses: Losses) -> Lowered:
    outputs = [(Node(node), lowering.values[node]) for node in lowering.graph.order]
    program = verify_program(
        lowering.builder.done([*outputs, *losses.terms], lowering.updates), "lowering"
    )
    weights = _weights(lowering)
    held = weights.leaves
    leaves = [leaf for leaf in program.leaves if leaf in held]
    return Lowered(
        lowering.graph,
        program,
        {role.id: value.type.sample_shape for role, value in outputs},
        lowering.inputs,
        tuple(losses.targets.values()),
        weights,
        lay_out(leaves, lowering.bias_of, lowering.dtype),
        lowering.files,
        not lowering.asked,
        tuple(lowering.problems.lints),
        tuple(lowering.grouped),
    )


def _weights(lowering: Lowering) -> Weights:
    """All weights, with what the whole graph decides: how many connections meet, and so how to
    draw what the file does not give."""
    decide = functools.partial(_decided, lowering.document, Fans(lowering))
    alone = [decide(weight) for weight in lowering.weights.values()]
    runs: list[tuple[Weight, ...] | PackedWeights] = []
    at = 0
    for before, packed in lowering.packed:
        runs += [tuple(alone[at:before]), replace(packed, decide=decide)]
        at = before
    return Weights([*runs, tuple(alone[at:])])


def _decided(document: Document, fans: Fans, weight: Weight) -> Weight:
    entry = weight.entry
    into, out_of = (fans.into(entry.id), 1) if isinstance(entry, NodeEntry) else fans.of(entry)
    init = None if weight.given is not None else weight.init or default_init(document, entry)
    return replace(weight, init=init, fan_in=into, fan_out=out_of)


def default_init(document: Document, entry: EdgeEntry | NodeEntry) -> InitOptions:
    """How weights are drawn where the file does not say: by the activation that they feed."""
    node = document.nodes[entry.target.node if isinstance(entry, EdgeEntry) else entry.id].node
    kind = node.activation.kind if isinstance(node, NeuronsNode) else "identity"
    return _plain_init(ACTIVATION_ROWS[kind].init)


@functools.cache
def _plain_init(kind: str) -> InitOptions:
    return PlainInit(kind=kind)


# ---- numbers of the file that the network's type cannot hold: they would be infinite there


SECTIONS = ("loss", "train")
LIKE_NUMBERS = frozenset("+-.0123456789")


def _check_numbers(lowering: Lowering) -> None:
    """Report each number of nodes, edges, loss and training beyond the network's type.

    What the file gives in float64 is rounded to the type of the network. Data are measured when
    they are scaled.
    """
    document, least = lowering.document, OVERFLOW[lowering.dtype]
    largest = _shown(LARGEST[lowering.dtype])
    if least == np.inf:
        return
    written = [entry.value for entry in document.written_nodes.values()]
    assert isinstance(document.root, tree.Mapping)
    written += [found for key in SECTIONS if (found := document.root.get(key)) is not None]
    of_rows = chain.from_iterable(rows.beyond(least) for rows in document.rows)
    of_edges = _of_edges(document.edges, least)
    for span, number in (*_written(written, least), *of_rows, *of_edges):
        lowering.report(
            Mistake("E232", span, number=_shown(number), dtype=lowering.dtype, largest=largest)
        )


def _shown(number: float) -> str:
    return f"{number:.8g}"


def _written(values: Iterable[tree.Tree], least: float) -> Iterator[tuple[Span, float]]:
    for value in values:
        for _, node in tree.walk(value):
            if isinstance(node, tree.Scalar) and node.plain and node.text[:1] in LIKE_NUMBERS:
                number = node.value
                if isinstance(number, int | float) and abs(number) >= least:
                    yield node.span, float(number)


def _of_edges(edges: Edges, least: float) -> Iterator[tuple[Span, float]]:
    """Weights, and the numbers of how they are drawn; an edge is written in many ways."""
    for edge in edges.alone:
        if edge.given is None:
            if edge.weight is not None and abs(edge.weight) >= least:
                yield edge.span_of("weight"), edge.weight
            continue
        for key in ("weight", "init"):
            for path, number in _numbers(getattr(edge.given, key, None), (key,)):
                if abs(number) >= least:
                    yield edge.span_of(*path), number
    for run in edges.columns:
        for at in np.flatnonzero(np.abs(run.weights) >= least).tolist():
            yield run[at].span_of("weight"), float(run.weights[at])


Path = tuple[str | int, ...]


def _numbers(value: Any, path: Path) -> Iterator[tuple[Path, float]]:
    """The numbers of an option, each with the keys and places that lead to it."""
    if isinstance(value, int | float):
        yield path, float(value)
    elif isinstance(value, tuple):
        for at, item in enumerate(value):
            yield from _numbers(item, (*path, at))
    elif hasattr(type(value), "model_fields"):
        for key in type(value).model_fields:
            yield from _numbers(getattr(value, key), (*path, key))
