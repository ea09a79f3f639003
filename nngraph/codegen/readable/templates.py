"""Expressions with places for operands, and how tightly they bind."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from fractions import Fraction

from nngraph.ir import Container, Dim, Permute, Slice, TensorType, View, WindowsView, geometry
from nngraph.records import dataclass

ANY, COMPARISON, SUM, PRODUCT, SIGN, POWER, ATOM = range(7)
"""How tightly an expression binds, loosest first."""


@dataclass(frozen=True, slots=True)
class Template:
    """An expression with places {0}, {1}, ... for its operands.

    `needs` is how tightly each operand must bind not to need parentheses. `named` operands occur
    several times and want a name. `helpers` are functions of HELPERS that it calls.
    """

    text: str
    level: int = ATOM
    needs: tuple[int, ...] = ()
    named: tuple[int, ...] = ()
    helpers: tuple[str, ...] = ()

    def need(self, operand: int) -> int:
        """How tightly an operand must bind."""
        return self.needs[operand] if operand < len(self.needs) else ANY

    @property
    def operands(self) -> list[int]:
        """The operands that occur."""
        return sorted({int(k) for k in re.findall(r"{(\d+)}", self.text)})

    def filled(self, operands: Mapping[int, str]) -> str:
        """The expression with its operands."""
        places = (operands.get(k, "") for k in range(max(operands, default=-1) + 1))
        return self.text.format(*places)


def number_template(value: float) -> str:
    """A number as a person would write it: a short fraction, or all its digits.

    >>> [number_template(x) for x in (0.5, 2 / 3, -0.1, float("-inf"))]
    ['0.5', '2 / 3', '-0.1', '-np.inf']
    """
    if math.isinf(value):
        return "np.inf" if value > 0 else "-np.inf"
    if math.isnan(value):
        return "np.nan"
    short = repr(value)
    fraction = Fraction(value).limit_denominator(1000)
    if len(short) > 8 and fraction.numerator / fraction.denominator == value:
        return f"{fraction.numerator} / {fraction.denominator}"
    return short


def shape_template(shape: tuple[Dim, ...]) -> str:
    """A shape as a tuple, the batch as the variable n."""
    sizes = ["n" if isinstance(d, str) else str(d) for d in shape]
    return f"({', '.join(sizes)}{',' if len(sizes) == 1 else ''})"


def view_template(view: View) -> Template | None:
    """How a view without a row of its own reads."""
    if isinstance(view, Permute):
        return Template(f"{{0}}.transpose({view.axes})", ATOM, (ATOM,))
    if isinstance(view, WindowsView) and "p" not in view.of.order:
        return _windows_template(view.of)
    return None


def _windows_template(windows: geometry.WindowGeometry) -> Template:
    """A call of the helper that lists all windows of an image."""
    rank, at = windows.rank, 0
    axes: dict[str, range] = {}
    for letter in "Nokgc" if "g" in windows.order else "Nokc":
        width = rank if letter in "ok" else 1
        axes[letter] = range(at, at + width)
        at += width
    order = tuple(axis for letter in windows.order for axis in axes[letter])
    steps = "".join(
        f", {name}={value}"
        for name, value in (("stride", windows.stride), ("dilation", windows.dilation))
        if set(value) != {1}
    )
    groups = f", groups={windows.groups}" if "g" in windows.order else ""
    text = f"windows({{0}}, {windows.size}{steps}{groups}).transpose({order})"
    return Template(text, ATOM, (ANY,), helpers=("windows",))


def border_template(container: Container, out: TensorType) -> Template | None:
    """How a container reads that holds one piece, all around which it is filled."""
    if len(container.paths) != 1:
        return None
    widths: list[tuple[int, int]] = [(0, 0)] * len(out.shape)
    for view in container.paths[0]:
        size = out.shape[view.axis] if isinstance(view, Slice) else None
        if not isinstance(view, Slice) or not isinstance(size, int):
            return None
        widths[view.axis] = (view.start, size - (size if view.stop is None else view.stop))
    fill = f", constant_values={number_template(container.fill)}" if container.fill else ""
    return Template(f"np.pad({{0}}, {tuple(widths)}{fill})")
