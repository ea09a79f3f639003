"""Pairs of programs before and after updates of vectors are put in one op."""

from __future__ import annotations

from pairs import check_pair

from nngraph.passes import fuse_updates


def test_a_run_of_elementwise_instructions_becomes_one_with_all_that_is_read_later() -> None:
    check_pair(
        fuse_updates,
        """
        program
          param %0 'w': float32[P]
          input %1 'g': float32[P]
          state %2 'v': float32[P]
          input %3 'rate': float64[]
          %4: float32[P] = scale_by{factor=0.5} %2
          %5: float32[P] = add %4 %1
          %6: float32[] = cast{dtype='float32'} %3
          %7: float32[P] = multiply %5 %6
          %8: float32[P] = subtract %0 %7
          update %0 %8
          update %2 %5
        """,
        """
        program
          param %0 'w': float32[P]
          input %1 'g': float32[P]
          state %2 'v': float32[P]
          input %3 'rate': float64[]
          %4: float32[P], %5: float32[P] = fused{steps=(('scale_by', (0.5,), (0,)), \
('add', (), (4, 1)), ('cast', ('float32',), (2,)), ('multiply', (), (5, 6)), \
('subtract', (), (3, 7))), results=(5, 8), replaces=(0, 3)} %2 %1 %3 %0
          update %0 %5
          update %2 %4
        """,
    )


def test_a_sum_over_the_vector_parts_two_runs_and_scalars_read_by_it_stay_before() -> None:
    check_pair(
        fuse_updates,
        """
        program
          input %0 'g': float64[P]
          input %1 'rate': float64[]
          %2: float64[] = exp %1
          %3: float64[P] = abs %0
          %4: float64[P] = multiply %3 %2
          %5: float64[] = sum_all %4
          %6: float64[] = multiply %5 %2
          %7: float64[P] = exp %4
          %8: float64[P] = multiply %7 %6
          output 'y' %8
        """,
        """
        program
          input %0 'g': float64[P]
          input %1 'rate': float64[]
          %2: float64[] = exp %1
          %3: float64[P] = fused{steps=(('abs', (), (0,)), ('multiply', (), (2, 1))), \
results=(3,), replaces=(-1,)} %0 %2
          %4: float64[] = sum_all %3
          %5: float64[] = multiply %4 %2
          %6: float64[P] = exp %3
          %7: float64[P] = multiply %6 %5
          output 'y' %7
        """,
    )


def test_one_call_and_values_of_other_shapes_stay() -> None:
    text = """
        program
          input %0 'g': float32[P]
          input %1 'x': float32[N, 2]
          %2: float32[P] = square %0
          %3: float32[N, 2] = square %1
          %4: float32[N, 2] = sqrt %3
          output 'y' %2
          output 'z' %4
        """
    check_pair(fuse_updates, text, text)
