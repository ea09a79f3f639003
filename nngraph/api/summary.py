"""A network as a table: its nodes in the order of computation, and what they have to learn."""

from __future__ import annotations

from nngraph.insight.plan_text import node_lines
from nngraph.network import Network
from nngraph.records import dataclass


@dataclass(frozen=True, slots=True)
class SummaryRow:
    """One node; `parameters` are its own and those of the edges that enter it."""

    node: str
    kind: str
    shape: tuple[int, ...]
    function: str
    parameters: int


@dataclass(frozen=True, slots=True)
class Summary:
    """All nodes, and the sums; as text, and in a notebook as a table."""

    title: str
    rows: tuple[SummaryRow, ...]
    parameters: int
    trainable: int

    @property
    def total(self) -> str:
        """How many parameters, and how many of them are trained."""
        fixed = self.parameters - self.trainable
        more = f", {fixed:,} of them fixed" if fixed else ""
        return f"{self.parameters:,} parameter{'s' * (self.parameters != 1)}{more}"

    def __str__(self) -> str:
        lines = [HEADS, *map(_cells, self.rows)]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        table = [
            "  ".join((*map(str.ljust, line[:-1], widths), line[-1].rjust(widths[-1])))
            for line in lines
        ]
        return "\n".join([self.title, *table, self.total])

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        from nngraph.render.markup import tag

        head = tag("tr", [tag("th", name) for name in HEADS])
        body = [tag("tr", [tag("td", cell) for cell in _cells(row)]) for row in self.rows]
        table = tag("table", tag("caption", self.title), head, body)
        return tag("div", table, tag("p", self.total))


HEADS = ("node", "kind", "shape", "function", "parameters")


def _cells(row: SummaryRow) -> tuple[str, ...]:
    shape = f"[{', '.join(map(str, row.shape))}]" if row.shape else "scalar"
    return row.node, row.kind, shape, row.function, f"{row.parameters:,}"


def summary_of(network: Network) -> Summary:
    """The nodes of a network as a table."""
    rows = tuple(
        SummaryRow(line.id, line.kind, line.shape, line.function, line.parameters)
        for line in node_lines(network)
    )
    return Summary(network.document.name, rows, network.parameters, network.trainable)
