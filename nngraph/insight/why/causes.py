"""The rules: each looks at a record and says what keeps the network from learning, with evidence.

Thresholds are coarse on purpose: a number must be far from what healthy runs show before a rule
speaks, and most rules are silent about a network that learns.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

import numpy as np

from nngraph.errors import Diagnostic, diagnostic, join_words
from nngraph.insight.why.record import Record
from nngraph.spec.activations import ACTIVATION_ROWS
from nngraph.spec.nodes import named_function
from nngraph.words.row import ANY

SATURATED = 0.8  # share of values that are on the flat parts
DEAD = 0.5  # share of units that are 0 for every sample
EXPLODED = 10.0  # how much the loss grew
VANISHED = 1e-3  # gradient of the first weights over that of the last
FLAT = 0.05  # relative fall of the loss that counts as none
SLOW = 0.2  # relative fall that counts as little
JUMP = 0.2  # relative rise from one epoch to the next that counts
LOPSIDED = 0.8  # share of the rows that one class has
BY_HEART = 0.2  # relative rise of the validation loss over its best
FEWEST = 5  # epochs before a curve is read
BETTER = {"sigmoid": "binary_cross_entropy", "softmax": "cross_entropy"}
NAMED = 4  # nodes that a sentence names


def causes_of(record: Record) -> tuple[Diagnostic, ...]:
    """What keeps a run from learning, the surest first; nothing where it learns well."""
    if record.learns:
        return (*_zigzag(record), *_one_class(record), *_by_heart(record))
    pairing = (*_impossible_targets(record), *_one_of_one(record)) or tuple(_mismatched(record))
    inner = (*_saturated(record), *_dead(record), *_vanishing(record))
    blown = tuple(_exploding(record)) or tuple(_zigzag(record))
    curve = (*_slow(record), *_one_class(record), *_by_heart(record))
    found = (*blown, *pairing, *inner, *curve)
    return found or tuple(_plateau(record))


# ---- certain: what cannot work, or did not


def _exploding(record: Record) -> Iterator[Diagnostic]:
    rate = _rate(record)
    if record.failure:
        yield diagnostic("L303", failure=record.failure, rate=rate)
        return
    losses = record.losses
    if len(losses) > 1 and losses[-1].value > EXPLODED * max(losses[0].value, 1e-30):
        first, last = losses[0], losses[-1]
        yield diagnostic(
            "L303:grew",
            first=_number(first.value),
            start=first.epoch,
            last=_number(last.value),
            end=last.epoch,
            rate=rate,
        )


def _impossible_targets(record: Record) -> Iterator[Diagnostic]:
    """Targets outside of what the output's function can give."""
    for node, t in record.targets.items():
        function = named_function(record.network.document.nodes[node].node)
        low, high = ACTIVATION_ROWS[function].range if function in ACTIVATION_ROWS else ANY
        least, greatest = float(t.min()), float(t.max())
        margin = 0.01 * (greatest - least)
        if least < low - margin or greatest > high + margin:
            yield diagnostic(
                "L307",
                node=node,
                function=function,
                least=_number(least),
                greatest=_number(greatest),
                low=_number(low),
                high=_number(high),
            )


def _one_of_one(record: Record) -> Iterator[Diagnostic]:
    """A softmax over one unit: always 1."""
    for node in sorted(record.outputs):
        shape = record.network.lowered.shapes[node]
        function = named_function(record.network.document.nodes[node].node)
        row = ACTIVATION_ROWS.get(function)
        if row is not None and row.over_last_axis and (shape[-1] if shape else 1) == 1:
            yield diagnostic("L307:one", node=node, function=function)


def _mismatched(record: Record) -> Iterator[Diagnostic]:
    """A squared error behind a function that squashes: where it is wrong and sure, it is flat."""
    nodes = record.network.document.nodes
    squared = [t.node for t in record.network.document.spec.loss if t.kind == "mean_squared_error"]
    for node in sorted(record.outputs):
        function = named_function(nodes[node].node)
        if function in BETTER and (node in squared or None in squared):
            better = BETTER[function]
            yield diagnostic("L307:flat", node=node, function=function, better=better)


# ---- inside of the network


def _saturated(record: Record) -> Iterator[Diagnostic]:
    now, before = record.of_nodes("saturated", -1), record.of_nodes("saturated", 0)
    nodes = [n for n, share in now.items() if share >= SATURATED and n not in record.outputs]
    if not nodes:
        return
    share, start = np.mean([now[n] for n in nodes]), np.mean([before.get(n, 0.0) for n in nodes])
    yield diagnostic(
        "L301:early" if start >= SATURATED else "L301",
        nodes=_listed(nodes),
        share=_percent(float(share)),
        epoch=record.looks[-1]["epoch"],
        start=_percent(float(start)),
    )


