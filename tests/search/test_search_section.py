"""Every mistake in a `search` section is found before the first trial, once, at its place."""

from __future__ import annotations

import pytest

import nngraph
from nngraph.errors import SpecError
from nngraph.spec import parse_spec

HEAD = """\
nngraph: 1
nodes:
  x: {kind: input, shape: 2}
  h: {units: 3, activation: tanh}
  y: {activation: sigmoid}
edges: [x -> h -> y]
loss: {kind: binary_cross_entropy, target: label}
data: {source: xor}
train: {epochs: 3, batch_size: full, optimizer: adam, metrics: [accuracy]}
search:
"""
LINES = HEAD.count("\n")


def errors_of(search: str) -> list[tuple[str, str, str]]:
    """Code, what the caret stands under, and the text beside it, of each mistake."""
    text = HEAD + search
    found = nngraph.check(text)
    assert all(e.span is not None and e.span.line > LINES for e in found.errors), found.errors
    return [(e.code, text[e.span.start : e.span.end], e.label) for e in found.errors if e.span]


MISTAKES = {
    "an unknown way": ("by: swarn\n  space: {train.epochs: [1, 2]}", ("E108", "swarn")),
    "an option of another way": (
        "by: {kind: swarm, population: 3}\n  space: {train.epochs: [1, 2]}",
        ("E104", "population"),
    ),
    "no space": ("by: random", ("E107", "by: random")),
    "an empty list": ("space: {train.epochs: []}", ("E107", "[]")),
    "a number alone": ("space: {train.epochs: 3}", ("E106", "3")),
    "one end": ("space: {train.l1: {uniform: [1]}}", ("E106", "[1]")),
    "ends the wrong way round": ("space: {train.l1: {uniform: [1, 0]}}", ("E107", "0")),
    "a logarithm of 0": ("space: {train.l1: {log: [0, 1]}}", ("E107", "0")),
    "a broken whole number": ("space: {train.epochs: {integer: [1, 2.5]}}", ("E106", "2.5")),
    "a step beyond": ("space: {train.epochs: {integer: [1, 3], step: 5}}", ("E107", "5")),
    "two aims": (
        "minimize: train.loss\n  maximize: train.accuracy\n  space: {train.epochs: [1, 2]}",
        ("E107", "train.accuracy"),
    ),
    "no such figure": (
        "maximize: train.acuracy\n  space: {train.epochs: [1, 2]}",
        ("E260", "train.acuracy"),
    ),
    "no validation part": (
        "minimize: validation.loss\n  space: {train.epochs: [1, 2]}",
        ("E260", "validation.loss"),
    ),
    "the test part": (
        "minimize: test.loss\n  space: {train.epochs: [1, 2]}",
        ("E260", "test.loss"),
    ),
    "a path inside another": (
        "space: {train.optimizer: [sgd, adam], train.optimizer.learning_rate: [0.1, 0.2]}",
        ("E261", "train.optimizer.learning_rate"),
    ),
    "the search itself": ("space: {search.trials: [1, 2]}", ("E262", "search.trials")),
    "a choice twice": ("space: {nodes.h.units: [1, 2, 1]}", ("E263", "1")),
    "no such node": ("space: {nodes.hh.units: [1, 2]}", ("E132", "hh")),
    "no such key": ("space: {nodes.h.unitz: [1, 2]}", ("E104", "unitz")),
    "no such edge": ("space: {edges.x->k.weight: [1, 2]}", ("E131", "x->k")),
    "no such position": ("space: {train.metrics.7: [auc]}", ("E130", "7")),
    "a word that is none": ("space: {nodes.h.activation: [tanh, tahn]}", ("E108", "tahn")),
    "an end out of bounds": ("space: {nodes.h.units: {integer: [0, 4]}}", ("E107", "0")),
    "a special value out of bounds": (
        "space: {train.optimizer.learning_rate: {log: [0.1, 1], or: -1}}",
        ("E107", "-1"),
    ),
    "an end that is no whole number": (
        "space: {nodes.h.units: {uniform: [1, 2.5]}}",
        ("E106", "2.5"),
    ),
    "a choice through which nothing learns": (
        "space: {nodes.h.activation: [tanh, step]}",
        ("E243", "step"),
    ),
    "a loss for which the output is wrong": (
        "space: {loss: [{kind: mean_squared_error, target: label}, cross_entropy]}",
        ("E240", "cross_entropy"),
    ),
    "a mistake inside a mapping": (
        "space: {train.optimizer: [adam, {kind: sgd, momentun: 0.9}]}",
        ("E104", "momentun"),
    ),
    "a split that leaves nothing": (
        "space: {data.split: [{validation: 0.25}, {validation: 0.6, test: 0.39}]}",
        ("E412", "{validation: 0.6, test: 0.39}"),
    ),
}


@pytest.mark.parametrize(("search", "wrong"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_told_once_at_its_place(search, wrong):
    (told,) = errors_of(f"  {search}\n")
    assert told[:2] == wrong


def test_all_mistakes_are_told_in_one_run():
    found = errors_of(
        "  maximize: train.loss2\n  space: {nodes.k.units: [1], search.by: [random], "
        "train.l1: {uniform: [0, 1]}, train: [1]}\n"
    )
    assert [code for code, _, _ in found] == ["E260", "E262", "E261"]


GOOD = {
    "every kind of values": "space: {nodes.h.units: {integer: [1, 9], step: 2}, "
    "nodes.h.activation: [tanh, relu], train.weight_decay: {log: [1e-6, 1e-2], or: 0}, "
    "train.l1: {uniform: [0, 1]}}",
    "mappings": "space: {train.optimizer: [{kind: sgd, momentum: 0.9}, adam]}",
    "two that go only together": "space: {loss: [{kind: binary_cross_entropy, target: label}, "
    "{kind: hinge, target: label}], nodes.y.activation: [sigmoid, identity]}",
    "one weight, and an option of an edge": "space: {edges.x->h.trainable: [true, false]}",
    "the default figure": "by: genetic\n  space: {train.epochs: [1, 2]}",
}


@pytest.mark.parametrize("search", GOOD.values(), ids=GOOD)
def test_a_search_that_can_be_done_is_in_order(search):
    assert not errors_of(f"  {search}\n")


def test_what_a_section_says_is_found_in_the_document():
    text = HEAD + "  by: swarm\n  space: {nodes.h.units: {integer: [1, 9], step: 3, or: 20}}\n"
    search = parse_spec(text).search
    assert search is not None
    (values,) = search.space.values()
    assert (search.by.kind, values.ends, values.special) == ("swarm", (1, 7), 20)
    assert search.aim == ("minimize", None)


def test_a_broken_section_stops_a_compilation_and_a_good_one_changes_nothing_in_it():
    with pytest.raises(SpecError, match="E107"):
        nngraph.compile(HEAD + "  by: grid\n")
    plain = nngraph.compile(HEAD.removesuffix("search:\n"))
    searched = nngraph.compile(HEAD + "  space: {nodes.h.units: [1, 2]}\n")
    assert plain.network.gradient_stage.source.text == searched.network.gradient_stage.source.text
