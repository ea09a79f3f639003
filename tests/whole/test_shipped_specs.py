"""Every shipped spec is checked, drawn, trained where it trains, and keeps its expectations."""

from __future__ import annotations

from xml.etree import ElementTree

from shipped import SPECS, data_overrides, every_spec, every_spec_trained

import nngraph
from nngraph.app.test import run_expect

PROMISED = {
    "perceptron-snack",
    "is-it-a-zero",
    "xor-gates",
    "xor-trained",
    "iris-mlp",
    "digits-mlp",
    "mnist-mlp",
    "nielsen-30",
    "circles",
    "spirals",
    "sine-regression",
    "residual-mlp",
    "autoencoder-mlp",
    "mixed",
    "twin",
    "lenet-digits",
    "mnist-convnet",
    "sobel",
    "sharpen",
    "autoencoder-digits",
    "mnist-pytorch-example",
    "unet-shapes",
    "residual-convnet",
    "photos",
    "iris-search",
    "how-many-neurons",
    "digits-genetic",
    "evolved-xor",
}


def outcomes(model: nngraph.Model):
    return run_expect(
        model.learner,
        lambda: model.data,
        uses_weights=model.is_trained or not model.drawn,
        is_trained=model.is_trained,
    )


def test_the_promised_specs_are_there():
    assert {path.stem for path in SPECS} >= PROMISED


@every_spec
def test_a_shipped_spec_is_in_order_and_describes_itself(path):
    model = nngraph.compile(path)
    assert model.name == path.stem
    assert model.document.spec.description
    assert not model.document.lints
    assert not [o for o in outcomes(model) if o.status == "failed"]


@every_spec
def test_a_shipped_spec_is_drawn(path, tmp_path):
    model = nngraph.compile(path)
    model.render(tmp_path / "net.svg")
    root = ElementTree.fromstring((tmp_path / "net.svg").read_text())
    text = "".join(root.itertext())
    for node in model.network.graph.order:
        title = model.document.nodes[node].node.title
        assert node in text or (title is not None and title in text)


@every_spec_trained
def test_a_shipped_spec_keeps_its_expectations(path):
    model = nngraph.compile(path, data_overrides(path))
    if model.document.spec.train is not None:
        model.fit()
    failed = [o for o in outcomes(model) if o.status != "passed"]
    assert not failed, "\n".join(f"{o.span}: expected {o.expected}, got {o.got}" for o in failed)
