"""Arguments, methods and names that people bring from other libraries to Python, with the answer.

Spelling does not count, as in `foreign`.
"""

from __future__ import annotations

from typing import NamedTuple

from nngraph.diagnostics.foreign import plain, plain_words


class _Answer(NamedTuple):
    """What to say of words; `where` is the function or class, "" any."""

    where: str
    words: str
    answer: str


_IN_SPEC = "stands in the spec; change it for one model: nngraph.compile(spec, {})"

_ARGUMENTS: tuple[_Answer, ...] = (
    _Answer("fit", "validation_data, eval_set, val_data, valid, validation_set, val, x_val",
            "validation=(x, y)"),
    _Answer("fit", "validation_split, validation_fraction, test_size",
            "validation=(x, y) with rows that you set aside, or `data: {split: {validation: 0.2}}` "
            "in the spec"),
    _Answer("fit", "callbacks, callback, on_epoch_end, hooks",
            "on_epoch=function is called with each epoch; early stopping, checkpoints and "
            "schedules are keys of `train` in the spec"),
    _Answer("fit", "early_stopping, patience",
            _IN_SPEC.format("['train.early_stopping.patience=10']")),
    _Answer("fit", "verbose, show_progress, progress_bar, disp", "progress=True shows each epoch"),
    _Answer("fit", "n_epochs, num_epochs, nb_epoch, max_iter, n_iter, iterations, max_epochs",
            "epochs=10"),
    _Answer("fit", "batch, bs, minibatch, mini_batch_size, steps_per_epoch", "batch_size=32"),
    _Answer("fit", "lr, eta, base_lr, learning_rate_init, step_size", "learning_rate=0.01"),
    _Answer("fit", "optimizer, optimiser, solver",
            _IN_SPEC.format("['train.optimizer=adam']")),
    _Answer("fit", "loss, criterion, objective", _IN_SPEC.format("['loss=cross_entropy']")),
    _Answer("fit", "metrics, metric, scoring", _IN_SPEC.format("['train.metrics=[accuracy]']")),
    _Answer("fit", "shuffle", _IN_SPEC.format("['train.shuffle=false']")),
    _Answer("fit", "seed, random_state, random_seed, initial_epoch",
            "nngraph.compile(spec, seed=3) draws the first weights and the order of the rows; fit "
            "goes on where it stopped"),
    _Answer("fit", "sample_weights, weights", "sample_weight, one number for each row"),
    _Answer("fit", "class_weight, class_weights", "`loss: {class_weights: ...}` in the spec"),
    _Answer("fit", "x_train, features, inputs, data, dataset, train_data, input", "x, the first"),
    _Answer("fit", "y_train, labels, targets, target, output", "y, the second"),
    _Answer("fit", "device, workers, gpu, n_jobs, use_multiprocessing, num_workers",
            "leave it out: nngraph computes on the processor's cores by itself"),
    _Answer("predict", "batch_size, steps, workers, verbose",
            "leave it out: rows are computed in blocks by themselves"),
    _Answer("predict", "proba, probabilities, return_proba, threshold",
            "leave it out: predict gives what the output node computes, behind softmax or sigmoid "
            "the probabilities"),
    _Answer("predict", "classes, class_names, return_labels, as_labels, decode",
            "labels=True gives names"),
    _Answer("predict", "inputs, data, input, X_test, samples", "x, the first"),
    _Answer("predict", "nodes, layer, layers, output, outputs",
            "model.forward(x, nodes=['h']) gives any nodes"),
    _Answer("evaluate", "batch_size, verbose, steps, sample_weight", "leave it out"),
    _Answer("evaluate", "metrics, metric", _IN_SPEC.format("['train.metrics=[accuracy]']")),
    _Answer("evaluate", "split, subset, on, set", "part='test', 'validation' or 'train'"),
    _Answer("compile", "optimizer, optimiser, lr, learning_rate, epochs, batch_size",
            "stands in the spec; override it: nngraph.compile(spec, ['train.optimizer=adam'])"),
    _Answer("compile", "loss, criterion", "stands in the spec; override it: nngraph.compile(spec, "
            "['loss=cross_entropy'])"),
    _Answer("compile", "metrics, metric",
            "stands in the spec; override it: nngraph.compile(spec, ['train.metrics=[accuracy]'])"),
    _Answer("compile", "random_state, random_seed, manual_seed", "seed=3"),
    _Answer("compile", "layers, model, network, nodes, edges, config",
            "spec, the first: a path, a text or a mapping with `nodes` and `edges`"),
    _Answer("compile", "jit, jit_compile, backend, device",
            "leave it out: compiled kernels are used where 'nngraph[fast]' is installed"),
    _Answer("save", "path, file, filename, filepath", "folder, the first: a run folder"),
    _Answer("load", "path, file, filename, filepath, weights", "run, the first: a run folder"),
    _Answer("score", "sample_weight, metric, scoring",
            "leave it out; model.evaluate(x, y) gives the loss and all metrics of the spec"),
    _Answer("render", "show_shapes, to_file, file, filename", "path, the first: 'net.svg'"),
)  # fmt: skip

