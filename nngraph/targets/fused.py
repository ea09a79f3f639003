"""The kernel of `fused`: its steps written as one loop, each as the NumPy call of its op says.

Scalars are computed once before the loop, in their own type. What is replaced is copied into the
result first where it lies elsewhere: loops that read and write the same array vectorise, for then
no other array need be compared with it.
"""

from __future__ import annotations

import numpy as np

from nngraph.ir import Call, Fill, Op, Operand, ScalarArgument, TensorType
from nngraph.kernels.compiled.written import written_kernel
from nngraph.ops import Cast, Fused


def fused_kernel(op: Op, *types: TensorType) -> Call:
    """The call of the loop; its numbers are given, so that a kernel serves all of them."""
    assert isinstance(op, Fused)
    writer = _Writer(op, types)
    lines = writer.lines()
    parameters = ", ".join([*(f"v{k}" for k in range(len(types))), "out"])
    if writer.numbers:
        parameters += ", numbers"
    function = written_kernel("fused", parameters, tuple(lines))
    keywords = (("numbers", tuple(writer.numbers)),) if writer.numbers else ()
    return Call(function, "fused", keywords=keywords, overwrites=op.replaces)


class _Writer:
    def __init__(self, op: Fused, types: tuple[TensorType, ...]) -> None:
        self.op = op
        self.given = len(types)
        self.types = op.types(*types)
        self.numbers: list[float] = []
        self.vector = next(k for k, t in enumerate(types) if t.shape)
        self.replaced = {into: k for k, into in enumerate(op.replaces) if into >= 0}
        self.constants: list[str] = []

    def lines(self) -> list[str]:
        """The body of the function."""
        steps = [self._step(k, op, at) for k, (op, at) in enumerate(self.op.ops(), self.given)]
        inside = [line for k, line in enumerate(steps, self.given) if self.types[k].shape]
        once = [line for k, line in enumerate(steps, self.given) if not self.types[k].shape]
        reads = [f"x{k} = {self._array(k)}[i]" for k in range(self.given) if self.types[k].shape]
        writes = [f"o{n}[i] = x{k}" for n, k in enumerate(self.op.results)]
        loop = (*reads, *inside, *writes)
        return [
            *self._arrays(),
            *(f"x{k} = v{k}[()]" for k in range(self.given) if not self.types[k].shape),
            *self.constants,
            *once,
            f"for i in range(v{self.vector}.size):",
            *(f"    {line}" for line in loop),
        ]

    def _arrays(self) -> list[str]:
        """Names for the results, and the old content where it is to be replaced."""
        single = len(self.op.results) == 1
        named = ["o0 = out" if single else f"o{n} = out[{n}]" for n in range(len(self.op.results))]
        moved = [
            line
            for k, n in self.replaced.items()
            for line in (f"if v{k}.ctypes.data != o{n}.ctypes.data:", f"    o{n}[:] = v{k}")
        ]
        return named + moved

    def _array(self, k: int) -> str:
        return f"o{self.replaced[k]}" if k in self.replaced else f"v{k}"

    def _step(self, k: int, op: Op, places: tuple[int, ...]) -> str:
        """x_k = the call of an op, on the numbers at these places."""
        if isinstance(op, Cast):
            return f"x{k} = np.{np.dtype(op.dtype).name}(x{places[0]})"
        call = op.call(*(self.types[place] for place in places))
        assert call is not None
        arguments = call.arguments or tuple(map(Operand, range(len(places))))
        shown = ", ".join(self._argument(argument, places) for argument in arguments)
        return f"x{k} = {call.name}({shown})"

    def _argument(self, argument: object, places: tuple[int, ...]) -> str:
        match argument:
            case Operand(index):
                return f"x{places[index]}"
            case Fill(value, like) | ScalarArgument(value, like):
                name = f"c{len(self.numbers)}"
                dtype = self.types[places[like]].dtype
                self.constants.append(f"{name} = np.{dtype}(numbers[{len(self.numbers)}])")
                self.numbers.append(value)
                return name
        raise AssertionError(f"fused: {argument} is no argument of an elementwise call")
