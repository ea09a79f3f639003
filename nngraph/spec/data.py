"""The words of the `data` section: where samples come from and how they are cut and scaled.

Every source offers named columns or arrays; `inputs` and `targets` say which of them go where.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Strict,
    Tag,
    field_validator,
    model_validator,
)

from nngraph.spec.augmentations import Augmentations


class DataModel(BaseModel):
    """What all models of this section share: frozen, strict, no unknown keys, finite numbers."""

    model_config = ConfigDict(
        frozen=True, strict=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True
    )


ColumnName = Annotated[str, Field(min_length=1)]
Columns = Annotated[tuple[ColumnName, ...], Strict(False), Field(min_length=1)]


def _value_form(value: Any) -> str:
    return "text" if isinstance(value, str) else "number"


class DerivedTarget(DataModel):
    """A target of 0 and 1: 1 where the column holds the value `equals`."""

    column: ColumnName
    """Name of the column that is looked at."""
    equals: Annotated[
        Annotated[float, Tag("number")] | Annotated[str, Tag("text")], Discriminator(_value_form)
    ]
    """The value, or the class name, that becomes 1; every other becomes 0."""


def _entry_form(value: Any) -> str:
    if isinstance(value, str):
        return "one-column"
    return "derived-target" if isinstance(value, Mapping | DerivedTarget) else "column-list"


InputEntry = Annotated[
    Annotated[ColumnName, Tag("one-column")] | Annotated[Columns, Tag("column-list")],
    Discriminator(lambda value: "one-column" if isinstance(value, str) else "column-list"),
]
TargetEntry = Annotated[
    Annotated[ColumnName, Tag("one-column")]
    | Annotated[Columns, Tag("column-list")]
    | Annotated[DerivedTarget, Tag("derived-target")],
    Discriminator(_entry_form),
]


def _is_whole(value: Any) -> str:
    return "fraction" if isinstance(value, float) else "count"


Portion = Annotated[
    Annotated[Annotated[int, Field(ge=0)], Tag("count")]
    | Annotated[Annotated[float, Field(ge=0, lt=1)], Tag("fraction")],
    Discriminator(_is_whole),
]
"""A share of the rows: a whole number counts rows, a number below 1 is a fraction of all."""


class SplitSpec(DataModel):
    """Which rows are kept for validation and for the test; the others train."""

    validation: Portion = 0
    """Fraction (below 1) or number of rows for validation."""
    test: Portion = 0
    """Fraction (below 1) or number of rows for the test; a source's own test set stays."""
    seed: Annotated[int, Field(ge=0)] = 0
    """Seed of the random order."""
    order: Literal["random", "file"] = "random"
    """`random` draws rows, stratified where a target is a class; `file` takes the last rows."""

    @model_validator(mode="after")
    def _leaves_rows_for_training(self) -> SplitSpec:
        fractions = [part for part in (self.validation, self.test) if isinstance(part, float)]
        if sum(fractions) >= 1:
            raise ValueError(
                f"validation {self.validation} and test {self.test} leave no rows to train on"
            )
        return self


class NoNormalization(DataModel):
    """Values stay as they are."""

    kind: Literal["none"] = "none"


class StandardNormalization(DataModel):
    """(x - mean) / standard deviation of the training part, per column or image channel."""

    kind: Literal["standard"] = "standard"


class MinMaxNormalization(DataModel):
    """(x - minimum) / (maximum - minimum) of the training part, per column or image channel."""

    kind: Literal["minmax"] = "minmax"


class ScaleNormalization(DataModel):
    """x / divisor, e.g. 255 for 8-bit images."""

    kind: Literal["scale"] = "scale"
    divisor: Annotated[float, Field(gt=0)]
    """What every value is divided by."""


Normalization = NoNormalization | StandardNormalization | MinMaxNormalization | ScaleNormalization
NormalizationName = Literal["none", "standard", "minmax"]


def _normalization_form(value: Any) -> str:
    if isinstance(value, Mapping):
        return "normalization-options" if "kind" in value else "normalization-by-name"
    return "normalization-options" if isinstance(value, BaseModel) else "normalization-word"


OneNormalization = Annotated[
    Annotated[NormalizationName, Tag("normalization-word")]
    | Annotated[
        Annotated[Normalization, Field(discriminator="kind")], Tag("normalization-options")
    ],
    Discriminator(
        lambda value: (
            "normalization-options"
            if isinstance(value, Mapping | BaseModel)
            else "normalization-word"
        )
    ),
]
AnyNormalization = Annotated[
    Annotated[NormalizationName, Tag("normalization-word")]
    | Annotated[Annotated[Normalization, Field(discriminator="kind")], Tag("normalization-options")]
    | Annotated[dict[str, OneNormalization], Tag("normalization-by-name")],
    Discriminator(_normalization_form),
]


