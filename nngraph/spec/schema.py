"""The JSON Schema of what a user writes, short forms included, for editors (draft 2020-12)."""

from __future__ import annotations

import copy
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from nngraph.spec.descriptions import describe_model, describe_models
from nngraph.spec.edges import EDGE_KINDS, EDGES, WINDOW_MODELS, DefaultEdge, EdgeOptions
from nngraph.spec.model import Spec
from nngraph.spec.schema_words import in_words
from nngraph.spec.search import SearchSpec
from nngraph.spec.weighted import EdgeModel
from nngraph.spec.weights import HAND_WRITTEN_DEFS
from nngraph.words.base import SpecModel

_ID = "[A-Za-z][A-Za-z0-9_]{0,63}"
_KIND_MAY_BE_LEFT_OUT = ("NeuronsNode", "DefaultEdge")


def spec_schema() -> dict[str, Any]:
    """The schema of a whole file."""
    schema = Spec.model_json_schema(schema_generator=GenerateJsonSchema)
    edges = TypeAdapter(EdgeOptions).json_schema()
    search = SearchSpec.model_json_schema(schema_generator=GenerateJsonSchema)
    definitions: dict[str, Any] = {
        **edges.pop("$defs"),
        **search.pop("$defs"),
        **schema.pop("$defs"),
        "SearchSpec": search,
    }
    describe_models(definitions, SpecModel)
    describe_model(schema, Spec)
    definitions.update(copy.deepcopy(dict(HAND_WRITTEN_DEFS)))
    definitions["Edge"] = _edge(edges, definitions)
    _name_kinds(definitions)
    properties: dict[str, Any] = schema["properties"]
    properties["nodes"]["propertyNames"] = {"pattern": rf"^{_ID}(\s*,\s*{_ID})*$"}
    properties["edges"] = {
        "description": "Who is connected with whom.",
        "type": "array",
        "items": {"$ref": "#/$defs/Edge"},
    }
    properties["nodes_file"] = {
        "description": "A CSV file with the columns id, activation, bias, aggregate.",
        "type": "string",
    }
    properties["search"] = {"$ref": "#/$defs/SearchSpec"}
    schema["required"] = ["nngraph", "edges"]
    schema["anyOf"] = [{"required": ["nodes"]}, {"required": ["nodes_file"]}]
    whole = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "nngraph",
        **{key: value for key, value in schema.items() if key != "title"},
        "$defs": dict(sorted(definitions.items())),
    }
    return in_words(_tidy(whole))


def _edge(options: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """An entry of `edges` in any of its forms."""
    short = _with_kernel(definitions)
    models: tuple[type[EdgeModel], ...] = (DefaultEdge, *EDGES)
    long_forms = []
    for name in (*(model.__name__ for model in models), *short):
        long_name = f"{name}LongForm"
        long_form = copy.deepcopy(definitions[name])
        end = {"type": "string", "pattern": rf"^{_ID}(\[[0-9]+(:[0-9]+)?\])?$"}
        long_form["properties"] = {"from": end, "to": end, **long_form["properties"]}
        long_form["required"] = ["from", "to", *long_form.get("required", [])]
        definitions[long_name] = long_form
        long_forms.append({"$ref": f"#/$defs/{long_name}"})
    value = {
        "anyOf": [
            {"description": "The weight.", "$ref": "#/$defs/Numbers"},
            {"description": "The kind.", "enum": list(EDGE_KINDS)},
            options,
            *({"$ref": f"#/$defs/{name}"} for name in short),
        ]
    }
    return {
        "description": "`x -> h`, `x1, x2 -> h: 0.7`, `{from: x, to: h}` or `{file: edges.csv}`.",
        "anyOf": [
            {"type": "string", "pattern": "->"},
            {
                "type": "object",
                "patternProperties": {"->": value},
                "additionalProperties": False,
                "minProperties": 1,
                "maxProperties": 1,
            },
            *long_forms,
            {
                "type": "object",
                "properties": {"file": {"type": "string"}},
                "required": ["file"],
                "additionalProperties": False,
            },
        ],
    }


def _with_kernel(definitions: dict[str, Any]) -> list[str]:
    """Names of the forms in which the kind is the key of the kernel: `{conv: 3}`."""
    names = []
    for model in WINDOW_MODELS:
        word = model.word()
        form = copy.deepcopy(definitions[model.__name__])
        properties = form["properties"]
        del properties["kind"]
        kernel = properties.pop("kernel")
        options = [item for item in kernel["anyOf"] if item != {"type": "null"}]
        says = {"description": f"Size of the window; short for `kind: {word}, kernel: ...`."}
        form["properties"] = {word: {**says, "anyOf": options}, **properties}
        form["required"] = [word]
        names.append(f"{model.__name__}ByKernel")
        definitions[names[-1]] = form
    return names


def _name_kinds(definitions: dict[str, Any]) -> None:
    """`kind` has a default in Python; in a file it must be written, with two exceptions."""
    for name, definition in definitions.items():
        kind = definition.get("properties", {}).get("kind")
        if kind is None or kind.get("type") == "null":
            definition.get("properties", {}).pop("kind", None)
        elif name.removesuffix("LongForm") not in _KIND_MAY_BE_LEFT_OUT:
            definition["required"] = sorted({*definition.get("required", []), "kind"})


def _tidy(node: Any) -> Any:
    """Without pydantic's titles and discriminators; `x-see` becomes a reference."""
    if isinstance(node, list):
        return [_tidy(item) for item in node]
    if not isinstance(node, dict):
        return node
    if "x-see" in node:
        return {"$ref": f"#/$defs/{node['x-see']}"}
    out: dict[str, Any] = {}
    for key, value in node.items():
        if key in ("properties", "$defs", "patternProperties"):
            out[key] = {name: _tidy(inner) for name, inner in value.items()}
        elif key in ("oneOf", "anyOf"):
            out["anyOf"] = _flat([_tidy(item) for item in value if item != {"type": "null"}])
        elif key == "default":
            out.update(_default(value))
        elif key not in ("discriminator", "title") or node.get("$schema"):
            out[key] = value if key in ("enum", "const") else _tidy(value)
    if len(out.get("anyOf", ())) == 1:
        (only,) = out.pop("anyOf")
        out = {**only, **out}
    return out


def _flat(options: list[Any]) -> list[Any]:
    """Alternatives of alternatives are alternatives."""
    return [
        inner
        for option in options
        for inner in (option["anyOf"] if option.keys() == {"anyOf"} else [option])
    ]


def _default(value: Any) -> dict[str, Any]:
    if value is None:
        return {}
    if isinstance(value, dict):
        value = {key: item for key, item in value.items() if item is not None}
    return {"default": value}
