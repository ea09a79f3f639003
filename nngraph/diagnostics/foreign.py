"""Words that people bring from Keras, PyTorch, scikit-learn, Caffe and Ludwig, with the answer.

One table for every "unknown" message. Spelling does not count: `CrossEntropyLoss`,
`cross-entropy loss` and `cross_entropy_loss` are one word.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import cache
from types import MappingProxyType
from typing import NamedTuple

_SAME: Mapping[str, str] = MappingProxyType(
    {
        # losses and metrics
        "mean_squared_error": "mse, mse_loss, l2, l2_loss, euclidean_loss, squared_error, "
        "quadratic, rmse",
        "mean_absolute_error": "mae, l1, l1_loss, absolute_error",
        "huber": "smooth_l1, smooth_l1_loss, huber_loss",
        "cross_entropy": "ce, crossentropy, categorical_crossentropy, softmax_with_loss, "
        "sparse_categorical_crossentropy, cross_entropy_loss, log_loss, softmax_cross_entropy",
        "binary_cross_entropy": "bce, bce_loss, bce_with_logits, bce_with_logits_loss, "
        "sigmoid_cross_entropy_loss",
        "negative_log_likelihood": "nll, nll_loss",
        "kl_divergence": "kl, kld, kl_div, kl_div_loss, kullback_leibler_divergence",
        "hinge": "hinge_loss, svm",
        "dice": "dice_loss",
        "jaccard": "iou_loss",
        "accuracy": "acc, binary_accuracy, categorical_accuracy, sparse_categorical_accuracy, "
        "accuracy_score",
        "top_k": "top_k_accuracy, top_k_categorical_accuracy, top5",
        "roc_auc": "auc, auroc, roc",
        "f1": "f1_score, f_score",
        "iou": "jaccard, mean_iou, jaccard_index",
        "r2": "r2_score, r_squared, coefficient_of_determination",
        # activations
        "identity": "linear, none, id",
        "sigmoid": "logistic, logsig, sigm",
        "tanh": "tansig, hyperbolic_tangent",
        "relu": "rectified_linear, rectifier, ramp",
        "silu": "swish",
        "hard_swish": "hardswish",
        "gaussian": "rbf, gauss",
        "step": "heaviside, threshold, hardlim",
        # nodes
        "batch_norm": "batchnorm, batch_normalization, bn, batch_norm1d, batch_norm2d",
        "layer_norm": "layernorm, layer_normalization, ln",
        "pool": "max_pool, max_pooling, max_pooling2d, max_pool2d, average_pooling2d, avg_pool2d, "
        "pooling, average_pooling, avg_pool",
        "upsample": "up_sampling2d, interpolate, resize",
        "pad": "zero_padding2d, zero_padding, constant_pad",
        "concat": "concatenate, cat, merge, stack",
        "transpose": "permute",
        "multiply": "mul, product, prod, times, eltwise",
        "add": "sum, plus, residual",
        "subtract": "sub, minus, difference, diff",
        "constant": "const, fixed, literal, bias_node, ones",
        "dropout": "dropout2d, spatial_dropout, alpha_dropout",
        "noise": "gaussian_noise",
        "reshape": "view",
        "input": "input_layer, data, placeholder, input_data",
        # options
        "units": "neurons, size, n_units, num_units, hidden_size, out_features, output_dim, "
        "output_size, num_output, num_outputs, width, hidden_layer_sizes",
        "kernel": "kernel_size, window, filter_size",
        "stride": "strides, subsample",
        "dilation": "dilation_rate",
        "size": "pool_size, kernel_size, window",
        "count_padding": "count_include_pad, include_pad, count_include_padding",
        "rate": "p, prob, probability, dropout, dropout_ratio, dropout_rate",
        "stddev": "std, sigma, scale",
        "epsilon": "eps",
        "alpha": "negative_slope, slope",
        "axis": "dim, axes",
        "bias": "use_bias, bias_term, intercept, fit_intercept, bias_initializer",
        "init": "initializer, kernel_initializer, weight_initializer, weight_init, weight_filler",
        "maxabs": "max_abs, abs_max, absmax",
        "aggregate": "aggregation, combiner, combine",
        "activation": "act, nonlinearity, activation_fn, transfer_function, activation_function",
        "trainable": "requires_grad, train, learnable",
        "labels": "classes, class_names, target_names, categories",
        "weight": "weights, w, value, coef, loss_weight",
        "share": "tied, shared, tie",
        "from": "source, src, bottom, input, inputs",
        "to": "target, dst, top, output",
        # training
        "epochs": "n_epochs, num_epochs, nb_epoch, max_iter, iterations, n_iter, max_epochs",
        "batch_size": "batch, bs, minibatch, mini_batch, mini_batch_size",
        "optimizer": "optimiser, solver, algorithm, trainer",
        "learning_rate": "lr, eta, base_lr, learning_rate_init, step_size",
        "momentum": "mu",
        "beta1": "beta_1, betas",
        "beta2": "beta_2",
        "schedule": "scheduler, lr_scheduler, lr_policy, learning_rate_scheduler",
        "weight_decay": "l2, l2_reg, l2_regularization, kernel_regularizer, regularization, decay",
        "l1": "l1_reg, l1_regularization, lasso",
        "clip": "clip_norm, clipnorm, gradient_clipping, grad_clip, max_grad_norm, clipvalue",
        "early_stopping": "early_stop, n_iter_no_change",
        "patience": "n_iter_no_change, wait, tol",
        "restore_best": "restore_best_weights, keep_best",
        "checkpoint": "checkpoints, model_checkpoint, snapshot, save_every",
        "seed": "random_state, random_seed, manual_seed",
        "metrics": "metric, scoring",
        "sgd": "gd, gradient_descent, stochastic_gradient_descent, momentum, nesterov",
        "rmsprop": "rms",
        "adam": "adaptive_moment",
        "nadam": "nesterov_adam",
        "adamax": "ada_max",
        "amsgrad": "ams_grad",
        "lbfgs": "l_bfgs, l_bfgs_b, bfgs, quasi_newton",
        "history": "history_size, maxcor, memory",
        "line_search": "line_search_fn, linesearch",
        "evaluations": "max_eval, maxls, max_fun",
        # first weights
        "glorot_uniform": "xavier, xavier_uniform, glorot",
        "glorot_normal": "xavier_normal",
        "he_uniform": "kaiming, kaiming_uniform, he",
        "he_normal": "kaiming_normal, msra, variance_scaling",
        "lecun_normal": "lecun",
        "uniform": "random_uniform, random",
        "normal": "random_normal, gaussian, randn",
        "truncated_normal": "trunc_normal, truncnorm, trunc",
        "zeros": "zero",
        "ones": "one",
        # data
        "validation": "validation_split, val, val_size, val_split, valid, validation_fraction",
        "test": "test_split, test_size, test_fraction",
        "normalize": "normalise, normalization, scaler, preprocessing, standardize, transform",
        "standard": "standard_scaler, zscore, z_score, standardize",
        "minmax": "min_max, min_max_scaler",
        "path": "file, filename, csv, url",
        "targets": "target, y, labels, output_features, outputs, label",
        "inputs": "features, x, input_features, input, columns",
        "augment": "augmentation, transforms, augmentations",
        # the file
        "nodes": "neurons, vertices",
        "edges": "connections, links, wires, arcs, synapses, weights",
        "loss": "criterion, objective, cost, loss_function, error",
        "train": "training, fit, trainer, learn, run",
        "data": "dataset, datasets, data_set",
        "expect": "tests, assert, expected, test",
        "dtype": "precision, type, float",
        # figures
        "validation.loss": "val_loss, valid_loss",
        "validation.accuracy": "val_acc, val_accuracy, valid_acc",
        "train.loss": "train_loss, training_loss",
        "train.accuracy": "train_acc, train_accuracy, training_accuracy",
        # commands
        "new": "init, create, template, start",
        "check": "validate, lint, verify_spec",
        "evaluate": "eval, score",
        "predict": "infer, inference, apply",
        "render": "plot, draw, show, visualize, visualise, graph, view, picture",
        "compile": "build, summary, info, plan, describe",
        "compare": "vs",
        "doctor": "version, versions, system",
    }
)
"""Our word -> the words that mean the same elsewhere."""


class _Answer(NamedTuple):
    """What to say of words for which there is no one word here; `where` is the section, "" any."""

    where: str
    words: str
    answer: str


_ANSWERS: tuple[_Answer, ...] = (
    _Answer(
        "nodes",
        "dense, linear, fc, fully_connected, inner_product, dense_layer, mlp, layer",
        "leave `kind` out: `{units: 10, activation: relu}` is a dense layer; its weights are on "
        "the edge",
    ),
    _Answer(
        "nodes",
        "conv, conv1d, conv2d, conv3d, convolution, convolution2d, separable_conv2d, "
        "depthwise_conv2d, conv_transpose, conv2d_transpose, deconvolution",
        "a convolution is an edge: `x -> h: {conv: 3}`, with `h: {units: 8}` for 8 channels",
    ),
    _Answer(
        "nodes",
        "filters, out_channels, num_filters, nb_filter",
        "`units` of the node that a convolution leads to are its channels",
    ),
    _Answer("edges", "filters, out_channels, num_filters, units, num_output, out_features",
            "the channels are `units` of the node that the edge leads to"),
    _Answer("nodes", "kernel_size, kernel, stride, strides, conv, dilation, groups",
            "a convolution is an edge: `x -> h: {conv: 3, stride: 2}`"),
    _Answer("nodes", "dropout, dropout_rate, drop",
            "dropout is a node of its own, behind this one: `d: {kind: dropout, rate: 0.5}`"),
    _Answer("nodes", "batch_norm, bn, batchnorm, batch_normalization, normalizer_fn",
            "a normalisation is a node of its own, behind this one: `n: batch_norm`"),
    _Answer("nodes", "input_shape, input_dim, in_features, input_size, in_channels, n_features",
            "follows from the edges; the `input` node alone has a `shape`"),
    _Answer("nodes", "weight, weights, w, kernel_initializer, init, initializer",
            "weights are on edges: `x -> h: {init: he_normal}`, `x -> h: 0.5`"),
    _Answer("nodes", "inputs, inbound_nodes, inputs_from, bottom, from, parents",
            "what a node reads is written under `edges`: `x -> h`"),
    _Answer("nodes", "return_sequences, stateful", "recurrent nodes are not available yet"),
    _Answer("edges", "activation, nonlinearity, act, function",
            "functions are on nodes: write `activation` at the node that the edge leads to"),
    _Answer("edges", "bias, use_bias, bias_term, intercept",
            "a bias belongs to the node that the edge leads to: `h: {bias: 0.5}`"),
    _Answer("edges", "dropout", "dropout is a node: `d: {kind: dropout, rate: 0.5}` between both"),
    _Answer("loss", "from_logits, logits",
            "leave it out: behind softmax or sigmoid the loss is exact, computed from the logits"),
    _Answer("loss", "ignore_index, pos_weight, weights", "`class_weights` weighs the classes"),
    _Answer("train", "lr, learning_rate, eta, momentum, beta1, betas, base_lr, learning_rate_init",
            "belongs to the optimizer: `optimizer: {kind: adam, learning_rate: 0.001}`"),
    _Answer("train", "loss, criterion, objective", "`loss` stands at the top of the file"),
    _Answer("train", "validation_split, validation, val, test_size, validation_data",
            "belongs to `data`: `split: {validation: 0.2, test: 0.2}`"),
    _Answer("train", "patience", "belongs to early stopping: `early_stopping: {patience: 10}`"),
    _Answer("train", "callbacks",
            "`early_stopping`, `checkpoint` and `schedule` are keys of their own here"),
    _Answer("train", "verbose, progress",
            "what is told while training goes to standard error: `2>/dev/null`"),
    _Answer("train", "device, gpu, cuda, n_jobs, num_workers", "nngraph computes on the processor"),
    _Answer("optimizer", "weight_decay, l2, decay", "`weight_decay` stands under `train`"),
    _Answer("optimizer", "schedule, lr_scheduler", "`schedule` stands under `train`"),
    _Answer("data", "batch_size, shuffle, batch, epochs", "belongs to `train`"),
    _Answer("data", "excel, xlsx, xls, spreadsheet, ods, pandas, dataframe",
            "save the table as CSV: `{source: csv, path: FILE}`"),
    _Answer("data", "tsv, tab", "write `{source: csv, path: FILE, delimiter: \"\\t\"}`"),
    _Answer("data", "folder, image_folder, imagefolder, directory, pictures, image",
            "write `{source: images, folder: FOLDER}`"),
    _Answer("data", "validation, test, test_size, validation_split, val_split",
            "belongs to `split`: `split: {validation: 0.2, test: 0.2}`"),
    _Answer("top", "layers, model, network, architecture, sequential, modules, hidden_layers",
            "a network is `nodes` (functions) and `edges` (weights) between them"),
    _Answer("top", "input, inputs, input_shape, input_features",
            "an input is a node: `nodes: {x: {kind: input, shape: 4}}`"),
    _Answer("top", "optimizer, epochs, batch_size, metrics, learning_rate, lr, early_stopping, "
            "schedule, weight_decay, callbacks, seed",
            "belongs to `train`: `train: {epochs: 10, optimizer: adam}`"),
    _Answer("top", "dataset, split, normalize, validation_split", "belongs to `data`"),
    _Answer("top", "activation, activations, weights, biases, bias",
            "functions and biases are on `nodes`, weights on `edges`"),
    _Answer("init", "constant, fill, value", "a number as `weight` fills the array: `weight: 0.5`"),
)  # fmt: skip

SET_UNDER: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "epochs": ("train.epochs", "3"),
        "batch_size": ("train.batch_size", "32"),
        "optimizer": ("train.optimizer", "adam"),
        "learning_rate": ("train.optimizer.learning_rate", "0.01"),
        "metrics": ("train.metrics", "[accuracy]"),
        "loss": ("loss", "cross_entropy"),
    }
)
"""What other tools have options for -> its path in a spec, and a value."""

_CALL = re.compile(r"\s*([A-Za-z_]\w*)\s*\(\s*(?:\w+\s*=\s*)?([^),]*)[^)]*\)\s*")


def our_word(word: str, known: Collection[str]) -> str:
    """The one of the known words that means the same here, or "".

    >>> our_word("CrossEntropyLoss", ["hinge", "cross_entropy"])
    'cross_entropy'
    """
    asked = plain(word)
    if not asked:
        return ""
    same = _ours()
    spelt = next((ours for ours in known if plain(ours) == asked), "")
    return spelt or next((ours for ours in known if asked in same.get(ours, ())), "")


def foreign_answer(word: str, where: str, activations: Collection[str] = ()) -> str:
    """What to write instead of a word that has no sister here, or "".

    `where` is the section: "top", "nodes", "edges", "loss", "train", "optimizer", "data", "init".
    """
    asked = plain(word)
    for section, words, answer in _plain_answers():
        if section == where and asked in words:
            return answer
    if where == "nodes" and (function := our_word(word, activations)):
        kind = f"{{kind: activation, function: {function}}}"
        return f"a function: `{{activation: {function}}}` of neurons, or `{kind}` alone"
    return ""


def called(word: str, known: Collection[str], argument: str) -> str:
    """What to write for `Adam(0.01)`, "" for what is no call: `argument` names its number.

    >>> called("Adam(0.01)", ["sgd", "adam"], "learning_rate")
    'write `{kind: adam, learning_rate: 0.01}`'
    """
    found = _CALL.fullmatch(word)
    ours = our_word(found[1], known) if found is not None else ""
    if found is None or not ours:
        return ""
    try:
        float(found[2])
    except ValueError:
        return f"write `{ours}`"
    return f"write `{{kind: {ours}, {argument}: {found[2].strip()}}}`"


def plain(word: str) -> str:
    """A word without what spelling adds to it: letters and digits in small."""
    return re.sub(r"[^a-z0-9]", "", word.lower())


@cache  # most commands meet no unknown word
def _ours() -> Mapping[str, frozenset[str]]:
    return {ours: plain_words(words) for ours, words in _SAME.items()}


@cache
def _plain_answers() -> tuple[tuple[str, frozenset[str], str], ...]:
    return tuple((where, plain_words(words), answer) for where, words, answer in _ANSWERS)


def plain_words(words: str) -> frozenset[str]:
    """The words of a list with commas, each `plain`."""
    return frozenset(map(plain, words.split(",")))
