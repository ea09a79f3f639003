"""What stands out in a run, in sentences."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator, Mapping
from typing import Any

from nngraph.insight.history import panels
from nngraph.insight.report.gather import Story
from nngraph.records import dataclass
from nngraph.render.words import number, percent
from nngraph.train.learner import Learner
from nngraph.train.metrics import Confusion

VANISHED = 1e-3  # of the largest gradient in the network
EXPLODED = 1e3  # root mean square of a gradient, or growth over its median
MANY_DEAD = 0.25
MOSTLY_SATURATED = 0.5
STUCK = 0.9  # saturated so far that little can be learnt any more
WORSE = 0.05  # by how much a loss may rise after its best epoch
STILL_FALLING = 0.02  # over the last tenth of the epochs


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence; `warns` where it is worth a change."""

    text: str
    warns: bool = False


def findings(story: Story, confusions: Mapping[str, Confusion]) -> list[Finding]:
    """Everything that stands out, warnings first."""
    found = [
        *_ending(story),
        *_course(story),
        *_gradients(story),
        *_units(story),
        *_mistakes(confusions),
    ]
    return sorted(found, key=lambda finding: not finding.warns)


def hidden_nodes(learner: Learner) -> frozenset[str]:
    """Nodes that are no output and that no loss judges."""
    supervised = {loss.node for loss in learner.document.spec.loss}
    return frozenset(learner.document.nodes) - set(learner.output_nodes) - supervised


def relative_gradients(story: Story) -> dict[str, float]:
    """Node -> the median over epochs of its gradient as a share of the network's largest."""
    shares: dict[str, list[float]] = {}
    for row in story.statistics:
        found = {n: _value(v.get("gradient")) for n, v in row["nodes"].items()}
        finite = {n: g for n, g in found.items() if math.isfinite(g)}
        largest = max(finite.values(), default=0.0)
        for node, gradient in finite.items():
            if largest > 0:
                shares.setdefault(node, []).append(gradient / largest)
    return {node: statistics.median(values) for node, values in shares.items()}


def _value(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else math.nan


def _ending(story: Story) -> Iterator[Finding]:
    if story.summary.get("interrupted"):
        yield Finding(
            f"The training was interrupted after epoch {story.summary.get('epochs', '?')}; these "
            "are the weights of that moment.",
            warns=True,
        )
    best = story.summary.get("best")
    if isinstance(best, dict) and best.get("stopped_early"):
        kept = "were restored" if _is_restored(story) else "are in best.safetensors"
        yield Finding(
            f"Early stopping ended the training: {best.get('monitor')} was best after epoch "
            f"{best.get('epoch')}, and the weights of that epoch {kept}."
        )
    if not story.history:
        yield Finding("The run has no figures per epoch (metrics.jsonl), so there are no curves.")


def _is_restored(story: Story) -> bool:
    return story.summary.get("weights") == "best"


def _course(story: Story) -> Iterator[Finding]:
    """Overfitting, or an end too early."""
    losses = next((panel for panel in panels(story.history) if panel.figure == "loss"), None)
    if losses is None or losses.best is None or len(losses.deciding.points) < 5:
        return
    if _is_restored(story):
        return
    points, (epoch, best) = losses.deciding.finite, losses.best
    last_epoch, last = points[-1]
    part = losses.deciding.part
    if part == "validation" and last > best + WORSE * abs(best) and epoch < last_epoch:
        yield Finding(
            f"The validation loss was lowest after epoch {epoch:g} ({number(best, 4)}) and is "
            f"{number(last, 4)} after epoch {last_epoch:g}: since then the network has been "
            "learning the training rows by heart. Fewer epochs, early stopping, dropout, weight "
            "decay or more data would help.",
            warns=True,
        )
        return
    earlier = points[-max(2, len(points) // 10)][1]
    if epoch == last_epoch and earlier - last > STILL_FALLING * abs(earlier):
        yield Finding(
            f"The {part} loss was still falling at the end ({number(earlier, 4)} to "
            f"{number(last, 4)} over the last epochs): training longer may pay."
        )


def _gradients(story: Story) -> Iterator[Finding]:
    shares = relative_gradients(story)
    faint = {node: share for node, share in shares.items() if share < VANISHED}
    if faint:
        node = min(faint, key=lambda n: faint[n] or math.inf)  # 0 has another cause: all is dead
        largest = max(shares, key=lambda n: shares[n])
        rest = f" ({len(faint)} nodes are below {VANISHED:g})" if len(faint) > 1 else ""
        yield Finding(
            f"The gradient vanishes: at '{node}' it is {number(faint[node], 2)} of that at "
            f"'{largest}'{rest}. Relu-like activations, a skip connection, normalisation or "
            "another start of the weights let more of it through.",
            warns=True,
        )
    for node in shares:
        values = [_value(row["nodes"].get(node, {}).get("gradient")) for row in story.statistics]
        finite = [value for value in values if math.isfinite(value)]
        typical = statistics.median(finite)
        top = max(finite)
        if len(finite) < len([v for v in values if v is not None]) or top > EXPLODED:
            yield Finding(
                f"The gradient explodes: at '{node}' it reached {number(top, 2)} (typically "
                f"{number(typical, 2)}). A smaller learning rate or `clip: {{norm: 1}}` holds it.",
                warns=True,
            )
            return


def _units(story: Story) -> Iterator[Finding]:
    if not story.statistics:
        return
    hidden = hidden_nodes(story.learner)
    for node, values in story.statistics[-1]["nodes"].items():
        dead, saturated = _value(values.get("dead")), _value(values.get("saturated"))
        shape = story.learner.network.lowered.shapes.get(node)
        if node not in hidden or shape is None:
            continue
        units = shape[-1] if shape else 1
        if dead > 0:
            yield Finding(
                f"{round(dead * units)} of the {units} units of '{node}' are dead: they give 0 for "
                "every row that was looked at."
                + (
                    " A smaller learning rate or leaky_relu keeps them."
                    if dead >= MANY_DEAD
                    else ""
                ),
                warns=dead >= MANY_DEAD,
            )
        if saturated >= MOSTLY_SATURATED:
            yield Finding(
                f"'{node}' is saturated: {percent(saturated)} of its outputs lie where the "
                "activation is almost flat. Smaller first weights, normalised inputs or a smaller "
                "learning rate would leave it room.",
                warns=saturated >= STUCK,
            )


def _mistakes(confusions: Mapping[str, Confusion]) -> Iterator[Finding]:
    for node, found in confusions.items():
        total = int(found.counts.sum())
        if not total:
            continue
        support = found.counts.sum(axis=1)
        most = int(support.argmax())
        right = int(found.counts.diagonal().sum())
        baseline = int(support[most]) / total
        yield Finding(
            f"'{node}' is right for {right:,} of {total:,} ({percent(right / total, 1)}). Always "
            f"answering '{found.labels[most]}' would be right for {percent(baseline, 1)}.",
            warns=right / total <= baseline,
        )
        for i, j, times in found.most_confused(1):
            yield Finding(
                f"The commonest mistake: '{found.labels[i]}' taken for '{found.labels[j]}' "
                f"({times:,} time{'' if times == 1 else 's'} of {int(support[i]):,})."
            )
