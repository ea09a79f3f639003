"""Patches copied in one pass are those of the padded image; short rows and others stay."""

from __future__ import annotations

import pytest
from pairs import check_pair, read

from nngraph.ir import to_text
from nngraph.passes import copy_patches_in_one

HEAD = """program
  input %0 'x': float64[N, 5, 4, 8]
  %1: float64[N, 7, 5, 8] = pad{border=((1, 1), (1, 0)), fill=FILL} %0
  """
WINDOWS = "windows{size=(2, 2), stride=(1, 1), dilation=(1, 1), "


def test_blocks_are_copied_without_a_border_in_memory() -> None:
    check_pair(
        copy_patches_in_one,
        HEAD.replace("FILL", "0.0")
        + "%2: float64[2, 2, N, 3, 2, 2, 2, 8] = "
        + WINDOWS
        + """block=(2, 2), groups=1, order='pNokc'} %1
  %3: float64[2, 2, N, 3, 2, 2, 2, 8] = copy %2
  output 'y' %3""",
        """program
  input %0 'x': float64[N, 5, 4, 8]
  %1: float64[2, 2, N, 3, 2, 2, 2, 8] = patch_rows{size=(2, 2), stride=(1, 1), \
padding=((1, 1), (1, 0)), dilation=(1, 1), block=(2, 2)} %0
  output 'y' %1""",
    )


def test_a_border_of_something_else_stays_in_memory() -> None:
    check_pair(
        copy_patches_in_one,
        HEAD.replace("FILL", "1.0")
        + "%2: float64[N, 6, 4, 2, 2, 8] = "
        + WINDOWS
        + """block=(1, 1), groups=1, order='Nokc'} %1
  %3: float64[N, 6, 4, 2, 2, 8] = copy %2
  output 'y' %3""",
        HEAD.replace("FILL", "1.0")
        + """%2: float64[N, 6, 4, 2, 2, 8] = patch_rows{size=(2, 2), stride=(1, 1), \
padding=((0, 0), (0, 0)), dilation=(1, 1), block=()} %1
  output 'y' %2""",
    )


@pytest.mark.parametrize(
    ("shape", "more", "why"),
    [
        ("2, 2, 8, N, 6, 4", "groups=1, order='kcNo'", "pixels come first"),
        ("2, N, 6, 4, 2, 2, 4", "groups=2, order='gNokc'", "channels in groups"),
        ("2, 2, N, 6, 4, 8", "groups=1, order='kNoc'", "windows are no rows"),
    ],
)
def test_other_windows_stay(shape: str, more: str, why: str) -> None:
    text = HEAD.replace("FILL", "0.0") + (
        f"%2: float64[{shape}] = {WINDOWS}block=(1, 1), {more}}} %1\n"
        f"  %3: float64[{shape}] = copy %2\n  output 'y' %3"
    )
    program = read(text)
    assert to_text(copy_patches_in_one(program)) == to_text(program), why


def test_short_rows_stay() -> None:
    text = """program
  input %0 'x': float64[N, 9, 5]
  %1: float64[N, 7, 3, 5] = windows{size=(3,), stride=(1,), dilation=(1,), block=(1,), \
groups=1, order='Nokc'} %0
  %2: float64[N, 7, 3, 5] = copy %1
  output 'y' %2"""
    assert "copy" in to_text(copy_patches_in_one(read(text)))
