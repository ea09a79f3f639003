"""The formulas of a network, forward and backward, node by node and composed.

What a function or a loss is, and its derivative, the vocabulary says (`expressions`); what an edge
brings is one product here and its transposed there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod

import numpy as np

from nngraph.insight.equations import Equation, Formulas, Section
from nngraph.insight.expressions import (
    delta_of_loss,
    derivative_of_a,
    function_of_a,
    loss_of,
    times,
)
from nngraph.insight.notation import (
    Call,
    Expr,
    Letter,
    Number,
    Over,
    Plain,
    Product,
    Slope,
    Sum,
    Symbol,
)
from nngraph.insight.parameter_names import UNNAMED, UnitNames, given_name
from nngraph.network import Network
from nngraph.render.words import clip_text
from nngraph.spec import EdgeEntry, End
from nngraph.spec.activations import ACTIVATION_ROWS
from nngraph.spec.image_edges import WindowEdge
from nngraph.spec.model import LOSS_ROWS
from nngraph.spec.nodes import ConstantNode, NeuronsNode, function_of
from nngraph.spec.weighted import WeightedEdge
from nngraph.words.aggregates import AGGREGATES
from nngraph.words.row import LossSpec

MOST_NODES = 60  # of which each has formulas of its own
LONGEST = 240  # characters of a composed formula
NAMES = 120  # characters of the names of an input's units


def formulas_of(network: Network, names: UnitNames = UNNAMED) -> Formulas:
    """The formulas of a network; of one with very many nodes those of the first. `names` are those
    of units, said beside inputs."""
    writer = _Writer(network, names)
    order = network.graph.order
    shown = order[:MOST_NODES]
    found = [
        Section("functions", writer.functions(shown)),
        Section("forward", tuple(e for node in shown for e in writer.forward(node))),
        Section("composed", writer.composed(shown)),
    ]
    if network.document.spec.loss:
        back = [node for node in reversed(shown) if writer.has_delta(node)]
        found += [
            Section("loss of one sample", writer.losses()),
            Section("backward", tuple(e for node in back for e in writer.backward(node))),
            Section("gradients", tuple(e for node in back for e in writer.gradients(node))),
        ]
    sections = tuple(section for section in found if section.equations)
    return Formulas(network.document.name, sections, len(order) - len(shown))


class _Writer:
    def __init__(self, network: Network, names: UnitNames) -> None:
        self._names = names
        self._network = network
        self._shapes = network.lowered.shapes
        self._nodes = network.document.nodes
        self._incoming = network.graph.incoming
        self._outgoing: dict[str, list[EdgeEntry]] = {id_: [] for id_ in network.graph.order}
        for edge in network.document.edges:
            self._outgoing[edge.source.node].append(edge)
        self._trained = _below_parameters(network)
        self._judged: dict[str, list[LossSpec]] = {}
        output = network.graph.outputs[0].node if network.graph.outputs else ""
        for term in network.document.spec.loss:
            self._judged.setdefault(term.node or output, []).append(term)

    # ---- functions

    def functions(self, nodes: Sequence[str]) -> tuple[Equation, ...]:
        """Each function once, with its derivative where it has one of its own."""
        a, z = Letter("a"), Letter("z")
        found: dict[tuple[str, tuple[float, ...]], tuple[Equation, ...]] = {}
        for node in nodes:
            function = function_of(self._nodes[node].node)
            if function is None or function.kind == "identity":
                continue
            row = ACTIVATION_ROWS[function.kind]
            values = row.values_of(function)
            learned = tuple(Letter(name) for name in row.learned)
            remark = ", ".join(
                f"{name} = {value:g}" for name, value in zip(row.numbers, values, strict=True)
            )
            whole = Equation(Call(row.name, (a,)), function_of_a(row, values, a, *learned), remark)
            pair: tuple[Equation, ...] = (whole,)
            if not row.over_last_axis:
                slope = derivative_of_a(row, values, a, z, *learned)
                pair = (whole, Equation(Call(f"{row.name}'", (a,)), slope))
            found.setdefault((row.name, values), pair)
        own = [e for pair in found.values() for e in pair if e.left != e.right]
        return tuple(own)

    # ---- forward

    def forward(self, node: str) -> list[Equation]:
        """a and z of a node."""
        model, shape = self._nodes[node].node, self._shapes[node]
        remark = "x".join(map(str, shape)) if prod(shape) > 1 else ""
        if model.kind == "input":
            beside = ": ".join(filter(None, (remark, self._named(node, shape))))
            return [Equation(Symbol("z", node), Plain("input"), beside)]
        if isinstance(model, ConstantNode):
            return [Equation(Symbol("z", node), _constant(model), remark)]
        z, a = Symbol("z", node), Symbol("a", node)
        whole = self._pre_activation(node, {})
        function = function_of(model)
        if function is None or function.kind == "identity":
            return [Equation(z, whole, remark)]
        return [Equation(a, whole, remark), Equation(z, Call(function.kind, (a,)))]

    def _named(self, node: str, shape: tuple[int, ...]) -> str:
        names = self._names.get(node, ())
        if not any(given_name(self._names, node, shape, at) for at in np.ndindex(shape)):
            return ""
        return clip_text(", ".join(names), NAMES)

    def _pre_activation(self, node: str, instead: Mapping[str, Expr]) -> Expr:
        """a of a node, of z of others or what stands `instead` of them."""
        model = self._nodes[node].node
        brought = [self._brought(edge, instead) for edge in self._incoming[node]]
        if not isinstance(model, NeuronsNode):
            if function_of(model) is not None:
                return brought[0]
            signs = {"add": 1.0, "subtract": -1.0}
            if model.kind in signs and len(brought) > 1:
                first, *others = brought
                return Sum((first, *(times(Number(signs[model.kind]), one) for one in others)))
            if model.kind == "multiply":
                return Product(tuple(brought), ".")
            return Call(model.kind, tuple(brought))
        bias = [Symbol("b", model.share or node)] if model.bias.present else []
        if AGGREGATES[model.aggregate].is_sum and not AGGREGATES[model.aggregate].averages:
            return Sum((*brought, *bias)) if len(brought) + len(bias) > 1 else brought[0]
        whole = Call(model.aggregate, tuple(brought))
        return Sum((whole, *bias)) if bias else whole

    def _brought(self, edge: EdgeEntry, instead: Mapping[str, Expr]) -> Expr:
        """What an edge brings to its target: W^T z."""
        node = edge.source.node
        z = instead.get(node, Symbol("z", str(edge.source)))
        if edge.source.start is not None and node in instead:
            z = Call(f"units {edge.source.start}:{edge.source.stop} of", (z,))
        kind, W = self._kind(edge), self._weight(edge, turned=True)
        if W is None:
            return z
        if isinstance(edge.options, WindowEdge):
            return Call(kind, (self._weight(edge, turned=False) or W, z))
        if kind == "scale":
            return Product((W, z), ".")
        return Product((W, z), "*" if self._is_single(edge) else "")

    def _kind(self, edge: EdgeEntry) -> str:
        return edge.kind_into(self._nodes[edge.target.node].node)

    def _is_single(self, edge: EdgeEntry) -> bool:
        """Whether it joins one unit with one."""
        source, target = edge.source, edge.target
        return self._units(source) == 1 and self._units(target) == 1

    def _units(self, end: End) -> int:
        shape = self._shapes[end.node]
        if end.start is None or end.stop is None:
            return prod(shape)
        return prod(shape[:-1]) * (end.stop - end.start)

    def _weight(self, edge: EdgeEntry, *, turned: bool) -> Symbol | None:
        """W of an edge, that of its owner where it is shared; None for an edge without."""
        kind = self._kind(edge)
        if kind == "identity":
            return None
        owner = edge.id
        if isinstance(edge.given, WeightedEdge) and edge.given.share is not None:
            owner, turned = edge.given.share.edge, turned != edge.given.share.transpose
        single = self._is_single(edge) or kind == "scale"
        return Symbol("W", owner, turned and not single)

    def composed(self, nodes: Sequence[str]) -> tuple[Equation, ...]:
        """Each output as one formula of the inputs, where that fits on a line or two."""
        known: dict[str, Expr] = {}
        lengths: dict[str, int] = {}
        for node in nodes:
            model = self._nodes[node].node
            lengths[node] = 5 + sum(
                lengths.get(e.source.node, LONGEST) + len(e.id) + 6 for e in self._incoming[node]
            )
            if isinstance(model, ConstantNode):
                known[node] = _constant(model)
                continue
            if model.kind == "input" or lengths[node] > LONGEST:
                continue
            whole, function = self._pre_activation(node, known), function_of(model)
            is_plain = function is None or function.kind == "identity"
            known[node] = whole if is_plain else Call(function.kind, (whole,))  # type: ignore[union-attr]
        outputs = dict.fromkeys(end.node for end in self._network.graph.outputs)
        return tuple(Equation(Symbol("z", o), known[o]) for o in outputs if o in known)

    # ---- loss and backward

    def losses(self) -> tuple[Equation, ...]:
        """L of one sample: each term, and their sum."""
        terms = [self._term(node, term) for node, found in self._judged.items() for term in found]
        return (Equation(Letter("L"), terms[0] if len(terms) == 1 else Sum(tuple(terms))),)

    def _term(self, node: str, term: LossSpec) -> Expr:
        row = LOSS_ROWS[term.kind]
        z, t = Symbol("z", node), Symbol("t", term.target or node)
        settings, mean = row.settings_of(term), self._averages(term)
        found = loss_of(row, settings, z, t, prod(self._shapes[node]), mean=mean)
        return times(Number(term.weight), found)

    def _averages(self, term: LossSpec) -> bool:
        return (getattr(term, "values", None) or LOSS_ROWS[term.kind].values) == "mean"

    def has_delta(self, node: str) -> bool:
        """Whether the way back comes by: something is trained above, and it is no input."""
        return node in self._trained

    def backward(self, node: str) -> list[Equation]:
        """delta of a node, dL/da."""
        function = function_of(self._nodes[node].node)
        kind = None if function is None else function.kind
        whole: list[Expr] = []
        inside: list[Expr] = []
        for term in self._judged.get(node, ()):
            found, is_whole = self._pulled(node, kind, term)
            (whole if is_whole else inside).append(found)
        inside += [self._returned(edge) for edge in self._outgoing[node]]
        inside = [one for one in inside if one != Number(0)]
        if inside:
            back = inside[0] if len(inside) == 1 else Sum(tuple(inside))
            whole.append(self._through(node, kind, back))
        right = Number(0) if not whole else whole[0] if len(whole) == 1 else Sum(tuple(whole))
        return [Equation(Symbol("delta", node), right)]

    def _pulled(self, node: str, kind: str | None, term: LossSpec) -> tuple[Expr, bool]:
        """What a term of the loss gives a node, and whether it is dL/da rather than dL/dz."""
        row = LOSS_ROWS[term.kind]
        z, a, t = Symbol("z", node), Symbol("a", node), Symbol("t", term.target or node)
        size, mean = prod(self._shapes[node]), self._averages(term)
        settings = row.settings_of(term)
        found, is_whole = delta_of_loss(row, settings, kind, z, a, t, size, mean=mean)
        return (
            (Slope("z", node), False)
            if found is None
            else (times(Number(term.weight), found), is_whole)
        )

    def _through(self, node: str, kind: str | None, back: Expr) -> Expr:
        """f'(a) times what comes back."""
        if kind is None or kind == "identity":
            return back
        a = Symbol("a", node)
        if ACTIVATION_ROWS[kind].over_last_axis:
            return Product((Call(f"J_{kind}", (a,)), back), "")
        sign = "*" if prod(self._shapes[node]) == 1 else "."
        return Product((Call(f"{kind}'", (a,)), back), sign)

    def _returned(self, edge: EdgeEntry) -> Expr:
        """What comes back along an edge: W delta."""
        target = edge.target.node
        if target not in self._trained:
            return Number(0)
        model, delta = self._nodes[target].node, Symbol("delta", str(edge.target))
        if not isinstance(model, NeuronsNode):
            if model.kind in ("add", "activation"):
                return delta
            if model.kind == "subtract":
                is_first = edge is self._incoming[target][0]
                return delta if is_first else times(Number(-1.0), delta)
            return Call(f"back through {model.kind}", (delta,))
        W = self._weight(edge, turned=False)
        if model.aggregate != "sum":
            partial = Plain(f"da_{target}/dz_{edge.source}")
            return Product((partial, delta))
        if W is None:
            return delta
        if isinstance(edge.options, WindowEdge):
            return Call(BACK[self._kind(edge)], (W, delta))
        if self._kind(edge) == "scale":
            return Product((W, delta), ".")
        return Product((W, delta), "*" if self._is_single(edge) else "")

    # ---- gradients

    def gradients(self, node: str) -> list[Equation]:
        """dL/dW of the edges into a node, and dL/db."""
        model = self._nodes[node].node
        weights = {weight.id: weight for weight in self._network.lowered.weights}
        found: list[Equation] = []
        for edge in self._incoming[node]:
            weight = weights.get(edge.id)
            if weight is not None and weight.trainable:
                found.append(Equation(Slope("W", edge.id), self._gradient(edge, model)))
        bias = weights.get(f"{node}.bias")
        if bias is not None and bias.trainable:
            delta: Expr = Symbol("delta", node)
            if len(self._shapes[node]) > 1:
                delta = Over("sum", "places", delta)
            found.append(Equation(Slope("b", node), delta))
        shared = [e for e in found if isinstance(e.left, Slope) and e.left.of in self._owners]
        return [
            Equation(e.left, e.right, "and the same of each edge or node that shares it")
            if e in shared
            else e
            for e in found
        ]

    @property
    def _owners(self) -> set[str]:
        edges = (getattr(e.given, "share", None) for e in self._network.document.edges)
        nodes = (getattr(entry.node, "share", None) for entry in self._nodes.values())
        return {share.edge for share in edges if share is not None} | {n for n in nodes if n}

    def _gradient(self, edge: EdgeEntry, model: object) -> Expr:
        z, delta = Symbol("z", str(edge.source)), Symbol("delta", str(edge.target))
        if isinstance(model, NeuronsNode) and model.aggregate != "sum":
            return Product((delta, Plain(f"da_{edge.target}/dW")))
        if isinstance(edge.options, WindowEdge):
            return Over("sum", "places", Product((delta, z)))
        if self._kind(edge) == "scale":
            return Product((delta, z), ".")
        if self._is_single(edge):
            return Product((delta, z))
        return Product((z, Symbol("delta", str(edge.target), turned=True)), "")


def _constant(node: ConstantNode) -> Expr:
    """What a constant is: its number, or its lists on one line."""
    if isinstance(node.value, float):
        return Number(node.value)
    text = str(np.asarray(node.value).tolist())
    return Plain(text if len(text) <= LONGEST // 4 else "constants")


BACK: Mapping[str, str] = {
    "conv": "conv_transpose",
    "conv_transpose": "conv",
    "depthwise": "depthwise_transpose",
}
"""What brings a delta back along an edge with a kernel."""


def _below_parameters(network: Network) -> set[str]:
    """Nodes whose value depends on something that is trained, and on which a loss depends."""
    trained = {w.node for w in network.lowered.weights if w.trainable}
    moved: set[str] = set()
    for node in network.graph.order:
        sources = (edge.source.node for edge in network.graph.incoming[node])
        if node in trained or any(source in moved for source in sources):
            moved.add(node)
    shared = {e.target.node for e in network.document.edges if getattr(e.given, "share", None)}
    moved |= shared
    needed = {target.node for target in network.lowered.targets}
    for node in reversed(network.graph.order):
        if node in needed:
            needed |= {edge.source.node for edge in network.graph.incoming[node]}
    return moved & needed
