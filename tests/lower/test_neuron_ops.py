"""Stretches of single neurons against a per-neuron reference and numerical derivatives."""

from __future__ import annotations

import ast
import itertools
from dataclasses import replace

import numpy as np
import pytest
from cases import by_tens, for_each
from stretch_cases import ALL, MIXED, SMOOTH, Case, random_case

from nngraph.ir import (
    Builder,
    Input,
    Operand,
    Param,
    ShapeError,
    TensorType,
    interpret,
    parse_text,
    to_text,
    verify_program,
)
from nngraph.kernels import neuron_levels
from nngraph.kernels import neurons as kernels
from nngraph.kernels.rows import Spare
from nngraph.kernels.wiring import Wiring
from nngraph.ops import OPS_BY_NAME
from nngraph.ops.neurons import (
    NEURON_OPS,
    NeuronDeltas,
    NeuronSourceGradient,
    NeuronStretch,
    NeuronWeightGradient,
)
from nngraph.ops.row_functions import backward_rows, forward_rows
from nngraph.ops.word import op_for
from nngraph.words.activations import ACTIVATIONS


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
@pytest.mark.parametrize("functions", [ALL, MIXED], ids=["all", "mixed"])
def test_states_are_those_of_a_loop_over_neurons(functions, seed) -> None:
    case = random_case(seed, functions)
    states = by_kernel_and_definition(NeuronStretch(case.wiring()), case.x, case.w)
    np.testing.assert_allclose(states, case.reference(), rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("rows", [0, 1, 3])
def test_any_number_of_rows_and_float32(rows) -> None:
    case = random_case(7, rows=rows, dtype="float32")
    states = by_kernel_and_definition(NeuronStretch(case.wiring()), case.x, case.w)
    assert states.dtype == np.float32
    if rows:
        np.testing.assert_allclose(states, case.reference(), rtol=1e-4, atol=1e-5)


def gradients(case: Case, g: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cotangents of x and w by the backward ops."""
    wiring = case.wiring()
    states = NeuronStretch(wiring).evaluate(case.x, case.w)
    delta = by_kernel_and_definition(NeuronDeltas(wiring), g, states, case.x, case.w)
    into_w = by_kernel_and_definition(NeuronWeightGradient(wiring), delta, states, case.x)
    into_x = by_kernel_and_definition(NeuronSourceGradient(wiring), delta, case.w)
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
@pytest.mark.parametrize("functions", [SMOOTH, MIXED], ids=["smooth", "mixed"])
def test_gradients_are_those_of_numerical_differences(functions, seed) -> None:
    case = random_case(seed, functions)
    rng = np.random.default_rng(1000 + seed)
    g = rng.standard_normal((len(case.x), 2 * len(case.edges)))
    into_x, into_w = gradients(case, g)
    dx, dw = rng.standard_normal(case.x.shape), rng.standard_normal(case.w.shape)
    # short steps where there are kinks that they might cross
    h, tolerance = (0.02, 1e-10) if functions is SMOOTH else (1e-4, 1e-8)
    along_x = richardson(lambda x: (g * case.reference(x=x)).sum(), case.x, dx, h)
    along_w = richardson(lambda w: (g * case.reference(w=w)).sum(), case.w, dw, h)
    assert (into_x * dx).sum() == pytest.approx(along_x, rel=tolerance, abs=tolerance)
    assert (into_w * dw).sum() == pytest.approx(along_w, rel=tolerance, abs=tolerance)


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
    states = call(NeuronStretch(case.wiring()), case.x, case.w)
    monkeypatch.setattr(kernels, "GATHERED_AT_MOST", 12)
    monkeypatch.setattr(neuron_levels, "GATHERED_AT_MOST", 12)
    for one, other in zip(whole, gradients(case, g), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-13)
    again = call(NeuronStretch(case.wiring()), case.x, case.w)
    np.testing.assert_array_equal(states, again)


def test_a_row_has_the_same_bits_in_any_batch() -> None:
    case = random_case(5, rows=9)
    stretch = NeuronStretch(case.wiring())
    whole = call(stretch, case.x, case.w)
    for rows in (slice(0, 1), slice(3, 8)):
        part = call(stretch, case.x[rows].copy(), case.w)
        np.testing.assert_array_equal(part, whole[rows])


def test_a_chain_of_twenty_thousand_neurons_runs() -> None:
    n = 20_000
    index = np.arange(n)
    wiring = Wiring(
        1,
        1,
        (("sum", "identity", ()),),
        index,  # sources: each reads the one before, the first the column of x
        np.zeros(n, np.int64),
        np.arange(n + 1),
        np.full(n, -1),
        np.zeros((n, 0), np.int64),
        tuple((j, j + 1, 0) for j in range(n)),
    )
    x, w = np.array([[0.5], [-0.2]]), np.array([1.0])
    states = call(NeuronStretch(wiring), x, w)
    np.testing.assert_array_equal(states[:, n - 1], x[:, 0])
    g = np.zeros_like(states)
    g[:, n - 1] = 1.0
    assert (call(NeuronDeltas(wiring), g, states, x, w) == 1.0).all()


def by_rows(function, arrays, results):
    """What a compiled formula writes into arrays of nan."""
    shape, dtype = arrays[0].shape, arrays[0].dtype
    outs = [np.full(shape, np.nan, dtype) for _ in range(results)]
    function(*arrays, outs=outs, spare=Spare([function], shape, dtype))
    return outs


OPTIONS = {"step": (0.25,), "leaky_relu": (0.3,), "elu": (0.6,), "celu": (1.7,)}
ELEMENTWISE = [row for row in ACTIVATIONS if not row.over_last_axis]


@pytest.mark.parametrize("row", ELEMENTWISE, ids=lambda row: row.name)
def test_functions_and_slopes_are_those_of_the_activation_ops(row) -> None:
    values = OPTIONS.get(row.name, row.defaults)
    positive = row.name in ("log", "sqrt")
    corners = [] if positive else [0.0, -3.0, 3.0, -1.0, 1.0, 6.0, -700.0, 30.0]
    a = np.array([[0.3, 2.5, 7.0, 0.9, *([] if positive else [-0.4, -2.2, -5.0]), *corners]])
    if row.name in ("gelu", "square", "gaussian"):
        a = a[:, :-2]
    learned = [np.full_like(a, 0.4) for _ in row.learned]
    g = np.linspace(1, 2, a.size).reshape(a.shape)
    op = op_for(row, values)
    z = op.evaluate(a, *learned)
    (ours,) = by_rows(forward_rows(row.name, values, "float64"), [a, *learned], 1)
    np.testing.assert_allclose(ours, z, rtol=1e-14, atol=1e-300)
    builder = Builder()
    leaves = [builder.leaf(Input(TensorType(("N",)), str(k))) for k in range(3 + len(learned))]
    back = op.vjp(builder, (leaves[0],), (leaves[1],), *leaves[2:])
    named = [(str(k), value) for k, value in enumerate(back) if value is not None]
    flat = [array.ravel() for array in (g, z, a, *learned)]
    found = interpret(builder.done(named), dict(zip(leaves, flat, strict=True))).outputs
    slopes = by_rows(backward_rows(row.name, values, "float64"), [g, z, a, *learned], len(back))
    for k, slope in enumerate(slopes):
        want = found.get(str(k), np.zeros(a.size))
        np.testing.assert_allclose(slope.ravel(), want, rtol=1e-13, atol=1e-300)
    arrays = [array.astype(np.float32) for array in (a.clip(-80, 80), *learned)]
    (single,) = by_rows(forward_rows(row.name, values, "float32"), arrays, 1)
    np.testing.assert_allclose(single, op.evaluate(*arrays), rtol=1e-5, atol=1e-30)


def build(case: Case):
    builder = Builder()
    dtype = case.x.dtype.name
    x = builder.leaf(Input(TensorType(("N", case.x.shape[1]), dtype), "x"))
    w = builder.leaf(Param(TensorType(case.w.shape, dtype), "w"))
    states = builder(NeuronStretch(case.wiring()), x, w)
    return builder, states, (x, w)


def test_the_text_of_a_stretch_reads_back() -> None:
    case = random_case(2)
    builder, states, _ = build(case)
    program = verify_program(builder.done([("states", states)]))
    ops = {**OPS_BY_NAME, **{op.name: op for op in NEURON_OPS}}
    again = parse_text(to_text(program), ops)
    assert to_text(again) == to_text(program)
    assert ast.literal_eval(repr(case.wiring())) == case.literal()
    assert hash(again.body[0].op) == hash(program.body[0].op)


def test_both_operands_have_cotangents() -> None:
    case = random_case(2, SMOOTH)
    builder, states, operands = build(case)
    g = builder.leaf(Input(states.type, "g"))
    back = states and builder.body[-1].op.vjp(builder, (g,), (states,), *operands)
    assert [None if b is None else b.type for b in back] == [
        operands[0].type,
        operands[1].type,
    ]


@pytest.mark.parametrize("part", ["slots", "offsets", "biases", "slopes", "segments"])
def test_parts_that_do_not_belong_together_are_refused(part) -> None:
    wiring = random_case(2).wiring()
    whole = getattr(wiring, part)
    with pytest.raises(ShapeError, match="belong together"):
        NeuronStretch(replace(wiring, **{part: whole[:-1]})).infer(
            TensorType(("N", wiring.columns)), TensorType((wiring.size,))
        )


def test_operands_that_do_not_belong_together_are_refused() -> None:
    wiring = random_case(2).wiring()
    for columns, size in ((wiring.columns + 1, wiring.size), (wiring.columns, wiring.size + 1)):
        with pytest.raises(ShapeError, match="belong together"):
            NeuronStretch(wiring).infer(TensorType(("N", columns)), TensorType((size,)))


def test_a_long_record_is_shown_by_its_digest() -> None:
    case = random_case(2)
    long = replace(case.wiring(), sources=np.zeros(65, np.int64))
    assert repr(long) == repr(long.digest)
    assert long != case.wiring()
