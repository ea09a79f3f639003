"""Every pass: what it makes of a small program, and that both compute the same."""

from __future__ import annotations

import numpy as np
import pytest
from pairs import check_pair, read

from nngraph.errors import InternalError, VerifyError
from nngraph.ir import (
    Builder,
    Input,
    Instr,
    Origin,
    TensorType,
    Value,
    interpret,
    to_text,
    verify_program,
)
from nngraph.ops import Negative, ScaleBy, Tanh, loss_word, word
from nngraph.passes import (
    bias_into_product,
    copy_windows_again,
    eliminate_dead_code,
    expand_into_calls,
    fold_constants,
    fuse_losses_with_activations,
    legalise,
    share_common_subexpressions,
)
from nngraph.passes.rewriting import rewrite


def test_constants_are_folded_through_several_instructions() -> None:
    check_pair(
        fold_constants,
        """
        program
          input %0 'x': float64[N, 2]
          constant %1 'c': float64[2] data
          %2: float64[2] = exp %1
          %3: float64[2] = add %2 %1
          %4: float64[N, 2] = multiply %0 %3
          output 'y' %4
        """,
        """
        program
          input %0 'x': float64[N, 2]
          constant %1 'c': float64[2] data
          constant %2 'folded:0': float64[2] data
          constant %3 'folded:1': float64[2] data
          %4: float64[N, 2] = multiply %0 %3
          output 'y' %4
        """,
        {"c": np.array([1.0, -2.0])},
    )


def test_a_folded_constant_takes_no_id_that_is_taken() -> None:
    program = read(
        """
        program
          input %0 'folded:0': float64[N, 1]
          constant %1 'c': float64[] data
          %2: float64[] = exp %1
          output 'y' %2
        """,
        {"c": np.array(1.0)},
    )
    folded = verify_program(fold_constants(program))
    assert [leaf.id for leaf in folded.leaves] == ["folded:0", "c", "folded:1"]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("%2: float64[100000, 2] = broadcast_to{shape=(100000, 2)} %1", "a view that grows"),
        ("%2: float64[2] = exp %0", "a weight without data"),
        ("%2: float64[N, 2] = broadcast_like %1 %3", "the batch is known only at binding"),
    ],
)
def test_what_is_not_folded(line: str, why: str) -> None:
    text = f"""program
  constant %0 'w': float64[2]
  constant %1 'c': float64[2] data
  input %3 'x': float64[N, 2]
  {line}
  output 'y' %2"""
    program = read(text, {"c": np.zeros(2)})
    assert to_text(fold_constants(program)) == to_text(program), why


def test_folding_an_overflow_warns_nobody() -> None:
    text = """program
  constant %0 'c': float64[] data
  %1: float64[] = exp %0
  output 'y' %1"""
    folded = fold_constants(read(text, {"c": np.array(1e4)}))
    assert not folded.body


def test_equal_work_is_shared_in_chains_but_different_attributes_are_not_equal() -> None:
    check_pair(
        share_common_subexpressions,
        """
        program
          input %0 'x': float64[N, 2]
          %1: float64[N, 2] = tanh %0
          %2: float64[N, 2] = tanh %0
          %3: float64[N, 2] = exp %1
          %4: float64[N, 2] = exp %2
          %5: float64[N, 2] = scale_by{factor=2.0} %4
          %6: float64[N, 2] = scale_by{factor=3.0} %4
          %7: float64[N, 2] = subtract %3 %5
          %8: float64[N, 2] = subtract %5 %3
          output 'a' %4
          output 'b' %6
          output 'c' %7
          output 'd' %8
        """,
        """
        program
          input %0 'x': float64[N, 2]
          %1: float64[N, 2] = tanh %0
          %2: float64[N, 2] = exp %1
          %3: float64[N, 2] = scale_by{factor=2.0} %2
          %4: float64[N, 2] = scale_by{factor=3.0} %2
          %5: float64[N, 2] = subtract %2 %3
          %6: float64[N, 2] = subtract %3 %2
          output 'a' %2
          output 'b' %4
          output 'c' %5
          output 'd' %6
        """,
    )


