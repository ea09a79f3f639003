"""The JSON Schema accepts what is read and refuses what is not."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import nngraph
from nngraph.errors import Diagnostics, SourceFile, SpecError
from nngraph.spec import parse_spec
from nngraph.spec.activations import ACTIVATIONS
from nngraph.spec.edges import EDGE_KINDS
from nngraph.spec.events import read_tree
from nngraph.spec.model import LOSSES
from nngraph.spec.nodes import NODE_KINDS
from nngraph.spec.schema import spec_schema
from nngraph.spec.tree import plain_value
from nngraph.words.inits import INITS
from nngraph.words.optimizers import ALL as OPTIMIZERS
from nngraph.words.schedules import SCHEDULES

SCHEMA = spec_schema()

TYPES: dict[str, Any] = {
    "object": dict,
    "array": tuple,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
}


def fits(value: Any, schema: dict[str, Any]) -> bool:
    """A small judge of JSON Schema, for the words that this schema uses."""
    return all(RULES[word](value, rule, schema) for word, rule in schema.items() if word in RULES)


def is_type(value: Any, rule: Any) -> bool:
    if isinstance(rule, list):
        return any(is_type(value, one) for one in rule)
    if isinstance(value, bool):
        return bool(rule == "boolean")
    return isinstance(value, TYPES[rule])


def is_bounded(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def object_fits(value: Any, rule: Any, schema: dict[str, Any]) -> bool:
    if not isinstance(value, dict):
        return True
    known, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    for key, item in value.items():
        rules = [known[key]] if key in known else []
        rules += [inner for pattern, inner in patterns.items() if re.search(pattern, key)]
        if not rules and "additionalProperties" in schema:
            rest = schema["additionalProperties"]
            rules = [rest if isinstance(rest, dict) else {"enum": []}] if rest is not True else []
        if not all(fits(item, inner) for inner in rules):
            return False
    return True


RULES: dict[str, Any] = {
    "$ref": lambda v, r, s: fits(v, SCHEMA["$defs"][r.removeprefix("#/$defs/")]),
    "type": lambda v, r, s: is_type(v, r),
    "enum": lambda v, r, s: v in r,
    "const": lambda v, r, s: v == r and isinstance(v, bool) == isinstance(r, bool),
    "anyOf": lambda v, r, s: any(fits(v, one) for one in r),
    "required": lambda v, r, s: not isinstance(v, dict) or set(r) <= set(v),
    "properties": object_fits,
    "patternProperties": object_fits,
    "additionalProperties": object_fits,
    "items": lambda v, r, s: not isinstance(v, tuple) or all(fits(one, r) for one in v),
    "prefixItems": lambda v, r, s: (
        not isinstance(v, tuple) or all(fits(one, rule) for one, rule in zip(v, r, strict=False))
    ),
    "maxItems": lambda v, r, s: not isinstance(v, tuple) or len(v) <= r,
    "minItems": lambda v, r, s: not isinstance(v, tuple) or len(v) >= r,
    "minProperties": lambda v, r, s: not isinstance(v, dict) or len(v) >= r,
    "maxProperties": lambda v, r, s: not isinstance(v, dict) or len(v) <= r,
    "minLength": lambda v, r, s: not isinstance(v, str) or len(v) >= r,
    "pattern": lambda v, r, s: not isinstance(v, str) or re.search(r, v) is not None,
    "minimum": lambda v, r, s: not is_bounded(v) or v >= r,
    "maximum": lambda v, r, s: not is_bounded(v) or v <= r,
    "exclusiveMinimum": lambda v, r, s: not is_bounded(v) or v > r,
    "exclusiveMaximum": lambda v, r, s: not is_bounded(v) or v < r,
    "propertyNames": lambda v, r, s: not isinstance(v, dict) or all(fits(key, r) for key in v),
}

NO_RULES = {"$schema", "$defs", "title", "description", "default", "format", "examples"}


def schemas(node: Any) -> Iterator[dict[str, Any]]:
    """Every schema inside a schema."""
    if isinstance(node, list):
        for item in node:
            yield from schemas(item)
    elif isinstance(node, dict):
        yield node
        for word, item in node.items():
            if word in ("properties", "$defs", "patternProperties"):
                for inner in item.values():
                    yield from schemas(inner)
            elif word not in ("enum", "const", "default", "required", "examples"):
                yield from schemas(item)


def written(text: str) -> Any:
    return plain_value(read_tree(SourceFile("schema", text), Diagnostics()))


def test_the_judge_knows_every_word_of_the_schema() -> None:
    words = {word for schema in schemas(SCHEMA) for word in schema}
    assert words <= RULES.keys() | NO_RULES


def test_every_reference_leads_somewhere() -> None:
    for schema in schemas(SCHEMA):
        if "$ref" in schema:
            assert schema["$ref"].removeprefix("#/$defs/") in SCHEMA["$defs"]


def test_it_is_json_and_names_its_draft() -> None:
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_every_key_is_described() -> None:
    kinds = {"kind", "source"}
    for name, definition in SCHEMA["$defs"].items():
        assert "description" in definition, name
        for key, schema in definition.get("properties", {}).items():
            assert key in kinds or "from" in definition["properties"] or "description" in schema, (
                name,
                key,
            )


def class_names() -> set[str]:
    """Every class that the package defines."""
    defined = re.compile(r"^class ([A-Z]\w*)", re.MULTILINE)
    texts = (path.read_text("utf-8") for path in Path(nngraph.__file__).parent.rglob("*.py"))
    return {name for text in texts for name in defined.findall(text)}


def test_definitions_titles_and_references_are_words_and_no_classes() -> None:
    joined = {name for name in class_names() if re.search("[a-z][A-Z]", name)}
    assert "PoolNode" in joined
    text = json.dumps(SCHEMA)
    assert [name for name in sorted(joined) if re.search(rf"\b{name}(?![a-z])", text)] == []
    titles = {schema["title"] for schema in schemas(SCHEMA) if "title" in schema}
    assert not class_names() & {*SCHEMA["$defs"], *titles}


def test_every_definition_has_a_title_a_description_and_one_example_that_fits_it() -> None:
    for name, definition in SCHEMA["$defs"].items():
        assert definition["title"], name
        assert definition["description"], name
        (example,) = definition["examples"]
        assert fits(written(json.dumps(example)), definition), name


@pytest.mark.parametrize(
    ("family", "words"),
    [
        ("node", {*NODE_KINDS}),
        ("edge", {*EDGE_KINDS}),
        ("activation", {*ACTIVATIONS}),
        ("loss", {*LOSSES}),
        ("optimizer", {row.word() for row in OPTIMIZERS}),
        ("schedule", {row.word() for row in SCHEDULES}),
        ("init", {row.name for row in INITS}),
    ],
)
def test_each_word_of_a_family_has_a_definition(family: str, words: set[str]) -> None:
    assert {f"{word}-{family}" for word in words} <= SCHEMA["$defs"].keys()


PLACES = {
    "node": "nodes: {x: input, n: HERE}\nedges: []",
    "edge": "nodes: {x: input, y: {}}\nedges: [x -> y: HERE]",
    "ends": "nodes: {a: input, b: {}}\nedges: [HERE]",
    "edges": "nodes: {x: input, h: {}, y: {}}\nedges: [HERE]",
    "activation": "nodes: {x: input, y: {activation: HERE}}\nedges: [x -> y]",
    "loss": "nodes: {x: input, y: {}}\nedges: [x -> y]\nloss: HERE",
    "optimizer": "nodes: {x: input}\nedges: []\ntrain: {batch_size: full, optimizer: HERE}",
    "schedule": "nodes: {x: input}\nedges: []\ntrain: {schedule: HERE}",
    "source": "nodes: {x: input}\nedges: []\ndata: HERE",
    "init": "nodes: {x: input, y: {}}\nedges: [x -> y: {init: HERE}]",
    "augmentation": "nodes: {x: input}\nedges: []\ndata: {source: xor, augment: [HERE]}",
    "normalization": "nodes: {x: input}\nedges: []\ndata: {source: xor, normalize: HERE}",
    "kernel": "nodes: {x: input, y: {}}\nedges: [x -> y: HERE]",
    "expect": "nodes: {x: input, y: {}}\nedges: [x -> y]\nexpect: [HERE]",
    "bias": "nodes: {x: input, y: {bias: HERE}}\nedges: [x -> y]",
    "metric": "nodes: {x: input}\nedges: []\ntrain: {metrics: [HERE]}",
    "train": "nodes: {x: input}\nedges: []\ntrain: HERE",
    "clip": "nodes: {x: input}\nedges: []\ntrain: {clip: HERE}",
    "stopping": "nodes: {x: input}\nedges: []\ntrain: {early_stopping: HERE}",
    "checkpoints": "nodes: {x: input}\nedges: []\ntrain: {checkpoint: HERE}",
    "split": "nodes: {x: input}\nedges: []\ndata: {source: xor, split: HERE}",
}


@pytest.mark.parametrize(
    ("name", "example"),
    [
        (name, definition["examples"][0])
        for name, definition in SCHEMA["$defs"].items()
        if name.rsplit("-", 1)[-1] in PLACES
    ],
)
def test_each_example_is_read_where_it_belongs(name: str, example: Any, tmp_path: Path) -> None:
    text = PLACES[name.rsplit("-", 1)[-1]].replace("HERE", json.dumps(example))
    parse_spec(f"nngraph: 1\n{text}\n", folder=tmp_path)
    assert fits(written(f"nngraph: 1\n{text}\n"), SCHEMA)


def test_each_short_word_says_what_it_means() -> None:
    choice = SCHEMA["$defs"]["activation-node"]["properties"]["function"]["anyOf"]
    means = {one["const"]: one["description"] for one in choice if "const" in one}
    assert means.keys() == {*ACTIVATIONS}
    assert means["relu"] == "max(a, 0)."


GOOD = """\
nngraph: 1
name: all
nodes:
  x: input
  x2: {kind: input, shape: 3, labels: [a, b, c]}
  h1, h2: {units: 3, activation: tanh, bias: false}
  g: {activation: {kind: leaky_relu, alpha: 0.1}, bias: [1], aggregate: maximum, share: h1}
  k: {bias: {value: 0.5, trainable: false}, title: Text}
  d: {kind: dropout, rate: 0.5}
  a: {kind: activation, function: relu}
  s: {kind: slice, start: 1}
  y: {}
