"""JAX on the CPU, a step jitted as a whole."""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
from harness.networks import BETAS, EPSILON, MOMENTUM, NETS, RATES, Net
from harness.samples import CHECKED_STEPS, batches_of, first_weights, samples_of
from harness.task import Answer, Task, Tasks
from harness.timing import checked_and_timed, once

ACTIVATIONS = {"relu": jax.nn.relu, "tanh": jnp.tanh}


def logits(net: Net, weights: dict[str, Any], x: Any) -> Any:
    """The network before its last activation; chains of dense layers, convolutions and pools."""
    assert net.is_chain
    for layer in net.layers:
        if layer.op == "pool":
            sizes = (1, 2, 2, 1)
            x = jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, sizes, sizes, "VALID")
            continue
        w, b = weights[f"{layer.after[0]}->{layer.name}"], weights[f"{layer.name}.bias"]
        if layer.op == "conv":
            numbers = ("NHWC", "HWIO", "NHWC")
            x = jax.lax.conv_general_dilated(x, w, (1, 1), "VALID", dimension_numbers=numbers)
        else:
            x = x.reshape(len(x), -1) @ w
        x = ACTIVATIONS.get(layer.activation, lambda z: z)(x + b)
    return x


def loss_of(net: Net, weights: Any, x: Any, t: Any) -> Any:
    """The mean loss."""
    z = logits(net, weights, x)
    if net.loss == "binary_cross_entropy":
        return (jax.nn.softplus(z) - z * t).mean()
    return -(t * jax.nn.log_softmax(z)).sum(axis=1).mean()


def moved(optimizer: str, state: Any, g: Any) -> Any:
    """Weights, moments and step after one update."""
    w, m, v, number = state
    of, rate, number = jax.tree.map, RATES[optimizer], number + 1
    if optimizer == "plain sgd":
        return of(lambda p, d: p - rate * d, w, g), m, v, number
    if optimizer == "sgd":
        m = of(lambda m, d: MOMENTUM * m + d, m, g)
        return of(lambda p, m: p - rate * m, w, m), m, v, number
    a, b = BETAS
    m = of(lambda m, d: a * m + (1 - a) * d, m, g)
    v = of(lambda v, d: b * v + (1 - b) * d * d, v, g)
    c, e = 1 - a**number, 1 - b**number

    def one(p: Any, m: Any, v: Any) -> Any:
        return p - rate * (m / c) / (jnp.sqrt(v / e) + EPSILON)

    return of(one, w, m, v), m, v, number


def stepper(task: Task, batch: int) -> tuple[Any, Any]:
    """A step on rows, and batches of them."""
    net = NETS[task.options["net"]]
    w = {k: jnp.asarray(v) for k, v in first_weights(task.options["net"], task.folder).items()}
    samples, batches = batches_of(samples_of(net.samples, net.shape, task.folder), batch)
    x, t = jnp.asarray(samples.x), jnp.asarray(samples.t)

    @partial(jax.jit, donate_argnums=(0,))
    def jitted(state: Any, x: Any, t: Any, rows: Any) -> Any:
        loss, g = jax.value_and_grad(partial(loss_of, net))(state[0], x[rows], t[rows])
        return moved(task.options["optimizer"], state, g), loss

    state = (w, jax.tree.map(jnp.zeros_like, w), jax.tree.map(jnp.zeros_like, w), jnp.float32(0))

    def step(rows: Any) -> float:
        nonlocal state
        state, loss = jitted(state, x, t, rows)
        return float(loss)

    return step, [jnp.asarray(rows) for rows in batches]


def training_step(task: Task) -> Answer:
    """A step: gather the rows, loss and gradients, update."""
    step, batches = stepper(task, task.options["batch"])
    return checked_and_timed(step, batches, CHECKED_STEPS, task.seconds)


def fit(task: Task) -> Answer:
    """So many steps on all samples; the time of one."""
    step, (rows,) = stepper(task, 4)
    count = task.options["epochs"]
    losses = [step(rows) for _ in range(count)]
    seconds = [once(lambda: [step(rows) for _ in range(count)]) / count for _ in range(5)]
    return {"check": [losses[0], losses[count // 2]], "figures": {"step inside fit": seconds}}


TASKS: Tasks = {"step": training_step, "fit": fit}
