"""Steps of training one after the other, in one compiled loop over tables of calls.

A step of a tiny network is thirty calls of a quarter of a microsecond each, of which the numbers
take a hundredth. Here the calls are rows of a table: what is called, and where in one flat buffer
operands and result lie. One loop, written once for all networks, walks the rows, step after step.

A row holds CODE, the extents N0, N1, N2 of its loops, and for the result and two operands the place
of their first number and the distances to the next one along N0 and N1. Numbers lie in `F`, which
has the dtype of the network (truth is 1 and 0 there), or in `D`, float64 scalars; WIDE says in
which. What the codes of elementwise functions mean is said by `_of_one` and `_of_two`; a test holds
each to the NumPy function that it stands for.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.kernels.compiled.jit import kernel

Table = NDArray[np.int64]
Buffer = NDArray[Any]

ONE_OPERAND: tuple[Any, ...] = (
    np.positive,
    np.negative,
    np.absolute,
    np.square,
    np.sqrt,
    np.reciprocal,
    np.exp,
    np.expm1,
    np.log,
    np.log1p,
    np.tanh,
    np.sin,
    np.cos,
    np.sign,
)
TWO_OPERANDS: tuple[Any, ...] = (
    np.add,
    np.subtract,
    np.multiply,
    np.divide,
    np.maximum,
    np.minimum,
    np.power,
    np.heaviside,
    np.greater,
    np.greater_equal,
    np.less,
    np.less_equal,
    np.equal,
    np.logical_and,
)
CODES: dict[Any, int] = {
    **{function: code for code, function in enumerate(ONE_OPERAND)},
    **{function: 100 + code for code, function in enumerate(TWO_OPERANDS)},
}
"""The elementwise functions of NumPy that a table may hold."""

SUM, GREATEST, DOT, PRODUCT, WIDEN, NARROW = 200, 201, 202, 203, 204, 205
WIDTH = 14
"""Numbers of a row: the code, WIDE, N0, N1, N2, and three each for the result and two operands."""

FEED_WIDTH = 5
"""Of a row that says where rows of the data go: where an array begins in the data, the numbers of
a row, the place of the first one in `F`, the distances from row to row and along a row there."""


@kernel
def _of_one(code: int, x: Any, one: Any) -> Any:
    """The functions of ONE_OPERAND, in their order."""
    if code == 1:
        return -x
    if code == 2:
        return abs(x)
    if code == 3:
        return x * x
    if code == 4:
        return np.sqrt(x)
    if code == 5:
        return one / x
    if code == 6:
        return np.exp(x)
    if code == 7:
        return np.expm1(x)
    if code == 8:
        return np.log(x)
    if code == 9:
        return np.log1p(x)
    if code == 10:
        return np.tanh(x)
    if code == 11:
        return np.sin(x)
    if code == 12:
        return np.cos(x)
    if code == 13:
        return one if x > 0 else (-one if x < 0 else x)
    return x


@kernel
def _of_two(code: int, x: Any, y: Any, one: Any) -> Any:
    """The functions of TWO_OPERANDS, in their order; what is no number stays none."""
    zero = one - one
    if code == 100:
        return x + y
    if code == 101:
        return x - y
    if code == 102:
        return x * y
    if code == 103:
        return x / y
    if code == 104:
        return x if x >= y or x != x else y
    if code == 105:
        return x if x <= y or x != x else y
    if code == 106:
        return x**y
    if code == 107:
        return y if x == 0 else (one if x > 0 else (zero if x < 0 else x))
    if code == 108:
        is_true = x > y
    elif code == 109:
        is_true = x >= y
    elif code == 110:
        is_true = x < y
    elif code == 111:
        is_true = x <= y
    elif code == 112:
        is_true = x == y
    else:
        is_true = x != 0 and y != 0
    return one if is_true else zero


@kernel
def _call(table: Table, k: int, F: Buffer) -> None:
    """The call of one row; places move on by the distances of the row."""
    code, one = table[k, 0], F.dtype.type(1)
    o1, a1, b1 = table[k, 7], table[k, 10], table[k, 13]
    for i in range(table[k, 2]):
        o = table[k, 5] + i * table[k, 6]
        a = table[k, 8] + i * table[k, 9]
        b = table[k, 11] + i * table[k, 12]
        if code < 100:
            for _ in range(table[k, 3]):
                F[o] = _of_one(code, F[a], one)
                o, a = o + o1, a + a1
        elif code < 200:
            for _ in range(table[k, 3]):
                F[o] = _of_two(code, F[a], F[b], one)
                o, a, b = o + o1, a + a1, b + b1
        elif code == 203:
            b = table[k, 11]
            for j in range(table[k, 3]):
                total = one - one
                for m in range(table[k, 4]):
                    total += F[a + m * a1] * F[b + m * table[k, 12] + j * b1]
                F[o + j * o1] = total
        else:
            total = F[a] if code == 201 else one - one
            for j in range(table[k, 3]):
                x = F[a + j * a1]
                if code == 200:
                    total += x
                elif code == 202:
                    total += x * F[b + j * b1]
                else:
                    total = total if total >= x or total != total else x
            F[o] = total


@kernel
def call_all(table: Table, F: Buffer, D: Buffer) -> None:
    """The calls of a table."""
    for k in range(table.shape[0]):
        if table[k, 0] == 204:
            D[table[k, 5]] = F[table[k, 8]]
        elif table[k, 0] == 205:
            F[table[k, 5]] = D[table[k, 8]]
        elif table[k, 1] == 1:
            _call(table, k, D)
        else:
            _call(table, k, F)


@kernel
def _feed(feeds: Table, data: Buffer, F: Buffer, order: Table, first: int, count: int) -> None:
    """Copy the rows of a batch to where a step reads them."""
    for k in range(feeds.shape[0]):
        start, width, place = feeds[k, 0], feeds[k, 1], feeds[k, 2]
        for n in range(count):
            source = start + order[first + n] * width
            for j in range(width):
                F[place + n * feeds[k, 3] + j * feeds[k, 4]] = data[source + j]


@kernel
def _are_finite(F: Buffer, start: int, stop: int) -> bool:
    for k in range(start, stop):  # noqa: SIM110 (compiled)
        if not math.isfinite(F[k]):
            return False
    return True


@kernel
def take_steps(
    count: int,
    facts: NDArray[np.int64],
    whole: Table,
    short: Table,
    update: Table,
    feeds: Table,
    short_feeds: Table,
    data: Buffer,
    orders: Table,
    rates: NDArray[np.float64],
    F: Buffer,
    D: Buffer,
    bound: float,
    sums: NDArray[np.float64],
) -> int:
    """Take up to `count` steps; how many were taken. Fewer: the loss or the gradients of the next
    one are not finite, and the weights are as they were before it.

    `facts` are, in this order: rows of the data, of a batch; the first batch; steps taken so far;
    places in D of the rate and of the step's number; in F of the loss of a whole batch and of a
    short one; where the gradients, and the states, begin and end in F; steps between two flushes.
    `orders` has a row for each epoch, the first of which is under way; the losses of an epoch's
    batches times their rows are added to its element of `sums`. Where a batch is all rows, they lie
    in place already.
    """
    rows, size, batch, step = facts[0], facts[1], facts[2], facts[3]
    batches = (rows + size - 1) // size
    epoch = 0
    for done in range(count):
        first = batch * size
        own = min(size, rows - first)
        is_short = own < size
        if batches > 1:
            if is_short:
                _feed(short_feeds, data, F, orders[epoch], first, own)
            else:
                _feed(feeds, data, F, orders[epoch], first, own)
        if is_short:
            call_all(short, F, D)
        else:
            call_all(whole, F, D)
        loss = float(F[facts[7]] if is_short else F[facts[6]])
        if not (math.isfinite(loss) and _are_finite(F, facts[8], facts[9])):
            return done
        step += 1
        D[facts[4]], D[facts[5]] = rates[done], step
        call_all(update, F, D)
        if step % facts[12] == 0:
            for k in range(facts[10], facts[11]):
                if not abs(F[k]) >= bound:
                    F[k] *= F.dtype.type(0)
        sums[epoch] += loss * own
        batch += 1
        if batch == batches:
            batch, epoch = 0, epoch + 1
    return count
