"""The definitions of the JSON Schema as a reader of the language knows them: by their words.

Editors show the name of a definition and its title while one types, so both are words of the
language, `pool-node` and `pool`; and each has an example that may be written as it stands.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from typing import Any

from nngraph.spec.activations import ACTIVATION_ROWS
from nngraph.spec.model import LOSS_ROWS
from nngraph.spec.weighted import EdgeModel
from nngraph.words.augmentations import Augmentation
from nngraph.words.base import NodeModel, SpecModel
from nngraph.words.data_keys import SourceSpec
from nngraph.words.inits import INITS, InitOptions
from nngraph.words.metrics import METRIC_ROWS
from nngraph.words.normalizations import Normalization
from nngraph.words.row import ActivationOptions, LossSpec, Optimizer
from nngraph.words.schedules import Schedule
from nngraph.words.searches import Search

_FAMILIES: tuple[tuple[type[SpecModel], str], ...] = (
    (NodeModel, "node"),
    (EdgeModel, "edge"),
    (ActivationOptions, "activation"),
    (LossSpec, "loss"),
    (Optimizer, "optimizer"),
    (Schedule, "schedule"),
    (SourceSpec, "source"),
    (InitOptions, "init"),
    (Augmentation, "augmentation"),
    (Normalization, "normalization"),
    (Search, "search"),
)

_MEANINGS: Mapping[str, Mapping[str, str]] = {
    "PlainActivation": {name: row.meaning for name, row in ACTIVATION_ROWS.items()},
    "PlainLoss": {name: row.meaning for name, row in LOSS_ROWS.items()},
    "PlainInit": {row.name: row.meaning for row in INITS},
    "MetricSpec": {name: row.meaning for name, row in METRIC_ROWS.items()},
}
"""Definition that stands for several words -> what each of them means."""

_ENDS = {"from": "a", "to": "b"}

_WRITTEN: Mapping[str, Any] = {
    "input-node": {"shape": [28, 28, 1]},
    "neurons-node": {"units": 16, "activation": "relu"},
    "constant-node": {"value": 1},
    "activation-node": {"function": "relu"},
    "reshape-node": {"shape": [7, 7, 64]},
    "slice-node": {"start": 0, "stop": 2},
    "dropout-node": {"rate": 0.5},
    "noise-node": {"stddev": 0.1},
    "pad-node": {"padding": 1},
    "pool-node": {"size": 2},
    "upsample-node": {"factor": 2},
    "edge": {"weight": 0.5},
    "dense-edge": {"init": "he_normal"},
    "conv-edge": {"kernel": 3},
    "conv-edge-by-kernel": {"conv": 3, "padding": "same"},
    "conv_transpose-edge": {"kernel": 2, "stride": 2},
    "conv_transpose-edge-by-kernel": {"conv_transpose": 2, "stride": 2},
    "depthwise-edge": {"kernel": 3},
    "depthwise-edge-by-kernel": {"depthwise": 3},
    "scale-edge": {"weight": 2},
    "step-schedule": {"every": 10},
    "csv-source": {"path": "data.csv", "inputs": {"x": ["height", "weight"]}},
    "npz-source": {"path": "data.npz"},
    "npy-source": {"files": {"x": "x.npy", "label": "label.npy"}},
    "images-source": {"folder": "photos"},
    "table-source": {"columns": {"x": [0, 1], "y": [1, 0]}},
    "normal-init": {"stddev": 0.1},
    "truncated_normal-init": {"stddev": 0.1},
    "uniform-init": {"low": -0.5, "high": 0.5},
    "scale-normalization": {"divisor": 255},
    "bias": {"value": 0.5, "trainable": False},
    "checkpoints": {"every": 5},
    "clip": {"norm": 1},
    "derived-target": {"column": "label", "equals": 3},
    "early-stopping": {"patience": 5},
    "entry-of-edges": "x -> h -> y",
    "file-weight": {"file": "weights.npz", "key": "W"},
    "given": [0, 1],
    "given-expect": {"given": {"x": [0, 1]}, "output": {"y": 1}, "within": 0.1, "trained": True},
    "integer-range": {"integer": [1, 64]},
    "log-range": {"log": [0.0001, 0.1]},
    "metric": {"kind": "accuracy"},
    "metric-expect": {"metric": "accuracy", "at_least": 0.9},
    "numbers": [[0.5, -1], [0, 2]],
    "parameters-expect": {"parameters": 9},
    "search": {"by": "random", "space": {"nodes.h.units": [4, 8, 16]}},
    "shape-expect": {"shape": {"y": 1}},
    "share": {"edge": "x->h"},
    "split": {"validation": 0.1, "test": 0.2},
    "train": {"epochs": 10, "batch_size": 32, "optimizer": "adam"},
    "uniform-range": {"uniform": [0, 0.5]},
}
"""What stands beside the word in an example, or all of it where there is no word; elsewhere the
word alone is one, of an activation or optimiser with its first number."""


def in_words(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema with definitions, titles and examples in words, one definition for each word."""
    families = dict(_families())
    old = schema["$defs"]
    names: dict[str, list[str]] = {}
    definitions: dict[str, Any] = {}
    for class_name, definition in old.items():
        for word, one in _one_a_word(class_name, definition):
            name = _name(class_name, word, families)
            names.setdefault(class_name, []).append(name)
            definitions[name] = {
                "title": _title(name, word),
                **one,
                "examples": [_example(name, word, one)],
            }
    renamed: dict[str, Any] = _renamed(
        {**schema, "$defs": dict(sorted(definitions.items()))}, names
    )
    described: dict[str, Any] = _described(renamed, renamed["$defs"])
    return described


