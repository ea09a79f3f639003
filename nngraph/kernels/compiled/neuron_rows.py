"""Rows of numbers, of many samples each, as the kernels of stretches copy, add and combine them."""

from __future__ import annotations

from typing import Any

from nngraph.kernels.compiled import lanes
from nngraph.kernels.compiled.jit import kernel_calling
from nngraph.kernels.compiled.lanes import ahead

Address = Any

kernel = kernel_calling(lanes)


@kernel
def copy(source: Address, target: Address, many: int) -> None:
    """target = source."""
    for k in range(many):
        target[k] = source[k]


@kernel
def copy_rows(
    source: Address, stride: int, target: Address, to_stride: int, rows: int, many: int
) -> None:
    """Rows of so many numbers, from and to places so far from each other."""
    if stride == many and to_stride == many:
        copy(source, target, rows * many)
        return
    for row in range(rows):
        copy(ahead(source, row * stride), ahead(target, row * to_stride), many)


@kernel
def add(source: Address, target: Address, many: int) -> None:
    """target += source."""
    for k in range(many):
        target[k] += source[k]


@kernel
def scale(x: Address, factor: float, term: float, many: int) -> None:
    """x = factor x + term."""
    for k in range(many):
        x[k] = factor * x[k] + term


@kernel
def scaled(source: Address, factor: float, target: Address, many: int) -> None:
    """target = factor source."""
    for k in range(many):
        target[k] = factor * source[k]


@kernel
def combine(aggregate: int, x: Address, weight: float, z: Address, many: int) -> None:
    """x = the aggregate of x and w z."""
    if aggregate == 1:
        for k in range(many):
            x[k] *= weight * z[k]
    elif aggregate == 2:
        for k in range(many):
            term, old = weight * z[k], x[k]
            x[k] = old if old >= term or old != old else term
    else:
        for k in range(many):
            term, old = weight * z[k], x[k]
            x[k] = old if old <= term or old != old else term


@kernel
def share_of_product(terms: Address, delta: Address, into: Address, many: int, width: int) -> None:
    """The cotangent of each term of a product: times those before it and those behind it.

    A row of numbers lies behind the terms.
    """
    product = ahead(terms, many * width)
    copy(delta, product, width)
    for e in range(many):
        term, to = ahead(terms, e * width), ahead(into, e * width)
        for k in range(width):
            before = product[k]
            to[k] = before
            product[k] = before * term[k]
    copy(ahead(terms, (many - 1) * width), product, width)
    for e in range(many - 2, -1, -1):
        term, to = ahead(terms, e * width), ahead(into, e * width)
        for k in range(width):
            behind = product[k]
            to[k] *= behind
            product[k] = behind * term[k]


@kernel
def share_of_extreme(
    aggregate: int, terms: Address, delta: Address, into: Address, many: int, width: int, one: float
) -> None:
    """The cotangents of terms of which one is the aggregate: whole for it, in equal parts where
    several are. Two rows of numbers lie behind the terms."""
    extreme, zero = ahead(terms, many * width), one - one
    share = ahead(extreme, width)
    copy(terms, extreme, width)
    for e in range(1, many):
        combine(aggregate, extreme, one, ahead(terms, e * width), width)
    for k in range(width):
        share[k] = zero
    for e in range(many):
        term = ahead(terms, e * width)
        for k in range(width):
            is_it = one if term[k] == extreme[k] else zero
            term[k] = is_it
            share[k] += is_it
    for k in range(width):
        share[k] = delta[k] / share[k]
    for e in range(many):
        term, to = ahead(terms, e * width), ahead(into, e * width)
        for k in range(width):
            to[k] = term[k] * share[k]
