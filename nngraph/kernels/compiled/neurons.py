"""Stretches of single neurons, compiled: all levels in one call, some samples at a time.

Within, what a unit gives lies in one run of `width` samples, so that a connection is a product and
a sum of sixteen numbers at a time (`lanes`). Formulas are steps over the samples of as many neurons
as fit in the first cache (`elementary.apply`). Tables say what is read: see `neuron_tables`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.kernels.compiled import elementary, lanes, neuron_rows
from nngraph.kernels.compiled.elementary import apply
from nngraph.kernels.compiled.jit import kernel_calling
from nngraph.kernels.compiled.lanes import (
    add_product,
    add_scaled,
    address,
    ahead,
    load,
    spread,
    store,
    total,
)
from nngraph.kernels.compiled.neuron_rows import (
    add,
    combine,
    copy,
    copy_rows,
    scale,
    scaled,
    share_of_extreme,
    share_of_product,
)
from nngraph.kernels.compiled.neuron_tables import SEGMENT

Floats = NDArray[Any]
Whole = NDArray[np.int32]
Address = Any

kernel = kernel_calling(elementary, lanes, neuron_rows)


@kernel
def _add_terms(
    z: Address, sources: Address, w: Address, slots: Address, some: tuple[int, int], width: int,
    out: Address,
) -> None:  # fmt: skip
    """out += sum of w z over some edges."""
    first, last = some
    if width == 1:
        found = out[0]
        for e in range(first, last):
            found += w[slots[e]] * z[sources[e]]
        out[0] = found
        return
    k = 0
    while k + 64 <= width:
        a, b, c, d = load(out, k), load(out, k + 16), load(out, k + 32), load(out, k + 48)
        for e in range(first, last):
            row, weight = sources[e] * width + k, w[slots[e]]
            a = add_scaled(a, weight, z, row)
            b = add_scaled(b, weight, z, row + 16)
            c = add_scaled(c, weight, z, row + 32)
            d = add_scaled(d, weight, z, row + 48)
        store(out, k, a)
        store(out, k + 16, b)
        store(out, k + 32, c)
        store(out, k + 48, d)
        k += 64
    while k < width:
        a = load(out, k)
        for e in range(first, last):
            a = add_scaled(a, w[slots[e]], z, sources[e] * width + k)
        store(out, k, a)
        k += 16


@kernel
def _combine_all(
    aggregate: int, z: Address, sources: Address, w: Address, slots: Address,
    some: tuple[int, int], width: int, out: Address,
) -> None:  # fmt: skip
    """out = the aggregate of w z over some edges."""
    first, last = some
    weight, row = w[slots[first]], ahead(z, sources[first] * width)
    for k in range(width):
        out[k] = weight * row[k]
    for e in range(first + 1, last):
        combine(aggregate, out, w[slots[e]], ahead(z, sources[e] * width), width)


@kernel
def _run(
    steps: Address, first: int, last: int, registers: Address, room: int, many: int, one: float
) -> None:
    """The steps of a formula on so many numbers of each register."""
    for step in range(4 * first, 4 * last, 4):
        x, y = ahead(registers, steps[step + 1] * room), ahead(registers, steps[step + 2] * room)
        apply(steps[step], x, y, ahead(registers, steps[step + 3] * room), many, one)


@kernel
def _spread_slopes(
    registers: Address, room: int, w: Address, slopes: Address, most: int, learned: int,
    many: int, width: int,
) -> None:  # fmt: skip
    """What neurons learn, each number beside the samples of its neuron."""
    for k in range(learned):
        for j in range(many):
            number, at = w[slopes[j * most + k]], k * room + j * width
            for sample in range(width):
                registers[at + sample] = number


@kernel
def states_of(
    x: Floats, w: Floats, table: Whole, memory: Floats, out: Floats, width: int, room: int
) -> None:
    """z and then a of all neurons, [2 S, N], of x [K, N].

    Memory holds a block of all units, and the registers of the formulas, `room` numbers each.
    """
    t, weights, samples = address(table), address(w), x.shape[1]
    sizes, sources, slots, offsets = (
        ahead(t, t[0]), ahead(t, t[1]), ahead(t, t[2]), ahead(t, t[3]),
    )  # fmt: skip
    biases, slopes, segments, steps = (
        ahead(t, t[4]), ahead(t, t[5]), ahead(t, t[6]), ahead(t, t[7]),
    )  # fmt: skip
    columns, neurons, many_segments, most = sizes[0], sizes[1], sizes[4], sizes[5]
    z, zero, one = address(memory), w.dtype.type(0), w.dtype.type(1)
    registers, at_once = ahead(z, (columns + neurons) * width), room // width
    for b in range(0, samples, width):
        taken = min(width, samples - b)
        copy_rows(ahead(address(x), b), samples, z, width, columns, taken)
        to_z, to_a = ahead(address(out), b), ahead(address(out), neurons * samples + b)
        for number in range(many_segments):
            segment = ahead(segments, number * SEGMENT)
            start, stop, aggregate, averages = segment[0], segment[1], segment[2], segment[3]
            for first in range(start, stop, at_once):
                many = min(at_once, stop - first)
                for j in range(first, first + many):
                    here, some = ahead(registers, (j - first) * width), (offsets[j], offsets[j + 1])
                    bias = weights[biases[j]] if biases[j] >= 0 else zero
                    if aggregate == 0:
                        begin = zero if averages else bias
                        for k in range(width):
                            here[k] = begin
                        _add_terms(z, sources, weights, slots, some, width, here)
                        if averages:
                            scale(here, w.dtype.type(one / (some[1] - some[0])), bias, width)
                    else:
                        _combine_all(aggregate, z, sources, weights, slots, some, width, here)
                        scale(here, one, bias, width)
                learned = segment[10]
                if learned > 0:
                    mine, to = ahead(slopes, first * most), ahead(registers, room)
                    _spread_slopes(to, room, weights, mine, most, learned, many, width)
                _run(steps, segment[4], segment[5], registers, room, many * width, one)
                result = ahead(registers, segment[6] * room)
                copy(result, ahead(z, (columns + first) * width), many * width)
                copy_rows(result, width, ahead(to_z, first * samples), samples, many, taken)
                copy_rows(registers, width, ahead(to_a, first * samples), samples, many, taken)


@kernel
def deltas_of(
    g: Floats, states: Floats, x: Floats, w: Floats, table: Whole, memory: Floats, out: Floats,
    width: int, room: int, places: Whole, reads_a: bool,
) -> None:  # fmt: skip
    """delta of all neurons, of what they learn and of edges that have their own, [height, N].

    Memory holds a block of these, where that is not all of them, of the cotangents of
    pre-activations where there are any, and then as many rows as a neuron has terms and two more,
    and the registers.
    """
    t, weights, samples = address(table), address(w), x.shape[1]
    sizes, sources, slots, offsets = (
        ahead(t, t[0]), ahead(t, t[1]), ahead(t, t[2]), ahead(t, t[3]),
    )  # fmt: skip
    slopes, segments, steps = ahead(t, t[5]), ahead(t, t[6]), ahead(t, t[7])
    out_offsets, out_rows, out_slots, read = (
        ahead(t, t[9]), ahead(t, t[10]), ahead(t, t[11]), address(places),
    )  # fmt: skip
    columns, neurons, height = sizes[0], sizes[1], sizes[2]
    many_segments, most, many_read = sizes[4], sizes[5], places.size
    zero, one, is_whole = w.dtype.type(0), w.dtype.type(1), width == samples
    # a block of all samples lies as the result does
    delta = address(out) if is_whole else address(memory)
    into_a = ahead(address(memory), 0 if is_whole else height * width)
    terms = ahead(into_a, neurons * width if reads_a else 0)
    registers = ahead(terms, (sizes[7] + 2) * width)
    at_once = room // width
    for b in range(0, samples, width):
        taken = min(width, samples - b)
        z_rows, a_rows = ahead(address(states), b), ahead(address(states), neurons * samples + b)
        for k in range(neurons * width):
            delta[k] = zero
        if reads_a:
            for k in range(neurons * width):
                into_a[k] = zero
        for k in range(many_read):
            at = read[k]
            to = ahead(delta, at * width) if at < neurons else ahead(into_a, (at - neurons) * width)
            add(ahead(address(g), k * samples + b), to, taken)
        for number in range(many_segments - 1, -1, -1):
            segment = ahead(segments, number * SEGMENT)
            start, stop, aggregate, averages = segment[0], segment[1], segment[2], segment[3]
            apart, learned = segment[9], segment[10]
            for first in range(start, stop, at_once):
                many = min(at_once, stop - first)
                size, here = many * width, ahead(delta, first * width)
                for j in range(first, first + many):
                    some = out_offsets[columns + j], out_offsets[columns + j + 1]
                    mine = ahead(delta, j * width)
                    _add_terms(delta, out_rows, weights, out_slots, some, width, mine)
                copy(here, registers, size)
                to = ahead(registers, room)
                copy_rows(ahead(z_rows, first * samples), samples, to, width, many, taken)
                to = ahead(registers, 2 * room)
                copy_rows(ahead(a_rows, first * samples), samples, to, width, many, taken)
                if learned > 0:
                    mine, to = ahead(slopes, first * most), ahead(registers, 3 * room)
                    _spread_slopes(to, room, weights, mine, most, learned, many, width)
                _run(steps, segment[7], segment[8], registers, room, size, one)
                for k in range(1 + learned):
                    row = (
                        first if k == 0 else segment[11] + (k - 1) * (stop - start) + first - start
                    )
                    to, result = ahead(delta, row * width), segment[12 + k]
                    if result < 0:
                        for i in range(size):
                            to[i] = zero
                    else:
                        copy(ahead(registers, result * room), to, size)
                if reads_a:
                    add(ahead(into_a, first * width), here, size)
                if apart < 0:
                    continue
                for j in range(first, first + many):
                    mine, e, end = ahead(delta, j * width), offsets[j], offsets[j + 1]
                    if averages:
                        to = ahead(delta, (apart + j - start) * width)
                        copy(mine, to, width)
                        scale(to, w.dtype.type(one / (end - e)), zero, width)
                        continue
                    for k in range(e, end):
                        unit, to = sources[k], ahead(terms, (k - e) * width)
                        if unit < columns:
                            source = ahead(address(x), unit * samples + b)
                        else:
                            source = ahead(z_rows, (unit - columns) * samples)
                        scaled(source, weights[slots[k]], to, taken)
                    to = ahead(delta, (apart + e - offsets[start]) * width)
                    if aggregate == 1:
                        share_of_product(terms, mine, to, end - e, width)
                    else:
                        share_of_extreme(aggregate, terms, mine, to, end - e, width, one)
        if not is_whole:
            copy_rows(delta, width, ahead(address(out), b), samples, height, taken)


@kernel
def _dot(x: Address, y: Address, many: int, zero: float) -> float:
    """The sum of products of two runs."""
    a, b, at = spread(zero), spread(zero), 0
    while at + 32 <= many:
        a = add_product(a, x, at, y, at)
        b = add_product(b, x, at + 16, y, at + 16)
        at += 32
    if at + 16 <= many:
        a = add_product(a, x, at, y, at)
        at += 16
    found = total(a) + total(b) if many >= 16 else zero
    while at < many:
        found += x[at] * y[at]
        at += 1
    return found


@kernel
def weights_of(delta: Floats, states: Floats, x: Floats, table: Whole, out: Floats) -> None:
    """dL/dw_ij = sum over samples of delta_j z_i, by slot."""
    t, samples, zero = address(table), x.shape[1], x.dtype.type(0)
    sizes, sources, slots, biases, rows = (
        ahead(t, t[0]), ahead(t, t[1]), ahead(t, t[2]), ahead(t, t[4]), ahead(t, t[8]),
    )  # fmt: skip
    learned_slots, learned_rows = ahead(t, t[12]), ahead(t, t[13])
    columns, neurons, edges, many_learned = sizes[0], sizes[1], sizes[3], sizes[6]
    of, z, given = address(delta), address(states), address(x)
    sums, ones = np.zeros(out.size), np.ones(samples, x.dtype)
    for e in range(edges):
        unit, row = sources[e], ahead(of, rows[e] * samples)
        from_x = unit < columns
        source = ahead(given, unit * samples) if from_x else ahead(z, (unit - columns) * samples)
        sums[slots[e]] += _dot(row, source, samples, zero)
    for j in range(neurons):
        if biases[j] >= 0:
            sums[biases[j]] += _dot(ahead(of, j * samples), address(ones), samples, zero)
    for k in range(many_learned):
        row = ahead(of, learned_rows[k] * samples)
        sums[learned_slots[k]] += _dot(row, address(ones), samples, zero)
    for k in range(out.size):
        out[k] = sums[k]
    ones[0] = zero  # it lives to the end


@kernel
def sources_of(delta: Floats, w: Floats, table: Whole, out: Floats) -> None:
    """dL/dx_i = sum over the edges that leave column i of w delta, [K, N]."""
    t, samples, zero = address(table), out.shape[1], w.dtype.type(0)
    out_offsets, out_rows, out_slots = ahead(t, t[9]), ahead(t, t[10]), ahead(t, t[11])
    for i in range(out.shape[0]):
        here = ahead(address(out), i * samples)
        for k in range(samples):
            here[k] = zero
        for e in range(out_offsets[i], out_offsets[i + 1]):
            weight, there = w[out_slots[e]], ahead(address(delta), out_rows[e] * samples)
            for k in range(samples):
                here[k] += weight * there[k]
