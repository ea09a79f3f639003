"""a and delta of every node as outputs of a program, for whoever looks at single neurons.

A node's a is what its function is applied to. Single neurons that are computed together have
theirs in columns of one value, and so have their deltas.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

from nngraph.ir import Builder, Delta, Instr, Node, Param, PreActivation, Program, Role, Value
from nngraph.lower.reverse import Sweep, sweep
from nngraph.ops import SliceAxis
from nngraph.ops.neurons import NeuronDeltas, NeuronStretch
from nngraph.ops.word import row_of


class Made(dict[Value, Instr]):
    """The instructions of a program by what they make."""

    def __init__(self, body: Sequence[Instr]) -> None:
        super().__init__((out, instr) for instr in body for out in instr.outs)
        self._nodes: dict[Value, frozenset[str]] = {}

    def serves(self, value: Value, node: str) -> bool:
        """Whether a value was computed for this node, alone or with others."""
        if value not in self._nodes:
            origins = self[value].origins if value in self else ()
            self._nodes[value] = frozenset(origin.id for origin in origins)
        return node in self._nodes[value]


def expose_pre_activations(program: Program) -> Program:
    """The program with an output `PreActivation` for each of its nodes.

    It runs on the program that lowering writes: there an activation is one instruction.
    """
    builder, made = Builder(program.leaves, program.body), Made(program.body)
    found: list[tuple[Role, Value]] = []
    for role, z in program.outputs:
        if isinstance(role, Node):
            value, column = _place_of_a(made, role.id, z)
            if column is not None:
                value = builder(SliceAxis(1, column, column + 1), value)
            found.append((PreActivation(role.id), value))
    outputs = (*program.outputs, *found)
    return replace(program, body=tuple(builder.body), outputs=outputs)


def _place_of_a(made: Made, node: str, z: Value) -> tuple[Value, int | None]:
    """The value that holds a of a node, and its column there where others have theirs beside."""
    instr = made.get(z)
    if instr is None:
        return z, None
    if row_of(instr.op) is not None:
        return _whole(made, node, instr.args[0])
    value, column = _whole(made, node, z)
    beside = made.get(value)
    if column is None or beside is None:
        return value, column
    if isinstance(beside.op, NeuronStretch):
        neurons = beside.op.wiring.neurons
        return value, column if column >= neurons else neurons + column
    return (beside.args[0] if row_of(beside.op) is not None else value), column


def _whole(made: Made, node: str, value: Value) -> tuple[Value, int | None]:
    """What a value is a column of, where it was computed for this node and others together."""
    instr = made.get(value)
    if instr is None or not isinstance(instr.op, SliceAxis) or instr.op.axis != 1:
        return value, None
    if instr.op.stop != instr.op.start + 1:  # all units of a node
        return value, None
    if not made.serves(instr.args[0], node):
        return value, None
    return instr.args[0], instr.op.start


def differentiate_nodes(program: Program, wrt: Sequence[Param] | None) -> Program:
    """Continue a program as `differentiate` does, and with delta of each node whose a it has.

    Types: adds an output `Delta(node)` of the type of a; of a node on which the loss does not
        depend, or that depends on no parameter, there is none.
    """
    swept = sweep(program, wrt)
    if swept is None:
        return program
    made = Made(swept.builder.body)
    stretches = {i.args[1]: i.outs[0] for i in made.values() if isinstance(i.op, NeuronDeltas)}
    nodes = {role.id: value for role, value in program.outputs if isinstance(role, Node)}
    givers: dict[Value, set[str]] = {}
    for id_, z in nodes.items():
        givers.setdefault(z, set()).add(id_)
    found: list[tuple[Role, Value]] = []
    for role, a in program.outputs:
        if isinstance(role, PreActivation):
            delta = _delta(swept, made, stretches, nodes, role.id, a, givers)
            if delta is not None:
                found.append((Delta(role.id), delta))
    return swept.program(program, found)


def _delta(
    swept: Sweep,
    made: Made,
    stretches: Mapping[Value, Value],
    nodes: Mapping[str, Value],
    node: str,
    a: Value,
    givers: Mapping[Value, AbstractSet[str]],
) -> Value | None:
    others = givers.get(a, frozenset()) - {node}
    if others and nodes[node] in made:  # what comes from elsewhere into z of another is not its
        backward = swept.into.get(made[nodes[node]].outs[0])
        return None if backward is None else backward[0]
    whole, column = _whole(made, node, a)
    if column is None:
        return swept.totals.get(a)
    instr = made[whole]
    if isinstance(instr.op, NeuronStretch):
        total, column = stretches.get(whole), column - instr.op.wiring.neurons
    else:
        total = swept.totals.get(whole)
    return None if total is None else swept.builder(SliceAxis(1, column, column + 1), total)
