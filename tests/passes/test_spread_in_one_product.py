"""One product and one fold give an image the same as a product for each offset."""

from __future__ import annotations

import pytest
from pairs import check_pair, read

from nngraph.ir import to_text
from nngraph.passes import spread_in_one_product


def test_blocks_of_windows_stay_where_they_are() -> None:
    form = "stride=(1, 1), padding=((1, 0), (0, 0)), dilation=(1, 1)"
    check_pair(
        spread_in_one_product,
        f"""
        program
          input %0 'y': float64[2, 2, N, 2, 1, 5]
          param %1 'W': float64[3, 2, 4, 5]
          %2: float64[N, 5, 3, 4] = convolution_transposed{{extents=(5, 3), {form}, groups=1, block=(2, 2)}} %0 %1
          output 'x' %2
        """,  # noqa: E501
        f"""
        program
          input %0 'y': float64[2, 2, N, 2, 1, 5]
          param %1 'W': float64[3, 2, 4, 5]
          %2: float64[24, 5] = reshape{{shape=(24, 5)}} %1
          %3: float64[5, 24] = transpose %2
          %4: float64[2, 2, N, 2, 1, 24] = patch_product{{lead=5, groups=1, outer=False}} %0 %3
          %5: float64[2, 2, N, 2, 1, 3, 2, 4] = reshape{{shape=(2, 2, 'N', 2, 1, 3, 2, 4)}} %4
          %6: float64[N, 5, 3, 4] = fold_rows{{extents=(5, 3), {form}, block=(2, 2)}} %5
          output 'x' %6
        """,
        tolerance=1e-13,
    )


@pytest.mark.parametrize(
    ("W", "groups", "why"),
    [
        ("3, 2, 2, 6", 2, "channels in groups"),
        ("1, 1, 4, 6", 1, "windows of one pixel"),
    ],
)
def test_others_stay(W: str, groups: int, why: str) -> None:
    rows, columns = W.split(", ")[:2]
    program = read(
        f"""
        program
          input %0 'y': float64[N, 3, 4, 6]
          param %1 'W': float64[{W}]
          %2: float64[N, {2 + int(rows)}, {3 + int(columns)}, 4] = convolution_transposed{{extents=({2 + int(rows)}, {3 + int(columns)}), stride=(1, 1), padding=((0, 0), (0, 0)), dilation=(1, 1), groups={groups}, block=()}} %0 %1
          output 'x' %2
        """  # noqa: E501
    )
    assert to_text(spread_in_one_product(program)) == to_text(program), why