_NAMES: tuple[_Answer, ...] = (
    _Answer("Model", "compile",
            "nngraph.compile(spec) has done it; optimizer and loss stand in the spec"),
    _Answer("Model", "train, train_model, fit_generator, train_on_batch, partial_fit, learn",
            "model.fit(x, y) trains; called again, it trains on"),
    _Answer("Model", "predict_proba, predict_classes, infer, inference, transform, call, apply, "
            "predict_on_batch", "model.predict(x); with labels=True names of classes"),
    _Answer("Model", "layers, modules, children, named_modules",
            "model.document.nodes and model.document.edges; print(model.summary()) lists them"),
    _Answer("Model", "get_weights, state_dict, coefs_, intercepts_, named_parameters, "
            "trainable_weights, variables", "model.weights, a mapping from ids to arrays"),
    _Answer("Model", "set_weights, load_state_dict, load_weights",
            "model.weights = {**model.weights, 'h.bias': b}; nngraph.load(run) reads a run"),
    _Answer("Model", "eval", "nothing to switch: predict never drops units out; figures are "
            "model.evaluate(x, y)"),
    _Answer("Model", "to, cuda, cpu, device", "nngraph computes on the processor"),
    _Answer("Model", "save_weights, dump, to_disk, export_model", "model.save('folder')"),
    _Answer("Model", "zero_grad, backward, step",
            "model.fit(x, y) does all of it; model.gradients(x, y) gives the gradients"),
    _Answer("Model", "plot, plot_model, draw, show, visualize", "model.render('net.svg')"),
    _Answer("Model", "get_config, to_json, to_yaml, get_params", "model.document"),
    _Answer("Model", "loss_curve_, losses, history_, curves", "model.history['loss']"),
    _Answer("Model", "classes_, classes, class_names", "model.labels"),
    _Answer("Model", "n_parameters, count_params, num_parameters", "model.parameters"),
    _Answer("Model", "info, describe_model, print", "print(model.summary())"),
    _Answer("History", "history", "a column by its name: history['loss']"),
    _Answer("History", "epoch, epochs", "history['epoch']"),
    _Answer("History", "to_dict, as_dict, keys, items, to_pandas, to_frame, dataframe",
            "history.columns, a mapping from names to arrays"),
    _Answer("nngraph", "Sequential, Dense, Layer, Input, Conv2D, Linear, Module, Network, "
            "MLPClassifier, MLPRegressor, nn, keras",
            "a network is a spec: nngraph.compile('net.yaml'), or a mapping with `nodes` and "
            "`edges`"),
    _Answer("nngraph", "train, fit", "nngraph.compile(spec).fit(x, y); nngraph.train_run(spec) "
            "writes a run folder"),
    _Answer("nngraph", "open, read, load_model, from_file, parse, build, create",
            "nngraph.compile('net.yaml') of a spec, nngraph.load('runs/net-001') of a run"),
    _Answer("nngraph", "save", "model.save('folder')"),
    _Answer("nngraph", "seed, manual_seed, set_seed", "nngraph.compile(spec, seed=3)"),
    _Answer("nngraph", "predict, evaluate, render, plot, summary",
            "it is a method: nngraph.compile(spec).{}(...)"),
    _Answer("nngraph", "optim, optimizers, losses, layers, activations",
            "they are words of the spec: `train: {optimizer: adam}`, `loss: cross_entropy`"),
)  # fmt: skip


def argument_answer(function: str, argument: str) -> str:
    """What to write instead of an argument that a function does not have, or ""."""
    return _answer(_ARGUMENTS, function, argument)


def _name_answer(owner: str, name: str) -> str:
    """What to use instead of a name that "Model", "History" or "nngraph" does not have, or ""."""
    return _answer(_NAMES, owner, name).replace("{}", name)


def without_name(owner: str, name: str) -> str:
    """The message where "Model", "History" or "nngraph" has no such name.

    >>> without_name("Model", "layers").split(":")[0]
    "nngraph.Model has no attribute 'layers'"
    """
    what = "nngraph" if owner == "nngraph" else f"nngraph.{owner}"
    # what asks for protocols, as notebooks and pickle do, gets no advice
    help = "" if name.startswith("_") else _name_answer(owner, name)
    return f"{what} has no attribute '{name}'" + (f": {help}" if help else "")


def _answer(rows: tuple[_Answer, ...], where: str, word: str) -> str:
    asked = plain(word)
    found = (row.answer for row in rows if row.where == where and asked in plain_words(row.words))
    return next(found, "")