def test_the_two_zeros_are_different_attributes() -> None:
    builder = Builder()
    x = builder.leaf(Input(TensorType(("N",)), "x"))
    a, b = builder(ScaleBy(0.0), x), builder(ScaleBy(-0.0), x)
    program = builder.done([("a", a), ("b", b)])
    assert len(share_common_subexpressions(program).body) == 2


def test_results_of_an_op_with_two_are_shared_together() -> None:
    check_pair(
        share_common_subexpressions,
        """
        program
          input %0 'a': float64[N, 2]
          input %1 't': float64[N, 2]
          %2: float64[N], %3: float64[N, 2] = sigmoid_binary_cross_entropy{mean=False} %0 %1
          %4: float64[N], %5: float64[N, 2] = sigmoid_binary_cross_entropy{mean=False} %0 %1
          output 'loss' %4
          output 'p' %5
        """,
        """
        program
          input %0 'a': float64[N, 2]
          input %1 't': float64[N, 2]
          %2: float64[N], %3: float64[N, 2] = sigmoid_binary_cross_entropy{mean=False} %0 %1
          output 'loss' %2
          output 'p' %3
        """,
    )


def test_dead_code_goes_and_updates_keep_theirs_alive() -> None:
    check_pair(
        eliminate_dead_code,
        """
        program
          param %0 'w': float64[2]
          input %1 'unread': float64[N]
          constant %2 'fixed': float64[2]
          constant %3 'c': float64[2] data
          constant %4 'd': float64[2] data
          %5: float64[2] = add %0 %3
          %6: float64[2] = add %0 %4
          %7: float64[2] = exp %6
          %8: float64[2] = negative %5
          update %0 %8
        """,
        """
        program
          param %0 'w': float64[2]
          input %1 'unread': float64[N]
          constant %2 'fixed': float64[2]
          constant %3 'c': float64[2] data
          %4: float64[2] = add %0 %3
          %5: float64[2] = negative %4
          update %0 %5
        """,
        {"c": np.ones(2), "d": np.ones(2)},
    )


SOFTMAX = """
program
  input %0 'x': float64[N, 3]
  input %1 't': float64[N, 3]
  %2: float64[N, 3] = softmax %0
  %3: float64[N, 3] = square %2
"""


def test_softmax_gives_its_p_to_all_other_readers() -> None:
    check_pair(
        fuse_losses_with_activations,
        SOFTMAX
        + """
  %4: float64[N, 3] = reshape{shape=('N', 3)} %2
  %5: float64[N] = cross_entropy{mean=True, normalised=False} %4 %1
  output 'square' %3
  output 'y' %2
  output 'loss' %5
        """.strip("\n"),
        """
        program
          input %0 'x': float64[N, 3]
          input %1 't': float64[N, 3]
          %2: float64[N], %3: float64[N, 3] = softmax_cross_entropy{mean=True, normalised=False} %0 %1
          %4: float64[N, 3] = square %3
          %5: float64[N, 3] = reshape{shape=('N', 3)} %3
          output 'square' %4
          output 'y' %3
          output 'loss' %2
        """,  # noqa: E501
        tolerance=1e-12,
    )


def test_two_losses_on_one_softmax_are_both_stable() -> None:
    check_pair(
        fuse_losses_with_activations,
        SOFTMAX
        + """
  %4: float64[N] = cross_entropy{mean=False, normalised=False} %2 %1
  %5: float64[N] = cross_entropy{mean=False, normalised=False} %2 %3
  output 'y' %2
  output 'loss_0' %4
  output 'loss_1' %5
        """.strip("\n"),
        """
        program
          input %0 'x': float64[N, 3]
          input %1 't': float64[N, 3]
          %2: float64[N], %3: float64[N, 3] = softmax_cross_entropy{mean=False, normalised=False} %0 %1
          %4: float64[N, 3] = square %3
          %5: float64[N], %6: float64[N, 3] = softmax_cross_entropy{mean=False, normalised=False} %0 %4
          output 'y' %3
          output 'loss_0' %2
          output 'loss_1' %5
        """,  # noqa: E501
        tolerance=1e-12,
    )


