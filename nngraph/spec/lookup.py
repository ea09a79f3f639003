"""From the location of a pydantic error to the models that are meant there, and their words."""

from __future__ import annotations

import types
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, Tag

_DISCRIMINATORS = ("kind", "source")


def models_at(annotation: Any, steps: Sequence[str | int]) -> list[type[BaseModel]]:
    """The models that a value at `steps` below a value of this type may be.

    Steps are keys, list positions, and the tags of unions, as pydantic reports them.
    """
    options = list(_options(annotation))
    if not steps:
        return [kind for _, kind in options if _is_model(kind)]
    step, rest = steps[0], steps[1:]
    tagged = [kind for tag, kind in options if len(options) > 1 and _has_tag(tag, kind, step)]
    if tagged:
        return [model for kind in tagged for model in models_at(kind, rest)]
    return [
        model
        for _, kind in options
        for below in _below(kind, step)
        for model in models_at(below, rest)
    ]


def without_tags(annotation: Any, steps: Sequence[str | int]) -> tuple[str | int, ...]:
    """The steps that are keys or positions, without the tags of unions between them."""
    current, real = [annotation], []
    for step in steps:
        options = [option for kind in current for option in _options(kind)]
        tagged = [kind for tag, kind in options if len(options) > 1 and _has_tag(tag, kind, step)]
        if tagged:
            current = tagged
            continue
        real.append(step)
        current = [below for _, kind in options for below in _below(kind, step)]
    return tuple(real)


def _below(kind: Any, step: str | int) -> Iterator[Any]:
    if _is_model(kind):
        field = kind.model_fields.get(step)
        if field is not None:
            yield field.annotation
        return
    arguments = get_args(kind)
    if get_origin(kind) is tuple and isinstance(step, int) and arguments:
        yield arguments[0]
    elif get_origin(kind) is dict:
        yield arguments[1]


def _options(annotation: Any, tag: str | None = None) -> Iterator[tuple[str | None, Any]]:
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *metadata = get_args(annotation)
        tags = [item.tag for item in metadata if isinstance(item, Tag)]
        yield from _options(inner, tags[0] if tags else tag)
    elif origin in (Union, types.UnionType):
        for option in get_args(annotation):
            yield from _options(option, tag)
    else:
        yield tag, annotation


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _has_tag(tag: str | None, kind: Any, step: str | int) -> bool:
    if tag is not None:
        return tag == step
    return _is_model(kind) and step in tags_of(kind)


def tags_of(model: type[BaseModel]) -> tuple[Any, ...]:
    """The words for `kind` or `source` that choose this model."""
    for name in _DISCRIMINATORS:
        field = model.model_fields.get(name)
        if field is not None and get_origin(field.annotation) is Literal:
            return get_args(field.annotation)
    return ()


def kinds_at(annotation: Any, steps: Sequence[str | int]) -> list[str]:
    """All words that may stand for `kind` or `source` of the value at `steps`."""
    models = models_at(annotation, steps)
    return [str(word) for model in models for word in tags_of(model)]


def keys_of(models: Sequence[type[BaseModel]]) -> list[str]:
    """All keys of these models, as a file writes them."""
    fields = (pair for model in models for pair in model.model_fields.items())
    return list(dict.fromkeys(field.alias or key for key, field in fields))
