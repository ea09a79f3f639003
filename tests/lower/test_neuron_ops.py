"""Stretches of single neurons against a per-neuron reference and numerical derivatives."""

from __future__ import annotations

import ast
import itertools
import math
from dataclasses import dataclass

import numpy as np
import pytest
from cases import by_tens, for_each

from nngraph.ir import (
    Builder,
    Constant,
    Input,
    Operand,
    Param,
    ShapeError,
    TensorType,
    interpret,
    parse_text,
    to_text,
    verify,
)
from nngraph.kernels import neurons as kernels
from nngraph.kernels.neuron_functions import FUNCTIONS, derivative, function
from nngraph.ops import OPS_BY_NAME
from nngraph.ops.neurons import (
    NEURON_OPS,
    NeuronDeltas,
    NeuronSourceGradient,
    NeuronStretch,
    NeuronWeightGradient,
)

# what the reference computes with: plain Python, one number at a time
BY_HAND = {
    "tanh": lambda a, p: math.tanh(a),
    "sigmoid": lambda a, p: 1 / (1 + math.exp(-a)),
    "gelu": lambda a, p: a * 0.5 * (1 + math.erf(a / math.sqrt(2))),
    "gaussian": lambda a, p: math.exp(-a * a),
    "sin": lambda a, p: math.sin(a),
    "identity": lambda a, p: a,
    "mish": lambda a, p: a * math.tanh(math.log1p(math.exp(a))),
    "celu": lambda a, p: a if a > 0 else p * math.expm1(a / p),
    "leaky_relu": lambda a, p: a if a > 0 else p * a,
    "step": lambda a, p: 1.0 if a > 0 else 0.0 if a < 0 else p,
}
SMOOTH = (("tanh", 0.0), ("sigmoid", 0.0), ("gelu", 0.0), ("gaussian", 0.0), ("mish", 0.0))
ALL = (*SMOOTH, ("sin", 0.0), ("identity", 0.0), ("celu", 0.7), ("leaky_relu", 0.1), ("step", 0.5))


@dataclass
class Case:
    """A random stretch; edges[j] lists (unit, slot)."""

    x: np.ndarray
    w: np.ndarray
    edges: list[list[tuple[int, int]]]
    biases: list[int]
    functions: tuple
    which: list[int]
    segments: list[tuple[int, int, int]]

    def indices(self) -> dict[str, np.ndarray]:
        """The index operands, by plain loops."""
        flat = [edge for edges in self.edges for edge in edges]
        offsets = [0]
        for edges in self.edges:
            offsets.append(offsets[-1] + len(edges))
        units = self.x.shape[1] + len(self.edges)
        out = [[e for e, (unit, _) in enumerate(flat) if unit == u] for u in range(units)]
        out_offsets = [0]
        for edges in out:
            out_offsets.append(out_offsets[-1] + len(edges))
        columns = {
            "sources": [unit for unit, _ in flat],
            "slots": [slot for _, slot in flat],
            "offsets": offsets,
            "biases": self.biases,
            "segments": self.segments,
            "out_edges": [e for edges in out for e in edges],
            "out_offsets": out_offsets,
        }
        return {name: np.array(values, np.int64) for name, values in columns.items()}

    def reference(self, x=None, w=None) -> np.ndarray:
        """[N, 2 S] by a loop over rows and neurons."""
        x, w = self.x if x is None else x, self.w if w is None else w
        rows = []
        for row in x.tolist():
            units, pre = list(row), []
            for edges, bias, which in zip(self.edges, self.biases, self.which, strict=True):
                a = sum(w[slot] * units[unit] for unit, slot in edges)
                a += w[bias] if bias >= 0 else 0.0
                name, option = self.functions[which]
                pre.append(a)
                units.append(BY_HAND[name](a, option))
            rows.append(units[x.shape[1] :] + pre)
        return np.array(rows)


