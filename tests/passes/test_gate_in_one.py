"""Pairs of programs before and after gates are put in one op."""

from __future__ import annotations

from pairs import check_pair

from nngraph.passes import gate_in_one


def test_a_product_with_the_mask_of_a_rectifier_becomes_a_gate() -> None:
    check_pair(
        gate_in_one,
        """
        program
          input %0 'g': float64[N, 2]
          input %1 'y': float64[N, 2]
          input %2 'h': float64[N, 3, 2]
          %3: bool[N, 2] = greater{threshold=0.0} %1
          %4: float64[N, 2] = multiply %0 %3
          %5: bool[N, 3, 2] = greater{threshold=0.5} %2
          %6: float64[N, 3, 2] = multiply %5 %2
          output 'd' %4
          output 'e' %6
        """,
        """
        program
          input %0 'g': float64[N, 2]
          input %1 'y': float64[N, 2]
          input %2 'h': float64[N, 3, 2]
          %3: float64[N, 2] = gate{threshold=0.0} %0 %1
          %4: float64[N, 3, 2] = gate{threshold=0.5} %2 %2
          output 'd' %3
          output 'e' %4
        """,
    )


def test_a_mask_that_something_else_reads_stays() -> None:
    text = """
        program
          input %0 'g': float64[N, 2]
          input %1 'y': float64[N, 2]
          %2: bool[N, 2] = greater{threshold=0.0} %1
          %3: float64[N, 2] = multiply %0 %2
          %4: float64[N, 2] = multiply %1 %2
          output 'd' %3
          output 'e' %4
        """
    check_pair(gate_in_one, text, text)


def test_masks_of_other_kinds_and_shapes_stay() -> None:
    text = """
        program
          input %0 'g': float64[N, 2]
          input %1 'y': float64[N, 1]
          input %2 'v': float64[N]
          %3: bool[N, 1] = greater{threshold=0.0} %1
          %4: float64[N, 2] = multiply %0 %3
          %5: bool[N, 2] = less{threshold=0.0} %0
          %6: float64[N, 2] = multiply %4 %5
          %7: bool[N] = greater{threshold=0.0} %2
          %8: float64[N] = multiply %2 %7
          output 'd' %6
          output 'e' %8
        """
    check_pair(gate_in_one, text, text)
