"""The options of an edge: short forms made long, validated, several edges sharing one set."""

from __future__ import annotations

import math
import re
from typing import Any

from pydantic import TypeAdapter, ValidationError

from nngraph.errors import Diagnostics
from nngraph.spec import tree
from nngraph.spec.arrows import id_problem
from nngraph.spec.edges import WINDOW_KINDS, AnyEdge, EdgeOptions
from nngraph.spec.explain import Explainer
from nngraph.spec.later import LATER_KINDS
from nngraph.spec.tree import number_meant
from nngraph.spec.weighted import WeightedEdge
from nngraph.spec.weights import FileWeight

ADAPTER: TypeAdapter[AnyEdge] = TypeAdapter(EdgeOptions)

_DECIMAL = re.compile(r"[-+]?[0-9]+(\.[0-9]*)?([eE][-+]?[0-9]{1,4})?")
LONG_KEYS = ("from", "to")


def plain_weight(value: tree.Tree) -> float | None:
    """The weight, where the value behind an arrow is an ordinary decimal number."""
    if type(value) is not tree.Scalar or not value.plain or not _DECIMAL.fullmatch(value.text):
        return None
    weight = float(value.text)
    return weight if math.isfinite(weight) else None


def as_mapping(value: tree.Tree) -> tree.Mapping:
    """The options in long form: text is the `kind`, a number or a list the `weight`."""
    if isinstance(value, tree.Mapping):
        return with_kernel(value)
    is_kind = isinstance(value, tree.Scalar) and isinstance(value.value, str)
    if is_kind and isinstance(value, tree.Scalar) and number_meant(value.text):
        is_kind = False  # `−1`, `0,7`: a number that went wrong
    word = "kind" if is_kind else "weight"
    key = tree.Scalar(word, True, value.source, value.start, value.end)
    return tree.Mapping(value.source, value.start, value.end, {word: (key, value)})


def with_kernel(options: tree.Mapping) -> tree.Mapping:
    """`{conv: 3}` as `{kind: conv, kernel: 3}`, each part at its place."""
    word = next((word for word in WINDOW_KINDS if word in options.entries), None)
    if word is None or not all(_may_replace(options, name) for name in ("kind", "kernel")):
        return options
    key, size = options.entries[word]
    kind = tree.Scalar("kind", True, key.source, key.start, key.end)
    kernel = tree.Scalar("kernel", True, key.source, key.start, key.end)
    entries = {"kind": (kind, key), "kernel": (kernel, size)}
    entries |= {name: entry for name, entry in options.entries.items() if name not in entries}
    del entries[word]
    return tree.Mapping(options.source, options.start, options.end, entries)


def _may_replace(options: tree.Mapping, name: str) -> bool:
    """Whether a key is missing, or was made out of a short form before an override came."""
    if name not in options.entries or "kind" not in options.entries:
        return name not in options.entries
    key, value = options.entries["kind"]
    return key.source is value.source and key.start == value.start


def validate_options(
    options: tree.Mapping, subject: str, count: int, found: Diagnostics
) -> AnyEdge | None:
    """The options as a model, or None after adding what is wrong.

    `count` is the number of edges that the entry makes.
    """
    before = len(found.errors)
    for key, _ in options.entries.values():
        if key.text in LATER_KINDS["edges"]:
            found.tell("E190", key.span, problem=LATER_KINDS["edges"][key.text])
            return None  # the other keys belong to that kind
    written: dict[str, Any] = tree.plain_value(options)
    for end in LONG_KEYS:
        written.pop(end, None)

    def name(path: tree.Path) -> str:
        return _name(path, subject)

    try:
        edge = ADAPTER.validate_python(written)
    except ValidationError as error:
        explainer = Explainer(EdgeOptions, options, found, "edges", name, options.span, LONG_KEYS)
        explainer.tell(error)
        return None
    _check_id(edge, options, found)
    if count > 1:
        _refuse_for_many(edge, options, subject, count, found)
    return edge if len(found.errors) == before else None


def _name(path: tree.Path, subject: str) -> str:
    if not path:
        return subject
    out = ""
    for step in path:
        out += f"[{step}]" if isinstance(step, int) else f".{step}" if out else str(step)
    return f"'{out}' of {subject}"


def _check_id(edge: AnyEdge, options: tree.Mapping, found: Diagnostics) -> None:
    if edge.id is None:
        return
    if problem := id_problem(edge.id):
        found.tell("E112:edge", options.entries["id"][1].span, problem=problem)


def _refuse_for_many(
    edge: AnyEdge, options: tree.Mapping, subject: str, count: int, found: Diagnostics
) -> None:
    """`id`, and a list or file as the weight, need one edge to belong to."""
    what = ""
    if edge.id is not None:
        what, key = "an id", "id"
    elif isinstance(edge, WeightedEdge) and isinstance(edge.weight, tuple | FileWeight):
        what, key = "a list" if isinstance(edge.weight, tuple) else "a file", "weight"
    if what:
        found.tell("E127", options.entries[key][1].span, what=what, entry=subject, count=count)
