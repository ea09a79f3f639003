"""One period of the sine."""

from __future__ import annotations

import math

from nngraph.data.columns import Column, Table, table_of_arrays
from nngraph.data.sources.figures import Draws
from nngraph.data.sources.opener import Opener, Surroundings
from nngraph.data.trigonometry import sine
from nngraph.words.generated_sets import SineData


def _open(spec: SineData, around: Surroundings) -> Table:
    draws = Draws(spec)
    x = draws.uniform("x", -math.pi, math.pi)
    y = sine(x) + draws.normal("noise", 1, spec.noise)[:, 0]
    columns = {"x": Column("x", x), "y": Column("y", y)}
    return table_of_arrays("the source 'sine'", columns, own_inputs=("x",), own_target="y")


SINE = Opener(SineData, _open)
