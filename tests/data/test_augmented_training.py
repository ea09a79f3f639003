"""Training with augmentation: the same bits again, none of it while evaluating."""

import numpy as np
import pytest

import nngraph

SPEC = """
nngraph: 1
nodes:
  image: {kind: input, shape: [8, 8, 1]}
  h: {units: 8, activation: relu}
  y: {units: 10, activation: softmax}
edges: [image -> h -> y]
loss: {kind: cross_entropy, target: label}
data:
  source: digits
  split: {test: 0.2}
  normalize: {kind: scale, divisor: 16}
  augment: AUGMENT
train: {epochs: 2, batch_size: 50, optimizer: {kind: adam, learning_rate: 0.01}}
"""
EVERYTHING = "[shift, rotate, scale, flip, crop, noise, erase, mixup]"


def trained(augment, **changes):
    model = nngraph.compile(SPEC.replace("AUGMENT", augment), **changes)
    return model, model.fit()


@pytest.mark.parametrize("augment", [EVERYTHING, "[noise]", "[shift, mixup]"])
def test_two_runs_have_the_same_bits_and_another_seed_has_not(augment):
    (first, _), (second, _), (other, _) = (
        trained(augment),
        trained(augment),
        trained(augment, seed=1),
    )
    for name, weight in first.weights.items():
        np.testing.assert_array_equal(weight, second.weights[name])
    assert any((other.weights[name] != weight).any() for name, weight in first.weights.items())


def test_every_epoch_brings_new_variations():
    model = nngraph.compile(SPEC.replace("AUGMENT", "[{kind: noise, stddev: 0.5}]"))
    epochs = model.fit(epochs=3, learning_rate=1e-12)  # weights stay, so only the data change
    losses = [epoch.train["loss"] for epoch in epochs]
    assert len(set(losses)) == 3
    plain = nngraph.compile(SPEC.replace("AUGMENT", "[]"))
    still = [epoch.train["loss"] for epoch in plain.fit(epochs=3, learning_rate=1e-12)]
    np.testing.assert_allclose(still, still[0], rtol=1e-5)


def test_evaluation_sees_the_data_as_they_are():
    varied, _ = trained(EVERYTHING)
    plain = nngraph.compile(SPEC.replace("AUGMENT", "[]"))
    plain.weights = varied.weights
    for part in ("train", "test"):
        assert varied.evaluate(part=part) == plain.evaluate(part=part)


def test_shifted_digits_are_learnt_better_from_shifted_ones():
    plain, _ = trained("[]")
    varied, _ = trained("[{kind: shift, pixels: 1}]")
    for model in (plain, varied):
        model.fit(epochs=25)
    test = plain.data.parts["test"]
    moved = np.roll(test.inputs["image"] * 16, 1, axis=2)
    moved[:, :, 0] = 0
    labels = test.targets["label"].argmax(axis=1)

    def accuracy(model):
        return (model.predict(moved).argmax(axis=1) == labels).mean()

    assert accuracy(varied) > accuracy(plain) + 0.1
