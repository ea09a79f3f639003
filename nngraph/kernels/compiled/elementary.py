"""Elementary functions inside of kernels, made to vectorise for float32.

e^x = 2^n e^r with |r| <= ln 2 / 2: n ln 2 is taken off in two parts, of which the first is exact,
and 2^n is put together from its bits. Functions that float32 rounds anyway are computed in float64
where that keeps their reduction short. Relative errors are below 3e-7. For float64 the C library is
called, which is exact and does not vectorise.
Source: Muller, Elementary functions (2016), chapters 3 and 11.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numba import types
from numba.extending import overload

from nngraph.kernels.compiled.jit import kernel
from nngraph.kernels.error_function import MIDDLE, SINGLE

Address = Any

F, N, L, D = np.float32, np.int32, np.int64, np.float64

# ---- e^x and its relatives

LOWEST, HIGHEST = F(-104.0), F(89.0)  # beyond, e^x is 0 or infinite
TANH_IS_ONE = F(10.0)
LN2 = math.log(2.0)
OVER_LN2 = F(1.0 / LN2)
HIGH, LOW = F(355.0 / 512.0), F(-2.1219444005469057e-04)
HALF, ONE, TWO = F(0.5), F(1.0), F(2.0)
R2, R3, R4, R5, R6, R7 = (F(1.0 / math.factorial(k)) for k in range(2, 8))


@kernel
def _above_one(r: np.float32) -> np.float32:
    """e^r - 1 for small r."""
    p = ((((R7 * r + R6) * r + R5) * r + R4) * r + R3) * r + R2
    return p * r * r + r


@kernel
def _reduced(x: np.float32) -> tuple[np.int32, np.float32]:
    """n and e^r - 1, where x = n ln 2 + r."""
    n = np.floor(x * OVER_LN2 + HALF)
    return N(n), _above_one((x - n * HIGH) - n * LOW)


@kernel
def _power_of_two(n: np.int32) -> np.float32:
    """2^n for a normal number."""
    return N((n + N(127)) << N(23)).view(F)


@kernel
def exp_single(x: np.float32) -> np.float32:
    """e^x; 2^n in two factors, since alone it may be too small for a float."""
    y = x if x > LOWEST else LOWEST
    y = y if y < HIGHEST else HIGHEST
    n, p = _reduced(y)
    half = N(n >> N(1))
    e = (p + ONE) * _power_of_two(half) * _power_of_two(N(n - half))
    return e if x == x else x


@kernel
def expm1_single(x: np.float32) -> np.float32:
    """e^x - 1, exact near 0: 2^n (e^r - 1) + (2^n - 1)."""
    y = x if x > F(-20.0) else F(-20.0)
    y = y if y < HIGHEST else HIGHEST
    n, p = _reduced(y)
    half = N(n >> N(1))
    first, second = _power_of_two(half), _power_of_two(N(n - half))
    e = (p * first + (first - ONE / second)) * second
    return e if x == x else x


@kernel
def tanh_single(x: np.float32) -> np.float32:
    """m / (m + 2) with m = e^2x - 1."""
    y = x if x > -TANH_IS_ONE else -TANH_IS_ONE
    y = y if y < TANH_IS_ONE else TANH_IS_ONE
    n, p = _reduced(y + y)
    power = _power_of_two(n)
    m = p * power + (power - ONE)
    t = m / (m + TWO)
    return t if x == x else x


# ---- the complementary error function, by the series of `nngraph.kernels.error_function`

FARTHEST, CENTRE = F(10.5), F(MIDDLE)  # erfc(10.5) is 0 in float32
C0, C1, C2, C3, C4, C5, C6, C7, C8, C9, C10, C11 = map(F, SINGLE)


@kernel
def erfc_single(x: np.float32) -> np.float32:
    """erfc x; z^2 is exact, and reduced, in float64."""
    z = abs(x)
    z = z if z < FARTHEST else FARTHEST
    t = (z - CENTRE) / (z + CENTRE)
    p = ((((C11 * t + C10) * t + C9) * t + C8) * t + C7) * t + C6
    p = (((((p * t + C5) * t + C4) * t + C3) * t + C2) * t + C1) * t + C0
    p = p / (ONE + TWO * z)
    square = -D(z) * D(z)
    whole = np.floor(square * (1.0 / LN2) + 0.5)
    n = N(whole)
    half = N(n >> N(1))
    e = _above_one(F(square - whole * LN2)) + ONE
    p = p * e * _power_of_two(half) * _power_of_two(N(n - half))
    p = p if x >= F(0.0) else TWO - p
    return p if x == x else x


# ---- logarithms: ln x = e ln 2 + 2 artanh((m - 1) / (m + 1)), x = 2^e m

ROOT_HALF = math.sqrt(0.5)
A3, A5, A7, A9, A11, A13 = (1.0 / k for k in range(3, 15, 2))


@kernel
def _log_above(x: float) -> float:
    """ln x of a normal positive number, to 1e-11."""
    bits = D(x).view(L)
    e = L(bits >> L(52)) - L(1023)
    m = L((bits & L(0xFFFFFFFFFFFFF)) | L(0x3FE0000000000000)).view(D)  # in [1/2, 1)
    small = m < ROOT_HALF
    m = m + m if small else m
    power = D(e) if small else D(e + 1)
    s = (m - 1.0) / (m + 1.0)
    q = s * s
    series = (((((A13 * q + A11) * q + A9) * q + A7) * q + A5) * q + A3) * q + 1.0
    return power * LN2 + 2.0 * s * series


@kernel
def _extended(x: float, found: float) -> float:
    """The logarithm at 0, infinity, below 0, and of what is no number."""
    y = found if x < math.inf else x
    y = y if x > 0.0 else -math.inf
    return y if x >= 0.0 else math.nan


@kernel
def log_single(x: np.float32) -> np.float32:
    """ln x."""
    y = D(x)
    return F(_extended(y, _log_above(y)))


@kernel
def log1p_single(x: np.float32) -> np.float32:
    """ln(1 + x), exact near 0."""
    y = D(x)
    near = y * (1.0 - y * (0.5 - y * (1.0 / 3.0 - y * 0.25)))
    found = _extended(1.0 + y, _log_above(1.0 + y))
    return F(near if abs(y) < 1e-3 else found)


# ---- sine and cosine: x = n pi + r, |r| <= pi / 2

PI_HIGH, PI_LOW = 3.140625, math.pi - 3.140625
FEW_TURNS = 1e7
T3, T5, T7, T9, T11, T13, T15 = ((-1.0) ** (k // 2) / math.factorial(k) for k in range(3, 17, 2))


@kernel
def _sine(n: float, r: float) -> float:
    """(-1)^n sin r."""
    q = r * r
    series = ((((((T15 * q + T13) * q + T11) * q + T9) * q + T7) * q + T5) * q + T3) * q + 1.0
    odd = n - 2.0 * np.floor(n * 0.5)
    sine: float = r * series * (1.0 - 2.0 * odd)
    return sine


@kernel
def sin_single(x: np.float32) -> np.float32:
    """sin x for |x| below ten millions."""
    y = D(x)
    n = np.floor(y * (1.0 / math.pi) + 0.5)
    return F(_sine(n, (y - n * PI_HIGH) - n * PI_LOW))


@kernel
def cos_single(x: np.float32) -> np.float32:
    """cos x = sin(x + pi / 2) for |x| below ten millions."""
    y = D(x)
    n = np.floor(y * (1.0 / math.pi) + 1.0)
    m = n - 0.5
    return F(_sine(n, (y - m * PI_HIGH) - m * PI_LOW))


# ---- by dtype


def _of(short: Callable[[Any], Any], long: Callable[[Any], Any]) -> Any:
    """A function inside of kernels that is `short` for float32 and `long` for float64."""

    def function(x: Any) -> Any:
        raise NotImplementedError

    def single(x: Any) -> Any:
        return short(x)

    def double(x: Any) -> Any:
        return long(x)

    def choose(x: Any) -> Any:
        return single if x == types.float32 else double

    overload(function)(choose)
    return function


exp = _of(exp_single, math.exp)
expm1 = _of(expm1_single, math.expm1)
tanh = _of(tanh_single, math.tanh)
erfc = _of(erfc_single, math.erfc)
log = _of(log_single, np.log)
log1p = _of(log1p_single, np.log1p)
sin = _of(sin_single, np.sin)
cos = _of(cos_single, np.cos)


# ---- by number


@kernel
def apply(code: int, x: Address, y: Address, out: Address, many: int, one: float) -> None:
    """out = the function of this number of x and y, which must not overlap with it.

    Numbers are those of `neuron_tables.CODES`; true is 1 and false is 0.
    """
    zero = one - one
    if code < 12:
        _apply_to_two(code, x, y, out, many, one)
    elif code == 12:
        for k in range(many):
            out[k] = -x[k]
    elif code == 13:
        for k in range(many):
            out[k] = abs(x[k])
    elif code == 14:
        for k in range(many):
            out[k] = x[k] * x[k]
    elif code == 15:
        for k in range(many):
            out[k] = np.sqrt(x[k])
    elif code == 16:
        for k in range(many):
            s = one if x[k] > zero else -one if x[k] < zero else x[k]
            out[k] = s
    elif code == 17:
        for k in range(many):
            out[k] = one / x[k]
    elif code == 18:
        for k in range(many):
            out[k] = exp(x[k])
    elif code == 19:
        for k in range(many):
            out[k] = expm1(x[k])
    elif code == 20:
        for k in range(many):
            out[k] = log(x[k])
    elif code == 21:
        for k in range(many):
            out[k] = log1p(x[k])
    elif code == 22:
        for k in range(many):
            out[k] = tanh(x[k])
    elif code == 25:
        for k in range(many):
            out[k] = erfc(x[k])
    elif _are_few_turns(x, many):
        if code == 23:
            for k in range(many):
                out[k] = sin(x[k])
        else:
            for k in range(many):
                out[k] = cos(x[k])
    else:
        for k in range(many):
            out[k] = np.sin(x[k]) if code == 23 else np.cos(x[k])


@kernel
def _are_few_turns(x: Address, many: int) -> bool:
    most = abs(x[0])
    for k in range(many):
        most = max(most, abs(x[k]))
    return bool(most < FEW_TURNS)


@kernel
def _apply_to_two(code: int, x: Address, y: Address, out: Address, many: int, one: float) -> None:
    zero = one - one
    if code == 0:
        for k in range(many):
            out[k] = x[k] + y[k]
    elif code == 1:
        for k in range(many):
            out[k] = x[k] - y[k]
    elif code == 2 or code == 9:
        for k in range(many):
            out[k] = x[k] * y[k]
    elif code == 3:
        for k in range(many):
            out[k] = x[k] / y[k]
    elif code == 4:
        for k in range(many):
            out[k] = x[k] if x[k] >= y[k] or x[k] != x[k] else y[k]
    elif code == 5:
        for k in range(many):
            out[k] = x[k] if x[k] <= y[k] or x[k] != x[k] else y[k]
    elif code == 6:
        for k in range(many):
            out[k] = one if x[k] > y[k] else zero
    elif code == 7:
        for k in range(many):
            out[k] = one if x[k] >= y[k] else zero
    elif code == 8:
        for k in range(many):
            out[k] = one if x[k] < y[k] else zero
    elif code == 10:
        for k in range(many):
            s = one if x[k] > zero else zero
            out[k] = y[k] if x[k] == zero else x[k] if x[k] != x[k] else s
    else:
        for k in range(many):
            out[k] = x[k] ** y[k]
