"""PyTorch on the CPU, eager, as its users write it; the optimiser fused where the side says so."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import torch
from harness.networks import BETAS, EPSILON, MOMENTUM, NETS, RATES, Layer, Net, shapes
from harness.samples import (
    CHECKED_STEPS,
    Samples,
    batches_of,
    first_weights,
    mnist_bytes,
    samples_of,
)
from harness.task import Answer, Task, Tasks
from harness.timing import checked_and_timed, measure, once, peak_bytes, reset_peak

ACTIVATIONS = {"relu": torch.nn.ReLU, "tanh": torch.nn.Tanh}  # softmax and sigmoid: in the loss

# ---- the twin of a network


def modules_of(net: Net) -> list[tuple[Layer, list[torch.nn.Module]]]:
    """What each layer becomes, with its activation."""
    known = shapes(net)
    found = []
    for layer in net.layers:
        parts = _modules(layer, known[layer.after[0]])
        if layer.activation in ACTIVATIONS:
            parts.append(ACTIVATIONS[layer.activation]())
        found.append((layer, parts))
    return found


def _modules(layer: Layer, before: tuple[int, ...]) -> list[torch.nn.Module]:
    nn = torch.nn
    match layer.op:
        case "dense":
            flat = [nn.Flatten()] if len(before) == 3 else []
            return [*flat, nn.Linear(int(np.prod(before)), layer.units, bias=layer.bias)]
        case "conv":
            padding = layer.window // 2 if layer.same else 0
            return [
                nn.Conv2d(before[-1], layer.units, layer.window, padding=padding, bias=layer.bias)
            ]
        case "pool":
            return [nn.MaxPool2d(2)]
        case "up":
            return [nn.Upsample(scale_factor=2)]
        case "norm":
            return [nn.BatchNorm2d(before[-1])]
        case "relu":
            return [nn.ReLU()]
        case "mean":
            return [nn.AdaptiveAvgPool2d(1), nn.Flatten()]
        case _:
            return []


class Branching(torch.nn.Module):
    """A network whose layers stand after others than the one before."""

    def __init__(self, net: Net, parts: list[tuple[Layer, list[torch.nn.Module]]]) -> None:
        super().__init__()
        self.rows = [(layer.name, layer.op, layer.after) for layer, _ in parts]
        self.parts = torch.nn.ModuleDict(
            {f"{layer.name}_": torch.nn.Sequential(*found) for layer, found in parts if found}
        )
        self.last = net.output.name

    def forward(self, x: Any) -> Any:
        """Logits."""
        values = {"x": x}
        for name, op, after in self.rows:
            if op == "concat":
                values[name] = torch.cat([values[a] for a in after], 1)
            elif op == "add":
                values[name] = values[after[0]] + values[after[1]]
            else:
                values[name] = self.parts[f"{name}_"](values[after[0]])
        return values[self.last]


def network(net: Net, weights: dict[str, Any]) -> torch.nn.Module:
    """The twin, with nngraph's first weights."""
    parts, known = modules_of(net), shapes(net)
    with torch.no_grad():
        for layer, found in parts:
            for module in found:
                if isinstance(module, torch.nn.Linear | torch.nn.Conv2d):
                    given = weights[f"{layer.after[0]}->{layer.name}"]
                    module.weight.copy_(torch.from_numpy(turned(given, known[layer.after[0]])))
                    if layer.bias:
                        module.bias.copy_(torch.from_numpy(weights[f"{layer.name}.bias"]))
    if net.is_chain:
        return torch.nn.Sequential(*(module for _, found in parts for module in found))
    return Branching(net, parts)


def turned(weight: Any, before: tuple[int, ...]) -> Any:
    """[in, units] or [high, wide, in, units] in PyTorch's order; channels first when flattened."""
    if weight.ndim == 4:
        return np.ascontiguousarray(weight.transpose(3, 2, 0, 1))
    if len(before) == 3:
        by_place = weight.reshape(*before, -1).transpose(2, 0, 1, 3)
        weight = by_place.reshape(weight.shape)
    return np.ascontiguousarray(weight.T)


def optimizer_of(name: str, model: Any, fused: bool) -> Any:
    """The optimiser of a spec."""
    more: dict[str, Any] = {"fused": True} if fused else {}
    if name == "adam":
        return torch.optim.Adam(model.parameters(), RATES[name], BETAS, EPSILON, **more)
    momentum = MOMENTUM if name == "sgd" else 0.0
    return torch.optim.SGD(model.parameters(), RATES[name], momentum=momentum, **more)