def test_a_target_that_is_computed_leaves_the_softmax_where_it_is() -> None:
    check_pair(
        fuse_losses_with_activations,
        SOFTMAX
        + """
  %4: float64[N] = cross_entropy{mean=False, normalised=False} %2 %3
  output 'loss' %4
        """.strip("\n"),
        """
        program
          input %0 'x': float64[N, 3]
          input %1 't': float64[N, 3]
          %2: float64[N, 3] = softmax %0
          %3: float64[N, 3] = square %2
          %4: float64[N], %5: float64[N, 3] = softmax_cross_entropy{mean=False, normalised=False} %0 %3
          output 'loss' %4
        """,  # noqa: E501
        tolerance=1e-12,
    )


def test_a_loss_on_something_else_than_softmax_stays() -> None:
    program = read(
        SOFTMAX
        + """
  %4: float64[N] = cross_entropy{mean=False, normalised=False} %3 %1
  output 'loss' %4
        """.strip("\n")
    )
    assert to_text(fuse_losses_with_activations(program)) == to_text(program)


def test_sigmoid_and_its_entropy_become_one() -> None:
    check_pair(
        fuse_losses_with_activations,
        """
        program
          input %0 'x': float64[N, 3]
          input %1 't': float64[N, 3]
          %2: float64[N, 3] = sigmoid %0
          %3: float64[N] = binary_cross_entropy{mean=True} %2 %1
          output 'y' %2
          output 'loss' %3
        """,
        """
        program
          input %0 'x': float64[N, 3]
          input %1 't': float64[N, 3]
          %2: float64[N], %3: float64[N, 3] = sigmoid_binary_cross_entropy{mean=True} %0 %1
          output 'y' %3
          output 'loss' %2
        """,
        tolerance=1e-12,
    )


def test_fusion_makes_a_certain_mistake_finite() -> None:
    program = read(
        """
        program
          input %0 'x': float64[N, 2]
          input %1 't': float64[N, 2]
          %2: float64[N, 2] = softmax %0
          %3: float64[N] = cross_entropy{mean=False, normalised=True} %2 %1
          output 'loss' %3
        """
    )
    x, t = program.leaves
    result = interpret(
        fuse_losses_with_activations(program),
        {x: np.array([[1e5, 0.0]]), t: np.array([[0.0, 1.0]])},
    )
    assert result.outputs["loss"].tolist() == [1e5]


def test_an_op_expands_down_to_calls() -> None:
    check_pair(
        expand_into_calls,
        """
        program
          input %0 'x': float64[N, 3]
          input %1 't': float64[N, 3]
          %2: float64[N] = squared_error{mean=False} %0 %1
          output 'loss' %2
        """,
        """
        program
          input %0 'x': float64[N, 3]
          input %1 't': float64[N, 3]
          %2: float64[N, 3] = subtract %0 %1
          %3: float64[N] = dot_sample %2 %2
          output 'loss' %3
        """,
        tolerance=1e-12,
    )


def test_an_op_that_is_nothing_and_does_not_expand_is_named() -> None:
    class Nothing(Tanh):
        name = "nothing"

        def call(self, *types: TensorType) -> None:  # type: ignore[override]
            return None

    builder = Builder()
    x = builder.leaf(Input(TensorType(("N", 2)), "x"))
    program = builder.done([("y", builder(Nothing(), x))])
    with pytest.raises(InternalError, match="nothing is no call, view or container"):
        expand_into_calls(program)


def test_an_expansion_into_itself_is_noticed() -> None:
    class Endless(Tanh):
        name = "endless"

        def call(self, *types: TensorType) -> None:  # type: ignore[override]
            return None

        def expand(self, builder: Builder, *operands: Value) -> Value:
            return builder(Negative(), builder(self, *operands))

    builder = Builder()
    x = builder.leaf(Input(TensorType(("N", 2)), "x"))
    program = builder.done([("y", builder(Endless(), x))])
    with pytest.raises(InternalError, match="expansion does not end: endless"):
        expand_into_calls(program)


def test_a_pass_cannot_replace_a_value_by_one_of_another_type() -> None:
    program = read(
        """
        program
          input %0 'x': float64[N, 2]
          input %1 'y': float64[N, 3]
          %2: float64[N, 2] = tanh %0
          output 'y' %2
        """
    )
    other = program.leaves[1]

    def wrong(builder: Builder, instr: Instr) -> tuple[Value, ...]:
        return (other,)

    with pytest.raises(VerifyError, match=r"tanh: a float64\[N, 3\] cannot stand for"):
        rewrite(program, wrong)


