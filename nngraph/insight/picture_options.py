"""The options that decide what a node or an edge does, in the words of the file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from nngraph.render.words import number
from nngraph.spec.activations import ACTIVATION_ROWS
from nngraph.spec.nodes import AnyNode, function_of
from nngraph.spec.weighted import EdgeModel
from nngraph.words.base import SpecModel

SAID = frozenset(
    [
        "kind",
        "id",
        "title",
        "note",
        "shape",
        "units",
        "labels",
        "bias",
        "activation",
        "function",
        "kernel",
        "weight",
        "init",
        "share",
        "trainable",
        "mask",
    ]
)
"""What a picture says elsewhere or in other words: sizes, names, weights, functions."""
ALWAYS = frozenset({"momentum", "factor", "value"})
"""Said even where it is the default."""
MOST_LISTED = 4  # numbers of a list


def node_options(node: AnyNode) -> tuple[str, ...]:
    """Options of a node and of its function: what has no default, what is not its default, and
    every number of a function.

    `step` alone would hide what it gives at 0, on which the corner of a gate can depend.
    """
    said = list(_function_options(node))
    said += _options(node)
    if getattr(node, "trainable", True) is False:
        said.append("fixed")
    if (owner := getattr(node, "share", None)) is not None:
        said.append(f"shared with {owner}")
    return tuple(said)


def edge_options(edge: EdgeModel) -> tuple[str, ...]:
    """Options of an edge that are not its defaults: stride, padding, dilation, groups, a mask."""
    masked = ("masked",) if getattr(edge, "mask", None) is not None else ()
    return (*_options(edge), *masked)


def _function_options(node: AnyNode) -> Iterator[str]:
    function = function_of(node)
    if function is None:
        return
    learned = ACTIVATION_ROWS[function.kind].learned
    for name in type(function).model_fields:
        if name in learned:
            yield f"{name} learned"
        elif name != "kind":
            yield f"{name} = {option_text(getattr(function, name))}"


def _options(model: SpecModel) -> Iterator[str]:
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        if name in SAID or value is None:
            continue
        is_default = not field.is_required() and value == field.default
        if not is_default or name in ALWAYS:
            yield f"{name} = {listed(value) if name == 'value' else option_text(value)}"


def listed(value: Any) -> str:
    """Numbers in lists, as the file has them; few of many.

    >>> listed(0.25), listed((1, -2.5)), listed(((1, 2), (3, 4))), listed((1,) * 9)
    ('0.25', '[1, −2.5]', '[[1, 2], [3, 4]]', '[1, 1, 1, 1, …]')
    """
    if not isinstance(value, tuple):
        return option_text(value)
    shown = [listed(part) for part in value[:MOST_LISTED]]
    return f"[{', '.join(shown + ['…'] * (len(value) > MOST_LISTED))}]"


def option_text(value: Any) -> str:
    """A value as short as a picture needs it.

    >>> option_text((2, 2)), option_text((2, 3)), option_text(((1, 1),)), option_text(((0, 1),))
    ('2 × 2', '2 × 3', '1', '0 and 1')
    >>> option_text(0.5), option_text("same"), option_text(True)
    ('0.5', 'same', 'true')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return number(float(value))
    if not isinstance(value, tuple):
        return str(value)
    return " × ".join(_per_axis(part) for part in value)


def _per_axis(value: Any) -> str:
    if not isinstance(value, tuple):
        return option_text(value)
    before, after = value
    return str(before) if before == after else f"{before} and {after}"
