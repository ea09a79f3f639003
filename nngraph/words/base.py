"""What all models of the vocabulary share: the configuration, short forms, and small types."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, get_args

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    TypeAdapter,
)
from pydantic_core import PydanticCustomError, core_schema

from nngraph.diagnostics import say
from nngraph.records import dataclass


class SpecModel(BaseModel):
    """Frozen, strict, no unknown keys, finite numbers."""

    model_config = ConfigDict(
        frozen=True, strict=True, extra="forbid", allow_inf_nan=False, defer_build=True
    )


class NodeModel(SpecModel):
    """What every node may carry, and what is known of its kind: each kind is a row.

    `default_edge` is the kind of an edge into it that says none. `passes_on`: its values lie
    between the least and the greatest of those that it takes. `observed`: statistics look at it.
    """

    default_edge: ClassVar[str] = "identity"
    passes_on: ClassVar[bool] = False
    observed: ClassVar[bool] = False

    if TYPE_CHECKING:
        kind: str  # each row has its own word

    title: str | None = None
    """Free text, shown instead of the id in drawings."""

    @classmethod
    def word(cls) -> str:
        """The word for `kind` that chooses this row."""
        return str(cls.model_fields["kind"].default)


@dataclass(frozen=True, eq=False)
class ShortForm:
    """A second, shorter way to write a value: `relu` for `{kind: relu}`.

    `expand` turns the short form into the long one and leaves everything else alone; `schema`
    describes the short form in the JSON Schema.
    """

    expand: Callable[[Any], Any]
    schema: Mapping[str, Any]

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """Expand before the long form is validated."""
        return core_schema.no_info_before_validator_function(self.expand, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Either form."""
        return {"anyOf": [dict(self.schema), handler(schema)]}


def by_name(*names: str) -> ShortForm:
    """A thing with options may be written as its name alone."""
    return ShortForm(
        lambda value: {"kind": value} if isinstance(value, str) else value, {"enum": list(names)}
    )


@dataclass(frozen=True, eq=False)
class BuiltLate:
    """The validator of a `model` is built when the first value of it is met, not with the whole."""

    model: type[BaseModel]

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """The model's own validation, whose errors become errors of the whole."""
        return core_schema.no_info_plain_validator_function(self.model.model_validate)

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """What the model says of itself."""
        inside = TypeAdapter(list[self.model]).core_schema  # type: ignore[name-defined]
        described: dict[str, Any] = handler(inside)["items"]  # inside another it is a definition
        return described


@dataclass(frozen=True, eq=False)
class ChosenBy:
    """A union of models told apart by the word behind `key`; each is built late.

    A file uses few of them, and building all takes longer than reading it.
    """

    key: str

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """The schema that pydantic makes of a discriminated union, but for its members."""
        choices: dict[Any, core_schema.CoreSchema] = {}
        for model in get_args(source):
            late = handler.generate_schema(Annotated[model, BuiltLate(model)])
            words = get_args(model.model_fields[self.key].annotation)
            choices |= dict.fromkeys(words, late)
        return core_schema.tagged_union_schema(
            choices, self.key, strict=False, from_attributes=True
        )


def see(name: str) -> dict[str, Any]:
    """A reference of the JSON Schema to a definition that pydantic does not know by itself."""
    return {"x-see": name}


def _one_or_many(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(value)
    return (value,) if isinstance(value, int) and not isinstance(value, bool) else value


def value_error(
    key: str,
    /,
    *,
    at: tuple[str | int, ...] = (),
    inside: tuple[int, int] | None = None,
    **facts: object,
) -> PydanticCustomError:
    """A value that is not allowed, for a validator to raise, in the words of its row (E107).

    `at` are further steps to the place, `inside` the characters of a text that are meant.
    """
    said = say(key, facts)
    context = {"text": said.message, "help": said.help, "at": at, "inside": inside}
    return PydanticCustomError("nngraph_text", "{text}", context)


def type_error(expected: str, got: Any, at: tuple[str | int, ...] = ()) -> PydanticCustomError:
    """A value of another type than is expected, for a validator to raise (E106)."""
    return PydanticCustomError(
        "nngraph_type", "{expected} is expected", {"expected": expected, "got": got, "at": at}
    )


def not_finite(got: Any, at: tuple[str | int, ...]) -> PydanticCustomError:
    """A number that is infinite or none, for a validator to raise (E107)."""
    context = {"got": got, "at": at}
    return PydanticCustomError("nngraph_finite", "a finite number is expected", context)


Size = Annotated[int, Field(ge=1)]
"""A number of units or an extent: 1 or more."""

Shape = Annotated[tuple[Size, ...], ShortForm(_one_or_many, {"type": "integer", "minimum": 1})]
"""Extents per sample, the batch axis left out; `4` is short for `[4]`, `[]` is a scalar."""

Rate = Annotated[float, Field(ge=0, lt=1)]
"""A probability or a fraction: 0 or more, below 1."""

Positive = Annotated[float, Field(gt=0)]

NotNegative = Annotated[float, Field(ge=0)]

Labels = Annotated[tuple[str, ...], Field(min_length=1)]
"""Names of the units, e.g. of the classes."""