def test_new_instructions_keep_the_origins_of_the_old() -> None:
    builder = Builder()
    x = builder.leaf(Input(TensorType(("N", 2)), "x"))
    t = builder.leaf(Input(TensorType(("N", 2)), "t"))
    with builder.at(Origin("y")):
        p = builder(word("softmax"), x)
    with builder.at(Origin("loss")):
        loss = builder(loss_word("cross_entropy", normalised=False), p, t)
    fused = fuse_losses_with_activations(builder.done([("loss", loss)]))
    assert [o.id for o in fused.body[0].origins] == ["y", "loss"]
    expanded = expand_into_calls(fused)
    assert {tuple(o.id for o in i.origins) for i in expanded.body} == {("y", "loss")}


LAYER = """
program
  input %0 'x': float64[N, 2]
  param %1 'W': float64[2, 3]
  param %2 'b': float64[3]
  {more}
  %4: float64[N, 3] = matmul %0 %1
  %5: float64[N, 3] = add %4 %2
"""


def check_unchanged(text: str) -> None:
    """The bias stays beside its product."""
    program = read(text)
    assert to_text(bias_into_product(program)) == to_text(program)


def test_gradients_of_weight_and_bias_become_one_product() -> None:
    check_pair(
        bias_into_product,
        """
        program
          input %0 'x': float64[N, 2]
          param %1 'W': float64[2, 3]
          param %2 'b': float64[3]
          %3: float64[N, 3] = matmul %0 %1
          %4: float64[N, 3] = add %2 %3
          %5: float64[3] = sum_rows %4
          %6: float64[2, N] = transpose %0
          %7: float64[2, 3] = matmul %6 %4
          %8: float64[3, 2] = transpose %1
          %9: float64[N, 2] = matmul %4 %8
          output 'dx' %9
          output 'gradient:W' %7
          output 'gradient:b' %5
        """,
        """
        program
          input %0 'x': float64[N, 2]
          param %1 'W': float64[2, 3]
          param %2 'b': float64[3]
          %3: float64[N, 3] = append_one %0
          %4: float64[3, 3] = stack_bias %1 %2
          %5: float64[N, 3] = matmul %3 %4
          %6: float64[3, N] = transpose %3
          %7: float64[3, 3] = matmul %6 %5
          %8: float64[1, 3] = slice{axis=0, start=2, stop=3} %7
          %9: float64[3] = reshape{shape=(3,)} %8
          %10: float64[2, N] = transpose %0
          %11: float64[2, 3] = slice{axis=0, start=0, stop=2} %7
          %12: float64[3, 2] = transpose %1
          %13: float64[N, 2] = matmul %5 %12
          output 'dx' %13
          output 'gradient:W' %11
          output 'gradient:b' %9
        """,
        tolerance=1e-12,
    )


def test_a_bias_joins_the_first_of_several_products() -> None:
    check_pair(
        bias_into_product,
        """
        program
          input %0 'x': float64[N, 2]
          input %1 'z': float64[N, 4]
          param %2 'V': float64[2, 3]
          param %3 'W': float64[4, 3]
          param %4 'b': float64[3]
          %5: float64[N, 3] = matmul %0 %2
          %6: float64[N, 3] = matmul %1 %3
          %7: float64[N, 3] = add %5 %6
          %8: float64[N, 3] = add %7 %4
          output 'y' %8
        """,
        """
        program
          input %0 'x': float64[N, 2]
          input %1 'z': float64[N, 4]
          param %2 'V': float64[2, 3]
          param %3 'W': float64[4, 3]
          param %4 'b': float64[3]
          %5: float64[N, 3] = append_one %0
          %6: float64[3, 3] = stack_bias %2 %4
          %7: float64[N, 3] = matmul %5 %6
          %8: float64[N, 3] = matmul %1 %3
          %9: float64[N, 3] = add %7 %8
          output 'y' %9
        """,
        tolerance=1e-12,
    )


