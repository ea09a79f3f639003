"""What makes a program legal: each instruction one call, view or container that can be placed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field, replace

import numpy as np

from nngraph.errors import InternalError
from nngraph.ir import (
    Array,
    Builder,
    Input,
    Instr,
    Leaf,
    Program,
    TensorType,
    Value,
    View,
    follow,
)
from nngraph.ops import AppendOne, Copy, Reshape, StackBias
from nngraph.passes.rewriting import definitions, rewrite, use_counts
from nngraph.records import dataclass

SIZES = {"N": 3, "P": 5}  # named axes never merge with others, so any sizes tell the same
ROUNDS = 16  # an op written in ops that are written in ops ...


def expand_into_calls(program: Program) -> Program:
    """Replace every op that is not legal by its `expand`, until all are.

    New instructions carry the origins of the op that they spell out.

    >>> from nngraph.ir import parse_text
    >>> from nngraph.ops import OPS_BY_NAME
    >>> print(expand_into_calls(parse_text('''program
    ...   input %0 'x': float32[N, 2]
    ...   %1: bool[N, 2] = between{low=0.0, high=6.0} %0
    ...   output 'y' %1''', OPS_BY_NAME)))
    program
      input %0 'x': float32[N, 2]
      %1: bool[N, 2] = greater{threshold=0.0} %0
      %2: bool[N, 2] = less{threshold=6.0} %0
      %3: bool[N, 2] = and %1 %2
      output 'y' %3
    """
    for _ in range(ROUNDS):
        if all(instr.is_legal for instr in program.body):
            return program
        program = rewrite(program, _expanded)
    names = sorted({str(instr.op) for instr in program.body if not instr.is_legal})
    raise InternalError(f"expansion does not end: {', '.join(names)}")


def _expanded(builder: Builder, instr: Instr) -> Sequence[Value] | None:
    if instr.is_legal:
        return None
    outs = instr.op.expand(builder, *instr.args)
    if outs is None:
        raise InternalError(f"{instr.op} is no call, view or container, and does not expand")
    return outs if isinstance(outs, tuple) else (outs,)


def legalise(program: Program) -> Program:
    """Expand what is left to expand, and insert copies where memory could not be shared.

    Afterwards each piece of a container is the fresh result of one call or unfilled container,
    which can be written where it belongs; only inputs beside their ones and weights stacked on
    their biases stay leaves, for the plan lays those out. Each reshape sees memory that allows it.

    >>> from nngraph.ir import parse_text
    >>> from nngraph.ops import OPS_BY_NAME
    >>> print(legalise(parse_text('''program
    ...   input %0 'x': float32[N, 2]
    ...   %1: float32[N, 2] = tanh %0
    ...   %2: float32[N, 4] = concat{axis=1} %0 %1
    ...   output 'y' %2''', OPS_BY_NAME)))
    program
      input %0 'x': float32[N, 2]
      %1: float32[N, 2] = tanh %0
      %2: float32[N, 2] = copy %0
      %3: float32[N, 4] = concat{axis=1} %2 %1
      output 'y' %3
    """
    return copy_under_reshapes(copy_shared_pieces(expand_into_calls(program)))


def copy_shared_pieces(program: Program) -> Program:
    """Copy what a container cannot hold: leaves, views, filled containers, what another holds."""
    made, uses = definitions(program), use_counts(program)
    elsewhere: set[Value] = {value for _, value in program.updates}

    def rule(builder: Builder, instr: Instr) -> Sequence[Value] | None:
        if instr.container is None or _laid_out(instr):
            return None
        args = []
        for arg in instr.args:
            can = _can_be_held(arg, made, instr) or _is_flat_input(arg, made, uses, instr)
            args.append(arg if can and arg not in elsewhere else builder(Copy(), arg))
            elsewhere.add(arg)
        if tuple(args) == instr.args:
            return None
        builder.body.append(replace(instr, args=tuple(args)))
        return instr.outs

    return rewrite(program, rule)


def _laid_out(instr: Instr) -> bool:
    return isinstance(instr.op, StackBias) and all(isinstance(arg, Leaf) for arg in instr.args)


def _can_be_held(arg: Value, made: Mapping[Value, Instr], holder: Instr) -> bool:
    if isinstance(arg, Leaf):
        return isinstance(arg, Input) and isinstance(holder.op, AppendOne)
    maker = made[arg]
    filled = maker.container is not None and maker.container.fill is not None
    return maker.view is None and not filled


def _is_flat_input(
    arg: Value, made: Mapping[Value, Instr], uses: Mapping[Value, int], holder: Instr
) -> bool:
    """An input read only as rows [N, k], beside its ones: the plan lays it out there at once."""
    if arg not in made or not isinstance(holder.op, AppendOne):
        return False
    instr = made[arg]
    leaf = instr.args[0]
    is_flat = isinstance(instr.op, Reshape) and isinstance(leaf, Input) and leaf.type.batched
    return is_flat and uses[leaf] == 1 and uses[arg] == 1


def copy_under_reshapes(program: Program) -> Program:
    """Copy what a reshape looks at where the elements do not lie in a row: slices, transposes."""
    memory = _Memory(program)

    def rule(builder: Builder, instr: Instr) -> Sequence[Value] | None:
        if not isinstance(instr.op, Reshape) or memory.allows(instr):
            return None
        own = builder(Copy(), instr.args[0])
        memory.parent[instr.outs[0]] = (own, memory.parent[instr.outs[0]][1])
        builder.body.append(replace(instr, args=(own,)))
        return instr.outs

    return rewrite(program, rule)


@dataclass
class _Memory:
    """How values lie in the containers and under the views of a legal program."""

    program: Program
    parent: dict[Value, tuple[Value, tuple[View, ...]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for instr in self.program.body:
            view, container = instr.view, instr.container
            if view is not None:
                self.parent[instr.outs[0]] = (instr.args[0], (view,))
            elif container is not None and not _laid_out(instr):
                for arg, path in zip(instr.args, container.paths, strict=True):
                    self.parent[arg] = (instr.outs[0], path)

    def allows(self, instr: Instr) -> bool:
        """Whether the result of a reshape can be a view of its operand."""
        try:
            self.array(instr.outs[0])
        except ValueError:
            return False
        return True

    def array(self, value: Value) -> Array:
        """The strides of a value, as an array over one element. Errors: ValueError."""
        path: tuple[View, ...] = ()
        while value in self.parent:
            value, step = self.parent[value]
            path = step + path
        return follow(path, _without_memory(value.type), SIZES)


def _without_memory(type_: TensorType) -> Array:
    shape = type_.sizes(SIZES)
    strides = [int(np.prod(shape[axis + 1 :], dtype=np.int64)) for axis in range(len(shape))]
    return np.lib.stride_tricks.as_strided(
        np.zeros(1, np.int8), shape, tuple(strides), writeable=False
    )
