"""Where the time of a step goes, node by node, beside what the machine could do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from nngraph.insight.stopwatch import Timing, product_rate, time_step
from nngraph.insight.work import LOSS, Work, cost_of, groups_of, works_of
from nngraph.ir import FLAT, Input, Row, TargetRow
from nngraph.network import Network
from nngraph.pipeline import Stage
from nngraph.plan import ViewChains
from nngraph.records import dataclass
from nngraph.run import Executable
from nngraph.train.feed import Rows

LOADING, UPDATE, REST = "loading", "update", "rest"
SIDES = (8, 1024)  # of the least and the largest product that is measured


@dataclass(frozen=True, slots=True)
class ProfileRow:
    """A node (or the single neurons that are computed together), or what is of no node.

    `kind` is that of the node, or one of "loss", "loading", "update" and "rest": what the whole
    step takes beyond all that was measured in it. Times are in seconds, `flops` and bytes those of
    a step; `product_rate` is what the machine reaches, in operations a second, in one product of as
    many operations as the row's largest call; `share` is of the whole step.
    """

    name: str
    kind: str
    nodes: tuple[str, ...]
    forward: float
    backward: float
    share: float
    flops: int = 0
    read: int = 0
    written: int = 0
    forward_flops: int = 0
    product_rate: float | None = None

    @property
    def seconds(self) -> float:
        """All of it."""
        return self.forward + self.backward

    @property
    def rate(self) -> float | None:
        """Operations a second; None for a row without any."""
        return self.flops / self.seconds if self.flops and self.seconds > 0 else None

    @property
    def of_product(self) -> float | None:
        """The row's rate as a share of the machine's in products."""
        if self.rate is None or self.product_rate is None:
            return None
        return self.rate / self.product_rate

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "name": self.name,
            "kind": self.kind,
            "nodes": list(self.nodes),
            "seconds": self.seconds,
            "forward": self.forward,
            "backward": self.backward,
            "share": self.share,
            "flops": self.flops,
            "forward_flops": self.forward_flops,
            "read": self.read,
            "written": self.written,
            "rate": self.rate,
            "product_rate": self.product_rate,
            "of_product": self.of_product,
        }


@dataclass(frozen=True, slots=True)
class Profile:
    """A step of a network on one worker. `rows`: the nodes in order, then what is of no node.

    `trains` says whether it is a training step, or the outputs alone of a spec without a loss;
    `made_up` whether the rows were drawn instead of read from data.
    """

    name: str
    dtype: str
    batch: int
    trains: bool
    kernels: bool
    made_up: bool
    rounds: int
    seconds: float
    rows: tuple[ProfileRow, ...]

    @property
    def nodes(self) -> tuple[ProfileRow, ...]:
        """The rows of nodes."""
        return tuple(row for row in self.rows if row.nodes)

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "name": self.name,
            "dtype": self.dtype,
            "batch": self.batch,
            "step": "training" if self.trains else "forward",
            "kernels": self.kernels,
            "made_up": self.made_up,
            "rounds": self.rounds,
            "seconds": self.seconds,
            "rows": [row.as_json() for row in self.rows],
        }


def profile_step(executable: Executable, rows: Rows | None, batch: int, seconds: float) -> Profile:
    """Measure a training step (outputs, where there is no loss) on batches of these rows, or of
    drawn ones where there are none; it takes at least so many seconds.

    Errors: CapacityError for a batch that does not fit.
    """
    network = executable.network
    network.check_memory(batch)
    stage = network.gradient_stage or network.evaluation_stage
    fed = drawn_rows(stage, batch) if rows is None else rows
    timing = time_step(executable, stage, fed, batch, seconds)
    with executable.threads():
        table = _rows(network, stage, batch, timing)
    return Profile(
        name=network.document.name,
        dtype=network.dtype,
        batch=batch,
        trains=network.gradient_stage is not None,
        kernels=any(instr.kernel is not None for instr in stage.program.body),
        made_up=rows is None,
        rounds=timing.rounds,
        seconds=timing.whole,
        rows=table,
    )


def drawn_rows(stage: Stage, batch: int) -> Rows:
    """Two batches of rows for all inputs and targets, uniform in [0, 1)."""
    random, count = np.random.default_rng(0), 2 * batch
    return Rows(
        {
            leaf.fed_with: random.random((count, *leaf.type.sample_shape)).astype(leaf.type.dtype)
            for leaf in _fed(stage)
        },
        count,
    )


def _fed(stage: Stage) -> list[Input]:
    """The leaves that take rows of inputs and targets."""
    leaves = (leaf for leaf in stage.program.leaves if isinstance(leaf, Input))
    return [leaf for leaf in leaves if isinstance(leaf.fed_with, Row | TargetRow)]


def _rows(network: Network, stage: Stage, batch: int, timing: Timing) -> tuple[ProfileRow, ...]:
    axes = {"N": batch, FLAT: network.arenas.parameters.size}
    works: dict[str, list[Work]] = {}
    for work in works_of(network, stage.program, axes):
        works.setdefault(work.owner, []).append(work)
    rates = _Rates(network.dtype)
    groups = groups_of(network)
    found = [_node_row(network, group, works, timing, rates) for group in groups]
    if LOSS in works:
        found.append(_row(LOSS, LOSS, (), works[LOSS], timing, rates))
    loaded = sum(leaf.type.bytes(axes) for leaf in _fed(stage))
    found.append(_plain_row(LOADING, timing.load, timing, read=loaded, written=loaded))
    if timing.update:
        found.append(_update_row(network, timing, axes))
    rest = timing.whole - sum(row.seconds for row in found)
    return (*found, _plain_row(REST, rest, timing))


class _Rates:
    """What the machine reaches in products of some sizes, each measured once."""

    def __init__(self, dtype: str) -> None:
        self._dtype = dtype
        self._known: dict[int, float] = {}

    def at(self, flops: float) -> float:
        """Of a product of about so many operations: of square matrices, their side a power of 2."""
        least, largest = SIDES
        side = least
        while side < largest and 2.0 * (1.5 * side) ** 3 < flops:
            side *= 2
        if side not in self._known:
            self._known[side] = product_rate(side, self._dtype)
        return self._known[side]


def _node_row(
    network: Network,
    group: tuple[str, ...],
    works: Mapping[str, Sequence[Work]],
    timing: Timing,
    rates: _Rates,
) -> ProfileRow:
    first = group[0]
    name = first if len(group) == 1 else f"{first} and {len(group) - 1:,} more"
    own = [work for id_ in group for work in works.get(id_, ())]
    return _row(name, network.document.nodes[first].node.kind, group, own, timing, rates)


def _row(
    name: str,
    kind: str,
    nodes: tuple[str, ...],
    works: Sequence[Work],
    timing: Timing,
    rates: _Rates,
) -> ProfileRow:
    forward = _seconds((w for w in works if w.is_forward), timing)
    backward = _seconds((w for w in works if not w.is_forward), timing)
    largest = max((w.flops / timing.turns.get(w.number, 1) for w in works), default=0)
    return ProfileRow(
        name,
        kind,
        nodes,
        forward,
        backward,
        (forward + backward) / timing.whole,
        sum(w.flops for w in works),
        sum(w.read for w in works),
        sum(w.written for w in works),
        sum(w.flops for w in works if w.is_forward),
        rates.at(largest) if largest else None,
    )


def _seconds(works: Iterable[Work], timing: Timing) -> float:
    return sum(timing.calls.get(work.number, 0.0) for work in works)


def _plain_row(
    name: str, seconds: float, timing: Timing, *, flops: int = 0, read: int = 0, written: int = 0
) -> ProfileRow:
    """What is of no node and has no way back: all of it stands as forward."""
    share = seconds / timing.whole
    return ProfileRow(name, name, (), seconds, 0.0, share, flops, read, written)


def _update_row(network: Network, timing: Timing, axes: dict[str, int]) -> ProfileRow:
    stage = network.update_stage
    assert stage is not None
    chains = ViewChains(stage.program)
    costs = [cost_of(instr, chains, axes) for instr in stage.program.body if instr.is_work]
    flops, read, written = (sum(each) for each in zip(*costs, strict=True))
    return _plain_row(UPDATE, timing.update, timing, flops=flops, read=read, written=written)