def test_two_layers_on_one_x_share_its_ones() -> None:
    check_pair(
        bias_into_product,
        """
        program
          input %0 'x': float64[N, 2]
          constant %1 'V': float64[2, 3]
          constant %2 'a': float64[3]
          constant %3 'W': float64[2, 1]
          constant %4 'b': float64[1]
          %5: float64[N, 3] = matmul %0 %1
          %6: float64[N, 3] = add %5 %2
          %7: float64[N, 1] = matmul %0 %3
          %8: float64[N, 1] = add %7 %4
          output 'y' %6
          output 'z' %8
        """,
        """
        program
          input %0 'x': float64[N, 2]
          constant %1 'V': float64[2, 3]
          constant %2 'a': float64[3]
          constant %3 'W': float64[2, 1]
          constant %4 'b': float64[1]
          %5: float64[N, 3] = append_one %0
          %6: float64[3, 3] = stack_bias %1 %2
          %7: float64[N, 3] = matmul %5 %6
          %8: float64[3, 1] = stack_bias %3 %4
          %9: float64[N, 1] = matmul %5 %8
          output 'y' %7
          output 'z' %9
        """,
        tolerance=1e-12,
    )


def test_two_biases_of_one_product_do_not_both_join_it() -> None:
    check_pair(
        bias_into_product,
        """
        program
          input %0 'x': float64[N, 2]
          param %1 'W': float64[2, 3]
          param %2 'a': float64[3]
          param %3 'b': float64[3]
          %4: float64[N, 3] = matmul %0 %1
          %5: float64[N, 3] = add %4 %2
          %6: float64[N, 3] = add %5 %3
          output 'y' %6
        """,
        """
        program
          input %0 'x': float64[N, 2]
          param %1 'W': float64[2, 3]
          param %2 'a': float64[3]
          param %3 'b': float64[3]
          %4: float64[N, 3] = append_one %0
          %5: float64[3, 3] = stack_bias %1 %2
          %6: float64[N, 3] = matmul %4 %5
          %7: float64[N, 3] = add %6 %3
          output 'y' %7
        """,
        tolerance=1e-12,
    )


@pytest.mark.parametrize(
    ("more", "lines", "why"),
    [
        ("input %3 'z': float64[N, 2]", "%6: float64[N, 3] = matmul %3 %1", "W in two products"),
        ("input %3 'z': float64[N, 3]", "%6: float64[N, 3] = add %3 %2", "b added twice"),
        ("input %3 'z': float64[N, 3]", "%6: float64[N, 3] = add %3 %4", "x W read elsewhere"),
        (
            "input %3 'z': float64[2, 3]",
            "%6: float64[3] = sum_rows %5\n  %7: float64[2, N] = transpose %0\n"
            "  %8: float64[2, 3] = matmul %7 %5\n  %9: float64[2, 3] = add %8 %3\n"
            "  output 'gradient:W' %9\n  output 'gradient:b' %6",
            "the gradient of W has another part",
        ),
        (
            "input %3 'z': float64[N, 2]",
            "%6: float64[3] = sum_rows %5\n  %7: float64[2, N] = transpose %3\n"
            "  %8: float64[2, 3] = matmul %7 %5\n"
            "  output 'gradient:W' %8\n  output 'gradient:b' %6",
            "the gradient of W comes from another x",
        ),
        (
            "input %3 'z': float64[N, 3]",
            "%6: float64[3] = sum_rows %3\n  %7: float64[2, N] = transpose %0\n"
            "  %8: float64[2, 3] = matmul %7 %5\n"
            "  output 'gradient:W' %8\n  output 'gradient:b' %6",
            "the gradient of b comes from another delta",
        ),
        (
            "input %3 'z': float64[N, 3]",
            "%6: float64[2, N] = transpose %0\n  %7: float64[2, 3] = matmul %6 %5\n"
            "  output 'gradient:W' %7",
            "b has no gradient",
        ),
    ],
)
def test_where_the_bias_stays(more: str, lines: str, why: str) -> None:
    check_unchanged(f"{LAYER.format(more=more)}  {lines}\n  output 'y' %5")


def test_a_trained_weight_does_not_stack_on_a_fixed_bias() -> None:
    check_unchanged(
        LAYER.format(more="input %3 'z': float64[N]").replace("param %2", "constant %2")
        + "  output 'y' %5"
    )