def _families() -> Iterator[tuple[str, str]]:
    """The name of each class below a family, and the family."""
    for base, family in _FAMILIES:
        pending: list[type] = [base]
        while pending:
            model = pending.pop()
            yield model.__name__, family
            pending += model.__subclasses__()


def _one_a_word(
    class_name: str, definition: dict[str, Any]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """The words that a definition stands for, each with a definition of its own; "" for none."""
    properties = definition.get("properties", {})
    choice = properties.get("kind") or properties.get("source") or {}
    if "enum" not in choice or class_name not in _MEANINGS or class_name == "MetricSpec":
        yield choice.get("const", ""), definition
        return
    for word in choice["enum"]:
        one = copy.deepcopy(definition)
        says = {"description": choice["description"]} if "description" in choice else {}
        one["properties"]["kind"] = {"const": word, "type": "string", **says}
        one["description"] = _sentence(_MEANINGS[class_name][word])
        yield word, one


def _name(class_name: str, word: str, families: Mapping[str, str]) -> str:
    """`PoolNode` -> "pool-node", by its word and family where it has them."""
    if class_name == "Edge":
        return "entry-of-edges"
    if class_name == "DefaultEdge":
        return "edge"
    base, long, short = class_name, "", ""
    if base.endswith("LongForm"):
        base, long = base.removesuffix("LongForm"), "-with-ends"
    if base.endswith("ByKernel"):
        base, short = base.removesuffix("ByKernel"), "-by-kernel"
        word = "_".join(_parts(base)[:-1])
    if base == "DefaultEdge":
        return f"edge{long}"
    if word and base in families:
        return f"{word}-{families[base]}{short}{long}"
    return f"{'-'.join(_parts(re.sub('(Spec|Ref)$', '', base)))}{short}{long}"


def _parts(class_name: str) -> list[str]:
    return [part.lower() for part in re.findall(r"[A-Z][a-z0-9]*", class_name)]


def _title(name: str, word: str) -> str:
    return word or name.removesuffix("-with-ends").removesuffix("-edge-by-kernel").replace("-", " ")


def _example(name: str, word: str, definition: dict[str, Any]) -> Any:
    short = name.removesuffix("-with-ends")
    written = _WRITTEN.get(short, {})
    if not isinstance(written, dict):
        return written
    ends = _ENDS if short != name else {}
    key = "source" if "source" in definition.get("properties", {}) else "kind"
    start = {key: word} if word else {}
    return {**ends, **start, **(written or _first_number(name, definition))}


def _first_number(name: str, definition: dict[str, Any]) -> dict[str, float]:
    if not name.endswith(("-activation", "-optimizer")):
        return {}
    for key, item in definition["properties"].items():
        default = item.get("default")
        if isinstance(default, int | float) and not isinstance(default, bool):
            return {key: default}
    return {}


def _renamed(node: Any, names: Mapping[str, list[str]]) -> Any:
    """With references to the new names; one to several words becomes one to each."""
    if isinstance(node, list):
        return [inner for item in node for inner in _each(item, names)]
    if not isinstance(node, dict):
        return node
    if "$ref" not in node:
        return {key: _renamed(value, names) for key, value in node.items()}
    refs = _each({"$ref": node["$ref"]}, names)
    rest = {key: _renamed(value, names) for key, value in node.items() if key != "$ref"}
    return {**rest, **(refs[0] if len(refs) == 1 else {"anyOf": refs})}


def _each(item: Any, names: Mapping[str, list[str]]) -> list[Any]:
    if not isinstance(item, dict) or item.keys() != {"$ref"}:
        return [_renamed(item, names)]
    return [{"$ref": f"#/$defs/{name}"} for name in names[item["$ref"].removeprefix("#/$defs/")]]


def _described(node: Any, definitions: Mapping[str, Any]) -> Any:
    """With each word of a choice beside the definition that it is short for described."""
    if isinstance(node, list):
        return [_described(item, definitions) for item in node]
    if not isinstance(node, dict):
        return node
    out = {key: _described(value, definitions) for key, value in node.items()}
    if isinstance(options := out.get("anyOf"), list):
        meanings = dict(_short_for(options, definitions))
        out["anyOf"] = [one for option in options for one in _by_word(option, meanings)]
    return out


def _short_for(options: list[Any], definitions: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for option in options:
        definition = definitions.get(option.get("$ref", "").removeprefix("#/$defs/"), {})
        choice = definition.get("properties", {}).get("kind", {})
        if "const" in choice:
            yield choice["const"], definition["description"]
        elif definition.get("title") == "metric":
            for word, meaning in _MEANINGS["MetricSpec"].items():
                yield word, _sentence(meaning)


def _by_word(option: Any, meanings: Mapping[str, str]) -> list[Any]:
    words = option.get("enum", ())
    if not words or not meanings.keys() >= set(words):
        return [option]
    return [{"const": word, "title": word, "description": meanings[word]} for word in words]


def _sentence(meaning: str) -> str:
    return meaning if meaning.endswith(".") else f"{meaning}."
