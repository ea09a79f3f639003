"""Words of Keras, PyTorch, scikit-learn, Caffe and Ludwig are answered with ours."""

from __future__ import annotations

import pytest

import nngraph
from nngraph.diagnostics import foreign
from nngraph.diagnostics.foreign import our_word
from nngraph.errors import suggest
from nngraph.spec.activations import ACTIVATIONS
from nngraph.spec.nodes import NODE_KINDS
from nngraph.spec.schema import spec_schema

SPEC = """\
nngraph: 1
nodes:
  x: {kind: input, shape: 4}
  h: {units: 4}
  y: {units: 3, activation: softmax}
edges:
  - x -> h
  - h -> y
loss: cross_entropy
train: {epochs: 1}
"""
H, X, EDGE, LOSS, TRAIN = "h: {units: 4}", "shape: 4", "- x -> h\n", "loss: cross_entropy", "1}"

# what stands in the file, what is written there instead, the word under the caret, the answer
CASES: tuple[tuple[str, str, str, str], ...] = (
    (LOSS, "loss: mse", "mse", "'mean_squared_error'"),
    (LOSS, "loss: MSELoss", "MSELoss", "'mean_squared_error'"),
    (LOSS, "loss: mae", "mae", "'mean_absolute_error'"),
    (LOSS, "loss: bce", "bce", "'binary_cross_entropy'"),
    (LOSS, "loss: BCEWithLogitsLoss", "BCEWithLogitsLoss", "'binary_cross_entropy'"),
    (LOSS, "loss: CrossEntropyLoss", "CrossEntropyLoss", "'cross_entropy'"),
    (LOSS, "loss: categorical_crossentropy", "categorical_crossentropy", "'cross_entropy'"),
    (
        LOSS,
        "loss: sparse_categorical_crossentropy",
        "sparse_categorical_crossentropy",
        "'cross_entropy'",
    ),
    (LOSS, "loss: SoftmaxWithLoss", "SoftmaxWithLoss", "'cross_entropy'"),
    (LOSS, "loss: nll_loss", "nll_loss", "'negative_log_likelihood'"),
    (LOSS, "loss: SmoothL1Loss", "SmoothL1Loss", "'huber'"),
    (LOSS, "loss: {kind: cross_entropy, from_logits: true}", "from_logits", "leave it out"),
    (TRAIN, "1, metrics: [acc]}", "acc", "'accuracy'"),
    (TRAIN, "1, metrics: [auc]}", "auc", "'roc_auc'"),
    (TRAIN, "1, metrics: [f1_score]}", "f1_score", "'f1'"),
    (TRAIN, "1, lr: 0.1}", "lr", "optimizer: {kind: adam, learning_rate: 0.001}"),
    (TRAIN, "1, learning_rate: 0.1}", "learning_rate", "belongs to the optimizer"),
    (TRAIN, "1, optimizer: {kind: adam, lr: 0.1}}", "lr", "'learning_rate'"),
    (TRAIN, "1, optimizer: {kind: sgd, base_lr: 0.1}}", "base_lr", "'learning_rate'"),
    (TRAIN, "1, optimizer: Adam(0.01)}", "Adam(0.01)", "`{kind: adam, learning_rate: 0.01}`"),
    (TRAIN, "1, optimizer: SGD(lr=0.5)}", "SGD(lr=0.5)", "`{kind: sgd, learning_rate: 0.5}`"),
    (TRAIN, "1, optimizer: Adam}", "Adam", "'adam'"),
    (TRAIN, "1, optimizer: {kind: sgd, weight_decay: 0.1}}", "weight_decay", "under `train`"),
    (TRAIN, "1, batch: 32}", "batch", "'batch_size'"),
    (TRAIN, "1, validation_split: 0.2}", "validation_split", "`split: {validation: 0.2"),
    (TRAIN, "1, early_stopping: true}", "true", "`{patience: 10}`"),
    (TRAIN, "1, patience: 5}", "patience", "early_stopping: {patience: 10}"),
    (TRAIN, "1, callbacks: []}", "callbacks", "`early_stopping`"),
    (TRAIN, "1, random_state: 3}", "random_state", "'seed'"),
    (TRAIN, "1, l2: 0.1}", "l2", "'weight_decay'"),
    (TRAIN, "1, lr_scheduler: cosine}", "lr_scheduler", "'schedule'"),
    (TRAIN, "1, device: cuda}", "device", "processor"),
    ("epochs", "max_iter", "max_iter", "'epochs'"),
    (H, "h: {kind: dense, units: 4}", "dense", "leave `kind` out"),
    (H, "h: {kind: Linear, units: 4}", "Linear", "leave `kind` out"),
    (H, "h: {kind: InnerProduct}", "InnerProduct", "leave `kind` out"),
    (H, "h: {kind: conv2d, units: 4}", "conv2d", "`x -> h: {conv: 3}`"),
    (H, "h: {kind: MaxPooling2D}", "MaxPooling2D", "'pool'"),
    (H, "h: {kind: BatchNormalization}", "BatchNormalization", "'batch_norm'"),
    (H, "h: {kind: relu}", "relu", "{kind: activation, function: relu}"),
    (H, "h: {units: 4, dropout: 0.5}", "dropout", "`d: {kind: dropout, rate: 0.5}`"),
    (H, "h: {kind: dropout, p: 0.5}", "p", "'rate'"),
    (H, "h: {out_features: 4}", "out_features", "'units'"),
    (H, "h: {hidden_layer_sizes: 4}", "hidden_layer_sizes", "'units'"),
    (H, "h: {num_output: 4}", "num_output", "'units'"),
    (H, "h: {units: 4, filters: 8}", "filters", "are its channels"),
    (H, "h: {units: 4, kernel_size: 3}", "kernel_size", "a convolution is an edge"),
    (H, "h: {units: 4, input_shape: 4}", "input_shape", "follows from the edges"),
    (H, "h: {units: 4, use_bias: false}", "use_bias", "'bias'"),
    (H, "h: {units: 4, kernel_initializer: he}", "kernel_initializer", "weights are on edges"),
    (H, "h: {units: 4, activation: linear}", "linear", "'identity'"),
    (H, "h: {units: 4, activation: logistic}", "logistic", "'sigmoid'"),
    (H, "h: {units: 4, activation: swish}", "swish", "'silu'"),
    (H, "h: {units: 4, activation: LeakyReLU}", "LeakyReLU", "'leaky_relu'"),
    (EDGE, "- x -> h: {activation: relu}\n", "activation", "functions are on nodes"),
    (EDGE, "- x -> h: {bias: false}\n", "bias", "a bias belongs to the node"),
    (EDGE, "- x -> h: {conv: 3, filters: 4}\n", "filters", "the channels are `units`"),
    (EDGE, "- x -> h: {conv: 3, strides: 2}\n", "strides", "'stride'"),
    (EDGE, "- x -> h: {init: constant}\n", "constant", "`weight: 0.5`"),
    (EDGE, "- x -> h: {init: xavier}\n", "xavier", "'glorot_uniform'"),
    (EDGE, "- x -> h: {init: kaiming_normal}\n", "kaiming_normal", "'he_normal'"),
    (EDGE, "- x -> h: {requires_grad: false}\n", "requires_grad", "'trainable'"),
    ("nngraph: 1\n", "nngraph: 1\nlayers: [4]\n", "layers", "`nodes` (functions)"),
    ("nngraph: 1\n", "nngraph: 1\ninput_shape: [4]\n", "input_shape", "an input is a node"),
    ("nngraph: 1\n", "nngraph: 1\noptimizer: adam\n", "optimizer", "belongs to `train`"),
    ("nngraph: 1\n", "nngraph: 1\ncriterion: mse\n", "criterion", "'loss'"),
    ("nngraph: 1\n", "nngraph: 1\ndataset: iris\n", "dataset", "data"),
    (X, "shape: (28", "(28", "[28, 28]"),
)


