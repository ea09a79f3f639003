"""A traced sample as text, as LaTeX, and as plain data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.errors import join_words
from nngraph.insight.notation import DIGITS, escaped, figure, latex, text
from nngraph.insight.parameter_names import parameter_name
from nngraph.insight.trace import EdgeTrace, NodeTrace, Trace
from nngraph.insight.trace_choice import chosen_edges
from nngraph.insight.trace_lines import Line, Listing, connection_lines, listing

Array = NDArray[Any]
WIDTH = 80  # characters of a line in columns
FEW = 16  # numbers of an array that are written out
FORWARD = "forward: a_j = sum of W_ij z_i + b_j, z_j = f(a_j)"
LONG = "; of long sums the largest terms"
BACKWARD = "backward: delta_j = dL/da_j = f'(a_j) * sum of W_jk delta_k"
WEIGHTS = "weights: dL/dW_ij = delta_j * z_i, dL/db_j = delta_j"
PREDICTS = "as the network predicts: training would draw, or normalise by the batch"


def trace_text(trace: Trace, edges: Sequence[str] = ()) -> str:
    """All of it, for people; with `edges` what was asked for alone, beside the head.

    Errors: UsageError for what is no edge.
    """
    chosen = chosen_edges(trace, edges)
    if chosen:
        parts = [_head(trace), *(_chosen_text(trace, *one) for one in chosen)]
        return "\n\n".join(parts)
    found = listing(trace)
    parts = [_head(trace)]
    if found.forward:
        remark = LONG if any("..." in text(line.steps[0]) for line in found.forward) else ""
        parts.append(f"{FORWARD}{remark}\n{_aligned(found.forward)}")
    if found.large_nodes:
        parts.append("ranges of what has more units than there is room for\n" + _node_table(found))
    if trace.loss is not None:
        parts.append(f"loss: L = {_loss_name(trace)} = {figure(trace.loss, 6)}")
    if found.backward:
        parts.append(f"{BACKWARD}\n{_aligned(found.backward)}")
    if found.weights:
        parts.append(f"{WEIGHTS}\n{_aligned(found.weights)}")
    if found.large_edges:
        parts.append(
            "arrays with more connections than there is room for (--edge shows any)\n"
            + _edge_table(found.large_edges)
        )
    if found.left_out:
        parts.append(f"{found.left_out:,} more nodes and edges not shown; --json has all numbers")
    if trace.step is not None:
        parts.append(_step_text(trace))
    return "\n\n".join(parts)


def _head(trace: Trace) -> str:
    given = [f"{n} = {_shown(a)}" for n, a in (*trace.inputs.items(), *trace.targets.items())]
    head = f"{trace.network.document.name}, {trace.title}: {', '.join(given)}"
    return f"{head}\n({PREDICTS})" if trace.predicts else head


def _loss_name(trace: Trace) -> str:
    terms = trace.network.document.spec.loss
    return " + ".join(term.kind for term in terms)


def _shown(array: Array) -> str:
    if array.size > FEW:
        return f"{'x'.join(map(str, array.shape))} numbers from {_range(array)}"
    flat = [figure(float(v)) for v in array.ravel()]
    return flat[0] if array.size == 1 else f"[{', '.join(flat)}]"


def _range(array: Array) -> str:
    return f"{figure(float(array.min()))} to {figure(float(array.max()))}"


def _aligned(lines: Sequence[Line]) -> str:
    """Lines below each other: the symbol, its formula, the numbers, what comes out; in columns
    where they find room."""
    rows = []
    for line in lines:
        *steps, value = [f"= {text(step)}" for step in line.steps]
        middle = steps + [""] * (2 - len(steps))
        rows.append([f"  {text(line.left)}", *middle, value, _named(line)])
    placed = columns(rows)
    if max(map(len, placed.splitlines())) <= WIDTH:
        return placed
    width = max(len(row[0]) for row in rows)
    return "\n".join(" ".join([row[0].ljust(width), *filter(None, row[1:])]) for row in rows)


def _named(line: Line) -> str:
    return f"({line.remark})" if line.remark else ""


def columns(rows: Sequence[Sequence[str]]) -> str:
    """Cells below each other, two spaces between; a column that is empty takes no room."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = [cell.ljust(w) for cell, w in zip(row, widths, strict=True) if w]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def _node_table(found: Listing) -> str:
    rows = [["  node", "shape", "a", "z", "delta"]]
    for node in found.large_nodes:
        is_computed = bool(node.aggregate or node.function)
        rows.append(
            [
                f"  {node.id}",
                "x".join(map(str, node.shape)),
                _range(node.a) if is_computed else "",
                _range(node.z),
                "" if node.delta is None else _range(node.delta),
            ]
        )
    return columns(rows)


