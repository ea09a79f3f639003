"""What a pool gives back goes to the chosen pixels at once, unless somebody reads the windows."""

from __future__ import annotations

import pytest
from pairs import check_pair, read

from nngraph.ir import to_text
from nngraph.passes import fold_what_was_chosen

TEXT = """
program
  input %0 'g': float64[N, 2, 3, 4]
  input %1 'chosen': uint8[N, 2, 3, 4]
  %2: float64[2, 2, N, 2, 3, 4] = unpool_first{first=(2, 2)} %0 %1
"""


def test_windows_are_never_in_memory() -> None:
    check_pair(
        fold_what_was_chosen,
        TEXT
        + """  %3: float64[N, 3, 4, 4] = fold{extents=(3, 4), stride=(1, 1), dilation=(1, 1)} %2
  output 'x' %3""",
        """
        program
          input %0 'g': float64[N, 2, 3, 4]
          input %1 'chosen': uint8[N, 2, 3, 4]
          %2: float64[N, 3, 4, 4] = fold_chosen{extents=(3, 4), size=(2, 2), stride=(1, 1)} %0 %1
          output 'x' %2
        """,
    )


@pytest.mark.parametrize(
    ("dilation", "more", "why"),
    [("2", "", "pixels of a window lie apart"), ("1", "\n  output 'd' %2", "the windows are read")],
)
def test_others_stay(dilation: str, more: str, why: str) -> None:
    program = read(
        TEXT
        + "  %3: float64[N, 5, 6, 4] = fold{extents=(5, 6), stride=(1, 1), "
        + f"dilation=({dilation}, {dilation})}} %2\n  output 'x' %3{more}"
    )
    assert to_text(fold_what_was_chosen(program)) == to_text(program), why
