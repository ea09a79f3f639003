"""Gives each result that must lie in a given place a value of its own that can be written there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from nngraph.ir import Instr, Leaf, Program, Reshape, Slice, Value, View
from nngraph.ops import Copy
from nngraph.plan.model import Arenas, Region

GRADIENT = "gradient:"
LOSS = "loss"


def copy_results(program: Program, arenas: Arenas) -> Program:
    """Insert copies for gradients and updates that cannot be computed in their place.

    A gradient is computed in place where it is the result of one call, or where weight and bias
    gradients are the rows of one product. An update is computed in place where the old content
    is not read afterwards.
    """
    forced = forced_regions(program, arenas)
    body = list(program.body)
    outputs: list[tuple[str, Value]] = []
    for name, value in program.outputs:
        if name.startswith(GRADIENT) and root_through_views(program, value)[0] not in forced:
            value = _append_copy(body, value)
        outputs.append((name, value))
    updates = []
    for leaf, value in program.updates:
        in_place = can_update_in_place(program, leaf, value)
        updates.append((leaf, value if in_place else _append_copy(body, value)))
    return Program(program.leaves, tuple(body), tuple(outputs), tuple(updates))


def _append_copy(body: list[Instr], value: Value) -> Value:
    out = Value(value.type)
    body.append(Instr(Copy(), (value,), (out,)))
    return out


def forced_regions(program: Program, arenas: Arenas) -> dict[Value, tuple[int, tuple[int, ...]]]:
    """Call results that can be computed inside the gradient arena: start and shape of each."""
    groups: dict[Value, dict[str, tuple[View, ...]]] = {}
    for name, value in program.outputs:
        if name.startswith(GRADIENT):
            root, path = root_through_views(program, value)
            groups.setdefault(root, {})[name.removeprefix(GRADIENT)] = path
    made = {out for instr in program.body if is_call(instr) for out in instr.outs}
    pieces = {
        arg
        for instr in program.body
        if instr.op.container(*(a.type for a in instr.args)) is not None
        for arg in instr.args
    }
    names = Counter(root_through_views(program, v)[0] for n, v in program.outputs)
    regions = arenas.parameters.regions
    forced: dict[Value, tuple[int, tuple[int, ...]]] = {}
    for root, wanted in groups.items():
        if root not in made or root in pieces or names[root] != len(wanted):
            continue
        place = _region_of_all(root, wanted, regions)
        if place is not None:
            forced[root] = place
    return forced


def _region_of_all(
    root: Value, wanted: Mapping[str, tuple[View, ...]], regions: Mapping[str, Region]
) -> tuple[int, tuple[int, ...]] | None:
    """Where the root lies if every wanted piece of it falls on its own region."""
    shape = root.type.sample_shape
    if len(shape) != len(root.type.shape):
        return None
    if len(wanted) == 1:
        ((id_, path),) = wanted.items()
        region = regions[id_]
        return (region.start, shape) if not path and region.shape == shape else None
    if len(wanted) != 2 or len(shape) != 2:
        return None
    (first, first_path), (second, second_path) = sorted(
        wanted.items(), key=lambda item: regions[item[0]].start
    )
    rows, columns = shape[0] - 1, shape[1]
    matrix, bias = regions[first], regions[second]
    fits = matrix.shape == (rows, columns) and bias.shape == (columns,)
    adjacent = bias.start == matrix.start + matrix.size
    seen = first_path == (Slice(0, 0, rows),) and second_path in (
        (Slice(0, rows, rows + 1), Reshape((columns,))),
        (Slice(0, rows, None), Reshape((columns,))),
    )
    return (matrix.start, shape) if fits and adjacent and seen else None


def root_through_views(program: Program, value: Value) -> tuple[Value, tuple[View, ...]]:
    """The value that this one is a view of, and the path from it."""
    made_by = {out: instr for instr in program.body for out in instr.outs}
    path: list[View] = []
    while (instr := made_by.get(value)) is not None:
        view = instr.op.view(*(a.type for a in instr.args))
        if view is None:
            break
        path.append(view)
        value = instr.args[0]
    return value, tuple(reversed(path))


def is_call(instr: Instr) -> bool:
    """Whether an instruction of a legal program is a call (neither view nor container)."""
    types = [a.type for a in instr.args]
    return instr.op.view(*types) is None and instr.op.container(*types) is None


def can_update_in_place(program: Program, leaf: Leaf, value: Value) -> bool:
    """Whether the new content may be written over the old one where it is computed."""
    if sum(v is value for v in program.results()) > 1:
        return False
    made_at = next((k for k, i in enumerate(program.body) if value in i.outs), None)
    if made_at is None or not is_call(program.body[made_at]):
        return False
    aliases = {leaf}
    for k, instr in enumerate(program.body):
        types = [a.type for a in instr.args]
        reads = [n for n, a in enumerate(instr.args) if a in aliases]
        if reads and not is_call(instr):
            return False
        if reads and k > made_at:
            return False
        if reads and k == made_at:
            call = instr.op.call(*types)
            if call is None or any(n not in call.overwrites for n in reads):
                return False
    return True
