"""Chooses how each buffer is stored: class-major where classes are reduced, rows padded, neurons
one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nngraph.ir import BATCH, Dim, Leaf, Param, Permute, Program, ReshapeView, Slice, Value, View
from nngraph.ops import AppendOne, MatMul, Transpose
from nngraph.ops.neurons import NeuronDeltas, NeuronStretch
from nngraph.records import dataclass

CLASS_MAJOR_AT_MOST = 64  # classes; longer last axes are reduced well enough in place
PAD_FROM = 64  # elements of a row: shorter rows gain nothing
PAD_TO = 16


@dataclass(frozen=True, slots=True)
class Storage:
    """The shape as stored in C order, and the path from the stored array to the value."""

    shape: tuple[Dim, ...]
    path: tuple[View, ...] = ()


def choose_storage(program: Program) -> dict[Value, Storage]:
    """Storage for every value that wants another one than plain C order.

    Class-major: logits [N, C] with few classes are stored [C, N], so that reductions over the
    classes run along whole rows. Everything elementwise around them follows.
    Unit-major: so are the values of few units beside a column of ones, which then is a row behind
    them: they lie side by side, and NumPy takes them in one run (0.2 us instead of 0.8 for XOR).
    Neuron by neuron: what a stretch of single neurons makes [N, S] is stored [S, N].
    Padded: rows of products are widened to a multiple of 16 elements.
    """
    plain = _bound_to_plain_order(program)
    chosen: dict[Value, Storage] = {}
    groups = _elementwise_groups(program)
    for group in groups:
        if any(v in plain for v in group.members) or not group.reduced:
            continue
        for value in group.members:
            chosen[value] = _turned_storage(value)
    for value in _beside_ones(program, groups):
        chosen[value] = _turned_storage(value)
    for instr in program.body:
        if isinstance(instr.op, NeuronStretch | NeuronDeltas) and instr.outs[0] not in plain:
            chosen[instr.outs[0]] = _turned_storage(instr.outs[0])
    for value in _product_operands(program):
        if value not in chosen and value not in plain and _wants_padding(value):
            chosen[value] = _padded_storage(value)
    return chosen


def _turned_storage(value: Value) -> Storage:
    """[N, J] stored as [J, N]."""
    n, width = value.type.shape
    return Storage((width, n), (Permute((1, 0)),))


def _beside_ones(program: Program, groups: Iterable[_Group]) -> Iterator[Value]:
    """The values that are stored unit-major: of groups in which some are stored beside ones, and
    which meet nothing but NumPy's elementwise calls and products; and the containers."""
    beside: dict[Value, Value] = {}
    others: set[Value] = {value for _, value in program.updates} | set(program.leaves)
    for instr in program.body:
        if isinstance(instr.op, AppendOne):
            beside[instr.args[0]] = instr.outs[0]
            taken = isinstance(instr.args[0], Leaf)
        else:
            is_free = instr.op.elementwise and instr.kernel is None
            taken = not (is_free or isinstance(instr.op, MatMul | Transpose))
        others.update((*instr.args, *instr.outs) if taken else ())
    for group in groups:
        held = [beside[v] for v in group.members if v in beside]
        if not held or not others.isdisjoint((*group.members, *held)):
            continue
        yield from (v for v in group.members if v not in beside)
        yield from held


def _padded_storage(value: Value) -> Storage:
    """[N, J] stored as [N, J rounded up to 16]."""
    n, width = value.type.shape
    assert isinstance(width, int)
    return Storage((n, -(-width // PAD_TO) * PAD_TO), (Slice(1, 0, width),))


def _wants_padding(value: Value) -> bool:
    shape = value.type.shape
    if len(shape) != 2 or shape[0] != BATCH or isinstance(value, Param):
        return False
    width = shape[1]
    return isinstance(width, int) and width >= PAD_FROM and width % PAD_TO != 0


def _product_operands(program: Program) -> Iterable[Value]:
    for instr in program.body:
        if isinstance(instr.op, MatMul):
            yield from instr.args
            yield from instr.outs


def _bound_to_plain_order(program: Program) -> set[Value]:
    """Values that must lie in plain C order: a reshape looks at them, or a container holds them."""
    plain: set[Value] = set()
    below: dict[Value, Value] = {}
    for instr in program.body:
        view, container = instr.view, instr.container
        if view is not None:
            below[instr.outs[0]] = instr.args[0]
            plain.add(instr.outs[0])
            if isinstance(view, ReshapeView):
                plain.add(instr.args[0])
                value = instr.args[0]
                while value in below:
                    value = below[value]
                    plain.add(value)
        if container is not None:
            plain.update(instr.args)
            if not all(
                isinstance(p, Slice) and p.axis == 1 for path in container.paths for p in path
            ):
                plain.update(instr.outs)
    return plain


@dataclass(slots=True)
class _Group:
    members: list[Value]
    reduced: bool


def _elementwise_groups(program: Program) -> list[_Group]:
    """Values [N, C] joined by elementwise instructions, and whether some op reduces over C."""
    leader: dict[Value, Value] = {}

    def find(value: Value) -> Value:
        while leader.setdefault(value, value) is not value:
            leader[value] = leader[leader[value]]
            value = leader[value]
        return value

    reduced: set[Value] = set()
    for instr in program.body:
        shape = instr.outs[0].type.shape
        if instr.op.elementwise and _short_rows(instr.outs[0]):
            for value in (*instr.args, *instr.outs):
                if value.type.shape == shape:
                    leader[find(value)] = find(instr.outs[0])
        if instr.op.reduces_last_axis and _short_rows(instr.args[0]):
            reduced.add(instr.args[0])
            for value in (*instr.args, *instr.outs):
                if value.type == instr.args[0].type:
                    leader[find(value)] = find(instr.args[0])
    groups: dict[Value, _Group] = {}
    for value in leader:
        group = groups.setdefault(find(value), _Group([], False))
        group.members.append(value)
        group.reduced |= value in reduced
    return list(groups.values())


def _short_rows(value: Value) -> bool:
    shape = value.type.shape
    if len(shape) != 2 or shape[0] != BATCH or isinstance(value, Param):
        return False
    return isinstance(shape[1], int) and 2 <= shape[1] <= CLASS_MAJOR_AT_MOST
