"""scikit-learn's MLPClassifier."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from harness.networks import MOMENTUM, NETS, RATES
from harness.samples import CHECKED_STEPS, batches_of, first_weights, samples_of
from harness.task import Answer, Task, Tasks
from harness.timing import checked_and_timed
from sklearn.neural_network import MLPClassifier


def classifier(task: Task, batch: int) -> MLPClassifier:
    """A twin of a dense network that has not learnt yet."""
    net, name = NETS[task.options["net"]], task.options["optimizer"]
    widths = tuple(layer.units for layer in net.layers[:-1])
    model = MLPClassifier(widths, alpha=0.0, batch_size=batch, solver=name)
    return model.set_params(
        learning_rate_init=RATES[name], momentum=MOMENTUM, nesterovs_momentum=False
    )


def training_step(task: Task) -> Answer:
    """`partial_fit` on one batch."""
    net = NETS[task.options["net"]]
    everything = samples_of(net.samples, net.shape, task.folder)
    samples, batches = batches_of(everything, task.options["batch"])
    x, y = samples.x, samples.classes
    model = classifier(task, task.options["batch"])
    one = batches[0]  # draws weights, which are replaced
    model.partial_fit(x[one], y[one], classes=np.arange(10))
    weights = first_weights(task.options["net"], task.folder)
    for k, layer in enumerate(net.layers):
        model.coefs_[k][...] = weights[f"{layer.after[0]}->{layer.name}"]
        model.intercepts_[k][...] = weights[f"{layer.name}.bias"]
    del model._optimizer  # it begins again

    def step(rows: Any) -> float:
        model.partial_fit(x[rows], y[rows])
        return float(model.loss_)

    return checked_and_timed(step, batches, CHECKED_STEPS, task.seconds)


def small_sets(task: Task) -> Answer:
    """Accuracy on the test part, trained on the rows that nngraph trains on."""
    with np.load(task.folder / f"{task.options['set']}.npz") as kept:
        x, y, test_x, test_y = (kept[name] for name in ("x", "y", "test_x", "test_y"))
    epochs, batch = task.options["epochs"], min(200, len(x))
    model = MLPClassifier((100,), alpha=0.0, max_iter=epochs, batch_size=batch, random_state=0)
    model.set_params(n_iter_no_change=epochs + 1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(x, y)
    return {"figures": {"test accuracy": [float(np.mean(model.predict(test_x) == test_y))]}}


TASKS: Tasks = {"step": training_step, "small sets": small_sets}
