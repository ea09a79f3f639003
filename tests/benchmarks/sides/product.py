"""nngraph, by the ways that a user takes; with kernels or without as NNGRAPH_KERNELS says."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import re
import time
from pathlib import Path
from typing import Any

import numpy as np
from harness.graphs import graph_of
from harness.networks import NETS, Net, spec_of_neurons, spec_text
from harness.neuron_kinds import GRAPH, kinds
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

ONE_TARGET_NODE = "y"


def learner(text: str, threads: int, weights: dict[str, Any] | None, folder: Path = Path()) -> Any:
    """A network of a spec, with these first weights, computed by so many workers."""
    from nngraph.lower import initial_weights
    from nngraph.network import compile_document
    from nngraph.run import Executable
    from nngraph.spec import parse_spec
    from nngraph.train.learner import Learner

    network = compile_document(parse_spec(text, folder=folder))
    first = initial_weights(network.lowered, seed=0) if weights is None else weights
    return Learner(network, Executable(network, first, seed=0, workers=threads), 0)


def model_of(text: str, task: Task, weights: dict[str, Any] | None) -> Any:
    """The same as Python users hold it."""
    from nngraph.api.model import Model

    return Model(learner(text, task.threads, weights))


def spec_for(task: Task, weights: dict[str, Any], epochs: int = 1) -> tuple[Net, str]:
    """The network of a task and its spec; `as_neurons` writes each weight as an edge."""
    options = task.options
    net, how = NETS[options["net"]], (options["optimizer"], options["batch"])
    if options.get("as_neurons"):
        return net, spec_of_neurons(net, weights, *how, epochs)
    return net, spec_text(net, *how, epochs)


# ---- steps


def training_step(task: Task, samples: Samples | None = None) -> Answer:
    """A step: load the rows, loss and gradients, update; where that is asked for, also a bare step,
    whose loss nobody asks for."""
    weights = first_weights(task.options["net"], task.folder)
    net, text = spec_for(task, weights)
    given = None if task.options.get("as_neurons") else weights
    samples = samples or samples_of(net.samples, net.shape, task.folder)
    samples, batches = batches_of(samples, task.options["batch"])
    step, executable = bound_step(learner(text, task.threads, given), samples, len(batches[0]))
    rate = executable.network.document.spec.train.optimizer.learning_rate
    with executable.threads():
        answer = checked_and_timed(
            lambda rows: step(rows, rate).loss, batches, CHECKED_STEPS, task.seconds
        )
        if task.options.get("bare"):
            bare = measure(lambda: step(batches[0], rate), task.seconds)
            answer["figures"]["bare step"] = bare
    return answer


def bound_step(found: Any, samples: Any, batch: int) -> tuple[Any, Any]:
    """A step on rows of the samples, which can be asked for its loss, and the executable."""
    from nngraph.ir import Row, TargetRow

    executable = found.executable
    bound = executable.training(batch)
    x_slot, t_slot = bound.slots[Row("x")], bound.slots[TargetRow(ONE_TARGET_NODE)]
    x, t = x_slot.prepare(samples.x), t_slot.prepare(samples.t)

    def step(rows: Any, rate: float) -> Any:
        x_slot.load(x, rows)
        t_slot.load(t, rows)
        bound.run(executable.step)
        executable.update(rate)
        return bound

    return step, executable


# ---- whole trainings


def fit(task: Task) -> Answer:
    """`Model.fit` on few samples for many epochs; the time of one epoch."""
    weights = first_weights(task.options["net"], task.folder)
    net, text = spec_for(task, weights, task.options["epochs"])
    given = None if task.options.get("as_neurons") else weights
    samples = samples_of(net.samples, net.shape, task.folder)
    model = model_of(text, task, given)
    history = model.fit(samples.x, samples.t)
    check = [history[k].train["loss"] for k in (0, len(history) // 2)]
    seconds = [
        once(lambda: model.fit(samples.x, samples.t)) / task.options["epochs"] for _ in range(5)
    ]
    return {"check": check, "figures": {"step inside fit": seconds}}


def epochs(task: Task) -> Answer:
    """`Model.fit` on MNIST; the time of those epochs that are asked for."""
    asked = task.options["epochs"]
    weights = first_weights(task.options["net"], task.folder)
    net, text = spec_for(task, weights, max(asked))
    samples = samples_of("mnist", net.shape, task.folder)
    model = model_of(text, task, weights)
    ends = [time.perf_counter()]
    history = model.fit(
        samples.x, samples.classes, on_epoch=lambda _: ends.append(time.perf_counter())
    )
    return epochs_answer(asked, ends, [epoch.train["loss"] for epoch in history])


def epochs_answer(asked: list[int], ends: list[float], losses: list[float]) -> Answer:
    """Figures of epochs that end at these times; the losses are those while training."""
    figures = {f"epoch {k}": [ends[k] - ends[k - 1]] for k in asked}
    return {"check": losses[: min(asked)], "figures": figures}


def accuracy(task: Task) -> Answer:
    """Train until so much of the test images is right: seconds with every epoch's evaluation."""
    goal, most = task.options["goal"], task.options["most"]
    weights = first_weights(task.options["net"], task.folder)
    net, text = spec_for(task, weights, 1)
    train, test = (samples_of("mnist", net.shape, task.folder, part) for part in ("train", "t10k"))
    model = model_of(text, task, weights)
    start, reached, epoch = time.perf_counter(), 0.0, 0
    while reached < goal and epoch < most:
        model.fit(train.x, train.classes)
        reached = float(np.mean(model.predict(test.x).argmax(axis=1) == test.classes))
        epoch += 1
    figures = {"time": [time.perf_counter() - start], "epochs": [epoch], "accuracy": [reached]}
    return {"figures": figures}