def random_case(seed: int, functions=ALL, rows=4, dtype="float64") -> Case:
    """Levels of random width; weights and biases sometimes share a slot."""
    rng = np.random.default_rng(seed)
    columns = int(rng.integers(1, 5))
    edges, biases, which, segments = [], [], [], []
    slots = 0
    for _ in range(int(rng.integers(1, 6))):
        before = columns + len(edges)
        width = int(rng.integers(1, 5))
        for kind in sorted(rng.integers(0, len(functions), width).tolist()):
            start = len(edges)
            sources = rng.choice(before, int(rng.integers(1, min(before, 6) + 1)), replace=False)
            mine = []
            for unit in sources.tolist():
                share = slots > 0 and rng.random() < 0.2
                slot = int(rng.integers(slots)) if share else slots
                slots += not share
                mine.append((unit, slot))
            edges.append(mine)
            bias = -1
            if rng.random() < 0.7:
                bias, slots = slots, slots + 1
            biases.append(bias)
            which.append(kind)
            if segments and segments[-1][2] == kind and segments[-1][0] >= before - columns:
                segments[-1] = (segments[-1][0], start + 1, kind)
            else:
                segments.append((start, start + 1, kind))
    x = rng.standard_normal((rows, columns)).astype(dtype)
    w = (rng.standard_normal(slots) * 0.8).astype(dtype)
    return Case(x, w, edges, biases, tuple(functions), which, segments)


def call(op, *arrays):
    """The op's kernel as generated source calls it."""
    types = tuple(TensorType(a.shape, a.dtype.name) for a in arrays)
    out_type = op.infer(*types)
    found = op.call(*types)
    arguments = found.arguments or tuple(Operand(at) for at in range(len(arrays)))
    out = np.full(out_type.shape, np.nan, out_type.dtype)
    result = found.function(*(arrays[a.index] for a in arguments), out=out, **dict(found.keywords))
    assert result is out
    return out


def by_kernel_and_definition(op, *arrays):
    defined, computed = op.evaluate(*arrays), call(op, *arrays)
    tolerance = 1e-13 if defined.dtype == np.float64 else 2e-5
    np.testing.assert_allclose(computed, defined, rtol=tolerance, atol=tolerance)
    assert computed.dtype == defined.dtype
    return computed


