"""After `legalise`, every instruction is a call, a view or a container that can be placed."""

from __future__ import annotations

from pairs import check_pair, read

from nngraph.ir import Program, to_text
from nngraph.passes import legalise


def unchanged(text: str) -> bool:
    """Whether a program is legal as it stands."""
    program = read(text)
    return to_text(legalise(program)) == to_text(program)


def copies(program: Program) -> int:
    """How many copies a program has."""
    return sum(instr.op.name == "copy" for instr in program.body)


def legal(text: str) -> Program:
    """The program made legal, each instruction checked."""
    result = legalise(read(text))
    assert all(instr.is_legal for instr in result.body)
    return result


def test_an_input_stays_beside_its_ones_and_weights_stay_on_their_biases() -> None:
    assert unchanged(
        """
        program
          input %0 'x': float64[N, 2]
          param %1 'W': float64[2, 3]
          param %2 'b': float64[3]
          %3: float64[N, 3] = append_one %0
          %4: float64[3, 3] = stack_bias %1 %2
          %5: float64[N, 3] = matmul %3 %4
          output 'y' %5
        """
    )


def test_a_stack_of_results_is_written_in_place_and_a_leaf_in_it_is_copied() -> None:
    check_pair(
        legalise,
        """
        program
          param %0 'W': float64[2, 3]
          param %1 'b': float64[3]
          %2: float64[2, 3] = tanh %0
          %3: float64[3, 3] = stack_bias %2 %1
          output 'y' %3
        """,
        """
        program
          param %0 'W': float64[2, 3]
          param %1 'b': float64[3]
          %2: float64[2, 3] = tanh %0
          %3: float64[3] = copy %1
          %4: float64[3, 3] = stack_bias %2 %3
          output 'y' %4
        """,
    )


def test_a_value_in_two_containers_is_copied_into_the_second() -> None:
    check_pair(
        legalise,
        """
        program
          input %0 'x': float64[N, 2]
          %1: float64[N, 2] = tanh %0
          %2: float64[N, 3] = append_one %1
          %3: float64[N, 4] = concat{axis=1} %1 %1
          output 'a' %2
          output 'b' %3
        """,
        """
        program
          input %0 'x': float64[N, 2]
          %1: float64[N, 2] = tanh %0
          %2: float64[N, 3] = append_one %1
          %3: float64[N, 2] = copy %1
          %4: float64[N, 2] = copy %1
          %5: float64[N, 4] = concat{axis=1} %3 %4
          output 'a' %2
          output 'b' %5
        """,
    )


def test_a_value_twice_in_one_container_is_copied_once() -> None:
    program = legal(
        """
        program
          input %0 'x': float64[N, 2]
          %1: float64[N, 2] = tanh %0
          %2: float64[N, 4] = concat{axis=1} %1 %1
          output 'y' %2
        """
    )
    assert copies(program) == 1


def test_views_are_copied_into_containers() -> None:
    program = legal(
        """
        program
          input %0 'x': float64[N, 2]
          %1: float64[N, 2] = tanh %0
          %2: float64[N, 1] = slice{axis=1, start=0, stop=1} %1
          %3: float64[N, 2] = append_one %2
          output 'y' %3
        """
    )
    assert [i.op.name for i in program.body] == ["tanh", "slice", "copy", "append_one"]


def test_containers_nest_but_a_filled_one_is_copied() -> None:
    nested = """
        program
          input %0 'x': float64[N, 2]
          %1: float64[N, 2] = tanh %0
          %2: float64[N, 2] = exp %0
          %3: float64[N, 4] = {inner}
          %4: float64[N, 5] = append_one %3
          output 'y' %4
        """
    assert unchanged(nested.format(inner="concat{axis=1} %1 %2"))
    filled = legal(nested.format(inner="place{axis=1, start=0, size=4, fill=0.0} %1"))
    assert copies(filled) == 1


def test_new_content_of_a_state_is_no_piece_of_a_container() -> None:
    program = legal(
        """
        program
          state %0 's': float64[2]
          %1: float64[2] = tanh %0
          %2: float64[4] = concat{axis=0} %1 %0
          output 'y' %2
          update %0 %1
        """
    )
    assert copies(program) == 2


def test_a_reshape_that_splits_an_axis_never_copies() -> None:
    assert unchanged(
        """
        program
          input %0 'x': float64[N, 6]
          %1: float64[N, 4] = slice{axis=1, start=0, stop=4} %0
          %2: float64[N, 2, 2] = reshape{shape=('N', 2, 2)} %1
          %3: float64[N, 2, 2] = tanh %2
          output 'y' %3
        """
    )


def test_a_reshape_that_merges_axes_of_a_slice_copies() -> None:
    check_pair(
        legalise,
        """
        program
          input %0 'x': float64[N, 4, 4]
          %1: float64[N, 4, 2] = slice{axis=2, start=0, stop=2} %0
          %2: float64[N, 8] = reshape{shape=('N', 8)} %1
          %3: float64[N, 8] = tanh %2
          output 'y' %3
        """,
        """
        program
          input %0 'x': float64[N, 4, 4]
          %1: float64[N, 4, 2] = slice{axis=2, start=0, stop=2} %0
          %2: float64[N, 4, 2] = copy %1
          %3: float64[N, 8] = reshape{shape=('N', 8)} %2
          %4: float64[N, 8] = tanh %3
          output 'y' %4
        """,
    )


def test_whole_planes_of_a_slice_merge_without_a_copy() -> None:
    assert unchanged(
        """
        program
          input %0 'x': float64[N, 4, 4]
          %1: float64[N, 2, 4] = slice{axis=1, start=1, stop=3} %0
          %2: float64[N, 8] = reshape{shape=('N', 8)} %1
          %3: float64[N, 8] = tanh %2
          output 'y' %3
        """
    )


def test_a_piece_of_a_container_that_is_flattened_elsewhere_copies() -> None:
    text = """
        program
          input %0 'x': float64[N, 2, 3]
          %1: float64[N, 2, 3] = tanh %0
          %2: float64[N, 2, 3] = exp %0
          %3: {type} = concat{{axis={axis}}} %1 %2
          %4: float64[N, 6] = reshape{{shape=('N', 6)}} %1
          output 'a' %3
          output 'b' %4
        """
    assert copies(legal(text.format(axis=2, type="float64[N, 2, 6]"))) == 1
    assert copies(legal(text.format(axis=1, type="float64[N, 4, 3]"))) == 0


def test_a_flattened_transpose_copies() -> None:
    program = legal(
        """
        program
          param %0 'W': float64[2, 3]
          %1: float64[3, 2] = transpose %0
          %2: float64[6] = reshape{shape=(6,)} %1
          %3: float64[6] = tanh %2
          output 'y' %3
        """
    )
    assert copies(program) == 1


def test_what_is_legal_stays_legal() -> None:
    program = legal(
        """
        program
          input %0 'x': float64[N, 4]
          input %1 't': float64[N, 4]
          %2: float64[N], %3: float64[N, 4] = softmax_cross_entropy{mean=True, normalised=True} %0 %1
          %4: float64[N, 8] = concat{axis=1} %3 %0
          output 'loss' %2
          output 'y' %4
        """  # noqa: E501
    )
    assert to_text(legalise(program)) == to_text(program)