def _edge_table(edges: Sequence[EdgeTrace]) -> str:
    rows = [["  edge", "shape", "W", "dL/dW", "largest at"]]
    for edge in edges:
        assert edge.products is not None
        assert edge.values is not None
        largest = np.unravel_index(int(np.abs(edge.products).argmax()), edge.products.shape)
        rows.append(
            [
                f"  {edge.id}",
                "x".join(map(str, edge.products.shape)),
                _range(edge.values),
                _range(edge.products),
                edge.connections.name(tuple(int(k) for k in largest)),
            ]
        )
    return columns(rows)


def _chosen_text(trace: Trace, edge: EdgeTrace, places: Sequence[tuple[int, ...]]) -> str:
    """Connections of one edge; the formula that holds for all places of a kernel is said once."""
    lines = connection_lines(trace, edge, places)
    assert edge.values is not None
    head, once = f"{edge.id} ({edge.kind})", edge.connections.op is not None
    if once:
        head += f": dL/dW = {text(lines[0].steps[0])}; two of its terms, and all"
    rows = []
    for line, place in zip(lines, places, strict=True):
        steps = [f"= {text(step)}" for step in line.steps[once:]]
        W = f"(W = {figure(float(edge.values[place]))})"
        rows.append([f"  {text(line.left)}", *steps, W, _named(line)])
    return f"{head}\n{columns(rows)}"


# ---- the step of the optimiser


def _changes(trace: Trace) -> Iterator[tuple[str, str, Array, Array, Array]]:
    """Weight, its letter, before, gradient, after; each array that is trained."""
    assert trace.step is not None
    for weight in trace.network.lowered.weights:
        if weight.id in trace.step.after:
            before = trace.step.before[weight.id]
            gradient = trace.gradients.get(weight.id, np.zeros_like(before))
            yield weight.id, weight.letter, before, gradient, trace.step.after[weight.id]


def _step_text(trace: Trace) -> str:
    step = trace.step
    assert step is not None
    rate = figure(step.learning_rate, 6)
    head = f"one step of {step.optimizer}, learning rate {rate}, from its first state"
    rows = [["  weight", "before", "gradient", "after"]]
    names = _Names(trace)
    for id_, _, before, gradient, after in _changes(trace):
        if before.size > FEW:
            rows.append([f"  {id_}", *map(_range, (before, gradient, after))])
            continue
        for place in np.ndindex(before.shape):
            numbers = (float(array[place]) for array in (before, gradient, after))
            rows.append([f"  {names.of(id_, place)}", *(figure(v, DIGITS + 1) for v in numbers)])
    return f"{head}\n{columns(rows)}"


class _Names:
    """What single numbers of weights are called."""

    def __init__(self, trace: Trace) -> None:
        self._weights = {weight.id: weight for weight in trace.network.lowered.weights}
        self._shapes = trace.network.lowered.shapes

    def of(self, id_: str, place: tuple[int, ...]) -> str:
        """One number of a weight."""
        return parameter_name(self._weights[id_], place, self._shapes)


# ---- LaTeX


