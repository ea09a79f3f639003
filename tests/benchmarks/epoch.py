"""An epoch with its batches gathered, against the same steps on one batch that stays in place.

    python tests/benchmarks/epoch.py [--rounds 9] [--augment]

The difference is what data preparation costs: the order of the epoch, gathering inputs and targets,
and with --augment varying the images. Both are timed in turn in one process.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np
from timing import blas

from nngraph.data import AugmentPlan, Batches
from nngraph.data.augmentations.effect import Handling
from nngraph.run import Executable
from nngraph.spec import parse_spec
from nngraph.train.feed import Feed, Rows
from nngraph.train.learner import Learner
from nngraph.words.augmentations import Rotate, Shift

SPEC = """
nngraph: 1
nodes:
  x: {{kind: input, shape: [28, 28, 1]}}
  h: {{units: 128, activation: relu}}
  y: {{units: 10, activation: softmax}}
edges: [x -> h -> y]
loss: {{kind: cross_entropy, target: label}}
train: {{batch_size: {batch}, optimizer: adam}}
"""
RATE = 1e-3


def rows_of_noise(count: int, augmented: bool) -> Rows:
    """Images and labels of MNIST's shape."""
    generator = np.random.default_rng(0)
    images = generator.random((count, 28, 28, 1), dtype=np.float32)
    labels = np.eye(10, dtype=np.float32)[generator.integers(0, 10, count)]
    plan = AugmentPlan((Shift(), Rotate()), {"x": Handling(is_image=True)})
    return Rows.of({"x": images}, {"label": labels}, plan if augmented else None)


def gathered(executor: Executable, feed: Feed, batches: Batches, epoch: int) -> None:
    """All steps of an epoch, each on its own rows."""
    for indices in batches.epoch(epoch):
        step = executor.training(len(indices))
        feed.load(step, indices, epoch)
        _finish(executor, step)


def resident(executor: Executable, batches: Batches) -> None:
    """As many steps on the rows that lie there."""
    sizes = [batches.size] * (batches.rows // batches.size)
    for size in (*sizes, *([rest] if (rest := batches.rows % batches.size) else [])):
        _finish(executor, executor.training(size))


def _finish(executor: Executable, step: object) -> None:
    step.run(executor.step)  # type: ignore[attr-defined]
    assert step.loss > 0  # type: ignore[attr-defined]
    executor.update(RATE)


def timed(work: Callable[[], None]) -> float:
    """Seconds of one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def compare(batch: int, count: int, rounds: int, augmented: bool) -> str:
    """One line: both medians and their ratio."""
    executor = Learner.start(parse_spec(SPEC.format(batch=batch))).executable
    feed = Feed(rows_of_noise(count, augmented), executor.training(batch), seed=0)
    batches = Batches(count, batch)
    ours: list[float] = []
    steps: list[float] = []
    with executor.threads():
        for epoch in range(1, rounds + 2):
            ours.append(timed(lambda: gathered(executor, feed, batches, epoch)))  # noqa: B023
            steps.append(timed(lambda: resident(executor, batches)))
    whole, bare = statistics.median(ours[1:]), statistics.median(steps[1:])
    return (
        f"batch {batch:4d}, {count:6,} rows: {whole * 1e3:7.1f} ms gathered, "
        f"{bare * 1e3:7.1f} ms resident ({bare / len(batches) * 1e6:5.0f} us a step), "
        f"ratio {whole / bare:.3f}"
    )


def main() -> None:
    """Print a line for each batch size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--augment", action="store_true")
    options = parser.parse_args()
    print(blas())
    for batch, count in ((32, 20_000), (128, 20_000), (128, 60_000), (512, 60_000)):
        print(compare(batch, count, options.rounds, options.augment))


if __name__ == "__main__":
    main()
