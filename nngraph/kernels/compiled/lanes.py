"""Sixteen numbers at a time, held in registers, at addresses: what the innermost loops are made of.

A loop over arrays tests before it runs whether they overlap, and a part of an array is an object
that is counted: either takes longer than the sixteen products that a connection needs. These
functions are used inside of kernels alone; LLVM makes one, two or four instructions of each,
whatever the processor has. Who takes an address sees to it that the array lives
on, and that what is read and written lies in it.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic, models, register_model

LANES = 16


class Lanes(types.Type):
    """The type of sixteen numbers of one dtype."""

    def __init__(self, dtype: Any) -> None:
        self.dtype = dtype
        named: Any = super().__init__
        named(name=f"Lanes({dtype})")


@register_model(Lanes)
class _Model(models.PrimitiveModel):
    def __init__(self, manager: Any, of: Lanes) -> None:
        element = manager.lookup(of.dtype).get_data_type()
        parent: Any = super()
        parent.__init__(manager, of, ir.VectorType(element, LANES))


def _place(context: Any, builder: Any, kind: Any, address: Any, index: Any) -> Any:
    """Where sixteen elements begin."""
    vector = ir.VectorType(context.get_data_type(kind.dtype), LANES)
    return builder.bitcast(builder.gep(address, [index]), vector.as_pointer())


def _read(context: Any, builder: Any, kind: Any, address: Any, index: Any) -> Any:
    found = builder.load(_place(context, builder, kind, address, index))
    found.align = kind.dtype.bitwidth // 8
    return found


def _address(typing: Any, array: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        (kind,) = signature.args
        return context.make_array(kind)(context, builder, arguments[0]).data

    pointer: Any = types.CPointer
    return pointer(array.dtype)(array), generate


def _ahead(typing: Any, address: Any, count: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        place, index = arguments
        return builder.gep(place, [index])

    return address(address, types.intp), generate


def _alike(builder: Any, number: Any, vector: Any) -> Any:
    empty, index = ir.Constant(vector, ir.Undefined), ir.IntType(32)
    first = builder.insert_element(empty, number, ir.Constant(index, 0))
    zeros = ir.Constant(ir.VectorType(index, LANES), [0] * LANES)
    return builder.shuffle_vector(first, empty, zeros)


def _multiply_add(builder: Any, total: Any, x: Any, y: Any) -> Any:
    """One rounding for a product and its sum."""
    product = builder.fmul(x, y, flags=["contract"])
    return builder.fadd(total, product, flags=["contract"])


def _load(typing: Any, place: Any, index: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return _read(context, builder, signature.args[0], *arguments)

    return Lanes(place.dtype)(place, types.intp), generate


def _store(typing: Any, place: Any, index: Any, lanes: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        target, at, value = arguments
        kind = signature.args[0]
        written = builder.store(value, _place(context, builder, kind, target, at))
        written.align = kind.dtype.bitwidth // 8
        return context.get_dummy_value()

    return types.void(place, types.intp, lanes), generate


def _spread(typing: Any, number: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return _alike(builder, arguments[0], context.get_value_type(signature.return_type))

    return Lanes(number)(number), generate


def _add_scaled(typing: Any, total: Any, factor: Any, place: Any, index: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        lanes, number, source, at = arguments
        x = _read(context, builder, signature.args[2], source, at)
        return _multiply_add(builder, lanes, _alike(builder, number, x.type), x)

    return total(total, total.dtype, place, types.intp), generate


def _add_product(typing: Any, total: Any, x: Any, i: Any, y: Any, k: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        lanes, one, at_one, other, at_other = arguments
        first = _read(context, builder, signature.args[1], one, at_one)
        second = _read(context, builder, signature.args[3], other, at_other)
        return _multiply_add(builder, lanes, first, second)

    return total(total, x, types.intp, y, types.intp), generate


def _total(typing: Any, lanes: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        (x,), index, width = arguments, ir.IntType(32), LANES
        while width > 1:
            width //= 2
            parts = ir.VectorType(index, width)
            low = builder.shuffle_vector(x, x, ir.Constant(parts, list(range(width))))
            high = builder.shuffle_vector(x, x, ir.Constant(parts, list(range(width, 2 * width))))
            x = builder.fadd(low, high)
        return builder.extract_element(x, ir.Constant(index, 0))

    return lanes.dtype(lanes), generate


address: Any = intrinsic(_address)
"""address(array) is where its elements begin."""
ahead: Any = intrinsic(_ahead)
"""ahead(p, i) is the address of p[i]."""
load: Any = intrinsic(_load)
"""load(p, i) is p[i : i + 16]."""
store: Any = intrinsic(_store)
"""store(p, i, lanes) writes p[i : i + 16]."""
spread: Any = intrinsic(_spread)
"""spread(number) is sixteen times the number."""
add_scaled: Any = intrinsic(_add_scaled)
"""add_scaled(lanes, w, p, i) is lanes + w p[i : i + 16]."""
add_product: Any = intrinsic(_add_product)
"""add_product(lanes, x, i, y, k) is lanes + x[i : i + 16] y[k : k + 16]."""
total: Any = intrinsic(_total)
"""total(lanes) is their sum, halves added to halves."""
