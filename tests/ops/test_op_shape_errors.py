"""Operands that break an op's rule are refused, and both sides of the mismatch are named."""

from __future__ import annotations

import pytest
from image_shape_cases import CASES as ON_IMAGES

from nngraph import ops
from nngraph.ir import Builder, Input, Op, ShapeError, parse_type
from nngraph.ops.loss_word import LOSS_WORDS
from nngraph.ops.word import ROWS, WORDS

F, D, V = "float32[N, 3]", "float64[N, 3]", "float32[4]"

SAME_KIND = [
    ops.Negative(), ops.ScaleBy(2.0), ops.ShiftBy(1.0), ops.SubtractFrom(1.0), ops.Square(),
    ops.Sqrt(), ops.Exp(), ops.Expm1(), ops.Log(), ops.Log1p(), ops.Abs(), ops.Sign(),
    ops.Heaviside(),
    ops.Sin(), ops.Cos(), ops.Reciprocal(), ops.Power(2.0), ops.ClampBelow(0.0),
    ops.ClampAbove(0.0), ops.Greater(0.0), ops.Less(0.0), ops.Between(0.0, 1.0), ops.Tanh(),
    ops.Erfc(), ops.SumLast(), ops.MaxLast(), ops.SumAxis(1), ops.ProductAxis(1),
    ops.CumulativeProduct(1), ops.MaximumAxis(1), ops.MinimumAxis(1), ops.SumAll(), ops.SumSample(),
    ops.SortAxis(1),
    ops.SumRows(), ops.SumTo((3,)), ops.AppendOne(), ops.PlaceUnits(1, 0, 4),
    *(ops.word(name) for name in WORDS if not ROWS[name].learned),
]  # fmt: skip
"""Ops of one operand, which must be float."""

PAIRS = [
    ops.Add(), ops.Subtract(), ops.Multiply(), ops.Divide(), ops.Maximum(), ops.Minimum(),
    *(make() for make in LOSS_WORDS.values()),
    ops.GreaterThan(), ops.GreaterEqual(), ops.Equal(),
    ops.DotSample(),
]  # fmt: skip
"""Ops of two operands whose dtypes and shapes must agree."""

