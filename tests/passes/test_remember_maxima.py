"""Pools that remember their maxima compute the same, as much of them as fits, or stay."""

from __future__ import annotations

import pytest
from pairs import check_pair, read

from nngraph.ir import to_text
from nngraph.passes import remember_maxima

HEAD = """
program
  input %0 'x': float64[2, N, 3]
  param %1 'b': float64[3]
  input %2 'g': float64[N, 3]
  %3: float64[N, 3] = maximum_first{axes=1} %0
"""


def test_bias_and_relu_become_part_of_the_pool_and_of_the_way_back() -> None:
    check_pair(
        remember_maxima,
        HEAD
        + """
  %4: float64[N, 3] = add %3 %1
  %5: float64[N, 3] = relu %4
  %6: bool[N, 3] = greater{threshold=0.0} %5
  %7: float64[N, 3] = multiply %2 %6
  %8: float64[3] = sum_to{shape=(3,)} %7
  %9: bool[2, N, 3] = first_maximum{axes=1} %0 %3
  %10: float64[2, N, 3] = multiply %7 %9
  output 'y' %5
  output 'bias' %8
  output 'back' %10
        """.strip("\n"),
        """
        program
          input %0 'x': float64[2, N, 3]
          param %1 'b': float64[3]
          input %2 'g': float64[N, 3]
          %3: float64[N, 3], %4: uint8[N, 3] = pool_first{axes=1, relu=True} %0 %1
          %5: float64[3] = sum_chosen{count=2} %2 %4
          %6: float64[2, N, 3] = unpool_first{first=(2,)} %2 %4
          output 'y' %3
          output 'bias' %5
          output 'back' %6
        """,
        tolerance=1e-14,
    )


def test_without_a_gate_the_relu_stays_behind_the_pool() -> None:
    check_pair(
        remember_maxima,
        HEAD
        + """
  %4: float64[N, 3] = add %1 %3
  %5: float64[N, 3] = relu %4
  %6: bool[2, N, 3] = first_maximum{axes=1} %0 %3
  %7: float64[2, N, 3] = multiply %6 %2
  output 'y' %5
  output 'back' %7
        """.strip("\n"),
        """
        program
          input %0 'x': float64[2, N, 3]
          param %1 'b': float64[3]
          input %2 'g': float64[N, 3]
          %3: float64[N, 3], %4: uint8[N, 3] = pool_first{axes=1, relu=False} %0 %1
          %5: float64[N, 3] = relu %3
          %6: float64[2, N, 3] = unpool_first{first=(2,)} %2 %4
          output 'y' %5
          output 'back' %6
        """,
    )


def test_a_maximum_that_others_read_ends_the_pool() -> None:
    check_pair(
        remember_maxima,
        HEAD
        + """
  %4: float64[N, 3] = add %3 %1
  %5: bool[2, N, 3] = first_maximum{axes=1} %0 %3
  %6: float64[2, N, 3] = multiply %2 %5
  output 'm' %3
  output 'y' %4
  output 'back' %6
        """.strip("\n"),
        """
        program
          input %0 'x': float64[2, N, 3]
          param %1 'b': float64[3]
          input %2 'g': float64[N, 3]
          %3: float64[N, 3], %4: uint8[N, 3] = pool_first{axes=1, relu=False} %0
          %5: float64[N, 3] = add %3 %1
          %6: float64[2, N, 3] = unpool_first{first=(2,)} %2 %4
          output 'm' %3
          output 'y' %5
          output 'back' %6
        """,
    )


MASK = "%4: bool[2, N, 3] = first_maximum{axes=1} %0 %3\n"


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ("output 'y' %3", "there is no way back"),
        (MASK + "  output 'mask' %4", "the mask is asked for"),
        (
            MASK + "  %5: float64[2, N, 3] = multiply %0 %4\n  output 'y' %5",
            "each position has a cotangent of its own",
        ),
        (
            MASK + "  %5: bool[2, N, 3] = and %4 %4\n  %6: float64[2, N, 3] = multiply %2 %5\n"
            "  output 'y' %6",
            "the mask is read by something else",
        ),
    ],
)
def test_other_pools_stay(lines: str, why: str) -> None:
    program = read(HEAD + "  " + lines)
    assert to_text(remember_maxima(program)) == to_text(program), why


def test_more_positions_than_a_byte_can_tell_stay() -> None:
    text = HEAD + "  " + MASK + "  %5: float64[2, N, 3] = multiply %2 %4\n  output 'y' %5"
    program = read(text.replace("[2, N", "[255, N"))
    assert to_text(remember_maxima(program)) == to_text(program)
