"""The words of `normalize`: how the values of inputs and targets are scaled."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union

from pydantic import AfterValidator, BaseModel, Discriminator, Field, Tag

from nngraph.words.base import ChosenBy, SpecModel, value_error


class Normalization(SpecModel):
    """What every row is."""

    if TYPE_CHECKING:
        kind: str = ""  # each row has its own word

    @classmethod
    def word(cls) -> str:
        """The word for `kind` that chooses this row."""
        return str(cls.model_fields["kind"].default)

    @classmethod
    def is_plain(cls) -> bool:
        """Whether the word alone says all."""
        return not any(field.is_required() for field in cls.model_fields.values())


class NoNormalization(Normalization):
    """Values stay as they are."""

    kind: Literal["none"] = "none"


class StandardNormalization(Normalization):
    """(x - mean) / standard deviation of the training part, per column or image channel."""

    kind: Literal["standard"] = "standard"


class MinMaxNormalization(Normalization):
    """(x - minimum) / (maximum - minimum) of the training part, per column or image channel."""

    kind: Literal["minmax"] = "minmax"


class ScaleNormalization(Normalization):
    """x / divisor, e.g. 255 for 8-bit images."""

    kind: Literal["scale"] = "scale"
    divisor: Annotated[float, Field(gt=0)]
    """What every value is divided by."""


NORMALIZATIONS: tuple[type[Normalization], ...] = (
    NoNormalization,
    StandardNormalization,
    MinMaxNormalization,
    ScaleNormalization,
)
"""A normalisation is added by a row here, and by how it is fitted in `data/normalizers.py`."""

PLAIN: Mapping[str, type[Normalization]] = MappingProxyType(
    {row.word(): row for row in NORMALIZATIONS if row.is_plain()}
)
if TYPE_CHECKING:
    NormalizationName = str
    WithOptions = Normalization
else:
    NormalizationName = Literal[tuple(PLAIN)]
    WithOptions = Annotated[Union[NORMALIZATIONS], ChosenBy("kind")]  # noqa: UP007


def _normalization_form(value: Any) -> str:
    if isinstance(value, Mapping):
        return "normalization-options" if "kind" in value else "normalization-by-name"
    return "normalization-options" if isinstance(value, BaseModel) else "normalization-word"


OneNormalization = Annotated[
    Annotated[NormalizationName, Tag("normalization-word")]
    | Annotated[WithOptions, Tag("normalization-options")],
    Discriminator(
        lambda value: (
            "normalization-options"
            if isinstance(value, Mapping | BaseModel)
            else "normalization-word"
        )
    ),
]
TARGETS = "targets"
"""The name under `normalize` that stands for all targets, or holds rules for some by name."""

NamedNormalization = Annotated[
    Annotated[NormalizationName, Tag("normalization-word")]
    | Annotated[WithOptions, Tag("normalization-options")]
    | Annotated[dict[str, OneNormalization], Tag("normalization-by-name")],
    Discriminator(_normalization_form),
]


def _only_targets_by_name(rules: dict[str, Any]) -> dict[str, Any]:
    for name, rule in rules.items():
        if isinstance(rule, dict) and name != TARGETS:
            raise value_error("E107:normalize-by-name", at=(name,), name=name)
    return rules


AnyNormalization = Annotated[
    Annotated[NormalizationName, Tag("normalization-word")]
    | Annotated[WithOptions, Tag("normalization-options")]
    | Annotated[
        dict[str, NamedNormalization],
        AfterValidator(_only_targets_by_name),
        Tag("normalization-by-name"),
    ],
    Discriminator(_normalization_form),
]