def _dead(record: Record) -> Iterator[Diagnostic]:
    now = record.of_nodes("dead", -1)
    nodes = [node for node, share in now.items() if share >= DEAD]
    if nodes:
        share = float(np.mean([now[node] for node in nodes]))
        before = record.of_nodes("dead", 0)
        yield diagnostic(
            "L302",
            nodes=_listed(nodes),
            share=_percent(share),
            epoch=record.looks[-1]["epoch"],
            start=_percent(float(np.mean([before.get(node, 0.0) for node in nodes]))),
        )


def _vanishing(record: Record) -> Iterator[Diagnostic]:
    """The gradient of the first weights beside that of the last, at most looks."""
    ratios = []
    for look in range(len(record.looks)):
        gradients = [(n, g) for n, g in record.of_nodes("gradient", look).items() if g > 0]
        if len(gradients) > 1:
            ratios.append((gradients[0][1] / gradients[-1][1], gradients[0][0], gradients[-1][0]))
    if not ratios or float(np.median([ratio for ratio, _, _ in ratios])) >= VANISHED:
        return
    ratio, first, last = ratios[0]
    yield diagnostic("L309", first=first, last=last, ratio=f"{ratio:.0e}")


# ---- the curve


def _zigzag(record: Record) -> Iterator[Diagnostic]:
    """Jumps that matter beside what an answer without inputs costs."""
    losses = record.losses
    scale = record.constant or (losses[0].value if losses else 0.0)
    jumps = [
        (one, two)
        for one, two in pairwise(losses)
        if two.value - one.value > JUMP * max(one.value, FLAT * scale) and two.value > FLAT * scale
    ]
    if len(losses) >= FEWEST and len(jumps) >= max(2, 0.2 * len(losses)):
        worst = max(jumps, key=lambda pair: pair[1].value - pair[0].value)
        yield diagnostic(
            "L306",
            times=len(jumps),
            epochs=len(losses),
            before=_number(worst[0].value),
            after=_number(worst[1].value),
            epoch=worst[1].epoch,
            rate=_rate(record),
        )


def _slow(record: Record) -> Iterator[Diagnostic]:
    """Falling in nearly every epoch, by little, and as fast at the end as at the beginning."""
    losses = record.losses
    if len(losses) < FEWEST:
        return
    steps = np.diff([point.value for point in losses])
    quarter = max(1, len(steps) // 4)
    fall = losses[0].value - losses[-1].value
    if not 0 < fall < SLOW * abs(losses[0].value) or np.mean(steps < 0) < 0.9:
        return
    if -steps[-quarter:].sum() >= 0.5 * -steps[:quarter].sum():
        yield diagnostic(
            "L305",
            first=_number(losses[0].value),
            last=_number(losses[-1].value),
            falls=int((steps < 0).sum()),
            epochs=len(steps),
            rate=_rate(record),
        )


def _plateau(record: Record) -> Iterator[Diagnostic]:
    losses = record.losses
    if len(losses) < FEWEST:
        return
    best = min(point.value for point in losses)
    start, end = losses[0].epoch, losses[-1].epoch
    if record.constant is not None and best >= (1 - FLAT) * record.constant:
        constant = _number(record.constant)
        yield diagnostic(
            "L304:constant", best=_number(best), start=start, end=end, constant=constant
        )
    elif losses[0].value - best < FLAT * abs(losses[0].value):
        yield diagnostic(
            "L304",
            first=_number(losses[0].value),
            last=_number(losses[-1].value),
            start=start,
            end=end,
        )


def _one_class(record: Record) -> Iterator[Diagnostic]:
    if record.commonest is None or record.commonest[1] < LOPSIDED:
        return
    name, share = record.commonest
    scores = record.series("train.accuracy")
    if not scores or scores[-1].value <= share + 0.2 * (1 - share):
        yield diagnostic("L308", name=name, share=_percent(share))


def _by_heart(record: Record) -> Iterator[Diagnostic]:
    validation, losses = record.series("validation.loss"), record.losses
    if len(validation) < FEWEST or len(losses) < FEWEST:
        return
    best = min(validation, key=lambda point: point.value)
    last = validation[-1]
    if last.value > (1 + BY_HEART) * best.value and losses[-1].value < losses[0].value:
        yield diagnostic(
            "L310",
            best=_number(best.value),
            epoch=best.epoch,
            last=_number(last.value),
            end=last.epoch,
        )


# ---- words


def _rate(record: Record) -> str:
    train = record.network.document.spec.train
    return _number(train.optimizer.learning_rate) if train is not None else "0"


def _number(value: float) -> str:
    return f"{value:.3g}"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _listed(nodes: Iterable[str]) -> str:
    names = [f"'{node}'" for node in nodes]
    more = len(names) - NAMED
    return join_words(names) if more <= 0 else f"{', '.join(names[:NAMED])} and {more} more"