edges:
  - x -> h1 -> y
  - x, x2 -> h2
  - x2[0:2] -> g: 0.5
  - h1 -> g: [[1], [2], [3]]
  - h2 -> d: identity
  - d -> k: {weight: {file: w.npz, key: W}, trainable: false}
  - {from: k, to: a, kind: scale, init: {kind: normal, stddev: 0.1}}
  - {from: g, to: s, share: {edge: x->h1, transpose: true}}
  - {file: edges.csv}
outputs: [y, "g[0]"]
loss: [cross_entropy, {kind: mean_squared_error, node: g, weight: 0.5}]
data: {source: digits, split: {test: 0.2}, normalize: standard}
train: {epochs: 3, batch_size: full, optimizer: adam, metrics: [accuracy]}
expect:
  - {given: {x: 0}, output: {y: [1, cat]}, trained: true}
  - {shape: {y: 1}}
  - {parameters: 3}
  - {metric: accuracy, at_least: 0.9}
"""


def test_it_accepts_every_short_and_long_form(tmp_path: Path) -> None:
    (tmp_path / "edges.csv").write_text("from,to,weight\n")
    parse_spec(GOOD, folder=tmp_path)
    assert fits(written(GOOD), SCHEMA)


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ("nngraph: 1", "nngraph: 2"),
        ("name: all", "nmae: all"),
        ("x: input", "x: inputt"),
        ("units: 3", "unit: 3"),
        ("units: 3", "units: 0"),
        ("units: 3", "units: '3'"),
        ("activation: tanh", "activation: tahn"),
        ("alpha: 0.1", "alfa: 0.1"),
        ("bias: [1]", "bias: [[a]]"),
        ("aggregate: maximum", "aggregate: max"),
        ("rate: 0.5", "rate: 1"),
        ("rate: 0.5", "raet: 0.5"),
        ("x -> h1 -> y", "x"),
        ("x2[0:2] -> g: 0.5", "x2[0:2] -> g: much"),
        ("kind: scale", "kind: sclae"),
        ("{file: edges.csv}", "{files: edges.csv}"),
        ("- cross_entropy", "- cros_entropy"),
        ("kind: mean_squared_error", "kind: mean_error"),
        ("source: digits", "source: digts"),
        ("epochs: 3", "epochs: many"),
        ("batch_size: full", "batch_size: half"),
        ("optimizer: adam", "optimizer: adma"),
        ("metrics: [accuracy]", "metrics: [acc]"),
        ("trained: true", "trained: maybe"),
        ("at_least: 0.9", "atleast: 0.9"),
        ("h1, h2: {", "h-1: {"),
    ],
)
def test_it_refuses_what_the_reader_refuses(good: str, bad: str, tmp_path: Path) -> None:
    (tmp_path / "edges.csv").write_text("from,to,weight\n")
    text = GOOD.replace("[cross_entropy, {", "\n  - cross_entropy\n  - {").replace("0.5}]", "0.5}")
    assert fits(written(text), SCHEMA)
    broken = text.replace(good, bad, 1)
    assert broken != text
    assert not fits(written(broken), SCHEMA)
    with pytest.raises(SpecError):
        parse_spec(broken, folder=tmp_path)


@pytest.mark.parametrize("kind", NODE_KINDS)
def test_the_schema_takes_a_kind_by_its_name_alone_where_a_file_may_give_it_so(kind: str) -> None:
    text = f"nngraph: 1\nnodes: {{x: input, y: {kind}}}\nedges: [x -> y]\n"
    try:
        parse_spec(text)
    except SpecError:
        assert not fits(written(text), SCHEMA)
    else:
        assert fits(written(text), SCHEMA)
