"""Pieces of random networks that stand on vectors."""

from __future__ import annotations

from collections.abc import Sequence

from random_blocks import ANYWHERE, activation, scale, slices
from random_draft import Draft
from random_image_blocks import window

AGGREGATES = ("product", "maximum", "minimum", "mean")


def dense(draft: Draft, source: str) -> str:
    """Every unit to every unit."""
    name = draft.neurons(draft.units(), ", bias: 0.1")
    draft.edge(f"{source} -> {name}", f"{{kind: dense, init: {next(draft.inits)}}}")
    return name


def aggregate(draft: Draft, source: str) -> str:
    """Not the sum of the weighted inputs, some absent or not; then the sum of two edges."""
    units = draft.units()
    bias = draft.form("false", "0.2")
    name = draft.neurons(units, f", aggregate: {draft.form(*AGGREGATES)}, bias: {bias}")
    draft.edge(f"{source} -> {name}", draft.form("", f"{{mask: {_mask(draft, source, units)}}}"))
    both = draft.neurons(units)
    draft.edge(f"{name} -> {both}", "identity")
    draft.edge(f"{source} -> {both}")
    return both


def tied(draft: Draft, source: str) -> str:
    """There and back by one matrix."""
    there = draft.neurons(draft.units())
    back = draft.neurons(draft.width(source))
    draft.edge(f"{source} -> {there}")
    share = f"{{share: {{edge: {source}->{there}, transpose: true}}}}"
    draft.edge(f"{there} -> {back}", share)
    return back


def chain(draft: Draft, source: str) -> str:
    """A square matrix used three times."""
    units = draft.units()
    first = draft.neurons(units)
    draft.edge(f"{source} -> {first}")
    last, owner = first, ""
    for _ in range(3):
        name = draft.neurons(units)
        draft.edge(f"{last} -> {name}", f"{{share: {owner}}}" if owner else "")
        owner, last = owner or f"{last}->{name}", name
    return last


def readers(draft: Draft, source: str) -> str:
    """Two nodes that read one source through one matrix, with biases of their own or none."""
    units = draft.units()
    first = draft.neurons(units, draft.form(", bias: 0.2", ", bias: false"))
    second = draft.neurons(units, draft.form(", bias: -0.3", ", bias: false"))
    draft.edge(f"{source} -> {first}")
    draft.edge(f"{source} -> {second}", f"{{share: {source}->{first}}}")
    return _joined(draft, [first, second])


def masked(draft: Draft, source: str) -> str:
    """Some connections are absent."""
    units = draft.units()
    name = draft.neurons(units, f", bias: {[draft.number() for _ in range(units)]}")
    draft.edge(f"{source} -> {name}", f"{{mask: {_mask(draft, source, units)}}}")
    return name


def _mask(draft: Draft, source: str, units: int) -> list[list[int]]:
    """For each connection whether it is there; each unit keeps one."""
    mask = draft.rng.integers(0, 2, size=(draft.width(source), units))
    mask[0] = 1
    return [[int(number) for number in row] for row in mask]


def fixed(draft: Draft, source: str) -> str:
    """Given weights that stay, beside given weights that are trained."""
    units = draft.units()
    name = draft.neurons(units, ", bias: {value: 0.3, trainable: false}")
    weight = [[draft.number() for _ in range(units)] for _ in range(draft.width(source))]
    draft.edge(f"{source} -> {name}", f"{{weight: {weight}, trainable: false}}")
    other = draft.neurons(2, ", trainable: false")
    draft.edge(f"{name} -> {other}", f"{[[draft.number(), draft.number()] for _ in range(units)]}")
    return other


def rates(draft: Draft, source: str) -> str:
    """Parameters that learn faster, slower, not at all."""
    name = draft.neurons(draft.units(), ", learning_rate_scale: 2, weight_decay_scale: 1")
    draft.edge(f"{source} -> {name}", "{learning_rate_scale: 0.5, weight_decay_scale: 0.1}")
    other = draft.neurons(draft.units(), ", bias: {init: {kind: normal, stddev: 0.1}}")
    draft.edge(f"{name} -> {other}", "{learning_rate_scale: 0}")
    return other


def singles(draft: Draft, source: str) -> str:
    """Neurons of one unit with weights written by hand, and a layer that reads them."""
    names = []
    for k in range(4):
        name = draft.node(f"{{activation: {draft.function(1)}, bias: {draft.number()}}}", (1,))
        for before in names[-2:]:
            draft.edge(f"{before} -> {name}", f"{draft.number()}")
        unit = int(draft.rng.integers(draft.width(source)))
        trainable = ", trainable: false" if k == 1 else ""
        draft.edge(f"{source}[{unit}] -> {name}", f"{{weight: {draft.number()}{trainable}}}")
        names.append(name)
    return _joined(draft, names)


