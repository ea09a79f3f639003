"""Random streams by definition: every number is a pure function of a key and a position.

A key belongs to one thing and one purpose (the weights of one edge, the shuffling of the data), so
a new node never shifts the numbers of another, and a resumed run needs no saved generator. The raw
words are Philox4x64-10; the distributions on top use + - * / sqrt and bit operations only, which
IEEE 754 fixes to the last bit, so that the numbers are the same on every platform.

Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Shape = int | Sequence[int]

WORDS_PER_BLOCK = 4
_LN2_HIGH = 6.93147180369123816490e-01  # ln 2 = high + low; the low bits of high are zero,
_LN2_LOW = 1.90821492927058770002e-10  # so that exponent * high is exact (fdlibm's split)
_LOG_TERMS = 12  # s^2 <= 0.0295, so the first dropped term is below 2^-63


def key(seed: int, id: str, purpose: str) -> NDArray[np.uint64]:
    """The key of one stream, uint64[2]: a hash of seed, id and purpose.

    >>> key(0, "x->h", "weight").shape
    (2,)
    """
    # lengths in front, so that no two different triples give the same text
    text = f"nngraph stream|{seed}|{len(id)}|{id}|{len(purpose)}|{purpose}"
    digest = hashlib.sha256(text.encode()).digest()
    return np.frombuffer(digest, "<u8", count=2).astype(np.uint64)


def raw(key: NDArray[np.uint64], count: int, block: int = 0, step: int = 0) -> NDArray[np.uint64]:
    """`count` raw words of Philox4x64-10, uint64[count].

    The position is the counter (block, step, 0, 0); each block holds 4 words, so word i of a
    position can be had alone from block + i // 4.
    """
    generator = np.random.Philox(key=key, counter=np.array([block, step, 0, 0], np.uint64))
    return np.asarray(generator.random_raw(count), np.uint64)


def uniform(
    key: NDArray[np.uint64],
    shape: Shape,
    low: float = 0.0,
    high: float = 1.0,
    *,
    block: int = 0,
    step: int = 0,
) -> NDArray[np.float64]:
    """Numbers spread evenly from low to high, float64[shape]: 53 random bits each."""
    words = raw(key, _count(shape), block, step)
    fraction = (words >> np.uint64(11)).astype(np.float64) * 2.0**-53
    return (low + (high - low) * fraction).reshape(shape)


def normal(
    key: NDArray[np.uint64],
    shape: Shape,
    mean: float = 0.0,
    stddev: float = 1.0,
    *,
    block: int = 0,
    step: int = 0,
) -> NDArray[np.float64]:
    """Normally distributed numbers, float64[shape]: the quantile function at 52 random bits."""
    probability = _inside(raw(key, _count(shape), block, step))
    return (mean + stddev * normal_quantile(probability)).reshape(shape)


WITHIN_TWO = 0.9544997361036416  # of a normal distribution lies within two standard deviations


def truncated_normal(
    key: NDArray[np.uint64],
    shape: Shape,
    mean: float = 0.0,
    stddev: float = 1.0,
    *,
    block: int = 0,
    step: int = 0,
) -> NDArray[np.float64]:
    """Normally distributed numbers of which those beyond two standard deviations are left out,
    float64[shape]: the quantile function on what is between."""
    probability = _inside(raw(key, _count(shape), block, step))
    between = 0.5 + WITHIN_TWO * (probability - 0.5)
    return (mean + stddev * normal_quantile(between)).reshape(shape)


def _inside(words: NDArray[np.uint64]) -> NDArray[np.float64]:
    """52 bits and a half, exact in float64: never 0 and never 1."""
    return ((words >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52


def permutation(key: NDArray[np.uint64], n: int, step: int = 0) -> NDArray[np.int64]:
    """The numbers 0 to n - 1 in random order, int64[n]: the order of n random words."""
    # words that collide (n^2 / 2^65 of all orders) keep their order, on every platform
    return np.argsort(raw(key, n, step=step), kind="stable").astype(np.int64)


def _count(shape: Shape) -> int:
    return shape if isinstance(shape, int) else math.prod(shape)


# Coefficients of Wichura's PPND16, from the constant upwards: numerator and denominator.
_CENTRE = (
    (
        3.3871328727963666080e0,
        1.3314166789178437745e2,
        1.9715909503065514427e3,
        1.3731693765509461125e4,
        4.5921953931549871457e4,
        6.7265770927008700853e4,
        3.3430575583588128105e4,
        2.5090809287301226727e3,
    ),
    (
        1.0,
        4.2313330701600911252e1,
        6.8718700749205790830e2,
        5.3941960214247511077e3,
        2.1213794301586595867e4,
        3.9307895800092710610e4,
        2.8729085735721942674e4,
        5.2264952788528545610e3,
    ),
)
_MIDDLE = (
    (
        1.42343711074968357734e0,
        4.63033784615654529590e0,
        5.76949722146069140550e0,
        3.64784832476320460504e0,
        1.27045825245236838258e0,
        2.41780725177450611770e-1,
        2.27238449892691845833e-2,
        7.74545014278341407640e-4,
    ),
    (
        1.0,
        2.05319162663775882187e0,
        1.67638483018380384940e0,
        6.89767334985100004550e-1,
        1.48103976427480074590e-1,
        1.51986665636164571966e-2,
        5.47593808499534494600e-4,
        1.05075007164441684324e-9,
    ),
)
_FAR = (
    (
        6.65790464350110377720e0,
        5.46378491116411436990e0,
        1.78482653991729133580e0,
        2.96560571828504891230e-1,
        2.65321895265761230930e-2,
        1.24266094738807843860e-3,
        2.71155556874348757815e-5,
        2.01033439929228813265e-7,
    ),
    (
        1.0,
        5.99832206555887937690e-1,
        1.36929880922735805310e-1,
        1.48753612908506148525e-2,
        7.86869131145613259100e-4,
        1.84631831751005468180e-5,
        1.42151175831644588870e-7,
        2.04426310338993978564e-15,
    ),
)


def normal_quantile(probability: NDArray[np.float64]) -> NDArray[np.float64]:
    """The z with P(Z <= z) = probability for a standard normal Z; relative error about 1e-16.

    Types: probabilities strictly between 0 and 1, float64, any shape.
    Source: Wichura, "Algorithm AS 241: the percentage points of the normal distribution",
    Applied Statistics 37 (1988), routine PPND16.
    """
    q = probability - 0.5
    result = q * _ratio(_CENTRE, 0.180625 - q * q)
    tail = np.abs(q) > 0.425
    q_tail = q[tail]
    nearer = np.where(q_tail < 0, probability[tail], 1.0 - probability[tail])
    r = np.sqrt(-natural_log(nearer))
    size = np.where(r <= 5.0, _ratio(_MIDDLE, r - 1.6), _ratio(_FAR, r - 5.0))
    result[tail] = np.where(q_tail < 0, -size, size)
    return result


def _ratio(
    coefficients: tuple[tuple[float, ...], tuple[float, ...]], x: NDArray[np.float64]
) -> NDArray[np.float64]:
    numerator, denominator = coefficients
    return _polynomial(numerator, x) / _polynomial(denominator, x)


def _polynomial(coefficients: Sequence[float], x: NDArray[np.float64]) -> NDArray[np.float64]:
    total = np.full_like(x, coefficients[-1])
    for coefficient in reversed(coefficients[:-1]):
        total = total * x + coefficient
    return total


def natural_log(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """ln x from arithmetic alone, for positive normal numbers; error about one unit in the last
    place. The library's logarithm differs between platforms, this one cannot.

    x = m 2^e with m in [sqrt(1/2), sqrt(2)); ln m = 2 artanh(s), s = (m - 1) / (m + 1).
    """
    mantissa, exponent = np.frexp(x)
    low = mantissa < math.sqrt(0.5)
    mantissa = np.where(low, 2.0 * mantissa, mantissa)
    exponent = (exponent - low).astype(np.float64)
    s = (mantissa - 1.0) / (mantissa + 1.0)
    series = _polynomial([2.0 / (2 * k + 3) for k in range(_LOG_TERMS)], s * s)
    small = s * (s * s * series) + exponent * _LN2_LOW
    return exponent * _LN2_HIGH + (2.0 * s + small)