def small_sets(task: Task) -> Answer:
    """Accuracy on the test part of a small set after so many epochs."""
    import nngraph

    model = nngraph.compile(str(task.folder / f"{task.options['set']}.yaml"))
    model.fit()
    return {"figures": {"test accuracy": [model.evaluate(part="test")["accuracy"]]}}


def loop(task: Task) -> Answer:
    """Epochs with their batches gathered, as the training loop does it, over as many steps on one
    batch that stays in place."""
    from nngraph.data import AugmentPlan, Batches
    from nngraph.data.augmentations.effect import Handling
    from nngraph.train.feed import Feed, Rows
    from nngraph.train.loop import with_next
    from nngraph.words.augmentations import Rotate, Shift

    batch, count = task.options["batch"], task.options["rows"]
    weights = first_weights(task.options["net"], task.folder)
    net, text = spec_for(task, weights)
    samples = samples_of("mnist", (28, 28, 1), task.folder)
    plan = AugmentPlan((Shift(), Rotate()), {"x": Handling(is_image=True)})
    x = samples.x[:count]
    rows = Rows.of(
        {"x": x if task.options["augment"] else x.reshape(count, *net.shape)},
        {ONE_TARGET_NODE: samples.t[:count]},
        plan if task.options["augment"] else None,
    )
    executable = learner(text, task.threads, weights).executable
    batches = Batches(count, batch)
    feed = Feed(
        rows,
        executable.training(batch),
        seed=0,
        beside=executable.workers > 1,
        kernels=executable.has_kernels,
    )
    sizes = [len(indices) for indices in batches.epoch(1)]

    def gathered(epoch: int) -> None:
        for indices, following in with_next(batches.epoch(epoch)):
            step = executable.training(len(indices))
            feed.load(step, indices, epoch)
            feed.expect(following, epoch)
            taken(step)

    def resident() -> None:
        for size in sizes:
            taken(executable.training(size))

    def taken(step: Any) -> None:
        step.run(executable.step)
        assert step.loss > 0
        executable.update(1e-3)

    whole, bare = [], []
    with executable.threads():
        for epoch in range(1, 5):
            whole.append(once(lambda: gathered(epoch)))  # noqa: B023
            bare.append(once(resident))
    ratios = [a / b for a, b in zip(whole[1:], bare[1:], strict=True)]
    return {"figures": {"epoch": whole[1:], "resident steps": bare[1:], "ratio": ratios}}


# ---- asking


def predict(task: Task) -> Answer:
    """One sample through `Model.predict`, or through a predictor that is held."""
    net = NETS[task.options["net"]]
    model = model_of(
        spec_text(net, "adam", 1), task, first_weights(task.options["net"], task.folder)
    )
    samples = samples_of("mnist", net.shape, task.folder, "t10k")
    one = samples.x[:1]
    ask = model.predictor(1) if task.options["held"] else model.predict
    check = [float(p) for p in np.ravel(ask(one))]
    return {"check": check, "figures": {"one sample": measure(lambda: ask(one), task.seconds)}}


def graph(task: Task) -> Answer:
    """Neurons with edges of their own: forward, and a training step without the update."""
    from nngraph.ir import Row, TargetRow

    asked, batch = graph_of(task.options["graph"]), task.options["batch"]
    found = learner((task.folder / f"{asked.name}.yaml").read_text(), task.threads, None)
    executable, x = found.executable, asked.samples(batch)
    forward = executable.prediction(("y",), batch)
    forward.slots[Row("x")].put(x)
    both = executable.training(batch)
    both.slots[Row("x")].put(x)
    both.slots[TargetRow("y")].put(np.zeros((batch, 1), np.float32))
    with executable.threads():
        forward.run()
        check = [float(v) for v in np.ravel(forward.outputs["y"])[:3]]
        figures = {
            "forward": measure(forward.run, task.seconds),
            "forward and backward": measure(lambda: both.run(0), task.seconds),
        }
    return {"check": check, "figures": figures}