def single_aggregates(draft: Draft, source: str) -> str:
    """Single neurons with every aggregate, one of them a learned slope."""
    names = []
    for kind in (*AGGREGATES, "sum"):
        function = "prelu" if kind in ("sum", "mean") else draft.function(1)
        options = f"{{activation: {function}, aggregate: {kind}, bias: {draft.number()}}}"
        name = draft.node(options, (1,))
        for unit in range(min(3, draft.width(source))):
            draft.edge(f"{source}[{unit}] -> {name}", f"{draft.number()}")
        for before in names[-1:]:
            draft.edge(f"{before} -> {name}", f"{draft.number()}")
        names.append(name)
    return _joined(draft, names)


def _joined(draft: Draft, names: Sequence[str]) -> str:
    joined = draft.node("concat", (sum(draft.width(name) for name in names),))
    draft.edge(f"{', '.join(names)} -> {joined}")
    return joined


def ranges(draft: Draft, source: str) -> str:
    """Edges between some units of both ends."""
    name = draft.neurons(4)
    half = max(1, draft.width(source) // 2)
    draft.edge(f"{source}[0:{half}] -> {name}[0:2]")
    draft.edge(f"{source}[{draft.width(source) - 1}] -> {name}[2]", f"{draft.number()}")
    draft.edge(f"{source} -> {name}[3]")
    draft.edge(f"{source}[{half - 1}:{draft.width(source)}] -> {name}[1:3]", "{id: second}")
    return name


def towers(draft: Draft, source: str) -> str:
    """Another input through the same weights and biases, and how the two differ."""
    twin = draft.input(draft.shapes[source])
    units = draft.units()
    function = draft.function(units)
    a = draft.node(f"{{units: {units}, activation: {function}}}", (units,))
    b = draft.node(f"{{units: {units}, activation: {function}, share: {a}}}", (units,))
    draft.edge(f"{source} -> {a}")
    draft.edge(f"{twin} -> {b}", f"{{share: {source}->{a}}}")
    product = draft.node("multiply", (units,))
    draft.edge(f"{a}, {b} -> {product}")
    return product


def shared_slopes(draft: Draft, source: str) -> str:
    """Two nodes with one set of slopes, one of them a bare activation."""
    first = draft.node(f"{{units: {draft.width(source)}, activation: prelu}}", (), "p")
    draft.shapes[first] = draft.shapes[source]
    draft.edge(f"{source} -> {first}")
    options = f"{{units: {draft.width(source)}, activation: prelu, share: {first}}}"
    second = draft.node(options, draft.shapes[source], "p")
    draft.edge(f"{first} -> {second}")
    return second


def shared_norms(draft: Draft, source: str) -> str:
    """Two norms with one scale and shift."""
    kind = draft.form("layer_norm", "batch_norm") if draft.width(source) > 1 else "batch_norm"
    first = draft.plain(source, kind)
    return draft.plain(first, f"{{kind: {kind}, share: {first}}}")


def gate(draft: Draft, source: str) -> str:
    """A layer times another, as a gated unit."""
    units = draft.units()
    value = draft.neurons(units)
    gate = draft.node(f"{{units: {units}, activation: sigmoid, bias: 1}}", (units,))
    product = draft.node("multiply", (units,))
    draft.edge(f"{source} -> {value}, {gate} -> {product}")
    return product


def side(draft: Draft, source: str) -> str:
    """Outputs without a loss: what jumps may stand there, and learns nothing."""
    for function in ("step", "sign", "{kind: step, at_zero: 0.5}"):
        name = draft.node(f"{{units: 2, activation: {function}}}", (2,), "side")
        draft.edge(f"{source} -> {name}")
    return activation(draft, source)


def bypass(draft: Draft, source: str) -> str:
    """A scalar input beside the vector, joined and read again."""
    scalar = draft.input([])
    wide = draft.neurons(draft.units())
    draft.edge(f"{scalar}, {source} -> {wide}")
    return wide


def through_an_image(draft: Draft, source: str) -> str:
    """Dense, as an image, convolved, flat again."""
    wide = draft.node("{units: 18, activation: tanh}", (18,))
    draft.edge(f"{source} -> {wide}")
    image = draft.plain(wide, "{kind: reshape, shape: [3, 3, 2]}", (3, 3, 2))
    return draft.plain(window(draft, image, "conv", "kernel: 2", (2, 2, 2)), "flatten", (8,))


VECTORS = (
    *(dense, aggregate, tied, masked, singles, ranges, towers, chain, scale),
    *(gate, slices, fixed, shared_norms, through_an_image, rates, side, bypass),
    *(shared_slopes, single_aggregates, readers, *ANYWHERE),
)
