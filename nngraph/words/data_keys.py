"""The words that every data source takes: which columns go where, how rows are cut and scaled.

Every source gives a table of named columns or arrays; `inputs` and `targets` say which of them go
where.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self, get_args

from pydantic import Discriminator, Field, Strict, Tag, model_validator

from nngraph.words.augmentations import Augmentations
from nngraph.words.base import ShortForm, Size, SpecModel, value_error
from nngraph.words.normalizations import (
    PLAIN,
    TARGETS,
    AnyNormalization,
    Normalization,
)

Missing = Literal["error", "drop", "mean"]

ColumnName = Annotated[str, Field(min_length=1)]
Columns = Annotated[tuple[ColumnName, ...], Strict(False), Field(min_length=1)]
LOCATIONS = ("path", "folder")
"""Keys that say where the data of a source lie, which says nothing about what they are."""
FileName = Annotated[str, Field(min_length=1)]


def _height_and_width(value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool):
        return value, value
    if isinstance(value, list | tuple) and len(value) != 2:
        raise value_error("E107:size")
    return value


ImageSize = Annotated[
    tuple[Size, Size],
    Strict(False),
    ShortForm(_height_and_width, {"type": "integer", "minimum": 1}),
]
"""A number of pixels for both axes, or height and width."""


def _value_form(value: Any) -> str:
    return "text" if isinstance(value, str) else "number"


class DerivedTarget(SpecModel):
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


class SplitSpec(SpecModel):
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
    def _leaves_rows_for_training(self) -> Self:
        fractions = [part for part in (self.validation, self.test) if isinstance(part, float)]
        if sum(fractions) >= 1:
            raise ValueError(
                f"validation {self.validation} and test {self.test} leave no rows to train on"
            )
        return self


def _rule(rule: Any) -> Normalization:
    chosen: Normalization = PLAIN[rule]() if isinstance(rule, str) else rule
    return chosen


class SourceSpec(SpecModel):
    """Keys that every source takes, and what is to be known of each without opening it.

    `white` is what white is among the raw values of its images, where it gives images and black
    is 0; `suffix` is the ending of files that it reads, where the command line may name one;
    `columns_of_x` are the names of the single columns of its `x`, where they have any.
    """

    white: ClassVar[float | None] = None
    suffix: ClassVar[str] = ""
    columns_of_x: ClassVar[tuple[str, ...]] = ()

    if TYPE_CHECKING:
        source: str  # each row has its own word

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
    to rules; `targets` takes one for all, or a mapping from their names. Fitted on the training
    part and stored with the run."""
    augment: Augmentations = ()
    """How training samples are varied in every epoch, one after the other; masks move along."""
    sample_weight: ColumnName | None = None
    """The column that says how much each sample counts in the loss: numbers from 0 up."""

    def rule_for(self, name: str) -> Normalization:
        """The normalisation of one input node."""
        rules = self.normalize
        return _rule(rules.get(name, "none") if isinstance(rules, dict) else rules)

    def rule_for_target(self, name: str) -> Normalization:
        """The normalisation of one target: its own, or that of all."""
        rules = self.normalize.get(TARGETS, "none") if isinstance(self.normalize, dict) else "none"
        return _rule(rules.get(name, "none") if isinstance(rules, dict) else rules)

    @property
    def normalized_targets(self) -> tuple[str, ...]:
        """The targets that `normalize` calls by their names."""
        rules = self.normalize.get(TARGETS) if isinstance(self.normalize, dict) else None
        return tuple(rules) if isinstance(rules, dict) else ()

    @property
    def missing_values(self) -> Missing:
        """What becomes of a row that lacks a value in one of the columns used."""
        return "error"

    @classmethod
    def word(cls) -> str:
        """The word for `source` that chooses this row."""
        (word,) = get_args(cls.model_fields["source"].annotation)
        return str(word)
