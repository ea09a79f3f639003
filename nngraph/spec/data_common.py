"""The words that every data source takes: which columns go where, how rows are cut and scaled.

Every source offers named columns or arrays; `inputs` and `targets` say which of them go where.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Strict,
    Tag,
    model_validator,
)

from nngraph.spec.augmentations import Augmentations


class DataModel(BaseModel):
    """What all models of this section share: frozen, strict, no unknown keys, finite numbers."""

    model_config = ConfigDict(
        frozen=True, strict=True, extra="forbid", allow_inf_nan=False, defer_build=True
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
