"""The long form of a spec, every default written out: `resolved.yaml` of a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from nngraph.spec.arrows import End
from nngraph.spec.document import Document, EdgeEntry, Edges
from nngraph.spec.editing.flow import flow, word
from nngraph.spec.weighted import OWNERS_KEYS
from nngraph.spec.weights import FileWeight

if TYPE_CHECKING:
    from nngraph.spec.columns import EdgeColumns


def resolved_yaml(document: Document) -> str:
    """The spec as text that parses to the same `Spec` and the same edges.

    Chains, comma lists and side files of nodes and edges are written out; `h[0:3]` stays.
    """
    return "\n".join(_lines(document)) + "\n"


def _lines(document: Document) -> Iterator[str]:
    spec = document.spec
    written = _plain(spec)
    yield "nngraph: 1"
    yield f"name: {word(document.name)}"
    for key in ("description", "dtype"):
        yield f"{key}: {word(written[key])}"
    yield "nodes:"
    for id, node in written["nodes"].items():
        yield f"  {id}: {flow(node)}"
    yield "edges:" if document.edges else "edges: []"
    yield from _edge_lines(document.edges)
    for key in ("outputs", "loss", "data", "train", "expect"):
        if written.get(key) not in (None, []):
            yield from _section(key, written[key])


def _section(key: str, value: Any) -> Iterator[str]:
    yield f"{key}:"
    if isinstance(value, list):
        yield from (f"  - {flow(item)}" for item in value)
    else:
        yield from (f"  {name}: {flow(item)}" for name, item in value.items())


def _edge_lines(edges: Edges) -> Iterator[str]:
    named = [word(str(end)) for end in edges.ends.known] if edges.columns else []
    for run in edges.runs:
        if isinstance(run, tuple):
            yield from (f"  - {flow(_edge(edge))}" for edge in run)
        else:
            yield from _plain_lines(run, named)


def _plain_lines(run: EdgeColumns, named: Sequence[str]) -> Iterator[str]:
    """Lines of edges that differ in their ends and weights alone; what else they say is written
    once for each of four forms."""
    forms: dict[tuple[bool, bool], tuple[str, str]] = {}
    columns = (run.sources, run.targets, run.weights, run.fixed)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    for at, (source, target, weight, fixed) in enumerate(rows):
        has_weight = weight == weight  # NaN: none
        if (has_weight, fixed) not in forms:
            forms[has_weight, fixed] = _around_weight(run.make(at))
        before, after = forms[has_weight, fixed]
        number = repr(weight) if has_weight else ""
        yield f"  - {{from: {named[source]}, to: {named[target]}{before}{number}{after}}}"


def _around_weight(edge: EdgeEntry) -> tuple[str, str]:
    """What a line says before its weight and behind it; all is behind where there is none."""
    before, after = "", ""
    for key, value in _plain(edge.options).items():
        if key == "weight":
            before, after = f"{after}, weight: ", ""
        else:
            after = f"{after}, {key}: {flow(value)}"
    return before, after


def _edge(edge: EdgeEntry) -> dict[str, Any]:
    options = _plain(edge.options)
    return {"from": str(edge.source), "to": str(edge.target), **options}


def _plain(value: Any) -> Any:
    """Models as mappings in the order of their fields, what is None left out."""
    if isinstance(value, End):
        return str(value)
    if isinstance(value, FileWeight) or not isinstance(value, BaseModel):
        return _plain_container(value)
    # the owner of shared weights alone says how they start and whether they are trained
    shared = OWNERS_KEYS if getattr(value, "share", None) and hasattr(value, "mask") else ()
    return {
        name: _plain(getattr(value, name))
        for name in _kind_first(type(value))
        if getattr(value, name) is not None and name not in shared
    }


def _plain_container(value: Any) -> Any:
    if isinstance(value, FileWeight):
        return value.model_dump(exclude_none=True)
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value


def _kind_first(model: type[BaseModel]) -> list[str]:
    return sorted(model.model_fields, key=lambda name: name not in ("kind", "source"))
