"""Data sets that are drawn when they are asked for, the same on every platform."""

from typing import Annotated, Literal

from pydantic import Field

from nngraph.words.data_keys import ImageSize, SourceSpec


class XorData(SourceSpec):
    """The four rows of the exclusive or: `x` (or `x1`, `x2`) and `label`."""

    source: Literal["xor"]


class GeneratedData(SourceSpec):
    """Keys of the sources that draw their samples; the same seed gives the same samples."""

    samples: Annotated[int, Field(ge=1, le=100_000_000)] = 500
    """Number of samples."""
    noise: Annotated[float, Field(ge=0)] = 0.0
    """Standard deviation of the normal noise, as a fraction of the size of the figure."""
    seed: Annotated[int, Field(ge=0)] = 0
    """Seed of the samples."""


class QuadrantsData(GeneratedData):
    """Four squares like an exclusive or: `label` is 1 where `x1` and `x2` have unlike signs."""

    source: Literal["quadrants"]


class CirclesData(GeneratedData):
    """A disc (`label` 1) inside a ring (`label` 0), of radius 5."""

    source: Literal["circles"]


class GaussiansData(GeneratedData):
    """Two clouds around (2, 2) (`label` 1) and (-2, -2) (`label` 0)."""

    source: Literal["gaussians"]


class SpiralsData(GeneratedData):
    """Two spirals of radius 5 that wind around each other, `label` 1 and 0."""

    source: Literal["spirals"]


class MoonsData(GeneratedData):
    """Two half circles of radius 1 that reach into each other, `label` 0 (upper) and 1 (lower)."""

    source: Literal["moons"]


class SineData(GeneratedData):
    """One period of the sine: `y` = sin(`x`) with `x` in [-pi, pi]."""

    source: Literal["sine"]


class PlaneData(GeneratedData):
    """An inclined plane: `y` = (`x1` + `x2`) / 10 with both in [-6, 6]."""

    source: Literal["plane"]


class ShapesData(GeneratedData):
    """Discs, squares and triangles on a dark ground: `image` [height, width, 1] from 0 to 1, `mask`
    [height, width] 1 where the figure is, `label` which one, `regions` [height, width] 0 for the
    ground and 1, 2, 3 for the figures."""

    source: Literal["shapes"]
    white = 1.0
    size: ImageSize = (32, 32)
    """Pixels of both axes, or height and width."""


GENERATED: tuple[type[SourceSpec], ...] = (
    XorData,
    QuadrantsData,
    CirclesData,
    GaussiansData,
    SpiralsData,
    MoonsData,
    SineData,
    PlaneData,
    ShapesData,
)