def trace_latex(trace: Trace, edges: Sequence[str] = ()) -> str:
    """Lines of formulas for a lecture, in align* environments of amsmath."""
    chosen = chosen_edges(trace, edges)
    if chosen:
        asked = [line for edge, places in chosen for line in connection_lines(trace, edge, places)]
        return f"% {_plain(_head(trace))}\n{_align(asked)}"
    found = listing(trace)
    parts = [f"% {_plain(_head(trace))}"]
    sections = (
        ("forward", found.forward),
        ("backward", found.backward),
        ("weights", found.weights),
    )
    for name, lines in sections:
        if name == "backward" and trace.loss is not None:
            parts.append(
                f"\\[ L = \\text{{{escaped(_loss_name(trace))}}} = {figure(trace.loss)} \\]"
            )
        if lines:
            parts.append(f"% {name}\n{_align(lines)}")
    large = [node.id for node in found.large_nodes] + [edge.id for edge in found.large_edges]
    if large:
        parts.append(f"% too large for lines: {join_words(large)}")
    if found.left_out:
        parts.append(f"% {found.left_out} more nodes and edges")
    return "\n".join(parts)


def _align(lines: Sequence[Line]) -> str:
    rows = [
        f"{latex(line.left)} &= {' = '.join(latex(step) for step in line.steps)}"
        + (rf" \quad\text{{({escaped(line.remark)})}}" if line.remark else "")
        for line in lines
    ]
    return "\\begin{align*}\n" + " \\\\\n".join(rows) + "\n\\end{align*}"


def _plain(words: str) -> str:
    return " ".join(words.split())


# ---- plain data


def trace_json(trace: Trace, edges: Sequence[str] = ()) -> dict[str, Any]:
    """All numbers of nodes; of edges those that are listed or asked for, else their ranges."""
    chosen = chosen_edges(trace, edges)
    found: dict[str, Any] = {
        "name": trace.network.document.name,
        "sample": trace.title,
        "dtype": trace.network.dtype,
        "inputs": _lists(trace.inputs),
        "targets": _lists(trace.targets),
        "loss": trace.loss,
        "nodes": [_node_json(node) for node in trace.nodes],
        "edges": [_edge_json(edge) for edge in trace.edges],
        "gradients": {
            id_: array.tolist() for id_, array in trace.gradients.items() if array.size <= LISTED
        },
    }
    if chosen:
        found["chosen"] = [
            _connection_json(trace, edge, place) for edge, places in chosen for place in places
        ]
    if trace.step is not None:
        found["step"] = {
            "optimizer": trace.step.optimizer,
            "learning_rate": trace.step.learning_rate,
            "weights": {
                id_: {"before": before.tolist(), "after": after.tolist()}
                for id_, _, before, _, after in _changes(trace)
                if before.size <= LISTED
            },
        }
    return found


LISTED = 4096  # connections of an edge that are listed as data


def _lists(arrays: Mapping[str, Array]) -> dict[str, Any]:
    return {name: array.tolist() for name, array in arrays.items()}


def _node_json(node: NodeTrace) -> dict[str, Any]:
    return {
        "id": node.id,
        "kind": node.kind,
        "function": node.function,
        "shape": list(node.shape),
        "a": node.a.tolist(),
        "z": node.z.tolist(),
        "delta": None if node.delta is None else node.delta.reshape(node.shape).tolist(),
    }


def _edge_json(edge: EdgeTrace) -> dict[str, Any]:
    found: dict[str, Any] = {
        "id": edge.id,
        "from": str(edge.entry.source),
        "to": str(edge.entry.target),
        "kind": edge.kind,
        "weight": None if edge.weight is None else edge.weight.id,
    }
    if edge.values is None:
        return found
    found |= {"shape": list(edge.values.shape)}
    arrays = {"W": edge.values, "products": edge.products}
    if edge.values.size <= LISTED:
        return found | {k: None if a is None else a.tolist() for k, a in arrays.items()}
    return found | {
        k: None if a is None else {"min": float(a.min()), "max": float(a.max())}
        for k, a in arrays.items()
    }


def _connection_json(trace: Trace, edge: EdgeTrace, place: tuple[int, ...]) -> dict[str, Any]:
    assert edge.values is not None
    assert edge.products is not None
    source = trace.node[edge.entry.source.node]
    target = trace.node[edge.entry.target.node]
    assert target.delta is not None
    z, delta = edge.connections.terms(place, source.z, target.delta.reshape(target.shape))
    return {
        "name": edge.connections.name(place),
        "place": list(place),
        "W": float(edge.values[place]),
        "z": z.tolist(),
        "delta": delta.tolist(),
        "product": float(edge.products[place]),
    }
