"""Numbers of the file that the network's type cannot hold: they would be infinite there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from nngraph.errors import Span
from nngraph.ir import LARGEST, OVERFLOW, Array
from nngraph.lower.context import Lowering, Mistake
from nngraph.spec import EdgeEntry, tree

SECTIONS = ("loss", "train")
LIKE_NUMBERS = frozenset("+-.0123456789")


def check_numbers(lowering: Lowering) -> None:
    """Report each number of nodes, edges, loss and training beyond the network's type.

    What the file gives in float64 is rounded to the type of the network. Data are measured when
    they are scaled.
    """
    document, least = lowering.document, OVERFLOW[lowering.dtype]
    largest = _shown(LARGEST[lowering.dtype])
    if least == np.inf:
        return
    written = [entry.value for entry in document.nodes.values()]
    assert isinstance(document.root, tree.Mapping)
    written += [found for key in SECTIONS if (found := document.root.get(key)) is not None]
    for span, number in (*_written(written, least), *_of_edges(document.edges, least)):
        lowering.report(
            Mistake("E232", span, number=_shown(number), dtype=lowering.dtype, largest=largest)
        )


def check_array(lowering: Lowering, array: Array, file: str, span: Span) -> None:
    """Refuse an array of a file of weights with numbers beyond the network's type.

    Errors: Mistake.
    """
    fits = np.abs(array) < OVERFLOW[lowering.dtype]
    if not fits.all():
        number, largest = _shown(float(array[~fits][0])), _shown(LARGEST[lowering.dtype])
        raise Mistake(
            "E232:file", span, file=file, number=number, dtype=lowering.dtype, largest=largest
        )


def _shown(number: float) -> str:
    return f"{number:.8g}"


def _written(values: Iterable[tree.Tree], least: float) -> Iterator[tuple[Span, float]]:
    for value in values:
        for _, node in tree.walk(value):
            if isinstance(node, tree.Scalar) and node.plain and node.text[:1] in LIKE_NUMBERS:
                number = node.value
                if isinstance(number, int | float) and abs(number) >= least:
                    yield node.span, float(number)


def _of_edges(edges: Iterable[EdgeEntry], least: float) -> Iterator[tuple[Span, float]]:
    """Weights, and the numbers of how they are drawn; an edge is written in many ways."""
    for edge in edges:
        if edge.given is None:
            if edge.weight is not None and abs(edge.weight) >= least:
                yield edge.span_of("weight"), edge.weight
            continue
        for key in ("weight", "init"):
            for path, number in _numbers(getattr(edge.given, key, None), (key,)):
                if abs(number) >= least:
                    yield edge.span_of(*path), number


Path = tuple[str | int, ...]


def _numbers(value: Any, path: Path) -> Iterator[tuple[Path, float]]:
    """The numbers of an option, each with the keys and places that lead to it."""
    if isinstance(value, int | float):
        yield path, float(value)
    elif isinstance(value, tuple):
        for at, item in enumerate(value):
            yield from _numbers(item, (*path, at))
    elif hasattr(type(value), "model_fields"):
        for key in type(value).model_fields:
            yield from _numbers(getattr(value, key), (*path, key))