@for_each("seed", range(60), together=by_tens)
def test_states_are_those_of_a_loop_over_neurons(seed) -> None:
    case = random_case(seed)
    states = by_kernel_and_definition(
        NeuronStretch(case.functions), case.x, case.w, *case.indices().values()
    )
    np.testing.assert_allclose(states, case.reference(), rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("rows", [0, 1, 3])
def test_any_number_of_rows_and_float32(rows) -> None:
    case = random_case(7, rows=rows, dtype="float32")
    states = by_kernel_and_definition(
        NeuronStretch(case.functions), case.x, case.w, *case.indices().values()
    )
    assert states.dtype == np.float32
    if rows:
        np.testing.assert_allclose(states, case.reference(), rtol=1e-4, atol=1e-5)


def gradients(case: Case, g: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cotangents of x and w by the backward ops."""
    i = case.indices()
    states = NeuronStretch(case.functions).evaluate(case.x, case.w, *i.values())
    delta = by_kernel_and_definition(
        NeuronDeltas(case.functions),
        g,
        states,
        case.w,
        i["slots"],
        i["offsets"],
        i["segments"],
        i["out_edges"],
        i["out_offsets"],
    )
    into_w = by_kernel_and_definition(
        NeuronWeightGradient(len(case.w)),
        delta,
        states,
        case.x,
        i["sources"],
        i["slots"],
        i["offsets"],
        i["biases"],
    )
    into_x = by_kernel_and_definition(
        NeuronSourceGradient(case.x.shape[1]),
        delta,
        case.w,
        i["slots"],
        i["offsets"],
        i["out_edges"],
        i["out_offsets"],
    )
    return into_x, into_w


def richardson(f, x, direction, h=0.02):
    """df along a direction: central differences at h, h/2, h/4, h/8, extrapolated."""
    table = [
        (f(x + s * direction) - f(x - s * direction)) / (2 * s)
        for s in (h / 2**k for k in range(5))
    ]
    for order in range(1, 5):
        table = [
            (4**order * fine - coarse) / (4**order - 1)
            for coarse, fine in itertools.pairwise(table)
        ]
    return table[0]


@for_each("seed", range(40), together=by_tens)
def test_gradients_are_those_of_numerical_differences(seed) -> None:
    case = random_case(seed, SMOOTH)
    rng = np.random.default_rng(1000 + seed)
    g = rng.standard_normal((len(case.x), 2 * len(case.edges)))
    into_x, into_w = gradients(case, g)
    dx, dw = rng.standard_normal(case.x.shape), rng.standard_normal(case.w.shape)
    along_x = richardson(lambda x: (g * case.reference(x=x)).sum(), case.x, dx)
    along_w = richardson(lambda w: (g * case.reference(w=w)).sum(), case.w, dw)
    assert (into_x * dx).sum() == pytest.approx(along_x, rel=1e-10, abs=1e-10)
    assert (into_w * dw).sum() == pytest.approx(along_w, rel=1e-10, abs=1e-10)


def test_gradients_in_float32_and_without_rows() -> None:
    for rows in (0, 5):
        case = random_case(11, SMOOTH, rows=rows, dtype="float32")
        g = np.ones((rows, 2 * len(case.edges)), np.float32)
        into_x, into_w = gradients(case, g)
        assert into_x.dtype == into_w.dtype == np.float32
        assert into_w.shape == case.w.shape


def test_many_edges_are_gathered_in_pieces(monkeypatch) -> None:
    case = random_case(3, SMOOTH, rows=6)
    g = np.random.default_rng(0).standard_normal((6, 2 * len(case.edges)))
    whole = gradients(case, g)
    states = call(NeuronStretch(case.functions), case.x, case.w, *case.indices().values())
    monkeypatch.setattr(kernels, "GATHERED_AT_MOST", 12)
    for one, other in zip(whole, gradients(case, g), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-13)
    again = call(NeuronStretch(case.functions), case.x, case.w, *case.indices().values())
    np.testing.assert_array_equal(states, again)


def test_a_row_has_the_same_bits_in_any_batch() -> None:
    case = random_case(5, rows=9)
    operands = tuple(case.indices().values())
    whole = call(NeuronStretch(case.functions), case.x, case.w, *operands)
    for rows in (slice(0, 1), slice(3, 8)):
        part = call(NeuronStretch(case.functions), case.x[rows].copy(), case.w, *operands)
        np.testing.assert_array_equal(part, whole[rows])


def test_a_chain_of_twenty_thousand_neurons_runs() -> None:
    n = 20_000
    index = np.arange(n)
    operands = [
        index,  # sources: each reads the one before, the first the column of x
        np.zeros(n, np.int64),
        np.arange(n + 1),
        np.full(n, -1),
        np.stack([index, index + 1, np.zeros(n, np.int64)], axis=1),
        index,
        np.minimum(np.arange(n + 2), n),
    ]
    operands = [np.asarray(a, np.int64) for a in operands]
    x, w = np.array([[0.5], [-0.2]]), np.array([1.0])
    states = call(NeuronStretch((("identity", 0.0),)), x, w, *operands)
    np.testing.assert_array_equal(states[:, n - 1], x[:, 0])
    g = np.zeros_like(states)
    g[:, n - 1] = 1.0
    _, slots, offsets, _, segments, out_edges, out_offsets = operands
    delta = call(
        NeuronDeltas((("identity", 0.0),)),
        g, states, w, slots, offsets, segments, out_edges, out_offsets,
    )  # fmt: skip
    assert (delta == 1.0).all()


@pytest.mark.parametrize("word", sorted(FUNCTIONS))
def test_functions_and_slopes_are_those_of_the_activation_ops(word) -> None:
    from nngraph.ops.word import op_for
    from nngraph.spec.activations import ACTIVATION_ROWS, PlainActivation
    from nngraph.words.piecewise import LeakyRelu, Step
    from nngraph.words.rectifying import Celu, Elu

    options = {
        "step": Step(at_zero=0.25),
        "leaky_relu": LeakyRelu(alpha=0.3),
        "elu": Elu(alpha=0.6),
        "celu": Celu(alpha=1.7),
    }.get(word) or PlainActivation(kind=word)
    option = next(iter(options.model_dump(exclude={"kind"}).values()), 0.0)
    positive = word in ("log", "sqrt")
    corners = [] if positive else [0.0, -3.0, 3.0, -1.0, 1.0, 6.0, -700.0, 30.0]
    a = np.array([[0.3, 2.5, 7.0, 0.9, *([] if positive else [-0.4, -2.2, -5.0]), *corners]])
    if word in ("gelu", "square", "gaussian"):
        a = a[:, :-2]
    builder = Builder()
    leaf = builder.leaf(Input(TensorType(a.shape), "a"))
    row = ACTIVATION_ROWS[word]
    op = None if word == "identity" else op_for(row, row.values_of(options))
    g = builder.leaf(Input(TensorType(a.shape), "g"))
    z = leaf if op is None else builder(op, leaf)
    (back,) = (g,) if op is None else op.vjp(builder, (g,), (z,), leaf)
    arrays = {leaf: a, g: np.linspace(1, 2, a.size).reshape(a.shape)}
    found = interpret(builder.done([("z", z), ("back", back or z)]), arrays).outputs
    ours = function(word, option, a)
    np.testing.assert_allclose(ours, found["z"], rtol=1e-14, atol=1e-300)
    slope = derivative(word, option, a, ours)
    want = np.zeros_like(a) if back is None else found["back"]
    np.testing.assert_allclose(arrays[g] * slope, want, rtol=1e-13, atol=1e-300)
    single = function(word, option, a.astype(np.float32).clip(-80, 80))
    assert single.dtype == np.float32
    assert derivative(word, option, a.astype(np.float32).clip(-80, 80), single).dtype == np.float32


def build(case: Case):
    builder = Builder()
    dtype = case.x.dtype.name
    x = builder.leaf(Input(TensorType(("N", case.x.shape[1]), dtype), "x"))
    w = builder.leaf(Param(TensorType(case.w.shape, dtype), "w"))
    indices = [
        builder.leaf(Constant(TensorType(a.shape, "int64"), name, a))
        for name, a in case.indices().items()
    ]
    states = builder(NeuronStretch(case.functions), x, w, *indices)
    return builder, states, (x, w, *indices)


def test_the_text_of_a_stretch_reads_back() -> None:
    case = random_case(2)
    builder, states, _ = build(case)
    program = verify(builder.done([("states", states)]))
    ops = {**OPS_BY_NAME, **{op.name: op for op in NEURON_OPS}}
    again = parse_text(to_text(program), ops, case.indices())
    assert to_text(again) == to_text(program)
    assert ast.literal_eval(repr(case.functions)) == case.functions
    assert hash(again.body[0].op) == hash(program.body[0].op)


def test_only_the_operands_that_change_have_cotangents() -> None:
    case = random_case(2, SMOOTH)
    builder, states, operands = build(case)
    g = builder.leaf(Input(states.type, "g"))
    back = states and builder.body[-1].op.vjp(builder, (g,), (states,), *operands)
    assert [None if b is None else b.type for b in back] == [
        operands[0].type,
        operands[1].type,
        *[None] * 7,
    ]


@pytest.mark.parametrize("operand", ["slots", "offsets", "biases", "segments", "out_offsets"])
def test_operands_that_do_not_belong_together_are_refused(operand) -> None:
    case = random_case(2)
    indices = case.indices()
    types = [TensorType(("N", case.x.shape[1])), TensorType(case.w.shape)]
    for name, array in indices.items():
        shape = (array.shape[0] + 1, *array.shape[1:]) if name == operand else array.shape
        if name == operand == "segments":
            shape = (array.shape[0], 2)
        types.append(TensorType(shape, "int64"))
    with pytest.raises(ShapeError, match="belong together"):
        NeuronStretch(case.functions).infer(*types)