def neuron_kinds(task: Task) -> Answer:
    """Graphs of neurons that differ in one thing: each one's time over that of plain sums, forward
    and for a training step, for each of its edges; all take turns."""
    from nngraph.ir import Row, TargetRow

    batch, calls, edges = task.options["batch"], {}, {}
    for name, text in kinds().items():
        executable = learner(text(), task.threads, None).executable
        x = np.random.default_rng(0).standard_normal((batch, GRAPH.inputs)).astype(np.float32)
        forward, both = executable.prediction(("y",), batch), executable.training(batch)
        both.slots[TargetRow("y")].put(np.zeros((batch, 1), np.float32))
        for step in (forward, both):
            step.slots[Row("x")].put(x)
        edges[name] = len(executable.network.document.edges)
        calls[name] = forward.run, both.run
    taken: dict[str, list[tuple[float, ...]]] = {name: [] for name in calls}
    with executable.threads():
        for _ in range(ROUNDS_OF_KINDS):
            for name, both_ways in calls.items():
                found = (min(measure(call, task.seconds / 10)) for call in both_ways)
                taken[name].append(tuple(seconds / edges[name] for seconds in found))
    figures: dict[str, list[float]] = {}
    for k, way in enumerate(("forward", "forward and backward")):
        figures[f"sum, {way}, an edge"] = plain = [row[k] for row in taken["sum"]]
        for name, rows in taken.items():
            ratios = [row[k] / sum_ for row, sum_ in zip(rows, plain, strict=True)]
            figures[f"{name}, {way}, over sum"] = ratios
    return {"figures": figures}


ROUNDS_OF_KINDS = 3


def front(task: Task) -> Answer:
    """Read a spec, check it and put it in order; or all the way to bound steps."""
    from nngraph.graph import build_graph
    from nngraph.network import compile_document
    from nngraph.spec import parse_spec

    path = task.folder / task.options["file"]
    start = time.perf_counter()
    document = parse_spec(path.read_text(), folder=path.parent)
    build_graph(document)
    figures = {"parsed and ordered": [time.perf_counter() - start]}
    if task.options["compiled"]:
        start = time.perf_counter()
        network = compile_document(document)
        _ = network.training
        figures = {"compiled after parsing": [time.perf_counter() - start]}
    return {"figures": {**figures, "peak MiB": [peak_bytes() / 2**20]}}


def memory(task: Task) -> Answer:
    """The peak over what importing and a first tiny training take: of steps on a few batches, or of
    `fit` on MNIST's bytes."""
    import nngraph

    net = NETS[task.options["net"]]
    tiny = nngraph.compile(spec_text(NETS["xor"], "adam", "full"))
    few = samples_of("xor", (2,), task.folder)
    tiny.fit(few.x, few.t)
    if task.options["what"] == "step":
        samples = samples_of("few", net.shape, task.folder).first(4 * task.options["batch"])
        reset_peak()
        before = peak_bytes()
        training_step(task, samples)
    else:
        reset_peak()
        before = peak_bytes()
        pictures, labels = mnist_bytes()
        data = "data: {source: mnist, normalize: {kind: scale, divisor: 255}}\n"
        model = model_of(spec_for(task, {})[1] + data, task, None)
        model.fit(pictures.reshape(-1, *net.shape), labels.astype(np.int64), epochs=1)
    return {"figures": {"peak over imports, MiB": [(peak_bytes() - before) / 2**20]}}


def install(task: Task) -> Answer:
    """Bytes of nngraph's files and of all packages that it needs, without extras."""
    sizes: dict[str, int] = {}
    waiting = ["nngraph"]
    while waiting:
        name = waiting.pop()
        if name in sizes:
            continue
        found = importlib.metadata.distribution(name)
        paths = [Path(str(file.locate())) for file in found.files or ()]
        sizes[name] = sum(path.stat().st_size for path in paths if path.is_file())
        needed = [need for need in found.requires or () if "extra ==" not in need]
        waiting += [re.split(r"[^\w.-]", need)[0] for need in needed if is_installed(need)]
    package = Path(importlib.util.find_spec("nngraph").submodule_search_locations[0])
    sizes["nngraph"] = sum(p.stat().st_size for p in package.rglob("*") if p.suffix != ".pyc")
    return {"figures": {"on disk, MiB": [sum(sizes.values()) / 2**20]}}


def is_installed(need: str) -> bool:
    """Whether there is a package that a requirement names: some are for other systems only."""
    try:
        importlib.metadata.distribution(re.split(r"[^\w.-]", need)[0])
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


TASKS: Tasks = {
    "step": training_step,
    "fit": fit,
    "epochs": epochs,
    "accuracy": accuracy,
    "small sets": small_sets,
    "loop": loop,
    "predict": predict,
    "graph": graph,
    "neuron kinds": neuron_kinds,
    "front": front,
    "memory": memory,
    "install": install,
}