class Training:
    """A network with its optimiser and samples as tensors."""

    def __init__(self, task: Task, part: str = "train", samples: Any = None) -> None:
        torch.set_num_threads(task.threads)
        options = task.options
        self.net = NETS[options["net"]]
        self.model = network(self.net, first_weights(options["net"], task.folder))
        found = samples or samples_of(self.net.samples, self.net.shape, task.folder, part)
        self.count = len(found.x)
        self.x, self.y = self.tensors(found)
        if task.side.get("channels_last"):
            self.model = self.model.to(memory_format=torch.channels_last)
            self.x = self.x.to(memory_format=torch.channels_last)
        fused = bool(task.side.get("fused"))
        self.update = optimizer_of(options["optimizer"], self.model, fused)
        self.loss: Any = torch.nn.CrossEntropyLoss()
        if self.net.loss == "binary_cross_entropy":
            mean, count = torch.nn.BCEWithLogitsLoss(), self.y[0].numel()
            # a sum over what one sample answers, a mean over the samples
            self.loss = mean if count == 1 else lambda z, t: mean(z, t) * count

    def tensors(self, samples: Any) -> tuple[Any, Any]:
        """Inputs, channels first, and targets: classes where the network names one."""
        x, t = torch.from_numpy(samples.x), torch.from_numpy(samples.t)
        if x.ndim == 4:
            x = x.permute(0, 3, 1, 2).contiguous()
        if self.net.loss == "cross_entropy":
            return x, t.argmax(1)
        return x, t.permute(0, 3, 1, 2).contiguous() if t.ndim == 4 else t

    def step(self, rows: Any) -> float:
        """One step on the rows of a tensor of indices."""
        self.update.zero_grad(set_to_none=True)
        loss = self.loss(self.model(self.x[rows]), self.y[rows])
        loss.backward()
        self.update.step()
        return loss.item()

    def epoch(self, order: Any, batch: int) -> float:
        """All rows in this order; the mean loss while training."""
        order, total = torch.from_numpy(order), 0.0
        for start in range(0, len(order), batch):
            rows = order[start : start + batch]
            total += self.step(rows) * len(rows)
        return total / len(order)


# ---- the tasks


def training_step(task: Task, samples: Any = None) -> Answer:
    """A step: gather the rows, loss and gradients, update."""
    net = NETS[task.options["net"]]
    samples = samples or samples_of(net.samples, net.shape, task.folder)
    samples, order = batches_of(samples, task.options["batch"])
    training = Training(task, samples=samples)
    batches = [torch.from_numpy(rows) for rows in order]
    return checked_and_timed(training.step, batches, CHECKED_STEPS, task.seconds)


def fit(task: Task) -> Answer:
    """So many steps on all samples; the time of one."""
    training, count = Training(task), task.options["epochs"]
    everything = torch.arange(training.count)
    losses = [training.step(everything) for _ in range(count)]
    seconds = [once(lambda: [training.step(everything) for _ in range(count)]) for _ in range(5)]
    check = [losses[0], losses[count // 2]]
    return {"check": check, "figures": {"step inside fit": [s / count for s in seconds]}}


def epochs(task: Task) -> Answer:
    """Epochs of MNIST in nngraph's order."""
    asked, training = task.options["epochs"], Training(task)
    orders = np.load(task.folder / "orders.npy")
    ends, losses = [time.perf_counter()], []
    for epoch in range(max(asked)):
        losses.append(training.epoch(orders[epoch], task.options["batch"]))
        ends.append(time.perf_counter())
    figures = {f"epoch {k}": [ends[k] - ends[k - 1]] for k in asked}
    return {"check": losses[: min(asked)], "figures": figures}


def accuracy(task: Task) -> Answer:
    """Train until so much of the test images is right."""
    goal, most = task.options["goal"], task.options["most"]
    training, test = Training(task), Training(task, "t10k")
    orders = np.load(task.folder / "orders.npy")
    start, reached, epoch = time.perf_counter(), 0.0, 0
    while reached < goal and epoch < most:
        training.epoch(orders[epoch % len(orders)], task.options["batch"])
        with torch.no_grad():
            answers = [training.model(part).argmax(1) for part in test.x.split(256)]
        reached = float((torch.cat(answers) == test.y).float().mean())
        epoch += 1
    figures = {"time": [time.perf_counter() - start], "epochs": [epoch], "accuracy": [reached]}
    return {"figures": figures}


def predict(task: Task) -> Answer:
    """One sample given as an array, answered as one."""
    torch.set_num_threads(task.threads)
    net = NETS[task.options["net"]]
    model = network(net, first_weights(task.options["net"], task.folder)).eval()
    one = samples_of("mnist", net.shape, task.folder, "t10k").x[:1]
    one = np.ascontiguousarray(one.transpose(0, 3, 1, 2)) if one.ndim == 4 else one

    def ask() -> Any:
        with torch.inference_mode():
            return torch.softmax(model(torch.from_numpy(one)), 1).numpy()

    check = [float(p) for p in np.ravel(ask())]
    return {"check": check, "figures": {"one sample": measure(ask, task.seconds)}}


def memory(task: Task) -> Answer:
    """The peak over what importing and a first tiny training take."""
    tiny = Task("step", {"net": "xor", "optimizer": "adam", "batch": 4}, task.folder, 0.01)
    training_step(tiny)
    net = NETS[task.options["net"]]
    if task.options["what"] == "step":
        samples = samples_of("few", net.shape, task.folder).first(4 * task.options["batch"])
        reset_peak()
        before = peak_bytes()
        training_step(task, samples)
    else:
        order = np.load(task.folder / "orders.npy")[0]
        reset_peak()
        before = peak_bytes()
        pictures, labels = mnist_bytes()
        x = pictures.reshape(-1, *net.shape).astype(np.float32) / np.float32(255)
        samples = Samples(x, np.eye(10, dtype=np.float32)[labels])
        Training(task, samples=samples).epoch(order, task.options["batch"])
    return {"figures": {"peak over imports, MiB": [(peak_bytes() - before) / 2**20]}}


TASKS: Tasks = {
    "step": training_step,
    "fit": fit,
    "epochs": epochs,
    "accuracy": accuracy,
    "predict": predict,
    "memory": memory,
}
