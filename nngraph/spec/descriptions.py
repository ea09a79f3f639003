"""Descriptions for the JSON Schema: the docstrings under the fields of the models.

pydantic can read them itself, but it does so while the classes are made, from their source, each
time that nngraph starts. Here they are read when a schema is asked for.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel


def describe_models(definitions: Mapping[str, dict[str, Any]], *roots: type[BaseModel]) -> None:
    """Give each property its field's docstring, in the definitions named like a model.

    `roots` are the base classes under which the models stand.
    """
    for model in _below(roots):
        definition = definitions.get(model.__name__)
        if definition is not None:
            describe_model(definition, model)


def describe_model(definition: dict[str, Any], model: type[BaseModel]) -> None:
    """The same for one definition."""
    for field, text in _field_docstrings(model).items():
        name = model.model_fields[field].alias or field if field in model.model_fields else field
        if name in definition.get("properties", {}):
            definition["properties"][name].setdefault("description", text)


def _field_docstrings(model: type[BaseModel]) -> dict[str, str]:
    """Field name -> the docstring under it, those of base classes included."""
    found: dict[str, str] = {}
    for base in reversed(model.__mro__):
        if base.__module__.startswith("nngraph."):
            found |= dict(_docstrings(base))
    return found


def _docstrings(model: type) -> Iterator[tuple[str, str]]:
    (definition,) = ast.parse(textwrap.dedent(inspect.getsource(model))).body
    assert isinstance(definition, ast.ClassDef)
    for field, below in zip(definition.body, definition.body[1:], strict=False):
        match field, below:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                yield name, inspect.cleandoc(text)


def _below(roots: tuple[type[BaseModel], ...]) -> Iterator[type[BaseModel]]:
    pending = list(roots)
    while pending:
        model = pending.pop()
        yield model
        pending += model.__subclasses__()
