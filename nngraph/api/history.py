"""What training came to, epoch by epoch: records, columns, a table, a curve."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from operator import index
from pathlib import Path
from typing import TYPE_CHECKING, Any, SupportsIndex, overload

import numpy as np
from numpy.typing import NDArray

from nngraph.errors import UsageError, diagnostic, join_words, suggest
from nngraph.train.position import Epoch, Epochs

if TYPE_CHECKING:
    from nngraph.api.pictures import Svg

Column = NDArray[np.float64]
ROWS_SHOWN = 20  # of a table; of longer ones every so many epochs and the last


class History(Epochs):
    """The epochs of a training: a sequence of records, and columns by name.

    `history["loss"]` is an array with one number an epoch; names are those of metrics.jsonl, and
    "train." may be left out. `str()` is a table, `plot()` the curves; a notebook shows both.

    >>> history = History([Epoch(1, 4, 0.1, 0.5, {"loss": 2.0}, {}),
    ...                    Epoch(2, 8, 0.2, 0.5, {"loss": 1.0}, {})])
    >>> len(history), history[-1].train["loss"], history["loss"].tolist()
    (2, 1.0, [2.0, 1.0])
    >>> print(history)
    epoch  train.loss
        1           2
        2           1
    """

    __slots__ = ()

    @overload
    def __getitem__(self, at: SupportsIndex) -> Epoch: ...
    @overload
    def __getitem__(self, at: slice) -> History: ...
    @overload
    def __getitem__(self, at: str) -> Column: ...
    def __getitem__(self, at: SupportsIndex | slice | str) -> Epoch | History | Column:
        """One epoch, some of them, or a column [epochs].

        Errors: UsageError for an unknown column.
        """
        if isinstance(at, str):
            return self._column(at)
        if isinstance(at, slice):
            return History(super().__getitem__(at))
        return super().__getitem__(index(at))

    def __eq__(self, other: object) -> bool:
        return tuple(self) == tuple(other) if isinstance(other, Sequence) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __add__(self, other: Iterable[Epoch]) -> History:
        """These epochs, and others behind them."""
        return History((*self, *other))

    @property
    def columns(self) -> Mapping[str, Column]:
        """All columns by name: epoch, step, seconds, learning_rate, train.loss, ...

        A figure that some epochs lack is NaN there.
        """
        rows = [epoch.as_json() for epoch in self]
        names = dict.fromkeys(name for row in rows for name in row)
        return {name: np.array([row.get(name, np.nan) for row in rows], float) for name in names}

    def _column(self, name: str) -> Column:
        columns = self.columns
        for known in (name, f"train.{name}"):
            if known in columns:
                return columns[known]
        near = suggest(name, columns)
        names = join_words([f"'{known}'" for known in columns]) or "none yet"
        is_of_validation = name.startswith("val") and not any("validation" in k for k in columns)
        missing = "; fit(x, y, validation=(x, y)) adds those of validation"
        raise UsageError(
            diagnostic(
                "E002:history-column",
                name=name,
                near=f"{near} " if near else "",
                names=names,
                missing=missing if is_of_validation else "",
            )
        )

    def plot(self, path: str | Path | None = None) -> Svg:
        """The curves of loss and metrics as an SVG picture, written to `path` where one is given.

        Errors: UsageError for another suffix than .svg; FileError.
        """
        from nngraph.api.pictures import Svg
        from nngraph.files import write_atomically
        from nngraph.insight.curves import curves_svg

        svg = Svg(curves_svg([epoch.as_json() for epoch in self], title="training", heading=False))
        if path is None:
            return svg
        if Path(path).suffix.lower() != ".svg":
            raise UsageError(diagnostic("E002:history-plot", path=path))
        write_atomically(Path(path), svg.encode())
        return svg

    # ---- how it is shown

    def __str__(self) -> str:
        heads, rows, note = self._table()
        lines = [heads, *rows]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        table = ["  ".join(map(str.rjust, line, widths)) for line in lines]
        return "\n".join([*table, *([note] if note else [])])

    def __repr__(self) -> str:
        count = f"{len(self)} epoch{'s' * (len(self) != 1)}"
        ends = [
            f"{name} {_shown(column[0])} -> {_shown(column[-1])}"
            for name, column in self.columns.items()
            if name.startswith(("train.", "validation."))
        ]
        return f"<nngraph.History: {', '.join([count, *ends[:4]])}>"

    def _repr_html_(self) -> str:
        """The curves and the table, as a notebook shows them."""
        from nngraph.render.markup import Markup, join, tag

        heads, rows, note = self._table()
        head = tag("tr", [tag("th", name) for name in heads])
        body = [tag("tr", [tag("td", cell) for cell in row]) for row in rows]
        notes = [tag("p", note)] if note else []
        return join(Markup(self.plot()), tag("table", head, body), notes)

    def _table(self) -> tuple[list[str], list[list[str]], str]:
        """Heads, rows of cells, and what is said of rows that are left out."""
        shown = {k: column for k, column in self.columns.items() if k not in ("step", "seconds")}
        if len(set(shown.get("learning_rate", ()))) == 1:
            del shown["learning_rate"]
        step = -(-len(self) // ROWS_SHOWN)
        rows = [*range(0, len(self), max(step, 1))]
        if rows and rows[-1] != len(self) - 1:
            rows.append(len(self) - 1)
        cells = [[_shown(column[row]) for column in shown.values()] for row in rows]
        note = f"{len(self)} epochs, one in {step} shown" if step > 1 else ""
        return list(shown) or ["no epochs yet"], cells, note

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            from nngraph.diagnostics.foreign_python import without_name
            from nngraph.diagnostics.notebook import NoSuchAttribute

            raise NoSuchAttribute(without_name("History", name))


def _shown(value: float) -> str:
    return f"{value:.4g}"