CASES: list[tuple[Op, tuple[str, ...]]] = [
    *((op, ("int64[N, 3]",)) for op in SAME_KIND),
    *((op, (F, D)) for op in PAIRS),
    *((op, ("float32[N, 3]", "float32[N, 2]")) for op in PAIRS),
    (ops.Multiply(), ("bool[N, 3]", "bool[N, 3]")),
    (ops.Multiply(), ("float32[N, 3]", "int64[N, 3]")),
    (ops.And(), ("bool[N, 3]", F)),
    (ops.And(), ("bool[N, 3]", "bool[N, 2]")),
    (ops.MatMul(), (F, "float32[2, 3]")),
    (ops.MatMul(), (F, "float64[3, 2]")),
    (ops.MatMul(), (F, "float32[3]")),
    (ops.word("prelu"), (F, "float32[2]")),
    (ops.word("prelu"), (F, "float32[1, 3]")),
    (ops.word("prelu"), (F, "float64[3]")),
    (ops.StackBias(), ("float32[2, 3]", "float32[2]")),
    (ops.StackBias(), ("float32[2, 3]", "float64[3]")),
    (ops.Concat(), (F, "float64[N, 3]")),
    (ops.Concat(1), (F, "float32[N, 3, 1]")),
    (ops.Concat(1), ("float32[N, 3, 1]", "float32[N, 3, 2]")),
    (ops.Concat(0), (F, F)),
    (ops.Reshape(("N", 4)), (F,)),
    (ops.Reshape((3, "N")), (F,)),
    (ops.Reshape((12,)), (F,)),
    (ops.Transpose(), ("float32[N, 3, 1]",)),
    (ops.SliceAxis(1, 2, 4), (F,)),
    (ops.SliceAxis(1, 2, 1), (F,)),
    (ops.SliceAxis(0, 0, 1), (F,)),
    (ops.SliceAxis(2, 0, 1), (F,)),
    (ops.PlaceUnits(1, 2, 4), (F,)),
    (ops.PlaceUnits(0, 0, 4), (F,)),
    (ops.AppendOne(), ("float32[N]",)),
    (ops.BroadcastTo((2,)), ("float32[3]",)),
    (ops.BroadcastTo(("N", 3)), ("float32[3]",)),
    (ops.BroadcastLike(), ("float32[2]", F)),
    (ops.SumTo((2,)), (F,)),
    (ops.SumTo((1, "N", 3)), (F,)),
    (ops.SumRows(), ("float32[]",)),
    (ops.SumLast(), ("float32[]",)),
    (ops.MaxLast(), ("float32[3, N]",)),
    (ops.SumAxis(0), (F,)),
    (ops.SumAxis(2), (F,)),
    (ops.ProductAxis(0), (F,)),
    (ops.MaximumAxis(3), (F,)),
    (ops.MinimumAxis(0), (F,)),
    (ops.SortAxis(0), (F,)),
    (ops.UnsortAxis(1), (F, "float32[N, 4]")),
    (ops.CumulativeProduct(0), (F,)),
    (ops.SumSample(), ("float32[N]",)),
    (ops.DotSample(), ("float32[N]", "float32[N]")),
    (ops.word("softmax"), ("float32[]",)),
    (ops.word("softmax"), ("float32[N]",)),
    (ops.word("log_softmax"), ("float32[N]",)),
    (LOSS_WORDS["softmax_cross_entropy"](), ("float32[N]", "float32[N]")),
    (LOSS_WORDS["squared_error"](), ("float32[]", "float32[]")),
    (ops.Cast("int64"), (F,)),
    (ops.Cast("bool"), (F,)),
    (ops.DropoutMask(0.5), ("uint64[2]", F, "int64[]", "float32[]")),
    (ops.DropoutMask(0.5), ("uint64[3]", F, "int64[]", "int64[]")),
    (ops.GaussianNoise(0.5), ("uint64[2]", F, "int64[]", "float32[]")),
    (ops.GaussianNoise(0.5), ("uint64[2]", "float32[]", "int64[]", "int64[]")),
    (LOSS_WORDS["categorical_hinge"](), ("float32[N]", "float32[N]")),
    (LOSS_WORDS["dice"](), ("float32[]", "float32[]")),
    (ops.Gate(), (F, D)),
    (ops.Gate(), (F, "float32[N, 1]")),
    (ops.BatchNorm(2), (F, "float32[3]", "float32[3]", "float32[]")),
    (ops.BatchNormBack(), (F, F, "float32[2]", "float32[]")),
    (ops.SquaresAround(), (F, "float32[2]")),
    (ops.SumsAround(), (F, "float32[N, 2]", "float32[3]")),
    (ops.ScaledAround(), (F, "float32[3]", "float32[3]", "float32[1]")),
    (ops.ScaledAroundBack(), (F, F, V, V, V, V)),
    (ops.LayerNorm(), (F, "float32[3]", "float32[4]")),
    (ops.LayerNorm(), (F, "float64[3]", "float64[3]")),
    (ops.LayerNormBack(), (F, "float32[N, 4]", "float32[3]")),
    (ops.LayerNormBack(), (F, F, "float32[2]")),
    (ops.Fused((("square", (), (0,)),), (1,)), ("float64[]",)),
    (ops.Fused((("add", (), (0, 1)),), (2,)), ("float64[4]", "float64[5]")),
]

CANNOT_FAIL = {"copy"}
ELSEWHERE = {"neuron"}


def test_every_op_that_has_a_rule_has_a_case() -> None:
    judged = {op.name for op, _ in CASES} | {op.name for op, *_ in ON_IMAGES}
    named = {name for name in ops.OPS_BY_NAME if not any(map(name.startswith, ELSEWHERE))}
    assert judged == named - CANNOT_FAIL


@pytest.mark.parametrize(("op", "types"), CASES, ids=lambda value: str(value))
def test_operands_that_break_the_rule_are_refused_by_name(op: Op, types: tuple[str, ...]) -> None:
    with pytest.raises(ShapeError) as caught:
        op.infer(*map(parse_type, types))
    message = str(caught.value)
    assert message.startswith(f"{op.name}: ")
    for type_ in types:
        assert type_ in message


def test_a_wrong_number_of_operands_is_refused() -> None:
    x = Input(parse_type(F), "x")
    with pytest.raises(ShapeError, match="add: expected operands x, y, got 1"):
        Builder([x])(ops.Add(), x)
    with pytest.raises(ShapeError, match="at least one operand"):
        Builder([x])(ops.Concat())


def test_a_product_says_where_a_transpose_would_mend() -> None:
    with pytest.raises(ShapeError, match="the second one transposed would fit"):
        ops.MatMul().infer(parse_type(F), parse_type("float32[2, 3]"))


def test_reshaping_never_merges_the_batch_into_a_product() -> None:
    images = parse_type("float64[N, 2, 3]")
    assert str(ops.Reshape(("N", 3, 2)).infer(images)) == "float64[N, 3, 2]"
    with pytest.raises(ShapeError, match="does not fit"):
        ops.Reshape((2, "N", 3)).infer(images)
