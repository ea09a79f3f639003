"""Results: those that must lie in a given place, and the loss, which can wait."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from nngraph.ir import (
    BATCH,
    Arenas,
    Constant,
    Gradient,
    Input,
    Instr,
    Loss,
    Program,
    Region,
    ReshapeView,
    Role,
    Slice,
    Value,
    View,
)
from nngraph.ops import Copy


def copy_results(program: Program, arenas: Arenas) -> Program:
    """Insert copies for gradients and updates that cannot be computed in their place.

    A gradient is computed in place where it is the result of one call, or where weight and bias
    gradients are the rows of one product. An update is computed in place where the old content
    is not read afterwards.
    """
    chains = ViewChains(program)
    forced = forced_regions(program, arenas)
    updated: set[Value] = {leaf for leaf, _ in program.updates}
    body = list(program.body)

    def kept(role: Role | None, value: Value) -> Value:
        """The value, or a copy of what would be written over or lies elsewhere."""
        root = chains.root(value)[0]
        misplaced = isinstance(role, Gradient) and root not in forced
        return _append_copy(body, value) if misplaced or root in updated else value

    outputs = tuple((role, kept(role, value)) for role, value in program.outputs)
    updates = tuple((leaf, kept(None, value)) for leaf, value in program.updates)
    program = Program(program.leaves, tuple(body), outputs, updates)
    committed = tuple(
        (leaf, value if _can_update_in_place(program, leaf, value) else _append_copy(body, value))
        for leaf, value in updates
    )
    return Program(program.leaves, tuple(body), outputs, committed)


def _append_copy(body: list[Instr], value: Value) -> Value:
    out = Value(value.type)
    body.append(Instr(Copy(), (value,), (out,)))
    return out


class ViewChains:
    """Which value each view looks at, asked of every op once."""

    def __init__(self, program: Program) -> None:
        self._below: dict[Value, tuple[Value, View]] = {}
        for instr in program.body:
            view = instr.view
            if view is not None:
                self._below[instr.outs[0]] = (instr.args[0], view)

    def root(self, value: Value) -> tuple[Value, tuple[View, ...]]:
        """The value that this one is a view of, and the path from it."""
        path: list[View] = []
        while value in self._below:
            value, view = self._below[value]
            path.append(view)
        return value, tuple(reversed(path))


def forced_regions(program: Program, arenas: Arenas) -> dict[Value, Region]:
    """Call results that can be computed inside the gradient arena, and the regions for them."""
    chains = ViewChains(program)
    groups: dict[Value, dict[str, tuple[View, ...]]] = {}
    for role, value in program.outputs:
        if isinstance(role, Gradient):
            root, path = chains.root(value)
            groups.setdefault(root, {})[role.leaf.id] = path
    if not groups:
        return {}
    made = {out for instr in program.body if instr.is_work for out in instr.outs}
    pieces = program.pieces()
    wanted_as = Counter(chains.root(value)[0] for _, value in program.outputs)
    forced: dict[Value, Region] = {}
    for root, wanted in groups.items():
        if root not in made or root in pieces or wanted_as[root] != len(wanted):
            continue
        place = _region_of_all(root, wanted, arenas)
        if place is not None:
            forced[root] = place
    return forced


def _region_of_all(
    root: Value, wanted: Mapping[str, tuple[View, ...]], arenas: Arenas
) -> Region | None:
    """Where the root lies if every wanted piece of it falls on its own region."""
    shape, regions = root.type.sample_shape, arenas.parameters.regions
    if len(shape) != len(root.type.shape):
        return None
    if len(wanted) == 1:
        ((id_, path),) = wanted.items()
        region = regions[id_]
        return region if not path and region.shape == shape else None
    if len(wanted) != 2 or len(shape) != 2:
        return None
    (first, first_path), (second, second_path) = sorted(
        wanted.items(), key=lambda item: regions[item[0]].start
    )
    stack = arenas.stack(first, second)
    rows, columns = shape[0] - 1, shape[1]
    seen = first_path == (Slice(0, 0, rows),) and second_path in (
        (Slice(0, rows, rows + 1), ReshapeView((columns,))),
        (Slice(0, rows, None), ReshapeView((columns,))),
    )
    return stack[1] if stack is not None and stack[1].shape == shape and seen else None


def _can_update_in_place(program: Program, leaf: Value, value: Value) -> bool:
    """Whether the new content may be written over the old one where it is computed."""
    if sum(v is value for v in program.results()) > 1:
        return False
    made_at = next((k for k, i in enumerate(program.body) if value in i.outs), None)
    if made_at is None or not program.body[made_at].is_work:
        return False
    for k, instr in enumerate(program.body):
        reads = [n for n, a in enumerate(instr.args) if a is leaf]
        if reads and (k > made_at or not instr.is_work):
            return False
        if reads and k == made_at:
            call, number = instr.call, instr.outs.index(value)
            count = len(instr.outs)
            if call is None or not all(call.may_overwrite(n, number, count) for n in reads):
                return False
    return True


# ---- the loss, which can wait


def compute_loss_last(program: Program) -> Program:
    """Move what only the loss follows from behind all else, where it can wait to be asked for.

    The gradient of a loss rarely reads the loss: (p - t) needs no logarithm. XOR's step has 28
    calls, 11 of them for its loss. Programs on images stay as they are, for tiles keep their calls
    together; and so does a loss that reads weights, which are others after the step.

    >>> from nngraph.ir import parse_text
    >>> from nngraph.ops import OPS_BY_NAME
    >>> print(compute_loss_last(parse_text('''program
    ...   input %0 'x': float32[N]
    ...   %1: float32[N] = log %0
    ...   %2: float32[N] = tanh %0
    ...   output 'loss' %1
    ...   output 'y' %2''', OPS_BY_NAME)))
    program
      input %0 'x': float32[N]
      %1: float32[N] = tanh %0
      %2: float32[N] = log %0
      output 'loss' %2
      output 'y' %1
    """
    only = only_for_loss(program)
    if not only:
        return program
    now = [instr for instr in program.body if instr not in only]
    later = [instr for instr in program.body if instr in only]
    return Program(program.leaves, (*now, *later), program.outputs, program.updates)


def only_for_loss(program: Program) -> frozenset[Instr]:
    """The instructions from which nothing but losses follows; none where these cannot wait."""
    if any(map(on_images, program.body)):
        return frozenset()
    needed: set[Value] = {v for role, v in program.outputs if not isinstance(role, Loss)}
    needed |= {value for _, value in program.updates}
    only: list[Instr] = []
    for instr in reversed(program.body):
        if needed.isdisjoint(instr.outs):
            only.append(instr)
        else:
            needed.update(instr.args)
    weights = _weights(program)
    reads_weights = any(arg in weights for instr in only for arg in instr.args)
    return frozenset() if reads_weights else frozenset(only)


def _weights(program: Program) -> set[Value]:
    """What a step may change or draw anew: leaves that are neither fed nor constant, and what lies
    in their memory."""
    found: set[Value] = {v for v in program.leaves if not isinstance(v, Input | Constant)}
    for instr in program.body:
        if not instr.is_work and not found.isdisjoint(instr.args):
            found.update(instr.outs)
    return found


def first_for_loss(program: Program) -> int:
    """The number of the first of the instructions at the end that only the loss needs."""
    only = only_for_loss(program)
    start = len(program.body)
    while start and program.body[start - 1] in only:
        start -= 1
    return start


def on_images(instr: Instr) -> bool:
    """Whether a call reads or writes values with spatial axes: [N, *extents, C], in any order."""
    return any(BATCH in v.type.shape and len(v.type.shape) > 2 for v in (*instr.args, *instr.outs))
