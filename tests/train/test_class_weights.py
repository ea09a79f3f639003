"""Weights of classes by name and balanced: the same training as with the numbers written out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import nngraph
from nngraph.errors import SpecError
from nngraph.spec import parse_spec
from nngraph.train.class_weights import balanced

SPEC = """\
nngraph: 1
name: net
nodes: {{x: {{kind: input, shape: 2}}, y: {{units: 3, activation: softmax{labels}}}}}
edges: [x -> y]
loss: {{kind: {kind}, target: pet, class_weights: {weights}}}
data: {{source: csv, path: t.csv, inputs: {{x: [a, b]}}}}
train: {{epochs: 3, batch_size: full}}
"""
ROWS = "a,b,pet\n" + "".join(
    f"{n},{n % 3},{pet}\n" for n, pet in enumerate(["dog"] * 6 + ["cat"] * 2 + ["rat"] * 4)
)
BALANCED = "[2, 0.6666666666666666, 1]"  # 12 / (3 * 2), 12 / (3 * 6), 12 / (3 * 4)


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("t.csv").write_text(ROWS)


def trained(weights: str, labels: str = "", kind: str = "cross_entropy") -> nngraph.Model:
    Path("net.yaml").write_text(SPEC.format(weights=weights, labels=labels, kind=kind))
    return nngraph.train_run("net.yaml")


@pytest.mark.parametrize(
    ("said", "written", "labels"),
    [
        ("balanced", BALANCED, ""),
        ("{cat: 5, rat: 0.5}", "[5, 1, 0.5]", ""),
        ("{cat: 5, rat: 0.5}", "[0.5, 1, 5]", ", labels: [rat, dog, cat]"),
        ("balanced", "[1, 0.6666666666666666, 2]", ", labels: [rat, dog, cat]"),
    ],
)
@pytest.mark.parametrize("kind", ["cross_entropy", "focal"])
def test_what_is_said_trains_as_the_numbers_do(
    said: str, written: str, labels: str, kind: str
) -> None:
    by_word, by_number = trained(said, labels, kind), trained(written, labels, kind)
    for name, array in by_number.weights.items():
        np.testing.assert_array_equal(by_word.weights[name], array)
    assert by_word.history[-1].train["loss"] == by_number.history[-1].train["loss"]
    assert trained("[1, 1, 1]", labels, kind).history[-1].train != by_word.history[-1].train


def test_the_run_keeps_the_numbers_and_goes_on_with_them() -> None:
    model = trained("balanced")
    assert model.run is not None
    resolved = (model.run / "resolved.yaml").read_text()
    assert "class_weights: [2.0, 0.6666666666666666, 1.0]" in resolved
    with pytest.warns(UserWarning, match=r"train\.epochs was 3, it is 5"):
        further = nngraph.resume(model.run, ["train.epochs=5"])
    whole = nngraph.train_run("net.yaml", ["train.epochs=5"])
    np.testing.assert_array_equal(further.weights["x->y"], whole.weights["x->y"])
    assert further.history[-1].train["loss"] == whole.history[-1].train["loss"]


def test_fit_in_memory_weighs_too() -> None:
    x, y = np.arange(24.0).reshape(12, 2), ["dog"] * 6 + ["cat"] * 2 + ["rat"] * 4
    found = []
    for weights in ("balanced", BALANCED, "[1, 1, 1]"):
        text = SPEC.format(weights=weights, labels="", kind="cross_entropy")
        model = nngraph.compile("\n".join(ln for ln in text.splitlines() if "data:" not in ln))
        found.append(model.fit(x, y)[-1].train["loss"])
    assert found[0] == found[1] != found[2]


def test_a_class_that_there_is_not_is_told_at_its_place() -> None:
    Path("net.yaml").write_text(SPEC.format(weights="{cta: 2}", labels="", kind="cross_entropy"))
    checked = nngraph.check("net.yaml")
    (told,) = checked.errors
    assert (told.code, told.label) == ("E244", "did you mean 'cat'?")
    assert told.message == "'cta' is no class of 'pet'; its classes are 'cat', 'dog' and 'rat'"
    with pytest.raises(SpecError, match="'cta' is no class of 'pet'"):
        nngraph.train_run("net.yaml")


def test_masks_count_their_pixels_and_a_class_without_rows_counts_once() -> None:
    masks = np.zeros((2, 2, 2, 3))
    masks[..., 0] = 1
    masks[0, 0, 0] = (0, 1, 0)
    assert balanced(masks) == (8 / (3 * 7), 8 / 3, 1.0)


def test_other_words_are_refused() -> None:
    with pytest.raises(SpecError, match="class_weights"):
        parse_spec(SPEC.format(weights="even", labels="", kind="cross_entropy"))