class SourceSpec(DataModel):
    """Keys that every source takes."""

    inputs: dict[str, InputEntry] = Field(default_factory=dict)
    """Input node -> the column or array that feeds it, or a list of columns; by default its own
    name, and with one input and one target the source's own pair."""
    targets: dict[str, TargetEntry] = Field(default_factory=dict)
    """Target -> a column, a list of columns, or `{column, equals}` for a yes-or-no target."""
    split: SplitSpec = Field(default_factory=SplitSpec)
    """Rows set aside for validation and test; by default every row trains, except a source's own
    test set."""
    normalize: AnyNormalization = "none"
    """How inputs are scaled: one rule for all inputs, or a mapping from input nodes, and `targets`,
    to rules. Fitted on the training part and stored with the run."""
    augment: Augmentations = ()
    """How training samples are varied in every epoch, one after the other; masks move along."""
    sample_weight: ColumnName | None = None
    """The column that says how much each sample counts in the loss: numbers from 0 up."""

    def rule_for(self, name: str) -> Normalization:
        """The normalisation of one input node, or of the targets (`name` is "targets")."""
        if isinstance(self.normalize, dict):
            return _with_options(self.normalize.get(name, "none"))
        return NoNormalization() if name == "targets" else _with_options(self.normalize)


def _with_options(rule: NormalizationName | Normalization) -> Normalization:
    match rule:
        case "none":
            return NoNormalization()
        case "standard":
            return StandardNormalization()
        case "minmax":
            return MinMaxNormalization()
        case _:
            return rule


class DigitsData(SourceSpec):
    """1,797 handwritten digits of 8x8 pixels from 0 to 16 (`image`), with their `label` 0 to 9."""

    source: Literal["digits"]


class IrisData(SourceSpec):
    """150 iris flowers: four lengths in cm (`x`, or by name) and the `species`."""

    source: Literal["iris"]


class WineData(SourceSpec):
    """178 wines: 13 chemical measurements (`x`, or by name) and the `cultivar`."""

    source: Literal["wine"]


class BreastCancerData(SourceSpec):
    """569 tumours: 30 measurements of cell nuclei (`x`, or by name) and the `diagnosis`."""

    source: Literal["breast_cancer"]


class MnistData(SourceSpec):
    """70,000 handwritten digits of 28x28 pixels from 0 to 255 (`image`), with their `label`."""

    source: Literal["mnist"]
    folder: Annotated[str, Field(min_length=1)]
    """Folder with the four IDX files, as they are or gzipped."""


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


def _cell_form(value: Any) -> str:
    if isinstance(value, str):
        return "text"
    return "list-of-numbers" if isinstance(value, list | tuple) else "number"


Cell = Annotated[
    Annotated[float, Tag("number")]
    | Annotated[str, Tag("text")]
    | Annotated[tuple[float, ...], Strict(False), Field(min_length=1), Tag("list-of-numbers")],
    Discriminator(_cell_form),
]
ColumnCells = Annotated[tuple[Cell, ...], Strict(False), Field(min_length=1)]


class TableData(SourceSpec):
    """Columns written into the spec itself. One input and one target that are not named take the
    last column as the target and all others as the input."""

    source: Literal["table"]
    columns: Annotated[dict[ColumnName, ColumnCells], Field(min_length=1)]
    """Name of each column -> its values, one per sample: numbers, class names or lists of
    numbers."""


class CsvData(SourceSpec):
    """A text file with one sample a line. One input and one target that are not named take the last
    column as the target and all others as the input."""

    source: Literal["csv"]
    path: Annotated[str, Field(min_length=1)]
    """The file, inside the folder of the spec."""
    header: bool | Columns = True
    """true: the first line names the columns; false: they are called c0, c1, ...; or a list of
    names for a file without such a line."""
    delimiter: str = ","
    """The one character between two cells."""
    missing: Literal["error", "drop", "mean"] = "error"
    """An empty cell (also NA, NaN, ?): an error, the row is dropped, or the mean of the column's
    training rows is put in its place (inputs only)."""

    @field_validator("delimiter")
    @classmethod
    def _is_one_character(cls, value: str) -> str:
        if len(value) != 1 or value in '"\r\n':
            raise ValueError(f"a delimiter is one character such as ',' or ';', not {value!r}")
        return value


class NpzData(SourceSpec):
    """A NumPy archive; every array has one row per sample. Its own pair are `x` and `y`."""

    source: Literal["npz"]
    path: Annotated[str, Field(min_length=1)]
    """The file, inside the folder of the spec."""


DataSpec = Annotated[
    DigitsData
    | IrisData
    | WineData
    | BreastCancerData
    | MnistData
    | XorData
    | QuadrantsData
    | CirclesData
    | GaussiansData
    | SpiralsData
    | MoonsData
    | SineData
    | PlaneData
    | TableData
    | CsvData
    | NpzData,
    Field(discriminator="source"),
]
"""The value of `data`."""

_LATER = "{} not available in nngraph 0.1"

LATER_DATA_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "images": _LATER.format("the source 'images' (a folder of pictures) is")
        + "; put the pictures into an npz file and use `source: npz`",
        "shapes": _LATER.format("the source 'shapes' (pictures with masks) is"),
        "npy": _LATER.format("the source 'npy' is")
        + "; save the arrays under names with numpy.savez and use `source: npz`",
        "masks": _LATER.format("'masks' (targets that are pictures in a folder) are"),
    }
)
"""Words of the language that later versions understand -> what to answer until then (E190)."""
