"""Lints on first weights that are known before anything is drawn: given, or one number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping

import numpy as np

from nngraph.errors import Diagnostic, Note, Span, diagnostic, join_words
from nngraph.ir import Array
from nngraph.lower import Lowered, Weight, first_weights
from nngraph.records import dataclass
from nngraph.spec import EdgeEntry
from nngraph.spec.activations import ACTIVATION_ROWS
from nngraph.spec.nodes import NeuronsNode, named_function
from nngraph.words.row import ANY

MOST_EDGES = 20_000
"""Graphs with more were not written by hand, and neither were their weights."""

CONSTANT = ("zeros", "ones")


NAMED = 4
"""Neurons of a group that a message names."""


def first_weights_lints(lowered: Lowered) -> tuple[Diagnostic, ...]:
    """L209 units that stay alike; L210 rectifiers that never give more than 0."""
    document = lowered.graph.document
    if len(document.edges) > MOST_EDGES:
        return ()
    fixed = [weight for weight in lowered.weights if _is_known(weight)]
    if not any(weight.purpose == "weight" for weight in fixed):
        return ()
    around = _Surroundings(lowered, {weight.id: _first(weight) for weight in fixed})
    alike = _alike(around) if document.spec.loss else ()
    return (*alike, *_dead(around))


def _is_known(weight: Weight) -> bool:
    """Whether its first values do not depend on the seed."""
    return weight.given is not None or (weight.init is not None and weight.init.kind in CONSTANT)


def _first(weight: Weight) -> Array:
    out = np.empty(weight.shape)
    first_weights(weight, 0, out)
    return out


@dataclass(frozen=True)
class _Surroundings:
    """A network with the first values that are known, and what lies around a unit."""

    lowered: Lowered
    known: Mapping[str, Array]

    def matrix(self, edge: EdgeEntry) -> Array | None:
        """W [units of the source, units of the target] of a dense edge, where it is known."""
        target = self.lowered.graph.document.nodes[edge.target.node].node
        array = self.known.get(edge.id)
        if array is None or edge.kind_into(target) != "dense":
            return None
        return array.reshape(-1, array.shape[-1]) if array.ndim else array.reshape(1, 1)

    def neurons(self) -> Iterator[tuple[str, NeuronsNode, Array]]:
        """The nodes of neurons whose biases are known, with them."""
        for id_, entry in self.lowered.graph.document.nodes.items():
            model = entry.node
            if not isinstance(model, NeuronsNode):
                continue
            bias = self.known.get(f"{id_}.bias") if model.bias.present else np.zeros(1)
            if bias is not None:
                yield id_, model, np.broadcast_to(bias, model.units)


# ---- units that never differ


def _alike(around: _Surroundings) -> Iterator[Diagnostic]:
    """Hidden units with equal weights on both sides: their gradients are equal at every step."""
    groups: dict[Hashable, list[tuple[str, int]]] = defaultdict(list)
    ends = {end.node for end in around.lowered.graph.outputs}
    for id_, model, bias in around.neurons():
        if id_ in ends or not model.trainable:
            continue
        for unit in range(model.units):
            side = _sides(around, id_, unit)
            if side is not None:
                groups[model.activation, model.aggregate, bias[unit], side].append((id_, unit))
    told: set[str] = set()
    for group in groups.values():
        names = list(dict.fromkeys(id_ for id_, _ in group))
        if len(group) == 1 or told.issuperset(names):
            continue
        told.update(names)
        yield _stay_alike(around, names, len(group))


def _sides(around: _Surroundings, node: str, unit: int) -> Hashable | None:
    """What leads into and out of a unit, with the weights; None where some are drawn."""
    graph = around.lowered.graph
    sides: list[tuple[str, str, int, bytes]] = []
    for edge in graph.incoming[node]:
        W, at = around.matrix(edge), unit - (edge.target.start or 0)
        if W is None:
            return None
        if 0 <= at < W.shape[1]:
            sides.append(("in", str(edge.source), 0, W[:, at].tobytes()))
    for edge in graph.outgoing[node]:
        W, at = around.matrix(edge), unit - (edge.source.start or 0)
        if W is None:
            return None
        if 0 <= at < W.shape[0]:
            sides.append(("out", str(edge.target), 0, W[at].tobytes()))
    return tuple(sorted(sides)) if graph.outgoing[node] else None


def _stay_alike(around: _Surroundings, names: list[str], count: int) -> Diagnostic:
    nodes = around.lowered.graph.document.nodes
    span = nodes[names[0]].span
    if len(names) == 1:
        return diagnostic("L209:units", span, node=names[0], count=count)
    notes = tuple(Note(nodes[name].span, "the same") for name in names[1:NAMED])
    shown = [f"'{name}'" for name in names[:NAMED]]
    more = len(names) - NAMED
    listed = join_words(shown) if more <= 0 else ", ".join(shown) + f" and {more} more"
    return diagnostic("L209", span, notes=notes, nodes=listed)


# ---- rectifiers that give nothing


def _dead(around: _Surroundings) -> Iterator[Diagnostic]:
    """Units of a rectifier whose a cannot come above 0, whatever is fed: neither z nor gradient."""
    graph = around.lowered.graph
    for id_, model, bias in around.neurons():
        row = ACTIVATION_ROWS[model.activation.kind]
        if not row.rectifies or model.aggregate != "sum":
            continue
        most = np.array(bias, float)
        for edge in graph.incoming[id_]:
            W = around.matrix(edge)
            if W is None:
                break
            most[edge.target.start : edge.target.stop] += _most(W, *_range(around, edge))
        else:
            dead = np.flatnonzero(most <= 0)
            if dead.size:
                yield _never_fires(graph.document.nodes[id_].span, id_, dead, model.units)


def _range(around: _Surroundings, edge: EdgeEntry) -> tuple[float, float]:
    """What the source of an edge can give."""
    row = ACTIVATION_ROWS.get(
        named_function(around.lowered.graph.document.nodes[edge.source.node].node)
    )
    return row.range if row is not None else ANY


def _most(W: Array, low: float, high: float) -> Array:
    """The largest sum over i of W_ij z_i, for each j, where low <= z_i <= high."""
    up = np.where(W > 0, W, 0.0)
    down = np.where(W < 0, W, 0.0)
    return _times(up, high) + _times(down, low)


def _times(W: Array, bound: float) -> Array:
    """The sums of columns times a bound, where 0 times infinity is 0."""
    sums: Array = W.sum(axis=0)
    with np.errstate(invalid="ignore"):
        return np.where(sums == 0, 0.0, sums * bound)


def _never_fires(span: Span, node: str, dead: Array, units: int) -> Diagnostic:
    if units == 1:
        return diagnostic("L210", span, node=node)
    numbers = ", ".join(str(unit) for unit in dead[:NAMED]) + (", ..." if dead.size > NAMED else "")
    return diagnostic("L210:units", span, node=node, dead=dead.size, units=units, numbers=numbers)
