"""Two networks side by side: do they compute the same, and in what do they differ?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nngraph.api.model import Model
from nngraph.api.starting import compile, load
from nngraph.errors import UsageError, diagnostic

if TYPE_CHECKING:
    from nngraph.insight.diff import Difference
    from nngraph.insight.equiv import Equivalence, Pair


def equiv(
    a: Model | str | Path | Mapping[str, Any],
    b: Model | str | Path | Mapping[str, Any],
    *,
    values: Sequence[float] | None = None,
    between: tuple[float, float] = (-3.0, 3.0),
    samples: int = 10_000,
    seed: int = 0,
    match: Iterable[str] = (),
    within: float = 1e-5,
    decisions: bool = False,
) -> Equivalence:
    """Whether two networks compute the same function, as `nngraph equiv` tests it.

    Each is a model, a spec or the folder of a run. With `values` all rows of them are tried where
    those are at most 2^20, else `samples` of them; without, rows are drawn evenly from `between`.
    `match` pairs inputs or outputs, `["x=x1,x2"]`. Outputs that differ by `within` or less are the
    same; with `decisions` what the outputs decide is compared.

    Errors: UsageError for inputs or outputs that do not pair up; those of `compile` and `load`.

    >>> gates = '''
    ... nngraph: 1
    ... nodes: {x1: input, x2: input, y: {activation: step, bias: -1.5}}
    ... edges: ["x1, x2 -> y": 1]
    ... '''
    >>> product = '''
    ... nngraph: 1
    ... nodes: {x1: input, x2: input, y: multiply}
    ... edges: [x1 -> y, x2 -> y]
    ... '''
    >>> equiv(gates, product, values=[0, 1]).holds  # AND
    True
    >>> equiv(gates, product, values=[0, 1, 2]).counterexample.inputs
    {'x1': 2.0, 'x2': 2.0}
    """
    from nngraph.insight.equiv import Tried, compare_functions

    numbers = None if values is None else tuple(map(float, values))
    return compare_functions(
        model_of(a).learner,
        model_of(b).learner,
        tried=Tried(numbers, between, samples, seed),
        matches=[_pair(text) for text in match],
        within=within,
        decisions=decisions,
    )


def diff(
    a: Model | str | Path | Mapping[str, Any],
    b: Model | str | Path | Mapping[str, Any],
    *,
    output: str | Path | None = None,
    neurons: bool = False,
) -> Difference:
    """In what the second of two networks differs from the first, as `nngraph diff` shows it.

    Each is a model, a spec or the folder of a run. Weights are compared where both are given or
    trained. `output` gets both networks in one picture, its suffix decides: .svg, .png, .pdf, .dot,
    .mmd; with `neurons` every neuron is drawn.

    Errors: UsageError for another suffix; those of `compile` and `load`.

    >>> one = "nngraph: 1\\nnodes: {x: input, y: {}}\\nedges: [x -> y: 1]"
    >>> found = diff(one, one.replace("y: 1", "y: 2").replace("{}", "{activation: tanh}"))
    >>> found.nodes[0].id, found.nodes[0].values[0].after, found.weights[0].after
    ('y', 'tanh', 2.0)
    """
    from nngraph.app.diff import diff as difference

    models = model_of(a), model_of(b)
    return difference(
        models[0].learner,
        models[1].learner,
        trained=(models[0].is_trained, models[1].is_trained),
        path=None if output is None else Path(output),
        neurons=neurons,
    )


def model_of(subject: Model | str | Path | Mapping[str, Any]) -> Model:
    """A model itself, that of a spec, or that of the run in a folder."""
    if isinstance(subject, Model):
        return subject
    if isinstance(subject, Mapping) or (isinstance(subject, str) and "\n" in subject):
        return compile(subject)
    return load(subject) if Path(subject).is_dir() else compile(subject)


def _pair(text: str) -> Pair:
    from nngraph.insight.equiv import Pair

    sides = [tuple(name.strip() for name in side.split(",")) for side in text.split("=")]
    if len(sides) != 2 or not all(all(side) for side in sides):
        raise UsageError(diagnostic("E002:equiv-pair", text=text))
    return Pair(sides[0], sides[1])
