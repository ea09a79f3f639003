"""A data set in a few lines, for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from nngraph.data.matching import Match
from nngraph.data.normalizers import Normalizers
from nngraph.errors import join_words


def describe_source(
    title: str,
    matches: Sequence[Match],
    parts: Mapping[str, NDArray[np.int64]],
    normalizers: Normalizers,
) -> str:
    """Rows per part, then a line for each input and target: where it comes from, how it is scaled.

    digits: 1,797 rows: 1,258 train, 180 validation and 359 test
      input  x      [64]  column 'image'  standard
      target label  [10]  column 'label'
    """
    counts = [f"{len(rows):,} {name}" for name, rows in parts.items()]
    total = sum(len(rows) for rows in parts.values())
    head = title.removeprefix("the source ")
    head = head.strip("'") if head.startswith("'") else head
    lines = [f"{head}: {total:,} row{'s' * (total != 1)}: {join_words(counts)}"]
    width = max(len(match.port.name) for match in matches)
    for match in matches:
        port = match.port
        scaled = (normalizers.inputs if port.role == "input" else normalizers.targets)[port.name]
        rule = "" if scaled.kind == "none" else f"  {scaled.kind}"
        derived = "" if match.equals is None else f" equals {_shown(match.equals)}"
        shape = list(port.shape)
        lines.append(f"  {port.role:6} {port.name:{width}}  {shape}  {match.shown}{derived}{rule}")
    return "\n".join(lines)


def _shown(value: float | str) -> str:
    return f"'{value}'" if isinstance(value, str) else f"{value:g}"
