"""Many values stay as they were given and are scaled where they are read, to the same bits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nngraph.data import normalizers
from nngraph.data.normalizers import (
    HELD_BY_FLOAT32,
    Normalizer,
    Scaled,
    apply_normalizers,
    as_read,
    read_scaled,
)
from nngraph.errors import DataError

DRAWS = np.random.default_rng(0)
SCALES = (
    Normalizer("none"),
    Normalizer("scale", scale=(255.0,)),
    Normalizer("scale", scale=(0.3,)),
    Normalizer("standard", (33.3, -2.0), (78.6, 1e-3)),
)


def values_of(kind: str, rows: int = 500) -> np.ndarray[Any, Any]:
    if kind == "bool":
        return DRAWS.integers(0, 2, (rows, 3, 2)).astype(bool)
    dtype = np.dtype(kind)
    if dtype.kind == "f":
        powers = DRAWS.uniform(-12, 4, (rows, 3, 2)) if kind == "float16" else 40
        return (DRAWS.standard_normal((rows, 3, 2)) * np.exp2(powers)).astype(dtype)
    low, high = np.iinfo(dtype).min, np.iinfo(dtype).max
    return DRAWS.integers(low, high, (rows, 3, 2), dtype, endpoint=True)


@pytest.mark.parametrize("scale", SCALES, ids=lambda s: f"{s.kind} {s.scale}")
@pytest.mark.parametrize("kind", [*HELD_BY_FLOAT32, "int32", "uint64", "float64"])
def test_values_are_what_float64_work_rounds_to(scale: Normalizer, kind: str) -> None:
    values = values_of(kind)
    numbers = values.astype(np.float64)
    if scale.kind != "none":
        numbers = (numbers - np.array(scale.shift)) / np.array(scale.scale)
    for dtype in (np.dtype(np.float32), np.dtype(np.float64)):
        np.testing.assert_array_equal(scale.scaled(values, dtype), numbers.astype(dtype))


def test_any_quotient_of_float32_is_rounded_once() -> None:
    pairs = DRAWS.integers(0, 2**32, (2, 200_000), np.uint32).view(np.float32)
    pairs = pairs[:, np.isfinite(pairs).all(axis=0) & (pairs[1] != 0)]
    for x, divisor in np.array_split(pairs, 400, axis=1)[0].T[:400]:
        scale = Normalizer("scale", scale=(float(divisor),))
        with np.errstate(over="ignore", under="ignore"):
            expected = np.float32(np.float64(x) / np.float64(divisor))
            assert scale.scaled(np.array([x]), np.dtype(np.float32))[0] == expected


@pytest.fixture
def nothing_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(normalizers, "AT_ONCE", 0)


@pytest.mark.usefixtures("nothing_at_once")
def test_rows_are_read_as_from_an_array_of_them_all() -> None:
    values = values_of("uint8", 50)
    numbers = np.array([3, 4, 9, 40])
    part = as_read(values, SCALES[1], "float32", numbers)
    expected = (values / 255.0).astype(np.float32)[numbers]
    assert isinstance(part, Scaled)
    assert (part.shape, part.size, len(part)) == ((4, 3, 2), 24, 4)
    for found, wanted in (
        (part[1:3], expected[1:3]),
        (part[-1], expected[-1]),
        (part[np.array([2, 0])], expected[[2, 0]]),
        (part.take(np.array([1, 1])), expected[[1, 1]]),
        (np.concatenate(list(part.chunks())), expected),
        (np.asarray(part), expected),
    ):
        np.testing.assert_array_equal(found, wanted)
        assert found.dtype == np.float32


@pytest.mark.usefixtures("nothing_at_once")
def test_values_of_the_right_type_are_given_on_without_a_copy() -> None:
    values = values_of("float32")
    assert as_read(values, Normalizer("none"), "float32") is values
    some = as_read(values, Normalizer("none"), "float32", np.arange(5, 10))
    assert np.shares_memory(np.asarray(some), values)


@pytest.mark.usefixtures("nothing_at_once")
def test_a_value_that_does_not_fit_is_refused_before_it_is_read() -> None:
    values = np.full((9, 2), 1e30)
    values[7, 1] = 1e39
    with pytest.raises(DataError) as kept:
        read_scaled({}, {"x": values}, "float32")
    with pytest.raises(DataError) as at_once:
        apply_normalizers(normalizers.Normalizers(), {"x": values}, "float32")
    assert str(kept.value) == str(at_once.value)
    assert "row 7" in str(kept.value)


@pytest.mark.parametrize(
    ("kind", "dtype", "scale", "fits"),
    [
        ("uint8", "float32", Normalizer("scale", scale=(1e-30,)), True),
        ("uint8", "float32", Normalizer("scale", scale=(1e-37,)), False),
        ("int64", "float32", Normalizer("scale", scale=(1e-25,)), False),
        ("bool", "float64", SCALES[3], True),
        ("float32", "float64", SCALES[0], False),
    ],
)
def test_whether_all_values_of_a_type_fit(
    kind: str, dtype: str, scale: Normalizer, fits: bool
) -> None:
    assert scale.always_fits(np.dtype(kind), np.dtype(dtype)) is fits
