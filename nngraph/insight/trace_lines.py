"""A traced sample as lines of formulas with the numbers put in, and what is too large for lines.

Written as text and as LaTeX by `notation`: both ways write the same trees.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from nngraph.insight.notation import (
    Call,
    Expr,
    Number,
    Over,
    Plain,
    Product,
    Slope,
    Sum,
    Symbol,
    text,
)
from nngraph.insight.parameter_names import given_name, unit_name
from nngraph.insight.trace import EdgeTrace, NodeTrace, Trace
from nngraph.records import dataclass
from nngraph.spec.nodes import SOURCES

Array = NDArray[np.floating]

UNITS = 16  # of a node whose units are listed one by one
WEIGHTS = 64  # of an array whose connections are listed one by one
LINES = 240  # of each part, beside what was asked for
SUM_WIDTH = 60  # characters of the terms of a sum
BACK_WIDTH = 60  # of one that a derivative multiplies
MOST_TERMS = 8  # of any sum
TERMS = 2  # of a sum over places

Direction = Literal["forward", "backward", "weights"]


@dataclass(frozen=True, slots=True)
class Line:
    """`left = step = step`: a symbol, its formula, the numbers in it, and what comes out; the name
    of its unit beside it."""

    left: Expr
    steps: tuple[Expr, ...]
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """Lines in the order of computation, and the nodes and edges that have too many for them."""

    forward: tuple[Line, ...]
    backward: tuple[Line, ...]
    weights: tuple[Line, ...]
    large_nodes: tuple[NodeTrace, ...]
    large_edges: tuple[EdgeTrace, ...]
    left_out: int

    @property
    def lines(self) -> tuple[Line, ...]:
        """All of them."""
        return self.forward + self.backward + self.weights


def listing(trace: Trace) -> Listing:
    """What is told line by line, and what is told as ranges."""
    few = [node for node in trace.nodes if node.z.ndim <= 1 and node.z.size <= UNITS]
    ends = {node.id for node in few}
    small = [
        edge
        for edge in trace.edges
        if edge.products is not None
        and edge.products.size <= WEIGHTS
        and edge.connections.op is None
        and {edge.entry.source.node, edge.entry.target.node} <= ends
    ]
    listed = {edge.id for edge in small}
    writer = _Writer(trace)
    forward, more = _first(writer.forward(node) for node in few)
    backward, back = _first(writer.backward(node) for node in reversed(few))
    weights, left = _first(
        chain(
            (writer.edge(edge) for edge in reversed(small)),
            (writer.bias(node) for node in reversed(few)),
        )
    )
    hidden = more + back + left
    return Listing(
        tuple(forward),
        tuple(backward),
        tuple(weights),
        tuple(node for node in trace.nodes if node.id not in ends),
        tuple(
            e
            for e in trace.edges
            if e.weight is not None and e.id not in listed and e.products is not None
        ),
        hidden,
    )


def _first(parts: Iterable[Iterator[Line]]) -> tuple[list[Line], int]:
    """The lines of the first parts, as many as there is room for; how many parts have none."""
    found: list[Line] = []
    left = 0
    for part in parts:
        if len(found) >= LINES:
            left += 1
            continue
        found += part
    return found, left


def connection_lines(
    trace: Trace, edge: EdgeTrace, places: Iterable[tuple[int, ...]]
) -> list[Line]:
    """The lines of some numbers of one edge."""
    writer = _Writer(trace)
    return [writer.connection(edge, place) for place in places]


@dataclass(frozen=True)
class _Writer:
    trace: Trace

    # ---- forward

    def forward(self, node: NodeTrace) -> Iterator[Line]:
        """Its a and its z, unit by unit; of what computes otherwise the z alone."""
        for place in np.ndindex(node.shape):
            name = unit_name(node.id, node.shape, place)
            z = Number(float(node.z[place]))
            named = given_name(self.trace.names, node.id, node.shape, place)
            if node.aggregate:
                a = Number(float(node.a[place]))
                yield Line(Symbol("a", name), (self._combined(node, place), a))
            if node.function and node.function != "identity":
                inside = Symbol("a", name) if node.slope is not None else Symbol("a", node.id)
                put_in: tuple[Expr, ...] = ()
                if node.slope is not None:
                    put_in = (Call(node.function, (Number(float(node.a[place])),)),)
                yield Line(Symbol("z", name), (Call(node.function, (inside,)), *put_in, z), named)
            elif node.aggregate:
                yield Line(Symbol("z", name), (Symbol("a", name), z), named)
            elif node.kind in SOURCES:
                yield Line(Symbol("z", name), (z,), named)
            else:
                yield Line(Symbol("z", name), (Plain(node.kind), z), named)

    def _combined(self, node: NodeTrace, place: tuple[int, ...]) -> Expr:
        """W_ij z_i of all connections into a unit, combined, and its bias."""
        unit, found = (place or (0,))[0], list[Expr]()
        for edge in self.trace.into[node.id]:
            terms = self._brought(edge, unit)
            if terms is None:
                return Plain("what its edges bring")
            found += terms
        bias = [] if node.bias is None else [Number(float(node.bias[unit]))]
        if node.aggregate == "sum":
            return Sum(_few(found, bias))
        whole = Call(node.aggregate, _few(found))
        return Sum((whole, *bias)) if bias else whole

    def _brought(self, edge: EdgeTrace, unit: int) -> list[Expr] | None:
        """What an edge brings to a unit of its target, one term a connection."""
        source, target = edge.entry.source, edge.entry.target
        z = self.trace.node[source.node].z
        z = z if source.start is None else z[..., source.units]
        at = unit - (target.start or 0)
        stop = None if target.start is None or target.stop is None else target.stop - target.start
        if at < 0 or (stop is not None and at >= stop):
            return []
        if edge.connections.op is not None:
            return None
        if edge.values is None:
            return [Number(float(z.reshape(-1)[at]))]
        if edge.kind == "scale":
            return [_times(edge.values[at], z.reshape(-1)[at])]
        return _products(edge.values[:, at], z.reshape(-1))

    # ---- backward

    def backward(self, node: NodeTrace) -> Iterator[Line]:
        """Its deltas, unit by unit."""
        if node.delta is None or node.kind == "input":
            return
        for place in np.ndindex(node.shape):
            name = unit_name(node.id, node.shape, place)
            value = Number(float(node.delta.reshape(node.shape)[place]))
            steps = self._back(node, place, name)
            yield Line(Symbol("delta", name), (*steps, value))

    def _back(self, node: NodeTrace, place: tuple[int, ...], name: str) -> tuple[Expr, ...]:
        """f'(a) times what comes back along the edges; dL/da where that is the loss's."""
        edges = self.trace.out_of[node.id]
        if not edges or node.slope is None or node.id in self._judged:
            return (Slope("a", name),)
        found: list[Expr] = []
        for edge in edges:
            terms = self._returned(edge, (place or (0,))[0])
            if terms is None:
                return (Slope("a", name),)
            found += terms
        total, inner = Number(sum(map(_value, found))), Sum(tuple(found))
        inside = Call(f"{node.function}'", (Number(float(node.a[place])),))
        short = len(found) <= MOST_TERMS and len(text(inner)) <= BACK_WIDTH
        put_in = (Product((inside, inner if len(found) > 1 else found[0])),) if short else ()
        return *put_in, Product((Number(float(node.slope[place])), total))

    @property
    def _judged(self) -> set[str]:
        lowered = self.trace.network.lowered
        return {target.node for target in lowered.targets}

    def _returned(self, edge: EdgeTrace, unit: int) -> list[Expr] | None:
        """W_jk delta_k of all connections of a unit along an edge; None where it is no product."""
        node = self.trace.node[edge.entry.target.node]
        if node.delta is None:
            return []
        if edge.connections.op is not None or node.aggregate != "sum":
            return None
        at = unit - (edge.entry.source.start or 0)
        stop = edge.entry.source.stop
        if at < 0 or (stop is not None and unit >= stop):
            return []
        delta = node.delta.reshape(-1)[edge.entry.target.units]
        if edge.values is None:
            return [Number(float(delta[at]))]
        if edge.kind == "scale":
            return [_times(edge.values[at], delta[at])]
        return _products(edge.values[at], delta)

    # ---- weights

    def edge(self, edge: EdgeTrace) -> Iterator[Line]:
        """dL/dW of each of its connections; those that a mask hides are none."""
        assert edge.products is not None
        assert edge.weight is not None
        mask = None if edge.weight.mask is None else edge.connections.used(edge.weight.mask)
        for place in np.ndindex(edge.products.shape):
            if mask is None or mask[place]:
                yield self.connection(edge, place)

    def connection(self, edge: EdgeTrace, place: tuple[int, ...]) -> Line:
        """dL/dW_ij = delta_j z_i with its numbers, added up over places."""
        assert edge.products is not None
        source, node = (
            self.trace.node[edge.entry.source.node],
            self.trace.node[edge.entry.target.node],
        )
        assert node.delta is not None
        connections = edge.connections
        value = Number(float(edge.products[place]))
        z, delta = connections.terms(place, source.z, node.delta.reshape(node.shape))
        begin, end = connections.ends(place)
        left = Slope("W", connections.name(place))
        named = given_name(self.trace.names, source.id, source.shape, begin)
        if len(z) == 1:
            of_z = Symbol("z", unit_name(source.id, source.shape, begin))
            of_delta = Symbol("delta", unit_name(node.id, node.shape, end))
            if node.aggregate == "sum":
                return Line(left, (Product((of_delta, of_z)), _times(delta[0], z[0]), value), named)
            share = Plain(f"da/dW({connections.name(place)})")
            by = value.value / float(delta[0]) if delta[0] else 0.0
            return Line(left, (Product((of_delta, share)), _times(delta[0], by), value), named)
        of_z = Symbol("z", unit_name(source.id, source.shape[-1:], begin))
        of_delta = Symbol("delta", unit_name(node.id, node.shape[-1:], end))
        there = np.flatnonzero(z * delta)
        found: list[Expr] = [_times(delta[k], z[k]) for k in there[:TERMS]]
        if len(there) > TERMS:
            found.append(Plain("..."))
        return Line(
            left,
            (
                Over("sum", f"{len(z)} places", Product((of_delta, of_z))),
                Sum(tuple(found)) if found else Number(0.0),
                value,
            ),
        )

    def bias(self, node: NodeTrace) -> Iterator[Line]:
        """dL/db of each unit: its delta, where that is its own."""
        gradient = self.trace.gradients.get(f"{node.id}.bias")
        nodes = self.trace.network.document.nodes.values()
        if gradient is None:
            return
        if any(getattr(entry.node, "share", None) == node.id for entry in nodes):
            for place in np.ndindex(gradient.shape):
                name = unit_name(node.id, gradient.shape, place)
                remark = Plain("the deltas of all that share it")
                yield Line(Slope("b", name), (remark, Number(float(gradient[place]))))
            return
        for place in np.ndindex(gradient.shape):
            name = unit_name(node.id, gradient.shape, place)
            yield Line(Slope("b", name), (Symbol("delta", name), Number(float(gradient[place]))))


def _times(first: float, second: float) -> Expr:
    return Product((Number(float(first)), Number(float(second))))


def _products(first: Array, second: Array) -> list[Expr]:
    return [_times(a, b) for a, b in zip(first, second, strict=True)]


def _value(term: Expr) -> float:
    if isinstance(term, Product):
        return float(np.prod([_value(factor) for factor in term.factors]))
    return term.value if isinstance(term, Number) else 0.0


def _few(terms: Sequence[Expr], bias: Sequence[Expr] = ()) -> tuple[Expr, ...]:
    """All terms where there is room, else the largest, dots behind them; then the bias."""
    everything = (*terms, *bias)
    if len(everything) <= MOST_TERMS and len(text(Sum(everything))) <= SUM_WIDTH:
        return everything
    end = (Plain("..."), *bias)
    kept: list[Expr] = []
    for term in sorted(terms, key=lambda term: -abs(_value(term)))[:MOST_TERMS]:
        if kept and len(text(Sum((*kept, term, *end)))) > SUM_WIDTH:
            break
        kept.append(term)
    return (*kept, *end)
