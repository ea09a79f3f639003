"""The first instruction of a step, or the update, that gave a number that is not finite."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from nngraph.errors import Span, join_words
from nngraph.ir import Gradient, Instr, Leaf, Op, Program, State, Value, interpret
from nngraph.ops import Word
from nngraph.records import dataclass
from nngraph.spec.activations import ACTIVATION_ROWS
from nngraph.train.feed import Array

if TYPE_CHECKING:
    from nngraph.run import Bound

INFINITE = "infinite"
NOT_A_NUMBER = "not a number"


@dataclass(frozen=True, slots=True)
class FirstBad:
    """Where numbers became bad (`text`, `span`), and out of which ones (`label`)."""

    text: str
    span: Span | None = None
    label: str = ""


def place_of_step(step: Any, weights: Mapping[str, Array]) -> FirstBad | None:
    """The first bad instruction of a step that has just run, found by the plain definitions.

    `weights` are those before the step, which has written the running statistics among them.
    None where the definitions stay finite, or where there is not enough memory to ask them.
    """
    for bound in getattr(step, "bounds", ()):
        try:
            with np.errstate(all="ignore"):
                place = _of_bound(bound, weights)
        except MemoryError:
            return None
        if place is not None:
            return place
    return None


def _of_bound(bound: Bound, weights: Mapping[str, Array]) -> FirstBad | None:
    program, places = bound.program, bound.plan.places
    leaves = {leaf: bound.array(leaf) for leaf in program.leaves if leaf in places}
    for leaf, array in leaves.items():
        if isinstance(leaf, State) and leaf.id in weights:
            leaves[leaf] = weights[leaf.id].reshape(array.shape)
    values = interpret(program, leaves).values
    bad = {value for value, array in values.items() if not _is_finite(array)}
    source = _source(program, bad)
    if source is None:
        return None
    if isinstance(source, Leaf):
        return FirstBad(f"{_name(source, {})} was {how(values[source])} before the step")
    return _of_instr(program, source, values)


def _source(program: Program, bad: set[Value]) -> Instr | Leaf | None:
    """The first instruction with bad results, of those that make a result of the program bad.

    What is infinite on purpose (the border of a maximum) makes no result infinite.
    """
    by = {out: instr for instr in program.body for out in instr.outs}
    waiting = [value for value in program.results() if value in bad]
    guilty: set[Value] = set()
    while waiting:
        value = waiting.pop()
        if value in guilty:
            continue
        guilty.add(value)
        if value in by:
            waiting += [arg for arg in by[value].args if arg in bad]
    for leaf in program.leaves:
        if leaf in guilty:
            return leaf
    forward = _forward(program, by)  # where a loss is computed last, it is part of the way there
    ordered = sorted(program.body, key=lambda instr: instr not in forward)
    return next((i for i in ordered if any(out in guilty for out in i.outs)), None)


def _of_instr(program: Program, instr: Instr, values: Mapping[Value, Array]) -> FirstBad:
    by = {out: other for other in program.body for out in other.outs}
    result = next(values[out] for out in instr.outs if not _is_finite(values[out]))
    ids = list(dict.fromkeys(origin.id for origin in instr.origins))
    where = join_words([f"'{id_}'" for id_ in ids]) or "the network"
    way = "forward" if instr in _forward(program, by) else "backward"
    inputs = [
        f"{_name(arg, by)} {_range(values[arg])}" for arg in instr.args if values[arg].size > 0
    ]
    label = f"{title(instr.op)} {join_words(list(dict.fromkeys(inputs)))}"
    span = next((origin.span for origin in instr.origins if origin.span is not None), None)
    text = f"going {way}, {where} was the first to become {how(result)}"
    return FirstBad(text, span, label)


def _forward(program: Program, by: Mapping[Value, Instr]) -> set[Instr]:
    """The instructions that loss and outputs follow from."""
    waiting = [value for role, value in program.outputs if not isinstance(role, Gradient)]
    found: set[Instr] = set()
    while waiting:
        instr = by.get(waiting.pop())
        if instr is not None and instr not in found:
            found.add(instr)
            waiting += instr.args
    return found


def place_of_update(
    executable: Any, name: str, weights: Mapping[str, Array], gradients: Mapping[str, Array]
) -> FirstBad:
    """The weight that the optimiser made bad out of finite gradients."""
    parts = [f"'{name}' {_range(weights[name])}"]
    if name in gradients:
        parts.append(f"its gradient {_range(gradients[name])}")
    network = getattr(executable, "network", None)
    owners = [w.entry.span for w in network.lowered.weights if w.id == name] if network else []
    label = f"updated from {join_words(parts)}"
    return FirstBad(
        "going forward and backward all was finite, the update was not",
        owners[0] if owners else None,
        label,
    )


def how(array: Array) -> str:
    """What an array that is not finite is."""
    return NOT_A_NUMBER if np.isnan(array).any() else INFINITE


def _name(value: Value, by: Mapping[Value, Instr]) -> str:
    if isinstance(value, Leaf):
        parts: Iterable[Any] = getattr(value, "parts", ())
        return join_words([f"'{part.name}'" for part in parts]) or f"'{value.id}'"
    instr = by[value]
    if instr.view is not None:
        return _name(instr.args[0], by)
    return f"a value at '{instr.origins[0].id}'" if instr.origins else "a value before it"


def title(op: Op) -> str:
    """What an instruction does, where it is a function of the language: "log of", else that it
    computes."""
    name = op.name if isinstance(op, Word) else type(op).__name__.lower()
    return f"{name} of" if name in ACTIVATION_ROWS else "computed from"


def _range(array: Array) -> str:
    """From where to where its values lie."""
    if not _is_finite(array):
        return "(not finite)"
    low, high = float(np.min(array)), float(np.max(array))
    return f"({low:.3g})" if low == high else f"(from {low:.3g} to {high:.3g})"


def _is_finite(array: Array) -> bool:
    return array.dtype.kind != "f" or bool(np.isfinite(array).all())