def test_a_wide_view_is_not_copied_beside_ones() -> None:
    check_unchanged(
        """
        program
          input %0 'image': float64[N, 2, 4]
          param %1 'W': float64[8, 3]
          param %2 'b': float64[3]
          %3: float64[N, 2, 4] = tanh %0
          %4: float64[N, 8] = reshape{shape=('N', 8)} %3
          %5: float64[N, 3] = matmul %4 %1
          %6: float64[N, 3] = add %5 %2
          output 'y' %6
        """
    )


def test_an_image_read_only_as_rows_lies_beside_its_ones() -> None:
    program = read(
        """
        program
          input %0 'image': float64[N, 2, 4]
          param %1 'W': float64[8, 3]
          param %2 'b': float64[3]
          %3: float64[N, 8] = reshape{shape=('N', 8)} %0
          %4: float64[N, 3] = matmul %3 %1
          %5: float64[N, 3] = add %4 %2
          output 'y' %5
        """
    )
    made = legalise(bias_into_product(program))
    names = [instr.op.name for instr in made.body]
    assert names == ["reshape", "append_one", "stack_bias", "matmul"]


def test_an_image_that_is_also_read_as_it_is_is_not_laid_out_as_rows() -> None:
    program = read(
        """
        program
          input %0 'image': float64[N, 2, 4]
          param %1 'W': float64[8, 30]
          param %2 'b': float64[30]
          %3: float64[N, 8] = reshape{shape=('N', 8)} %0
          %4: float64[N, 30] = matmul %3 %1
          %5: float64[N, 30] = add %4 %2
          output 'y' %5
          output 'image' %0
        """
    )
    made = legalise(bias_into_product(program))
    assert "copy" in [instr.op.name for instr in made.body]


SEEN = "windows{size=(3,), stride=(1,), dilation=(1,), block=(1,), groups=1, order='Nokc'}"


def test_windows_of_large_images_are_copied_again_for_the_gradient() -> None:
    check_pair(
        copy_windows_again,
        f"""
        program
          input %0 'x': float64[N, 30, 64]
          input %1 'd': float64[N, 28, 2]
          param %2 'W': float64[192, 2]
          %3: float64[N, 28, 3, 64] = {SEEN} %0
          %4: float64[N, 28, 3, 64] = copy %3
          %5: float64[N, 28, 2] = patch_product{{lead=2, groups=1, outer=False}} %4 %2
          %6: float64[192, 2] = patch_gradient{{shape=(192,), lead=2, groups=1, outer=False}} %4 %1
          output 'a' %5
          output 'dW' %6
        """,
        f"""
        program
          input %0 'x': float64[N, 30, 64]
          input %1 'd': float64[N, 28, 2]
          param %2 'W': float64[192, 2]
          %3: float64[N, 28, 3, 64] = {SEEN} %0
          %4: float64[N, 28, 3, 64] = copy %3
          %5: float64[N, 28, 2] = patch_product{{lead=2, groups=1, outer=False}} %4 %2
          %6: float64[N, 28, 3, 64] = copy %3
          %7: float64[192, 2] = patch_gradient{{shape=(192,), lead=2, groups=1, outer=False}} %6 %1
          output 'a' %5
          output 'dW' %7
        """,
    )


@pytest.mark.parametrize("product", ["patch_product", ""])
def test_small_windows_are_kept_and_those_of_the_gradient_alone_are_not_copied_twice(
    product: str,
) -> None:
    channels = 16 if product else 64
    form = "lead=2, groups=1, outer=False"
    made = f"patch_product{{{form}}} %4 %2" if product else "tanh %1"
    program = read(
        f"""
        program
          input %0 'x': float64[N, 30, {channels}]
          input %1 'd': float64[N, 28, 2]
          param %2 'W': float64[{3 * channels}, 2]
          %3: float64[N, 28, 3, {channels}] = {SEEN} %0
          %4: float64[N, 28, 3, {channels}] = copy %3
          %5: float64[N, 28, 2] = {made}
          %6: float64[{3 * channels}, 2] = patch_gradient{{shape=({3 * channels},), {form}}} %4 %1
          output 'a' %5
          output 'dW' %6
        """
    )
    assert to_text(copy_windows_again(program)) == to_text(program)
