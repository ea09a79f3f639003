"""Pools that keep a byte for each maximum, in place of all that they chose from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod

from nngraph.ir import Builder, Instr, Op, Program, TensorType, Value
from nngraph.ops import (
    Add,
    FirstMaximum,
    Greater,
    MaximumFirst,
    Multiply,
    PoolFirst,
    SumChosen,
    SumTo,
    UnpoolFirst,
    is_word,
)
from nngraph.ops.choosing import MOST_POSITIONS, positions_of
from nngraph.passes.eliminate_dead_code import eliminate_dead_code
from nngraph.passes.rewriting import definitions, finish_rewriting, stand_in, with_operands
from nngraph.records import dataclass


def remember_maxima(program: Program) -> Program:
    """relu (max x + b) and g * (y > 0) * (x equal to max x) -> pool_first and unpool_first.

    The pool notes in a byte which position it chose, none where the relu is closed, so that the
    way back reads nothing else, and the bias' gradient is the sum of what was let through. Bias
    and relu may be missing. Runs on forward and backward together, only for compiled kernels:
    NumPy has no single calls for these.

    >>> from nngraph.ir import parse_text
    >>> from nngraph.ops import OPS_BY_NAME
    >>> print(remember_maxima(parse_text('''program
    ...   input %0 'x': float32[2, N, 3]
    ...   input %1 'g': float32[N, 3]
    ...   %2: float32[N, 3] = maximum_first{axes=1} %0
    ...   %3: bool[2, N, 3] = first_maximum{axes=1} %0 %2
    ...   %4: float32[2, N, 3] = multiply %1 %3
    ...   output 'y' %2
    ...   output 'back' %4''', OPS_BY_NAME)))
    program
      input %0 'x': float32[2, N, 3]
      input %1 'g': float32[N, 3]
      %2: float32[N, 3], %3: uint8[N, 3] = pool_first{axes=1, relu=False} %0
      %4: float32[2, N, 3] = unpool_first{first=(2,)} %1 %3
      output 'y' %2
      output 'back' %4
    """
    finder = _Finder(program)
    found = [pool for instr in program.body if (pool := finder.pool(instr)) is not None]
    if not found:
        return program
    ends = {id(pool.end): pool for pool in found}
    inside = {id(instr) for pool in found for instr in (*pool.inside, pool.mask)}
    backs = {id(instr): (pool, g) for pool in found for instr, g in pool.backs}
    sums = {id(instr): (pool, g) for pool in found for instr, g in pool.sums}
    chosen: dict[int, Value] = {}
    builder = Builder(program.leaves)
    instead: dict[Value, Value] = {}
    for instr in program.body:
        if (pool := ends.get(id(instr))) is not None:
            y, chosen[id(pool.end)] = _pooled(builder, pool, instead)
            stand_in(instead, instr, (y,))
        elif id(instr) in backs or id(instr) in sums:
            pool, g = backs.get(id(instr)) or sums[id(instr)]
            op: Op = UnpoolFirst(_first(pool))
            if id(instr) in sums:
                op = SumChosen(prod(_first(pool)))
            with builder.at(*instr.origins):
                back = builder(op, instead.get(g, g), chosen[id(pool.end)])
            stand_in(instead, instr, (back,))
        elif id(instr) not in inside:
            builder.body.append(with_operands(instr, instead))
    return eliminate_dead_code(finish_rewriting(program, builder, instead))


@dataclass(frozen=True)
class _Pool:
    """A pool with what becomes part of it.

    `end` makes y; `inside` are its other instructions, `mask` says where the maximum lay; `backs`
    and `sums` will read the choice, each beside the cotangent that comes from above the relu.
    """

    top: Instr
    mask: Instr
    bias: Value | None
    relu: bool
    end: Instr
    inside: tuple[Instr, ...]
    backs: tuple[tuple[Instr, Value], ...]
    sums: tuple[tuple[Instr, Value], ...]


def _first(pool: _Pool) -> tuple[int, ...]:
    assert isinstance(pool.top.op, MaximumFirst)
    return tuple(d for d in pool.top.args[0].type.shape[: pool.top.op.axes] if isinstance(d, int))


def _pooled(builder: Builder, pool: _Pool, instead: Mapping[Value, Value]) -> tuple[Value, Value]:
    assert isinstance(pool.top.op, MaximumFirst)
    operands = [pool.top.args[0], *([pool.bias] if pool.bias is not None else [])]
    origins = dict.fromkeys(o for instr in (*pool.inside, pool.end) for o in instr.origins)
    with builder.at(*origins):
        op = PoolFirst(pool.top.op.axes, pool.relu)
        y, chosen = builder.apply(op, *(instead.get(value, value) for value in operands))
    return y, chosen


class _Finder:
    """Reads which pools of a program could remember their maxima."""

    def __init__(self, program: Program) -> None:
        self.made = definitions(program)
        self.place = {id(instr): k for k, instr in enumerate(program.body)}
        self.results = set(program.results())
        self.readers: dict[Value, list[Instr]] = {}
        for instr in program.body:
            for arg in dict.fromkeys(instr.args):
                self.readers.setdefault(arg, []).append(instr)

    def pool(self, top: Instr) -> _Pool | None:
        """The pool that begins with a maximum, as much of it as fits; None where nothing does."""
        op = top.op
        if not isinstance(op, MaximumFirst) or not _can_be_noted(top.args[0].type, op.axes):
            return None
        masks = [i for i in self.readers.get(top.outs[0], ()) if isinstance(i.op, FirstMaximum)]
        if len(masks) != 1 or masks[0].args != (top.args[0], top.outs[0]):
            return None
        (mask,) = masks
        if mask.outs[0] in self.results:
            return None
        chain = self._chain(top, mask)
        for length in range(len(chain), 0, -1):
            if (pool := self._with(chain[:length], mask)) is not None:
                return pool
        return None

    def _chain(self, top: Instr, mask: Instr) -> list[Instr]:
        """The maximum, the bias and the relu, each read by the next alone."""
        chain = [top]
        while (reader := self._only_reader(chain[-1].outs[0], mask)) is not None:
            adds = isinstance(reader.op, Add) and len(chain) == 1
            if adds and self._bias(reader, chain[-1].outs[0]) is None:
                break
            if not adds and not is_word(reader.op, "relu"):
                break
            chain.append(reader)
            if is_word(reader.op, "relu"):
                break
        return chain

    def _only_reader(self, value: Value, mask: Instr) -> Instr | None:
        readers = [instr for instr in self.readers.get(value, ()) if instr is not mask]
        return readers[0] if len(readers) == 1 and value not in self.results else None

    def _bias(self, add: Instr, value: Value) -> Value | None:
        """What is added to a value, if it is one number per channel."""
        others = [arg for arg in add.args if arg is not value]
        fits = len(others) == 1 and others[0].type.shape == value.type.shape[-1:]
        return others[0] if fits and len(value.type.shape) > 1 else None

    def _with(self, chain: Sequence[Instr], mask: Instr) -> _Pool | None:
        """The pool that ends with the last of a chain, if all that reads its mask allows it."""
        top, end = chain[0], chain[-1]
        relu = is_word(end.op, "relu")
        bias = next((self._bias(i, top.outs[0]) for i in chain if isinstance(i.op, Add)), None)
        backs, sums = [], []
        for reader in self.readers.get(mask.outs[0], ()):
            let_through = self._other(reader, mask.outs[0])
            if let_through is None or let_through.type != end.outs[0].type:
                return None
            g = self._before_relu(let_through, end.outs[0]) if relu else let_through
            if g is None or self.place[id(reader)] < self.place[id(end)]:
                return None
            backs.append((reader, g))
            if relu:
                sums += [(i, g) for i in self.readers[let_through] if _is_bias_sum(i)]
        return _Pool(top, mask, bias, relu, end, tuple(chain[:-1]), tuple(backs), tuple(sums))

    def _other(self, multiply: Instr, factor: Value) -> Value | None:
        """The other factor of a product."""
        if not isinstance(multiply.op, Multiply) or multiply.args.count(factor) != 1:
            return None
        x, y = multiply.args
        return y if x is factor else x

    def _before_relu(self, let_through: Value, y: Value) -> Value | None:
        """g where a value is g * (y > 0)."""
        product = self.made.get(let_through)
        if product is None:
            return None
        for arg in product.args:
            gate = self.made.get(arg)
            if gate is not None and gate.op == Greater(0.0) and gate.args == (y,):
                g = self._other(product, arg)
                return g if g is not None and g.type == y.type else None
        return None


def _can_be_noted(x: TensorType, axes: int) -> bool:
    """Whether a byte can tell the positions, and channels come last."""
    has_channels = len(x.shape) > axes and isinstance(x.shape[-1], int)
    return has_channels and positions_of(x, axes) <= MOST_POSITIONS


def _is_bias_sum(instr: Instr) -> bool:
    (x, *_) = instr.args
    return isinstance(instr.op, SumTo) and instr.op.shape == x.type.shape[-1:]
