"""The section `search`: which values are searched, how, and for what."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Discriminator, Field, Tag, ValidationError, model_validator

from nngraph.errors import Diagnostics
from nngraph.spec import tree
from nngraph.spec.explain import Explainer
from nngraph.words.base import NotNegative, Size, SpecModel, type_error, value_error
from nngraph.words.searches import AnySearch, TpeSearch

DEFAULT_TRIALS = 40
KEY = "search"

# ---- what values a path may take


class Range(SpecModel):
    """What every range may carry.

    The key `or` is a field by that name, `special`; the file writes `or`.
    """

    special: Annotated[Any, Field(alias="or")] = None
    """One more value, outside the range, e.g. `or: 0`."""
    points: Annotated[int, Field(ge=2)] = 5
    """How many values of the range a grid takes."""

    @property
    def ends(self) -> tuple[float, float]:
        """The least and the greatest value."""
        raise NotImplementedError

    @classmethod
    def word(cls) -> str:
        """The key that chooses this range, and holds its ends."""
        return next(name for name in cls.model_fields if name not in Range.model_fields)


def _two(value: Any) -> Any:
    if not isinstance(value, tuple | list) or len(value) != 2:
        raise type_error("two numbers, the least and the greatest", value)
    return value


class UniformRange(Range):
    """Any number between two, all of them as likely."""

    uniform: Annotated[tuple[float, float], BeforeValidator(_two)]
    """The least and the greatest."""

    @property
    def ends(self) -> tuple[float, float]:
        """The least and the greatest value."""
        return self.uniform

    @model_validator(mode="after")
    def _rises(self) -> Self:
        _check_rising("uniform", self.uniform)
        return self


class LogRange(Range):
    """Any number between two, each order of magnitude as likely."""

    log: Annotated[tuple[float, float], BeforeValidator(_two)]
    """The least and the greatest, both above 0."""

    @property
    def ends(self) -> tuple[float, float]:
        """The least and the greatest value."""
        return self.log

    @model_validator(mode="after")
    def _is_positive_and_rises(self) -> Self:
        if self.log[0] <= 0:
            raise value_error("E107:log-range", at=("log", 0), low=self.log[0])
        _check_rising("log", self.log)
        return self


class IntegerRange(Range):
    """A whole number between two, both ends included."""

    integer: Annotated[tuple[int, int], BeforeValidator(_two)]
    """The least and the greatest."""
    step: Size = 1
    """Only every so many, from the least on."""

    @property
    def ends(self) -> tuple[float, float]:
        """The least value and the greatest that the steps reach."""
        low, high = self.integer
        return low, high - (high - low) % self.step

    @model_validator(mode="after")
    def _rises_by_its_step(self) -> Self:
        low, high = self.integer
        if low < high and self.step > high - low:
            raise value_error("E107:range-step", at=("step",), step=self.step, low=low, high=high)
        _check_rising("integer", self.integer)
        return self


def _check_rising(word: str, ends: tuple[float, float]) -> None:
    low, high = ends
    if low >= high:
        raise value_error("E107:range-ends", at=(word, 1), low=f"{low:g}", high=f"{high:g}")


RANGES: tuple[type[Range], ...] = (UniformRange, LogRange, IntegerRange)

Choices = Annotated[tuple[Any, ...], Field(min_length=1)]
"""One of these: numbers, words, lists or mappings."""


def _form(value: Any) -> str:
    """A list is a choice; a mapping is the range whose word it has."""
    if isinstance(value, Range):
        return value.word()
    if isinstance(value, Mapping):
        return next((r.word() for r in RANGES if r.word() in value), RANGES[0].word())
    return "list-form"


Values = Annotated[
    Annotated[Choices, Tag("list-form")]
    | Annotated[UniformRange, Tag("uniform")]
    | Annotated[LogRange, Tag("log")]
    | Annotated[IntegerRange, Tag("integer")],
    Discriminator(_form),
]
"""A list to choose from, or a range: `{uniform: [a, b]}`, `{log: [a, b]}`, `{integer: [a, b]}`."""


# ---- the section


class SearchSpec(SpecModel):
    """A search for good values: which, how they are chosen, and the figure that counts."""

    by: AnySearch = TpeSearch()
    """How values are chosen: a name, or a mapping with `kind` and options."""
    space: Annotated[dict[str, Values], Field(min_length=1)] | None = None
    """Path, as behind `-s` -> the values that it may take; evolution alone needs none."""
    trials: Size | None = None
    """How many sets of values are tried; by default 40, and for a grid all that there are."""
    minimize: str | None = None
    """The figure that is to become small, e.g. `validation.loss`, which is the default, or
    `train.loss` where there is no validation part."""
    maximize: str | None = None
    """The figure that is to become large, e.g. `validation.accuracy`."""
    repeats: Size = 1
    """How often each set is trained, with the seeds `train.seed`, the next one, ...; the median of
    the figures counts."""
    seed: Annotated[int, Field(ge=0, lt=2**64)] = 0
    """Decides which values are drawn."""
    pruning: Literal["none", "median", "halving"] = "none"
    """Whether a trial that looks bad is stopped early: below the median of the others so far, or
    by successive halving."""
    keep: Size = 3
    """Of how many of the best trials a run is kept."""
    cost_of_an_edge: NotNegative = 0.0
    """What each edge of a bred network adds to its figure, so that small ones win."""

    @model_validator(mode="after")
    def _has_one_aim(self) -> Self:
        if self.minimize is not None and self.maximize is not None:
            raise value_error("E107:two-aims", at=("maximize",))
        return self

    @model_validator(mode="after")
    def _searches_something(self) -> Self:
        if self.by.wires and self.space is not None:
            raise value_error("E107:evolution-space", at=("space",))
        if not self.by.wires and self.space is None:
            raise value_error("E107:no-space")
        if not self.by.wires and self.cost_of_an_edge:
            raise value_error("E107:edge-cost", at=("cost_of_an_edge",), by=self.by.kind)
        return self

    @property
    def aim(self) -> tuple[str, str | None]:
        """The key that names the figure, and the figure; None is the default."""
        return ("minimize", self.minimize) if self.maximize is None else ("maximize", self.maximize)


def read_search(section: tree.Tree, found: Diagnostics) -> SearchSpec | None:
    """The section as a model, or None after telling what is wrong."""
    try:
        return SearchSpec.model_validate(tree.plain_value(section))
    except ValidationError as error:
        Explainer(SearchSpec, section, found, KEY, _name).tell(error)
        return None


def _name(path: tree.Path) -> str:
    if path[:1] == ("space",) and len(path) > 1:
        inner = "".join(f"[{s}]" if isinstance(s, int) else f"'{s}' of " for s in path[:1:-1])
        return f"{inner}'{path[1]}'" if not inner.startswith("[") else f"an end of '{path[1]}'"
    return f"'{'.'.join(map(str, (KEY, *path)))}'"
