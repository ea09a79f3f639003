"""The long form of a spec, every default written out: `resolved.yaml` of a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from nngraph.spec.arrows import End
from nngraph.spec.document import Document, EdgeEntry
from nngraph.spec.editing.flow import flow, word
from nngraph.spec.weighted import OWNERS_KEYS
from nngraph.spec.weights import FileWeight


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
    for edge in document.edges:
        yield f"  - {flow(_edge(edge))}"
    for key in ("outputs", "loss", "data", "train", "expect"):
        if written.get(key) not in (None, []):
            yield from _section(key, written[key])


def _section(key: str, value: Any) -> Iterator[str]:
    yield f"{key}:"
    if isinstance(value, list):
        yield from (f"  - {flow(item)}" for item in value)
    else:
        yield from (f"  {name}: {flow(item)}" for name, item in value.items())


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
