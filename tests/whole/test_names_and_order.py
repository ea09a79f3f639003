"""Names reach no source, and the order of `nodes` reaches nothing at all."""

from __future__ import annotations

import random

import pytest
import yaml
from shipped import ON_MNIST, data_overrides, every_spec, every_spec_trained

import nngraph
from nngraph.network import compile_document
from nngraph.spec import parse_spec


def split_names(nodes: dict) -> dict:
    """`h1, h2: {...}` written as two entries."""
    return {name.strip(): node for names, node in nodes.items() for name in names.split(",")}


def renamed(text: str) -> str:
    """The same network with every node id replaced."""
    spec = yaml.safe_load(text)
    nodes = split_names(spec["nodes"])
    new = {name: f"q{k}_{name[::-1]}" for k, name in enumerate(sorted(nodes, reverse=True))}

    def end(words: str) -> str:
        for arrow in ("->", ","):
            if arrow in words:
                return f" {arrow} ".join(end(w) for w in words.split(arrow))
        name, bracket, units = words.strip().partition("[")
        return new[name] + bracket + units

    def edge(entry):
        if isinstance(entry, str):
            return end(entry)
        ((ends, options),) = entry.items()
        if isinstance(options, dict) and "share" in options:
            share = options["share"]
            share = share if isinstance(share, dict) else {"edge": share}
            options = {**options, "share": {**share, "edge": end(share["edge"]).replace(" ", "")}}
        return {end(ends): options}

    spec["nodes"] = {}
    for name, node in nodes.items():
        if isinstance(node, dict) and "share" in node:
            node = {**node, "share": new[node["share"]]}
        spec["nodes"][new[name]] = node
    spec["edges"] = [edge(entry) for entry in spec["edges"]]
    if "outputs" in spec:
        spec["outputs"] = [new[name] for name in spec["outputs"]]
    if "loss" in spec:
        loss = spec["loss"] if isinstance(spec["loss"], dict) else {"kind": spec["loss"]}
        for key in ("node", "target"):
            if loss.get(key) in new:
                loss[key] = new[loss[key]]
        spec["loss"] = loss
    for key in ("data", "expect"):
        spec.pop(key, None)
    return yaml.safe_dump(spec, sort_keys=False)


def sources(text: str) -> list[str]:
    compiled = compile_document(parse_spec(text))
    stages = (compiled.evaluation_stage, compiled.gradient_stage, compiled.update_stage)
    return [stage.text for stage in stages if stage is not None]


@every_spec
def test_renaming_every_id_changes_no_byte_of_the_source(path):
    text = path.read_text()
    other = renamed(text)
    assert other != text
    assert sources(other) == sources(text)


@every_spec_trained
def test_shuffling_the_nodes_changes_no_byte_of_the_trained_weights(path):
    spec = yaml.safe_load(path.read_text())
    if "train" not in spec:
        pytest.skip("nothing to train")
    spec["train"]["epochs"] = 1 if path.stem in ON_MNIST else min(spec["train"]["epochs"], 3)
    where = data_overrides(path)
    nodes = list(split_names(spec["nodes"]).items())
    trained = []
    for seed in (None, 1):
        if seed is not None:
            random.Random(seed).shuffle(nodes)
        text = yaml.safe_dump({**spec, "nodes": dict(nodes)}, sort_keys=False)
        model = nngraph.compile(text, where)
        model.fit()
        trained.append({name: w.tobytes() for name, w in model.weights.items()})
    assert trained[0] == trained[1]
