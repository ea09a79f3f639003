"""What the examples of both families of data have in common."""

from __future__ import annotations

from nngraph.diagnostics.row import Example

DESCRIBE = ("nngraph data describe net.yaml",)


def line(data: str, table: str = "", head: str = "x: input, y: {}") -> Example:
    """A network of one weight on the rows of a table `t.csv`."""
    text = f"nngraph: 1\nnodes: {{{head}}}\nedges: [x -> y]\nloss: mean_squared_error\n"
    files = (("t.csv", table),) if table else ()
    return Example(f"{text}data: {data}\n", DESCRIBE, files)


def classes(data: str, table: str, units: str = "units: 3, activation: softmax") -> Example:
    """A network that tells classes, on the rows of a table `t.csv`."""
    text = f"nngraph: 1\nnodes: {{x: input, y: {{{units}}}}}\nedges: [x -> y]\n"
    loss = "cross_entropy" if "softmax" in units else "binary_cross_entropy"
    return Example(f"{text}loss: {loss}\ndata: {data}\n", DESCRIBE, (("t.csv", table),))


CSV = "{source: csv, path: t.csv}"