@pytest.mark.parametrize(("there", "instead", "word", "answer"), CASES, ids=[c[1] for c in CASES])
def test_a_foreign_word_is_answered_at_its_place(
    there: str, instead: str, word: str, answer: str
) -> None:
    assert there in SPEC
    found = nngraph.check(SPEC.replace(there, instead, 1)).errors
    labels = {e.span.source.text[e.span.start : e.span.end]: e.label for e in found if e.span}
    assert answer in labels.get(word, ""), [(e.message, e.label) for e in found]


def test_a_list_of_sources_in_brackets_is_understood() -> None:
    text = SPEC.replace("edges:\n  - x -> h\n  - h -> y", "edges: [x, h -> y]")
    (first, *_) = nngraph.check(text).errors
    assert "in brackets a comma begins another entry" in first.message
    assert '"a, b -> y"' in first.help


def test_a_tuple_is_a_list_in_brackets() -> None:
    text = SPEC.replace("x: {kind: input, shape: 4}", "x:\n    kind: input\n    shape: (28, 28)")
    (first, *_) = nngraph.check(text).errors
    assert first.label == "write `[28, 28]`"


def test_our_words_are_words_of_the_language() -> None:
    from nngraph.cli.group import COMMANDS

    schema = str(spec_schema())
    commands = set(COMMANDS)
    lost = [ours for ours in foreign._SAME if f"'{ours}'" not in schema and ours not in commands]
    assert sorted(lost) == [
        "train.accuracy",
        "train.loss",
        "validation.accuracy",
        "validation.loss",
    ]


def test_answers_that_name_a_key_or_a_word_are_understood() -> None:
    """What is printed between backticks and is a whole node or edge is valid as it stands."""
    for text in (
        "{kind: input, shape: 4}",
        "{units: 10, activation: relu}",
        "{kind: dropout, rate: 0.5}",
        "{kind: activation, function: relu}",
        "batch_norm",
    ):
        spec = f"nngraph: 1\nnodes: {{x: {{kind: input, shape: 4}}, h: {text}, y: {{}}}}\n"
        edges = "edges: [x -> y, h -> y]\n" if "input" in text else "edges: [x -> h -> y]\n"
        assert nngraph.check(spec + edges).ok, text


def test_no_word_of_ours_is_taken_for_another() -> None:
    for known in (ACTIVATIONS, NODE_KINDS):
        for word in known:
            assert our_word(word, known) == word


@pytest.mark.parametrize(
    ("word", "known"), [("dense", ["noise"]), ("y", ["x"]), ("mse", ["sum", "mean"]), ("", ["a"])]
)
def test_only_what_is_close_is_suggested(word: str, known: list[str]) -> None:
    assert suggest(word, known) == ""


@pytest.mark.parametrize(
    ("command", "ours"), [("fit", "train"), ("plot", "render"), ("eval", "evaluate")]
)
def test_foreign_commands_are_answered(command: str, ours: str, capsys) -> None:
    from nngraph.cli.frame import run

    assert run([command]) == 2
    assert f"did you mean '{ours}'?" in capsys.readouterr().err


def test_a_figure_of_keras_is_answered() -> None:
    text = SPEC.replace("1}", "1, early_stopping: {monitor: val_loss}}") + (
        "data: {source: iris, split: {validation: 0.2}}\n"
    )
    (error,) = nngraph.check(text).errors
    assert error.label == "did you mean 'validation.loss'?"
